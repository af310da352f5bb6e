//! Formatted views of whole payloads, in the shapes that services send and in broken ones.

use proptest::prelude::*;

use super::*;
use crate::domain::Raw;
use crate::provider;

/// Returns a turn with one span; `span` is the JSON of its members.
fn turn_with_span(span: &str) -> (Message, Raw) {
    let body = format!(
        r#"{{"entry":{{"id":"m","input":{{"query":"q"}},"output":{{"response":"Returns are free within sixty days of delivery, said the lamp shop."}},"operation_status":"SUCCESS"}},
        "spans":[{{"id":"s","node_id":"n","start_timestamp":"2026-01-01T00:00:00Z",{span}}}]}}"#
    );
    let raw = Raw::owned(body.into_bytes());
    let message = provider::by_id("sgp").unwrap().read_message(raw.bytes());
    assert_eq!(message.spans.len(), 1, "{:?}", message.read_errors);
    (message, raw)
}

fn render_with_previous_call(span: &str, part: SpanPart, previous: Option<&str>) -> Option<Vec<String>> {
    let (message, raw) = turn_with_span(span);
    let previous_call = previous.map(|input| PreviousCall { name: "plan", input: input.as_bytes() });
    let context = PayloadContext {
        message: &message,
        raw: raw.bytes(),
        span: &message.spans[0],
        part,
        width: 60,
        previous_call,
    };
    let document = document(&context)?;
    Some(document.window(0..document.len()).iter().map(|row| row.line.plain_text()).collect())
}

fn render(span: &str, part: SpanPart) -> Option<Vec<String>> {
    render_with_previous_call(span, part, None)
}

#[test]
fn output_of_models_is_rendered_and_other_output_is_verbatim() {
    let span = |operation: &str| {
        format!(
            r#""operation_type":"{operation}","operation_output":{{"text":"3. __init__ *a*\n\n    b &copy; **c**"}}"#
        )
    };
    let verbatim = render(&span("TOOL_EXECUTION"), SpanPart::Output).unwrap().join("\n");
    assert!(verbatim.contains("3. __init__ *a*\n") && verbatim.contains("    b &copy; **c**"), "{verbatim}");
    let rendered = render(&span("COMPLETION"), SpanPart::Output).unwrap().join("\n");
    assert!(!rendered.contains("**c**"), "{rendered}");
}

#[test]
fn shows_ranked_chunks_then_other_fields() {
    let span = r#""operation_type":"KB_RETRIEVAL","operation_output":{"chunks":[
        {"chunk_id":"a","text":"Free within sixty days of delivery.","score":0.8,"title":"Policy","metadata":{"page":4},"embedding":[0.1,0.2]},
        {"text":"Bulbs.","score":0.4}],"returned":2}"#;
    assert_eq!(
        render(span, SpanPart::Output).unwrap(),
        [
            "chunks  2 chunks",
            "  1 ████████░░ 0.800  100 % quoted in the answer  Policy  p. 4",
            "    Free within sixty days of delivery.",
            "    Embedding: 9 B, not shown",
            "  2 ████░░░░░░ 0.400  chunk",
            "    Bulbs.",
            "",
            "returned  2",
        ]
    );
}

#[test]
fn shows_rank_changes_for_a_reranker() {
    let span = r#""operation_type":"RERANKING",
        "operation_input":{"prompt":"p","context":[{"text":"a"},{"text":"b"},{"text":"c"}]},
        "operation_output":{"context":[{"text":"c"},{"text":"b"},{"text":"x"}]}"#;
    let rows = render(span, SpanPart::Output).unwrap();
    let headings: Vec<&str> = rows.iter().map(String::as_str).filter(|row| row.contains("  chunk")).collect();
    assert_eq!(rows[1..4], ["  1 ▲ was 3  chunk", "    c", "  2 =        chunk"], "{headings:?}");
    assert_eq!(rows[5], "  3 new      chunk");
}

#[test]
fn folds_messages_of_the_previous_call() {
    let span = r#""operation_type":"COMPLETION","operation_input":{"messages":[
        {"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},
        {"role":"assistant","content":[{"type":"text","text":"Hello."}],"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"a\":1}"}}]},
        {"role":"user","content":"And now?"}],"temperature":0.2}"#;
    let previous = r#"{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}"#;
    let rows = render_with_previous_call(span, SpanPart::Input, Some(previous)).unwrap();
    assert_eq!(rows[0], "messages  4 messages  2 new since plan");
    assert_eq!(rows[1], "2 earlier messages");
    assert_eq!(rows[2..5], ["● assistant", "Hello.", "⚙ f"]);
    assert_eq!(rows[rows.len() - 2..], ["", "temperature  0.2"]);
    assert!(rows.contains(&"And now?".to_owned()));
    let alone = render(span, SpanPart::Input).unwrap();
    assert_eq!(alone[0..3], ["messages  4 messages", "§ system", "Be brief."]);
}

