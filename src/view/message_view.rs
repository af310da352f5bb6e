//! A message, parsed and laid out for the detail pane.

use crate::domain::{Message, Raw};
use crate::provider::{Provider, ShortenedMessage};
use crate::text::number;
use crate::trace::Forest;
use crate::view::document::Document;
use crate::view::message::{self, TextOptions};
use crate::view::span_layout::SpanLayout;

/// A parsed message with its text and its spans laid out. A task builds it for large messages.
#[derive(Debug)]
pub struct MessageView {
    pub message: Message,
    /// The copy that was parsed instead of the message, if that is very large.
    pub shortened: Option<ShortenedMessage>,
    pub forest: Forest,
    /// The Message tab, wrapped to a width.
    pub text: Document,
    /// The rows of the Spans tab.
    pub span_layout: SpanLayout,
}

impl MessageView {
    /// Parses a message and wraps its text to `width` columns. The time grows with the size of the message.
    pub fn new(provider: &dyn Provider, raw: &Raw, width: usize, options: TextOptions) -> Self {
        let (message, shortened) = read_message(provider, raw);
        let parsed = shortened.as_ref().map_or(raw, |shortened| &shortened.raw);
        let text = message::document(&message, parsed.bytes(), width, options);
        Self::from_message((message, shortened), text)
    }

    /// Returns the same, unless `is_stopped` returns true between two steps.
    pub fn new_cancellable(
        is_stopped: &dyn Fn() -> bool,
        provider: &dyn Provider,
        raw: &Raw,
        (width, options): (usize, TextOptions),
    ) -> Option<Self> {
        let proceed = || (!is_stopped()).then_some(());
        proceed()?;
        let (message, shortened) = read_message(provider, raw);
        proceed()?;
        let parsed = shortened.as_ref().map_or(raw, |shortened| &shortened.raw);
        let text = message::document(&message, parsed.bytes(), width, options);
        proceed()?;
        Some(Self::from_message((message, shortened), text))
    }

    fn from_message((message, shortened): (Message, Option<ShortenedMessage>), text: Document) -> Self {
        let forest = Forest::new(&message.spans);
        let span_layout = SpanLayout::new(&forest, message.created_at, message.duration_ms);
        Self { message, shortened, forest, text, span_layout }
    }
}

impl MessageView {
    /// Returns the JSON to which the byte ranges of the message refer; `raw` is that of the whole message.
    pub fn parsed_raw<'a>(&'a self, raw: &'a Raw) -> &'a Raw {
        self.shortened.as_ref().map_or(raw, |shortened| &shortened.raw)
    }

    /// Returns the offset in the whole message of an offset in the parsed JSON.
    pub fn offset_in_message(&self, parsed: usize) -> usize {
        self.shortened.as_ref().map_or(parsed, |shortened| shortened.omissions.original_offset(parsed))
    }

    /// Returns the offset in the parsed JSON of an offset in the whole message.
    pub fn offset_in_parsed(&self, offset: usize) -> usize {
        self.shortened.as_ref().map_or(offset, |shortened| shortened.omissions.offset_in_copy(offset))
    }
}

/// Reads a message to show it.
fn read_message(provider: &dyn Provider, raw: &Raw) -> (Message, Option<ShortenedMessage>) {
    let Some(shortened) = ShortenedMessage::of(raw.bytes()) else {
        return (provider.read_message(raw.bytes()), None);
    };
    let mut message = provider.read_message(shortened.raw.bytes());
    message.read_errors.push(format!(
        "This message has {}, so its long texts are cut off here. v opens the whole text, and the Raw tab has all of it.",
        number::bytes(raw.len() as u64)
    ));
    (message, Some(shortened))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{MessageKey, SearchId};
    use crate::provider;
    use crate::search::{Finder, Query};
    use crate::view::search_hits::{Hit, HitJob, HitTarget};

    /// A turn of 34 MB with a span and an unknown field behind its answer.
    fn large_turn() -> Raw {
        let answer = "word ".repeat(34 << 20 >> 2) + "zenith";
        let span = r#"{"id":"s","node_id":"find","operation_input":{"q":"amber"}}"#;
        let json = format!(
            r#"{{"entry":{{"id":"e","input":{{"query":"q"}},"output":{{"response":"{answer}"}},"extra":"teal"}},"spans":[{span}]}}"#
        );
        Raw::owned(json.into_bytes())
    }

    #[test]
    fn a_very_large_message_is_shown_shortened_and_its_places_are_those_of_the_whole() {
        let raw = large_turn();
        let sgp = provider::by_id("sgp").unwrap();
        let view = Arc::new(MessageView::new(sgp, &raw, 80, TextOptions::default()));
        let parsed = view.parsed_raw(&raw);
        assert!(parsed.len() < 17 << 20, "{}", parsed.len());
        assert!(view.message.sides.last().unwrap().text().ends_with("word…"));
        assert_eq!(parsed.bytes_in(view.message.spans[0].input), br#"{"q":"amber"}"#);
        let notes = &view.message.read_errors;
        assert!(matches!(&notes[..], [note] if note.contains("Raw tab")), "{notes:?}");
        let at = |word: &str| memchr::memmem::find(raw.bytes(), word.as_bytes()).unwrap();
        let find = |word: &str, target| {
            let finder = Finder::new(&Query::new(word)).unwrap();
            let (text, view, raw) = (Document::default(), Arc::clone(&view), raw.clone());
            let message = MessageKey { generation: 0, index: 0 };
            let job = HitJob { search: SearchId(1), message, raw, view, text, finder, target };
            job.run()
        };
        assert_eq!(find("teal", HitTarget::First).hits, [Hit::Raw { offset: at("teal") }]);
        assert_eq!(find("zenith", HitTarget::First).hits, [Hit::Raw { offset: at("zenith") }], "omitted");
        let found = find("amber", HitTarget::At(at("amber")));
        assert!(matches!(found.hits[..], [Hit::Payload { node: 0, offset: 6, .. }]), "{found:?}");
    }
}
