//! Finds formulas in Markdown before it is parsed, so that they are shown verbatim: Markdown would interpret their
//! backslashes and stars.

use std::collections::VecDeque;
use std::ops::Range;

use memchr::memmem;

/// The maximum length of a formula in bytes; beyond that, the delimiters mean something else.
const MAX_FORMULA_LEN: usize = 4000;

/// Returns the ranges of formulas: `\(…\)` in a line, `\[…\]` and `$$…$$` in a paragraph.
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
        // A backslash escapes the next character, so that `\\(` opens no formula.
        let skip = || rest.chars().take(2).map(char::len_utf8).sum::<usize>();
        at = start + formula.unwrap_or_else(skip);
        if formula.is_some() {
            found.push_back(start..at);
        }
    }
    found
}

/// The length of the formula at the start of `rest`, including its two-byte delimiters; `never` must not be inside.
fn formula_len(rest: &str, close: &str, never: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let body = bytes.get(2..MAX_FORMULA_LEN.min(bytes.len()))?;
    let len = memmem::find(body, close.as_bytes())?;
    let body = body.get(..len)?;
    memmem::find(body, never.as_bytes()).is_none().then_some(len + 4)
}
