//! Keys (their text form, and the map of sequences), and sequences of all kinds of events with frames between them.
//! Nothing panics, and no cell of the screen contains a control character.
#![no_main]

#[path = "../../tests/events/run.rs"]
mod run;

use libfuzzer_sys::fuzz_target;
use unspool::testing::action::ACTION_TABLE;
use unspool::testing::keymap::{Chord, Keymap};

fn keys(text: &str) {
    if let Ok(chord) = text.parse::<Chord>() {
        assert_eq!(
            chord.to_string().parse::<Chord>().as_ref(),
            Ok(&chord),
            "the text form does not parse back"
        );
    }
    let mut map = Keymap::default();
    let sequences: Vec<String> = text.split(',').map(str::to_owned).collect();
    let row = &ACTION_TABLE[text.len() % ACTION_TABLE.len()];
    if map.rebind(row.action, &sequences).is_err() {
        return assert_eq!(map, Keymap::default());
    }
    assert_eq!(map.keys_of(row.action).len(), sequences.len());
    for keys in map.keys_of(row.action) {
        assert_eq!(Keymap::normalize(&keys).as_ref(), Ok(&keys), "the printed form reads as other keys");
    }
    map.conflicts();
}

fuzz_target!(|data: &[u8]| match data.split_first() {
    Some((0, text)) => keys(&String::from_utf8_lossy(text)),
    _ => run::play(data),
});
