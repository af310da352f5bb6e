use super::*;
use crate::domain::ByteRange;

fn read_blocks(text: &str) -> Vec<Block> {
    let mut reader = BlockReader::new(text.as_bytes());
    reader.add(Value::of(text.as_bytes()), "content");
    reader.blocks
}

/// Returns a short form of the blocks, for comparison.
fn summarize_blocks(text: &str) -> Vec<String> {
    read_blocks(text).iter().map(|block| summarize_block(text, block)).collect()
}

fn summarize_block(whole: &str, block: &Block) -> String {
    let json = |range: &ByteRange| String::from_utf8_lossy(range.slice(whole.as_bytes())).into_owned();
    match block {
        Block::Markdown(text) => format!("text {text}"),
        Block::Thinking(text) => format!("thought {text}"),
        Block::ToolCall { id, name, input, .. } => format!("call {id} {name} {}", json(input)),
        Block::ToolResult { call_id, is_error, blocks } => {
            let inner: Vec<String> = blocks.iter().map(|block| summarize_block(whole, block)).collect();
            format!("answer {call_id} {is_error} {inner:?}")
        }
        Block::Chunks(chunks) => format!("chunks {}", chunks.len()),
        Block::Artifact(artifact) => format!("artifact {}", artifact.id),
        Block::Json { label, raw } => format!("json {label} {}", json(raw)),
    }
}

