//! The blocks of a side in the formats for people: one walk over the blocks, and one sink per format.

use std::io;

use super::artifact;
use crate::domain::{Artifact, Block, Chunk, CodeField, Language, Message};
use crate::json::{Value, pretty};
use crate::provider::citations;
use crate::text::table::Table;
use crate::text::{TextForm, ToolOutput, number};

/// The heading of a section. Empty parts are omitted; the texts are not sanitized.
#[derive(Clone, Copy, Default)]
pub(super) struct Heading<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) detail: &'a str,
}

impl<'a> Heading<'a> {
    fn of_kind(kind: &'a str) -> Self {
        Self { kind, ..Self::default() }
    }

    pub(super) fn of_artifact(artifact: &'a Artifact) -> Self {
        let kind = if artifact.is_chart { "chart" } else { "table" };
        Self { kind, name: &artifact.title, detail: &artifact.description }
    }

    /// Returns the parts that are not empty.
    pub(super) fn parts(self) -> impl Iterator<Item = &'a str> {
        [self.kind, self.name, self.detail].into_iter().filter(|part| !part.is_empty())
    }
}

/// The formatting of blocks. All texts are passed unsanitized.
pub(super) trait BlockSink: Sized {
    /// The maximum number of bytes of JSON; longer JSON is truncated.
    const MAX_JSON_BYTES: usize;

    /// Writes Markdown.
    fn prose(&mut self, text: &str) -> io::Result<()>;

    /// Writes text with its own lines, spaces and punctuation.
    fn verbatim(&mut self, text: &str) -> io::Result<()>;

    /// Writes the output of a tool.
    fn output(&mut self, text: &str) -> io::Result<()> {
        self.verbatim(text)
    }

    /// Writes the output of a tool that is a table; `text` is the printed table.
    fn output_table(&mut self, _table: &Table, text: &str) -> io::Result<()> {
        self.output(text)
    }

    fn code(&mut self, language: Language, text: &str) -> io::Result<()>;

    /// Writes a short note of the program.
    fn note(&mut self, text: &str) -> io::Result<()>;

    fn begin_section(&mut self, heading: Heading<'_>) -> io::Result<()>;

    fn end_section(&mut self) -> io::Result<()>;

    fn code_field(&mut self, field: &CodeField) -> io::Result<()> {
        let heading = Heading { name: &field.label, ..Heading::default() };
        write_section(self, heading, |sink| sink.code(field.language, &field.text))
    }

    /// Writes a table or a chart, by default drawn in characters.
    fn artifact(&mut self, artifact: &Artifact, raw: &[u8]) -> io::Result<()> {
        write_section(self, Heading::of_artifact(artifact), |sink| {
            let drawing = artifact::draw_artifact(artifact, raw);
            if !drawing.is_empty() {
                sink.code(Language::Plain, &drawing)?;
            }
            write_code_fields(sink, &artifact.code)
        })
    }
}

/// Writes blocks, whose byte ranges refer to `raw`, with their texts in the form of their speaker. Providers limit the
/// nesting of results.
pub(super) fn write_blocks<S: BlockSink>(
    sink: &mut S,
    blocks: &[Block],
    form: TextForm,
    raw: &[u8],
) -> io::Result<()> {
    blocks.iter().try_for_each(|block| write_block(sink, block, form, raw))
}

fn write_text<S: BlockSink>(sink: &mut S, text: &str, form: TextForm) -> io::Result<()> {
    match form {
        TextForm::Markdown => sink.prose(text),
        TextForm::Verbatim => sink.verbatim(text),
        TextForm::ToolOutput => {
            let output = ToolOutput::read(text);
            match &output.table {
                Some(table) => sink.output_table(table, output.text())?,
                None => sink.output(output.text())?,
            }
            output.removed_note().map_or(Ok(()), |note| sink.note(&format!("({note})")))
        }
    }
}

fn write_block<S: BlockSink>(sink: &mut S, block: &Block, form: TextForm, raw: &[u8]) -> io::Result<()> {
    match block {
        Block::Markdown(text) => write_text(sink, text, form),
        Block::Thinking(text) => write_section(sink, Heading::of_kind("thinking"), |sink| sink.prose(text)),
        Block::ToolCall { name, description, code, input, .. } => {
            write_section(sink, Heading { kind: "tool call", name, detail: description }, |sink| {
                if code.is_empty() {
                    let input = Value::of(input.slice(raw));
                    let inner = input.embedded_json();
                    write_json(sink, inner.as_deref().map_or(input.raw(), str::as_bytes))
                } else {
                    write_code_fields(sink, code)
                }
            })
        }
        Block::ToolResult { is_error, blocks, .. } => {
            let kind = if *is_error { "tool failed" } else { "tool result" };
            write_section(sink, Heading::of_kind(kind), |sink| {
                write_blocks(sink, blocks, TextForm::ToolOutput, raw)
            })
        }
        Block::Chunks(chunks) => chunks.iter().try_for_each(|chunk| write_chunk(sink, "context", chunk)),
        Block::Artifact(artifact) => sink.artifact(artifact, raw),
        Block::Json { label, raw: range } => {
            let heading = Heading { kind: "JSON", name: label, detail: "" };
            write_section(sink, heading, |sink| write_json(sink, range.slice(raw)))
        }
    }
}

/// Writes the chunks that the answer of a message cites, with their numbers.
pub(super) fn write_citations<S: BlockSink>(sink: &mut S, message: &Message, raw: &[u8]) -> io::Result<()> {
    let cited = citations::cited_chunks(message, raw);
    cited.iter().try_for_each(|(number, chunk)| write_chunk(sink, &format!("source [{number}]"), chunk))
}

/// Writes a retrieved chunk with its origin and its other fields, such as an edition or a date of expiry.
fn write_chunk<S: BlockSink>(sink: &mut S, kind: &str, chunk: &Chunk) -> io::Result<()> {
    let page = chunk.page.as_ref().map(|page| format!("p. {page}"));
    let score = chunk.score.map(|score| format!("score {score:.3}"));
    let detail = [page, score].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let name = [&chunk.title, &chunk.source, &chunk.id].into_iter().flatten().next();
    let name = name.map(String::as_str).unwrap_or_default();
    write_section(sink, Heading { kind, name, detail: &detail }, |sink| {
        sink.verbatim(&chunk.text)?;
        let fields: Vec<String> =
            chunk.fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        if fields.is_empty() { Ok(()) } else { sink.note(&fields.join(" · ")) }
    })
}

/// Writes a section whose content `fill` writes.
pub(super) fn write_section<S: BlockSink>(
    sink: &mut S,
    heading: Heading<'_>,
    fill: impl FnOnce(&mut S) -> io::Result<()>,
) -> io::Result<()> {
    sink.begin_section(heading)?;
    fill(sink)?;
    sink.end_section()
}

pub(super) fn write_code_fields<S: BlockSink>(sink: &mut S, fields: &[CodeField]) -> io::Result<()> {
    fields.iter().try_for_each(|field| sink.code_field(field))
}

pub(super) fn write_json<S: BlockSink>(sink: &mut S, raw: &[u8]) -> io::Result<()> {
    let text = pretty(raw, S::MAX_JSON_BYTES);
    sink.code(Language::Json, &text)?;
    // The limit includes indentation; the text is cut at a character boundary.
    if text.len() + 4 > S::MAX_JSON_BYTES {
        sink.note(&format!("(truncated, {} in total)", number::bytes(raw.len() as u64)))?;
    }
    Ok(())
}
