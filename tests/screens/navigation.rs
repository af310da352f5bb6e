//! Prompts, overlays, and jumps.

use unspool::testing::event::{Event, Mouse, MouseKind};
use unspool::testing::theme::Theme;

use crate::assert_screen;
use crate::scene::Scene;

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn lamp() -> Scene {
    Scene::with(100, 30, LAMP, "sgp-lamp-order.json")
}

#[test]
fn help_lists_the_keys() {
    let mut scene = lamp();
    scene.types("?");
    assert_screen!("help", scene);
    scene.types("<PageDown>");
    assert_screen!("help-scrolled", scene);
}

#[test]
fn search_hits_are_highlighted() {
    let mut scene = lamp();
    scene.types("/warranty");
    assert_screen!("search-prompt", scene);
    scene.types("<Enter>");
    assert_screen!("search-hit", scene);
    scene.types("nn");
    assert_screen!("search-third-hit", scene);
}

#[test]
fn filter_and_command_prompts_show_completions() {
    let mut scene = lamp();
    scene.types("fstatus:");
    assert_screen!("filter-prompt", scene);
    scene.types("<Tab><Tab>");
    assert_screen!("filter-prompt-completed", scene);
    scene.types("<Esc>:ne");
    assert_screen!("command-prompt", scene);
}

#[test]
fn an_invalid_filter_shows_its_error() {
    let mut scene = lamp();
    scene.types("fstatus:purple<Enter>");
    assert_screen!("filter-refused", scene);
}

#[test]
fn a_search_without_hits_is_reported() {
    let mut scene = lamp();
    scene.types("/nowhere to be found<Enter>");
    assert_screen!("search-in-vain", scene);
}

#[test]
fn a_key_prefix_shows_its_continuations() {
    let mut scene = lamp();
    scene.types("]");
    assert_screen!("pending-keys", scene);
}

#[test]
fn a_count_waits_for_a_motion() {
    let mut scene = lamp();
    scene.types("71");
    let line = scene.picture().lines().nth(29).unwrap().trim().to_owned();
    assert_eq!(line, "71  motion …");
}

#[test]
fn an_unchanged_thread_looks_the_same_after_a_reload() {
    for keys in ["jj2<Enter>jjjjh<Enter>>jj", "jjj<Enter>5jjjl", "jj3<Enter>>", "jjjJJ"] {
        let mut scene = lamp();
        scene.types(keys);
        let before = scene.picture();
        scene.types("r");
        let request = scene.app.loading.request;
        scene.receives(request, &crate::scene::demo("sgp-lamp-order.json"));
        assert_eq!(scene.app.notice.take().unwrap().text, "No changes");
        assert_eq!(scene.picture(), before, "{keys}");
    }
}

#[test]
fn a_changed_message_keeps_its_selected_span_and_part() {
    let mut scene = lamp();
    scene.types("jj2<Enter>jjjj>");
    let (span, part) = (
        scene.app.shown().selected_span().unwrap().id.clone(),
        scene.app.shown().message_state().unwrap().spans.part,
    );
    scene.types("r");
    let request = scene.app.loading.request;
    let body = std::fs::read_to_string(crate::scene::demo("sgp-lamp-order.json")).unwrap();
    scene.receives_body(request, &body.replace("Wrong! Your website", "Wrong! The website"));
    assert!(scene.app.notice.as_ref().unwrap().text.starts_with("1 changed"), "{:?}", scene.app.notice);
    assert_eq!(scene.app.list.selected, 2);
    assert_eq!(scene.app.shown().selected_span().unwrap().id, span);
    assert_eq!(scene.app.shown().message_state().unwrap().spans.part, part);
}

/// Returns the lamp order thread as a JSON value.
fn original_thread() -> serde_json::Value {
    let body = std::fs::read_to_string(crate::scene::demo("sgp-lamp-order.json")).unwrap();
    serde_json::from_str(&body).unwrap()
}

/// Returns the same thread after one more step in its third and its last message.
fn continued_thread() -> String {
    let mut thread = original_thread();
    for index in [2, 11] {
        let spans = thread.pointer_mut(&format!("/messages/{index}/spans")).unwrap().as_array_mut().unwrap();
        let mut step = spans.get(1).unwrap().clone();
        *step.pointer_mut("/id").unwrap() = format!("another-step-{index}").into();
        spans.insert(1, step);
    }
    thread.to_string()
}

