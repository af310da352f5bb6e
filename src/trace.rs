//! What a turn's spans mean together: the tree ([`Forest`]), the rows of it that are open ([`Visible`]), time to
//! columns ([`Scale`]), and what can be worked out from them: gaps, self time, critical path, statistics, comparison.
//! Pure functions over plain values: total for any input, without recursion. Drawing lives in `ui`.
//!
//! All times are whole microseconds unless a name says otherwise.

mod align;
mod analysis;
mod axis;
mod build;
mod critical_path;
mod flags;
mod forest;
mod gaps;
mod layout;
mod rows;
mod scale;
mod ticks;
mod usage;

pub use align::{ComparedTrace, Pair, align};
pub use analysis::{OperationAnalysis, OperationStats, SlowExample, SlowThresholds, analyze_operations};
pub use critical_path::{CriticalPathStep, critical_path};
pub use flags::Flags;
pub use forest::{Forest, Node};
pub use gaps::{
    Coverage, GapThreshold, all_gaps, coverage, gaps, idle_ranges, self_time, self_times, turn_gaps,
    turn_time_range,
};
pub use rows::{Folds, Gap, Guide, Row, Visible};
pub use scale::{Bar, BarKind, Scale};
pub use ticks::Tick;
pub use usage::{own_usage, total_usage};

#[cfg(test)]
mod tests;

/// A stretch of time, `start <= end`, microseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeRange {
    pub start: i64,
    pub end: i64,
}

impl TimeRange {
    /// From one moment to another; an end before the start is taken for the start.
    pub fn new(start: i64, end: i64) -> Self {
        Self { start, end: end.max(start) }
    }

    /// How long it is; saturates at `i64::MAX`.
    pub fn micros(self) -> i64 {
        self.end.saturating_sub(self.start)
    }
}
