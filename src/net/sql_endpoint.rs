//! ClickHouse over HTTP: statements, inserts and their responses. The network rules are the same as for services: https
//! except on this machine, no redirects, capped bodies. User and password are only sent in headers.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::body::{is_gzip, read_short_body};
use super::content_encoding::ContentDecoder;
use super::post::{PostClient, PostError, ReadResponse, add_server_message, gzip, user_error};
use super::retry::RetryHeaders;
use super::{Encryption, FetchErrorKind, Limits, client_for_url};
use crate::domain::{ExitCode, UserError};

/// The longest wait for the result of a statement; the server responds when it is complete.
const MAX_RESPONSE: Duration = Duration::from_secs(300);
/// The maximum number of attempts of a read, including the first one. Users do not wait as long as a push.
const MAX_READ_ATTEMPTS: u32 = 2;
const MAX_INSERT_ATTEMPTS: u32 = 5;
/// The maximum number of bytes in a result.
const MAX_RESULT_BYTES: usize = 512 << 20;

/// The variables of ClickHouse's own client for the user and the password.
pub(crate) const USER_VARIABLE: &str = "CLICKHOUSE_USER";
pub(crate) const PASSWORD_VARIABLE: &str = "CLICKHOUSE_PASSWORD";

/// The numbers of the server's errors with a specific hint.
mod code {
    pub(super) const NO_TABLE: u32 = 60;
    pub(super) const NO_DATABASE: u32 = 81;
    pub(super) const READ_ONLY: u32 = 164;
    pub(super) const UNKNOWN_USER: u32 = 192;
    pub(super) const WRONG_PASSWORD: u32 = 193;
    pub(super) const PASSWORD_REQUIRED: u32 = 194;
    pub(super) const ACCESS_DENIED: u32 = 497;
    pub(super) const AUTHENTICATION_FAILED: u32 = 516;
}

/// A server with a user and a password.
#[derive(Debug)]
pub(crate) struct SqlEndpoint {
    /// The URL without a query.
    url: Url,
    headers: HeaderMap,
    reads: PostClient,
    inserts: PostClient,
}

impl SqlEndpoint {
    /// Creates the endpoint at an address. Without a user, the server's default user is used.
    ///
    /// # Errors
    /// The address is not allowed, or the certificates cannot be used.
    pub(crate) fn new(
        url: Url,
        user: Option<&str>,
        password: Option<&SecretString>,
        limits: &Limits,
    ) -> Result<Self, UserError> {
        let client =
            client_for_url(&url, Encryption::Required, limits).map_err(|kind| user_error(kind, &url))?;
        let headers = login_headers(user, password)
            .map_err(|name| user_error(FetchErrorKind::InvalidHeader(name), &url))?;
        let response = limits.response.max(MAX_RESPONSE);
        let limits = |max_attempts| Limits { max_attempts, response, ..limits.clone() };
        let reads = PostClient::new(client.clone(), limits(MAX_READ_ATTEMPTS));
        let inserts = PostClient::new(client, limits(MAX_INSERT_ATTEMPTS));
        Ok(Self { url, headers, reads, inserts })
    }

    /// Runs a statement and returns its whole result. `settings` are names and values for the address.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub(crate) async fn run(&self, sql: &str, settings: &[(&str, &str)]) -> Result<Vec<u8>, UserError> {
        let url = self.url_with(settings);
        self.reads.post((&url, &self.headers), sql.as_bytes(), self).await
    }

    /// Inserts rows; `sql` ends with their format.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses. Then the server may have none, some or all of the rows.
    pub(crate) async fn insert(
        &self,
        sql: &str,
        rows: &[u8],
        settings: &[(&str, &str)],
    ) -> Result<(), UserError> {
        let mut headers = self.headers.clone();
        let packed = gzip(rows);
        if packed.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let body = packed.as_deref().unwrap_or(rows);
        let url = self.url_with(&[&[("query", sql)], settings].concat());
        self.inserts.post((&url, &headers), body, self).await.map(drop)
    }

    fn url_with(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.url.clone();
        // Otherwise an error in the middle of a result would look like a part of it.
        url.query_pairs_mut().append_pair("wait_end_of_query", "1").extend_pairs(parameters);
        url
    }

    async fn read_result(&self, mut response: Response) -> Result<Vec<u8>, PostError> {
        let mut decoder = ContentDecoder::new(is_gzip(&response));
        let mut result = Vec::new();
        let fatal =
            |kind| PostError { error: user_error(kind, &self.url), is_retryable: false, retry_after: None };
        loop {
            let chunk = response.chunk().await;
            let chunk = chunk.map_err(|error| self.reads.connection_error(&error, &self.url))?;
            let Some(chunk) = chunk else { break };
            for piece in chunk.chunks(decoder.piece_length()) {
                let decoded = decoder.decode(piece).map_err(fatal)?;
                result.extend_from_slice(decoded.as_deref().unwrap_or(piece));
                if result.len() > MAX_RESULT_BYTES {
                    let limit = MAX_RESULT_BYTES as u64;
                    return Err(fatal(FetchErrorKind::TooLarge { limit, content_length: None }));
                }
            }
        }
        result.extend_from_slice(&decoder.finish().map_err(fatal)?);
        Ok(result)
    }

    fn status_error(&self, status: u16, body: &[u8], retry_headers: RetryHeaders) -> PostError {
        let message = String::from_utf8_lossy(body);
        let number = error_number(&message);
        let (hint, exit_code) = match (number, status) {
            (
                Some(
                    code::UNKNOWN_USER
                    | code::WRONG_PASSWORD
                    | code::PASSWORD_REQUIRED
                    | code::AUTHENTICATION_FAILED,
                ),
                _,
            )
            | (None, 401 | 403) => (
                "Set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD, or library_user and library_password_command of the \
                 profile.",
                ExitCode::NotAllowed,
            ),
            (Some(code::ACCESS_DENIED | code::READ_ONLY), _) => {
                ("Give this user the rights that docs/clickhouse.md lists.", ExitCode::NotAllowed)
            }
            (Some(code::NO_TABLE | code::NO_DATABASE), _) => {
                ("Fill it first: unspool library push --to ADDRESS.", ExitCode::NotFound)
            }
            (None, 300..=399) => {
                ("Redirects are not followed: pass the address that it redirects to.", ExitCode::Failure)
            }
            (None, 404) => ("Check the address: ClickHouse's HTTP port, 8123 or 8443.", ExitCode::NotFound),
            (_, 429 | 502..=504) => ("Try again later.", ExitCode::Network),
            (_, _) => ("", ExitCode::Failure),
        };
        let origin = self.url.origin().ascii_serialization();
        let mut error = UserError::new(format!("{origin}: HTTP {status}"), hint, exit_code);
        add_server_message(&mut error, &message);
        PostError::of_response(error, matches!(status, 429 | 502..=504), retry_headers)
    }
}

