//! The output of `export`.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::support::{assert_harmless, bodies, read_csv, run, temp_folder, text, unspool_command};

const SPANS: &str = "tests/fixtures/sgp_thread_messages_spans.json";

fn export(body: &str, format: &str, args: &[&str]) -> String {
    let ended = run(&[&["export", body, "--format", format], args].concat());
    assert_eq!(ended.status.code(), Some(0), "{body} {format}: {}", text(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

fn parse_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_format_of_every_body_is_harmless_and_well_formed() {
    for body in bodies() {
        let path = body.to_str().unwrap();
        for format in ["markdown", "html", "json", "ndjson", "csv", "otlp", "chrome"] {
            let out = export(path, format, &[]);
            assert_harmless(&out, &format!("{path} as {format}"));
            match format {
                "json" | "otlp" | "chrome" => drop(parse_json(&out)),
                "ndjson" => out.lines().for_each(|line| drop(parse_json(line))),
                "html" => assert!(!out.contains("<script") && out.ends_with("</html>\n"), "{path}"),
                _ => {}
            }
        }
    }
}

#[test]
fn csv_has_a_row_per_message_and_no_formulas() {
    let table = export("assets/demo/sgp-hostile.json", "csv", &[]);
    assert!(
        table.starts_with("service,thread_id,message_id,number,body_index,role,created_at,status,"),
        "{table}"
    );
    let (_, rows) = read_csv(&table);
    assert_eq!(rows.len(), 10);
    for row in &rows {
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '@'])), "{row:?}");
    }
}

#[test]
fn ndjson_rows_are_flat_and_join_by_id() {
    let out = export(SPANS, "ndjson", &[]);
    let rows: Vec<Value> = out.lines().map(parse_json).collect();
    let of = |kind: &str| rows.iter().filter(|row| row["type"] == kind).collect::<Vec<_>>();
    let messages: HashSet<&str> =
        of("message").iter().map(|row| row["message_id"].as_str().unwrap()).collect();
    assert_eq!((messages.len(), of("feedback").len()), (7, 3));
    assert!(of("span").len() > 15);
    assert_eq!((of("thread").len(), rows[0]["schema_version"].as_i64()), (1, Some(1)));
    for row in &rows {
        assert!(row["type"] == "thread" || messages.contains(row["message_id"].as_str().unwrap()));
        assert!(row.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()));
        assert_eq!(row["thread_id"], "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a");
    }
    assert_eq!(
        parse_json(of("span")[0]["input"].as_str().unwrap_or("null")).is_object(),
        of("span")[0]["input"].is_string()
    );
}

#[test]
fn otlp_has_a_tree_per_turn_and_stable_ids() {
    let first = export(SPANS, "otlp", &[]);
    assert_eq!(first, export(SPANS, "otlp", &[]));
    let request = parse_json(&first);
    let scope = &request["resourceSpans"][0]["scopeSpans"][0];
    assert_eq!(scope["scope"]["name"], "unspool");
    let spans = scope["spans"].as_array().unwrap();
    let by_id: HashMap<&str, &Value> =
        spans.iter().map(|span| (span["spanId"].as_str().unwrap(), span)).collect();
    assert_eq!(by_id.len(), spans.len());
    let roots: Vec<&Value> = spans.iter().filter(|span| span.get("parentSpanId").is_none()).collect();
    assert_eq!(roots.len(), 7);
    for span in spans {
        assert_eq!(
            (span["traceId"].as_str().unwrap().len(), span["spanId"].as_str().unwrap().len()),
            (32, 16)
        );
        let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
        assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"));
        if let Some(parent) = span.get("parentSpanId") {
            assert_eq!(by_id[parent.as_str().unwrap()]["traceId"], span["traceId"]);
        }
        assert!(span["kind"].is_u64() && span["status"]["code"].is_u64());
    }
    let failed = spans.iter().find(|span| span["name"] == "sql_first_try").unwrap();
    assert_eq!(
        (failed["status"]["code"].as_u64(), failed["events"][0]["name"].as_str()),
        (Some(2), Some("exception"))
    );
}

#[test]
fn chrome_trace_events_nest_on_every_track() {
    for body in [SPANS, "assets/demo/sgp-stock-agent.json", "assets/demo/sgp-hostile.json"] {
        let events = parse_json(&export(body, "chrome", &[]));
        let mut tracks: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
        for event in events["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X") {
            let start = event["ts"].as_i64().unwrap();
            let end = start + event["dur"].as_i64().unwrap();
            tracks.entry(event["tid"].as_i64().unwrap()).or_default().push((start, end));
        }
        for (track, stretches) in tracks {
            for (at, one) in stretches.iter().enumerate() {
                for other in &stretches[at + 1..] {
                    let apart = one.1 <= other.0 || other.1 <= one.0;
                    let inside =
                        (one.0 <= other.0 && other.1 <= one.1) || (other.0 <= one.0 && one.1 <= other.1);
                    assert!(apart || inside, "{body}, track {track}: {one:?} {other:?}");
                }
            }
        }
    }
}

