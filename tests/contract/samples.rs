//! Snapshots of the sample bodies.

use unspool::testing::domain::{Message, MessageSummary, Raw, Side, Span};
use unspool::testing::json::Value;
use unspool::testing::provider::{self, Provider};

use crate::dump;
use crate::support::{fixture, messages, service};

/// Returns the body without its messages, as the decoder returns it.
fn envelope(body: &[u8]) -> Vec<u8> {
    let members = Value::of(body).members().map(|(key, value)| {
        let value = if key.is("messages") { "[]".into() } else { String::from_utf8_lossy(value.raw()) };
        format!("{}:{value}", String::from_utf8_lossy(key.raw()))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes()
}

fn summaries(service: &dyn Provider, body: &[u8]) -> Vec<MessageSummary> {
    let raws = messages(body).into_iter().map(|raw| Raw::owned(raw.to_vec()));
    raws.zip(0..).map(|(raw, index)| service.read_summary(raw, index)).collect()
}

fn dump_body(name: &str, body: &[u8]) -> String {
    let service = service(name);
    let mut out = dump::thread(&service.read_thread(&envelope(body)));
    for summary in summaries(service, body) {
        out.push_str(&format!(
            "summary {}
",
            dump::summary(&summary)
        ));
    }
    for raw in messages(body) {
        out.push_str(&dump::message(raw, &service.read_message(raw)));
    }
    out
}

macro_rules! sample {
    ($name:ident, $service:literal) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(dump_body($service, &fixture(concat!(stringify!($name), ".json"))));
        }
    };
}

sample!(sgp_thread_messages_spans, "sgp");
sample!(sgp_thread_messages_no_spans, "sgp");
sample!(sgp_thread_messages_nulls, "sgp");
sample!(sgp_thread_v0_old_server, "sgp");
sample!(camelai_thread_messages, "camelai");
sample!(camelai_thread_minimal, "camelai");
sample!(camelai_thread_empty, "camelai");

#[test]
fn null_and_absent_fields_are_the_same() {
    let (absent, null) =
        (fixture("sgp_thread_messages_spans.json"), fixture("sgp_thread_messages_nulls.json"));
    let sgp = service("sgp");
    for (absent, null) in messages(&absent).into_iter().zip(messages(&null)) {
        let (absent, null) = (sgp.read_message(absent), sgp.read_message(null));
        let texts = |message: &Message| message.sides.iter().map(Side::text).collect::<Vec<_>>();
        assert_eq!(texts(&absent), texts(&null));
        assert_eq!(absent.spans.len(), null.spans.len());
        for (one, other) in absent.spans.iter().zip(&null.spans) {
            let shape =
                |span: &Span| (span.parent_id.clone(), span.end, span.input.is_empty(), span.error.clone());
            assert_eq!(shape(one), shape(other));
        }
        assert_eq!((absent.usage, absent.feedback, absent.error), (null.usage, null.feedback, null.error));
    }
}

#[test]
fn each_body_matches_only_its_service() {
    for (file, name) in [
        ("sgp_thread_messages_spans.json", "sgp"),
        ("sgp_thread_v0_old_server.json", "sgp"),
        ("camelai_thread_messages.json", "camelai"),
        ("camelai_thread_minimal.json", "camelai"),
        ("camelai_thread_empty.json", "camelai"),
    ] {
        let body = fixture(file);
        let first = messages(&body).first().copied();
        let matching = |envelope: &[u8]| -> Vec<&str> {
            let all = provider::all().iter().filter(|service| service.matches_body(envelope, first));
            all.map(|service| service.id()).collect()
        };
        assert_eq!(matching(&envelope(&body)), [name], "{file}");
        if first.is_some() {
            assert_eq!(matching(b"{\"messages\":["), [name], "{file}");
        }
    }
}

#[test]
fn thread_details_set_the_title() {
    let camelai = service("camelai");
    let list = fixture("camelai_threads_list.json");
    let details = Value::of(&list).get("results").and_then(|list| list.elements().next()).unwrap();
    let mut thread = camelai.read_thread(&envelope(&fixture("camelai_thread_messages.json")));
    camelai.add_details(&mut thread, details.raw());
    insta::assert_snapshot!(dump::thread(&thread), @r#"thread Some("48213") Some("H1 2026 revenue drop") created=Some(1785765730990000) updated=Some(1785953499010000) archived=None messages=Some(17)"#);
}
