//! Where one row ends and the next one starts. It depends on the text from the row's start on and on nothing before,
//! which is what makes windows possible.

use memchr::{memchr, memrchr};

use crate::text::Graphemes;

/// One row of wrapped text: byte offsets into it, without the blanks or the newline at which it was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub start: usize,
    pub end: usize,
}

impl Row {
    /// The row's part of the text it was made from.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// The rows from the one that starts at `start` to the end.
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

/// Where the row that starts at `start` ends, and where the next one starts; the latter is always further on.
pub(super) fn next_row(text: &str, start: usize, width: usize) -> (usize, usize) {
    let rest = text.get(start..).unwrap_or_default();
    let (end, next) = next_ascii(rest.as_bytes(), width).unwrap_or_else(|| next_unicode(rest, width));
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
        return Some(break_at_space(rest, width));
    }
    let broken =
        memrchr(b' ', full).map(|at| (full.get(..at).unwrap_or_default().trim_ascii_end().len(), at + 1));
    Some(broken.filter(|(end, _)| *end > 0).unwrap_or((width, width)))
}

/// For a row with a blank where it is full: the blanks go, and the newline after them too.
fn break_at_space(rest: &[u8], at: usize) -> (usize, usize) {
    let (row, after) = rest.split_at_checked(at).unwrap_or((rest, &[]));
    let end = match row.trim_ascii_end().len() {
        // A row of blanks at the start of a line is indentation.
        0 => at,
        end => end,
    };
    let blanks = after.iter().take_while(|b| **b == b' ').count();
    let next = at + blanks - usize::from(blanks > 0 && has_combining_mark(after, blanks));
    (end, next + usize::from(rest.get(next) == Some(&b'\n')))
}

/// Whether the last of the blanks is one cluster with what follows: without it, a mark would stand alone.
fn has_combining_mark(text: &[u8], blanks: usize) -> bool {
    let from = text.get(blanks - 1..).unwrap_or_default();
    let next = from.get(..from.len().min(8)).and_then(|start| start.utf8_chunks().next());
    from.get(1).is_some_and(|b| !b.is_ascii())
        && next.is_some_and(|chunk| Graphemes::new(chunk.valid()).next() != Some(" "))
}

/// For any row. A cluster that is wider than the row has one to itself.
fn next_unicode(rest: &str, width: usize) -> (usize, usize) {
    let mut at = 0;
    let mut used = 0;
    let mut breaks = BreakFinder::default();
    let mut clusters = Graphemes::new(rest);
    loop {
        if breaks.previous == PreviousCluster::Narrow {
            // The letters of an ASCII word are all alike; the last one may carry a mark that follows.
            let letters = clusters.skip_ascii(width.saturating_sub(used));
            (at, used) = (at + letters, used + letters);
            breaks.text_end = at;
        }
        let Some((cluster, wide)) = clusters.next_with_width() else { break };
        if cluster.ends_with('\n') {
            return (at, at + cluster.len());
        }
        if used + wide > width && at > 0 {
            return match cluster {
                " " => break_at_space(rest.as_bytes(), at),
                _ => breaks.record(cluster, wide, at).unwrap_or((at, at)),
            };
        }
        breaks.record(cluster, wide, at);
        used += wide;
        at += cluster.len();
    }
    (at, at)
}

/// The last place at which a row may be broken: at blanks, and beside wide characters, which come without blanks.
#[derive(Default)]
struct BreakFinder {
    last_break: Option<(usize, usize)>,
    /// The end of the text before the blanks that came last.
    text_end: usize,
    previous: PreviousCluster,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum PreviousCluster {
    /// Only blanks so far: breaking there would leave an empty row.
    #[default]
    Start,
    Blank,
    Narrow,
    Wide,
}

impl BreakFinder {
    /// Takes note of the cluster at `at`; returns the place for a break before it, or further back.
    fn record(&mut self, cluster: &str, wide: usize, at: usize) -> Option<(usize, usize)> {
        if cluster == " " {
            if self.previous != PreviousCluster::Start {
                self.last_break = Some((self.text_end, at + 1));
                self.previous = PreviousCluster::Blank;
            }
            return self.last_break;
        }
        let beside_wide = match self.previous {
            PreviousCluster::Start | PreviousCluster::Blank => false,
            PreviousCluster::Narrow => wide > 1,
            PreviousCluster::Wide => true,
        };
        if beside_wide && !is_closing(cluster) {
            self.last_break = Some((at, at));
        }
        self.text_end = at + cluster.len();
        self.previous = if wide > 1 { PreviousCluster::Wide } else { PreviousCluster::Narrow };
        self.last_break
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
