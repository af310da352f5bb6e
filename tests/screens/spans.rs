//! The Spans tab: bars, the facts of the selected span, and a payload whose values are selected one by one.

use unspool::testing::effect::Effect;
use unspool::testing::event::Event;
use unspool::testing::keymap::{Chord, Key};

use crate::scene::{Scene, demo};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// Keys from the opened thread to the output of the retrieval, in a screen of two panes.
const TO_CHUNKS: &str = "jj2<Enter>jjjjj><Enter>";

fn lamp(keys: &str) -> Scene {
    let mut scene = Scene::with(120, 40, LAMP, "sgp-lamp-order.json");
    scene.types(keys);
    scene
}

/// Returns a thread whose third turn has this value in a member of its second span.
fn lamp_with(pointer: &str, value: serde_json::Value, keys: &str) -> Scene {
    let body = std::fs::read_to_string(demo("sgp-lamp-order.json")).unwrap();
    let mut thread: serde_json::Value = serde_json::from_str(&body).unwrap();
    *thread.pointer_mut(&format!("/messages/2/spans/1/{pointer}")).unwrap() = value;
    let mut scene = Scene::with_body(120, 40, "sgp:demo-changed", &thread.to_string());
    scene.types(keys);
    scene
}

/// Returns the text that these two keys copy.
fn copied(scene: &mut Scene, keys: &str) -> Option<String> {
    let mut copied = None;
    for key in keys.chars() {
        let effects = scene.app.update(Event::Key(Chord::plain(Key::Char(key))), scene.now);
        copied = effects.into_iter().find_map(|effect| match effect {
            Effect::Copy(clip) => Some(clip.text),
            _ => None,
        });
    }
    copied
}

#[test]
fn keys_walk_the_chunks_and_every_copy_acts_on_the_selected_one() {
    let mut scene = lamp(TO_CHUNKS);
    assert_eq!(copied(&mut scene, "yp").as_deref(), Some("$.chunks"), "the list at first");
    scene.types("j");
    assert_eq!(copied(&mut scene, "yp").as_deref(), Some("$.chunks[0]"));
    assert_eq!(copied(&mut scene, "yq").as_deref(), Some(".chunks[0]"));
    assert_eq!(copied(&mut scene, "yk").as_deref(), Some("0"));
    let chunk: serde_json::Value = serde_json::from_str(&copied(&mut scene, "yy").unwrap()).unwrap();
    assert_eq!(chunk["title"], "Returns policy (2024 edition).pdf");
    scene.types("jjjk");
    assert_eq!(copied(&mut scene, "yp").as_deref(), Some("$.chunks[2]"));
    scene.types("G");
    assert_eq!(copied(&mut scene, "yp").as_deref(), Some("$.chunks[4]"));
    scene.types("gg");
    assert_eq!(copied(&mut scene, "yp").as_deref(), Some("$.chunks"));
}

#[test]
fn the_selection_stays_when_the_payload_becomes_json_and_back() {
    let mut scene = lamp(TO_CHUNKS);
    scene.types("jjt");
    assert_eq!(copied(&mut scene, "yp").as_deref(), Some("$.chunks[1]"));
    scene.types("Gt");
    let last = copied(&mut scene, "yp").unwrap();
    assert!(last.starts_with("$.chunks[4]"), "{last}");
}

#[test]
fn fast_keys_copy_the_same_as_slow_ones() {
    let mut scene = lamp("jj2<Enter>jjjjj>");
    let mut last = None;
    for chord in [Key::Enter, Key::Char('j'), Key::Char('j'), Key::Char('y'), Key::Char('p')] {
        last = scene.app.update(Event::Key(Chord::plain(chord)), scene.now).pop();
    }
    assert!(matches!(last, Some(Effect::Copy(clip)) if clip.text == "$.chunks[1]"));
}

