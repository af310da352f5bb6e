//! Prompts, overlays, and places that one goes to.

use unspool::theme::Theme;

use crate::looks;
use crate::scene::Scene;

fn lamp() -> Scene {
    Scene::with(100, 30, "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "sgp-lamp-order.json")
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
