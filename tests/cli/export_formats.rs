//! Each export of demo threads and hostile threads, read by a parser of its format.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

use crate::support::{assert_harmless, bodies, run, text};

/// Returns the bodies of the fixtures and the demo, and two hostile ones.
fn all_bodies() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/nasty");
    bodies().into_iter().chain(["sgp.json", "camelai.json"].map(|name| folder.join(name))).collect()
}

/// Returns the name and the export of each body.
fn export_all(format: &str) -> Vec<(String, String)> {
    let export = |body: PathBuf| {
        let path = body.to_str().unwrap();
        let ended = run(&["export", path, "--format", format]);
        assert_eq!(ended.status.code(), Some(0), "{path} {format}: {}", text(&ended.stderr));
        let out = String::from_utf8(ended.stdout).unwrap();
        assert_harmless(&out, &format!("{path} as {format}"));
        (path.to_owned(), out)
    };
    all_bodies().into_iter().map(export).collect()
}

fn parse_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Returns the numbers of readable messages and of all messages of a body.
fn message_counts(body: &str) -> (usize, usize) {
    let thread = parse_json(text(&run(&["export", body, "--format", "json"]).stdout));
    let of = |name: &str| thread[name].as_array().map_or(0, Vec::len);
    (of("messages"), of("messages") + of("unreadable"))
}

#[test]
fn markdown_parses_to_a_heading_per_message_without_html_or_images() {
    for (body, page) in export_all("markdown") {
        let mut headings = Vec::new();
        let mut inside = false;
        let mut quotes = 0_u32;
        for event in Parser::new_ext(&page, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Heading { level, .. }) if quotes == 0 && level as usize == 2 => {
                    inside = true;
                    headings.push(String::new());
                }
                Event::End(TagEnd::Heading(_)) => inside = false,
                Event::Text(text) if inside => headings.last_mut().unwrap().push_str(&text),
                Event::Start(Tag::BlockQuote(_)) => quotes += 1,
                Event::End(TagEnd::BlockQuote(_)) => quotes -= 1,
                Event::Html(text) | Event::InlineHtml(text) => panic!("{body}: {text}"),
                Event::Start(Tag::Image { dest_url, .. }) => panic!("{body}: {dest_url}"),
                _ => {}
            }
        }
        let numbered = headings.iter().filter(|heading| heading.starts_with(|c: char| c.is_ascii_digit()));
        assert_eq!(numbered.count(), message_counts(&body).1, "{body}: {headings:?}");
    }
}

/// Returns the tags of a page: the name, and the attributes with their values.
fn parse_tags(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let tag = regex::Regex::new(r#"<(/?[a-zA-Z0-9!]+)((?: [a-zA-Z-]+(?:="[^"]*")?)*)/?>"#).unwrap();
    let attribute = regex::Regex::new(r#" ([a-zA-Z-]+)(?:="([^"]*)")?"#).unwrap();
    let all: Vec<_> = tag.captures_iter(page).collect();
    assert_eq!(all.len(), page.matches('<').count(), "something is not a tag of ours");
    let read = |attributes: &str| {
        let one = |captures: regex::Captures<'_>| {
            (captures[1].to_owned(), captures.get(2).map_or("", |value| value.as_str()).to_owned())
        };
        attribute.captures_iter(attributes).map(one).collect()
    };
    all.iter().map(|captures| (captures[1].to_owned(), read(&captures[2]))).collect()
}

#[test]
fn html_loads_nothing_and_runs_nothing() {
    let places = [
        "id",
        "href",
        "class",
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "open",
        "value",
        "data-number",
        "tabindex",
        "scope",
        "aria-label",
    ];
    let known = HashSet::from(places);
    let number = regex::Regex::new(r"^[0-9]{1,9}[.)]$").unwrap();
    for (body, page) in export_all("html") {
        let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(!style.contains("url(") && !style.contains("@import"), "{body}");
        let mut open: Vec<&str> = Vec::new();
        let tags = parse_tags(&page);
        for (name, attributes) in &tags {
            assert!(!["script", "link", "img", "iframe", "object", "base", "form"].contains(&name.as_str()));
            for (attribute, value) in attributes {
                assert!(
                    known.contains(attribute.as_str()) || name == "!DOCTYPE",
                    "{body}: {name} {attribute}"
                );
                assert!(attribute != "href" || value.starts_with("#m"), "{body}: {value}");
                assert!(attribute != "data-number" || number.is_match(value), "{body}: {value}");
                let refreshes = attribute == "http-equiv" && value != "Content-Security-Policy";
                assert!(!refreshes, "{body}: {value}");
            }
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{body}"),
                None if ["!DOCTYPE", "meta", "br", "hr"].contains(&name.as_str()) => {}
                None => open.push(name),
            }
        }
        assert!(open.is_empty(), "{body}: {open:?}");
        let ids: Vec<_> = tags.iter().flat_map(|(_, all)| all).filter(|(name, _)| name == "id").collect();
        let known_ids: HashSet<_> = ids.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(known_ids.len(), ids.len(), "{body}: an id is there twice");
        for (_, target) in tags.iter().flat_map(|(_, all)| all).filter(|(name, _)| name == "href") {
            assert!(known_ids.contains(target.trim_start_matches('#')), "{body}: {target}");
        }
        assert_eq!(page.matches("<article ").count(), message_counts(&body).1, "{body}");
    }
}

