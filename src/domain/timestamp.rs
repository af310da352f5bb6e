//! Timestamps in every format that the services' clients accept, with arithmetic that saturates.

use std::time::Duration;

use jiff::fmt::rfc2822;

/// Microseconds since 1970-01-01T00:00:00Z. Every number is valid: years before 1970 and far in the future.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Converts milliseconds since 1970.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// Returns the microseconds from `earlier` to this time; negative if this time is the earlier one.
    pub fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Adds milliseconds.
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1000)))
    }

    /// Subtracts an age.
    pub fn minus(self, age: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Parses RFC 3339 and its looser variants: a space for `T`, no zone (UTC), `UTC`, `+HH`, `+HHMM`, any number of
    /// fraction digits (6 are kept), a bare date, the basic format of ISO 8601, RFC 2822, and an epoch number (see
    /// [`parse_number`](Self::parse_number)). `None` for dates that do not exist.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        parse_date_time(text.as_bytes()).or_else(|| Self::parse_number(text)).or_else(|| {
            // jiff accepts second 60 in any minute as a leap second.
            let text = Some(text).filter(|text| !text.contains(":60"))?;
            text.parse().or_else(|_| rfc2822::parse(text).map(|zoned| zoned.timestamp())).ok().map(Self::from)
        })
    }

    /// Parses a number of seconds, milliseconds, microseconds or nanoseconds since 1970, distinguished by magnitude: each
    /// unit covers the times up to the year 2603. `None` for anything larger.
    pub fn parse_number(text: &str) -> Option<Self> {
        if let Ok(whole) = text.parse::<i64>() {
            return Some(match whole.unsigned_abs() {
                0..=MAX_EPOCH => Self(whole.saturating_mul(1_000_000)),
                size if size <= MAX_EPOCH * 1000 => Self(whole.saturating_mul(1000)),
                size if size <= MAX_EPOCH * 1_000_000 => Self(whole),
                _ => Self(whole.div_euclid(1000)),
            });
        }
        let number = text.parse::<f64>().ok()?;
        let max = MAX_EPOCH as f64;
        let micros_per_unit =
            [1e6, 1e3, 1.0, 1e-3].into_iter().find(|unit| number.abs() * unit <= max * 1e6)?;
        // At most 2·10¹⁶ microseconds, so the cast is exact enough.
        Some(Self((number * micros_per_unit).round() as i64))
    }
}

/// The largest number that counts seconds since 1970, not milliseconds.
const MAX_EPOCH: u64 = 20_000_000_000;

impl From<jiff::Timestamp> for Timestamp {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_microsecond())
    }
}

/// Parses a run of at least `min` digits, at most `max` of them.
fn parse_digits(bytes: &[u8], min: usize, max: usize) -> Option<(i64, &[u8])> {
    let count = bytes.iter().take(max).take_while(|b| b.is_ascii_digit()).count();
    if count < min {
        return None;
    }
    let (digits, rest) = bytes.split_at_checked(count)?;
    let value = digits.iter().fold(0i64, |sum, b| sum * 10 + i64::from(b - b'0'));
    Some((value, rest))
}

fn strip_byte(bytes: &[u8], byte: u8) -> Option<&[u8]> {
    bytes.split_first().filter(|(first, _)| **first == byte).map(|(_, rest)| rest)
}

fn parse_date_time(bytes: &[u8]) -> Option<Timestamp> {
    let (year, rest) = parse_digits(bytes, 4, 4)?;
    let (month, rest) = parse_digits(strip_byte(rest, b'-')?, 1, 2)?;
    let (day, rest) = parse_digits(strip_byte(rest, b'-')?, 1, 2)?;
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    let Some((separator, rest)) = rest.split_first() else {
        return Some(Timestamp(days * 86_400_000_000));
    };
    if !matches!(separator, b'T' | b't' | b' ' | b'_') {
        return None;
    }
    let (hour, rest) = parse_digits(rest, 1, 2)?;
    let (minute, rest) = parse_digits(strip_byte(rest, b':')?, 2, 2)?;
    let (second, rest) = match strip_byte(rest, b':') {
        Some(rest) => parse_digits(rest, 2, 2)?,
        None => (0, rest),
    };
    // A day may end at 24:00, and an hour with a leap second.
    let is_end_of_day = hour == 24 && minute == 0 && second == 0;
    if (hour > 23 && !is_end_of_day) || minute > 59 || second > 59 + i64::from(minute == 59) {
        return None;
    }
    let (micros, rest) = parse_fraction(rest);
    let offset = parse_utc_offset(rest)?;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(Timestamp(seconds * 1_000_000 + micros))
}

