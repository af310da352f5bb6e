//! The list of all hits of a search: for each hit, the part of the message that it is in, and the text around it. Only the
//! lines near the screen are read.

use std::ops::Range;

use crate::domain::{FilterId, Message, Raw, SearchId, Span, SpanPart};
use crate::json::{self, Kind, Value};
use crate::provider::{Provider, ShortenedMessage};
use crate::search::Finder;

/// The bytes of the message before a hit, then after it.
const BYTES_BEFORE: usize = 30;
const BYTES_AFTER: usize = 240;

/// The largest value, in bytes, whose members are searched for the one with a hit.
const MAX_DESCENT: usize = 1 << 20;

/// The maximum number of levels of JSON in the name of a hit's part.
const MAX_LEVELS: usize = 6;

/// The state of the search and the filter when the rows were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HitListVersion {
    pub search: SearchId,
    /// The number of messages that were searched.
    pub searched: usize,
    /// The filter of the messages, if its result had arrived.
    pub filter: Option<FilterId>,
}

/// The hits to read, in the order of the list.
#[derive(Clone, Debug)]
pub struct HitRequest {
    pub version: HitListVersion,
    pub finder: Finder,
    pub service: &'static str,
    pub rows: Range<usize>,
    /// The messages, each with the range of its hits.
    pub messages: Vec<(Raw, Range<usize>)>,
}

/// The lines of these rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitLines {
    pub version: HitListVersion,
    pub rows: Range<usize>,
    pub lines: Vec<HitLine>,
}

/// One hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HitLine {
    /// The position of the hit in the JSON of its message; `None` if only the screen has it.
    pub offset: Option<usize>,
    /// The span and its part, or the name of the field.
    pub part: String,
    /// The text around the hit, on one line.
    pub text: String,
}

impl HitRequest {
    /// Reads the lines.
    pub fn run(&self, provider: &dyn Provider) -> HitLines {
        let lines = self.messages.iter().flat_map(|(raw, hits)| {
            let bytes = raw.bytes();
            let shortened = ShortenedMessage::of(bytes);
            let parsed = shortened.as_ref().map_or(bytes, |shortened| shortened.raw.bytes());
            let message = provider.read_message(parsed);
            let offset_in_parsed =
                |offset| shortened.as_ref().map_or(offset, |copy| copy.omissions.offset_in_copy(offset));
            let found = self.finder.hits(bytes, hits.end);
            let line = |hit| {
                let range: Option<&Range<usize>> = found.get(hit);
                range.map_or_else(HitLine::default, |range| HitLine {
                    offset: Some(range.start),
                    part: part_of(&message, parsed, offset_in_parsed(range.start)),
                    text: text_around(bytes, range),
                })
            };
            hits.clone().map(line).collect::<Vec<_>>()
        });
        HitLines { version: self.version, rows: self.rows.clone(), lines: lines.collect() }
    }
}

/// Returns the part of a message at an offset.
fn part_of(message: &Message, bytes: &[u8], offset: usize) -> String {
    let is_in = |range: crate::domain::ByteRange| {
        (range.start as usize..(range.start as usize).saturating_add(range.len as usize)).contains(&offset)
    };
    let spans = message.spans.iter().filter(|span| is_in(span.raw));
    // The smallest span is the innermost one.
    let Some(span) = spans.min_by_key(|span: &&Span| span.raw.len) else { return field_at(bytes, offset) };
    let part = SpanPart::ALL.into_iter().find(|part| is_in(part.byte_range(span)));
    part.map_or_else(|| span.name.clone(), |part| format!("{} · {}", span.name, part.title()))
}

/// Returns the names of the innermost two fields around an offset.
fn field_at(bytes: &[u8], offset: usize) -> String {
    let base = bytes.as_ptr() as usize;
    let contains = |raw: &[u8]| {
        let start = (raw.as_ptr() as usize).checked_sub(base);
        start.is_some_and(|start| (start..start + raw.len()).contains(&offset))
    };
    let mut names: Vec<String> = Vec::new();
    let mut value = Value::of(bytes);
    for level in 0..MAX_LEVELS {
        if level > 0 && value.raw().len() > MAX_DESCENT {
            break;
        }
        let inner = match value.kind() {
            Kind::Object => value
                .members()
                .find(|(key, inner)| contains(key.raw()) || contains(inner.raw()))
                .map(|(key, inner)| {
                    names.push(key.text().into_owned());
                    inner
                }),
            Kind::Array => value.elements().find(|inner| contains(inner.raw())),
            Kind::String | Kind::Number | Kind::Bool | Kind::Null | Kind::Invalid => None,
        };
        let Some(inner) = inner else { break };
        value = inner;
    }
    names.split_off(names.len().saturating_sub(2)).join(".")
}

/// Returns the text of the string around a hit.
fn text_around(bytes: &[u8], hit: &Range<usize>) -> String {
    let is_quote = |at: usize| bytes.get(at) == Some(&b'"') && !is_escaped(bytes, at);
    let first = hit.start.saturating_sub(BYTES_BEFORE);
    let quote = (first..hit.start).rev().find(|at| is_quote(*at));
    // The excerpt begins after a blank, so that no word and no escape is cut.
    let blank = || (first..hit.start).find(|at| bytes.get(*at) == Some(&b' '));
    let start = quote.or_else(blank).map_or(hit.start, |at| at + 1);
    let last = hit.end.saturating_add(BYTES_AFTER).min(bytes.len());
    let end = (hit.end..last).find(|at| is_quote(*at)).unwrap_or(last);
    let slice = bytes.get(start..end).unwrap_or_default();
    let text = json::collapse_whitespace(&json::decode_prefix(slice, slice.len().saturating_mul(2)));
    if quote.is_some() { text } else { format!("… {text}") }
}

/// Returns whether an odd number of backslashes precedes a byte.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider;
    use crate::search::Query;

    const TURN: &str = r#"{"id": "t", "query": "Say \"lamp\" and \\ lamp", "response": "A lamp.",
    "spans": [{"id": "s", "node_id": "find", "start_timestamp": "2026-09-01T09:00:01Z", "duration_ms": 1,
    "operation_output": {"text": "one\nlamp of brass"}}]}"#;

    #[test]
    fn hits_name_their_part_and_show_the_text_around_them() {
        let request = HitRequest {
            version: HitListVersion { search: SearchId(1), searched: 1, filter: None },
            finder: Finder::new(&Query::new("lamp")).unwrap(),
            service: "sgp",
            rows: 7..12,
            messages: vec![(Raw::owned(TURN.as_bytes().to_vec()), 0..5)],
        };
        let lines = request.run(provider::by_id("sgp").unwrap());
        let shown: Vec<(&str, &str)> =
            lines.lines.iter().map(|line| (line.part.as_str(), line.text.as_str())).collect();
        assert_eq!(shown[0], ("query", "Say \"lamp\" and \\ lamp"));
        assert_eq!(shown[2], ("response", "A lamp."));
        assert_eq!(shown[3], ("find · Output", "one lamp of brass"));
        assert_eq!(lines.lines[4], HitLine::default(), "the message has no fifth hit");
        assert_eq!(lines.rows, 7..12);
    }

    #[test]
    fn text_far_from_quotes_is_cut_at_spaces() {
        let body = format!(r#"{{"query": "{} lamp {}"}}"#, "é".repeat(80), "x ".repeat(400));
        let at = body.find("lamp").unwrap();
        let text = text_around(body.as_bytes(), &(at..at + 4));
        assert!(text.starts_with("… lamp x") && text.len() < 300, "{text}");
    }
}
