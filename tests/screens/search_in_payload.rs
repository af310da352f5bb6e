//! Search hits deep inside a payload, in names and strings far longer than a row.

use crate::assert_screen;
use crate::scene::{Scene, demo};

/// Returns the lamp order thread with this input of the first guardrail of its third message.
fn lamp_with_input(width: u16, height: u16, input: &serde_json::Value) -> Scene {
    let body = std::fs::read_to_string(demo("sgp-lamp-order.json")).unwrap();
    let mut thread: serde_json::Value = serde_json::from_str(&body).unwrap();
    *thread.pointer_mut("/messages/2/spans/1/operation_input").unwrap() = input.clone();
    Scene::with_body(width, height, "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", &thread.to_string())
}

fn long_values() -> serde_json::Value {
    let words = "lorem ipsum dolor sit amet ".repeat(40);
    let name = format!("{}needle{}", "k".repeat(100), "tail".repeat(30));
    serde_json::json!({
        "words": format!("{words}the needle and {words}"),
        "wide": format!("{}needle{}", "日本語の文章です。".repeat(60), "漢字かな交じり".repeat(40)),
        "combining": format!("{}needle{}", "e\u{301}a\u{308}".repeat(200), "o\u{302}".repeat(300)),
        "pictures": format!("{}needle{}", "👩‍👩‍👧🇩🇪".repeat(100), "👍🏽".repeat(100)),
        "escapes": format!("{}needle{}", "\n\t\"\\".repeat(300), "\\\n".repeat(200)),
        "short": "needle",
        "opens": serde_json::json!({ "a": format!("{words}needle{words}") }).to_string(),
        name: 1,
    })
}

/// Returns the selected row of the payload's tree, as text.
fn selected_payload_row(scene: &Scene) -> String {
    let tree = scene.app.shown().message_state().unwrap().spans.payload_tree().unwrap();
    let row = usize::from(scene.app.shown().spans_areas().payload.y) + tree.selected - tree.offset;
    scene.picture().lines().nth(row).unwrap().to_owned()
}

#[test]
fn every_hit_is_visible_in_its_row() {
    let mut scene = lamp_with_input(100, 34, &long_values());
    scene.types("/needle<Enter>t");
    let mut paths = Vec::new();
    for _ in 0..8 {
        let tree = scene.app.shown().message_state().unwrap().spans.payload_tree().unwrap();
        paths.push(tree.tree().path(tree.selected).len());
        assert!(selected_payload_row(&scene).contains("needle"), "{}", scene.picture());
        scene.types("n");
    }
    assert_eq!(paths.iter().filter(|steps| **steps == 3).count(), 1, "one in JSON in a string: {paths:?}");
    assert_screen!("search-deep", scene);
}

#[test]
fn a_row_shows_its_start_again_after_the_search() {
    let mut scene =
        lamp_with_input(100, 34, &serde_json::json!({ "words": format!("{}needle", "word ".repeat(99)) }));
    scene.types("/needle<Enter>t");
    assert_screen!("search-deep-end", scene);
    scene.types("<Esc><Esc>");
    assert!(scene.picture().contains("words: \"word word"), "{}", scene.picture());
}

#[test]
fn text_hidden_in_the_formatted_payload_is_found_in_the_json() {
    let mut scene = lamp_with_input(100, 34, &long_values());
    scene.types("/needle<Enter>");
    for _ in 0..8 {
        assert!(scene.picture().contains("needle"), "{}", scene.picture());
        scene.types("n");
    }
}
