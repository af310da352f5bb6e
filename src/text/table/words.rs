//! The parts of a cell that stay on one line: numbers, with the spaces inside them, and words of usual length.

use super::NO_BREAK_SPACE;
use crate::text::{Graphemes, Safe, width};

/// The width up to which a word does not break.
const MAX_WORD_WIDTH: usize = 20;

/// Replaces the spaces inside numbers, and between a number and its unit, by no-break spaces.
pub(super) fn join_numbers(cell: Safe<'_>) -> Safe<'_> {
    let bytes = cell.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_inside_number = |at: usize| {
        let after = cell.get(at + 1..).unwrap_or_default();
        let before = cell.get(..at).unwrap_or_default();
        let groups = is_digit(at + 1) && is_digit(at + 2) && is_digit(at + 3) && !is_digit(at + 4);
        let ends_with_digit = at > 0 && is_digit(at - 1);
        let unit_ends = after.chars().nth(1).is_none_or(char::is_whitespace);
        ends_with_digit && (groups || after.starts_with(is_sign) && unit_ends)
            || before.ends_with(is_sign)
                && is_digit(at + 1)
                && before.chars().nth_back(1).is_none_or(char::is_whitespace)
    };
    if !bytes.iter().enumerate().any(|(at, byte)| *byte == b' ' && is_inside_number(at)) {
        return cell;
    }
    let joined: String = cell
        .char_indices()
        .map(|(at, c)| if c == ' ' && is_inside_number(at) { NO_BREAK_SPACE } else { c })
        .collect();
    Safe::from_sanitized(&joined)
}

/// Returns whether a character can be next to a number and belong to it.
fn is_sign(c: char) -> bool {
    matches!(c, '%' | '$' | '€' | '£' | '¥' | '₹' | '‰' | '°' | '+' | '-' | '−' | '±' | '~')
}

/// Returns the width of the longest part of a cell that does not break.
pub(super) fn minimal_width(cell: &str) -> usize {
    cell.split([' ', '\n']).map(longest_part).max().unwrap_or(0)
}

/// Returns the longest part of a word, which lines may break next to wide characters.
fn longest_part(word: &str) -> usize {
    let mut longest = 0;
    let mut part = Part::default();
    let mut clusters = Graphemes::new(word);
    while let Some((cluster, columns)) = clusters.next_with_width() {
        if columns > 1 {
            longest = longest.max(part.unbreakable_width()).max(columns);
            part = Part::default();
        } else {
            part.text.push_str(cluster);
        }
    }
    longest.max(part.unbreakable_width())
}

/// A run of narrow clusters.
#[derive(Default)]
struct Part {
    text: String,
}

impl Part {
    fn unbreakable_width(&self) -> usize {
        let columns = width::columns(&self.text);
        let is_number = self.text.contains(|c: char| c.is_ascii_digit())
            && self.text.chars().all(|c| {
                c.is_ascii_digit()
                    || is_sign(c)
                    || matches!(
                        c,
                        NO_BREAK_SPACE | '.' | ',' | ':' | '/' | '\'' | '(' | ')' | 'e' | 'E' | 'x'
                    )
            });
        if is_number { columns } else { columns.min(MAX_WORD_WIDTH) }
    }
}
