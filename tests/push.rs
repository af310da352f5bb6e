//! `unspool push` against an OTLP server that decodes the requests.

// These tests use an empty environment (in which no program starts on Windows), file modes and signals.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail a test")]

use std::{
    collections::HashMap,
    io::Read,
    process::Output,
    sync::{Arc, Mutex},
};

use assert_cmd::Command;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::post,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    common::v1::any_value::Value,
    trace::v1::Span,
};
use prost::Message;
use tokio::{net::TcpListener, runtime::Runtime};

const SPANS: &str = "tests/fixtures/sgp_thread_messages_spans.json";

/// The server's responses and the received requests.
#[derive(Default)]
struct ServerState {
    /// The error responses to the first requests; later requests are accepted.
    errors: Vec<(u16, &'static [(&'static str, &'static str)])>,
    partial_success: Option<ExportTracePartialSuccess>,
    requests: Vec<ExportTraceServiceRequest>,
    sizes: Vec<usize>,
    headers: Vec<HeaderMap>,
    annotations: Vec<serde_json::Value>,
}

type SharedState = Arc<Mutex<ServerState>>;

async fn receive_traces(State(state): State<SharedState>, headers: HeaderMap, body: Bytes) -> Response {
    let mut state = state.lock().unwrap();
    state.headers.push(headers);
    if !state.errors.is_empty() {
        let (status, headers) = state.errors.remove(0);
        let mut refusal = Response::builder().status(StatusCode::from_u16(status).unwrap());
        for (name, value) in headers {
            refusal = refusal.header(*name, *value);
        }
        return refusal
            .header("location", "http://127.0.0.1:1/v1/traces")
            .body(Body::from("not \u{1b}[31mnow"))
            .unwrap();
    }
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut unpacked).unwrap();
    let body = Bytes::from(unpacked);
    state.sizes.push(body.len());
    state.requests.push(ExportTraceServiceRequest::decode(body).unwrap());
    let response = ExportTraceServiceResponse { partial_success: state.partial_success.clone() };
    Response::builder().body(Body::from(response.encode_to_vec())).unwrap()
}

async fn receive_annotations(State(state): State<SharedState>, body: Bytes) -> Response {
    state.lock().unwrap().annotations.push(serde_json::from_slice(&body).unwrap());
    Response::new(Body::from("{}"))
}

struct OtlpServer {
    state: SharedState,
    url: String,
    _runtime: Runtime,
}

impl OtlpServer {
    fn start(state: ServerState) -> Self {
        let runtime = Runtime::new().unwrap();
        let state = Arc::new(Mutex::new(state));
        let app = Router::new()
            .route("/v1/traces", post(receive_traces))
            .route("/v1/span_annotations", post(receive_annotations))
            .layer(axum::extract::DefaultBodyLimit::max(4_000_000))
            .with_state(Arc::clone(&state));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { state, url, _runtime: runtime }
    }

    fn push(&self, thread: &str, args: &[&str]) -> Output {
        let mut command = Command::cargo_bin("unspool").unwrap();
        command.env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR")).env("RECEIVER_KEY", "canary-91");
        command.args(["push", thread, "--otlp", &self.url]).args(args);
        command.output().unwrap()
    }

