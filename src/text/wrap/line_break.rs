//! Line breaking. The end of a row depends only on the text from the row's start on, which makes windowed wrapping
//! possible.

use memchr::{memchr, memrchr};

use crate::domain::steps::count_steps;
use crate::text::Graphemes;

use super::unspaced_script;

/// One row of wrapped text, as byte offsets without the spaces or the newline at which it was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub start: usize,
    pub end: usize,
}

impl Row {
    /// Returns the row's part of the wrapped text.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Iterates over the rows from `start`, which must be the start of a row.
pub(super) fn rows_from(text: &str, start: usize, width: usize) -> impl Iterator<Item = Row> {
    let mut at = start;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        let (end, next) = next_row(text, start, width);
        at = next;
        Some(Row { start, end })
    })
}

/// Returns the end of the row that starts at `start`, and the start of the next one, which is always greater.
pub(super) fn next_row(text: &str, start: usize, width: usize) -> (usize, usize) {
    let rest = text.get(start..).unwrap_or_default();
    let (end, next) = next_ascii(rest.as_bytes(), width).unwrap_or_else(|| next_unicode(rest, width));
    count_steps(next);
    (start + end, (start + next).max(start + 1))
}

/// Like [`next_row`] for a row that is printable ASCII up to and including the column after its last; `None` for others.
fn next_ascii(rest: &[u8], width: usize) -> Option<(usize, usize)> {
    let window = rest.get(..width.saturating_add(1)).unwrap_or(rest);
    let newline = memchr(b'\n', window);
    let line = newline.map_or(window, |at| window.get(..at).unwrap_or_default());
    if !line.iter().fold(true, |clean, b| clean & matches!(b, b' '..=b'~')) {
        return None;
    }
    if let Some(at) = newline {
        return Some((at, at + 1));
    }
    if line.len() <= width {
        return Some((line.len(), line.len()));
    }
    let (overflow, full) = line.split_last()?;
    if *overflow == b' ' {
        return Some(break_at_space(rest, width));
    }
    let broken =
        memrchr(b' ', full).map(|at| (full.get(..at).unwrap_or_default().trim_ascii_end().len(), at + 1));
    Some(broken.filter(|(end, _)| *end > 0).unwrap_or((width, width)))
}

/// Breaks a full row at the space at `at`: drops the spaces, and a newline after them.
fn break_at_space(rest: &[u8], at: usize) -> (usize, usize) {
    let (row, after) = rest.split_at_checked(at).unwrap_or((rest, &[]));
    let end = match row.trim_ascii_end().len() {
        // Spaces at the start of a line are indentation.
        0 => at,
        end => end,
    };
    let spaces = after.iter().take_while(|b| **b == b' ').count();
    let next = at + spaces - usize::from(spaces > 0 && has_combining_mark(after, spaces));
    (end, next + usize::from(rest.get(next) == Some(&b'\n')))
}

/// Returns whether the last space forms a cluster with the combining mark after it, which would otherwise have no base.
fn has_combining_mark(text: &[u8], spaces: usize) -> bool {
    let from = text.get(spaces - 1..).unwrap_or_default();
    let next = from.get(..from.len().min(8)).and_then(|start| start.utf8_chunks().next());
    from.get(1).is_some_and(|b| !b.is_ascii())
        && next.is_some_and(|chunk| Graphemes::new(chunk.valid()).next() != Some(" "))
}

/// Like [`next_row`] for any text. A cluster wider than the row gets a separate row.
fn next_unicode(rest: &str, width: usize) -> (usize, usize) {
    let mut at = 0;
    let mut used = 0;
    let mut breaks = BreakFinder::default();
    let mut clusters = Graphemes::new(rest);
    loop {
        if breaks.previous == PreviousCluster::Text {
            // All letters of an ASCII word but the last are clusters of one column; the last may take a combining mark.
            let letters = clusters.skip_ascii(width.saturating_sub(used));
            (at, used) = (at + letters, used + letters);
            breaks.text_end = at;
        }
        let Some((cluster, cluster_width)) = clusters.next_with_width() else { break };
        if cluster.ends_with('\n') {
            return (at, at + cluster.len());
        }
        if used + cluster_width > width && at > 0 {
            return match cluster {
                " " => break_at_space(rest.as_bytes(), at),
                _ => breaks.find_last(rest, at, cluster).unwrap_or((at, at)),
            };
        }
        breaks.record(cluster, at);
        used += cluster_width;
        at += cluster.len();
    }
    (at, at)
}

/// Finds the last possible break of a row: at spaces, or in scripts without spaces, by the line breaking rules of Unicode.
#[derive(Default)]
struct BreakFinder {
    last_space: Option<(usize, usize)>,
    /// The end of the text before the latest spaces.
    text_end: usize,
    previous: PreviousCluster,
    has_script_without_spaces: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum PreviousCluster {
    /// Only spaces so far; a break here would leave an empty row.
    #[default]
    Start,
    Space,
    Text,
}

impl BreakFinder {
    /// Records the cluster at `at`.
    fn record(&mut self, cluster: &str, at: usize) {
        if cluster != " " {
            self.text_end = at + cluster.len();
            self.previous = PreviousCluster::Text;
            self.has_script_without_spaces |= unspaced_script::has_no_spaces(cluster);
        } else if self.previous != PreviousCluster::Start {
            self.last_space = Some((self.text_end, at + 1));
            self.previous = PreviousCluster::Space;
        }
    }

    /// Returns the latest break at or before `at`, where `next` follows: the row's end and the next start.
    fn find_last(&self, rest: &str, at: usize, next: &str) -> Option<(usize, usize)> {
        let after_space = self.last_space.map_or(0, |(_, next)| next);
        if !self.has_script_without_spaces && !unspaced_script::has_no_spaces(next) {
            return self.last_space;
        }
        let found = unspaced_script::last_break(rest, at).filter(|found| *found > after_space);
        found.map(|found| (found, found)).or(self.last_space)
    }
}
