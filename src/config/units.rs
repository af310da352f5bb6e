//! Sizes and durations in the configuration: `2 GiB`, `500 MB`, `30 s`, `500 ms`.

use std::time::Duration;

const SIZE_UNITS: &[(&str, u64)] = &[
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

const DURATION_UNITS: &[(&str, u64)] = &[("min", 60_000), ("ms", 1), ("s", 1_000)];

/// Parses a size in bytes.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    parse_with_units(text, SIZE_UNITS)
}

/// Parses a duration.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    parse_with_units(text, DURATION_UNITS).map(Duration::from_millis)
}

fn parse_with_units(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let (number, factor) = units.iter().find_map(|(unit, factor)| {
        let number_len = text.len().checked_sub(unit.len())?;
        let (number, suffix) = text.split_at_checked(number_len)?;
        suffix.eq_ignore_ascii_case(unit).then_some((number.trim(), *factor))
    })?;
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// Formats a size so that [`parse_size`] reads it back.
pub(super) fn format_size(bytes: u64) -> String {
    format_with_units(bytes, SIZE_UNITS)
}

/// Formats a duration so that [`parse_duration`] reads it back.
pub(super) fn format_duration(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let is_seconds = millis.is_multiple_of(1000) && millis > 0;
    if is_seconds { format!("{} s", millis / 1000) } else { format!("{millis} ms") }
}

fn format_with_units(amount: u64, units: &[(&str, u64)]) -> String {
    let divides = |(_, factor): &&(&str, u64)| amount >= *factor && amount.is_multiple_of(*factor);
    match units.iter().find(divides) {
        Some((unit, factor)) => format!("{} {unit}", amount / factor),
        None => format!("{amount} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatted_sizes_and_durations_parse_back() {
        for (text, bytes) in [("2 GiB", 2 << 30), ("500 MB", 500_000_000), ("7b", 7), (" 64KiB ", 64 << 10)] {
            assert_eq!(parse_size(text), Some(bytes), "{text}");
            assert_eq!(parse_size(&format_size(bytes)), Some(bytes), "{text}");
        }
        for (text, millis) in [("30 s", 30_000), ("500ms", 500), ("2 min", 120_000)] {
            let duration = parse_duration(text).unwrap();
            assert_eq!(duration.as_millis(), millis, "{text}");
            assert_eq!(parse_duration(&format_duration(duration)), Some(duration));
        }
        for invalid in [
            "",
            "GiB",
            "-1 B",
            "1.5 GB",
            "10",
            "1 furlong",
            "99999999999999999999 B",
            "é",
            "18446744073709551615 kB",
        ] {
            assert_eq!((parse_size(invalid), parse_duration(invalid)), (None, None), "{invalid}");
        }
    }
}
