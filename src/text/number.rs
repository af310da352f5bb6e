//! Human-readable numbers: sizes, durations, counts, ages, money, tokens. Short, defined for every number, and
//! independent of the locale, so that a thread looks the same everywhere.

use crate::domain::Timestamp;

/// The text for an unknown number.
pub const UNKNOWN: &str = "—";

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Formats a size in bytes: `999 B`, `1.2 MB`, `53 MB`.
pub fn bytes(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (number, unit) = scaled(bytes, &["kB", "MB", "GB", "TB", "PB", "EB"]);
    format!("{number} {unit}")
}

/// Formats a number of tokens: `340`, `1.9k`, `2.4M`.
pub fn tokens(tokens: i64) -> String {
    let sign = if tokens < 0 { "-" } else { "" };
    let size = tokens.unsigned_abs();
    if size < 1000 {
        return format!("{sign}{size}");
    }
    let (number, unit) = scaled(size, &["k", "M", "G", "T", "P", "E"]);
    format!("{sign}{number}{unit}")
}

/// Scales a size of at least 1000 to a number below 1000 and its unit; one decimal below 10.
fn scaled(size: u64, units: &[&'static str]) -> (String, &'static str) {
    let mut value = size as f64;
    let mut unit = "";
    for next in units {
        value /= 1000.0;
        unit = next;
        if value < 999.5 {
            break;
        }
    }
    (if value < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") }, unit)
}

/// Formats a duration in microseconds: `840 µs`, `412 ms`, `36.3 s`, `2 min 5 s`, `3 h 12 min`, `4 d 3 h`; `—` for none.
pub fn duration(micros: Option<i64>) -> String {
    let Some(micros) = micros else { return UNKNOWN.to_owned() };
    let sign = if micros < 0 { "-" } else { "" };
    format!("{sign}{}", format_micros(micros.unsigned_abs()))
}

fn format_micros(micros: u64) -> String {
    match micros {
        0 => "0 ms".to_owned(),
        1..1000 => format!("{micros} µs"),
        1000..999_500 => format!("{} ms", (micros + 500) / 1000),
        999_500..99_950_000 => format!("{:.1} s", micros as f64 / 1e6),
        _ if micros < HOUR - SECOND / 2 => two_units(micros + SECOND / 2, MINUTE, SECOND, ["min", "s"]),
        _ if micros < DAY - MINUTE / 2 => two_units(micros + MINUTE / 2, HOUR, MINUTE, ["h", "min"]),
        _ => two_units(micros.saturating_add(HOUR / 2), DAY, HOUR, ["d", "h"]),
    }
}

/// Formats a duration in two units.
fn two_units(micros: u64, large: u64, small: u64, [large_name, small_name]: [&str; 2]) -> String {
    let (whole, rest) = (micros / large, micros % large / small);
    format!("{whole} {large_name} {rest} {small_name}")
}

/// Formats the time from `then` to `now`: `just now`, `3 min ago`, or `in 2 h` for the future.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let micros = now.micros_since(then);
    let size = micros.unsigned_abs();
    let text = match size {
        0..MINUTE if size < 5 * SECOND => return "just now".to_owned(),
        0..MINUTE => format!("{} s", size / SECOND),
        MINUTE..HOUR => format!("{} min", size / MINUTE),
        HOUR..DAY => format!("{} h", size / HOUR),
        _ if size < 60 * DAY => format!("{} d", size / DAY),
        _ if size < 730 * DAY => format!("{} months", size / (30 * DAY)),
        _ => format!("{} years", size / (365 * DAY)),
    };
    if micros < 0 { format!("in {text}") } else { format!("{text} ago") }
}

/// Formats a count with thousands separators: `12,345`. A count beyond `i64::MAX` is capped.
pub fn count(number: impl TryInto<i64>) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Formats a count and its noun, with an `s` unless the count is one: `1 error`, `3 errors`.
pub fn pluralize(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// Formats US dollars: `$0.0061`, `$1.24`.
pub fn money(dollars: f64) -> String {
    if !dollars.is_finite() {
        return UNKNOWN.to_owned();
    }
    let sign = if dollars < 0.0 { "-" } else { "" };
    match dollars.abs() {
        0.0 => "$0".to_owned(),
        size if size < 0.00005 => format!("{sign}<$0.0001"),
        size if size < 0.99995 => format!("{sign}${size:.4}"),
        size if size < 1e12 => format!("{sign}${size:.2}"),
        size => format!("{sign}${size:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_and_counts_are_formatted() {
        let sizes = [(0, "0 B"), (999, "999 B"), (1200, "1.2 kB"), (9_960_000, "10 MB"), (999_600, "1.0 MB")];
        for (size, text) in sizes {
            assert_eq!(bytes(size), text);
        }
        assert_eq!(bytes(u64::MAX), "18 EB");
        assert_eq!([tokens(340), tokens(1949), tokens(-2_400_000)], ["340", "1.9k", "-2.4M"]);
        assert_eq!([count(0), count(-1234), count(1_234_567)], ["0", "-1,234", "1,234,567"]);
        assert_eq!([pluralize(1, "error"), pluralize(0, "error")], ["1 error", "0 errors"]);
        assert_eq!(
            [money(0.0061), money(1.239), money(0.0), money(-0.5)],
            ["$0.0061", "$1.24", "$0", "-$0.5000"]
        );
        assert_eq!([money(f64::NAN), money(1e-9)], ["—", "<$0.0001"]);
    }

    #[test]
    fn durations_are_formatted() {
        let cases = [
            (None, "—"),
            (Some(0), "0 ms"),
            (Some(840), "840 µs"),
            (Some(412_000), "412 ms"),
            (Some(-36_300_000), "-36.3 s"),
            (Some(60_000_000), "60.0 s"),
            (Some(99_940_000), "99.9 s"),
            (Some(99_960_000), "1 min 40 s"),
            (Some(120_000_000), "2 min 0 s"),
            (Some(125_000_000), "2 min 5 s"),
            (Some(3_599_800_000), "1 h 0 min"),
            (Some(11_520_000_000), "3 h 12 min"),
            (Some(356_400_000_000), "4 d 3 h"),
        ];
        for (micros, text) in cases {
            assert_eq!(duration(micros), text);
        }
    }

    #[test]
    fn ages_are_formatted() {
        let now = Timestamp(1_000_000_000_000_000);
        let ago = |seconds: i64| age(Timestamp(now.0 - seconds * 1_000_000), now);
        assert_eq!([ago(2), ago(30), ago(200), ago(7300)], ["just now", "30 s ago", "3 min ago", "2 h ago"]);
        assert_eq!([ago(-200), ago(86_400 * 3), ago(86_400 * 800)], ["in 3 min", "3 d ago", "2 years ago"]);
    }

    proptest! {
        #[test]
        fn every_number_can_be_formatted(number: i64, then: i64, money_bits: u64) {
            prop_assert!(!duration(Some(number)).is_empty());
            prop_assert!(!age(Timestamp(then), Timestamp(number)).is_empty());
            prop_assert!(!money(f64::from_bits(money_bits)).is_empty());
            prop_assert_eq!(count(number).replace(',', ""), number.to_string());
            prop_assert!(bytes(number.unsigned_abs()).len() <= 8);
            prop_assert!(tokens(number).len() <= 6);
        }
    }
}
