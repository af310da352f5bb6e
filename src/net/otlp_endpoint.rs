//! An OTLP endpoint: its address, headers with secrets, a POST with retries, and the response. Redirects are not
//! followed; only https and this machine are allowed.

use std::time::{Duration, SystemTime};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::domain::{ExitCode, UserError};
use crate::net::body::read_short_body;
use crate::net::retry::{Jitter, RetryHeaders, retry_delay};
use crate::net::{FetchError, FetchErrorKind, Limits, TimeoutStage, classify_request_error, client_for_url};
use crate::provider::is_loopback;
use crate::text::Safe;

/// The path of OTLP over HTTP for traces.
const TRACES_PATH: &str = "/v1/traces";
/// The first attempt included.
const MAX_ATTEMPTS: u32 = 5;
/// The most characters shown of an error body.
const MAX_MESSAGE_LENGTH: usize = 300;

/// The endpoint's response to a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportResponse {
    pub rejected_spans: i64,
    /// The reason of the rejection, or a warning; sanitized.
    pub message: String,
}

/// The destination of spans.
#[derive(Debug)]
pub(crate) struct OtlpEndpoint {
    url: Url,
    headers: HeaderMap,
    client: reqwest::Client,
    limits: Limits,
    jitter: Jitter,
}

struct AttemptError {
    error: UserError,
    is_retryable: bool,
    /// The delay that the endpoint requested.
    retry_after: Option<Duration>,
}

impl OtlpEndpoint {
    /// The endpoint at `url`; each of `header_args` is NAME=VARIABLE.
    ///
    /// # Errors
    /// An invalid address, unusable certificates, or a header whose variable is not set.
    pub(crate) fn new(url: &str, header_args: &[String], limits: Limits) -> Result<Self, UserError> {
        let url = parse_endpoint_url(url).map_err(|reason| {
            UserError::new(format!("invalid OTLP endpoint: {reason}"), "", ExitCode::Usage)
        })?;
        let mut headers = HeaderMap::new();
        for (index, header) in header_args.iter().enumerate() {
            let (name, value) = parse_header(header).map_err(|reason| header_error(index + 1, reason))?;
            headers.append(name, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        let client = client_for_url(&url, &limits).map_err(|kind| user_error(kind, &url))?;
        let jitter = Jitter::new(limits.jitter_seed);
        Ok(Self { url, headers, client, limits: Limits { max_attempts: MAX_ATTEMPTS, ..limits }, jitter })
    }

    /// Scheme, host and port; the rest of the address may be secret.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Sends a batch, with retries.
    ///
    /// # Errors
    /// The endpoint did not accept the batch.
    pub(crate) async fn post(&self, body: &[u8]) -> Result<ExportResponse, UserError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let failed = match self.attempt(body).await {
                Ok(response) => return Ok(response),
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

    async fn attempt(&self, body: &[u8]) -> Result<ExportResponse, AttemptError> {
        let request = self.client.post(self.url.clone()).headers(self.headers.clone()).body(body.to_vec());
        let response = request
            .timeout(self.limits.response)
            .send()
            .await
            .map_err(|error| self.connection_error(&error))?;
        let status = response.status().as_u16();
        let retry_headers = RetryHeaders::parse(response.headers(), SystemTime::now());
        let bytes = read_short_body(response, &self.limits).await;
        match status {
            200..=299 => Ok(parse_export_response(&bytes)),
            _ => Err(self.status_error(status, &bytes, retry_headers)),
        }
    }

    fn connection_error(&self, error: &reqwest::Error) -> AttemptError {
        let kind = match error.is_timeout() && !error.is_connect() {
            true => {
                FetchErrorKind::Timeout { stage: TimeoutStage::ResponseHead, limit: self.limits.response }
            }
            false => classify_request_error(error, &self.limits),
        };
        let is_retryable = !matches!(kind, FetchErrorKind::Tls { .. });
        AttemptError { error: user_error(kind, &self.url), is_retryable, retry_after: None }
    }

    fn status_error(&self, status: u16, body: &[u8], retry_headers: RetryHeaders) -> AttemptError {
        let exit_code = match status {
            401 | 403 => ExitCode::NotAllowed,
            404 | 405 => ExitCode::NotFound,
            429 | 502..=504 => ExitCode::Network,
            _ => ExitCode::Failure,
        };
        let hint = match status {
            300..=399 => "Redirects are not followed: pass the address that it redirects to.",
            401 | 403 => "Pass the key with --header NAME=VARIABLE.",
            404 | 405 => "Check the address: OTLP over HTTP is usually on port 4318.",
            413 => "The endpoint accepts only smaller requests.",
            _ => "",
        };
        let mut error = UserError::new(format!("{}: HTTP {status}", self.origin()), hint, exit_code);
        let message = String::from_utf8_lossy(body);
        let message: String = message.trim().chars().take(MAX_MESSAGE_LENGTH).collect();
        if !message.is_empty() && !message.starts_with('<') {
            error.service_messages.push(Safe::line(&message).into_string());
        }
        let is_retryable = matches!(status, 429 | 502..=504) && retry_headers.should_retry != Some(false);
        AttemptError { error, is_retryable, retry_after: retry_headers.retry_after }
    }
}

fn user_error(kind: FetchErrorKind, url: &Url) -> UserError {
    let origin = url.origin().ascii_serialization();
    let error = FetchError { kind: Box::new(kind), origin, received_bytes: 0, attempts: 1 };
    UserError::new(error.to_string(), error.hint(), error.exit_code())
}

fn parse_endpoint_url(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text.trim()).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "it must start with https:// or http://".to_owned(),
        error => error.to_string(),
    })?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("it must be https except on this machine".to_owned()),
        _ => return Err("it must start with https:// or http://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not contain a user name or password".to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with(TRACES_PATH) {
        url.set_path(&format!("{path}{TRACES_PATH}"));
    }
    Ok(url)
}

/// An error in the header argument with this number. Neither side of the argument is repeated: who misreads the syntax
/// passes the secret itself.
fn header_error(number: usize, reason: &str) -> UserError {
    let hint = "Pass --header NAME=VARIABLE with the name of an environment variable that holds the value, such as \
                --header authorization=COLLECTOR_AUTH.";
    UserError::new(format!("--header, number {number}: {reason}"), hint, ExitCode::Usage)
}

/// Converts NAME=VARIABLE to a header.
fn parse_header(text: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let (name, variable) = text.split_once('=').ok_or("the equals sign is missing")?;
    let header =
        HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| "the name is not that of a header")?;
    let value = match variable.trim() {
        // Such a name would make the look-up panic or could not exist.
        name if name.is_empty() || name.contains(['=', '\0']) => None,
        name => std::env::var(name).ok(),
    };
    let value = value.ok_or("no environment variable has the name behind the equals sign")?;
    let mut value = HeaderValue::from_str(value.trim())
        .map_err(|_| "the value of the environment variable has a character that no header may have")?;
    value.set_sensitive(true);
    Ok((header, value))
}

