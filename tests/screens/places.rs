//! Prompts, overlays, and places that one goes to.

use unspool::theme::Theme;

use crate::looks;
use crate::scene::Scene;

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn lamp() -> Scene {
    Scene::with(100, 30, LAMP, "sgp-lamp-order.json")
}

#[test]
fn help_lists_the_keys() {
    let mut scene = lamp();
    scene.types("?");
    looks!("help", scene);
    scene.types("<PageDown>");
    looks!("help-scrolled", scene);
}

#[test]
fn a_search_is_typed_and_its_hits_are_marked() {
    let mut scene = lamp();
    scene.types("/warranty");
    looks!("search-prompt", scene);
    scene.types("<Enter>");
    looks!("search-hit", scene);
    scene.types("nn");
    looks!("search-third-hit", scene);
}

#[test]
fn what_may_be_typed_stands_behind_a_filter_and_a_command() {
    let mut scene = lamp();
    scene.types("fstatus:");
    looks!("filter-prompt", scene);
    scene.types("<Tab><Tab>");
    looks!("filter-prompt-completed", scene);
    scene.types("<Esc>:ne");
    looks!("command-prompt", scene);
}

#[test]
fn what_is_wrong_with_a_filter_stands_above_it() {
    let mut scene = lamp();
    scene.types("fstatus:purple<Enter>");
    looks!("filter-refused", scene);
}

#[test]
fn a_search_in_vain_says_so() {
    let mut scene = lamp();
    scene.types("/nowhere to be found<Enter>");
    looks!("search-in-vain", scene);
}

#[test]
fn the_beginning_of_a_sequence_shows_how_it_may_go_on() {
    let mut scene = lamp();
    scene.types("]");
    looks!("pending-keys", scene);
}

#[test]
fn a_count_waits_for_a_motion() {
    let mut scene = lamp();
    scene.types("71");
    let line = scene.picture().lines().nth(29).unwrap().trim().to_owned();
    assert_eq!(line, "71  motion …");
}

#[test]
fn a_thread_that_did_not_change_looks_the_same_after_a_reload() {
    for keys in ["jj2<Enter>jjjjh<Enter>>jj", "jjj<Enter>5jjjl", "jj3<Enter>>", "jjjJJ"] {
        let mut scene = lamp();
        scene.types(keys);
        let before = scene.picture();
        scene.types("r");
        let request = scene.app.loading.request;
        scene.receives(request, &crate::scene::demo("sgp-lamp-order.json"));
        assert_eq!(scene.app.notice.take().unwrap().text, "nothing has changed");
        assert_eq!(scene.picture(), before, "{keys}");
    }
}

#[test]
fn a_message_that_changed_keeps_its_span_and_its_part() {
    let mut scene = lamp();
    scene.types("jj2<Enter>jjjj>");
    let (span, part) = (scene.app.selected_span().unwrap().id.clone(), scene.app.shown().unwrap().spans.part);
    scene.types("r");
    let request = scene.app.loading.request;
    let body = std::fs::read_to_string(crate::scene::demo("sgp-lamp-order.json")).unwrap();
    scene.receives_body(request, &body.replace("Wrong! Your website", "Wrong! The website"));
    assert!(scene.app.notice.as_ref().unwrap().text.starts_with("1 changed"), "{:?}", scene.app.notice);
    assert_eq!(scene.app.list.selected, 2);
    assert_eq!(scene.app.selected_span().unwrap().id, span);
    assert_eq!(scene.app.shown().unwrap().spans.part, part);
}

/// The lamp's thread on one line.
fn at_first() -> serde_json::Value {
    let body = std::fs::read_to_string(crate::scene::demo("sgp-lamp-order.json")).unwrap();
    serde_json::from_str(&body).unwrap()
}

