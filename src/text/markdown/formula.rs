//! Finds formulas in Markdown: `$…$` by pandoc's rule, `\(…\)`, `\[…\]` and `$$…$$`. They are shown verbatim, because
//! Markdown would interpret their backslashes and stars.

use std::ops::Range;

use super::outline::Outline;

/// The maximum number of bytes in a formula; in longer text, the delimiters have another meaning.
const MAX_FORMULA_LEN: usize = 4000;

/// The closing delimiters of two bytes.
const CLOSINGS: [&str; 3] = ["\\)", "\\]", "$$"];

/// Returns the ranges of formulas, in order. Code, raw HTML and addresses contain none: `$filter=id&$top=5` is a query.
pub(super) fn formula_ranges(text: &str, outline: &Outline) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let last_closings = CLOSINGS.map(|closing| text.rfind(closing).unwrap_or(0));
    while let Some(next) = text.get(at..).and_then(|rest| rest.find(['\\', '$'])) {
        let start = at + next;
        if let Some(literal) = outline.literal_at(start).or_else(|| outline.address_at(start)) {
            at = literal.end.max(start + 1);
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        let formula = Opening { text, start, outline, last_closings }.formula_len();
        // A backslash escapes the next character, so that `\\(` does not open a formula.
        let skip = || match rest.as_bytes() {
            [b'\\', ..] => rest.chars().take(2).map(char::len_utf8).sum::<usize>(),
            _ => rest.bytes().take_while(|byte| *byte == b'$').count(),
        };
        at = start + formula.unwrap_or_else(skip);
        if formula.is_some() {
            found.push(start..at);
        }
    }
    found
}

/// A place where a formula may begin.
struct Opening<'a> {
    text: &'a str,
    start: usize,
    outline: &'a Outline,
    /// The last place of each of [`CLOSINGS`] in the text; 0 if it has none.
    last_closings: [usize; 3],
}

impl Opening<'_> {
    /// Returns the length of the formula with its delimiters; `None` if there is none.
    fn formula_len(&self) -> Option<usize> {
        let rest = self.text.get(self.start..)?;
        let len = match rest.as_bytes() {
            [b'\\', b'(', ..] => self.delimited_len(rest, 0)?,
            [b'\\', b'[', ..] => self.delimited_len(rest, 1)?,
            [b'$', b'$', ..] => self.delimited_len(rest, 2)?,
            [b'$', ..] => dollar_len(rest)?,
            _ => return None,
        };
        let end = self.start + len;
        // A formula may contain a whole link, as `E[X](t)` is one.
        let ends_in_address = self.outline.address_at(end - 1).is_some_and(|address| address.end > end);
        let is_allowed = !ends_in_address
            && !self.outline.has_code_in(self.start..end)
            && (!self.outline.is_in_table(self.start) || fits_cell(rest.get(..len)?));
        is_allowed.then_some(len)
    }

    /// Returns the length of a formula between delimiters of two bytes. Only a formula whose delimiters are on separate
    /// lines may have blank lines inside.
    fn delimited_len(&self, rest: &str, closing: usize) -> Option<usize> {
        let close = CLOSINGS.get(closing)?;
        if self.last_closings.get(closing).is_none_or(|last| *last <= self.start) {
            return None;
        }
        let body = rest.get(2..)?;
        let len = find_unescaped(body, close)?;
        let inner = body.get(..len)?;
        if inner.trim().is_empty() {
            return None;
        }
        let is_block = || {
            let before = self.text.get(..self.start).unwrap_or_default().rsplit('\n').next();
            let after = body.get(len + 2..).unwrap_or_default().split('\n').next();
            let (first, last) = (inner.split('\n').next(), inner.rsplit('\n').next());
            before.is_some_and(|line| line.chars().all(is_container_mark))
                && [first, after].into_iter().flatten().all(|line| line.trim().is_empty())
                && last.is_some_and(|line| line.chars().all(is_container_mark))
        };
        (!has_blank_line(inner) || is_block()).then_some(len + 4)
    }
}

/// Returns the length of a formula between single dollars. It has no space next to a dollar inside, and no digit after it.
fn dollar_len(rest: &str) -> Option<usize> {
    let body = rest.get(1..)?;
    if body.starts_with(|c: char| c.is_whitespace()) {
        return None;
    }
    let len = find_unescaped(body, "$")?;
    let inner = body.get(..len)?;
    let is_closed = !inner.ends_with(char::is_whitespace)
        && !body.get(len + 1..).is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()));
    (is_closed && !inner.is_empty() && !has_blank_line(inner)).then_some(len + 2)
}

/// Returns the first place of `close` that no backslash escapes, within the maximum length.
fn find_unescaped(body: &str, close: &str) -> Option<usize> {
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        if at > MAX_FORMULA_LEN {
            return None;
        }
        if body.get(at..).is_some_and(|rest| rest.starts_with(close)) {
            return Some(at);
        }
        if c == '\\' {
            chars.next();
        }
    }
    None
}

fn has_blank_line(inner: &str) -> bool {
    let lines = inner.split('\n').count();
    inner
        .split('\n')
        .skip(1)
        .take(lines.saturating_sub(2))
        .any(|line| line.trim_matches([' ', '>']).is_empty())
}

/// Returns whether a formula can be in a cell of a table, which ends at a bar.
fn fits_cell(formula: &str) -> bool {
    let mut is_escaped = false;
    formula.chars().all(|c| {
        let allowed = c != '\n' && (c != '|' || is_escaped);
        is_escaped = c == '\\' && !is_escaped;
        allowed
    })
}

/// Returns whether a character can precede a block: a space, or a part of the marker of a quote or a list item.
pub(super) fn is_container_mark(c: char) -> bool {
    matches!(c, ' ' | '>' | '-' | '*' | '+' | '.' | ')' | '0'..='9')
}
