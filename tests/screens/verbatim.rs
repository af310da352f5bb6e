//! The Message tab: every letter of a message is on the screen, rendered and as source, and usage equals that of exports.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scene::{Scene, fixture};

fn scene(name: &str) -> Scene {
    let body = std::fs::read_to_string(fixture("field").join(name).with_extension("json")).unwrap();
    let typed =
        if body.contains("\"entry\"") { "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a" } else { "camelai:7" };
    Scene::with_body(260, 120, typed, &body)
}

/// Returns the rows of the selected message, without its gutter.
fn rows(scene: &Scene) -> Vec<String> {
    let state = scene.app.shown().message_state().unwrap();
    let document = &state.text.document;
    document.window(0..document.len()).iter().map(|row| row.line.plain_text().trim_end().to_owned()).collect()
}

fn text_of(scene: &Scene) -> String {
    rows(scene).join("\n")
}

fn sources(name: &str, pointer: &str) -> Vec<String> {
    let body = std::fs::read_to_string(fixture("field").join(name).with_extension("json")).unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    let messages = body["messages"].as_array().unwrap();
    messages.iter().map(|message| message.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
}

#[test]
fn text_of_people_is_verbatim_on_the_screen() {
    let source = &sources("user_text_sgp", "/entry/input/query")[0];
    let mut scene = scene("user_text_sgp");
    assert!(text_of(&scene).contains(source), "{}", text_of(&scene));
    scene.types("t");
    assert!(text_of(&scene).contains(source), "{}", text_of(&scene));
}

#[test]
fn tool_text_with_separators_is_shown_line_by_line() {
    let mut scene = scene("tool_text_with_separators");
    for source in sources("tool_text_with_separators", "/content/0/content") {
        let shown = text_of(&scene);
        for line in source.lines().filter(|line| !line.contains('\t')) {
            assert!(shown.contains(line), "{line}\n{shown}");
        }
        assert!(!shown.contains('│') && !shown.contains('┼'), "{shown}");
        scene.types("j");
    }
}

#[test]
fn code_is_shown_once_and_as_written_and_its_source_too() {
    let mut scene = scene("code_with_dollars");
    let shown = |scene: &Scene| text_of(scene).split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = [
        r"In a regex escape brackets as \[ and \], parentheses as \( and \).",
        "In a Makefile write $$HOME, so that the shell sees $HOME; $$ is one dollar and $$$$ the PID.",
        "The PID is $$ here.",
        "Whether ${CLAUDE_SKILL_DIR} expands, ${CLAUDE_SKILL_DIR} is the dir.",
        "This is broken $$",
    ];
    for (source, rendered) in sources("code_with_dollars", "/content").into_iter().zip(expected) {
        let page = shown(&scene);
        assert!(page.contains(rendered) && !page.contains("`\\") && !page.contains("`$"), "{page}");
        scene.types("t");
        assert!(text_of(&scene).contains(&source), "{source}\n{}", text_of(&scene));
        scene.types("tj");
    }
}

#[test]
fn formulas_are_shown_as_written() {
    let mut scene = scene("formulas");
    let page = text_of(&scene);
    for formula in [
        r"$a*b*c = \{x\}$",
        "$f_{i}*g_{j}$",
        r"$\mathbf{x}_i \| y_j$",
        "$7*2=14$",
        "$64*2$",
        "$x^*(b) = a^*$",
        "It costs $5 and $10, or $3.",
        r"a &= b \\",
        "x_{1}*y_{1}*z",
        "A PID is $$ and again $$, `x`.",
        r"$\|x\|$",
        r"\sum_{i}",
    ] {
        assert!(page.contains(formula), "{formula}\n{page}");
    }
    scene.types("t");
    for line in sources("formulas", "/content")[0].lines() {
        assert!(text_of(&scene).contains(line), "{line}\n{}", text_of(&scene));
    }
}

#[test]
fn the_source_of_bold_words_is_one_key_away() {
    let mut scene = scene("bold_words");
    assert!(text_of(&scene).contains("The brain research shows it."), "{}", text_of(&scene));
    scene.types("t");
    assert!(text_of(&scene).contains("The **brain** research shows it."), "{}", text_of(&scene));
    scene.types("t");
    assert!(text_of(&scene).contains("The brain research shows it."), "{}", text_of(&scene));
}

#[test]
fn a_pane_that_fills_the_screen_has_no_gutter() {
    let mut scene = scene("web_addresses");
    assert!(scene.picture().contains("▏ Or the report"), "{}", scene.picture());
    scene.types("<Tab>zz");
    let picture = scene.picture();
    assert!(!picture.contains('▏'), "{picture}");
    assert!(picture.lines().any(|line| line.starts_with("Or the report")), "{picture}");
    scene.types("/details<Enter>");
    assert!(scene.picture().contains("details"), "{}", scene.picture());
}

#[test]
fn addresses_of_a_message_are_offered_once_each() {
    let mut scene = scene("web_addresses");
    scene.types("yu");
    // One address in three places needs no choice.
    assert!(scene.app.overlay.is_none());
    let body = json!({"thread_id": 7, "message_count": 1, "messages": [{"id": 1, "role": "assistant",
        "created_at": "2026-01-02T03:04:05Z", "source": "API", "metadata": {},
        "content": "[a](https://a.example/x) and https://b.example."}]});
    let mut scene = Scene::with_body(100, 30, "camelai:7", &body.to_string());
    for keys in ["yu", "gx"] {
        scene.types(keys);
        let picture = scene.picture();
        for text in ["Links", "https://a.example/x", "https://b.example", "esc close"] {
            assert!(picture.contains(text), "{keys} {text}\n{picture}");
        }
        scene.types("j<Enter>");
        assert!(scene.app.overlay.is_none(), "{keys}");
    }
}

/// Returns a thread of one message.
fn body_of(role: &str, text: &str) -> String {
    let content = match role {
        "tool" => json!([{"type": "tool_result", "tool_use_id": "t", "content": text}]),
        _ => json!(text),
    };
    json!({"thread_id": 7, "message_count": 1, "messages": [{"id": 1, "role": role,
        "created_at": "2026-01-02T03:04:05Z", "source": "API", "metadata": {}, "content": content}]})
    .to_string()
}

fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Pieces of Markdown, HTML, formulas, tables and prose.
fn source_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "word ",
        "__init__ ",
        "**bold** ",
        "*i* ",
        "`code` ",
        "`$$` ",
        "$a*b*c$ ",
        "\\(x\\) ",
        "\\[y\\] ",
        "$$z$$ ",
        "\n# head ",
        "\n\n",
        "\n",
        "\n- item ",
        "\n3. third ",
        "\n> quote ",
        "\n```py\nx = 1\n```\n",
        "~~s~~ ",
        "[t](https://e.example/p) ",
        "![i](https://e.example/q.png \"n\") ",
        "<https://e.example/r> ",
        "<b>h</b> ",
        "<script>u</script> ",
        "&amp; ",
        "&copy; ",
        "\\* ",
        "\\_k\\_ ",
        "\n\n|c|d|\n|---|---|\n|e|f|g|\n\n",
        "a,b;c\td|e ",
        "\n    indented ",
        "[^1] ",
        "\n[^1]: note\n",
        "\n[r]: https://e.example/s\n",
        "[r] ",
        "\n---\n",
        "日本語 ",
        "\n\n- [x] done ",
        "\n<details>\n<summary>m</summary>\n",
        "\n1) one ",
        "$5 and $10 ",
    ]);
    prop::collection::vec(piece, 1..14).prop_map(|pieces| format!("start {}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_visible_character_of_people_and_tools_is_on_the_screen(text in source_text(), role in 0usize..3) {
        let role = ["user", "system", "tool"][role];
        let mut scene = Scene::with_body(100, 60, "camelai:7", &body_of(role, &text));
        scene.types("<Tab>zR");
        let shown = visible(&text_of(&scene));
        prop_assert!(shown.contains(&visible(&text)), "{role}: {text:?}\n{}", text_of(&scene));
    }

    #[test]
    fn the_source_of_an_answer_has_every_visible_character_and_the_rendered_text_every_letter(text in source_text()) {
        let mut scene = Scene::with_body(100, 60, "camelai:7", &body_of("assistant", &text));
        scene.types("<Tab>zR");
        let rendered = text_of(&scene);
        // The label of a definition is shown at its use.
        let without_entities =
            text.replace("&amp;", "&").replace("&copy;", "©").replace("\n[r]: ", "\n");
        for letter in without_entities.chars().filter(|c| c.is_alphanumeric()).collect::<std::collections::BTreeSet<_>>() {
            let count = |text: &str| text.chars().filter(|c| *c == letter).count();
            prop_assert!(count(&rendered) >= count(&without_entities), "{letter:?} of {text:?}\n{rendered}");
        }
        scene.types("t");
        prop_assert!(visible(&text_of(&scene)).contains(&visible(&text)), "{text:?}\n{}", text_of(&scene));
    }
}

