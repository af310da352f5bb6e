//! Traces of both services: spans, times, and names of attributes.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use serde_json::Value;

use super::OtlpJson;
use crate::export::tests::ParsedBody;
use crate::provider;

/// A span with its attributes by name.
struct ExportedSpan {
    name: String,
    parent: Option<String>,
    micros: [u64; 2],
    status: u64,
    message: String,
    attributes: HashMap<String, Value>,
}

impl ExportedSpan {
    fn text(&self, key: &str) -> &str {
        self.attributes.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn millis(&self) -> u64 {
        (self.micros[1] - self.micros[0]) / 1000
    }
}

fn export(body: &[u8], service: &str) -> Value {
    let body = ParsedBody::read(body, provider::by_id(service).unwrap());
    serde_json::from_str(&body.export_with(&mut OtlpJson::default())).unwrap()
}

fn spans(body: &[u8], service: &str) -> Vec<ExportedSpan> {
    let request = export(body, service);
    let spans = request["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
    let time = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap() / 1000;
    let value = |attribute: &Value| attribute["value"].as_object().unwrap().values().next().unwrap().clone();
    let read = |span: &Value| ExportedSpan {
        name: span["name"].as_str().unwrap().to_owned(),
        parent: span["parentSpanId"].as_str().map(str::to_owned),
        micros: [time(&span["startTimeUnixNano"]), time(&span["endTimeUnixNano"])],
        status: span["status"]["code"].as_u64().unwrap_or_default(),
        message: span["status"]["message"].as_str().unwrap_or_default().to_owned(),
        attributes: span["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|attribute| (attribute["key"].as_str().unwrap().to_owned(), value(attribute)))
            .collect(),
    };
    spans.iter().map(read).collect()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn messages_from_a_question_to_the_next_are_one_trace_with_model_and_tool_spans() {
    let all = spans(&fixture("tests/fixtures/camelai_thread_messages.json"), "camelai");
    let roots: Vec<&ExportedSpan> = all.iter().filter(|span| span.parent.is_none()).collect();
    assert_eq!(roots.len(), 4);
    assert_eq!(roots[0].name, "What was monthly revenue in H1 2026, and which month dropped?");
    assert!(roots[0].text("output.value").starts_with("**May 2026** dropped"));
    let query = all.iter().find(|span| span.name == "execute_tool run_query").unwrap();
    // The tool reports its duration.
    assert_eq!((query.millis(), query.status), (1288, 1));
    assert!(query.text("gen_ai.tool.call.arguments").contains("SELECT date_trunc"));
    assert!(query.text("output.value").starts_with("month,revenue"));
    // This one lasts from the call to the result.
    let search = all.iter().find(|span| span.name == "execute_tool search").unwrap();
    assert_eq!(search.millis(), 452);
    let failed = all.iter().find(|span| span.name == "execute_tool run_federated_query").unwrap();
    assert_eq!(failed.status, 2);
    assert!(failed.message.starts_with("ClickHouse: Code 60."));
    let models = all.iter().filter(|span| span.text("openinference.span.kind") == "LLM");
    assert!(models.clone().all(|span| span.millis() > 0));
    assert_eq!(models.clone().next().unwrap().text("gen_ai.provider.name"), "anthropic");
    let answers: Vec<&str> = models.map(|span| span.text("gen_ai.output.messages")).collect();
    assert!(answers.iter().any(|answer| answer.contains("px.bar") && answer.contains("461330.02")));
}

#[test]
fn results_find_their_calls_by_id_and_calls_without_result_end_with_the_next_message() {
    let body = br#"{"thread_id":1,"messages":[
        {"id":1,"role":"user","content":"q","created_at":"2026-01-01T00:00:00Z"},
        {"id":2,"role":"assistant","created_at":"2026-01-01T00:00:01Z","content":[
            {"type":"tool_use","id":"a","name":"first","input":{}},{"type":"tool_use","id":"b","name":"second","input":{}}]},
        {"id":3,"role":"user","created_at":"2026-01-01T00:00:03Z","content":[
            {"type":"tool_result","tool_use_id":"b","content":"two"}]},
        {"id":4,"role":"assistant","content":"done","created_at":"2026-01-01T00:00:05Z"}]}"#;
    let all = spans(body, "camelai");
    let named = |name: &str| all.iter().find(|span| span.name == name).unwrap();
    assert_eq!(all.iter().filter(|span| span.parent.is_none()).count(), 1);
    assert_eq!(
        (named("execute_tool second").text("output.value"), named("execute_tool second").millis()),
        ("two", 2000)
    );
    let first = named("execute_tool first");
    assert!(first.attributes.contains_key("unspool.unfinished") && first.millis() == 4000);
}

#[test]
fn messages_without_time_take_that_of_a_neighbor_or_of_the_thread() {
    let timed = br#"{"thread_id":1,"messages":[{"id":1,"role":"user","content":"q"},
        {"id":2,"role":"assistant","content":"a","created_at":"2026-01-01T00:00:00Z"}]}"#;
    let of_thread = br#"{"thread":{"id":"t","created_at":"2026-01-01T00:00:00Z"},"messages":[
        {"entry":{"id":"e","input":{"query":"q"},"output":{"response":"a"}},"spans":[{"id":"s","operation_type":"COMPLETION"}]}]}"#;
    for (body, service, owner) in [(&timed[..], "camelai", "neighbor"), (of_thread, "sgp", "thread")] {
        let all = spans(body, service);
        assert!(all.iter().all(|span| span.micros[0] == 1_767_225_600_000_000), "{service}");
        assert_eq!(all[0].text("unspool.time.source"), owner);
    }
}

