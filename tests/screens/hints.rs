//! Every key in a hint has an effect where the hint is shown.

use crate::browse::listed_account;
use crate::scene::Scene;

const LAMP: (&str, &str) = ("sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "sgp-lamp-order.json");
const AGENT: (&str, &str) = ("sgp:b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95", "sgp-stock-agent.json");
const MARGIN: (&str, &str) = ("camelai:1001", "camelai-margin.json");

/// Keys that lead to each pane and tab.
const PLACES: [&str; 13] = [
    "",
    "G",
    "<Enter>",
    "<Enter>c",
    "]e<Enter>",
    "2<Enter>",
    "2<Enter>j",
    "2<Enter><Enter>",
    "2<Enter>jj<Enter>>",
    "3<Enter>",
    "4<Enter>",
    "5<Enter>",
    "<Enter>O",
];

/// Pages with the parts of their footers: the text, and the keys that it names.
const PAGES: [(&str, &[(&str, &str)]); 6] = [
    (
        "p",
        &[
            ("enter go there", "<Enter>"),
            ("jk row", "j"),
            ("hl turns", "l"),
            ("]e failed", "]e"),
            ("]d negative", "]d"),
            ("esc close", "<Esc>"),
        ],
    ),
    ("j=", &[("j k scroll", "j"), ("< > part", ">"), ("space fold", " "), ("esc close", "<Esc>")]),
    ("/the<Enter>g/", &[("enter go to the hit", "<Enter>"), ("f filter", "f"), ("esc close", "<Esc>")]),
    ("x", &[("esc close", "<Esc>")]),
    ("gx", &[]),
    ("?", &[("esc", "<Esc>")]),
];

fn open((typed, asset): (&str, &str), width: u16, keys: &str) -> Scene {
    let mut scene = Scene::with(width, 24, typed, asset);
    scene.types("gg");
    scene.types(keys);
    scene.app.notice = None;
    scene
}

/// Returns the screen without the line of hints, and with the pane that has the focus.
fn state(scene: &mut Scene) -> String {
    let notice = scene.app.notice.take().map(|notice| notice.text).unwrap_or_default();
    // A notice that nothing was done is not an effect.
    let notice = Some(notice).filter(|text| !text.starts_with("No"));
    let picture = scene.picture();
    let app = &scene.app;
    let focus = format!("{:?} {:?} {:?}", app.screen.focus, app.prompt.is_some(), app.detail.payload_mode);
    format!("{focus} {notice:?}\n{picture}")
}

/// Returns whether a key changes the screen or requests an effect.
fn does_something(scene: &mut Scene, keys: &str) -> bool {
    let before = state(scene);
    let effects = |scene: &Scene| scene.clips.len() + scene.outside_effects;
    let effects_before = effects(scene);
    scene.types(keys);
    effects(scene) > effects_before || state(scene) != before
}

/// Returns the first key of an action, in the form of [`Scene::types`].
fn typed_form(keys: &str) -> String {
    match keys {
        "enter" | "esc" | "space" | "tab" | "down" | "up" => format!("<{keys}>"),
        _ => keys.to_owned(),
    }
}

#[test]
fn every_hinted_key_works_on_every_pane_and_tab() {
    let mut violations = Vec::new();
    for thread in [LAMP, AGENT, MARGIN] {
        for place in PLACES {
            for width in [120, 60] {
                let scene = open(thread, width, place);
                let hints: Vec<_> = scene.app.hints().map(|hint| (hint.action, hint.label)).collect();
                assert!(!hints.is_empty(), "{place}");
                for (action, label) in hints {
                    let keys = scene.app.prefs.keymap.keys_of(action).first().unwrap().to_string();
                    if !does_something(&mut open(thread, width, place), &typed_form(&keys)) {
                        violations.push(format!("{} after {place:?} at {width}: {keys} {label}", thread.1));
                    }
                }
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

/// Screens without a thread, by the keys that open them from the first screen.
const WITHOUT_THREAD: [&str; 6] =
    ["<Tab>", "<Tab>b", "<Tab>bj<Space>", "<Tab>b<Tab>", "<Tab>bl", "<Tab>b/nowhere<Enter>"];

#[test]
fn every_hinted_key_works_without_a_thread() {
    let mut violations = Vec::new();
    for place in WITHOUT_THREAD {
        let open = || {
            let mut scene = listed_account(120, 30, place);
            scene.app.notice = None;
            scene
        };
        let hints: Vec<_> = open().app.hints().map(|hint| (hint.action, hint.label)).collect();
        assert!(!hints.is_empty(), "{place}");
        for (action, label) in hints {
            let keys = open().app.prefs.keymap.keys_of(action).first().unwrap().to_string();
            if !does_something(&mut open(), &typed_form(&keys)) {
                violations.push(format!("after {place:?}: {keys} {label}"));
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn every_hinted_key_works_on_the_pages() {
    let mut violations = Vec::new();
    for thread in [LAMP, MARGIN] {
        for (page, hints) in PAGES {
            for (text, keys) in hints {
                let mut scene = open(thread, 120, page);
                let picture = scene.picture();
                // A page hides keys without an effect in this thread.
                assert!(thread == MARGIN || picture.contains(text), "{page}: {text}\n{picture}");
                if picture.contains(text) && !does_something(&mut scene, keys) {
                    violations.push(format!("{} on {page:?}: {text}", thread.1));
                }
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}
