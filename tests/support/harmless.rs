//! The characters that must not reach a terminal, listed independently of the text gate.

/// Returns whether a character is a control (newlines included), changes text direction, or is invisible in every context.
pub fn is_harmful(c: char) -> bool {
    let is_bidi_control =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_invisible = matches!(
        c,
        '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    );
    c.is_control() || is_bidi_control || is_invisible
}