#[test]
fn messages_are_selected_by_id_and_by_filter() {
    let id = "e0000000-0000-4000-8000-000000000002";
    let one = parse_json(&export(SPANS, "json", &["--message", id]));
    assert_eq!((one["messages"].as_array().unwrap().len(), one["messages"][0]["id"].as_str()), (1, Some(id)));
    let missing = run(&["export", SPANS, "--format", "json", "--message", "nobody"]);
    assert_eq!((missing.status.code(), missing.stdout.len()), (Some(5), 0));
    let failed = parse_json(&export(SPANS, "json", &["--filter", "status:error"]));
    assert_eq!(failed["messages"].as_array().unwrap().len(), 2, "one failed itself, one has a failed span");
    assert_eq!(run(&["export", SPANS, "--format", "json", "--filter", "stat:error"]).status.code(), Some(2));
}

#[test]
fn export_to_a_folder_picks_a_plain_file_name_and_does_not_overwrite() {
    let folder = temp_folder("export-folder");
    let to = folder.to_str().unwrap();
    assert_eq!(export("assets/demo/sgp-hostile.json", "markdown", &["-o", to]), "");
    let names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with("hostile-text") && names[0].ends_with(".md"), "{names:?}");
    assert!(
        names[0].chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)),
        "{names:?}"
    );
    let again = run(&["export", "assets/demo/sgp-hostile.json", "--format", "markdown", "-o", to]);
    assert_eq!(again.status.code(), Some(1));
}

#[test]
fn many_threads_are_written_to_a_folder_with_distinct_names() {
    let folder = temp_folder("export-many");
    let to = folder.to_str().unwrap();
    let bodies: Vec<String> = ["1", "2", "a/b", "a:b"]
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let path = folder.join(format!("{number}.body"));
            std::fs::write(
                &path,
                format!(r#"{{"thread":{{"id":"{id}","title":"新しい会話"}},"messages":[]}}"#),
            )
            .unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let args =
        [&["export", "--format", "markdown", "--provider", "sgp", "-o", to], bodies.as_slice(), &[bodies[0]]]
            .concat();
    let ended = run(&args);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let pages = std::fs::read_dir(&folder).unwrap().filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "md")
    });
    assert_eq!(pages.count(), 5);
    let no_folder = run(&["export", "--format", "markdown", bodies[0], bodies[1]]);
    assert_eq!(no_folder.status.code(), Some(2));
    assert!(text(&no_folder.stderr).contains("-o FOLDER"), "{}", text(&no_folder.stderr));
}

#[test]
fn csv_has_the_requested_rows() {
    let calls = export("tests/fixtures/camelai_thread_messages.json", "csv", &["--rows", "tool_result"]);
    assert!(
        calls.starts_with("service,thread_id,message_id,number,created_at,call_id,name,is_error,"),
        "{calls}"
    );
    assert!(calls.contains("run_query") && calls.contains("1288"), "{calls}");
    assert_eq!(run(&["export", SPANS, "--format", "html", "--rows", "span"]).status.code(), Some(2));
}

#[test]
fn the_format_follows_from_the_file_name_or_is_required() {
    let folder = temp_folder("export-by-name");
    let to = folder.join("thread.HTML");
    let ended = run(&["export", SPANS, "-o", to.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert!(std::fs::read_to_string(&to).unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(export(SPANS, "md", &[]), export(SPANS, "markdown", &[]));
    for args in [&["export", SPANS][..], &["export", SPANS, "-o", folder.to_str().unwrap()]] {
        let ended = run(args);
        let stderr = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("--format") && stderr.contains("markdown, html, json"), "{stderr}");
    }
}

#[test]
fn secrets_are_redacted_in_every_format() {
    let body = r#"{"thread":{"id":"t","title":"Mail of ada@mail.example"},"messages":[{"entry":{"id":"a",
        "input":{"query":"Write to ada@mail.example, card 4111 1111 1111 1111"},"output":{"response":"Done, ada@mail.example"},
        "start_timestamp":"2026-09-01T09:00:00Z"},"spans":[{"id":"s","node_id":"n","operation_type":"COMPLETION",
        "operation_input":{"to":"ada\u0040mail.example","deep":"{\"key\":\"sk-abcdefghijklmnopqrstuvwx\"}"}}],
        "feedback":{"id":"f","sentiment":"negative","description":"ORD-17 is wrong"}}]}"#;
    for format in ["markdown", "html", "json", "ndjson", "csv", "otlp", "chrome"] {
        let args = ["export", "-", "--format", format, "--redact", "--redact-pattern", "order=ORD-\\d+"];
        let ended = unspool_command().args(args).write_stdin(body).output().unwrap();
        let out = text(&ended.stdout);
        assert_eq!(ended.status.code(), Some(0));
        for secret in ["ada@mail", "4111", "sk-abc", "ORD-17"] {
            assert!(!out.contains(secret), "{format}: {secret}");
        }
        let stderr = text(&ended.stderr);
        assert!(stderr.contains("1 email (4 places)") && !stderr.contains("ada"), "{stderr}");
    }
}

