//! Whether to try again, and when: the rules of the services' own SDK, with shorter limits.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use jiff::{Timestamp, civil::DateTime, fmt::rfc2822, tz::TimeZone};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::Limits;

/// What an answer's headers wish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RetryHeaders {
    /// `x-should-retry`.
    pub(crate) should_retry: Option<bool>,
    /// `retry-after-ms`, else `Retry-After`, as far as it can be read.
    pub(crate) retry_after: Option<Duration>,
}

impl RetryHeaders {
    /// Reads the headers. A date is held against the answer's own `Date`, so a wrong clock here does not matter;
    /// `now` is for answers without one.
    pub(crate) fn parse(headers: &HeaderMap, now: Timestamp) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let again = match text("x-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        let millis = text("retry-after-ms").and_then(|text| parse_seconds(text, 1e-3));
        let after = millis.or_else(|| {
            let text = text(RETRY_AFTER.as_str())?;
            let sent =
                headers.get(DATE).and_then(|value| parse_http_date(value.to_str().ok()?)).unwrap_or(now);
            parse_seconds(text, 1.0)
                .or_else(|| Duration::try_from(parse_http_date(text)?.duration_since(sent)).ok())
        });
        Self { should_retry: again, retry_after: after.filter(|wait| !wait.is_zero()) }
    }
}

fn parse_seconds(text: &str, unit: f64) -> Option<Duration> {
    let number: f64 = text.parse().ok()?;
    Duration::try_from_secs_f64(number * unit).ok()
}

/// The three forms of RFC 9110: the usual one, RFC 850's and that of `asctime`.
fn parse_http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(moment) = rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(moment);
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| DateTime::strptime(form, text).ok())
        .and_then(|civil| Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}

/// Whether an answer with this status is worth another try.
pub(super) fn is_retryable_status(status: u16, wish: RetryHeaders) -> bool {
    match status {
        401 | 403 | 404 | 422 => false,
        408 | 409 | 429 | 500..=599 => wish.should_retry.unwrap_or(true),
        400..=499 => wish.should_retry.unwrap_or(false),
        _ => false,
    }
}

/// How long to wait after `failed` tries (1 or more).
pub(crate) fn retry_delay(
    limits: &Limits,
    failed: u32,
    wished: Option<Duration>,
    jitter: &Jitter,
) -> Duration {
    if let Some(wished) = wished.filter(|wished| *wished <= limits.max_retry_after) {
        return wished;
    }
    let doubled = 2u32.saturating_pow(failed.saturating_sub(1));
    limits.backoff.saturating_mul(doubled).min(limits.max_backoff).mul_f64(jitter.factor())
}

/// Spreads the tries of many clients: a splitmix64 sequence, which is plenty for that and repeats in tests.
#[derive(Debug)]
pub(crate) struct Jitter(AtomicU64);

impl Jitter {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(AtomicU64::new(seed.unwrap_or_else(|| RandomState::new().hash_one(0u8))))
    }

    /// Between 0.75 and 1.
    fn factor(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut word = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^= word >> 31;
        let unit = (word >> 11) as f64 / (1u64 << 53) as f64;
        0.75 + 0.25 * unit
    }
}

#[cfg(test)]
mod tests;
