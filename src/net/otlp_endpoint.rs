//! An OTLP endpoint: its address, headers with secrets, a POST with retries, and the response. Redirects are not
//! followed; only https and this machine are allowed, unless the user allows more.

use std::time::{Duration, SystemTime};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::domain::{ExitCode, UserError};
use crate::net::body::read_short_body;
use crate::net::post::{PostClient, PostError, ReadResponse, add_server_message, gzip, user_error};
use crate::net::retry::RetryHeaders;
use crate::net::{Encryption, Limits, client_for_url};
use crate::provider::is_loopback;
use crate::text::Safe;

/// The path of OTLP over HTTP for traces.
const TRACES_PATH: &str = "/v1/traces";
/// The path of Phoenix for annotations of spans.
const ANNOTATIONS_PATH: &str = "/v1/span_annotations";
/// The maximum number of attempts, including the first one.
const MAX_ATTEMPTS: u32 = 5;

/// The endpoint's response to a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExportResponse {
    pub rejected_spans: i64,
    /// The reason for the rejection, or a warning; sanitized.
    pub message: String,
}

/// The user's description of an endpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct OtlpTarget {
    pub url: String,
    /// Whether the path is complete, so that nothing is appended.
    pub is_complete: bool,
    /// Whether http to another machine is allowed.
    pub is_insecure: bool,
    /// Names and values, which may be secret.
    pub headers: Vec<(String, String)>,
    /// Header arguments, `NAME=VARIABLE`.
    pub header_args: Vec<String>,
    /// The longest wait for a response.
    pub timeout: Option<Duration>,
    /// Whether bodies are compressed with gzip.
    pub is_compressed: bool,
}

/// The destination of spans.
#[derive(Debug)]
pub(crate) struct OtlpEndpoint {
    url: Url,
    headers: HeaderMap,
    client: PostClient,
    is_compressed: bool,
}