impl ReadResponse for SqlEndpoint {
    async fn read_response(&self, response: Response) -> Result<Vec<u8>, PostError> {
        let status = response.status().as_u16();
        if !matches!(status, 200..=299) {
            let retry_headers = RetryHeaders::parse(response.headers(), SystemTime::now());
            let bytes = read_short_body(response, &self.reads.limits).await;
            return Err(self.status_error(status, &bytes, retry_headers));
        }
        self.read_result(response).await
    }
}

/// Returns the headers with the user and the password.
///
/// # Errors
/// The name of a header whose value is invalid.
fn login_headers(user: Option<&str>, password: Option<&SecretString>) -> Result<HeaderMap, &'static str> {
    let mut headers = HeaderMap::new();
    let mut add = |name: &'static str, text: &str| {
        let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| name)?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
        Ok::<(), &'static str>(())
    };
    let secret = password.map_or("", |password| password.expose_secret());
    match user {
        None if password.is_none() => {}
        // In basic authentication, a colon would end the name.
        Some(user) if user.contains(':') => {
            add("x-clickhouse-user", user)?;
            add("x-clickhouse-key", secret)?;
        }
        Some(_) | None => {
            let encoded = STANDARD.encode(format!("{}:{secret}", user.unwrap_or("default")));
            add("authorization", &format!("Basic {encoded}"))?;
        }
    }
    Ok(headers)
}

/// Returns the number in `Code: 60, e.displayText() = …`.
fn error_number(message: &str) -> Option<u32> {
    let digits = message.trim_start().strip_prefix("Code: ")?;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_error_is_read_in_old_and_new_wording() {
        assert_eq!(error_number("Code: 60, e.displayText() = DB::Exception: …"), Some(60));
        assert_eq!(error_number("Code: 516. DB::Exception: default: Authentication failed"), Some(516));
        assert_eq!(error_number("<html>"), None);
    }

    #[test]
    fn a_user_with_a_colon_is_sent_whole() {
        let password = SecretString::from("S3CRET");
        let sent = |user| login_headers(Some(user), Some(&password)).unwrap();
        let headers = sent("team:reader");
        assert_eq!(headers["x-clickhouse-user"], "team:reader");
        assert!(headers["x-clickhouse-key"] == "S3CRET" && !headers.contains_key("authorization"));
        assert!(!format!("{headers:?}").contains("S3CRET"), "{headers:?}");
        let headers = sent("reader");
        assert_eq!(headers["authorization"], format!("Basic {}", STANDARD.encode("reader:S3CRET")));
        assert!(login_headers(None, None).unwrap().is_empty());
        assert_eq!(login_headers(Some("a:\n"), None).unwrap_err(), "x-clickhouse-user");
    }

    #[test]
    fn a_password_never_leaves_unencrypted() {
        let password = SecretString::from("S3CRET");
        let url = Url::parse("http://h.example:8123/").unwrap();
        let error = SqlEndpoint::new(url, Some("u"), Some(&password), &Limits::default()).unwrap_err();
        assert!(!format!("{error:?}").contains("S3CRET"), "{error:?}");
        let url = Url::parse("http://127.0.0.1:8123/").unwrap();
        let endpoint = SqlEndpoint::new(url, Some("u"), Some(&password), &Limits::default()).unwrap();
        assert!(!format!("{endpoint:?}").contains(&STANDARD.encode("u:S3CRET")), "{endpoint:?}");
    }
}