#[test]
fn reads_every_form_of_content_as_blocks() {
    for (content, expected) in [
        (r#""a\nb""#, vec!["text a\nb"]),
        (r#"["a","b"]"#, vec!["text a", "text b"]),
        (r#"[{"type":"text","text":"a"},{"type":"output_text","text":"b"}]"#, vec!["text a", "text b"]),
        (r#"{"type":"text","text":{"value":"a","annotations":[]}}"#, vec!["text a"]),
        (r#"{"type":"refusal","refusal":"no"}"#, vec!["text no"]),
        (r#"{"role":"user","content":"a"}"#, vec!["text a"]),
        (r#"{"content":{"content":{"type":"text","text":"a"}}}"#, vec!["text a"]),
        (r#"{"content":"a","extra":[1],"none":null}"#, vec!["text a", "json extra [1]"]),
        (r#"[{"type":"thinking","thinking":"t","signature":"s"}]"#, vec!["thought t"]),
        (r#"[{"type":"reasoning","summary":[{"type":"summary_text","text":"t"}]}]"#, vec!["thought t"]),
        (r#"[{"type":"tool_use","id":"1","name":"n","input":{"x":1}}]"#, vec![r#"call 1 n {"x":1}"#]),
        (r#"[{"type":"tool_use","id":"1","name":"think","input":{"thought":"t"}}]"#, vec!["thought t"]),
        (
            r#"[{"type":"function_call","id":"f","call_id":"c","name":"n","arguments":"{}"}]"#,
            vec![r#"call c n "{}""#],
        ),
        (
            r#"{"content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"n","arguments":"{}"}}]}"#,
            vec![r#"call 1 n "{}""#],
        ),
        (
            r#"[{"type":"tool_result","tool_use_id":"1","is_error":true,"content":"x"}]"#,
            vec![r#"answer 1 true ["text x"]"#],
        ),
        (
            r#"[{"type":"function_call_output","call_id":"1","output":[{"type":"text","text":"x"}]}]"#,
            vec![r#"answer 1 false ["text x"]"#],
        ),
        (
            r#"[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]}]"#,
            vec!["text a"],
        ),
        (r#"[{"type":"image","source":{}}]"#, vec![r#"json image {"type":"image","source":{}}"#]),
        ("[1,2]", vec!["json content [1,2]"]),
        ("7", vec!["json content 7"]),
        (r#"{"a":1}"#, vec![r#"json content {"a":1}"#]),
        (r#"["a",null,7]"#, vec!["text a", "json content 7"]),
    ] {
        assert_eq!(summarize_blocks(content), expected, "{content}");
    }
    for nothing in ["null", "\"\"", "[]", "[null,\"\"]", ""] {
        assert!(read_blocks(nothing).is_empty(), "{nothing}");
    }
}

#[test]
fn reads_code_from_string_arguments() {
    let call = r#"[{"type":"function_call","name":"run_query","arguments":"{\"query\":\"SELECT 1\"}"}]"#;
    let blocks = read_blocks(call);
    let [Block::ToolCall { code, .. }] = blocks.as_slice() else { panic!("no call") };
    assert_eq!((code[0].label.as_str(), code[0].text.as_str()), ("query", "SELECT 1"));
}

#[test]
fn reads_content_nested_too_deeply_as_json() {
    let deep = format!("{}\"x\"{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(matches!(read_blocks(&deep).as_slice(), [Block::Json { .. }]));
    let deep = format!("{}\"x\"{}", r#"{"content":"#.repeat(5_000), "}".repeat(5_000));
    assert!(matches!(read_blocks(&deep).as_slice(), [Block::Json { .. }]));
    assert!(Preview::of(Value::of(deep.as_bytes())).value().is_some());
}

#[test]
fn reads_all_three_chunk_formats() {
    let list = r#"[{"chunk_id":"c","text":"a","score":0.5,"title":"t","attachment_url":"u","embedding":[1]},
        {"text":"b","metadata":{"source":"m"}},{"text":"c","score":"0.25"}]"#;
    let value = Value::of(list.as_bytes());
    assert!(is_chunk_list(value));
    let read = read_chunks(value);
    assert_eq!(
        (read[0].title.as_deref(), read[0].source.as_deref(), read[0].id.as_deref()),
        (Some("t"), Some("u"), Some("c"))
    );
    assert_eq!((read[1].source.as_deref(), read[1].score), (Some("m"), None));
    assert_eq!(read[2].score, Some(0.25));
    for other in ["[]", "{}", r#"[{"text":1}]"#, r#"[{"text":"a"},7]"#, r#"[{"type":"text","text":"a"}]"#] {
        assert!(!is_chunk_list(Value::of(other.as_bytes())), "{other}");
    }
}

#[test]
fn preview_prefers_text() {
    for (content, expected) in [
        (r#"[{"type":"tool_use","name":"n","input":{}},{"type":"text","text":"a"}]"#, "\"a\""),
        (r#"[{"type":"text","text":" "},{"type":"text","text":"a"}]"#, "\"a\""),
        (r#"[{"type":"tool_use","name":"n","input":{}}]"#, "\"n\""),
        (r#"[{"type":"tool_use","name":"think","input":{"thought":"t"}}]"#, "\"t\""),
        (r#"[{"type":"tool_result","content":[{"type":"text","text":"r"}]}]"#, "\"r\""),
        (r#"[{"type":"image"}]"#, r#"{"type":"image"}"#),
        (r#"{"content":{"content":"a"}}"#, "\"a\""),
        ("\"\"", "\"\""),
        ("[1]", "[1]"),
    ] {
        let line = Preview::of(Value::of(content.as_bytes())).value().unwrap();
        assert_eq!(String::from_utf8_lossy(line.raw()), expected, "{content}");
    }
    assert!(Preview::of(Value::of(b"null")).value().is_none());
}

#[test]
fn reasoning_next_to_content_comes_before_it() {
    for (content, expected) in [
        (r#"{"role":"assistant","content":"a","reasoning_content":"why"}"#, vec!["thought why", "text a"]),
        (r#"{"role":"assistant","content":null,"reasoning":"why"}"#, vec!["thought why"]),
        (
            r#"{"role":"assistant","reasoning":"why","reasoning_content":"why","content":"a"}"#,
            vec!["thought why", "text a"],
        ),
        (
            r#"{"content":"a","reasoning_details":[{"type":"reasoning.text","text":"why"}]}"#,
            vec!["thought why", "text a"],
        ),
        (r#"{"content":"a","reasoning_content":""}"#, vec!["text a"]),
    ] {
        assert_eq!(summarize_blocks(content), expected, "{content}");
    }
}
