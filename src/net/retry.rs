//! Retry policy: the rules of the services' own SDK, with shorter limits.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use httpdate::parse_http_date;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::Limits;

/// The retry headers of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RetryHeaders {
    /// `x-should-retry`.
    pub(crate) should_retry: Option<bool>,
    /// The delay in `retry-after-ms`, else `Retry-After`; `None` if zero or invalid.
    pub(crate) retry_after: Option<Duration>,
}

impl RetryHeaders {
    /// Parses the headers. A date is compared with the response's own `Date`, so that a wrong local clock has no effect;
    /// `now` is for responses without one.
    pub(crate) fn parse(headers: &HeaderMap, now: SystemTime) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let should_retry = match text("x-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        let millis = text("retry-after-ms").and_then(|text| parse_seconds(text, 1e-3));
        let retry_after = millis.or_else(|| {
            let value = text(RETRY_AFTER.as_str())?;
            let sent_at = text(DATE.as_str()).and_then(|date| parse_http_date(date).ok()).unwrap_or(now);
            parse_seconds(value, 1.0).or_else(|| parse_http_date(value).ok()?.duration_since(sent_at).ok())
        });
        Self { should_retry, retry_after: retry_after.filter(|delay| !delay.is_zero()) }
    }
}

fn parse_seconds(text: &str, unit: f64) -> Option<Duration> {
    let number: f64 = text.parse().ok()?;
    // A number that is too large for a duration means a very long time.
    let is_too_large = number.is_finite() && number > 0.0;
    Duration::try_from_secs_f64(number * unit).ok().or_else(|| is_too_large.then_some(Duration::MAX))
}

/// Returns whether a response with this status justifies another attempt.
pub(super) fn is_retryable_status(status: u16, headers: RetryHeaders) -> bool {
    match status {
        401 | 403 | 404 | 422 => false,
        408 | 409 | 429 | 500..=599 => headers.should_retry.unwrap_or(true),
        400..=499 => headers.should_retry.unwrap_or(false),
        _ => false,
    }
}

/// Returns the delay after `failed_attempts` (1 or more); `retry_after` is the delay that the service requested. `None` if
/// that is too long: an earlier attempt would be refused again.
pub(crate) fn retry_delay(
    limits: &Limits,
    failed_attempts: u32,
    retry_after: Option<Duration>,
    jitter: &Jitter,
) -> Option<Duration> {
    if let Some(delay) = retry_after {
        return (delay <= limits.max_retry_after).then_some(delay);
    }
    let factor = 2u32.saturating_pow(failed_attempts.saturating_sub(1));
    Some(limits.backoff.saturating_mul(factor).min(limits.max_backoff).mul_f64(jitter.factor()))
}

/// Random factors that spread the attempts of many clients: a splitmix64 sequence, which is repeatable in tests.
#[derive(Debug)]
pub(crate) struct Jitter(AtomicU64);

impl Jitter {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(AtomicU64::new(seed.unwrap_or_else(|| RandomState::new().hash_one(0u8))))
    }

    /// Returns a factor between 0.75 and 1.
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
