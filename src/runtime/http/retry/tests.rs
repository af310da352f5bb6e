use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

fn now() -> Timestamp {
    "1994-11-06T08:49:00Z".parse().unwrap()
}

fn wish(headers: &[(&'static str, &str)]) -> Wish {
    let map: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect();
    Wish::read(&map, now())
}

fn after(value: &str) -> Option<Duration> {
    wish(&[("retry-after", value)]).after
}

#[test]
fn retry_after_reads_seconds_fractions_and_every_form_of_date() {
    assert_eq!(after("7"), Some(Duration::from_secs(7)));
    assert_eq!(after(" 1.5 "), Some(Duration::from_millis(1500)));
    for date in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(after(date), Some(Duration::from_secs(37)), "{date}");
    }
}

#[test]
fn retry_after_that_is_past_or_nonsense_is_no_wish() {
    for value in
        ["0", "-3", "soon", "", "NaN", "inf", "1e400", "Sun, 06 Nov 1994 08:48:59 GMT", "Sun, 99 Foo 1994"]
    {
        assert_eq!(after(value), None, "{value}");
    }
}

#[test]
fn a_date_counts_from_the_moment_the_service_wrote() {
    let wish =
        wish(&[("retry-after", "Fri, 02 Jan 2026 00:00:09 GMT"), ("date", "Fri, 02 Jan 2026 00:00:00 GMT")]);
    assert_eq!(wish.after, Some(Duration::from_secs(9)));
}

#[test]
fn milliseconds_win_over_seconds_and_bad_ones_give_way() {
    assert_eq!(
        wish(&[("retry-after-ms", "250"), ("retry-after", "9")]).after,
        Some(Duration::from_millis(250))
    );
    assert_eq!(wish(&[("retry-after-ms", "x"), ("retry-after", "9")]).after, Some(Duration::from_secs(9)));
}

#[test]
fn some_statuses_are_never_tried_again_whatever_the_service_wishes() {
    let yes = Wish { again: Some(true), after: None };
    let no = Wish { again: Some(false), after: None };
    for status in [401, 403, 404, 422] {
        assert!(!status_again(status, Wish::default()) && !status_again(status, yes), "{status}");
    }
    for status in [408, 409, 429, 500, 502, 503, 504, 529, 599] {
        assert!(status_again(status, Wish::default()) && !status_again(status, no), "{status}");
    }
    assert!(!status_again(400, Wish::default()) && status_again(400, yes));
    assert!(!status_again(302, yes) && !status_again(200, yes));
}

#[test]
fn only_bearable_wishes_are_followed() {
    let (limits, jitter) = (Limits::default(), Jitter::new(Some(1)));
    let wished = |seconds| wait(&limits, 1, Some(Duration::from_secs(seconds)), &jitter);
    assert_eq!(wished(30), Duration::from_secs(30));
    assert!(wished(31) <= Duration::from_millis(500));
}

#[test]
fn the_same_seed_gives_the_same_waits() {
    let waits = |seed| {
        let jitter = Jitter::new(Some(seed));
        [1, 2, 3].map(|failed| wait(&Limits::default(), failed, None, &jitter))
    };
    assert_eq!(waits(7), waits(7));
    assert_ne!(waits(7), waits(8));
}

proptest! {
    #[test]
    fn waits_stay_between_three_quarters_and_the_whole(failed in 1u32..100, seed: u64) {
        let jitter = Jitter::new(Some(seed));
        let full = [0.5, 1.0, 2.0, 4.0].get(failed as usize - 1).copied().unwrap_or(8.0);
        let waited = wait(&Limits::default(), failed, None, &jitter).as_secs_f64();
        prop_assert!(waited >= full * 0.75 && waited <= full, "{waited} of {full}");
    }
}

#[test]
fn what_the_service_says_about_another_try_is_read_and_anything_else_is_no_word() {
    for (value, again) in [
        ("true", Some(true)),
        (" true ", Some(true)),
        ("false", Some(false)),
        ("TRUE", None),
        ("1", None),
        ("", None),
    ] {
        assert_eq!(wish(&[("x-should-retry", value)]).again, again, "{value:?}");
    }
    assert_eq!(wish(&[]).again, None);
}

#[test]
fn the_spread_is_that_of_a_known_sequence() {
    let jitter = Jitter::new(Some(0));
    for word in [0xe220_a839_7b1d_cdaf_u64, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f] {
        let unit = (word >> 11) as f64 / (1u64 << 53) as f64;
        assert!((jitter.factor() - (0.75 + 0.25 * unit)).abs() < 1e-15);
    }
}
