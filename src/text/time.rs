//! Moments for people, in a zone that the caller names. A moment that no calendar reaches shows as its seconds.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::domain::Stamp;

/// How the hours of a day are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hours {
    #[default]
    TwentyFour,
    Twelve,
}

/// Where and how moments are told.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub zone: TimeZone,
    pub hours: Hours,
}

impl From<TimeZone> for Calendar {
    fn from(zone: TimeZone) -> Self {
        Self { zone, hours: Hours::default() }
    }
}

/// A borrowed [`Calendar`], or a zone alone.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    zone: &'a TimeZone,
    hours: Hours,
}

impl<'a> From<&'a TimeZone> for Told<'a> {
    fn from(zone: &'a TimeZone) -> Self {
        Self { zone, hours: Hours::default() }
    }
}

impl<'a> From<&'a Calendar> for Told<'a> {
    fn from(calendar: &'a Calendar) -> Self {
        Self { zone: &calendar.zone, hours: calendar.hours }
    }
}

/// The time of day: `14:02:11`, or `02:02:11 PM`.
pub fn clock<'a>(stamp: Stamp, told: impl Into<Told<'a>>) -> String {
    let told = told.into();
    let form = match told.hours {
        Hours::TwentyFour => "%H:%M:%S",
        Hours::Twelve => "%I:%M:%S %p",
    };
    format(stamp, told.zone, form)
}

/// The day: `2026-09-01`.
pub fn date<'a>(stamp: Stamp, told: impl Into<Told<'a>>) -> String {
    format(stamp, told.into().zone, "%Y-%m-%d")
}

/// The day and the minute, without the year: `09-01 14:02`, or `09-01 02:02 PM`.
pub fn short<'a>(stamp: Stamp, told: impl Into<Told<'a>>) -> String {
    let told = told.into();
    let form = match told.hours {
        Hours::TwentyFour => "%m-%d %H:%M",
        Hours::Twelve => "%m-%d %I:%M %p",
    };
    format(stamp, told.zone, form)
}

/// All of it: `2026-09-01 14:02:11.123 +02:00`, or `2026-09-01 02:02:11.123 PM +02:00`.
pub fn full<'a>(stamp: Stamp, told: impl Into<Told<'a>>) -> String {
    let told = told.into();
    let form = match told.hours {
        Hours::TwentyFour => "%Y-%m-%d %H:%M:%S%.3f %:z",
        Hours::Twelve => "%Y-%m-%d %I:%M:%S%.3f %p %:z",
    };
    format(stamp, told.zone, form)
}

fn format(stamp: Stamp, zone: &TimeZone, form: &str) -> String {
    let zoned = Timestamp::from_microsecond(stamp.0).map(|moment| Zoned::new(moment, zone.clone()));
    zoned
        .and_then(|zoned| jiff::fmt::strtime::format(form, &zoned))
        .unwrap_or_else(|_| format!("{} s", stamp.0.div_euclid(1_000_000)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_moment_in_its_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let stamp = Stamp(1_788_264_131_123_456);
        assert_eq!(clock(stamp, &zone), "14:02:11");
        assert_eq!(date(stamp, &zone), "2026-09-01");
        assert_eq!(full(stamp, &zone), "2026-09-01 14:02:11.123 +02:00");
        assert_eq!(full(stamp, &TimeZone::UTC), "2026-09-01 12:02:11.123 +00:00");
    }

    #[test]
    fn the_same_moment_with_twelve_hours() {
        let calendar = Calendar { zone: TimeZone::UTC, hours: Hours::Twelve };
        let stamp = Stamp(1_788_264_131_123_456);
        assert_eq!(clock(stamp, &calendar), "12:02:11 PM");
        assert_eq!(
            (short(stamp, &calendar), short(stamp, &TimeZone::UTC)),
            ("09-01 12:02 PM".into(), "09-01 12:02".into())
        );
        assert_eq!(full(stamp, &calendar), "2026-09-01 12:02:11.123 PM +00:00");
        assert_eq!(date(stamp, &calendar), date(stamp, &TimeZone::UTC));
    }

    #[test]
    fn a_moment_beyond_the_calendar_shows_its_seconds() {
        assert_eq!(clock(Stamp(i64::MAX), &TimeZone::UTC), "9223372036854 s");
        assert_eq!(date(Stamp(i64::MIN), &TimeZone::UTC), "-9223372036855 s");
    }

    proptest! {
        #[test]
        fn every_moment_has_a_text(micros: i64) {
            for zone in [TimeZone::UTC, TimeZone::fixed(jiff::tz::offset(-11))] {
                prop_assert!(!full(Stamp(micros), &zone).is_empty());
            }
        }
    }
}
