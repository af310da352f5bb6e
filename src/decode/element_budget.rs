//! The memory that the elements of a body may cost in addition to their bytes. A body of millions of tiny elements
//! (`[1,1,1,…]`) would otherwise cost a hundred times its size, because each element becomes a row of the list. Elements
//! beyond the budget are counted as runs, each with one row.

use super::splitter::Limits;

/// The approximate memory of an element and its row in the list, in bytes.
const ELEMENT_COST: u64 = 112;
/// The approximate memory of a run, in bytes.
const RUN_COST: u64 = 640;
/// The number of elements that must be affordable again before a run ends; otherwise runs and elements would alternate.
const RESUME_COUNT: u64 = 64;
/// The minimum length of an element, in bytes, that can be a message.
const MIN_MESSAGE_LEN: usize = 16;
/// The bytes of a run that are kept.
const RUN_PREFIX_LEN: usize = 256;

/// Consecutive elements that are counted, not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub count: u32,
    /// The start of its first element.
    pub prefix: Vec<u8>,
    /// The number of listed elements of the same batch before it.
    pub position: usize,
}

/// Decides which elements are listed.
#[derive(Debug)]
pub(super) struct ElementBudget {
    /// The cost that is always allowed, in bytes.
    base: u64,
    /// The cost of all elements and runs so far.
    spent: u64,
    tiny_in_sequence: u32,
    max_tiny_in_sequence: u32,
    /// Runs since the last batch.
    runs: Vec<Run>,
    /// Whether the last run can still grow.
    is_run_open: bool,
}

impl ElementBudget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            base: limits.element_cost,
            spent: 0,
            tiny_in_sequence: 0,
            max_tiny_in_sequence: limits.tiny_in_sequence,
            runs: Vec::new(),
            is_run_open: false,
        }
    }

    /// Adds the next element after `position` listed ones, `bytes_read` bytes into the body. Returns whether it is listed;
    /// otherwise it belongs to a run.
    pub(super) fn admit(&mut self, element: &[u8], position: usize, bytes_read: u64) -> bool {
        let is_tiny = element.len() < MIN_MESSAGE_LEN;
        self.tiny_in_sequence = if is_tiny { self.tiny_in_sequence.saturating_add(1) } else { 0 };
        // Besides the base, the body may cost a third of its size.
        let allowed = self.base.saturating_add(bytes_read / 3);
        let margin = if self.is_run_open { RESUME_COUNT } else { 1 };
        let fits = self.spent.saturating_add(margin * ELEMENT_COST) <= allowed;
        if fits && self.tiny_in_sequence <= self.max_tiny_in_sequence {
            self.is_run_open = false;
            self.spent = self.spent.saturating_add(ELEMENT_COST);
            return true;
        }
        match self.runs.last_mut().filter(|_| self.is_run_open) {
            Some(run) => run.count = run.count.saturating_add(1),
            None => {
                let prefix = element.get(..RUN_PREFIX_LEN).unwrap_or(element).to_vec();
                self.runs.push(Run { count: 1, prefix, position });
                self.is_run_open = true;
                self.spent = self.spent.saturating_add(RUN_COST);
            }
        }
        false
    }

    /// Returns whether there are runs that ended, or with `is_end` any runs.
    pub(super) fn has_runs(&self, is_end: bool) -> bool {
        self.runs.len() > usize::from(self.is_run_open && !is_end)
    }

    /// Takes the runs of a batch. A run that can still grow stays, at the start of the next batch, unless the body is at
    /// its end.
    pub(super) fn take_runs(&mut self, is_end: bool) -> Vec<Run> {
        let mut runs = std::mem::take(&mut self.runs);
        if self.is_run_open && !is_end {
            self.runs.extend(runs.pop().map(|run| Run { position: 0, ..run }));
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> ElementBudget {
        ElementBudget::new(&Limits { element_cost: 1 << 20, ..Limits::default() })
    }

    /// Returns the listed elements, and the counts of the runs.
    fn admit_all<'a>(
        budget: &mut ElementBudget,
        elements: impl IntoIterator<Item = &'a [u8]>,
    ) -> (usize, Vec<u32>) {
        let (mut listed, mut bytes) = (0, 0);
        for element in elements {
            bytes += element.len() as u64 + 1;
            listed += usize::from(budget.admit(element, listed, bytes));
        }
        (listed, budget.take_runs(true).iter().map(|run| run.count).collect())
    }

    #[test]
    fn tiny_elements_in_sequence_become_one_run_that_a_message_ends() {
        let message = br#"{"id":"a","role":"user"}"#.as_slice();
        let tiny = std::iter::repeat_n(b"1".as_slice(), 1000);
        let elements = tiny.clone().chain([message]).chain(tiny).chain([message]);
        let found = admit_all(&mut budget(), elements);
        assert_eq!(found, (22, vec![990, 990]));
    }

    #[test]
    fn small_messages_cost_no_more_than_the_base_and_a_third_of_the_body() {
        let message = [b' '; 20];
        let elements = std::iter::repeat_n(message.as_slice(), 1_000_000);
        let (listed, runs) = admit_all(&mut budget(), elements);
        let cost = listed as u64 * ELEMENT_COST + runs.len() as u64 * RUN_COST;
        assert!(cost <= (1 << 20) + 21_000_000 / 3 + RUN_COST, "{cost}");
        assert_eq!(listed as u64 + runs.iter().map(|count| u64::from(*count)).sum::<u64>(), 1_000_000);
    }

    #[test]
    fn messages_of_usual_size_are_all_listed() {
        let message = [b' '; 350];
        let elements = std::iter::repeat_n(message.as_slice(), 1_000_000);
        assert_eq!(admit_all(&mut budget(), elements), (1_000_000, Vec::new()));
    }
}
