//! Every action of the table has an effect.

use unspool::testing::action::{ACTION_TABLE, Action};

use crate::scene::{NOON, Scene};

/// Keys for the situations in which actions apply: the list, the tabs, the payload, a zoomed time axis, loading.
const SITUATIONS: [&str; 8] = [
    "jjj",
    "jjj2<Enter>jj",
    "jjj2<Enter>jj+",
    "jjj2<Enter>j<Enter>tj",
    "jjj5<Enter>jjl",
    "jjj<Enter>",
    "3<Enter>",
    "r",
];

/// Returns whether an action changes the state or requests an effect in this situation.
fn has_effect(situation: &str, action: Action) -> bool {
    let mut scene = Scene::with(100, 30, "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "sgp-lamp-order.json");
    scene.types(situation);
    let before = format!("{:?}", scene.app);
    let effects = scene.app.perform(action, None, NOON);
    !effects.is_empty() || format!("{:?}", scene.app) != before
}

#[test]
fn every_action_changes_the_state_or_requests_an_effect() {
    assert!(!has_effect("jjj", Action::ShowMessage), "this tab is shown already");
    let idle: Vec<&str> = ACTION_TABLE
        .iter()
        .filter(|row| !SITUATIONS.iter().any(|situation| has_effect(situation, row.action)))
        .map(|row| row.name)
        .collect();
    assert_eq!(idle, Vec::<&str>::new());
}
