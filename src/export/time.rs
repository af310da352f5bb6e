//! Times for other programs: RFC 3339 in UTC, always with six fractional digits.

use crate::domain::Timestamp;

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

/// The start of the year 0 in microseconds since 1970; RFC 3339 has no earlier times.
const YEAR_0: i64 = -62_167_219_200_000_000;

/// Formats `2026-09-01T09:00:01.500000Z`; `None` outside of the years 0 to 9999.
pub(super) fn rfc3339(stamp: Timestamp) -> Option<String> {
    // A civil time, because jiff's timestamps end a day before the end of the year 9999.
    let epoch: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
    let time = epoch.checked_add(SignedDuration::from_micros(stamp.0)).ok().filter(|_| stamp.0 >= YEAR_0)?;
    Some(format!("{time:.6}Z"))
}

/// Formats `2026-09`, in UTC; `None` outside of the years 0 to 9999.
pub fn month(stamp: Timestamp) -> Option<String> {
    Some(rfc3339(stamp)?.get(..7)?.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formats_timestamps_uniformly() {
        assert_eq!(rfc3339(Timestamp(1_788_253_201_500_000)).as_deref(), Some("2026-09-01T09:00:01.500000Z"));
        assert_eq!(rfc3339(Timestamp(YEAR_0)).as_deref(), Some("0000-01-01T00:00:00.000000Z"));
        assert_eq!([rfc3339(Timestamp(YEAR_0 - 1)), rfc3339(Timestamp(i64::MAX))], [None, None]);
    }

    #[test]
    fn months_are_those_of_utc() {
        assert_eq!(month(Timestamp(1_788_253_201_500_000)).as_deref(), Some("2026-09"));
        assert_eq!(month(Timestamp(YEAR_0)).as_deref(), Some("0000-01"));
        assert_eq!(month(Timestamp(i64::MIN)), None);
    }

    proptest! {
        #[test]
        fn round_trips(micros in YEAR_0..253_402_300_800_000_000) {
            let text = rfc3339(Timestamp(micros)).unwrap();
            prop_assert_eq!(text.len(), 27);
            prop_assert_eq!(Timestamp::parse(&text), Some(Timestamp(micros)));
        }
    }
}
