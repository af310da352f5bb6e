//! The dates and ages of filters.

use crate::domain::{Timestamp, parse_age};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Parses a date or time in UTC, or an age that is counted back from `now`: `2026-01-31`, `2026-01`, `2026`, `7d`, `today`.
pub fn parse_time(text: &str, now: Timestamp) -> Option<Timestamp> {
    let today = now.0.div_euclid(DAY).saturating_mul(DAY);
    match text {
        "today" => return Some(Timestamp(today)),
        "yesterday" => return Some(Timestamp(today.saturating_sub(DAY))),
        _ => {}
    }
    if let Some(age) = parse_age(text) {
        return Some(now.minus(age));
    }
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        // Otherwise a bare number would be a number of seconds since 1970.
        [year] if year.len() == 4 => Timestamp::parse(&format!("{text}-01-01")),
        [_] => None,
        [_, _] => Timestamp::parse(&format!("{text}-01")),
        _ => Timestamp::parse(&text.to_uppercase()),
    }
}
