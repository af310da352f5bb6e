//! The formatted view of a span's payload: retrieved chunks, a conversation, code, a table, scores, an error. Payloads of
//! unknown shape are shown as a JSON tree. Time and size are limited for any payload.

mod chunk_list;
mod conversation;
mod expected_diff;
mod job;
mod object;
mod scalars;
mod summary;
mod table;

pub use job::{PayloadJob, PayloadResult};

use crate::domain::{ByteRange, Language, Message, Span, SpanPart};
use crate::json::{self, Kind, Value};
use crate::provider::payload as shapes;
use crate::text::{self, Line, number};
use crate::theme::Role;
use crate::view::document::{Body, Document, Fold, Section, SectionSource};
use crate::view::message::blocks::{foldable_section, json_lines, section_title};

use object::MemberFormat;

/// Payloads above this size, in bytes, are only shown as JSON, which does not require a full scan.
pub const MAX_PAYLOAD_BYTES: usize = 2 << 20;

/// Bytes that are shown of one text.
const MAX_TEXT_BYTES: usize = 48 * 1024;

/// Bytes of text per document.
const MAX_DOCUMENT_BYTES: usize = 160 * 1024;

/// Members that are shown of an object.
const MAX_MEMBERS: usize = 200;

/// The input of the previous model call in the thread, to highlight new messages.
#[derive(Clone, Copy, Debug)]
pub struct PreviousCall<'a> {
    /// The name of the call, for display.
    pub name: &'a str,
    /// Its input, verbatim.
    pub input: &'a [u8],
}

/// The input of a formatted view.
#[derive(Clone, Copy, Debug)]
pub struct PayloadContext<'a> {
    pub message: &'a Message,
    /// The message's bytes, which the span's byte ranges refer to.
    pub raw: &'a [u8],
    pub span: &'a Span,
    pub part: SpanPart,
    pub width: usize,
    pub previous_call: Option<PreviousCall<'a>>,
}

/// Builds the formatted view; `None` if no part of the payload is more readable than JSON.
pub fn document(context: &PayloadContext<'_>) -> Option<Document> {
    let payload = context.part.byte_range(context.span).slice(context.raw);
    if payload.len() > MAX_PAYLOAD_BYTES {
        return None;
    }
    let mut builder = DocumentBuilder::new(context);
    summary::draw_error(&mut builder, context.span);
    let has_usage = matches!(context.part, SpanPart::Output | SpanPart::Metadata)
        && summary::draw_usage(&mut builder, context);
    if payload.is_empty() {
        builder.add_lines(vec![Line::styled(&missing_text(context.part), Role::Dim)]);
    } else {
        builder.draw_from(Value::of(payload), |builder| match context.part {
            SpanPart::Expected => expected_diff::draw_expected_diff(builder, context),
            SpanPart::Input | SpanPart::Output | SpanPart::Metadata => builder.add_value(Value::of(payload)),
        });
    }
    let is_failed = context.span.error.is_some() && context.part != SpanPart::Input;
    (builder.is_formatted || is_failed || (has_usage && context.part == SpanPart::Metadata))
        .then(|| Document::new(builder.sections))
}

/// Returns the first bytes of a value's JSON as text.
fn raw_prefix(value: Value<'_>, max_bytes: usize) -> String {
    String::from_utf8_lossy(value.raw().get(..max_bytes).unwrap_or(value.raw())).into_owned()
}

/// Returns the text for a payload that the span does not have.
pub fn missing_text(part: SpanPart) -> String {
    format!("No {}.", part.title().to_lowercase())
}

/// Returns whether a span's output is the text of a model, which is Markdown; other output is verbatim.
fn is_written_by_model(span: &Span) -> bool {
    const WORDS: [&str; 7] = ["COMPLETION", "GENERATION", "MAP_REDUCE", "LLM", "CHAT", "AGENT", "ASSISTANT"];
    let operation = span.operation.to_ascii_uppercase();
    !span.models.is_empty() || WORDS.iter().any(|word| operation.contains(word))
}

/// Builds the document section by section.
struct DocumentBuilder<'a> {
    context: PayloadContext<'a>,
    width: usize,
    /// The colour of the payload's author.
    gutter: Role,
    sections: Vec<Section>,
    /// The payload's JSON.
    payload: &'a [u8],
    /// The range of the value that is being drawn.
    source: Option<ByteRange>,
    /// Bytes of text that may still be added.
    remaining_bytes: usize,
    /// Whether anything other than JSON was added.
    is_formatted: bool,
}