impl OtlpEndpoint {
    /// Creates the endpoint of a target.
    ///
    /// # Errors
    /// An invalid address, unusable certificates, an invalid header, or a header whose variable is not set.
    pub(crate) fn new(target: OtlpTarget, limits: Limits) -> Result<Self, UserError> {
        let url = parse_endpoint_url(&target).map_err(|reason| {
            UserError::new(format!("invalid OTLP endpoint: {reason}"), "", ExitCode::Usage)
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in &target.headers {
            let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
            let (name, mut value) = header.ok_or_else(|| {
                let message =
                    "a header of OTEL_EXPORTER_OTLP_HEADERS has a character that no header may have";
                UserError::new(message, "Write NAME=VALUE,NAME=VALUE.", ExitCode::Usage)
            })?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        for (index, header) in target.header_args.iter().enumerate() {
            let (name, value) = parse_header(header).map_err(|reason| header_error(index + 1, reason))?;
            headers.insert(name, value);
        }
        let limits = Limits { response: target.timeout.unwrap_or(limits.response), ..limits };
        let encryption = if target.is_insecure { Encryption::Optional } else { Encryption::Required };
        let client = client_for_url(&url, encryption, &limits).map_err(|kind| user_error(kind, &url))?;
        let client = PostClient::new(client, Limits { max_attempts: MAX_ATTEMPTS, ..limits });
        Ok(Self { url, headers, client, is_compressed: target.is_compressed })
    }

    /// Returns scheme, host and port; the rest of the address may be secret.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Returns the whole address, which may be secret.
    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Returns whether headers and bodies leave this machine unencrypted.
    pub(crate) fn is_exposed(&self) -> bool {
        self.url.scheme() == "http" && !is_loopback(&self.url)
    }

    /// Sends a batch, with retries.
    ///
    /// # Errors
    /// The endpoint did not accept the batch.
    pub(crate) async fn post(&self, body: &[u8]) -> Result<ExportResponse, UserError> {
        let bytes = self.send(self.url.clone(), "application/x-protobuf", body).await?;
        Ok(parse_export_response(&bytes))
    }

    /// Sends annotations to Phoenix, at the host of the spans' address.
    ///
    /// # Errors
    /// The endpoint did not accept them.
    pub(crate) async fn post_annotations(&self, body: &[u8]) -> Result<(), UserError> {
        let mut url = self.url.clone();
        let base = url.path().strip_suffix(TRACES_PATH).unwrap_or_default().to_owned();
        url.set_path(&format!("{base}{ANNOTATIONS_PATH}"));
        self.send(url, "application/json", body).await.map(|_| ())
    }

    /// Sends a body, with retries; returns the body of the response.
    async fn send(&self, url: Url, content_type: &'static str, body: &[u8]) -> Result<Vec<u8>, UserError> {
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        // Only OTLP collectors are known to accept gzip.
        let packed = if self.is_compressed && url == self.url { gzip(body) } else { None };
        if packed.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let body = packed.as_deref().unwrap_or(body);
        self.client.post((&url, &headers), body, self).await
    }

    fn status_error(&self, status: u16, body: &[u8], retry_headers: RetryHeaders) -> PostError {
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
            415 => "The endpoint does not unpack: set OTEL_EXPORTER_OTLP_COMPRESSION=none.",
            413 => "The endpoint accepts only smaller requests.",
            _ => "",
        };
        let mut error = UserError::new(format!("{}: HTTP {status}", self.origin()), hint, exit_code);
        add_server_message(&mut error, &String::from_utf8_lossy(body));
        PostError::of_response(error, matches!(status, 429 | 502..=504), retry_headers)
    }
}

impl ReadResponse for OtlpEndpoint {
    async fn read_response(&self, response: Response) -> Result<Vec<u8>, PostError> {
        let status = response.status().as_u16();
        let retry_headers = RetryHeaders::parse(response.headers(), SystemTime::now());
        let bytes = read_short_body(response, &self.client.limits).await;
        match status {
            200..=299 => Ok(bytes),
            _ => Err(self.status_error(status, &bytes, retry_headers)),
        }
    }
}

fn parse_endpoint_url(target: &OtlpTarget) -> Result<Url, String> {
    let mut url = Url::parse(target.url.trim()).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "it must start with https:// or http://".to_owned(),
        error => error.to_string(),
    })?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" if target.is_insecure => {}
        "http" => {
            return Err(
                "it must be https except on this machine; --insecure allows http, without encryption"
                    .to_owned(),
            );
        }
        _ => return Err("it must start with https:// or http://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not contain a user name or password".to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if !target.is_complete && !path.ends_with(TRACES_PATH) {
        url.set_path(&format!("{path}{TRACES_PATH}"));
    }
    Ok(url)
}

/// Returns an error in the header argument with this number. Neither side of the argument is repeated, because a user who
/// misreads the syntax passes the secret itself.
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
        // The lookup of such a name could panic, and no variable has it.
        name if name.is_empty() || name.contains(['=', '\0']) => None,
        name => std::env::var(name).ok(),
    };
    let value = value.ok_or("no environment variable has the name after the equals sign")?;
    let mut value = HeaderValue::from_str(value.trim())
        .map_err(|_| "the value of the environment variable has a character that no header may have")?;
    value.set_sensitive(true);
    Ok((header, value))
}

/// Parses the response. Another format than that of the request is treated as an empty response.
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
        let target = |text: &str| OtlpTarget { url: text.to_owned(), ..OtlpTarget::default() };
        let parse = |text: &str| parse_endpoint_url(&target(text)).map(String::from);
        let insecure = OtlpTarget { is_insecure: true, ..target("http://collector:4318") };
        assert_eq!(parse_endpoint_url(&insecure).unwrap().as_str(), "http://collector:4318/v1/traces");
        let complete = OtlpTarget { is_complete: true, ..target("https://h.example/in") };
        assert_eq!(parse_endpoint_url(&complete).unwrap().as_str(), "https://h.example/in");
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
            let target = OtlpTarget {
                url: "https://h.example".to_owned(),
                header_args: vec![header.to_owned()],
                ..OtlpTarget::default()
            };
            let error = OtlpEndpoint::new(target, Limits::default());
            let error = error.map(|_| ()).unwrap_err();
            let text = format!("{} {}", error.message, error.hint);
            assert!(!text.contains("S3CRET") && text.contains("NAME=VARIABLE"), "{text}");
        }
    }
}