    fn spans(&self) -> Vec<Span> {
        let state = self.state.lock().unwrap();
        let scopes =
            state.requests.iter().flat_map(|request| &request.resource_spans).flat_map(|r| &r.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    fn request_count(&self) -> usize {
        self.state.lock().unwrap().headers.len()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn attribute<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    span.attributes.iter().find(|one| one.key == key)?.value.as_ref()?.value.as_ref()
}

fn string_value(text: &str) -> Option<Value> {
    Some(Value::StringValue(text.to_owned()))
}

#[test]
fn every_span_arrives_once_with_its_parent_and_times() {
    let receiver = OtlpServer::start(ServerState::default());
    let ended = receiver.push(SPANS, &[]);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let spans = receiver.spans();
    let body: serde_json::Value = serde_json::from_slice(&std::fs::read(SPANS).unwrap()).unwrap();
    let messages = body["messages"].as_array().unwrap();
    let expected: usize = messages.iter().map(|m| 1 + m["spans"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(spans.len(), expected);
    assert!(text(&ended.stdout).starts_with(&format!("sent {expected} spans of 7 messages in 1 batch")));
    let by_id: HashMap<&[u8], &Span> = spans.iter().map(|span| (&span.span_id[..], span)).collect();
    assert_eq!(by_id.len(), spans.len());

    let first = &messages[0];
    for raw in first["spans"].as_array().unwrap() {
        let span = spans.iter().find(|span| {
            attribute(span, "unspool.span.id") == string_value(raw["id"].as_str().unwrap()).as_ref()
        });
        let span = span.unwrap();
        let time = |name: &str| {
            raw[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_nanosecond() as u64
        };
        assert_eq!(
            (span.start_time_unix_nano, span.end_time_unix_nano),
            (time("start_timestamp"), time("end_timestamp"))
        );
        let parent = by_id[&span.parent_span_id[..]];
        assert_eq!(parent.trace_id, span.trace_id);
        match raw["parent_id"].as_str() {
            Some(id) => assert_eq!(attribute(parent, "unspool.span.id"), string_value(id).as_ref()),
            None => assert!(parent.parent_span_id.is_empty()),
        }
        assert_eq!(
            attribute(span, "unspool.operation"),
            string_value(raw["operation_type"].as_str().unwrap()).as_ref()
        );
    }
    let root = spans.iter().find(|span| span.parent_span_id.is_empty()).unwrap();
    assert_eq!(attribute(root, "session.id"), string_value("8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a").as_ref());
    assert_eq!(
        attribute(root, "input.value"),
        string_value("Can I get a refund on an annual plan after 20 days?").as_ref()
    );
    assert_eq!(root.events[0].name, "gen_ai.evaluation.result");
}

#[test]
fn pushing_again_sends_the_same_ids() {
    let receiver = OtlpServer::start(ServerState::default());
    receiver.push(SPANS, &[]);
    let first = receiver.spans();
    receiver.push(SPANS, &[]);
    let both = receiver.spans();
    assert_eq!(both.split_at(first.len()).1, first);
}

#[test]
fn large_threads_are_sent_in_bounded_batches() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("push-large.json");
    let payload = "p".repeat(300_000);
    let span = |id: usize| {
        let big = if id.is_multiple_of(10) { payload.as_str() } else { "" };
        format!(
            r#"{{"id":"s{id}","node_id":"n","operation_type":"COMPLETION","operation_input":{{"x":"{big}"}}}}"#
        )
    };
    let turn = |at: usize| {
        let spans: Vec<String> = (0..150).map(span).collect();
        format!(r#"{{"entry":{{"id":"{at}","input":{{}},"output":{{}}}},"spans":[{}]}}"#, spans.join(","))
    };
    let turns: Vec<String> = (0..8).map(turn).collect();
    std::fs::write(&path, format!(r#"{{"thread":{{"id":"t"}},"messages":[{}]}}"#, turns.join(","))).unwrap();
    let receiver = OtlpServer::start(ServerState::default());
    let ended = receiver.push(path.to_str().unwrap(), &[]);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert_eq!(receiver.spans().len(), 8 * 151);
    let state = receiver.state.lock().unwrap();
    assert!(state.sizes.len() > 8 && state.sizes.iter().all(|size| *size <= 4_000_000), "{:?}", state.sizes);
    for request in &state.requests {
        assert!(request.resource_spans[0].scope_spans[0].spans.len() <= 512);
    }
}

#[test]
fn dry_run_sends_nothing_and_reports_what_it_would_send() {
    let receiver = OtlpServer::start(ServerState::default());
    let ended = receiver.push(SPANS, &["--dry-run"]);
    assert_eq!((ended.status.code(), receiver.request_count()), (Some(0), 0));
    assert!(text(&ended.stdout).starts_with("would send "), "{}", text(&ended.stdout));
}

#[test]
fn busy_statuses_are_retried_and_other_errors_are_final() {
    let busy = OtlpServer::start(ServerState {
        errors: vec![(429, &[("retry-after-ms", "5")]), (503, &[("retry-after", "0.01")])],
        ..ServerState::default()
    });
    assert_eq!(busy.push(SPANS, &[]).status.code(), Some(0));
    assert_eq!((busy.request_count(), busy.state.lock().unwrap().requests.len()), (3, 1));
    for (status, code) in [(401, 4), (404, 5), (400, 1), (302, 1), (500, 1)] {
        let strict = OtlpServer::start(ServerState { errors: vec![(status, &[])], ..ServerState::default() });
        let ended = strict.push(SPANS, &[]);
        assert_eq!((ended.status.code(), strict.request_count()), (Some(code), 1), "{status}");
        assert!(text(&ended.stderr).contains(&status.to_string()));
        assert!(!text(&ended.stderr).contains('\u{1b}'));
    }
}

#[test]
fn retry_after_dates_and_x_should_retry_are_honoured() {
    // The retry date is relative to the response's own date: one second, regardless of the local clock.
    let dated: &[(&str, &str)] =
        &[("date", "Fri, 02 Jan 2026 00:00:08 GMT"), ("retry-after", "Fri, 02 Jan 2026 00:00:09 GMT")];
    let receiver = OtlpServer::start(ServerState { errors: vec![(503, dated)], ..ServerState::default() });
    assert_eq!(receiver.push(SPANS, &[]).status.code(), Some(0));
    assert_eq!((receiver.request_count(), receiver.state.lock().unwrap().requests.len()), (2, 1));
    let done = OtlpServer::start(ServerState {
        errors: vec![(503, &[("x-should-retry", "false")])],
        ..ServerState::default()
    });
    assert_eq!((done.push(SPANS, &[]).status.code(), done.request_count()), (Some(6), 1));
}

#[test]
fn unusable_certificates_are_reported_before_anything_is_sent() {
    let mut command = Command::cargo_bin("unspool").unwrap();
    command.env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR")).env("SSL_CERT_FILE", "/nowhere/roots.pem");
    let ended = command.args(["push", SPANS, "--otlp", "https://127.0.0.1:1"]).output().unwrap();
    let stderr = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(6), "{stderr}");
    assert!(stderr.contains("SSL_CERT_FILE is set to") && stderr.contains("Unset SSL_CERT_FILE"), "{stderr}");
}

#[test]
fn rejected_spans_are_reported() {
    let partial =
        ExportTracePartialSuccess { rejected_spans: 3, error_message: "too \u{1b}[31mold".to_owned() };
    let receiver =
        OtlpServer::start(ServerState { partial_success: Some(partial), ..ServerState::default() });
    let ended = receiver.push(SPANS, &[]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stderr).contains("rejected 3 spans") && !text(&ended.stderr).contains('\u{1b}'));
}

#[test]
fn headers_come_from_the_environment_and_secrets_are_redacted_on_request() {
    let receiver = OtlpServer::start(ServerState::default());
    let ended =
        receiver.push(SPANS, &["--header", "x-key=RECEIVER_KEY", "--redact-pattern", "plan=annual plan"]);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert_eq!(receiver.state.lock().unwrap().headers[0]["x-key"], "canary-91");
    assert_eq!(receiver.state.lock().unwrap().headers[0]["content-type"], "application/x-protobuf");
    assert!(!format!("{:?}", receiver.spans()).contains("annual plan"));
    assert_eq!(receiver.push(SPANS, &["--header", "x-key=NOT_SET"]).status.code(), Some(2));
}

#[test]
fn the_environment_of_exporters_gives_endpoint_and_headers() {
    let receiver = OtlpServer::start(ServerState::default());
    let mut command = Command::cargo_bin("unspool").unwrap();
    command.env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR"));
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b");
    let ended = command.args(["push", SPANS]).output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let state = receiver.state.lock().unwrap();
    assert_eq!(state.headers[0]["x-key"], "a b");
    assert_eq!(state.headers[0]["content-encoding"], "gzip");
}

#[test]
fn many_threads_are_sent_and_a_missing_one_does_not_affect_the_others() {
    let receiver = OtlpServer::start(ServerState::default());
    let list = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("push-list.txt");
    std::fs::write(&list, "# threads\nassets/demo/camelai-margin.json\n./missing.json\n").unwrap();
    let ended = receiver.push(SPANS, &["--from", list.to_str().unwrap()]);
    assert_ne!(ended.status.code(), Some(0));
    assert!(text(&ended.stderr).contains("missing.json"), "{}", text(&ended.stderr));
    let names: Vec<String> = receiver.spans().into_iter().map(|span| span.name).collect();
    assert!(names.iter().any(|name| name.starts_with("execute_tool ")), "{names:?}");
    assert!(names.iter().any(|name| name == "knowledge_base_node"));
}

#[test]
fn the_end_names_the_range_of_times_and_the_effect_of_a_second_push() {
    let receiver = OtlpServer::start(ServerState::default());
    let out = receiver.push(SPANS, &[]).stdout;
    assert!(
        text(&out).contains("from 2026-09-01 09:00:01") && text(&out).contains("--as-new"),
        "{}",
        text(&out)
    );
    let first = receiver.spans();
    assert!(text(&receiver.push(SPANS, &["--as-new"]).stdout).contains("store these threads again"));
    let both = receiver.spans();
    let (before, after) = both.split_at(first.len());
    assert!(before.iter().zip(after).all(|(old, new)| old.trace_id != new.trace_id && old.name == new.name));
}

#[test]
fn feedback_is_sent_as_annotations_of_the_roots_on_request() {
    let receiver = OtlpServer::start(ServerState::default());
    let ended = receiver.push(SPANS, &["--phoenix-feedback"]);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let state = receiver.state.lock().unwrap();
    let annotations = state.annotations[0]["data"].as_array().unwrap().clone();
    drop(state);
    let roots: Vec<String> = receiver
        .spans()
        .iter()
        .filter(|span| span.parent_span_id.is_empty())
        .map(|span| span.span_id.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    assert!(annotations.iter().all(|one| roots.iter().any(|root| one["span_id"] == root.as_str())));
    let negative = annotations.iter().find(|one| one["result"]["label"] == "negative").unwrap();
    assert_eq!(negative["result"]["score"], 0.0);
    assert_eq!(negative["annotator_kind"], "HUMAN");
}

#[test]
fn a_secret_after_an_unquoted_header_is_not_reported_as_a_missing_thread() {
    let receiver = OtlpServer::start(ServerState::default());
    let ended = receiver.push(SPANS, &["--header", "authorization=Bearer", "S3CRET"]);
    assert_eq!((ended.status.code(), receiver.request_count()), (Some(2), 0));
    assert!(text(&ended.stderr).contains("NAME=VARIABLE") && !text(&ended.stderr).contains("S3CRET"));
}

#[test]
fn http_to_another_machine_needs_a_flag_that_warns() {
    let push = |args: &[&str]| {
        let mut command = Command::cargo_bin("unspool").unwrap();
        command.env_clear().env("HOME", env!("CARGO_TARGET_TMPDIR"));
        command
            .args(["push", SPANS, "--otlp", "http://collector.example:4318", "--dry-run"])
            .args(args)
            .output()
            .unwrap()
    };
    let refused = push(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--insecure"));
    let allowed = push(&["--insecure"]);
    assert_eq!(allowed.status.code(), Some(0), "{}", text(&allowed.stderr));
    assert!(text(&allowed.stderr).contains("unencrypted"));
}

#[test]
fn a_library_is_pushed_once_and_an_interrupted_push_continues() {
    let receiver = OtlpServer::start(ServerState::default());
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::cargo_bin("unspool").unwrap();
        command.env_clear().env("UNSPOOL_HOME", home.path()).args(args);
        command.output().unwrap()
    };
    let threads = ["sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "camelai:1001"];
    let archived = run(&["archive", "--demo", "--quiet", threads[0], threads[1]]);
    assert_eq!(archived.status.code(), Some(0), "{}", text(&archived.stderr));
    let push = |more: &[&str]| run(&[&["library", "push", "--demo", "--otlp", &receiver.url], more].concat());
    let dry = push(&["--dry-run"]);
    assert!(text(&dry.stdout).starts_with("would send "), "{}", text(&dry.stderr));
    let filtered = push(&["--filter", "id:1001"]);
    assert_eq!(filtered.status.code(), Some(0), "{}", text(&filtered.stderr));
    let first = receiver.request_count();
    assert!(first > 0);
    let rest = push(&[]);
    assert_eq!(rest.status.code(), Some(0), "{}", text(&rest.stderr));
    let services: Vec<_> = receiver
        .state
        .lock()
        .unwrap()
        .requests
        .iter()
        .map(|request| {
            let attributes = &request.resource_spans[0].resource.as_ref().unwrap().attributes;
            attributes.iter().find(|one| one.key == "service.name").unwrap().value.clone()
        })
        .collect();
    assert!(services[..first].iter().all(|name| *name == services[0]));
    assert!(services[first..].iter().all(|name| *name != services[0]) && services.len() > first);
    let again = push(&[]);
    assert!(text(&again.stdout).contains("already has 2 threads"), "{}", text(&again.stdout));
    assert_eq!(receiver.request_count(), services.len());
    push(&["--as-new", "--quiet"]);
    assert_eq!(receiver.request_count(), 2 * services.len());
    let wrong = run(&["library", "push", "--demo", "--to", "clickhouse://127.0.0.1:1/x", "--dry-run"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
}
