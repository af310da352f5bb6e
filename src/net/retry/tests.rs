use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

fn now() -> SystemTime {
    parse_http_date("Sun, 06 Nov 1994 08:49:00 GMT").unwrap()
}

fn parse_headers(headers: &[(&'static str, &str)]) -> RetryHeaders {
    let map: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect();
    RetryHeaders::parse(&map, now())
}

fn parse_retry_after(value: &str) -> Option<Duration> {
    parse_headers(&[("retry-after", value)]).retry_after
}

#[test]
fn retry_after_accepts_seconds_fractions_and_every_date_format() {
    assert_eq!(parse_retry_after("7"), Some(Duration::from_secs(7)));
    assert_eq!(parse_retry_after(" 1.5 "), Some(Duration::from_millis(1500)));
    for date in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(parse_retry_after(date), Some(Duration::from_secs(37)), "{date}");
    }
}

#[test]
fn a_past_or_invalid_retry_after_is_ignored() {
    for value in
        ["0", "-3", "soon", "", "NaN", "inf", "1e400", "Sun, 06 Nov 1994 08:48:59 GMT", "Sun, 99 Foo 1994"]
    {
        assert_eq!(parse_retry_after(value), None, "{value}");
    }
}

#[test]
fn a_retry_date_is_relative_to_the_response_date() {
    let headers = parse_headers(&[
        ("retry-after", "Fri, 02 Jan 2026 00:00:09 GMT"),
        ("date", "Fri, 02 Jan 2026 00:00:00 GMT"),
    ]);
    assert_eq!(headers.retry_after, Some(Duration::from_secs(9)));
}

#[test]
fn milliseconds_win_over_seconds_unless_they_are_invalid() {
    assert_eq!(
        parse_headers(&[("retry-after-ms", "250"), ("retry-after", "9")]).retry_after,
        Some(Duration::from_millis(250))
    );
    assert_eq!(
        parse_headers(&[("retry-after-ms", "x"), ("retry-after", "9")]).retry_after,
        Some(Duration::from_secs(9))
    );
}

#[test]
fn some_statuses_are_never_retried_despite_retry_headers() {
    let yes = RetryHeaders { should_retry: Some(true), retry_after: None };
    let no = RetryHeaders { should_retry: Some(false), retry_after: None };
    for status in [401, 403, 404, 422] {
        assert!(
            !is_retryable_status(status, RetryHeaders::default()) && !is_retryable_status(status, yes),
            "{status}"
        );
    }
    for status in [408, 409, 429, 500, 502, 503, 504, 529, 599] {
        assert!(
            is_retryable_status(status, RetryHeaders::default()) && !is_retryable_status(status, no),
            "{status}"
        );
    }
    assert!(!is_retryable_status(400, RetryHeaders::default()) && is_retryable_status(400, yes));
    assert!(!is_retryable_status(302, yes) && !is_retryable_status(200, yes));
}

#[test]
fn a_retry_after_above_the_limit_ends_the_attempts() {
    let (limits, jitter) = (Limits::default(), Jitter::new(Some(1)));
    let delay = |seconds| retry_delay(&limits, 1, Some(Duration::from_secs(seconds)), &jitter);
    assert_eq!(delay(30), Some(Duration::from_secs(30)));
    assert_eq!(delay(31), None);
    assert_eq!(delay(86_400), None);
    assert_eq!(parse_retry_after("99999999999999999999999"), Some(Duration::MAX));
}

#[test]
fn the_same_seed_gives_the_same_delays() {
    let delays = |seed| {
        let jitter = Jitter::new(Some(seed));
        [1, 2, 3].map(|failed| retry_delay(&Limits::default(), failed, None, &jitter))
    };
    assert_eq!(delays(7), delays(7));
    assert_ne!(delays(7), delays(8));
}

proptest! {
    #[test]
    fn delays_stay_between_three_quarters_and_the_full_backoff(failed in 1u32..100, seed: u64) {
        let jitter = Jitter::new(Some(seed));
        let full = [0.5, 1.0, 2.0, 4.0].get(failed as usize - 1).copied().unwrap_or(8.0);
        let delay = retry_delay(&Limits::default(), failed, None, &jitter).unwrap().as_secs_f64();
        prop_assert!(delay >= full * 0.75 && delay <= full, "{delay} of {full}");
    }
}

#[test]
fn x_should_retry_accepts_only_true_and_false() {
    for (value, should_retry) in [
        ("true", Some(true)),
        (" true ", Some(true)),
        ("false", Some(false)),
        ("TRUE", None),
        ("1", None),
        ("", None),
    ] {
        assert_eq!(parse_headers(&[("x-should-retry", value)]).should_retry, should_retry, "{value:?}");
    }
    assert_eq!(parse_headers(&[]).should_retry, None);
}

#[test]
fn jitter_follows_the_splitmix64_sequence() {
    let jitter = Jitter::new(Some(0));
    for word in [0xe220_a839_7b1d_cdaf_u64, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f] {
        let unit = (word >> 11) as f64 / (1u64 << 53) as f64;
        assert!((jitter.factor() - (0.75 + 0.25 * unit)).abs() < 1e-15);
    }
}
