//! Properties that hold for every format and every body, however odd.

use proptest::prelude::*;

use super::*;
use crate::decode::{Condition, Splitter};
use crate::provider;

/// A body split and read as the program does it.
pub(super) struct Body {
    pub provider: &'static dyn Provider,
    pub thread: Thread,
    pub heads: Heads,
}

impl Body {
    pub(super) fn read(bytes: &[u8], provider: &'static dyn Provider) -> Self {
        let mut splitter = Splitter::default();
        splitter.push(bytes);
        let outcome = splitter.finish();
        let mut heads = Heads::default();
        while let Some(batch) = splitter.next_batch() {
            heads.extend(batch.raws().map(|(index, raw, condition)| match condition {
                Condition::Whole => provider.head(raw, index),
                Condition::Broken | Condition::CutOff => Head::unreadable(raw, index, "it is broken"),
            }));
        }
        Self { provider, thread: provider.thread(&outcome.envelope), heads }
    }

    pub(super) fn written(&self, writer: &mut dyn Writer) -> String {
        let document = Document {
            provider: self.provider,
            thread: &self.thread,
            heads: &self.heads,
            keep: &|_| true,
            oddities: &["odd \u{1b}[31m".to_owned()],
        };
        let mut out = Vec::new();
        let mut course = Course { done: &mut |_| {}, redactor: None };
        write(&document, writer, &mut out, &mut course).unwrap();
        String::from_utf8(out).unwrap()
    }
}

pub(super) fn assert_harmless(text: &str) {
    assert_eq!(text.chars().find(|c| c.is_control() && *c != '\n'), None, "{text}");
}

/// Bodies that are nearly right: the pieces of real ones in any order, among any bytes.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => proptest::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"messages\":[", "{\"entry\":{", "\"id\":\"x\",", "\"input\":{\"query\":\"q\"},",
            "\"output\":{\"response\":\"\u{202e}\u{1b}\"},", "\"spans\":[{\"id\":\"s\",\"start_timestamp\":1e400}]",
            "\"feedback\":{\"sentiment\":\"negative\"}", "{\"role\":\"user\",\"content\":\"\\ud800\"}", "1e400", "NaN",
            "{\"type\":\"tool_use\",\"input\":{\"query\":\"\u{9b}\"}}", "\"operation_metadata\":{\"usage\":{\"input_tokens\":-1}}",
            "\"created_at\":\"0000-01-01\"", "\"duration_ms\":-9223372036854775808", "null", "\"", "\\", "\u{0}",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_body_becomes_valid_json_and_harmless_text(bytes in nearly(), which in 0_usize..2) {
        let body = Body::read(&bytes, provider::all()[which]);
        let json = body.written(&mut JsonThread::default());
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{}", json);
        assert_harmless(&json);
        assert_harmless(&body.written(&mut Conversation));
        assert_harmless(&body.written(&mut Markdown));
        assert_harmless(&body.written(&mut Html));
        assert_harmless(&body.written(&mut Csv));
        for line in body.written(&mut Ndjson).lines() {
            assert_harmless(line);
            prop_assert!(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line).is_ok());
        }
        for json in [body.written(&mut OtlpJson::default()), body.written(&mut Chrome::default())] {
            assert_harmless(&json);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{}", json);
        }
    }
}
