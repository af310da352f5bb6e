//! Properties that hold for every format and any body.

use proptest::prelude::*;

use super::*;
use crate::decode::{Completeness, Splitter};
use crate::domain::{Note, NotePlace};
use crate::provider;

/// A body, split and read as in the program.
pub(super) struct ParsedBody {
    pub provider: &'static dyn Provider,
    pub thread: Thread,
    pub summaries: MessageSummaries,
    notes: ThreadNotes,
}

impl ParsedBody {
    pub(super) fn read(bytes: &[u8], provider: &'static dyn Provider) -> Self {
        let mut splitter = Splitter::default();
        splitter.push(bytes);
        let outcome = splitter.finish();
        let mut summaries = MessageSummaries::default();
        while let Some(batch) = splitter.next_batch() {
            summaries.extend(batch.raw_messages().map(|(index, raw, condition)| match condition {
                Completeness::Whole => provider.read_summary(raw, index),
                Completeness::Broken | Completeness::CutOff | Completeness::Run(_) => {
                    MessageSummary::unreadable(raw, index, "it is broken")
                }
            }));
        }
        let (thread, notes) = (provider.read_thread(&outcome.envelope), ThreadNotes::default());
        Self { provider, thread, summaries, notes }
    }

    /// With a note on the first message, and a bookmark on its first span.
    pub(super) fn with_notes(mut self) -> Self {
        let Some(first) = self.summaries.get(0) else { return self };
        let message = self.provider.read_message(first.raw.bytes());
        let note = |span_id: Option<String>, text: &str| Note {
            place: NotePlace { message_id: message.id.clone(), span_id },
            text: text.to_owned(),
            ..Note::default()
        };
        let on_span = message.spans.first().map(|span| note(Some(span.id.clone()), ""));
        self.notes =
            ThreadNotes::new([note(None, "Wrong \u{1b}[31m*policy* <b>2024</b>")].into_iter().chain(on_span));
        self
    }

    pub(super) fn export_with(&self, writer: &mut dyn Writer) -> String {
        let document = ExportedThread {
            provider: self.provider,
            thread: &self.thread,
            summaries: &self.summaries,
            notes: &self.notes,
            filter: &|_| true,
            warnings: &["odd \u{1b}[31m".to_owned()],
        };
        let mut out = Vec::new();
        let mut options = WriteOptions { on_progress: &mut |_| {}, redactor: None };
        write_thread(&document, writer, &mut out, &mut options).unwrap();
        String::from_utf8(out).unwrap()
    }
}

pub(super) fn assert_no_control_characters(text: &str) {
    assert_eq!(text.chars().find(|c| c.is_control() && *c != '\n'), None, "{text}");
}

/// Nearly valid bodies: fragments of real ones in any order, mixed with arbitrary bytes.
fn nearly_valid_body() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        8 => proptest::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"messages\":[", "{\"entry\":{", "\"id\":\"x\",", "\"input\":{\"query\":\"q\"},",
            "\"output\":{\"response\":\"\u{202e}\u{1b}\"},", "\"spans\":[{\"id\":\"s\",\"start_timestamp\":1e400}]",
            "\"feedback\":{\"sentiment\":\"negative\"}", "{\"role\":\"user\",\"content\":\"\\ud800\"}", "1e400", "NaN",
            "{\"type\":\"tool_use\",\"input\":{\"query\":\"\u{9b}\"}}", "\"operation_metadata\":{\"usage\":{\"input_tokens\":-1}}",
            "\"created_at\":\"0000-01-01\"", "\"duration_ms\":-9223372036854775808", "null", "\"", "\\", "\u{0}",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(fragment, 0..40).prop_map(|fragments| fragments.concat())
}

#[test]
fn notes_are_in_every_format_for_people_and_scripts() {
    let body = r#"{"messages": [{"entry": {"id": "e1"}, "spans": [{"id": "s1", "node_id": "Find Docs"}]}, {"entry": {"id": "e2"}}]}"#;
    let body = ParsedBody::read(body.as_bytes(), provider::by_id("sgp").unwrap()).with_notes();
    let markdown = body.export_with(&mut Markdown::default());
    assert!(markdown.contains("\n**Note:** Wrong ␛\\[31m\\*policy\\* "), "{markdown}");
    assert!(markdown.contains("\n**Bookmark on Find Docs**\n"), "{markdown}");
    let html = body.export_with(&mut Html::new(Payloads::None));
    assert!(
        html.contains("<p class=\"note\"><b>Note</b> Wrong ␛[31m*policy* &lt;b&gt;2024&lt;/b&gt;</p>"),
        "{html}"
    );
    let text = body.export_with(&mut Conversation);
    assert!(
        text.contains("\n✎ Note: Wrong ␛[31m*policy*") && text.contains("\n✎ Bookmark on Find Docs\n"),
        "{text}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&body.export_with(&mut JsonThread::default())).unwrap();
    assert_eq!(json["messages"][0]["notes"][0]["span_id"], serde_json::Value::Null);
    assert_eq!(json["messages"][0]["notes"][1]["span_id"], "s1");
    assert_eq!(json["messages"][1].get("notes"), None);
    let rows = body.export_with(&mut Ndjson::default());
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let note_of = |kind: &str| rows.iter().find(|row| row["type"] == kind).unwrap()["note"].clone();
    assert!(note_of("message").as_str().unwrap().contains("policy") && note_of("span") == "");
    for output in [markdown, html, text] {
        assert_no_control_characters(&output);
    }
}

proptest! {
    #[test]
    fn exports_any_body_as_valid_json_and_safe_text(bytes in nearly_valid_body(), which in 0_usize..2) {
        let body = ParsedBody::read(&bytes, provider::all()[which]);
        let json = body.export_with(&mut JsonThread::default());
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{}", json);
        assert_no_control_characters(&json);
        assert_no_control_characters(&body.export_with(&mut Conversation));
        assert_no_control_characters(&body.export_with(&mut Markdown { payloads: Payloads::All }));
        assert_no_control_characters(&body.export_with(&mut Html::new(Payloads::All)));
        assert_no_control_characters(&body.export_with(&mut Csv::default()));
        for line in body.export_with(&mut Ndjson::default()).lines() {
            assert_no_control_characters(line);
            prop_assert!(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line).is_ok());
        }
        for json in [body.export_with(&mut OtlpJson::default()), body.export_with(&mut Chrome::default())] {
            assert_no_control_characters(&json);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{}", json);
        }
    }
}