#[test]
fn markdown_of_messages_is_rendered_as_html() {
    let (_, page) =
        export_all("html").into_iter().find(|(body, _)| body.ends_with("sgp-lamp-order.json")).unwrap();
    for expected in ["<strong>", "<ul>", "<summary class=\"span d1 x", "prefers-color-scheme: dark"] {
        assert!(page.contains(expected), "{expected}");
    }
}

#[test]
fn csv_parses_to_rows_of_equal_length_without_formulas() {
    for (body, table) in export_all("csv") {
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        assert_eq!(reader.headers().unwrap().get(0), Some("service"));
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), message_counts(&body).0, "{body}");
        for cell in rows.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '@', '\t', '\r']), "{body}: {cell}");
            assert!(!cell.starts_with('-') || cell.parse::<f64>().is_ok(), "{body}: {cell}");
        }
    }
}

#[test]
fn every_ndjson_line_is_an_object_of_scalars() {
    for (body, lines) in export_all("ndjson") {
        let rows: Vec<Value> = lines.lines().map(parse_json).collect();
        let messages = rows.iter().filter(|row| row["type"] == "message").count();
        assert_eq!(messages, message_counts(&body).0, "{body}");
        for row in &rows {
            let plain = |value: &Value| !value.is_object() && !value.is_array();
            assert!(row.as_object().unwrap().values().all(plain), "{body}: {row}");
        }
    }
}

#[test]
fn otlp_decodes_with_complete_span_trees() {
    for (body, text) in export_all("otlp") {
        let request: ExportTraceServiceRequest = serde_json::from_str(&text).unwrap();
        let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        let spans: Vec<_> = scopes.flat_map(|scope| &scope.spans).collect();
        let ids: HashSet<(&[u8], &[u8])> =
            spans.iter().map(|span| (&span.trace_id[..], &span.span_id[..])).collect();
        assert_eq!(ids.len(), spans.len(), "{body}");
        let roots = spans.iter().filter(|span| span.parent_span_id.is_empty());
        assert!(roots.count() <= message_counts(&body).0, "{body}");
        for span in &spans {
            assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8), "{body}");
            assert!(span.start_time_unix_nano <= span.end_time_unix_nano, "{body}");
            let parent = (&span.trace_id[..], &span.parent_span_id[..]);
            assert!(span.parent_span_id.is_empty() || ids.contains(&parent), "{body}");
        }
    }
}

#[test]
fn chrome_trace_has_only_well_formed_events() {
    for (body, text) in export_all("chrome") {
        let trace = parse_json(&text);
        for event in trace["traceEvents"].as_array().unwrap() {
            assert!(event["name"].is_string() && event["pid"].is_i64() && event["tid"].is_i64(), "{body}");
            match event["ph"].as_str().unwrap() {
                "X" => {
                    assert!(event["ts"].is_i64() && event["dur"].as_i64().unwrap() >= 0, "{body}: {event}")
                }
                "M" => {
                    assert!(event["args"]["name"].is_string() || event["args"].is_object(), "{body}: {event}")
                }
                "i" => assert!(event["ts"].is_i64() && event["s"].is_string(), "{body}: {event}"),
                other => panic!("{body}: {other}"),
            }
        }
    }
}
