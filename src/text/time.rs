//! Human-readable times in a given time zone. A time outside the calendar's range is shown in seconds.

use jiff::civil::date as date_of;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Zoned};

use crate::domain::Timestamp;

/// A 12-hour or 24-hour clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    #[default]
    TwentyFour,
    Twelve,
}

/// A time zone and a clock.
#[derive(Clone, Debug)]
pub struct TimeFormat {
    pub zone: TimeZone,
    pub clock: Clock,
}

impl From<TimeZone> for TimeFormat {
    fn from(zone: TimeZone) -> Self {
        Self { zone, clock: Clock::default() }
    }
}

/// A borrowed [`TimeFormat`], or only a time zone with the 24-hour clock.
#[derive(Clone, Copy, Debug)]
pub struct TimeStyle<'a> {
    zone: &'a TimeZone,
    clock: Clock,
}

impl<'a> From<&'a TimeZone> for TimeStyle<'a> {
    fn from(zone: &'a TimeZone) -> Self {
        Self { zone, clock: Clock::default() }
    }
}

impl<'a> From<&'a TimeFormat> for TimeStyle<'a> {
    fn from(format: &'a TimeFormat) -> Self {
        Self { zone: &format.zone, clock: format.clock }
    }
}

/// Formats the time of day: `14:02:11`, or `02:02:11 PM`.
pub fn time_of_day<'a>(stamp: Timestamp, style: impl Into<TimeStyle<'a>>) -> String {
    let style = style.into();
    let form = match style.clock {
        Clock::TwentyFour => "%H:%M:%S",
        Clock::Twelve => "%I:%M:%S %p",
    };
    format(stamp, style.zone, form)
}

/// Formats the minute of the day: `14:02`, or `02:02 PM`.
pub fn minute<'a>(stamp: Timestamp, style: impl Into<TimeStyle<'a>>) -> String {
    let style = style.into();
    let form = match style.clock {
        Clock::TwentyFour => "%H:%M",
        Clock::Twelve => "%I:%M %p",
    };
    format(stamp, style.zone, form)
}

/// Formats the day without the year: `14 Sep`.
pub fn day<'a>(stamp: Timestamp, style: impl Into<TimeStyle<'a>>) -> String {
    format(stamp, style.into().zone, "%-d %b")
}

/// Formats the date: `2026-09-01`.
pub fn date<'a>(stamp: Timestamp, style: impl Into<TimeStyle<'a>>) -> String {
    format(stamp, style.into().zone, "%Y-%m-%d")
}

/// Formats the date and the minute, without the year: `09-01 14:02`, or `09-01 02:02 PM`.
pub fn short<'a>(stamp: Timestamp, style: impl Into<TimeStyle<'a>>) -> String {
    let style = style.into();
    let form = match style.clock {
        Clock::TwentyFour => "%m-%d %H:%M",
        Clock::Twelve => "%m-%d %I:%M %p",
    };
    format(stamp, style.zone, form)
}

/// Formats the date and time with milliseconds and UTC offset: `2026-09-01 14:02:11.123 +02:00`, or
/// `2026-09-01 02:02:11.123 PM +02:00`.
pub fn full<'a>(stamp: Timestamp, style: impl Into<TimeStyle<'a>>) -> String {
    let style = style.into();
    let form = match style.clock {
        Clock::TwentyFour => "%Y-%m-%d %H:%M:%S%.3f %:z",
        Clock::Twelve => "%Y-%m-%d %I:%M:%S%.3f %p %:z",
    };
    format(stamp, style.zone, form)
}

fn format(stamp: Timestamp, zone: &TimeZone, form: &str) -> String {
    let zoned = jiff::Timestamp::from_microsecond(stamp.0).map(|moment| Zoned::new(moment, zone.clone()));
    zoned
        .and_then(|zoned| jiff::fmt::strtime::format(form, &zoned))
        .or_else(|_| format_utc(stamp, form))
        .unwrap_or_else(|_| format!("{} s", stamp.0.div_euclid(1_000_000)))
}

/// Formats a time in UTC, because the last day of the year 9999 is not in the calendar of any zone.
fn format_utc(stamp: Timestamp, form: &str) -> Result<String, jiff::Error> {
    let epoch = date_of(1970, 1, 1).at(0, 0, 0, 0);
    let time = epoch.checked_add(SignedDuration::from_micros(stamp.0))?;
    let mut fields = BrokenDownTime::from(time);
    fields.set_offset(Some(Offset::UTC));
    fields.to_string(form)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_is_shown_in_its_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let stamp = Timestamp(1_788_264_131_123_456);
        assert_eq!(time_of_day(stamp, &zone), "14:02:11");
        assert_eq!(date(stamp, &zone), "2026-09-01");
        assert_eq!(full(stamp, &zone), "2026-09-01 14:02:11.123 +02:00");
        assert_eq!(full(stamp, &TimeZone::UTC), "2026-09-01 12:02:11.123 +00:00");
    }

    #[test]
    fn a_time_is_shown_with_a_twelve_hour_clock() {
        let format = TimeFormat { zone: TimeZone::UTC, clock: Clock::Twelve };
        let stamp = Timestamp(1_788_264_131_123_456);
        assert_eq!(time_of_day(stamp, &format), "12:02:11 PM");
        assert_eq!(
            (short(stamp, &format), short(stamp, &TimeZone::UTC)),
            ("09-01 12:02 PM".into(), "09-01 12:02".into())
        );
        assert_eq!(full(stamp, &format), "2026-09-01 12:02:11.123 PM +00:00");
        assert_eq!(date(stamp, &format), date(stamp, &TimeZone::UTC));
    }

    #[test]
    fn a_time_out_of_range_is_shown_in_seconds() {
        assert_eq!(time_of_day(Timestamp(i64::MAX), &TimeZone::UTC), "9223372036854 s");
        assert_eq!(date(Timestamp(i64::MIN), &TimeZone::UTC), "-9223372036855 s");
    }

    proptest! {
        #[test]
        fn every_time_can_be_formatted(micros: i64) {
            for zone in [TimeZone::UTC, TimeZone::fixed(jiff::tz::offset(-11))] {
                prop_assert!(!full(Timestamp(micros), &zone).is_empty());
            }
        }
    }
}
