//! Analysis of a turn's spans: the tree ([`Forest`]), its visible rows ([`Visible`]), the mapping of time to columns
//! ([`Scale`]), gaps, self time, critical path, statistics and comparison. Pure functions over plain values: total for
//! any input, without recursion. `ui` does the drawing.
//!
//! All times are whole microseconds unless a name states another unit.

mod align;
mod analysis;
mod axis;
mod critical_path;
mod days;
mod flags;
mod forest;
mod gaps;
mod node_builder;
mod parent_links;
mod rows;
mod scale;
mod ticks;
mod timeline;
mod usage;

pub use align::{ComparedTrace, Pair, align};
pub use analysis::{OperationAnalysis, OperationStats, SlowExample, SlowThresholds, Step, percentile};
pub use critical_path::critical_path;
pub use days::{DayTotals, Days, TurnTotals, day_of};
pub use flags::Flags;
pub use forest::{Forest, Node};
pub use gaps::{
    Coverage, GapThreshold, all_gaps, coverage, gaps, idle_ranges, self_times, turn_gaps, turn_time_range,
};
pub use rows::{Folds, Gap, Guide, Row, Visible};
pub use scale::{BarKind, Scale};
pub use timeline::{Bucket, KindTimes, Timeline, TurnSample};
pub use usage::{message_usage, message_usage_with, own_usage, total_usage};

#[cfg(test)]
mod tests;

/// A range of time in microseconds since 1970, with `start <= end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeRange {
    pub start: i64,
    pub end: i64,
}

impl TimeRange {
    /// Creates a range; an end before the start becomes the start.
    pub fn new(start: i64, end: i64) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Returns the duration; saturates at `i64::MAX`.
    pub fn micros(self) -> i64 {
        self.end.saturating_sub(self.start)
    }
}
