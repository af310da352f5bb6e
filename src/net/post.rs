//! POST requests with retries, for receivers to which the same body may be sent twice.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response};
use url::Url;

use super::retry::{Jitter, RetryHeaders, retry_delay};
use super::{FetchError, FetchErrorKind, Limits, TimeoutStage, classify_request_error};
use crate::domain::UserError;
use crate::text::Safe;

/// The maximum number of characters in an error body that are shown.
const MAX_MESSAGE_LENGTH: usize = 300;

/// Sends bodies to one receiver.
#[derive(Debug)]
pub(super) struct PostClient {
    client: reqwest::Client,
    pub(super) limits: Limits,
    jitter: Jitter,
}

/// A reader of responses.
pub(super) trait ReadResponse: Sync {
    fn read_response(&self, response: Response) -> impl Future<Output = Result<Vec<u8>, PostError>> + Send;
}

/// A failed attempt.
pub(super) struct PostError {
    pub(super) error: UserError,
    pub(super) is_retryable: bool,
    /// The delay that the receiver requested.
    pub(super) retry_after: Option<Duration>,
}

impl PostError {
    /// Returns the error of a response.
    pub(super) fn of_response(error: UserError, is_retryable: bool, headers: RetryHeaders) -> Self {
        let is_retryable = is_retryable && headers.should_retry != Some(false);
        Self { error, is_retryable, retry_after: headers.retry_after }
    }
}

impl PostClient {
    pub(super) fn new(client: reqwest::Client, limits: Limits) -> Self {
        let jitter = Jitter::new(limits.jitter_seed);
        Self { client, limits, jitter }
    }

    /// Sends a body, with retries.
    pub(super) async fn post(
        &self,
        (url, headers): (&Url, &HeaderMap),
        body: &[u8],
        reader: &impl ReadResponse,
    ) -> Result<Vec<u8>, UserError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let request = self.client.post(url.clone()).headers(headers.clone()).body(body.to_vec());
            let failed = match self.attempt(request, url, reader).await {
                Ok(result) => return Ok(result),
                Err(failed) => failed,
            };
            if !failed.is_retryable || attempts >= self.limits.max_attempts {
                return Err(failed.error);
            }
            match retry_delay(&self.limits, attempts, failed.retry_after, &self.jitter) {
                Some(delay) => tokio::time::sleep(delay).await,
                None => return Err(failed.error),
            }
        }
    }

    async fn attempt(
        &self,
        request: RequestBuilder,
        url: &Url,
        reader: &impl ReadResponse,
    ) -> Result<Vec<u8>, PostError> {
        let sending = request.timeout(self.limits.response).send();
        let response = sending.await.map_err(|error| self.connection_error(&error, url))?;
        reader.read_response(response).await
    }

    /// Returns the error of a request, or of a response that ends early.
    pub(super) fn connection_error(&self, error: &reqwest::Error, url: &Url) -> PostError {
        let kind = match error.is_timeout() && !error.is_connect() {
            true => {
                FetchErrorKind::Timeout { stage: TimeoutStage::ResponseHead, limit: self.limits.response }
            }
            false => classify_request_error(error, &self.limits),
        };
        let is_retryable = !matches!(kind, FetchErrorKind::Tls { .. });
        PostError { error: user_error(kind, url), is_retryable, retry_after: None }
    }
}

/// Compresses a body; `None` on failure, which does not occur in memory.
pub(super) fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).ok()
}

/// Adds the text of an error body to an error, unless it is a page for browsers.
pub(super) fn add_server_message(error: &mut UserError, body: &str) {
    let message: String = body.trim().chars().take(MAX_MESSAGE_LENGTH).collect();
    if !message.is_empty() && !message.starts_with('<') {
        error.service_messages.push(Safe::line(&message).into_string());
    }
}

/// Returns the error for people. It contains only the origin of the address.
pub(super) fn user_error(kind: FetchErrorKind, url: &Url) -> UserError {
    let origin = url.origin().ascii_serialization();
    let error = FetchError { kind: Box::new(kind), origin, received_bytes: 0, attempts: 1 };
    UserError::new(error.to_string(), error.hint(), error.exit_code())
}
