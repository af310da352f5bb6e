//! Checks text that is drawn or printed.

use crate::harmless::is_harmful;

/// Panics on harmful characters other than newlines.
pub fn assert_harmless(text: &str, about: &str) {
    let harmful = text.char_indices().find(|(_, c)| *c != '\n' && is_harmful(*c));
    if let Some((at, c)) = harmful {
        let from = text.floor_char_boundary(at.saturating_sub(60));
        panic!("{about}: {c:?} after {:?}", text.get(from..at).unwrap());
    }
}
