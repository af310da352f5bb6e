//! Moments for people, in a zone that the caller names. A moment that no calendar reaches shows as its seconds.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::domain::Stamp;

/// The time of day: `14:02:11`.
pub fn clock(stamp: Stamp, zone: &TimeZone) -> String {
    format(stamp, zone, "%H:%M:%S")
}

/// The day: `2026-09-01`.
pub fn date(stamp: Stamp, zone: &TimeZone) -> String {
    format(stamp, zone, "%Y-%m-%d")
}

/// All of it: `2026-09-01 14:02:11.123 +02:00`.
pub fn full(stamp: Stamp, zone: &TimeZone) -> String {
    format(stamp, zone, "%Y-%m-%d %H:%M:%S%.3f %:z")
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
