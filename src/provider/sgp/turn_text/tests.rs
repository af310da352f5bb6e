use super::*;
use crate::domain::ByteRange;

fn summarize_blocks(text: &str, speaker: Speaker) -> Vec<String> {
    let json = |range: &ByteRange| String::from_utf8_lossy(range.slice(text.as_bytes())).into_owned();
    let blocks = read_blocks(text.as_bytes(), Some(Value::of(text.as_bytes())), speaker);
    let short = |block: &Block| match block {
        Block::Markdown(text) => format!("text {text}"),
        Block::Chunks(chunks) => format!("chunks {}", chunks.len()),
        Block::ToolCall { name, .. } => format!("call {name}"),
        Block::Json { label, raw } => format!("json {label} {}", json(raw)),
        other => format!("{other:?}"),
    };
    blocks.iter().map(short).collect()
}

fn text_value(value: &str, speaker: Speaker) -> Option<String> {
    text_of(Value::of(value.as_bytes()), speaker).map(|text| text.text().into_owned())
}

#[test]
fn finds_the_question_in_every_kind_of_turn() {
    for (input, expected) in [
        (r#"{"query":"q","language":"en"}"#, vec!["text q", "json language \"en\""]),
        (r#"{"input_node":{"input-text":"q"}}"#, vec!["text q"]),
        (r#"{"text":"t","query":"q"}"#, vec!["text q", "json text \"t\""]),
        (r#"{"whatever":"q"}"#, vec!["text q"]),
        (r#""q""#, vec!["text q"]),
        (
            r#"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"q"}],"k":1}"#,
            vec![
                "text q",
                r#"json messages [{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"q"}]"#,
                "json k 1",
            ],
        ),
        (r#"{"messages":[{"role":"user","content":[{"type":"text","text":"q"}]}]}"#, vec!["text q"]),
        (r#"{"input":[{"role":"user","content":"q"}]}"#, vec!["text q"]),
        (r#"{"input":{"query":"q","n":1}}"#, vec!["text q", "json n 1"]),
        (r#"{"message":{"role":"user","content":"q"}}"#, vec!["text q"]),
        (r#"{"query":"","text":"q"}"#, vec!["text q"]),
        (r#"{"query":"q","context":[{"text":"c"}]}"#, vec!["text q", "chunks 1"]),
        (r#"[{"text":"a"},{"text":"b"}]"#, vec!["text a", "text b"]),
        (r#"[{"text":"c","score":1}]"#, vec!["chunks 1"]),
        (r#"{"a":1,"b":2}"#, vec![r#"json input {"a":1,"b":2}"#]),
        ("[1,2]", vec!["json input [1,2]"]),
        ("7", vec!["json input 7"]),
    ] {
        assert_eq!(summarize_blocks(input, Speaker::User), expected, "{input}");
    }
}

#[test]
fn finds_the_answer_in_every_kind_of_turn() {
    for (output, expected) in [
        (r#"{"response":"r","context":[{"text":"c","score":1}]}"#, vec!["text r", "chunks 1"]),
        (r#"{"metadata":[{"text":"c"}],"output-text":"r"}"#, vec!["text r", "chunks 1"]),
        (r#"{"completion":"r","finish_reason":"stop"}"#, vec!["text r", "json finish_reason \"stop\""]),
        (r#"{"generation_output":"r"}"#, vec!["text r"]),
        (r#"{"message":{"content":"r","role":"assistant"}}"#, vec!["text r"]),
        (
            r#"{"output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"r"}]}]}"#,
            vec!["text r"],
        ),
        (
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"r"}}]}"#,
            vec!["text r", "json index 0"],
        ),
        (
            r#"{"response":"r","tool_calls":[{"id":"1","function":{"name":"n","arguments":"{}"}}]}"#,
            vec!["text r", "call n"],
        ),
        (
            r#"{"message":{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"n"}}]},"k":1}"#,
            vec!["call n", "json k 1"],
        ),
        (r#"{"output":[{"type":"function_call","name":"n","arguments":"{}"}]}"#, vec!["call n"]),
        (r#"{"chunks":[{"text":"c"}],"n":1}"#, vec!["chunks 1", "json n 1"]),
        (r#"{"passed":true,"rows":[[1]]}"#, vec![r#"json output {"passed":true,"rows":[[1]]}"#]),
        (r#"[{"text":"c"}]"#, vec!["chunks 1"]),
        (r#"{"response":{"rows":[1]},"n":1}"#, vec![r#"json output {"response":{"rows":[1]},"n":1}"#]),
    ] {
        assert_eq!(summarize_blocks(output, Speaker::Assistant), expected, "{output}");
    }
    for nothing in ["{}", "null", "[]", "\"\"", r#"{"response":""}"#, r#"{"response":null,"context":[]}"#] {
        assert!(summarize_blocks(nothing, Speaker::Assistant).is_empty(), "{nothing}");
    }
}

#[test]
fn output_is_empty_only_without_content() {
    let empty = |text: &str| is_empty_output(Some(Value::of(text.as_bytes())));
    for text in ["{}", "null", "\"\"", "\" \\n\"", r#"{"response":""}"#, r#"{"response":null}"#] {
        assert!(empty(text), "{text}");
    }
    assert!(is_empty_output(None));
    assert!(empty(r#"{"response":"","context":[{"text":"c"}]}"#));
    for text in ["\"r\"", r#"{"response":"r"}"#, r#"{"passed":false}"#, "[1]", "0"] {
        assert!(!empty(text), "{text}");
    }
}

#[test]
fn preview_and_message_show_the_same_text() {
    for value in [
        r#"{"query":"q"}"#,
        r#"{"n":{"m":{"input-text":"q"}}}"#,
        r#"{"input":[{"role":"user","content":"q"}]}"#,
    ] {
        assert_eq!(text_value(value, Speaker::User).as_deref(), Some("q"), "{value}");
        assert_eq!(
            summarize_blocks(value, Speaker::User).first().map(String::as_str),
            Some("text q"),
            "{value}"
        );
    }
    assert_eq!(text_value(r#"{"a":1,"b":"x"}"#, Speaker::User), None);
}

#[test]
fn limits_nesting_depth() {
    let deep = format!("{}\"x\"{}", r#"{"a":"#.repeat(3_000), "}".repeat(3_000));
    assert_eq!(text_value(&deep, Speaker::User), None);
    assert_eq!(summarize_blocks(&deep, Speaker::User).len(), 1);
}

#[test]
fn detects_tool_calls_in_output() {
    for (output, expected) in [
        (r#"{"response":"r","tool_calls":[{"id":"1"}]}"#, true),
        (r#"{"output":[{"type":"function_call","name":"n"}]}"#, true),
        (r#"{"response":"about tool_calls and tool_use"}"#, false),
        (r#"{"response":"r","tool_calls":[]}"#, false),
    ] {
        assert_eq!(has_tool_calls(Value::of(output.as_bytes())), expected, "{output}");
    }
}
