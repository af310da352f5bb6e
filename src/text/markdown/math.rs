//! Formulas in a text: Markdown would take their backslashes and stars for its own, so they are found beforehand and
//! shown as they were written.

use std::collections::VecDeque;
use std::ops::Range;

use memchr::memmem;

/// A formula over several lines is no longer than this; more is a delimiter that means something else.
const MAX_FORMULA_LEN: usize = 4000;

/// Where formulas are: `\(…\)` in a line, `\[…\]` and `$$…$$` in a paragraph.
pub(super) fn formula_ranges(text: &str) -> VecDeque<Range<usize>> {
    let mut found = VecDeque::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find(['\\', '$'])) {
        let start = at + next;
        let rest = text.get(start..).unwrap_or_default();
        let formula = match rest.as_bytes() {
            [b'\\', b'(', ..] => formula_len(rest, "\\)", "\n"),
            [b'\\', b'[', ..] => formula_len(rest, "\\]", "\n\n"),
            [b'$', b'$', ..] => formula_len(rest, "$$", "\n\n"),
            _ => None,
        };
        // A backslash takes the character after it along, so that `\\(` opens nothing.
        let skip = || rest.chars().take(2).map(char::len_utf8).sum::<usize>();
        at = start + formula.unwrap_or_else(skip);
        if formula.is_some() {
            found.push_back(start..at);
        }
    }
    found
}

/// The length of the formula at the start of `rest` with its two-byte delimiters.
fn formula_len(rest: &str, close: &str, never: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let body = bytes.get(2..MAX_FORMULA_LEN.min(bytes.len()))?;
    let len = memmem::find(body, close.as_bytes())?;
    let body = body.get(..len)?;
    memmem::find(body, never.as_bytes()).is_none().then_some(len + 4)
}
