//! The five tabs with threads of the demo.

use crate::assert_screen;
use crate::scene::{Scene, demo};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// Compares a picture with the snapshot of this computed name.
fn assert_named_screen(name: &str, scene: &Scene) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, scene.picture());
    });
}

/// Returns the support chat, at the turn with negative feedback.
fn lamp(width: u16, height: u16) -> Scene {
    let mut scene = Scene::with(width, height, LAMP, "sgp-lamp-order.json");
    scene.types("jj");
    scene
}

fn agent() -> Scene {
    let mut scene = Scene::with(120, 40, "sgp:b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95", "sgp-stock-agent.json");
    scene.types("]e1");
    scene
}

fn margin(keys: &str) -> Scene {
    let mut scene = Scene::with(120, 40, "camelai:1001", "camelai-margin.json");
    scene.types(keys);
    scene
}

#[test]
fn a_turn_shows_both_sides() {
    assert_screen!("message-turn", lamp(100, 30));
}

#[test]
fn a_wrapped_hit_is_highlighted_on_both_lines() {
    let mut scene = lamp(100, 30);
    scene.types("/28 September 2026<Enter>");
    assert_screen!("search-over-lines", scene);
    scene.types("/opened counts as used<Enter>n");
    assert_screen!("search-over-lines-payload", scene);
}

#[test]
fn spans_are_a_tree_with_a_waterfall_and_a_payload() {
    let mut scene = lamp(160, 48);
    scene.types("2");
    assert_screen!("spans-wide", scene);
    let mut scene = lamp(100, 30);
    scene.types("2<Enter>jjj>");
    assert_screen!("spans-selected-output", scene);
    scene.types("hh");
    assert_screen!("spans-folded", scene);
}

#[test]
fn two_messages_are_compared() {
    for (width, height, name) in
        [(160, 48, "compare-160x48"), (80, 24, "compare-80x24"), (40, 12, "compare-40x12")]
    {
        let mut scene = lamp(width, height);
        scene.types("mG=");
        assert_named_screen(name, &scene);
    }
}

#[test]
fn every_view_at_three_sizes() {
    let views = [
        ("view-conversation", "jj2<Enter>11j"),
        ("view-chunks", "jj2<Enter>9j>"),
        ("view-json", "jj2<Enter>9j><Enter>t"),
        ("view-metadata", "jj4"),
        ("view-feedback", "jj3<Enter>"),
        ("view-raw", "jj5<Enter>6jl"),
        ("view-filter", "ffeedback:negative<Enter>"),
        ("view-failed", "]e"),
        ("view-hit", "/sixty days<Enter>n"),
    ];
    for (name, keys) in views {
        for (width, height) in [(160, 48), (80, 24), (40, 12)] {
            let mut scene = Scene::with(width, height, LAMP, "sgp-lamp-order.json");
            // With a single pane, the tab's key focuses it; otherwise Enter does.
            let goes_there = |keys: String, tab| keys.replacen(&format!("{tab}<Enter>"), tab, 1);
            let short = || ["2", "3", "5"].into_iter().fold(keys.to_owned(), goes_there);
            scene.types(&if width < 50 { short() } else { keys.to_owned() });
            assert_named_screen(&format!("{name}-{width}x{height}"), &scene);
        }
    }
}

#[test]
fn feedback_tab_shows_the_message_and_the_thread() {
    let mut scene = lamp(100, 30);
    scene.types("3");
    assert_screen!("feedback", scene);
}

#[test]
fn feedback_is_filtered_by_kind_and_phrase() {
    let mut scene = lamp(160, 48);
    scene.types("3<Enter>>");
    assert_screen!("feedback-negative-wide", scene);
    let mut scene = lamp(80, 24);
    scene.types("3<Enter>fwork<Enter>");
    assert_screen!("feedback-phrase-80x24", scene);
    scene.types("<Enter>");
    assert_eq!(scene.app.list.selected, 9, "Enter goes to the turn");
    assert_screen!("feedback-camelai", margin("3"));
}

#[test]
fn the_metadata_tab_shows_every_field() {
    let mut scene = lamp(100, 48);
    scene.types("4");
    assert_screen!("metadata", scene);
}

#[test]
fn raw_json_is_a_tree() {
    let mut scene = lamp(100, 30);
    scene.types("5<Enter>");
    assert_screen!("raw", scene);
}

#[test]
fn json_inside_a_string_opens_in_place() {
    let mut scene = agent();
    scene.types("gg/arguments<Enter>n<Enter><Enter>lj");
    assert_screen!("string-opened", scene);
}

