//! The first screen: the finder over recent threads, and the text for new users.

use unspool::testing::app::{App, Prefs};
use unspool::testing::event::Event;

use crate::assert_screen;
use crate::scene::{Scene, recent_threads};

fn new_user(width: u16, height: u16) -> Scene {
    let mut scene = Scene::sized(width, height);
    let prefs = Prefs { offers_demo: true, welcome: scene.app.prefs.welcome.clone(), ..Prefs::default() };
    scene.app = App::new(prefs, width, height);
    scene.happens(Event::RecentThreads(Vec::new()));
    scene
}

#[test]
fn newcomers_see_three_ways_to_begin() {
    assert_screen!("first-screen-newcomer", new_user(100, 30));
    assert_screen!("first-screen-newcomer-small", new_user(40, 12));
}

#[test]
fn the_demo_starts_inside_the_program() {
    let mut scene = new_user(100, 30);
    scene.happens(Event::DemoStarted { threads: recent_threads() });
    scene.types("marg");
    assert_screen!("finder-margin", scene);
    scene.types("<Enter>");
    assert_eq!(scene.app.loading.source.as_ref().unwrap().to_input(), "camelai:1001");
}

#[test]
fn every_key_works_before_a_thread_is_open() {
    let mut scene = Scene::sized(80, 24);
    scene.happens(Event::RecentThreads(recent_threads()));
    scene.types("?");
    assert_eq!(scene.app.thread_box.text(), "?");
    scene.types("<F1>");
    assert!(scene.picture().contains("─ Keys ─"));
    scene.types("<Esc>");
    assert!(!scene.picture().contains("─ Keys ─"));
    scene.types("<ctrl-u><Esc>");
    assert!(scene.picture().contains("lamp order 4471"), "Escape keeps the list");
    scene.types("?");
    assert!(scene.picture().contains("─ Keys ─"));
    scene.types("<Esc>j<Enter>");
    assert_eq!(scene.app.loading.source.as_ref().unwrap().to_input(), "camelai:1001");
}

#[test]
fn help_opens_over_a_prompt_that_stays() {
    let mut scene = Scene::with(100, 30, "sgp:lamp", "sgp-lamp-order.json");
    scene.types("/war<F1>");
    assert!(scene.picture().contains("─ Keys ─"));
    scene.types("<Esc>");
    scene.types("ranty");
    assert_eq!(scene.app.prompt.as_ref().unwrap().text(), "warranty");
}
