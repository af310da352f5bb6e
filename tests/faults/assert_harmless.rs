//! Checks text that is drawn or printed.

/// Panics on control characters, bidi controls and invisible characters.
pub fn assert_harmless(text: &str, about: &str) {
    let harmful = text.char_indices().find(|(_, c)| match *c {
        '\n' => false,
        c if c.is_control() => true,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{200b}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2060}'..='\u{2065}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => true,
        _ => false,
    });
    if let Some((at, c)) = harmful {
        let from = text.floor_char_boundary(at.saturating_sub(60));
        panic!("{about}: {c:?} after {:?}", text.get(from..at).unwrap());
    }
}