/// Parses a fraction of a second to microseconds; digits after the sixth are dropped.
fn parse_fraction(bytes: &[u8]) -> (i64, &[u8]) {
    let Some(rest) = strip_byte(bytes, b'.').or_else(|| strip_byte(bytes, b',')) else { return (0, bytes) };
    let count = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at_checked(count).unwrap_or((rest, &[]));
    let micros = (0..6).fold(0i64, |sum, i| sum * 10 + digits.get(i).map_or(0, |b| i64::from(b - b'0')));
    (micros, rest)
}

/// Parses an offset in seconds east of UTC; an empty one means UTC.
fn parse_utc_offset(bytes: &[u8]) -> Option<i64> {
    let bytes = bytes.trim_ascii();
    match bytes.split_first() {
        None => Some(0),
        Some((b'Z' | b'z', rest)) if is_zone_name(rest) => Some(0),
        _ if bytes.eq_ignore_ascii_case(b"UTC") || bytes.eq_ignore_ascii_case(b"GMT") => Some(0),
        Some((sign @ (b'+' | b'-'), rest)) => {
            let (hours, rest) = parse_digits(rest, 2, 2)?;
            let rest = strip_byte(rest, b':').unwrap_or(rest);
            let (minutes, rest) = if is_zone_name(rest) { (0, rest) } else { parse_digits(rest, 2, 2)? };
            if hours > 23 || minutes > 59 || !is_zone_name(rest) {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        Some(_) => None,
    }
}

/// Returns whether nothing or the name of a zone in brackets follows an offset.
fn is_zone_name(bytes: &[u8]) -> bool {
    matches!(bytes, [] | [b'[', .., b']'])
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days since 1970-01-01 in the proleptic Gregorian calendar, by the era method; exact for every four-digit
/// year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_format_parses_to_the_same_time() {
        let expected = Some(Timestamp(1_788_253_201_500_000));
        for text in [
            "2026-09-01T09:00:01.500000Z",
            "2026-09-01 09:00:01.5",
            "2026-09-01T09:00:01.500000000999",
            "2026-09-01T11:00:01.5+02",
            "2026-09-01T11:00:01.5+0200",
            "2026-09-01T06:30:01.5-02:30",
            "2026-09-01T09:00:01.5 UTC",
            "2026-09-01T11:00:01.5+02:00[Europe/Berlin]",
            "20260901T090001.5Z",
            "1788253201.5",
            "1788253201500",
            "1788253201500000",
            "1788253201500000000",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn parses_years_before_1970_and_rejects_nonsense() {
        assert_eq!(Timestamp::parse("1969-12-31T23:59:59Z"), Some(Timestamp(-1_000_000)));
        assert_eq!(Timestamp::parse("0001-01-01"), Some(Timestamp(-62_135_596_800_000_000)));
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-09-01T09:00:01+",
            "NaN",
            "inf",
            "1e300",
            "-1e30",
            "2026-W36-2",
            "/Date(1788253201000)/",
            "２026-09-01",
            "2026-09-01T09:00:01+02:00x",
            "2026-09-01T09:00:01+99:00",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_not_times() {
        for text in [
            "2026-02-30",
            "2026-02-29T00:00:00Z",
            "1900-02-29",
            "2026-04-31",
            "2026-09-01T24:30:00Z",
            "2026-09-01T12:30:60Z",
            "2026-02-30T00:00:00[UTC]",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        assert_eq!(Timestamp::parse("2000-02-29"), Some(Timestamp(951_782_400_000_000)));
        assert_eq!(Timestamp::parse("2026-09-01T24:00:00Z"), Timestamp::parse("2026-09-02"));
        assert_eq!(Timestamp::parse("2016-12-31T23:59:60Z"), Timestamp::parse("2017-01-01"));
    }

    #[test]
    fn parses_mail_dates_and_the_ends_of_the_calendar() {
        assert_eq!(Timestamp::parse("Tue, 01 Sep 2026 09:00:01 GMT"), Some(Timestamp(1_788_253_201_000_000)));
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59Z"), Some(Timestamp(253_402_300_799_000_000)));
    }

    #[test]
    fn epoch_numbers_are_distinguished_by_magnitude() {
        for (text, micros) in [
            ("0", 0),
            ("-1.5", -1_500_000),
            ("20000000000", 20_000_000_000_000_000),
            ("20000000001", 20_000_000_001_000),
            ("1788253201123456", 1_788_253_201_123_456),
            ("1788253201123456789", 1_788_253_201_123_456),
            ("1.7882532011234567e15", 1_788_253_201_123_457),
        ] {
            assert_eq!(Timestamp::parse_number(text), Some(Timestamp(micros)), "{text}");
        }
        assert_eq!(Timestamp::parse_number("20000000000000000000000"), None);
    }
}
