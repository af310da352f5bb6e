//! The turns of many threads by day.

use std::collections::BTreeMap;

use super::TurnSample;
use crate::domain::{Sentiment, Timestamp};

/// The microseconds in a day.
const DAY_MICROS: i64 = 86_400_000_000;

/// The sums over turns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TurnTotals {
    pub turns: u64,
    pub failed: u64,
    pub positive: u64,
    pub negative: u64,
    pub tokens: i64,
    pub cost_usd: f64,
}

impl TurnTotals {
    /// Adds a turn.
    pub fn add(&mut self, turn: &TurnSample) {
        self.turns += 1;
        self.failed += u64::from(turn.failed_at.is_some());
        self.positive += u64::from(turn.sentiment == Some(Sentiment::Positive));
        self.negative += u64::from(turn.sentiment == Some(Sentiment::Negative));
        self.tokens = self.tokens.saturating_add(turn.tokens.unwrap_or(0));
        self.cost_usd += turn.cost_usd.unwrap_or(0.0);
    }
}

/// The turns of a day in UTC.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayTotals {
    /// The start of the day; `None` for turns without a time.
    pub day: Option<Timestamp>,
    pub totals: TurnTotals,
}

/// Returns the start of a turn's day in UTC; `None` without a time.
pub fn day_of(turn: &TurnSample) -> Option<Timestamp> {
    turn.time.map(|time| Timestamp(time.0.div_euclid(DAY_MICROS).saturating_mul(DAY_MICROS)))
}

/// Sums of turns by day.
#[derive(Clone, Debug, Default)]
pub struct Days(BTreeMap<Option<Timestamp>, TurnTotals>);

impl Days {
    /// Adds a turn.
    pub fn add(&mut self, turn: &TurnSample) {
        self.0.entry(day_of(turn)).or_default().add(turn);
    }

    /// Returns the days with turns, in order; turns without a time come first.
    pub fn into_rows(self) -> Vec<DayTotals> {
        self.0.into_iter().map(|(day, totals)| DayTotals { day, totals }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_summed_by_day_in_utc() {
        let turn = |time: Option<&str>, cost: f64, sentiment| TurnSample {
            time: time.and_then(Timestamp::parse),
            cost_usd: Some(cost),
            tokens: Some(10),
            sentiment,
            ..TurnSample::default()
        };
        let mut days = Days::default();
        days.add(&turn(Some("2026-09-02T00:00:00Z"), 0.5, Some(Sentiment::Negative)));
        days.add(&turn(Some("2026-09-01T23:59:59Z"), 0.25, None));
        days.add(&turn(Some("2026-09-02T23:59:59Z"), 0.25, Some(Sentiment::Positive)));
        days.add(&turn(None, 1.0, None));
        let rows = days.into_rows();
        let summary: Vec<_> =
            rows.iter().map(|day| (day.totals.turns, day.totals.negative, day.totals.cost_usd)).collect();
        assert_eq!(summary, [(1, 0, 1.0), (1, 0, 0.25), (2, 1, 0.75)]);
        assert_eq!(rows.last().unwrap().day, Timestamp::parse("2026-09-02T00:00:00Z"));
    }
}
