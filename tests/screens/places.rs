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
