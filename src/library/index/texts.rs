//! The texts of a message that are searched: those of people and models, tools, errors and feedback. Span payloads are not
//! among them: they are ten times as large.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe;

use super::{Tokenizer, spread_text};
use crate::domain::{Artifact, Block, ByteRange, Message, Role};
use crate::json::Kind;
use crate::library::LibraryError;
use crate::library::json_values::visit_values;

/// The version of the texts and words of messages. Increase it when their form changes, so that servers get them again. The
/// catalogue's tables then need a new version as well, which recreates the index.
pub const TEXT_VERSION: u32 = 1;
/// The maximum number of bytes in a message that are indexed.
const MAX_BYTES: usize = 1 << 20;
/// Texts smaller than this are not worth packing.
const MIN_PACKED_BYTES: usize = 128;
/// The first byte of a stored text: whether it is packed.
const PLAIN: u8 = 0;
const PACKED: u8 = 1;
/// The separator between the parts of a stored text. Ordinary text cannot contain it: neither the text gate nor JSON lets
/// it pass.
pub const SEPARATOR: char = '\u{1e}';

/// The markers before the parts in the index, in the order of the parts. SQLite treats them as words, and no text has them.
pub(in crate::library) const PART_MARKERS: [char; 5] =
    ['\u{e000}', '\u{e001}', '\u{e002}', '\u{e003}', '\u{e004}'];

/// The texts by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageTexts {
    pub title: String,
    pub user: String,
    pub assistant: String,
    pub tools: String,
    pub feedback: String,
}

impl MessageTexts {
    pub(in crate::library) fn of_title(title: &str) -> Self {
        Self { title: title.chars().filter(is_text).collect(), ..Self::default() }
    }

    /// Collects the texts of a message.
    pub(super) fn of_message(message: &Message, raw: &[u8]) -> Self {
        let mut texts = Self::default();
        for side in &message.sides {
            for block in &side.blocks {
                match (block, side.role) {
                    (Block::Markdown(text) | Block::Thinking(text), Role::Assistant) => {
                        push(&mut texts.assistant, text)
                    }
                    (Block::Markdown(text) | Block::Thinking(text), Role::Tool) => {
                        push(&mut texts.tools, text)
                    }
                    (Block::Markdown(text) | Block::Thinking(text), _) => push(&mut texts.user, text),
                    (
                        Block::ToolCall { .. }
                        | Block::ToolResult { .. }
                        | Block::Chunks(_)
                        | Block::Artifact(_)
                        | Block::Json { .. },
                        _,
                    ) => push_block(&mut texts.tools, block, raw),
                }
            }
        }
        let errors = message.error.iter().chain(message.spans.iter().filter_map(|span| span.error.as_ref()));
        for error in errors {
            push(&mut texts.tools, &error.message);
        }
        for feedback in &message.feedback {
            push(&mut texts.feedback, &feedback.description);
        }
        texts
    }

    /// Returns the parts in the order of their markers.
    pub(in crate::library) fn parts(&self) -> [&str; 5] {
        [&self.title, &self.user, &self.assistant, &self.tools, &self.feedback]
    }

    /// Returns the bytes of all parts.
    pub(super) fn len(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts().iter().all(|part| part.is_empty())
    }

    /// Returns the words of all parts, with a separator between the parts; see [`Tokenizer`].
    ///
    /// # Errors
    /// SQLite fails.
    pub fn words(&self, tokenizer: &mut Tokenizer) -> Result<String, LibraryError> {
        let mut words = String::new();
        for (index, part) in self.parts().into_iter().enumerate() {
            if index > 0 {
                words.push(SEPARATOR);
            }
            words.push_str(&tokenizer.words(part)?);
        }
        Ok(words)
    }

    /// Returns the text for the index: each part after its marker, so that a phrase never spans two parts.
    pub(super) fn spread(&self) -> String {
        let mut out = String::with_capacity(self.len() + 16);
        for (marker, part) in PART_MARKERS.into_iter().zip(self.parts()).filter(|(_, part)| !part.is_empty())
        {
            out.extend([marker, ' ']);
            out.push_str(&spread_text(part));
            out.push(' ');
        }
        out
    }

    /// Packs the texts for storage.
    pub(super) fn pack(&self, compressor: Option<&mut Compressor<'_>>) -> Vec<u8> {
        let text = self.joined();
        let packed = compressor
            .filter(|_| text.len() >= MIN_PACKED_BYTES)
            .and_then(|packer| packer.compress(text.as_bytes()).ok());
        match packed.filter(|packed| packed.len() < text.len()) {
            Some(packed) => [&[PACKED], packed.as_slice()].concat(),
            None => [&[PLAIN], text.as_bytes()].concat(),
        }
    }

