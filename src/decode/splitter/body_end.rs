//! The end of a body: complete, cut off, or not a thread.

use super::Splitter;
use crate::decode::outcome::{BodyEnd, NoMessages};
use crate::decode::top_level_parser::{BodyFormat, State};
use crate::json::{Kind, Value};

impl Splitter {
    pub(super) fn body_end(&mut self, byte_len: u64) -> BodyEnd {
        match std::mem::replace(&mut self.parser.state, State::After) {
            State::NotJson => self.classify_non_json(),
            State::Stopped(end) => end,
            State::Start => BodyEnd::Empty,
            State::After if self.parser.has_messages => BodyEnd::Complete,
            State::After => BodyEnd::NoMessages(match self.parser.non_array_kind {
                None => NoMessages::Absent,
                Some(Kind::Null) => NoMessages::Null,
                Some(kind) => NoMessages::NotAnArray(kind),
            }),
            State::Between if self.parser.format == BodyFormat::Lines => BodyEnd::Complete,
            cut_off => {
                self.parser.state = cut_off;
                BodyEnd::Truncated { offset: byte_len }
            }
        }
    }

    /// Corrects the end of a body without any list or line of messages: an empty list is not a thread, and an object that
    /// was repaired or is followed by other data is not JSON.
    pub(super) fn without_thread(&self, end: BodyEnd) -> BodyEnd {
        let parser = &self.parser;
        let has_elements = self.next_index > 0 || !parser.elements.is_empty() || parser.budget.has_runs(true);
        let is_broken = match &end {
            BodyEnd::TrailingGarbage { .. } | BodyEnd::SecondValue { .. } => true,
            BodyEnd::NoMessages(NoMessages::Absent) => parser.skipped_bytes > 0,
            BodyEnd::Complete => false,
            BodyEnd::NoMessages(_)
            | BodyEnd::Truncated { .. }
            | BodyEnd::TooLarge { .. }
            | BodyEnd::OutOfMemory { .. }
            | BodyEnd::Empty
            | BodyEnd::NotJson { .. } => return end,
        };
        match parser.format {
            _ if has_elements => end,
            BodyFormat::Array => BodyEnd::NoMessages(NoMessages::EmptyArray),
            BodyFormat::Object | BodyFormat::Lines
                if is_broken && !parser.has_messages && parser.non_array_kind.is_none() =>
            {
                BodyEnd::NotJson { prefix: parser.prefix().to_vec(), is_html: false }
            }
            BodyFormat::Object | BodyFormat::Lines => end,
        }
    }

    fn classify_non_json(&self) -> BodyEnd {
        let prefix = self.parser.prefix();
        let text = prefix.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(prefix).trim_ascii_start();
        let token = text.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        match (Value::of(text).kind(), Value::of(token).kind()) {
            (Kind::String, _) => BodyEnd::NoMessages(NoMessages::NotAnObject(Kind::String)),
            (_, kind @ (Kind::Null | Kind::Bool | Kind::Number))
                if token.len() == text.trim_ascii_end().len() =>
            {
                BodyEnd::NoMessages(NoMessages::NotAnObject(kind))
            }
            _ => BodyEnd::NotJson { prefix: prefix.to_vec(), is_html: text.starts_with(b"<") },
        }
    }
}

/// Looks for messages one level below the top.
pub(super) fn find_nested_messages(envelope: &[u8]) -> NoMessages {
    let nested = Value::of(envelope).members().find(|(_, value)| value.get("messages").is_some());
    nested.map_or(NoMessages::Absent, |(key, _)| NoMessages::Nested(key.text().into_owned()))
}
