//! Keys as text, for scripted tests.

use unspool::testing::keymap::{Chord, Key};

/// Parses keys from text: characters, and names in angle brackets such as `<Enter>` or `<ctrl-d>`.
pub fn parse_chords(text: &str) -> Vec<Chord> {
    let mut chords = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|after| after.split_once('>'));
        if let Some((name, after)) = named {
            chords.push(name.to_lowercase().parse().unwrap());
            rest = after;
        } else {
            chords.push(Chord::plain(Key::Char(first)));
            rest = rest.split_at(first.len_utf8()).1;
        }
    }
    chords
}
