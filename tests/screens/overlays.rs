//! Overlays with selectable rows: their layout on small screens, and the mouse.

use unspool::testing::app::{App, Overlay};
use unspool::testing::config::{ActiveAccess, ProfileChoice, Profiles};
use unspool::testing::event::{Event, Mouse, MouseKind};

use crate::assert_screen;
use crate::scene::Scene;

fn lamp_with_profiles(width: u16, height: u16, keys: &str) -> Scene {
    let typed = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
    let mut scene = Scene::with(width, height, typed, "sgp-lamp-order.json");
    let choice = |number: usize| ProfileChoice {
        name: format!("profile-{number}"),
        service: if number % 3 == 2 { "camelai" } else { "sgp" },
        base_url: format!("https://api-{number}.example.com/v1"),
        account: (number == 1).then(|| "65f1c2d9e8b7a6543210fedc".to_owned()),
        key_source: "SGP_API_KEY".to_owned(),
    };
    scene.app.prefs.profiles = Profiles {
        choices: (0..12).map(choice).collect(),
        active: vec![ActiveAccess {
            service: "sgp",
            profile: Some("profile-1".to_owned()),
            ..ActiveAccess::default()
        }],
        preferred_service: Some("sgp"),
    };
    scene.types(keys);
    scene
}

fn send_mouse(scene: &mut Scene, kind: MouseKind, column: u16, row: u16) {
    scene.happens(Event::Mouse(Mouse { kind, column, row }));
}

fn click(scene: &mut Scene, column: u16, row: u16) {
    send_mouse(scene, MouseKind::Press, column, row);
}

/// Returns the row of the terminal that contains this text.
fn row_of(scene: &Scene, text: &str) -> u16 {
    let picture = scene.picture();
    let row = picture.lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{picture}"));
    u16::try_from(row).unwrap()
}

fn selected_row(app: &App) -> Option<usize> {
    app.overlay_list().map(|chooser| chooser.selected)
}

#[test]
fn export_menu_at_three_sizes() {
    assert_screen!("export-100x30", lamp_with_profiles(100, 30, "xj"));
    assert_screen!("export-60x15", lamp_with_profiles(60, 15, "x<Tab><Space>>"));
    assert_screen!("export-40x12", lamp_with_profiles(40, 12, "xG<Tab>"));
}

#[test]
fn the_export_menu_offers_each_choice_of_payloads_where_the_format_has_one() {
    let mut scene = lamp_with_profiles(100, 30, "x");
    for words in ["none", "failed spans", "all", "automatic", "none"] {
        row_of(&scene, &format!("Span payloads: {words}"));
        scene.types(">");
    }
    scene.types("j");
    // A choice stays when another format is selected.
    row_of(&scene, "Span payloads: failed spans");
    scene.types("j");
    row_of(&scene, "Span payloads: no choice");
}

#[test]
fn profile_list_at_three_sizes() {
    assert_screen!("profiles-100x30", lamp_with_profiles(100, 30, "P"));
    assert_screen!("profiles-60x15", lamp_with_profiles(60, 15, "PG"));
    assert_screen!("profiles-40x12", lamp_with_profiles(40, 12, "P"));
}

#[test]
fn a_click_selects_a_format_and_another_exports() {
    let mut scene = lamp_with_profiles(100, 30, "x");
    let row = row_of(&scene, "CSV, for spreadsheets");
    click(&mut scene, 40, row);
    assert_eq!(selected_row(&scene.app), Some(4));
    row_of(&scene, "Span payloads: no choice");
    for text in ["Whole thread", "Redact: off"] {
        let row = row_of(&scene, text);
        click(&mut scene, 40, row);
    }
    row_of(&scene, "Redact: on");
    row_of(&scene, "Filtered messages");
    click(&mut scene, 40, row);
    assert!(scene.app.overlay.is_none());
    assert_eq!(
        scene.app.notice.as_ref().unwrap().text,
        "Exporting as CSV, for spreadsheets: filtered messages"
    );
}

#[test]
fn a_click_outside_an_overlay_closes_it_and_one_on_its_border_does_not() {
    for keys in ["x", "P"] {
        let mut scene = lamp_with_profiles(160, 48, keys);
        let outer = scene.app.overlay_area().unwrap().outer;
        click(&mut scene, outer.x, outer.y);
        assert!(scene.app.overlay.is_some(), "{keys}");
        click(&mut scene, outer.x.saturating_sub(1), outer.y);
        assert!(scene.app.overlay.is_none(), "{keys}");
    }
}

#[test]
fn a_click_on_the_selected_row_of_the_analysis_goes_to_its_slowest_step() {
    let mut scene = lamp_with_profiles(100, 30, "p");
    let (first, second) = (row_of(&scene, "self") + 1, row_of(&scene, "self") + 2);
    click(&mut scene, 40, second);
    assert_eq!(selected_row(&scene.app), Some(1));
    row_of(&scene, "llm COMPLETION");
    click(&mut scene, 40, first);
    assert_eq!(selected_row(&scene.app), Some(0));
    click(&mut scene, 40, first);
    assert!(scene.app.overlay.is_none());
    assert!(scene.app.shown().selected_span().is_some());
}

#[test]
fn the_wheel_scrolls_overlays_only_to_their_end() {
    for (keys, most) in [("P", 3), ("x", 1), ("?", 200)] {
        let mut scene = lamp_with_profiles(60, 13, keys);
        let offset = |scene: &Scene| match scene.app.overlay.as_ref().unwrap() {
            Overlay::Help(help) => help.offset,
            Overlay::Profiles { offset, .. } => *offset,
            Overlay::Export(menu) => menu.offset,
            other => panic!("{other:?}"),
        };
        for _ in 0..99 {
            send_mouse(&mut scene, MouseKind::WheelDown, 20, 5);
        }
        let end = offset(&scene);
        assert!(if most > 9 { end > 50 } else { end == most }, "{keys}: {end}\n{}", scene.picture());
        send_mouse(&mut scene, MouseKind::WheelUp, 20, 5);
        assert_eq!(offset(&scene), end.saturating_sub(3));
    }
}

#[test]
fn two_clicks_switch_the_profile() {
    let mut scene = lamp_with_profiles(60, 13, "PG");
    let row = row_of(&scene, "profile-7");
    click(&mut scene, 20, row);
    assert_eq!(
        (selected_row(&scene.app), row_of(&scene, "profile-7")),
        (Some(7), row),
        "nothing moves under the mouse"
    );
    click(&mut scene, 20, row);
    assert_eq!(scene.app.prefs.profiles.active_profile("sgp"), Some("profile-7"));
}
