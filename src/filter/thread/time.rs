//! The dates and ages of filters.

use crate::domain::Timestamp;

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
    let units = [("min", DAY / 1440), ("h", DAY / 24), ("d", DAY), ("w", 7 * DAY), ("y", 365 * DAY)];
    let age = units.iter().find_map(|(unit, micros)| Some((text.strip_suffix(unit)?.trim_end(), *micros)));
    if let Some((number, micros)) = age {
        let count: i64 = number.parse().ok().filter(|count| *count >= 0)?;
        return Some(Timestamp(now.0.saturating_sub(count.saturating_mul(micros))));
    }
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        // A bare number would otherwise be one of seconds since 1970.
        [year] if year.len() == 4 => Timestamp::parse(&format!("{text}-01-01")),
        [_] => None,
        [_, _] => Timestamp::parse(&format!("{text}-01")),
        _ => Timestamp::parse(&text.to_uppercase()),
    }
}