/// Parses the response; another format than that of the request counts as an empty one.
fn parse_export_response(body: &[u8]) -> ExportResponse {
    let partial = ExportTraceServiceResponse::decode(body).ok().and_then(|response| response.partial_success);
    partial
        .map(|partial| ExportResponse {
            rejected_spans: partial.rejected_spans,
            message: Safe::line(&partial.error_message).into_string(),
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoint_url_gets_the_traces_path_once_and_must_be_secure() {
        let parse = |text: &str| parse_endpoint_url(text).map(String::from);
        assert_eq!(parse("http://127.0.0.1:4318").as_deref(), Ok("http://127.0.0.1:4318/v1/traces"));
        assert_eq!(parse("https://h.example/otlp/").as_deref(), Ok("https://h.example/otlp/v1/traces"));
        assert_eq!(parse("https://h.example/v1/traces").as_deref(), Ok("https://h.example/v1/traces"));
        for bad in ["http://h.example", "ftp://h.example", "https://u:p@h.example", "h.example", ""] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn header_takes_its_value_from_a_variable() {
        assert!(parse_header("x-api-key: 1234").is_err());
        assert!(parse_header("x-api-key=UNSPOOL_NO_SUCH_VARIABLE").is_err());
        let (name, value) = parse_header("x-path=PATH").unwrap();
        assert!(name == "x-path" && value.is_sensitive());
    }

    #[test]
    fn a_secret_in_place_of_a_variable_is_never_repeated() {
        for header in
            ["authorization=Bearer S3CRET", "authorization=S3CRET", "S3CRET=", "Bearer S3CRET=", "S3CRET"]
        {
            let error = OtlpEndpoint::new("https://h.example", &[header.to_owned()], Limits::default());
            let error = error.map(|_| ()).unwrap_err();
            let text = format!("{} {}", error.message, error.hint);
            assert!(!text.contains("S3CRET") && text.contains("NAME=VARIABLE"), "{text}");
        }
    }
}