    /// Unpacks stored texts; damaged ones are empty.
    pub(in crate::library) fn unpack(stored: &[u8]) -> Self {
        let bytes = match stored.split_first() {
            Some((&PACKED, packed)) => {
                let size = zstd_safe::get_frame_content_size(packed).ok().flatten().unwrap_or(0);
                let size = usize::try_from(size).unwrap_or(usize::MAX).min(6 * MAX_BYTES);
                decompress(packed, size).unwrap_or_default()
            }
            Some((&PLAIN, text)) => text.to_vec(),
            Some(_) | None => Vec::new(),
        };
        Self::from_joined(&String::from_utf8(bytes).unwrap_or_default())
    }

    /// Joins all parts into one text, with a separator between them.
    pub fn joined(&self) -> String {
        self.parts().join(&SEPARATOR.to_string())
    }

    /// Returns the parts of a joined text.
    pub fn from_joined(text: &str) -> Self {
        let mut parts = text.split(SEPARATOR).map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Self { title: next(), user: next(), assistant: next(), tools: next(), feedback: next() }
    }
}

thread_local! {
    /// Its tables take longer to set up than the text of a message to unpack.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Decompresses at most `max_len` bytes; `None` if they are damaged.
fn decompress(packed: &[u8], max_len: usize) -> Option<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|decompressor| {
        let decompressor = match decompressor {
            Some(decompressor) => decompressor,
            None => decompressor.insert(Decompressor::new().ok()?),
        };
        decompressor.decompress(packed, max_len).ok()
    })
}

/// Appends a text on a separate line, up to the limit.
fn push(texts: &mut String, text: &str) {
    if text.trim().is_empty() || texts.len() >= MAX_BYTES {
        return;
    }
    if !texts.is_empty() {
        texts.push('\n');
    }
    let room = MAX_BYTES.saturating_sub(texts.len());
    let end = text.floor_char_boundary(room.min(text.len()));
    texts.extend(text.get(..end).unwrap_or_default().chars().filter(is_text));
}

/// Returns whether a character is neither a marker nor the separator.
fn is_text(c: &char) -> bool {
    *c != SEPARATOR && !PART_MARKERS.contains(c)
}

fn push_block(texts: &mut String, block: &Block, raw: &[u8]) {
    match block {
        Block::Markdown(text) | Block::Thinking(text) => push(texts, text),
        Block::ToolCall { name, description, code, input, .. } => {
            push(texts, name);
            push(texts, description);
            code.iter().for_each(|field| push(texts, &field.text));
            if code.is_empty() {
                push_json(texts, *input, raw);
            }
        }
        Block::ToolResult { blocks, .. } => blocks.iter().for_each(|block| push_block(texts, block, raw)),
        Block::Chunks(chunks) => {
            for chunk in chunks {
                chunk.title.iter().chain([&chunk.text]).for_each(|text| push(texts, text));
            }
        }
        Block::Artifact(artifact) => push_artifact(texts, artifact),
        Block::Json { raw: range, .. } => push_json(texts, *range, raw),
    }
}

fn push_artifact(texts: &mut String, artifact: &Artifact) {
    push(texts, &artifact.title);
    push(texts, &artifact.description);
    artifact.code.iter().for_each(|field| push(texts, &field.text));
    let mut cells = String::new();
    for part in artifact.html_table.split('<') {
        let text = part.split_once('>').map_or(part, |(_, text)| text);
        if !text.trim().is_empty() {
            cells.push_str(text.trim());
            cells.push(' ');
        }
    }
    push(texts, &cells);
}

/// Appends the strings and numbers of a JSON value; all of it if it is not JSON.
fn push_json(texts: &mut String, range: ByteRange, raw: &[u8]) {
    let bytes = range.slice(raw);
    visit_values(bytes, &mut |_, value| {
        match value.kind() {
            Kind::String | Kind::Number => push(texts, &value.text()),
            Kind::Invalid => push(texts, &String::from_utf8_lossy(first_bytes(value.raw()))),
            Kind::Null | Kind::Bool | Kind::Array | Kind::Object => {}
        }
        texts.len() < MAX_BYTES
    });
}

fn first_bytes(bytes: &[u8]) -> &[u8] {
    bytes.get(..MAX_BYTES).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// If this test fails, increase [`TEXT_VERSION`] and the version of the catalogue's tables: servers have the old form.
    #[test]
    fn a_version_has_one_form_of_texts_and_words() {
        let texts = MessageTexts {
            title: "Über O'Brien".to_owned(),
            user: "How long, 中国人民 and สวัสดี?".to_owned(),
            assistant: "gpt-4o costs $0.01; see http://h.example/a?b=c ＦＵＬＬ".to_owned(),
            tools: "api_key\n{}".to_owned(),
            feedback: "done🤖".to_owned(),
        };
        let words = texts.words(&mut Tokenizer::default()).unwrap();
        let form = format!("{}\n{words}", texts.joined());
        let hash = Sha256::digest(form).iter().take(4).fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
        assert_eq!((TEXT_VERSION, hash), (1, 4_209_343_301));
    }
}