#[test]
fn spans_of_continued_messages_stay_folded() {
    let mut scene = lamp();
    scene.types("G2<Enter>zM<Esc>ggjj<Enter>jjhjjt<Enter>jj");
    let spans = |scene: &Scene| {
        let view = &scene.app.shown().message_state().unwrap().spans;
        (view.len(), view.selected_row(), view.offset)
    };
    let (before, span) = (spans(&scene), scene.app.shown().selected_span().unwrap().id.clone());
    assert!(before.0 < 13, "something is folded");
    scene.types("r");
    let request = scene.app.loading.request;
    scene.receives_body(request, &continued_thread());
    assert_eq!(spans(&scene).0, before.0 + 1, "{}", scene.picture());
    assert_eq!(scene.app.shown().selected_span().unwrap().id, span);
    scene.types("<Esc><Esc>G");
    assert_eq!(spans(&scene).0, 1, "{}", scene.picture());
}

#[test]
fn the_payload_of_a_continued_message_keeps_its_position() {
    let mut scene = Scene::with_body(100, 30, LAMP, &original_thread().to_string());
    scene.types("jj2<Enter>jt<Enter>zMjlj");
    let tree = |scene: &Scene| {
        let view = scene.app.shown().message_state().unwrap().spans.payload_tree().unwrap();
        (view.len(), view.selected, view.tree().path(view.selected))
    };
    let before = tree(&scene);
    scene.types("r");
    let request = scene.app.loading.request;
    scene.receives_body(request, &continued_thread());
    assert_eq!(tree(&scene), before);
    scene.types("<Esc>5<Enter>jjjjj");
    let path = |scene: &Scene| {
        let view = scene.app.shown().message_state().unwrap().json.as_ref().unwrap();
        view.tree().path(view.selected)
    };
    let before = path(&scene);
    scene.types("r");
    let request = scene.app.loading.request;
    scene.receives_body(request, &original_thread().to_string());
    assert_eq!(path(&scene), before);
}

#[test]
fn blocks_stay_folded_after_a_reload_or_resize() {
    let mut scene = Scene::with(120, 40, "camelai:1001", "camelai-margin.json");
    scene.types("8j<Enter>zM");
    let rows = |scene: &Scene| scene.app.shown().message_state().unwrap().text.document.len();
    let folded = rows(&scene);
    scene.types("zR");
    assert!(rows(&scene) > folded);
    scene.types("zM");
    scene.happens(Event::Resize { width: 119, height: 40 });
    assert_eq!(rows(&scene), folded, "{}", scene.picture());
    let body = std::fs::read_to_string(crate::scene::demo("camelai-margin.json")).unwrap();
    scene.types("r");
    let request = scene.app.loading.request;
    scene.receives_body(request, &body.replace("margin", "Margin"));
    assert!(scene.app.notice.as_ref().unwrap().text.contains("changed"), "{:?}", scene.app.notice);
    assert_eq!(rows(&scene), folded, "{}", scene.picture());
}

#[test]
fn a_single_pane_has_no_borders() {
    let mut scene = lamp();
    scene.types("<Enter>Z");
    assert_screen!("zoomed", scene);
}

#[test]
fn selection_and_errors_are_visible_without_colours() {
    let mut scene = lamp();
    scene.theme = Theme::plain();
    scene.types("jj2");
    assert_screen!("no-colours", scene);
}

#[test]
fn the_thread_box_opens_over_a_thread() {
    let mut scene = lamp();
    scene.happens(Event::RecentThreads(crate::scene::recent_threads()));
    scene.types("i");
    assert_screen!("thread-box", scene);
}

#[test]
fn the_border_between_the_panes_moves_by_keys_and_by_the_mouse() {
    let mut scene = lamp();
    let width = |scene: &Scene| scene.app.screen.frame().messages.outer.width;
    let before = width(&scene);
    scene.happens(Event::Key("ctrl-right".parse().unwrap()));
    assert_eq!(width(&scene), before + 4);
    let mouse = |kind, column| Event::Mouse(Mouse { kind, column, row: 6 });
    scene.happens(mouse(MouseKind::Press, before + 3));
    scene.happens(mouse(MouseKind::Drag, 50));
    assert_eq!(width(&scene), 51);
    scene.happens(mouse(MouseKind::Press, 5));
    scene.happens(mouse(MouseKind::Drag, 60));
    assert_eq!(width(&scene), 51, "a drag that did not begin at the border");
}