#[test]
fn turns_carry_documents_messages_and_the_shares_of_their_usage() {
    let all = spans(&fixture("tests/fixtures/sgp_thread_messages_spans.json"), "sgp");
    let kind = |kind: &str| all.iter().find(|span| span.text("openinference.span.kind") == kind).unwrap();
    assert_eq!(all[0].name, "Can I get a refund on an annual plan after 20 days?");
    assert_eq!(all[0].text("user.id"), "1d0f7f2e-8b6a-4c58-9d1e-2f6a0c4b7e11");
    assert_eq!(kind("RETRIEVER").text("retrieval.documents.0.document.id"), "c-101");
    assert_eq!(kind("RERANKER").text("reranker.query"), "refund annual plan 20 days");
    let model = kind("LLM");
    assert_eq!(model.text("llm.input_messages.0.message.role"), "system");
    assert_eq!(model.text("llm.finish_reason"), "stop");
    assert!(model.text("gen_ai.output.messages").contains(r#""finish_reason":"stop""#));
    for span in &all {
        let zero = |key: &&String| key.contains("token") && span.attributes[*key] == "0";
        assert_eq!(span.attributes.keys().find(zero), None, "{}", span.name);
    }
}

/// Returns the name of an attribute with `N` for numbers of elements.
fn pattern(name: &str) -> String {
    let part = |part: &str| {
        if part.bytes().all(|byte| byte.is_ascii_digit()) { "N".to_owned() } else { part.to_owned() }
    };
    name.split('.').map(part).collect::<Vec<_>>().join(".")
}

#[test]
fn every_attribute_is_in_the_list_of_names() {
    let list = String::from_utf8(fixture("tests/data/otlp_attributes.txt")).unwrap();
    let known: BTreeSet<&str> = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').next())
        .collect();
    for folder in ["tests/fixtures", "assets/demo"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let body = std::fs::read(&path).unwrap();
            for service in ["sgp", "camelai"] {
                let mut keys = Vec::new();
                collect_keys(&export(&body, service), &mut keys);
                for key in keys {
                    assert!(known.contains(pattern(&key).as_str()), "{key} in {}", path.display());
                }
            }
        }
    }
}

/// Collects the values of all members `key`.
fn collect_keys(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            keys.extend(members.get("key").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect_keys(member, keys));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect_keys(element, keys)),
        _ => {}
    }
}
