//! The index of the rows of a text, built in steps.

use std::ops::Range;

use super::line_break::{self, Row};

/// The number of rows per checkpoint.
const STRIDE: usize = 64;

/// An index of the rows of one text at one width. The caller keeps the text and passes the same one to each call.
#[derive(Clone, Debug)]
pub struct WrapIndex {
    width: usize,
    /// The offsets at which rows 0, 64, 128, … start.
    checkpoints: Vec<usize>,
    rows: usize,
    /// The offset up to which rows are known.
    scanned: usize,
}

impl WrapIndex {
    /// Creates an empty index for rows of `width` columns, at least one.
    pub fn new(width: usize) -> Self {
        Self { width: width.max(1), checkpoints: Vec::new(), rows: 0, scanned: 0 }
    }

    /// Builds the whole index at once, for short text.
    pub fn build(text: &str, width: usize) -> Self {
        let mut index = Self::new(width);
        index.step(text, usize::MAX);
        index
    }

    /// Indexes about `budget` further bytes and returns whether the end is reached.
    pub fn step(&mut self, text: &str, budget: usize) -> bool {
        let stop = self.scanned.saturating_add(budget.max(1));
        while self.scanned < text.len() && self.scanned < stop {
            if self.rows.is_multiple_of(STRIDE) {
                self.checkpoints.push(self.scanned);
            }
            self.scanned = line_break::next_row(text, self.scanned, self.width).1;
            self.rows += 1;
        }
        self.scanned >= text.len()
    }

    /// Returns the number of rows known so far. A newline at the very end starts no row; an empty text has none.
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// Returns the known rows of `range`. The cost does not depend on their position.
    pub fn rows(&self, text: &str, range: Range<usize>) -> Vec<Row> {
        let end = range.end.min(self.rows);
        let Some(&checkpoint) = self.checkpoints.get(range.start / STRIDE).filter(|_| range.start < end)
        else {
            return Vec::new();
        };
        let skipped = range.start % STRIDE;
        line_break::rows_from(text, checkpoint, self.width).skip(skipped).take(end - range.start).collect()
    }
}
