//! Copies of parts of a message: a block verbatim, code without markup, a table or a chart tab-separated.

use crate::domain::{Artifact, Block, Chunk, Message, Side};
use crate::json::{self, Value};
use crate::provider::citations;
use crate::text::{chart, table};
use crate::view::Clip;
use crate::view::document::SectionSource;

/// Returns the text of a message, or all of its blocks if it has no text.
pub fn message_clip(message: &Message, raw: &[u8]) -> Option<Clip> {
    let said = join(message.sides.iter().map(Side::text));
    if !said.is_empty() {
        return Some(Clip { label: "text", text: said });
    }
    let blocks = message.sides.iter().flat_map(|side| &side.blocks);
    let text = join(blocks.map(|block| block_clip(block, 0, raw).text));
    (!text.is_empty()).then_some(Clip { label: "message", text })
}

/// Returns the block or chunk that a section shows.
pub fn section_clip(source: SectionSource, message: &Message, raw: &[u8]) -> Option<Clip> {
    let clip = match source {
        SectionSource::Block { side, block, part } => {
            block_clip(message.sides.get(side)?.blocks.get(block)?, part, raw)
        }
        SectionSource::Citation(_) => Clip { label: "chunk", text: cited_chunk(source, message, raw)?.text },
        SectionSource::Bytes(_) | SectionSource::Error | SectionSource::Untraced => return None,
    };
    (!clip.text.is_empty()).then_some(clip)
}

/// Returns the chunk of a section that shows a citation.
pub fn cited_chunk(source: SectionSource, message: &Message, raw: &[u8]) -> Option<Chunk> {
    let SectionSource::Citation(number) = source else { return None };
    citations::cited_chunks(message, raw)
        .into_iter()
        .find(|(cited, _)| *cited == number)
        .map(|(_, chunk)| chunk)
}

fn block_clip(block: &Block, part: usize, raw: &[u8]) -> Clip {
    match block {
        Block::Markdown(text) => Clip { label: "text", text: text.clone() },
        Block::Thinking(text) => Clip { label: "reasoning", text: text.clone() },
        Block::ToolCall { code, input, .. } if code.is_empty() => {
            let input = Value::of(input.slice(raw));
            let inner = input.embedded_json();
            let bytes = inner.as_ref().map_or(input.raw(), |inner| inner.as_bytes());
            Clip { label: "arguments", text: json::pretty(bytes, usize::MAX) }
        }
        Block::ToolCall { code, .. } => {
            Clip { label: "code", text: join(code.iter().map(|field| field.text.clone())) }
        }
        Block::ToolResult { blocks, .. } => {
            Clip { label: "result", text: join(blocks.iter().map(|inner| block_clip(inner, 0, raw).text)) }
        }
        Block::Chunks(chunks) => {
            Clip { label: "chunks", text: join(chunks.iter().map(|chunk| chunk.text.clone())) }
        }
        Block::Artifact(artifact) => artifact_clip(artifact, part, raw),
        Block::Json { raw: range, .. } => {
            Clip { label: "JSON", text: json::pretty(range.slice(raw), usize::MAX) }
        }
    }
}

/// Returns the table or the numbers of a chart; the other sections of an artifact hold its code.
fn artifact_clip(artifact: &Artifact, part: usize, raw: &[u8]) -> Clip {
    if let Some(field) = part.checked_sub(1).and_then(|field| artifact.code.get(field)) {
        return Clip { label: "code", text: field.text.clone() };
    }
    let table = table::html_table(&artifact.html_table);
    match table.or_else(|| chart::plotly_table(artifact.plotly.slice(raw))) {
        Some(table) => Clip { label: "table (TSV)", text: table::tab_separated(&table) },
        None => Clip { label: "description", text: artifact.description.clone() },
    }
}

fn join(texts: impl Iterator<Item = String>) -> String {
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ByteRange, CodeField, Language, Role};

    fn call(code: Vec<CodeField>, input: ByteRange) -> Block {
        Block::ToolCall { id: "1".into(), name: "run".into(), description: String::new(), code, input }
    }

    fn message(blocks: Vec<Block>) -> Message {
        Message { sides: vec![Side { role: Role::Assistant, role_text: None, blocks }], ..Message::default() }
    }

    #[test]
    fn code_is_bare_and_arguments_are_json() {
        let sql = CodeField { label: "query".into(), language: Language::Sql, text: "SELECT 1".into() };
        assert_eq!(block_clip(&call(vec![sql], ByteRange::default()), 0, b"").text, "SELECT 1");
        let raw = br#"{"a":1}"#;
        let range = ByteRange::of_subslice(raw, raw);
        assert_eq!(block_clip(&call(Vec::new(), range), 0, raw).text, "{\n  \"a\": 1\n}");
    }

    #[test]
    fn a_message_with_only_calls_is_copied_with_its_code_and_an_empty_one_is_not() {
        let sql = CodeField { label: "query".into(), language: Language::Sql, text: "SELECT 1".into() };
        let calls = message(vec![call(vec![sql], ByteRange::default())]);
        assert_eq!(message_clip(&calls, b"").map(|clip| clip.text), Some("SELECT 1".to_owned()));
        assert_eq!(message_clip(&message(Vec::new()), b""), None);
    }
}
