//! Wrapping of long text in windows: an index of every 64th row, built in steps, gives any rows without wrapping what
//! is above them. Expects text that has passed the gate; with any other it still ends, but columns may be wrong.

mod row;

use std::ops::Range;

use memchr::memrchr;

pub use row::Row;

/// One remembered offset for so many rows.
const STRIDE: usize = 64;

/// The rows of one text at one width. The text itself stays with the caller and must be the same at each call.
#[derive(Clone, Debug)]
pub struct WrapIndex {
    width: usize,
    /// Where rows 0, 64, 128, … start.
    checkpoints: Vec<usize>,
    rows: usize,
    /// The offset up to which rows are known.
    scanned: usize,
    done: bool,
}

impl WrapIndex {
    /// An index that knows nothing yet, for rows of `width` columns; at least one.
    pub fn new(width: usize) -> Self {
        Self { width: width.max(1), checkpoints: Vec::new(), rows: 0, scanned: 0, done: false }
    }

    /// The whole index at once, for text of which nobody notices how long it takes.
    pub fn build(text: &str, width: usize) -> Self {
        let mut wrap = Self::new(width);
        wrap.step(text, usize::MAX);
        wrap
    }

    /// Reads on for about `budget` bytes; returns whether the end is reached.
    pub fn step(&mut self, text: &str, budget: usize) -> bool {
        let stop = self.scanned.saturating_add(budget.max(1));
        while self.scanned < text.len() && self.scanned < stop {
            if self.rows.is_multiple_of(STRIDE) {
                self.checkpoints.push(self.scanned);
            }
            self.scanned = row::next_row(text, self.scanned, self.width).1;
            self.rows += 1;
        }
        self.done = self.scanned >= text.len();
        self.done
    }

    /// Whether every row is known.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// How many rows are known so far. A newline at the very end starts no row; an empty text has none.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether no row is known.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many rows there will be, judged by those known so far.
    pub fn len_estimate(&self, text: &str) -> usize {
        match self.scanned {
            0 => text.len().div_ceil(self.width),
            _ if self.done => self.rows,
            read => (self.rows as f64 * (text.len() as f64 / read as f64)).ceil() as usize,
        }
    }

    /// The columns it was made for.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The rows of `range` as far as they are known; costs what they cost, wherever they are.
    pub fn rows(&self, text: &str, range: Range<usize>) -> Vec<Row> {
        let end = range.end.min(self.rows);
        let Some(&mark) = self.checkpoints.get(range.start / STRIDE).filter(|_| range.start < end) else {
            return Vec::new();
        };
        let skipped = range.start % STRIDE;
        row::rows_from(text, mark, self.width).skip(skipped).take(end - range.start).collect()
    }

    /// The number of the row that holds the byte at `offset`, or swallowed it at its end.
    pub fn row_of(&self, text: &str, offset: usize) -> Option<usize> {
        if offset >= self.scanned {
            return None;
        }
        let block = self.checkpoints.partition_point(|mark| *mark <= offset).checked_sub(1)?;
        let mark = *self.checkpoints.get(block)?;
        let before = row::rows_from(text, mark, self.width).take_while(|row| row.start <= offset).count();
        Some((block * STRIDE + before).saturating_sub(1))
    }

    /// The last `count` rows without an index. They are exact unless a single line is very long; then its rows may
    /// break elsewhere than they will in the end.
    pub fn tail(&self, text: &str, count: usize) -> Vec<Row> {
        let reach = count.saturating_mul(self.width).saturating_mul(8).max(4096);
        let mut start = text.len();
        let mut rows: Vec<Row> = Vec::new();
        while rows.len() < count && start > 0 {
            let (line, exact) = line_before(text, start, reach);
            let mut above: Vec<Row> =
                row::rows_from(text, line, self.width).take_while(|row| row.start < start).collect();
            above.append(&mut rows);
            rows = above;
            start = if exact { line } else { 0 };
        }
        rows.split_off(rows.len().saturating_sub(count))
    }
}

/// Where the line starts that ends before `end`, looking back `reach` bytes; beyond that a blank will do, and it is
/// not exact.
fn line_before(text: &str, end: usize, reach: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let floor = end.saturating_sub(reach);
    let line = bytes.get(floor..end - 1).and_then(|window| memrchr(b'\n', window));
    match line {
        Some(at) => (floor + at + 1, true),
        None if floor == 0 => (0, true),
        None => {
            let window = bytes.get(floor..end).unwrap_or_default();
            let blank = memchr::memchr(b' ', window).map_or(floor, |at| floor + at + 1);
            ((blank..end).find(|at| text.is_char_boundary(*at)).unwrap_or(end), false)
        }
    }
}

#[cfg(test)]
mod tests;
