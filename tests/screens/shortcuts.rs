//! The number of keys from opening a thread to the problem in it.

use unspool::testing::app::detail::Tab;
use unspool::testing::domain::{Sentiment, Status};
use unspool::testing::event::Event;
use unspool::testing::keymap::{Chord, Key};
use unspool::testing::trace::Flags;

use crate::scene::Scene;

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn lamp_after(keys: &str) -> Scene {
    let mut scene = Scene::with(100, 30, LAMP, "sgp-lamp-order.json");
    scene.types(keys);
    scene
}

fn selected_span_name(scene: &Scene) -> String {
    scene.app.shown().selected_span().unwrap().name.clone()
}

#[test]
fn the_next_failed_span_is_two_keys_away() {
    let mut scene = lamp_after("]e");
    assert_eq!(scene.app.detail.tab, Tab::Spans);
    let span = scene.app.shown().selected_span().unwrap();
    assert!(span.status == Status::Error || span.error.is_some(), "{span:?}");
    let (first, index) = (selected_span_name(&scene), scene.app.list.selected);
    scene.types("]e");
    assert!(scene.app.list.selected != index || selected_span_name(&scene) == first, "on to the next");
}

#[test]
fn failed_spans_of_one_message_come_before_the_next_message() {
    let mut scene = Scene::with(120, 40, "sgp:stock", "sgp-stock-agent.json");
    let mut visited = Vec::new();
    for _ in 0..4 {
        scene.types("]e");
        visited.push((scene.app.list.selected, selected_span_name(&scene)));
    }
    let names: Vec<_> = visited.iter().map(|(index, name)| (*index, name.as_str())).collect();
    assert_eq!(names[0..3], [(1, "attempt 1"), (1, "attempt 2"), (1, "attempt 3")]);
    assert!(names[3].0 > 1, "{names:?}");
    scene.types("[e");
    assert_eq!((scene.app.list.selected, selected_span_name(&scene).as_str()), (1, "attempt 3"));
}

#[test]
fn negative_feedback_is_two_keys_away() {
    let scene = lamp_after("]d");
    assert_eq!(scene.app.shown().selected_summary().unwrap().sentiment, Some(Sentiment::Negative));
}

#[test]
fn the_slowest_step_of_the_costliest_operation_is_two_keys_away() {
    let scene = lamp_after("p<Enter>");
    let took = scene.app.shown().selected_span().unwrap().duration_micros().unwrap();
    let thread = scene.app.loading.shown_thread().unwrap();
    let provider = thread.provider().unwrap();
    let all = thread.summaries.iter().flat_map(|summary| provider.read_message(summary.raw.bytes()).spans);
    let calls = all.filter(|span| span.operation == "COMPLETION");
    assert_eq!(Some(took), calls.filter_map(|span| span.duration_micros()).max());
}

#[test]
fn slow_spans_and_untraced_time_are_two_keys_away() {
    let scene = lamp_after("]s");
    assert_eq!(scene.app.detail.tab, Tab::Spans);
    let slow = &scene.app.current_analysis().unwrap().slow_examples;
    let here = scene.app.shown().selected_summary().unwrap().index;
    let step = slow.iter().find(|slow| slow.turn == here).unwrap();
    let shown = scene.app.shown().message_state().unwrap();
    let node = shown.view.forest.node(shown.spans.selected_node().unwrap()).unwrap();
    assert_eq!((Some(node.span), node.flags.contains(Flags::UNFINISHED)), (step.span, false));

    let mut scene = Scene::with(120, 40, "sgp:stock", "sgp-stock-agent.json");
    scene.types("]g");
    assert!(matches!(
        scene.app.shown().message_state().unwrap().spans.selected_row(),
        Some(unspool::testing::trace::Row::Gap(_))
    ));
}

#[test]
fn the_failed_span_of_the_current_message_comes_first() {
    let mut scene = Scene::with(120, 40, "sgp:stock", "sgp-stock-agent.json");
    scene.types("j");
    assert_eq!(scene.app.detail.tab, Tab::Message);
    scene.types("]e");
    assert_eq!((scene.app.list.selected, selected_span_name(&scene).as_str()), (1, "attempt 1"));
    scene.types("1]e");
    assert!(scene.app.list.selected > 1, "it was seen already");
}

#[test]
fn a_burst_of_keys_has_the_same_effect_as_single_keys() {
    for keys in ["jj2\njjj>", "jj2\njjjj\njj", "j5\njjl", "jj3\njj", "]e]e>", "jj4\njj", "jjJJ"] {
        let mut slowly = lamp_after("");
        slowly.types(&keys.replace('\n', "<Enter>"));
        let mut at_once = lamp_after("");
        for (second, key) in (0..).zip(keys.chars()) {
            let code = if key == '\n' { Key::Enter } else { Key::Char(key) };
            // One second apart, so that digits are not counts.
            let now = crate::scene::NOON.plus_millis(1000 * (second + 1));
            at_once.app.update(Event::Key(Chord::plain(code)), now);
        }
        at_once.happens(Event::PrepareFrame);
        assert_eq!(at_once.picture(), slowly.picture(), "{keys:?}");
    }
}
