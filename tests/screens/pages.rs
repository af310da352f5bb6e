//! Pages over the panes that rows are chosen in: how they look where there is little room, and the mouse on them.

use unspool::app::profiles::{Choice, Profiles, Reached};
use unspool::app::{App, Overlay};
use unspool::event::{Event, Mouse, MouseKind};

use crate::looks;
use crate::scene::Scene;

fn lamp(width: u16, height: u16, keys: &str) -> Scene {
    let typed = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
    let mut scene = Scene::with(width, height, typed, "sgp-lamp-order.json");
    let choice = |number: usize| Choice {
        name: format!("profile-{number}"),
        service: if number % 3 == 2 { "camelai" } else { "sgp" },
        place: format!("https://api-{number}.example.com/v1"),
        account: (number == 1).then(|| "65f1c2d9e8b7a6543210fedc".to_owned()),
        key: "SGP_API_KEY".to_owned(),
    };
    scene.app.prefs.profiles = Profiles {
        choices: (0..12).map(choice).collect(),
        reached: vec![Reached { service: "sgp", profile: Some("profile-1".to_owned()), flags: Vec::new() }],
        preferred: Some("sgp"),
    };
    scene.types(keys);
    scene
}

fn mouse(scene: &mut Scene, kind: MouseKind, column: u16, row: u16) {
    scene.happens(Event::Mouse(Mouse { kind, column, row }));
}

fn click(scene: &mut Scene, column: u16, row: u16) {
    mouse(scene, MouseKind::Press, column, row);
}

/// The row of the terminal with these words.
fn row_of(scene: &Scene, words: &str) -> u16 {
    let picture = scene.picture();
    let row = picture.lines().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{picture}"));
    u16::try_from(row).unwrap()
}

fn selected(app: &App) -> Option<usize> {
    app.chooser().map(|chooser| chooser.selected)
}

#[test]
fn the_export_menu_at_three_sizes() {
    looks!("export-100x30", lamp(100, 30, "xj"));
    looks!("export-60x15", lamp(60, 15, "x<Tab><Space>"));
    looks!("export-40x12", lamp(40, 12, "xG<Tab>"));
}

#[test]
fn the_list_of_profiles_at_three_sizes() {
    looks!("profiles-100x30", lamp(100, 30, "P"));
    looks!("profiles-60x15", lamp(60, 15, "PG"));
    looks!("profiles-40x12", lamp(40, 12, "P"));
}

#[test]
fn a_click_chooses_a_format_and_one_more_writes_it() {
    let mut scene = lamp(100, 30, "x");
    let row = row_of(&scene, "CSV, for spreadsheets");
    click(&mut scene, 40, row);
    assert_eq!(selected(&scene.app), Some(4));
    for words in ["the whole thread", "secrets and addresses: kept"] {
        let row = row_of(&scene, words);
        click(&mut scene, 40, row);
    }
    row_of(&scene, "secrets and addresses: masked");
    row_of(&scene, "what the filter shows");
    click(&mut scene, 40, row);
    assert!(scene.app.overlay.is_none());
    assert_eq!(
        scene.app.notice.as_ref().unwrap().text,
        "writing what the filter shows as CSV, for spreadsheets"
    );
}

#[test]
fn a_click_beside_a_page_closes_it_and_one_on_its_border_does_not() {
    for keys in ["x", "P", "p", "?"] {
        let mut scene = lamp(160, 48, keys);
        let outer = scene.app.overlay_area().unwrap().outer;
        click(&mut scene, outer.x, outer.y);
        assert!(scene.app.overlay.is_some(), "{keys}");
        click(&mut scene, outer.x.saturating_sub(1), outer.y);
        assert!(scene.app.overlay.is_none(), "{keys}");
    }
}

#[test]
fn a_click_on_the_selected_row_of_the_analysis_goes_to_its_slowest_step() {
    let mut scene = lamp(100, 30, "p");
    let (first, second) = (row_of(&scene, "self") + 1, row_of(&scene, "self") + 2);
    click(&mut scene, 40, second);
    assert_eq!(selected(&scene.app), Some(1));
    click(&mut scene, 40, first);
    assert_eq!(selected(&scene.app), Some(0));
    click(&mut scene, 40, first);
    assert!(scene.app.overlay.is_none());
    assert!(scene.app.selected_span().is_some());
}

#[test]
fn the_wheel_scrolls_pages_no_further_than_to_their_end() {
    for (keys, most) in [("P", 3), ("x", 0), ("?", 200)] {
        let mut scene = lamp(60, 13, keys);
        let offset = |scene: &Scene| match scene.app.overlay.as_ref().unwrap() {
            Overlay::Help { offset } | Overlay::Profiles { offset, .. } => *offset,
            Overlay::Export(menu) => menu.offset,
            other => panic!("{other:?}"),
        };
        for _ in 0..99 {
            mouse(&mut scene, MouseKind::WheelDown, 20, 5);
        }
        let end = offset(&scene);
        assert!(if most > 9 { end > 50 } else { end == most }, "{keys}: {end}\n{}", scene.picture());
        mouse(&mut scene, MouseKind::WheelUp, 20, 5);
        assert_eq!(offset(&scene), end.saturating_sub(3));
    }
}

#[test]
fn a_profile_is_taken_by_two_clicks() {
    let mut scene = lamp(60, 13, "PG");
    let row = row_of(&scene, "profile-7");
    click(&mut scene, 20, row);
    assert_eq!(
        (selected(&scene.app), row_of(&scene, "profile-7")),
        (Some(7), row),
        "nothing moves under the mouse"
    );
    click(&mut scene, 20, row);
    assert_eq!(scene.app.prefs.profiles.in_use("sgp"), Some("profile-7"));
}
