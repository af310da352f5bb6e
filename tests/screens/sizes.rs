//! The same states at every relevant size.

use crate::assert_screen;
use crate::scene::{Scene, recent_threads};

fn lamp(width: u16, height: u16, keys: &str) -> Scene {
    let mut scene =
        Scene::with(width, height, "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "sgp-lamp-order.json");
    scene.types(keys);
    scene
}

fn idle(width: u16, height: u16) -> Scene {
    let mut scene = Scene::sized(width, height);
    scene.happens(unspool::testing::event::Event::RecentThreads(recent_threads()));
    scene
}

#[test]
fn a_wide_screen() {
    assert_screen!("size-160x48", lamp(160, 48, ""));
}

#[test]
fn a_narrow_screen() {
    assert_screen!("size-80x24", lamp(80, 24, ""));
    assert_screen!("size-80x24-spans", lamp(80, 24, "jj2<Enter>"));
    assert_screen!("size-80x24-idle", idle(80, 24));
}

#[test]
fn a_small_screen() {
    assert_screen!("size-40x12", lamp(40, 12, ""));
    assert_screen!("size-40x12-message", lamp(40, 12, "<Enter>"));
    // With a single pane, the tab's key focuses it: the same picture without Enter.
    assert_screen!("size-40x12-spans", lamp(40, 12, "jj2"));
    assert_screen!("size-40x12-idle", idle(40, 12));
    assert_screen!("size-40x12-help", lamp(40, 12, "?"));
}

#[test]
fn a_tiny_screen() {
    assert_screen!("size-20x5", lamp(20, 5, ""));
    assert_screen!("size-20x5-spans", lamp(20, 5, "2"));
    assert_screen!("size-20x5-idle", idle(20, 5));
}