#[test]
fn folds_the_prompt_prefix_shared_with_the_previous_call() {
    let span = r#""operation_type":"COMPLETION","operation_input":{"prompt":"a\nb\nc\nd"}"#;
    let rows = render_with_previous_call(span, SpanPart::Input, Some(r#"{"prompt":"a\nb\nc\nx"}"#)).unwrap();
    assert_eq!(rows, ["prompt", "3 lines  same as in plan", "d"]);
    assert_eq!(render(span, SpanPart::Input).unwrap(), ["prompt", "a", "b", "c", "d"]);
}

#[test]
fn compares_expected_with_output_by_member() {
    let span = r#""operation_type":"EVALUATION","operation_expected":{"label":"friendly","score":0.8,"why":"x"},
        "operation_output":{"score":0.80,"label":"neutral","extra":1}"#;
    assert_eq!(
        render(span, SpanPart::Expected).unwrap(),
        [
            "Expected vs. output",
            "",
            "≠ label",
            "friendlyneutral",
            "",
            "✓ score",
            "0.80",
            "",
            "− why  missing from the output",
            "x",
            "",
            "Only in the output: extra",
        ]
    );
    let alone =
        render(r#""operation_type":"E","operation_expected":{"answer":"x"}"#, SpanPart::Expected).unwrap();
    assert_eq!(alone, ["No output to compare with.", "", "answer", "x"]);
}

#[test]
fn shows_the_full_error_above_a_one_line_usage() {
    let span = r#""operation_type":"COMPLETION","operation_metadata":{"error":true,"error_type":"Timeout",
        "error_message":"line one\n  line two","error_category":"platform","model":"m-1","finish_reason":"length",
        "usage":{"prompt_tokens":1893,"completion_tokens":64,"cached_tokens":512},"region":"eu"}"#;
    assert_eq!(
        render(span, SpanPart::Metadata).unwrap(),
        [
            "✗ Timeout  platform",
            "line one",
            "  line two",
            "",
            "m-1  ·  1,893 in (512 cached)  ·  64 out  ·  1,957 tokens",
            "stopped: length",
            "",
            "region  eu",
        ]
    );
    assert_eq!(render(span, SpanPart::Output).unwrap().last().map(String::as_str), Some("No output."));
    assert_eq!(render(span, SpanPart::Input), None);
}

#[test]
fn formats_code_output_tables_scores_and_embedded_json() {
    let input = r#""operation_type":"CODE_EXECUTION","operation_input":{"code":"SELECT a FROM t","args":"{\"a\": [1]}"},"#;
    let output = r#""operation_output":{"stdout":"\u001b[31mred\u001b[0m\n","passed":false,"score":0.5,
        "items":[{"a":1,"b":"x"},{"b":"y","c":null}]}"#;
    let span = format!("{input}{output}");
    let rows = render(&span, SpanPart::Input).unwrap();
    assert_eq!(rows[0..2], ["code  SQL", "SELECT a FROM t"]);
    assert_eq!(rows[3], "args  embedded JSON, 10 B");
    let rows = render(&span, SpanPart::Output).unwrap();
    assert!(rows[1].contains("red") && !rows[1].contains('\u{1b}'), "{rows:?}");
    assert_eq!(rows[3], "✗ not passed");
    assert_eq!(rows[5], "score  █████░░░░░ 0.500");
    assert_eq!(rows[7], "items  2 rows");
    assert_eq!(rows[9], "│ a │ b │ c │");
    let lists =
        r#""operation_type":"C","operation_output":{"columns":["sku",{"name":"n"}],"rows":[["L",6]],"ms":4}"#;
    let rows = render(lists, SpanPart::Output).unwrap();
    assert_eq!((rows[2].as_str(), rows.last().unwrap().as_str()), ("│ sku │ n │", "ms  4"));
}

#[test]
fn shows_only_the_size_of_embeddings_and_binary_data() {
    let numbers = vec!["0.5"; 1024].join(",");
    let bytes = "iVBORw0KGgo".repeat(200);
    let span = format!(
        r#""operation_type":"C","operation_output":{{"embedding":[{numbers}],"image":"data:image/png;base64,{bytes}","raw":"{bytes}"}}"#
    );
    let rows = render(&span, SpanPart::Output).unwrap();
    assert_eq!(
        rows,
        [
            "embedding  1,024 numbers, 4.1 kB",
            "",
            "image  image/png, base64, 2.2 kB",
            "",
            "raw  binary, base64, 2.2 kB",
        ]
    );
}

#[test]
fn keeps_raw_json_when_there_is_nothing_to_format() {
    for output in [r#"{"status":201}"#, r#"{"found":1,"body":{"a":{"b":1}}}"#, "[1,2]", "7", "{}", "[]"] {
        let span = format!(r#""operation_type":"C","operation_output":{output}"#);
        assert_eq!(render(&span, SpanPart::Output), None, "{output}");
    }
    assert_eq!(render(r#""operation_type":"C""#, SpanPart::Output), None);
}

#[test]
fn truncates_large_texts_and_lists_with_a_note() {
    let text = "word ".repeat(100_000);
    let span =
        format!(r#""operation_type":"C","operation_output":{{"completion":"{text}","next":"{text}"}}"#);
    let rows = render(&span, SpanPart::Output).unwrap();
    assert!(rows.len() < 20, "long sections begin folded: {}", rows.len());
    let message = r#"{"role":"user","content":"x"},"#.repeat(5000);
    let span =
        format!(r#""operation_type":"C","operation_input":[{message}{{"role":"user","content":"{text}"}}]"#);
    let rows = render(&span, SpanPart::Input).unwrap();
    assert_eq!(rows.last().map(String::as_str), Some("… 4,701 more messages"));
    let huge = "x".repeat(MAX_PAYLOAD_BYTES);
    assert_eq!(
        render(
            &format!(r#""operation_type":"C","operation_output":{{"completion":"{huge}"}}"#),
            SpanPart::Output
        ),
        None
    );
}

proptest! {
    #[test]
    fn any_payload_gives_a_limited_number_of_lines(
        output in "(\\{|\\}|\\[|\\]|:|,|\"chunks\"|\"messages\"|\"rows\"|\"text\"|\"role\"|\"content\"|\"code\"|\"score\"|\"\\{\\\\\"a\\\\\":1\\}\"|1|null|true){0,24}",
        width in 1usize..40,
    ) {
        // The payload is the whole message, so it cannot break anything around it.
        let raw = output.into_bytes();
        let range = ByteRange { start: 0, len: raw.len() as u32 };
        let (mut message, _) = turn_with_span(r#""operation_type":"EVALUATION""#);
        for span in &mut message.spans {
            (span.input, span.output, span.expected, span.metadata) = (range, range, range, range);
        }
        for part in SpanPart::ALL {
            let previous_call = Some(PreviousCall { name: "e", input: &raw });
            let context = PayloadContext { message: &message, raw: &raw, span: &message.spans[0], part, width, previous_call };
            if let Some(document) = document(&context) {
                prop_assert!(document.len() < 2000);
            }
        }
    }
}

#[test]
fn locates_hits_that_span_wrapped_lines() {
    let span = r#""operation_type":"KB_RETRIEVAL","operation_output":{"chunks":[
        {"text":"Lamps can be sent back within sixty (60) days of delivery, for any reason at all."},
        {"text":"sixty (60) days again"}]}"#;
    let (message, raw) = turn_with_span(span);
    let context = PayloadContext {
        message: &message,
        raw: raw.bytes(),
        span: &message.spans[0],
        part: SpanPart::Output,
        width: 44,
        previous_call: None,
    };
    let document = document(&context).unwrap();
    let finder = crate::search::Finder::new(&crate::search::Query::new("sixty (60) days")).unwrap();
    let line_of_hit = |index| {
        let (section, line) = crate::view::flowed_text::hit_line(&document, &finder, index).unwrap();
        document.window(document.section_start(section) + line..usize::MAX)[0].line.plain_text()
    };
    assert_eq!(line_of_hit(0), "    Lamps can be sent back within sixty (60)");
    assert_eq!(line_of_hit(1), "    sixty (60) days again");
    assert_eq!(
        crate::view::flowed_text::hit_line(&document, &finder, 9),
        None,
        "more hits than the document has"
    );
    let nowhere = crate::search::Finder::new(&crate::search::Query::new("nowhere")).unwrap();
    assert_eq!(crate::view::flowed_text::hit_line(&document, &nowhere, 0), None);
}
