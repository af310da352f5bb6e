//! A span's payload as what it is: retrieved texts, a conversation, code, a table, scores, an error; a document as the
//! Message tab has one. What is not recognised stays the JSON tree. Pure, and bounded whatever the payload.

mod conversation;
mod expected;
mod facts;
mod members;
mod ranking;
mod rows;
mod values;
pub mod view;

use crate::app::detail::compose::blocks::{folding, json_lines, titled};
use crate::app::detail::spans::Part;
use crate::app::document::{Body, Document, Fold, Section};
use crate::domain::{Language, Message, Span};
use crate::json::{self, Kind, Value};
use crate::provider::payload as shapes;
use crate::text::{self, Line, Run, number};
use crate::theme::Role;

use members::Shape;

/// Payloads above this size, in bytes, are shown as JSON only: that needs no walk through all of it.
pub const LARGEST: usize = 2 << 20;

/// Bytes of one text that are drawn.
const TEXT_SHOWN: usize = 48 * 1024;

/// Bytes of text that one document may draw in all.
const ROOM: usize = 160 * 1024;

/// Members of an object that are looked at.
const MOST: usize = 200;

/// What an earlier model call of the thread was given, to tell what is new.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<'a> {
    /// Which call that was, for people.
    pub name: &'a str,
    /// Its input as it came.
    pub input: &'a [u8],
}

/// What a reading view is made of.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub message: &'a Message,
    /// The message's bytes, in which the span's pieces lie.
    pub raw: &'a [u8],
    pub span: &'a Span,
    pub part: Part,
    pub width: usize,
    pub earlier: Option<Earlier<'a>>,
}

/// The reading view; `None` if there is nothing in the payload that reads better than JSON.
pub fn document(look: &Look<'_>) -> Option<Document> {
    let piece = look.part.piece(look.span).of(look.raw);
    if piece.len() > LARGEST {
        return None;
    }
    let mut sheet = Sheet::new(look);
    facts::error(&mut sheet, look.span);
    let told = matches!(look.part, Part::Output | Part::Metadata) && facts::usage(&mut sheet, look);
    let payload = Value::of(piece);
    if piece.is_empty() {
        let missing = format!("no {}", look.part.title().to_lowercase());
        sheet.lines(vec![Line::styled(&missing, Role::Dim)]);
    } else if look.part == Part::Expected {
        expected::compare(&mut sheet, look);
    } else {
        sheet.value(payload);
    }
    let failed = look.span.error.is_some() && look.part != Part::Input;
    (sheet.is_recognised || failed || (told && look.part == Part::Metadata))
        .then(|| Document::new(sheet.sections))
}

/// The document as it grows.
struct Sheet<'a> {
    look: Look<'a>,
    width: usize,
    /// The colour of whose words the payload holds.
    gutter: Role,
    sections: Vec<Section>,
    /// Bytes of text that may still be drawn.
    room: usize,
    /// Whether anything was more than JSON.
    is_recognised: bool,
}

impl<'a> Sheet<'a> {
    fn new(look: &Look<'a>) -> Self {
        let gutter = match look.part {
            Part::Input => Role::User,
            Part::Output => Role::Assistant,
            Part::Expected | Part::Metadata => Role::Dim,
        };
        let (width, sections) = (look.width.max(1), Vec::new());
        Self { look: *look, width, gutter, sections, room: ROOM, is_recognised: false }
    }

    /// A blank line between what belongs apart.
    fn apart(&mut self) {
        if !self.sections.is_empty() {
            self.lines(vec![Line::default()]);
        }
    }

    /// Lines without a title.
    fn lines(&mut self, lines: Vec<Line>) {
        self.sections.push(Section::text(Body::Lines(lines), self.gutter));
    }

    /// A part with a title that folds it.
    fn part(&mut self, name: &str, detail: &str, lines: Vec<Line>) {
        self.apart();
        self.sections.push(folding(titled(name, detail), lines, self.gutter));
    }

    /// A part that begins folded.
    fn folded(&mut self, title: Line, lines: Vec<Line>) {
        let section = Section::folding(title, Body::Lines(lines), self.gutter, Fold::Closed);
        self.sections.push(section);
    }

    /// The beginning of a string, as much as there is room for, and what to say if that is not all.
    fn text_of(&mut self, value: Value<'_>) -> (String, Option<String>) {
        let room = TEXT_SHOWN.min(self.room);
        let text = json::decode_prefix(value.raw(), room);
        self.room = self.room.saturating_sub(text.len());
        // Escapes make the JSON longer than its text, so only a full prefix can be a part.
        let cut = text.len() + 4 > room && value.raw().len() > text.len() + 2;
        let size = number::bytes(value.raw().len() as u64);
        let note = cut.then(|| format!("… the first {} of {size}", number::bytes(text.len() as u64)));
        (text, note)
    }

    fn prose(&mut self, name: &str, value: Value<'_>) {
        let (text, note) = self.text_of(value);
        let mut lines = if self.look.part == Part::Output {
            text::markdown::render(&text, self.width)
        } else {
            text::plain(&text, self.width, Role::Text)
        };
        lines.extend(note.map(|note| Line::styled(&note, Role::Dim)));
        self.part(name, "", lines);
    }

    fn code(&mut self, name: &str, value: Value<'_>, language: Language) {
        let (text, note) = self.text_of(value);
        let mut lines = text::code::code(&text, language, self.width);
        lines.extend(note.map(|note| Line::styled(&note, Role::Dim)));
        let detail = match language {
            Language::Sql => "SQL",
            Language::Python => "Python",
            Language::Json => "JSON",
            Language::Plain => "",
        };
        self.part(name, detail, lines);
    }

    /// JSON that nothing more is known of.
    fn json(&mut self, name: &str, value: Value<'_>) {
        let lines = json_lines(value.raw().get(..self.room).unwrap_or(value.raw()), self.width);
        self.room = self.room.saturating_sub(value.raw().len());
        self.part(name, "", lines);
    }

    /// The payload as a whole.
    fn value(&mut self, payload: Value<'a>) {
        if payload.kind() == Kind::Object && !shapes::is_said(payload) {
            return members::object(self, payload);
        }
        match members::shape(self, "", payload) {
            Shape::Plain | Shape::Json => self.json(self.look.part.title(), payload),
            shape => members::draw(self, self.look.part.title(), payload, shape),
        }
    }
}

/// One line of runs.
fn line(runs: Vec<Run>) -> Line {
    Line { spans: runs }
}

#[cfg(test)]
mod tests;