#[test]
fn unfolding_all_opens_json_inside_strings() {
    let mut scene = agent();
    scene.types("gg/arguments<Enter>n<Enter><Enter>zR");
    assert_eq!(scene.app.notice, None);
    assert_screen!("all-unfolded", scene);
}

#[test]
fn unfolding_reports_when_it_reaches_its_limit() {
    let (typed, input) = ("sgp:demo-many", vec!["[1]"; 300]);
    let body = std::fs::read_to_string(demo("sgp-lamp-order.json")).unwrap();
    let mut thread: serde_json::Value = serde_json::from_str(&body).unwrap();
    *thread.pointer_mut("/messages/2/spans/1/operation_input").unwrap() = input.into();
    let mut scene = Scene::with_body(100, 30, typed, &thread.to_string());
    scene.types("jj5<Enter>zR");
    let notice = scene.app.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    assert!(notice.starts_with("Too much to unfold at once"), "{notice:?}");
}

#[test]
fn an_agent_run_shows_errors_and_untraced_time() {
    let mut scene = agent();
    assert_screen!("agent-message", scene);
    scene.types("2");
    assert_screen!("agent-spans", scene);
}

#[test]
fn messages_show_tools_code_tables_and_charts() {
    assert_screen!("analysis-system", margin(""));
    assert_screen!("analysis-tool-call", margin("8j"));
    assert_screen!("analysis-end", margin("G"));
}

#[test]
fn a_thread_without_spans_explains_why() {
    assert_screen!("spans-none", margin("2"));
}

#[test]
fn wide_and_combining_scripts_stay_aligned() {
    let mut scene = Scene::with(100, 30, "sgp:demo-languages", "sgp-languages.json");
    scene.types("jj");
    assert_screen!("languages", scene);
}

#[test]
fn hostile_text_is_sanitized() {
    let mut scene = Scene::with(100, 30, "sgp:demo-hostile", "sgp-hostile.json");
    assert_screen!("hostile-message", scene);
    scene.types("5<Enter>zR");
    assert_screen!("hostile-raw", scene);
}

#[test]
fn an_unreadable_message_shows_its_reason_and_raw_text() {
    let mut scene = Scene::with(100, 30, "sgp:demo-hostile", "sgp-hostile.json");
    scene.types("]e");
    assert_screen!("unreadable-message", scene);
    scene.types("5");
    assert_screen!("unreadable-raw", scene);
}

#[test]
fn a_question_asked_again_is_compared_with_the_first_one() {
    let turn = |id: &str, question: &str, answer: &str, hour: u32, root: &str| {
        format!(
            r#"{{"entry":{{"id":"{id}","input":{{"query":"{question}"}},"output":{{"response":"{answer}"}},"operation_status":"SUCCESS",
            "created_at":"2026-01-01T{hour:02}:00:00Z"}},"spans":[{{"id":"r{id}","node_id":"{root}","operation_type":"AGENT_WORKFLOW",
            "operation_status":"SUCCESS","start_timestamp":"2026-01-01T{hour:02}:00:00Z","end_timestamp":"2026-01-01T{hour:02}:00:0{hour}Z",
            "operation_output":{{"answer":"{answer}"}}}}]}}"#
        )
    };
    let turns = [
        turn("a", "How long?", "You have 14 days to return the lamp.", 1, "turn"),
        turn("b", "Really?", "Yes.", 2, "turn"),
        turn("c", "How long?", "You have 60 days to return the lamp.", 3, "replay"),
    ];
    let body = format!(r#"{{"thread":{{"id":"t"}},"messages":[{}]}}"#, turns.join(","));
    for (width, height) in [(160, 48), (100, 30)] {
        let mut scene = Scene::with_body(width, height, "sgp:t", &body);
        scene.types("G=>x");
        assert!(
            scene.picture().contains("message 1 01:00:00  vs.  message 3 03:00:00"),
            "{}",
            scene.picture()
        );
        assert_named_screen(&format!("compare-replay-{width}x{height}"), &scene);
        // With the earlier one selected and the later one as the base, the order is the same.
        scene.types("<Esc>mgg=");
        assert!(
            scene.picture().contains("message 1 01:00:00  vs.  message 3 03:00:00"),
            "{}",
            scene.picture()
        );
    }
}

#[test]
fn messages_of_two_threads_are_compared() {
    let mut scene = lamp(160, 48);
    scene.types("m");
    let request = scene.asks_for("sgp:b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95");
    scene.receives(request, &demo("sgp-stock-agent.json"));
    scene.types("=");
    let title = scene.picture().lines().nth(1).unwrap().to_owned();
    assert!(
        title.contains("message 3 13:24:02 · A wrong answer") && title.contains("vs.  message "),
        "{title}"
    );
}
