//! Hits: the place of a match in a message, and the text around it.

use std::ops::Range;

use super::LibraryQuery;
use crate::domain::Timestamp;
use crate::library::KeptThread;
use crate::library::index::{MessageTexts, PART_MARKERS};
use crate::search::Finder;

/// The part of a message that has a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Title,
    /// A text of the user or the system.
    User,
    Assistant,
    /// A tool call, its result, or an error.
    Tools,
    Feedback,
    /// The input, the output or the metadata of a span, which are not in the index.
    Payload,
}

impl Place {
    /// Returns the marker of such parts in the index, which has no payloads.
    pub(super) fn marker(self) -> Option<char> {
        let [title, user, assistant, tools, feedback] = PART_MARKERS;
        match self {
            Self::Title => Some(title),
            Self::User => Some(user),
            Self::Assistant => Some(assistant),
            Self::Tools => Some(tools),
            Self::Feedback => Some(feedback),
            Self::Payload => None,
        }
    }

    /// Returns the word for output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tools => "tools",
            Self::Feedback => "feedback",
            Self::Payload => "payload",
        }
    }
}

/// The places in the index, in the order of their markers.
pub(super) const PLACES: [Place; 5] =
    [Place::Title, Place::User, Place::Assistant, Place::Tools, Place::Feedback];

/// A message that matches.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryHit {
    pub thread: KeptThread,
    /// The position of the message in the body; `None` for the title.
    pub position: Option<u32>,
    /// May be empty.
    pub message_id: String,
    /// The span whose payload has the hit.
    pub span_id: Option<String>,
    pub at: Option<Timestamp>,
    pub place: Place,
    /// The text around the hit, on one line. Untrusted.
    pub snippet: String,
    /// The hit in the snippet, in bytes; empty if it cannot be shown.
    pub hit: Range<usize>,
    /// A longer text around the hit, with its line breaks. Untrusted.
    pub preview: String,
    pub preview_hit: Range<usize>,
    /// The permanent reference of the message: `u:7f3a…`.
    pub reference: String,
}

/// The bytes of context on each side of a hit: in a line, and in a preview.
const CONTEXT_BYTES: usize = 80;
const PREVIEW_BYTES: usize = 1200;
/// The maximum number of bytes in a hit that are shown.
const MAX_HIT_BYTES: usize = 400;

/// A message in the form of the index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndexedMessage {
    /// In the body; -1 for the title.
    pub position: i64,
    pub id: String,
    pub at: Option<Timestamp>,
    /// Bits: 1 negative feedback, 2 positive feedback, 4 failed.
    pub flags: i64,
    /// The number of its reference.
    pub reference: i64,
    pub duration_ms: Option<i64>,
    pub tokens: Option<i64>,
    /// In US dollars.
    pub cost: Option<f64>,
    pub texts: MessageTexts,
}

impl IndexedMessage {
    /// Returns whether this is the title of the thread.
    pub fn is_title(&self) -> bool {
        self.position < 0
    }

    /// Converts a message that matches to a hit.
    pub fn into_hit(self, thread: KeptThread, query: &LibraryQuery, finders: &[Finder]) -> LibraryHit {
        let (place, text, hit) = find_hit(&self.texts, query, finders);
        let (snippet, snippet_hit) = cut(text, hit.clone());
        let (preview, preview_hit) = cut_preview(text, hit);
        LibraryHit {
            at: self.at.or(thread.listed.updated_at),
            thread,
            position: u32::try_from(self.position).ok(),
            message_id: self.id,
            span_id: None,
            place,
            snippet,
            hit: snippet_hit,
            preview,
            preview_hit,
            reference: format_reference(self.reference),
        }
    }
}

/// Finds the first place with a word of the query; returns its text, and the hit in it.
fn find_hit<'a>(
    texts: &'a MessageTexts,
    query: &LibraryQuery,
    finders: &[Finder],
) -> (Place, &'a str, Range<usize>) {
    let parts = || PLACES.into_iter().zip(texts.parts()).filter(|(place, _)| query.includes(*place));
    for finder in finders {
        for (place, text) in parts() {
            if let Some(hit) = finder.text_hits(text, 1).into_iter().next() {
                return (place, text, hit);
            }
        }
    }
    // The index ignores accents that the text has.
    let (place, text) = parts().find(|(_, text)| !text.is_empty()).unwrap_or((Place::Title, ""));
    (place, text, 0..0)
}

/// Returns the part of a hit that is shown: a regular expression may match a whole message.
fn shown_part(text: &str, hit: Range<usize>) -> Range<usize> {
    let end = hit.end.min(hit.start.saturating_add(MAX_HIT_BYTES));
    hit.start..text.floor_char_boundary(end).max(hit.start)
}

/// Cuts the context of a hit, with its line breaks.
pub(super) fn cut_preview(text: &str, hit: Range<usize>) -> (String, Range<usize>) {
    let hit = shown_part(text, hit);
    let start = text.floor_char_boundary(hit.start.saturating_sub(PREVIEW_BYTES));
    let end = text.ceil_char_boundary(hit.end.saturating_add(PREVIEW_BYTES).min(text.len()));
    let lead = if start > 0 { "…" } else { "" };
    let tail = if end < text.len() { "…" } else { "" };
    let shift = |at: usize| at.saturating_sub(start) + lead.len();
    let preview = format!("{lead}{}{tail}", text.get(start..end).unwrap_or_default());
    (preview, shift(hit.start)..shift(hit.end))
}

/// Cuts the context of a hit to one line.
pub(super) fn cut(text: &str, hit: Range<usize>) -> (String, Range<usize>) {
    let hit = shown_part(text, hit);
    let start = text.floor_char_boundary(hit.start.saturating_sub(CONTEXT_BYTES));
    let end = text.ceil_char_boundary(hit.end.saturating_add(CONTEXT_BYTES).min(text.len()));
    let one_line =
        |part: Option<&str>| part.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let is_space = |c: Option<char>| c.is_some_and(char::is_whitespace);
    let (before, found, after) = (text.get(start..hit.start), text.get(hit.clone()), text.get(hit.end..end));
    let mut snippet = if start > 0 { "…".to_owned() } else { String::new() };
    snippet.push_str(&one_line(before));
    if is_space(before.and_then(|before| before.chars().next_back())) {
        snippet.push(' ');
    }
    let hit_start = snippet.len();
    snippet.push_str(&one_line(found));
    let hit_end = snippet.len();
    if is_space(after.and_then(|after| after.chars().next())) {
        snippet.push(' ');
    }
    snippet.push_str(&one_line(after));
    if end < text.len() {
        snippet.push('…');
    }
    (snippet, hit_start..hit_end)
}

/// Returns the reference with a number: `u:7f3a01bc22`.
pub(super) fn format_reference(number: i64) -> String {
    format!("u:{number:010x}")
}

/// Parses a reference: `u:7f3a01bc22`.
pub fn parse_reference(text: &str) -> Option<i64> {
    let digits = text.strip_prefix("u:").filter(|digits| digits.len() == 10)?;
    i64::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