#[test]
fn evidence_is_a_quote_with_its_source_and_the_command_that_opens_it() {
    let mut scene = lamp(TO_CHUNKS);
    scene.types("j");
    let evidence = copied(&mut scene, "yl").unwrap();
    for part in [
        "> §3 Period. Unused items can be returned within fourteen (14) days of delivery.",
        "Returns policy \\(2024 edition\\).pdf · p. 2 · score 0.871 · s3://halden-kb",
        "status: superseded",
        "Message 3 of A wrong answer",
        "```sh\nunspool sgp:8c5e1a70",
        "--tab spans --span",
        "--path '$.chunks[0]'",
    ] {
        assert!(evidence.contains(part), "{part} in\n{evidence}");
    }
    let mut scene = lamp("jj<Enter>)");
    let evidence = copied(&mut scene, "yl").unwrap();
    assert!(evidence.contains("· score 0.") && evidence.contains("--tab message"), "{evidence}");
    let mut scene = lamp("jj");
    let evidence = copied(&mut scene, "yl").unwrap();
    assert!(evidence.starts_with("> ") && evidence.contains("Message 3 of"), "{evidence}");
}

#[test]
fn a_long_error_keeps_its_lines_and_is_copied_whole() {
    let message: Vec<String> = (1..=30).map(|line| format!("  at frame {line}")).collect();
    let message = message.join("\n");
    let error = serde_json::json!({ "error": true, "error_type": "Boom", "error_message": message });
    let mut scene = lamp_with("operation_metadata", error, "jj2<Enter>j><Enter>");
    let picture = scene.picture();
    assert!(picture.contains("at frame 8 ") && !picture.contains("at frame 9 "), "{picture}");
    assert!(picture.contains("22 more lines"), "{picture}");
    assert_eq!(copied(&mut scene, "yy"), Some(message));
    scene.types("jl");
    assert!(scene.picture().contains("at frame 16 "), "{}", scene.picture());
}

#[test]
fn untraced_time_names_its_neighbours() {
    let mut scene = Scene::with(120, 40, "sgp:b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95", "sgp-stock-agent.json");
    scene.types("gg]g<Enter>");
    let sentence = copied(&mut scene, "yy").unwrap();
    assert!(sentence.starts_with("untraced, ") && sentence.contains("idempotency_key"), "{sentence}");
    assert!(scene.picture().contains(&sentence), "{}", scene.picture());
    assert_eq!(copied(&mut scene, "ys"), None, "no span is selected");
}

#[test]
fn the_median_is_shown_once_the_thread_is_analysed() {
    let mut scene = lamp("jj2<Enter>jjjjj");
    assert!(!scene.picture().contains("p50 "), "{}", scene.picture());
    scene.types("p<Esc>");
    assert!(scene.picture().contains("p50 310 ms"), "{}", scene.picture());
}

#[test]
fn a_critical_path_that_leaves_out_some_spans_is_explained() {
    let mut scene = Scene::with(160, 48, "sgp:b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95", "sgp-stock-agent.json");
    scene.types("jjj2");
    assert!(scene.picture().contains("bright: critical path"), "{}", scene.picture());
    let scene = lamp("jj2");
    assert!(!scene.picture().contains("critical path"), "nearly all spans are on it");
}

#[test]
fn every_hint_of_the_payload_has_an_effect() {
    for keys in [TO_CHUNKS, "jj2<Enter>jjjjj><Enter>j"] {
        for hint in lamp(keys).app.hints().map(|hint| hint.action).collect::<Vec<_>>() {
            let mut scene = lamp(keys);
            let before = scene.picture();
            let effects = scene.app.perform(hint, None, scene.now);
            scene.happens(Event::PrepareFrame);
            assert!(!effects.is_empty() || scene.picture() != before, "{hint:?}");
            let notice = scene.app.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
            assert!(!notice.starts_with("Nothing"), "{hint:?}: {notice}");
        }
    }
}

#[test]
fn the_tab_has_room_for_tree_and_payload_in_small_terminals() {
    let mut scene = Scene::with(80, 24, LAMP, "sgp-lamp-order.json");
    scene.types("jj2");
    let areas = scene.app.shown().spans_areas();
    assert!(areas.tree.height >= 8 && areas.payload.height >= 6, "{areas:?}");
}