/// The same as it would come when the third message and the last have gone on: one step more.
fn gone_on() -> String {
    let mut thread = at_first();
    for place in [2, 11] {
        let spans = thread.pointer_mut(&format!("/messages/{place}/spans")).unwrap().as_array_mut().unwrap();
        let mut step = spans.get(1).unwrap().clone();
        *step.pointer_mut("/id").unwrap() = format!("another-step-{place}").into();
        spans.insert(1, step);
    }
    thread.to_string()
}

#[test]
fn spans_of_messages_that_went_on_stay_folded() {
    let mut scene = lamp();
    scene.types("G2<Enter>zM<Esc>ggjj<Enter>jjhjjt<Enter>jj");
    let spans = |scene: &Scene| {
        let view = &scene.app.shown().unwrap().spans;
        (view.len(), view.row(), view.offset)
    };
    let (before, span) = (spans(&scene), scene.app.selected_span().unwrap().id.clone());
    assert!(before.0 < 13, "something is folded");
    scene.types("r");
    let request = scene.app.loading.request;
    scene.receives_body(request, &gone_on());
    assert_eq!(spans(&scene).0, before.0 + 1, "{}", scene.picture());
    assert_eq!(scene.app.selected_span().unwrap().id, span);
    scene.types("<Esc><Esc>G");
    assert_eq!(spans(&scene).0, 1, "{}", scene.picture());
}

#[test]
fn a_payload_of_a_message_that_went_on_stays_open_where_it_was() {
    let mut scene = Scene::with_body(100, 30, LAMP, &at_first().to_string());
    scene.types("jj2<Enter>jt<Enter>zMjlj");
    let tree = |scene: &Scene| {
        let view = scene.app.payload_tree().unwrap();
        (view.len(), view.selected, view.tree().path(view.selected))
    };
    let before = tree(&scene);
    scene.types("r");
    let request = scene.app.loading.request;
    scene.receives_body(request, &gone_on());
    assert_eq!(tree(&scene), before);
    scene.types("<Esc>5<Enter>jjjjj");
    let path = |scene: &Scene| {
        let view = scene.app.shown().unwrap().json.as_ref().unwrap();
        view.tree().path(view.selected)
    };
    let before = path(&scene);
    scene.types("r");
    let request = scene.app.loading.request;
    scene.receives_body(request, &at_first().to_string());
    assert_eq!(path(&scene), before);
}

#[test]
fn blocks_stay_folded_when_the_message_goes_on_or_the_window_changes() {
    let mut scene = Scene::with(120, 40, "camelai:1001", "camelai-margin.json");
    scene.types("8j<Enter>zM");
    let rows = |scene: &Scene| scene.app.shown().unwrap().text.len();
    let folded = rows(&scene);
    scene.types("zR");
    assert!(rows(&scene) > folded);
    scene.types("zM");
    scene.happens(unspool::event::Event::Resize { width: 119, height: 40 });
    assert_eq!(rows(&scene), folded, "{}", scene.picture());
    let body = std::fs::read_to_string(crate::scene::demo("camelai-margin.json")).unwrap();
    scene.types("r");
    let request = scene.app.loading.request;
    scene.receives_body(request, &body.replace("margin", "Margin"));
    assert!(scene.app.notice.as_ref().unwrap().text.contains("changed"), "{:?}", scene.app.notice);
    assert_eq!(rows(&scene), folded, "{}", scene.picture());
}

#[test]
fn a_pane_alone_has_no_borders() {
    let mut scene = lamp();
    scene.types("<Enter>Z");
    looks!("zoomed", scene);
}

#[test]
fn without_colours_the_selection_and_the_errors_can_still_be_told() {
    let mut scene = lamp();
    scene.theme = Theme::plain();
    scene.types("jj2");
    looks!("no-colours", scene);
}

#[test]
fn the_thread_box_over_an_open_thread() {
    let mut scene = lamp();
    scene.happens(unspool::event::Event::Visits(crate::scene::visits()));
    scene.types("i");
    looks!("thread-box", scene);
}