/// For every body of the fixtures, the analysis page has the sums of the exports.
#[test]
fn the_analysis_page_has_the_usage_of_the_exports() {
    let mut with_usage = 0;
    for entry in std::fs::read_dir(fixture("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".json")
            || ["error", "_list", "_minimal", "_empty"].iter().any(|word| name.contains(word))
        {
            continue;
        }
        let typed =
            if name.starts_with("sgp") { "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a" } else { "camelai:7" };
        let mut scene = Scene::sized(140, 40);
        let request = scene.asks_for(typed);
        scene.receives(request, &path);
        scene.types("<Tab>p");
        let usage = scene.app.current_analysis().unwrap().usage.clone();
        let command = std::process::Command::new(env!("CARGO_BIN_EXE_unspool"))
            .args(["export", path.to_str().unwrap(), "--format", "json"])
            .env_clear()
            .env("HOME", env!("CARGO_TARGET_TMPDIR"))
            .output()
            .unwrap();
        let exported: Value = serde_json::from_slice(&command.stdout).unwrap();
        let sum = |column: &str| -> f64 {
            let messages = exported["messages"].as_array().unwrap();
            messages.iter().filter_map(|message| message["usage"][column].as_f64()).sum()
        };
        assert_eq!(usage.total().unwrap_or(0) as f64, sum("total_tokens"), "{name}");
        assert_eq!(usage.input_tokens.unwrap_or(0) as f64, sum("input_tokens"), "{name}");
        assert!((usage.cost_usd.unwrap_or(0.0) - sum("cost_usd")).abs() < 1e-6, "{name}");
        with_usage += usize::from(usage.total().is_some());
    }
    assert!(with_usage >= 3);
}