#[test]
fn exports_for_people_have_every_number_of_a_chart_and_the_cited_sources() {
    for format in ["markdown", "html"] {
        let chart = export("assets/demo/camelai-margin.json", format, &[]);
        let (_, chart) = chart.split_once("Bars: revenue. Line: margin as booked.").unwrap();
        for month in ["2026-01", "2026-06"] {
            assert!(chart.contains(month), "{format}: {month}");
        }
        let table = chart.split_once("412880").unwrap().1;
        assert!(table.contains("2026-06"), "{format}: the numbers stand below the drawing");
        let lamp = export("assets/demo/sgp-lamp-order.json", format, &[]);
        let source = lamp.split_once("ource [1]").or_else(|| lamp.split_once("ource \\[1\\]")).unwrap().1;
        assert!(source.contains("superseded"), "{format}");
    }
}

#[test]
fn payloads_of_spans_are_written_by_choice() {
    let body = "assets/demo/sgp-stock-agent.json";
    // In the input of the first span, in the output of a failed one, and in an error.
    let (any, failed, error) =
        ("\"query\": \"Reconcile the shelf", "\"FJELL-D-BLK\"", "period 2026-09 is locked by user k.lund");
    let unescape = |page: String| page.replace("&quot;", "\"");
    for (format, choice, expected) in [
        ("markdown", None, [false, false]),
        ("markdown", Some("failed"), [false, true]),
        ("markdown", Some("all"), [true, true]),
        ("html", None, [true, true]),
        ("html", Some("failed"), [false, true]),
        ("html", Some("none"), [false, false]),
        ("html", Some("auto"), [true, true]),
    ] {
        let args: Vec<&str> = choice.map_or(Vec::new(), |choice| vec!["--payloads", choice]);
        let page = unescape(export(body, format, &args)).replace("&#8203;", "").replace('\\', "");
        assert_eq!([any, failed].map(|text| page.contains(text)), expected, "{format} {choice:?}");
        assert!(page.contains(error), "{format} {choice:?}");
    }
    let ended = run(&["export", body, "--format", "csv", "--payloads", "all"]);
    assert_eq!(ended.status.code(), Some(2));
    assert!(text(&ended.stderr).contains("--payloads is for Markdown and HTML only"));
}

#[test]
fn payloads_are_redacted_and_the_contents_of_a_page_too() {
    let turn = serde_json::json!({
        "entry": { "id": "t", "input": { "query": "I am ann@corp.example" }, "output": { "response": "ok" } },
        "spans": [{ "id": "s", "node_id": "n", "operation_input": { "mail": "bob@corp.example" }, "operation_status": "ERROR" }],
    });
    let folder = temp_folder("redacted-payloads");
    let path = folder.join("thread.json");
    std::fs::write(&path, serde_json::json!({ "messages": [turn] }).to_string()).unwrap();
    for format in ["html", "markdown"] {
        let page = export(path.to_str().unwrap(), format, &["--payloads", "all", "--redact"]);
        assert!(page.contains("mail&quot;: ") || page.contains("\"mail\": "), "{page}");
        assert!(!page.contains("corp.example"), "{page}");
    }
}

#[test]
fn a_page_links_problems_with_each_other_and_with_failed_spans() {
    let page = export("assets/demo/sgp-stock-agent.json", "html", &[]);
    for link in [
        "<a href=\"#m1\">First problem: 1</a>",
        "<a href=\"#m1\">↑ previous problem: 1</a>",
        "<a href=\"#m5\">↓ next problem: 5</a>",
        "<a class=\"error\" href=\"#m1\">1 turn: Reconcile the shelf counts",
        "✗ tool:write_ledger</a>",
    ] {
        assert!(page.contains(link), "{link}");
    }
    let empty = export("tests/fixtures/camelai_thread_empty.json", "html", &[]);
    assert!(!empty.contains("<nav") && !empty.contains("class=\"jumps\""), "{empty}");
}

#[test]
fn the_automatic_choice_leaves_payloads_of_long_threads_out_unless_they_failed() {
    let turn = |number: usize| {
        let span = |status: &str| {
            serde_json::json!({ "id": format!("s{number}{status}"), "node_id": "n", "operation_status": status,
                "operation_input": { "padding": "x".repeat(5000), "is": status } })
        };
        serde_json::json!({
            "entry": { "id": number.to_string(), "input": { "query": "q" } }, "spans": [span("SUCCESS"), span("ERROR")],
        })
    };
    let folder = temp_folder("long-page");
    let path = folder.join("thread.json");
    for (turns, has_all) in [(10, true), (900, false)] {
        let messages: Vec<_> = (0..turns).map(turn).collect();
        std::fs::write(&path, serde_json::json!({ "messages": messages }).to_string()).unwrap();
        let page = export(path.to_str().unwrap(), "html", &[]);
        assert_eq!(page.contains("&quot;is&quot;: &quot;SUCCESS"), has_all);
        assert!(page.contains("&quot;is&quot;: &quot;ERROR"));
        assert_eq!(page.contains("--payloads all"), !has_all);
    }
}
