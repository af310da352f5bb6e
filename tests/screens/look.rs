//! Help, the palette and the themes; pages that only Esc and q close.

use unspool::testing::app::Overlay;
use unspool::testing::theme::Theme;

use crate::assert_screen;
use crate::scene::Scene;

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn lamp(width: u16, height: u16, keys: &str) -> Scene {
    let mut scene = Scene::with(width, height, LAMP, "sgp-lamp-order.json");
    scene.types(keys);
    scene
}

#[test]
fn help_has_columns_and_starts_with_the_keys_of_the_pane() {
    assert_screen!("help-160x48", lamp(160, 48, "?"));
    assert_screen!("help-80x24", lamp(80, 24, "l2?"));
    assert_screen!("help-filtered", lamp(100, 30, "?copy json"));
}

#[test]
fn help_runs_the_selected_action() {
    let mut scene = lamp(100, 30, "?raw<Enter>");
    assert!(scene.app.overlay.is_none());
    assert_eq!(scene.app.detail.tab.title(), "Raw");
    scene.types("<F1>");
    assert!(matches!(scene.app.overlay, Some(Overlay::Help(_))));
    scene.types("<Esc>i<F1>");
    assert!(matches!(scene.app.overlay, Some(Overlay::Help(_))), "in the thread box, too");
}

#[test]
fn the_palette_shows_matches() {
    assert_screen!("palette-100x30", lamp(100, 30, ":"));
    assert_screen!("palette-40x12", lamp(40, 12, ":copy"));
    assert_screen!("palette-themes", lamp(80, 24, ":theme "));
}

#[test]
fn the_themes_for_dark_and_light_backgrounds() {
    for (name, theme) in [("dark", Theme::dark()), ("light", Theme::light())] {
        let mut scene = lamp(80, 24, "");
        scene.theme = theme;
        assert_screen!(format!("theme-{name}"), scene);
    }
}

#[test]
fn keys_without_a_meaning_close_no_page() {
    for open in ["p", "j=", "x"] {
        let mut scene = lamp(100, 30, open);
        assert!(scene.app.overlay.is_some(), "{open}");
        let page = std::mem::discriminant(scene.app.overlay.as_ref().unwrap());
        for key in
            [",", ">", "3", "m", "Z", "F", "]e", "yp", "t", "+", "zz", "n", "N", "r", "<ctrl-l>", "<F9>"]
        {
            scene.types(key);
            let still = scene.app.overlay.as_ref().map(std::mem::discriminant);
            assert_eq!(still, Some(page), "{open} {key}");
        }
        scene.types("<Esc>");
        assert!(scene.app.overlay.is_none(), "{open}");
    }
}

#[test]
fn escape_in_the_list_names_the_ended_mode() {
    let mut scene = lamp(100, 30, "/lamp<Enter>");
    let notice = |scene: &Scene| scene.app.notice.as_ref().map(|notice| notice.text.clone());
    scene.types("<Esc>");
    assert_eq!(notice(&scene).as_deref(), Some("Search ended"));
    scene.types("ffeedback:negative<Enter><Esc>");
    assert_eq!(notice(&scene).as_deref(), Some("Filter cleared"));
}
