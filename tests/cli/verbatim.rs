//! Text in exports: that of people and tools verbatim, that of models as Markdown with its code and formulas intact.

use crate::support::{run, text};

const FOLDER: &str = "tests/fixtures/field";

fn export(name: &str, format: &str) -> String {
    let path = format!("{FOLDER}/{name}.json");
    let ended = run(&["export", &path, "--format", format]);
    assert_eq!(ended.status.code(), Some(0), "{name}: {}", text(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

fn show(name: &str) -> String {
    let ended = run(&["show", &format!("{FOLDER}/{name}.json")]);
    assert_eq!(ended.status.code(), Some(0), "{name}: {}", text(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

/// Returns the texts at these places of the messages of a fixture.
fn source_texts(name: &str, pointer: &str) -> Vec<String> {
    let body = std::fs::read_to_string(format!("{FOLDER}/{name}.json")).unwrap();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let messages = body["messages"].as_array().unwrap();
    messages.iter().map(|message| message.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn assert_contains(page: &str, part: &str) {
    assert!(page.contains(part), "{part:?} is not in:\n{page}");
}

#[test]
fn text_of_people_is_unchanged_in_every_export() {
    let texts = source_texts("user_text_sgp", "/entry/input/query");
    assert_contains(&export("user_text_sgp", "markdown"), &format!("```text\n{}\n```", texts[0]));
    assert_contains(&export("user_text_sgp", "html"), &escape_html(&texts[0]));
    assert_contains(&show("user_text_sgp"), &texts[0].replace('\n', "\n  "));
}

#[test]
fn tool_text_with_separators_is_no_table() {
    let (markdown, html, plain) = (
        export("tool_text_with_separators", "markdown"),
        export("tool_text_with_separators", "html"),
        show("tool_text_with_separators"),
    );
    assert!(!html.contains("<td>"), "{html}");
    for text in source_texts("tool_text_with_separators", "/content/0/content") {
        // Tabs become spaces.
        for line in text.lines().filter(|line| !line.contains('\t')) {
            assert_contains(&markdown, line);
            assert_contains(&html, &escape_html(line));
            assert_contains(&plain, &format!("    {line}\n"));
        }
    }
}

#[test]
fn code_spans_keep_dollars_and_brackets() {
    let (markdown, html, plain) = (
        export("code_with_dollars", "markdown"),
        export("code_with_dollars", "html"),
        show("code_with_dollars"),
    );
    for text in source_texts("code_with_dollars", "/content") {
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("$$")) {
            assert_contains(&markdown, line);
            assert_contains(&plain, line);
        }
        for code in text.split('`').skip(1).step_by(2).filter(|code| !code.is_empty() && !code.contains('\n'))
        {
            assert_contains(&html, &format!("<code>{code}</code>"));
        }
    }
}

#[test]
fn formulas_keep_their_letters() {
    let text = &source_texts("formulas", "/content")[0];
    assert_contains(&show("formulas"), &text.trim_end().replace('\n', "\n  ").replace("\n  \n", "\n\n"));
    let markdown = export("formulas", "markdown");
    let html = export("formulas", "html");
    for formula in
        [r"a*b*c = \{x\}", "f_{i}*g_{j}", r"\mathbf{x}_i \| y_j", "7*2=14", "64*2", "x^*(b) = a^*", r"\|x\|"]
    {
        assert_contains(&markdown, &format!("$`{formula}`$"));
        assert_contains(&html, &format!("${formula}$"));
    }
    for line in [r"a &= b \\", "c &= d", "x_{1}*y_{1}*z", "+ 2", r"\sum_{i}"] {
        assert_contains(&markdown, &format!("> {line}"));
        assert_contains(&html, &format!("\n{}\n", escape_html(line)).replacen("\n\\sum", "\\sum", 1));
    }
    assert_contains(&html, "\\[\nx_{1}*y_{1}*z\n\n+ 2\n\\]");
    assert_contains(&html, "costs $5 and $10, or $3.");
}

#[test]
fn bold_words_stay_where_they_are() {
    assert_contains(&export("bold_words", "html"), "The <strong>brain</strong> research shows it.");
    assert_contains(&export("bold_words", "markdown"), "The **brain** research shows it.");
    assert_contains(&show("bold_words"), "The **brain** research shows it.");
}

#[test]
fn csv_starts_with_a_byte_order_mark_on_request() {
    let path = "tests/fixtures/field/formulas.json";
    let plain = run(&["export", path, "--format", "csv"]);
    let marked = run(&["export", path, "--format", "csv", "--bom"]);
    assert_eq!(marked.status.code(), Some(0));
    assert_eq!(marked.stdout.strip_prefix("\u{feff}".as_bytes()), Some(plain.stdout.as_slice()));
    for format in ["json", "markdown", "html", "ndjson"] {
        let refused = run(&["export", path, "--format", format, "--bom"]);
        assert_eq!(refused.status.code(), Some(2), "{format}");
        assert_contains(text(&refused.stderr), "--bom is for CSV only");
        assert!(refused.stdout.is_empty(), "{format}");
    }
}
