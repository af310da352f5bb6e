//! The receiver: where it is, the headers with their secrets, one POST with its tries, and what came back. Nothing is
//! followed; only https and this machine are allowed.

use std::time::Duration;

use jiff::Timestamp;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::cli::PushArgs;
use crate::domain::{ExitCode, UserError};
use crate::net::retry::{Jitter, RetryHeaders, retry_delay};
use crate::net::{
    FetchError, FetchErrorKind, Limits, TimeoutStage, classify_request_error, client_for_url, is_loopback,
};
use crate::text::Safe;

/// Where OTLP over HTTP takes traces.
const TRACES_PATH: &str = "/v1/traces";
/// All tries together.
const MAX_ATTEMPTS: u32 = 5;
/// The most bytes of an answer that are read.
const MAX_RESPONSE_BYTES: usize = 64 << 10;

/// What the receiver says of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportResponse {
    /// Spans that it did not take.
    pub rejected_spans: i64,
    /// Why, or a remark; text from outside.
    pub message: String,
}

/// Where spans go.
#[derive(Debug)]
pub(crate) struct OtlpEndpoint {
    url: Url,
    headers: HeaderMap,
    client: reqwest::Client,
    limits: Limits,
    jitter: Jitter,
}

/// Why a try failed.
struct AttemptError {
    error: UserError,
    /// Whether another one may help, and when the receiver wants it.
    is_retryable: bool,
    retry_after: Option<Duration>,
}

impl OtlpEndpoint {
    /// The receiver that the arguments name.
    ///
    /// # Errors
    /// An address or certificates that cannot be used, or a header whose variable is not set.
    pub(crate) fn new(args: &PushArgs, limits: Limits) -> Result<Self, UserError> {
        let url = parse_endpoint_url(&args.otlp).map_err(|reason| {
            UserError::new(format!("the address of the receiver cannot be used: {reason}"), "", ExitCode::Usage)
        })?;
        let mut headers = HeaderMap::new();
        for header in &args.header {
            let (name, value) = parse_header(header).map_err(|reason| UserError::new(reason, "", ExitCode::Usage))?;
            headers.append(name, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        let client = client_for_url(&url, &limits).map_err(|fault| fault_to_user_error(fault, &url))?;
        let jitter = Jitter::new(limits.jitter_seed);
        Ok(Self { url, headers, client, limits: Limits { max_attempts: MAX_ATTEMPTS, ..limits }, jitter })
    }

    /// Scheme, host and port; the rest may be a secret.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Sends a batch.
    ///
    /// # Errors
    /// It was not taken, after all tries that make sense.
    pub(crate) async fn post(&self, body: &[u8]) -> Result<ExportResponse, UserError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let failed = match self.attempt(body).await {
                Ok(receipt) => return Ok(receipt),
                Err(failed) => failed,
            };
            if !failed.is_retryable || tries >= self.limits.max_attempts {
                return Err(failed.error);
            }
            tokio::time::sleep(retry_delay(&self.limits, tries, failed.retry_after, &self.jitter)).await;
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
        let wish = RetryHeaders::parse(response.headers(), Timestamp::now());
        let bytes = read_response_body(response).await;
        match status {
            200..=299 => Ok(parse_export_response(&bytes)),
            _ => Err(self.status_error(status, &bytes, wish)),
        }
    }

    fn connection_error(&self, error: &reqwest::Error) -> AttemptError {
        let fault = match error.is_timeout() && !error.is_connect() {
            true => {
                FetchErrorKind::Timeout { stage: TimeoutStage::ResponseHead, limit: self.limits.response }
            }
            false => classify_request_error(error, &self.limits),
        };
        let again = !matches!(fault, FetchErrorKind::Tls { .. });
        AttemptError { error: fault_to_user_error(fault, &self.url), is_retryable: again, retry_after: None }
    }

    fn status_error(&self, status: u16, body: &[u8], wish: RetryHeaders) -> AttemptError {
        let exit_code = match status {
            401 | 403 => ExitCode::NotAllowed,
            404 | 405 => ExitCode::NotFound,
            429 | 502..=504 => ExitCode::Network,
            _ => ExitCode::Failure,
        };
        let advice = match status {
            300..=399 => "It is a redirect, which is not followed: name the address that it leads to.",
            401 | 403 => "Give its key by --header NAME=VARIABLE.",
            404 | 405 => "Check the address: OTLP over HTTP is usually on port 4318.",
            413 => "The receiver takes only smaller requests.",
            _ => "",
        };
        let mut failure =
            UserError::new(format!("{}: the answer was {status}", self.origin()), advice, exit_code);
        let said = String::from_utf8_lossy(body);
        let said: String = said.trim().chars().take(300).collect();
        if !said.is_empty() && !said.starts_with('<') {
            failure.service_messages.push(Safe::line(&said).into_string());
        }
        let again = matches!(status, 429 | 502..=504) && wish.should_retry != Some(false);
        AttemptError { error: failure, is_retryable: again, retry_after: wish.retry_after }
    }
}

/// Why the receiver was not reached.
fn fault_to_user_error(fault: FetchErrorKind, url: &Url) -> UserError {
    let origin = url.origin().ascii_serialization();
    let error = FetchError { kind: Box::new(fault), origin, received_bytes: 0, attempts: 1 };
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
        "http" => return Err("it must be https, unless it is on this machine".to_owned()),
        _ => return Err("it must start with https:// or http://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a user or a password".to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with(TRACES_PATH) {
        url.set_path(&format!("{path}{TRACES_PATH}"));
    }
    Ok(url)
}

/// NAME=VARIABLE to a header.
fn parse_header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, variable) =
        text.split_once('=').ok_or("a header is NAME=VARIABLE, the name of an environment variable")?;
    let header = HeaderName::from_bytes(name.trim().as_bytes())
        .map_err(|_| format!("{name:?} is no name of a header"))?;
    let value =
        std::env::var(variable.trim()).map_err(|_| format!("the variable {variable:?} is not set"))?;
    let mut value = HeaderValue::from_str(value.trim())
        .map_err(|_| format!("the variable {variable:?} has a character that no header can carry"))?;
    value.set_sensitive(true);
    Ok((header, value))
}

async fn read_response_body(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_RESPONSE_BYTES - body.len();
        body.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
        if body.len() >= MAX_RESPONSE_BYTES {
            break;
        }
    }
    body
}

/// A receipt in another format than that of the request counts as none.
fn parse_export_response(body: &[u8]) -> ExportResponse {
    let partial = ExportTraceServiceResponse::decode(body).ok().and_then(|answer| answer.partial_success);
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
        let of = |text: &str| parse_endpoint_url(text).map(String::from);
        assert_eq!(of("http://127.0.0.1:4318").as_deref(), Ok("http://127.0.0.1:4318/v1/traces"));
        assert_eq!(of("https://h.example/otlp/").as_deref(), Ok("https://h.example/otlp/v1/traces"));
        assert_eq!(of("https://h.example/v1/traces").as_deref(), Ok("https://h.example/v1/traces"));
        for bad in ["http://h.example", "ftp://h.example", "https://u:p@h.example", "h.example", ""] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn header_takes_its_value_from_a_variable() {
        assert!(parse_header("x-api-key: 1234").is_err());
        assert!(parse_header("x-api-key=UNSPOOL_NO_SUCH_VARIABLE").unwrap_err().contains("not set"));
        let (name, value) = parse_header("x-path=PATH").unwrap();
        assert!(name == "x-path" && value.is_sensitive());
    }
}
