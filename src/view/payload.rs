//! A span's payload as what it is: retrieved texts, a conversation, code, a table, scores, an error; a document as the
//! Message tab has one. What is not recognised stays the JSON tree. Pure, and bounded whatever the payload.

mod chunk_list;
mod conversation;
mod expected_diff;
mod job;
mod object;
mod scalars;
mod summary;
mod table;

pub use job::{PayloadJob, PayloadResult};

use crate::domain::{Language, Message, Span, SpanPart};
use crate::json::{self, Kind, Value};
use crate::provider::payload as shapes;
use crate::text::{self, Line, StyledRun, number};
use crate::theme::Role;
use crate::view::document::{Body, Document, Fold, Section};
use crate::view::message::blocks::{foldable_section, json_lines, section_title};

use object::MemberFormat;

/// Payloads above this size, in bytes, are shown as JSON only: that needs no walk through all of it.
pub const MAX_PAYLOAD_BYTES: usize = 2 << 20;

/// Bytes of one text that are drawn.
const MAX_TEXT_BYTES: usize = 48 * 1024;

/// Bytes of text that one document may draw in all.
const MAX_DOCUMENT_BYTES: usize = 160 * 1024;

/// Members of an object that are looked at.
const MAX_MEMBERS: usize = 200;

/// What an earlier model call of the thread was given, to tell what is new.
#[derive(Clone, Copy, Debug)]
pub struct PreviousCall<'a> {
    /// Which call that was, for people.
    pub name: &'a str,
    /// Its input as it came.
    pub input: &'a [u8],
}

/// What a reading view is made of.
#[derive(Clone, Copy, Debug)]
pub struct PayloadContext<'a> {
    pub message: &'a Message,
    /// The message's bytes, in which the span's pieces lie.
    pub raw: &'a [u8],
    pub span: &'a Span,
    pub part: SpanPart,
    pub width: usize,
    pub previous_call: Option<PreviousCall<'a>>,
}

/// The reading view; `None` if there is nothing in the payload that reads better than JSON.
pub fn document(look: &PayloadContext<'_>) -> Option<Document> {
    let piece = look.part.byte_range(look.span).slice(look.raw);
    if piece.len() > MAX_PAYLOAD_BYTES {
        return None;
    }
    let mut sheet = DocumentBuilder::new(look);
    summary::draw_error(&mut sheet, look.span);
    let told =
        matches!(look.part, SpanPart::Output | SpanPart::Metadata) && summary::draw_usage(&mut sheet, look);
    let payload = Value::of(piece);
    if piece.is_empty() {
        let missing = format!("no {}", look.part.title().to_lowercase());
        sheet.add_lines(vec![Line::styled(&missing, Role::Dim)]);
    } else if look.part == SpanPart::Expected {
        expected_diff::draw_expected_diff(&mut sheet, look);
    } else {
        sheet.add_value(payload);
    }
    let failed = look.span.error.is_some() && look.part != SpanPart::Input;
    (sheet.is_formatted || failed || (told && look.part == SpanPart::Metadata))
        .then(|| Document::new(sheet.sections))
}

/// The document as it grows.
struct DocumentBuilder<'a> {
    context: PayloadContext<'a>,
    width: usize,
    /// The colour of whose words the payload holds.
    gutter: Role,
    sections: Vec<Section>,
    /// Bytes of text that may still be drawn.
    remaining_bytes: usize,
    /// Whether anything was more than JSON.
    is_formatted: bool,
}

impl<'a> DocumentBuilder<'a> {
    fn new(look: &PayloadContext<'a>) -> Self {
        let gutter = match look.part {
            SpanPart::Input => Role::User,
            SpanPart::Output => Role::Assistant,
            SpanPart::Expected | SpanPart::Metadata => Role::Dim,
        };
        let (width, sections) = (look.width.max(1), Vec::new());
        Self {
            context: *look,
            width,
            gutter,
            sections,
            remaining_bytes: MAX_DOCUMENT_BYTES,
            is_formatted: false,
        }
    }

    /// A blank line between what belongs apart.
    fn add_spacer(&mut self) {
        if !self.sections.is_empty() {
            self.add_lines(vec![Line::default()]);
        }
    }

    /// Lines without a title.
    fn add_lines(&mut self, lines: Vec<Line>) {
        self.sections.push(Section::text(Body::Lines(lines), self.gutter));
    }

    /// A part with a title that folds it.
    fn add_section(&mut self, name: &str, detail: &str, lines: Vec<Line>) {
        self.add_spacer();
        self.sections.push(foldable_section(section_title(name, detail), lines, self.gutter));
    }

    /// A part that begins folded.
    fn add_folded_section(&mut self, title: Line, lines: Vec<Line>) {
        let section = Section::foldable(title, Body::Lines(lines), self.gutter, Fold::Closed);
        self.sections.push(section);
    }

    /// The beginning of a string, as much as there is room for, and what to say if that is not all.
    fn read_text(&mut self, value: Value<'_>) -> (String, Option<String>) {
        let room = MAX_TEXT_BYTES.min(self.remaining_bytes);
        let text = json::decode_prefix(value.raw(), room);
        self.remaining_bytes = self.remaining_bytes.saturating_sub(text.len());
        // Escapes make the JSON longer than its text, so only a full prefix can be a part.
        let cut = text.len() + 4 > room && value.raw().len() > text.len() + 2;
        let size = number::bytes(value.raw().len() as u64);
        let note = cut.then(|| format!("… the first {} of {size}", number::bytes(text.len() as u64)));
        (text, note)
    }

    fn add_prose(&mut self, name: &str, value: Value<'_>) {
        let (text, note) = self.read_text(value);
        let mut lines = if self.context.part == SpanPart::Output {
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
        let detail = match language {
            Language::Sql => "SQL",
            Language::Python => "Python",
            Language::Json => "JSON",
            Language::Plain => "",
        };
        self.add_section(name, detail, lines);
    }

    /// JSON that nothing more is known of.
    fn add_json(&mut self, name: &str, value: Value<'_>) {
        let lines = json_lines(value.raw().get(..self.remaining_bytes).unwrap_or(value.raw()), self.width);
        self.remaining_bytes = self.remaining_bytes.saturating_sub(value.raw().len());
        self.add_section(name, "", lines);
    }

    /// The payload as a whole.
    fn add_value(&mut self, payload: Value<'a>) {
        if payload.kind() == Kind::Object && !shapes::is_message(payload) {
            return object::draw_object(self, payload);
        }
        match object::classify(self, "", payload) {
            MemberFormat::Inline | MemberFormat::Json => self.add_json(self.context.part.title(), payload),
            shape => object::draw_member(self, self.context.part.title(), payload, shape),
        }
    }
}

/// One line of runs.
fn line(runs: Vec<StyledRun>) -> Line {
    Line { spans: runs }
}

#[cfg(test)]
mod tests;