impl<'a> DocumentBuilder<'a> {
    fn new(context: &PayloadContext<'a>) -> Self {
        let gutter = match context.part {
            SpanPart::Input => Role::User,
            SpanPart::Output => Role::Assistant,
            SpanPart::Expected | SpanPart::Metadata => Role::Dim,
        };
        Self {
            context: *context,
            width: context.width.max(1),
            gutter,
            sections: Vec::new(),
            payload: context.part.byte_range(context.span).slice(context.raw),
            source: None,
            remaining_bytes: MAX_DOCUMENT_BYTES,
            is_formatted: false,
        }
    }

    /// Draws a part of the payload. The sections that `draw` adds show this part.
    fn draw_from(&mut self, value: Value<'_>, draw: impl FnOnce(&mut Self)) {
        let range = ByteRange::of_subslice(self.payload, value.raw());
        let outer = std::mem::replace(&mut self.source, Some(range).filter(|range| !range.is_empty()));
        draw(self);
        self.source = outer;
    }

    /// Adds a section that shows the current value.
    fn push(&mut self, section: Section) {
        self.sections.push(Section { source: self.source.map(SectionSource::Bytes), ..section });
    }

    /// Adds a blank line between sections.
    fn add_spacer(&mut self) {
        if !self.sections.is_empty() {
            self.sections.push(Section::text(Body::Lines(vec![Line::default()]), self.gutter));
        }
    }

    /// Adds lines without a title.
    fn add_lines(&mut self, lines: Vec<Line>) {
        self.push(Section::text(Body::Lines(lines), self.gutter));
    }

    /// Adds a foldable section.
    fn add_section(&mut self, name: &str, detail: &str, lines: Vec<Line>) {
        self.add_spacer();
        self.push(foldable_section(section_title(name, detail), lines, self.gutter));
    }

    /// Adds a section that begins folded.
    fn add_folded_section(&mut self, title: Line, lines: Vec<Line>) {
        let section = Section::foldable(title, Body::Lines(lines), self.gutter, Fold::Closed);
        self.push(section);
    }

    /// Returns the beginning of a string, within the limits, and a note if it is truncated.
    fn read_text(&mut self, value: Value<'_>) -> (String, Option<String>) {
        let room = MAX_TEXT_BYTES.min(self.remaining_bytes);
        let text = json::decode_prefix(value.raw(), room);
        self.remaining_bytes = self.remaining_bytes.saturating_sub(text.len());
        // Escapes make the JSON longer than its text, so only a full prefix can be truncated.
        let is_truncated = text.len() + 4 > room && value.raw().len() > text.len() + 2;
        let size = number::bytes(value.raw().len() as u64);
        let note =
            is_truncated.then(|| format!("… the first {} of {size}", number::bytes(text.len() as u64)));
        (text, note)
    }

    fn add_prose(&mut self, name: &str, value: Value<'_>) {
        let (text, note) = self.read_text(value);
        let mut lines = if self.context.part == SpanPart::Output && is_written_by_model(self.context.span) {
            text::markdown::render(&text, self.width)
        } else {
            text::wrap_styled(&text, self.width, Role::Text)
        };
        lines.extend(note.map(|note| Line::styled(&note, Role::Dim)));
        self.add_section(name, "", lines);
    }

    fn add_code(&mut self, name: &str, value: Value<'_>, language: Language) {
        let (text, note) = self.read_text(value);
        let mut lines = text::code::highlight(&text, language, self.width);
        lines.extend(note.map(|note| Line::styled(&note, Role::Dim)));
        self.add_section(name, language.title(), lines);
    }

    /// Adds JSON of an unknown shape.
    fn add_json(&mut self, name: &str, value: Value<'_>) {
        let lines = json_lines(value.raw().get(..self.remaining_bytes).unwrap_or(value.raw()), self.width);
        self.remaining_bytes = self.remaining_bytes.saturating_sub(value.raw().len());
        self.add_section(name, "", lines);
    }

    /// Adds the payload as a whole.
    fn add_value(&mut self, payload: Value<'a>) {
        if payload.kind() == Kind::Object && !shapes::is_message(payload) {
            return object::draw_object(self, payload);
        }
        match object::classify(self, "", payload) {
            MemberFormat::Inline | MemberFormat::Json => self.add_json(self.context.part.title(), payload),
            format => object::draw_member(self, self.context.part.title(), payload, format),
        }
    }
}

#[cfg(test)]
mod tests;
