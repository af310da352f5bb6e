//! Ages, as users write them: `3y`, `26w`, `90d`, `12h`, `30min`, `45s`.

use std::time::Duration;

/// The units and their seconds, the largest first. A year has 365 days.
const UNITS: [(&str, u64); 6] =
    [("y", 31_536_000), ("w", 604_800), ("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// Parses an age; `None` without a unit, and beyond 500 billion years.
pub fn parse_age(text: &str) -> Option<Duration> {
    let text = text.trim().to_ascii_lowercase();
    let (number, seconds) =
        UNITS.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?.trim_end(), *seconds)))?;
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

/// Formats an age, in whole seconds, in the largest unit that divides it.
pub fn format_age(age: Duration) -> String {
    let age = age.as_secs();
    let largest = UNITS.iter().find(|(_, seconds)| age.is_multiple_of(*seconds) && age >= *seconds);
    largest.map_or_else(|| format!("{age}s"), |(unit, seconds)| format!("{}{unit}", age / seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_a_unit_and_are_read_back() {
        for (text, seconds, formatted) in [
            ("3y", 94_608_000, "3y"),
            ("26w", 15_724_800, "26w"),
            ("7d", 604_800, "1w"),
            (" 90 D", 7_776_000, "90d"),
            ("30 min", 1800, "30min"),
            ("90min", 5400, "90min"),
            ("45s", 45, "45s"),
            ("0d", 0, "0s"),
        ] {
            let age = parse_age(text).unwrap();
            assert_eq!((age.as_secs(), format_age(age).as_str()), (seconds, formatted), "{text}");
            assert_eq!(parse_age(formatted), Some(age));
        }
        for invalid in ["", "7", "d", "min", "-1d", "1.5d", "7m", "1 month", "é", "99999999999999999y"] {
            assert_eq!(parse_age(invalid), None, "{invalid}");
        }
    }
}
