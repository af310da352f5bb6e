//! Where one row ends and the next one starts. It depends on the text from the row's start on and on nothing before,
//! which is what makes windows possible.

use memchr::{memchr, memrchr};

use crate::text::Clusters;

/// One row of wrapped text: byte offsets into it, without the blanks or the newline at which it was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub start: usize,
    pub end: usize,
}

impl Row {
    /// The row's part of the text it was made from.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// The rows from the one that starts at `start` to the end.
pub(super) fn all_from(text: &str, start: usize, width: usize) -> impl Iterator<Item = Row> {
    let mut at = start;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        let (end, next) = next(text, start, width);
        at = next;
        Some(Row { start, end })
    })
}

/// Where the row that starts at `start` ends, and where the next one starts; the latter is always further on.
pub(super) fn next(text: &str, start: usize, width: usize) -> (usize, usize) {
    let rest = text.get(start..).unwrap_or_default();
    let (end, next) = next_ascii(rest.as_bytes(), width).unwrap_or_else(|| next_any(rest, width));
    (start + end, (start + next).max(start + 1))
}

/// For a row that is printable ASCII up to the column after its last, where bytes are columns.
fn next_ascii(rest: &[u8], width: usize) -> Option<(usize, usize)> {
    let window = rest.get(..width.saturating_add(1)).unwrap_or(rest);
    let newline = memchr(b'\n', window);
    let line = newline.map_or(window, |at| window.get(..at).unwrap_or_default());
    if !line.iter().fold(true, |plain, b| plain & matches!(b, b' '..=b'~')) {
        return None;
    }
    if let Some(at) = newline {
        return Some((at, at + 1));
    }
    if line.len() <= width {
        return Some((line.len(), line.len()));
    }
    let (over, full) = line.split_last()?;
    if *over == b' ' {
        return Some(break_at_blank(rest, width));
    }
    let broken =
        memrchr(b' ', full).map(|at| (full.get(..at).unwrap_or_default().trim_ascii_end().len(), at + 1));
    Some(broken.filter(|(end, _)| *end > 0).unwrap_or((width, width)))
}

/// For a row with a blank where it is full: the blanks go, and the newline after them too.
fn break_at_blank(rest: &[u8], at: usize) -> (usize, usize) {
    let (row, after) = rest.split_at_checked(at).unwrap_or((rest, &[]));
    let end = match row.trim_ascii_end().len() {
        // A row of blanks at the start of a line is indentation.
        0 => at,
        end => end,
    };
    let blanks = after.iter().take_while(|b| **b == b' ').count();
    let next = at + blanks - usize::from(blanks > 0 && carries_mark(after, blanks));
    (end, next + usize::from(rest.get(next) == Some(&b'\n')))
}

/// Whether the last of the blanks is one cluster with what follows: without it, a mark would stand alone.
fn carries_mark(text: &[u8], blanks: usize) -> bool {
    let from = text.get(blanks - 1..).unwrap_or_default();
    let next = from.get(..from.len().min(8)).and_then(|start| start.utf8_chunks().next());
    from.get(1).is_some_and(|b| !b.is_ascii())
        && next.is_some_and(|chunk| Clusters::new(chunk.valid()).next() != Some(" "))
}

/// For any row. A cluster that is wider than the row has one to itself.
fn next_any(rest: &str, width: usize) -> (usize, usize) {
    let mut at = 0;
    let mut used = 0;
    let mut breaks = Breaks::default();
    let mut clusters = Clusters::new(rest);
    loop {
        if breaks.after == After::Narrow {
            // The letters of an ASCII word are all alike; the last one may carry a mark that follows.
            let letters = clusters.skip_letters(width.saturating_sub(used));
            (at, used) = (at + letters, used + letters);
            breaks.inked = at;
        }
        let Some((cluster, wide)) = clusters.next_wide() else { break };
        if cluster.ends_with('\n') {
            return (at, at + cluster.len());
        }
        if used + wide > width && at > 0 {
            return match cluster {
                " " => break_at_blank(rest.as_bytes(), at),
                _ => breaks.note(cluster, wide, at).unwrap_or((at, at)),
            };
        }
        breaks.note(cluster, wide, at);
        used += wide;
        at += cluster.len();
    }
    (at, at)
}

/// The last place at which a row may be broken: at blanks, and beside wide characters, which come without blanks.
#[derive(Default)]
struct Breaks {
    last: Option<(usize, usize)>,
    /// The end of the text before the blanks that came last.
    inked: usize,
    after: After,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum After {
    /// Only blanks so far: breaking there would leave an empty row.
    #[default]
    Start,
    Blank,
    Narrow,
    Wide,
}

impl Breaks {
    /// Takes note of the cluster at `at`; returns the place for a break before it, or further back.
    fn note(&mut self, cluster: &str, wide: usize, at: usize) -> Option<(usize, usize)> {
        if cluster == " " {
            if self.after != After::Start {
                self.last = Some((self.inked, at + 1));
                self.after = After::Blank;
            }
            return self.last;
        }
        let beside_wide = match self.after {
            After::Start | After::Blank => false,
            After::Narrow => wide > 1,
            After::Wide => true,
        };
        if beside_wide && !is_closing(cluster) {
            self.last = Some((at, at));
        }
        self.inked = at + cluster.len();
        self.after = if wide > 1 { After::Wide } else { After::Narrow };
        self.last
    }
}

/// Punctuation that should not start a row.
fn is_closing(cluster: &str) -> bool {
    cluster.chars().next().is_some_and(|c| match c {
        '\0'..='~' => matches!(c, ',' | '.' | '!' | '?' | ':' | ';' | ')' | ']' | '}' | '"' | '\''),
        _ => matches!(
            c,
            '’' | '”'
                | '、'
                | '。'
                | '，'
                | '．'
                | '！'
                | '？'
                | '：'
                | '；'
                | '）'
                | '」'
                | '』'
                | '】'
                | '〉'
                | '》'
        ),
    })
}
