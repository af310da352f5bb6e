//! Timestamps in every format that the services' clients accept, with arithmetic that saturates.

/// Microseconds since 1970-01-01T00:00:00Z. Every number is valid: years before 1970 and far in the future.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Converts milliseconds since 1970.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// Microseconds from `earlier` to this time; negative if this time is the earlier one.
    pub fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This time plus `millis` milliseconds.
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1000)))
    }

    /// Parses RFC 3339 and its looser variants (contract §1.6): a space for `T`, no zone (UTC), `+HH`, `+HHMM`,
    /// any number of fraction digits (6 are kept), a bare date, and a number of seconds or milliseconds since 1970
    /// (beyond ±2·10¹⁰ it is milliseconds, as in the SDK).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        parse_date_time(text.as_bytes()).or_else(|| text.parse::<f64>().ok().and_then(Self::from_number))
    }

    /// Converts a number of seconds or milliseconds since 1970; see [`parse`](Self::parse).
    pub fn from_number(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let seconds = if number.abs() > 2e10 { number / 1000.0 } else { number };
        // The cast saturates, so any untrusted number is safe.
        Some(Self((seconds * 1e6).round() as i64))
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
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
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
    if hour > 24 || minute > 59 || second > 60 {
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
        Some((b'Z' | b'z', [])) => Some(0),
        Some((sign @ (b'+' | b'-'), rest)) => {
            let (hours, rest) = parse_digits(rest, 2, 2)?;
            let rest = strip_byte(rest, b':').unwrap_or(rest);
            let minutes = if rest.is_empty() { 0 } else { parse_digits(rest, 2, 2)?.0 };
            let seconds = hours * 3600 + minutes * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        Some(_) => None,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, by the era method; exact for every four-digit year.
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
            "1788253201.5",
            "1788253201500",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn parses_years_before_1970_and_rejects_nonsense() {
        assert_eq!(Timestamp::parse("1969-12-31T23:59:59Z"), Some(Timestamp(-1_000_000)));
        assert_eq!(Timestamp::parse("0001-01-01"), Some(Timestamp(-62_135_596_800_000_000)));
        for text in ["", "yesterday", "2026-13-01", "2026-09-01T09:00:01+", "NaN", "inf"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        assert_eq!(Timestamp::parse("1e300"), Some(Timestamp(i64::MAX)));
    }
}
