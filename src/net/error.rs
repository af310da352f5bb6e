//! Fetch errors: data, message, hint and exit code. They never contain keys, paths or query strings: an address is
//! reduced to its origin.

use std::{fmt, path::PathBuf, time::Duration};

use crate::domain::ExitCode;
use crate::provider::error_body::{NO_CONTENT_HINT, NOT_MODIFIED_HINT};
use crate::text::number;

/// A fetch that failed, entirely or after part of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// The kind, boxed so that results stay small.
    pub kind: Box<FetchErrorKind>,
    /// Scheme, host and port of the server.
    pub origin: String,
    /// The number of valid bytes that the sink has received, so that part of a thread may still be shown.
    pub received_bytes: u64,
    /// The number of attempts.
    pub attempts: u32,
}

/// The error of the last attempt. `reason` texts and bodies are untrusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchErrorKind {
    #[error("HTTP {status}{}", status_name(*status))]
    Status {
        status: u16,
        content_type: Option<String>,
        /// The body, capped; empty if it could not be read.
        body: Vec<u8>,
        /// The delay that the service requested.
        retry_after: Option<Duration>,
    },
    #[error("HTTP {status} redirects to {target}; redirects are not followed")]
    Redirect { status: u16, target: RedirectTarget },
    #[error("invalid address: {0}")]
    InvalidAddress(&'static str),
    #[error("the value of the header {0} contains an invalid character")]
    InvalidHeader(&'static str),
    #[error("DNS lookup failed: {reason}")]
    Dns { reason: String },
    #[error("connection failed: {reason}")]
    Connect { reason: String },
    #[error("proxy refused the connection: {reason}")]
    Proxy { reason: String },
    #[error("TLS error: {reason}")]
    Tls { reason: String },
    #[error("{variable} is set to {path:?}, which {reason}")]
    Certificates { variable: &'static str, path: PathBuf, reason: String },
    #[error("{}", timeout_message(*.stage, *.limit))]
    Timeout { stage: TimeoutStage, limit: Duration },
    #[error("connection lost: {reason}")]
    ConnectionLost { reason: String },
    #[error("the body exceeds {} bytes", grouped(*limit))]
    TooLarge { limit: u64, content_length: Option<u64> },
    #[error("the body unpacks to more than {ratio} times its size, which no thread does")]
    SuspiciousRatio { ratio: u64 },
    #[error("invalid HTTP response: {reason}")]
    InvalidResponse { reason: String },
    #[error("cancelled")]
    Cancelled,
    #[error("cannot set up the HTTP client: {reason}")]
    ClientSetup { reason: String },
}

/// The stage of a request that timed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutStage {
    Connect,
    ResponseHead,
    /// The next bytes of a body.
    Chunk,
    /// The minimum throughput: some bytes arrived, but too few to finish in a useful time.
    Throughput,
}

/// The target of a redirect. The path is omitted, because it can contain secrets and does not help to find the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectTarget {
    SameOrigin,
    Origin(String),
    /// A scheme other than http and https, such as `file` or `data`.
    Scheme(String),
    Missing,
    Unreadable,
}

impl fmt::Display for RedirectTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameOrigin => f.write_str("another address on the same host"),
            Self::Origin(origin) => f.write_str(origin),
            Self::Scheme(scheme) => write!(f, "a {scheme}: address"),
            Self::Missing => f.write_str("no address"),
            Self::Unreadable => f.write_str("an invalid address"),
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.origin.is_empty() {
            write!(f, "{}: ", self.origin)?;
        }
        write!(f, "{}", self.kind)?;
        if self.attempts > 1 {
            write!(f, " ({} attempts)", self.attempts)?;
        }
        if self.received_bytes > 0 {
            write!(f, "; received {} bytes", grouped(self.received_bytes))?;
        }
        Ok(())
    }
}

impl std::error::Error for FetchError {}

impl FetchError {
    /// Returns the exit code of the program after this error.
    pub fn exit_code(&self) -> ExitCode {
        match *self.kind {
            FetchErrorKind::Status { status: 401 | 403, .. } => ExitCode::NotAllowed,
            FetchErrorKind::Status { status: 404 | 410, .. } => ExitCode::NotFound,
            FetchErrorKind::Dns { .. }
            | FetchErrorKind::Connect { .. }
            | FetchErrorKind::Proxy { .. }
            | FetchErrorKind::Tls { .. }
            | FetchErrorKind::Certificates { .. }
            | FetchErrorKind::Timeout { .. }
            | FetchErrorKind::ConnectionLost { .. } => ExitCode::Network,
            FetchErrorKind::InvalidResponse { .. } | FetchErrorKind::SuspiciousRatio { .. } => {
                ExitCode::NotUnderstood
            }
            FetchErrorKind::Status { .. }
            | FetchErrorKind::Redirect { .. }
            | FetchErrorKind::InvalidAddress(_)
            | FetchErrorKind::InvalidHeader(_)
            | FetchErrorKind::TooLarge { .. }
            | FetchErrorKind::Cancelled
            | FetchErrorKind::ClientSetup { .. } => ExitCode::Failure,
        }
    }

    /// Describes the error in a sentence for people.
    pub fn headline(&self) -> &'static str {
        match &*self.kind {
            FetchErrorKind::Status { status, .. } => status_headline(*status),
            FetchErrorKind::Redirect { .. } => "The service redirects to another address.",
            FetchErrorKind::InvalidAddress(_) => "The base URL is invalid.",
            FetchErrorKind::InvalidHeader(_) => "The key or the account has an invalid character.",
            FetchErrorKind::Dns { .. } => "The host was not found.",
            FetchErrorKind::Connect { .. } => "The service cannot be reached.",
            FetchErrorKind::Proxy { .. } => "The proxy refused the connection.",
            FetchErrorKind::Tls { .. } => "A secure connection is not possible.",
            FetchErrorKind::Certificates { .. } => "The root certificates cannot be read.",
            FetchErrorKind::Timeout { stage, .. } => match stage {
                TimeoutStage::Connect => "The service cannot be reached.",
                TimeoutStage::ResponseHead => "The service did not respond in time.",
                TimeoutStage::Chunk | TimeoutStage::Throughput => "The response stalled.",
            },
            FetchErrorKind::ConnectionLost { .. } => "The connection was lost.",
            FetchErrorKind::TooLarge { .. } => "The thread is larger than the limit.",
            FetchErrorKind::SuspiciousRatio { .. } => "The response unpacks to a suspicious amount of data.",
            FetchErrorKind::InvalidResponse { .. } => "The response is damaged.",
            FetchErrorKind::Cancelled => "The request was cancelled.",
            FetchErrorKind::ClientSetup { .. } => "The network cannot be used.",
        }
    }

    /// Describes the error in a few words: `403 Forbidden`.
    pub fn reason(&self) -> String {
        let text = self.kind.to_string();
        let is_status = matches!(&*self.kind, FetchErrorKind::Status { .. });
        if is_status { text.replace("HTTP ", "").replace(['(', ')'], "") } else { text }
    }

    /// Returns the time until the service accepts a request again.
    pub fn retry_after(&self) -> Option<Duration> {
        match &*self.kind {
            FetchErrorKind::Status { retry_after, .. } => *retry_after,
            FetchErrorKind::Redirect { .. }
            | FetchErrorKind::InvalidAddress(_)
            | FetchErrorKind::InvalidHeader(_)
            | FetchErrorKind::Dns { .. }
            | FetchErrorKind::Connect { .. }
            | FetchErrorKind::Proxy { .. }
            | FetchErrorKind::Tls { .. }
            | FetchErrorKind::Certificates { .. }
            | FetchErrorKind::Timeout { .. }
            | FetchErrorKind::ConnectionLost { .. }
            | FetchErrorKind::TooLarge { .. }
            | FetchErrorKind::SuspiciousRatio { .. }
            | FetchErrorKind::InvalidResponse { .. }
            | FetchErrorKind::Cancelled
            | FetchErrorKind::ClientSetup { .. } => None,
        }
    }

    /// Returns the next step for the user, in one sentence. For statuses the provider has a more specific one.
    pub fn hint(&self) -> String {
        match &*self.kind {
            FetchErrorKind::Status { status, retry_after, .. } => status_hint(*status, *retry_after),
            FetchErrorKind::Redirect { .. } => {
                "Check the base URL: a redirect often means a login page, a wrong path or http instead of https."
                    .into()
            }
            FetchErrorKind::InvalidAddress(_) => "Check the base URL in the configuration.".into(),
            FetchErrorKind::InvalidHeader(name) => {
                format!("Check the value of {name}: it may contain a line break.")
            }
            FetchErrorKind::Dns { .. } => "Check the host in the base URL, the network and the VPN.".into(),
            FetchErrorKind::Connect { .. } => {
                "Check the host and port, and that they are reachable from here.".into()
            }
            FetchErrorKind::Proxy { .. } => {
                "Check HTTPS_PROXY, or add the host to NO_PROXY if it needs no proxy.".into()
            }
            FetchErrorKind::Tls { reason } => tls_hint(reason),
            FetchErrorKind::Certificates { variable, .. } => {
                format!("Unset {variable}, or point it at readable root certificates in PEM format.")
            }
            FetchErrorKind::Timeout { stage, .. } => timeout_hint(*stage).into(),
            FetchErrorKind::ConnectionLost { .. } => {
                "Try again; if it keeps happening, ask the operator of the service or proxy.".into()
            }
            FetchErrorKind::TooLarge { limit, content_length } => {
                let size = content_length
                    .map_or(String::new(), |bytes| format!(" (the body has {})", grouped(bytes)));
                format!("Raise max_body above {}{size} to load it.", grouped(*limit))
            }
            FetchErrorKind::SuspiciousRatio { .. } => {
                "To read it anyway, save it unpacked with curl --compressed and open the file.".into()
            }
            FetchErrorKind::InvalidResponse { .. } => {
                "Check the base URL and proxies: the response may come from another server.".into()
            }
            FetchErrorKind::Cancelled => "Open the thread again to load the rest.".into(),
            FetchErrorKind::ClientSetup { .. } => {
                "Check the system's root certificates (package ca-certificates).".into()
            }
        }
    }
}

fn status_headline(status: u16) -> &'static str {
    match status {
        401 => "The key was refused.",
        402 => "The service requires payment.",
        403 => "The key is not allowed to read this thread.",
        404 | 410 => "The thread was not found.",
        407 => "The proxy requires a user name and a password.",
        429 => "The service received too many requests.",
        400..=499 => "The service rejected the request.",
        500..=599 => "The service has a problem.",
        _ => "The service sent an unexpected response.",
    }
}

fn status_hint(status: u16, retry_after: Option<Duration>) -> String {
    match status {
        401 => "Check the API key and the account.".into(),
        403 => "The key is valid but not allowed to read this: check the account and the key's permissions."
            .into(),
        404 | 410 => "Check the thread id, the account and the base URL.".into(),
        407 => "The proxy requires a user name and password: check HTTPS_PROXY.".into(),
        204 | 205 => NO_CONTENT_HINT.into(),
        304 => NOT_MODIFIED_HINT.into(),
        429 => match retry_after {
            Some(wait) => format!("Too many requests: try again in {}.", describe_wait(wait)),
            None => "Too many requests: try again later.".into(),
        },
        500..=599 => match retry_after {
            Some(wait) => {
                format!("Server error; the server accepts requests again in {}.", describe_wait(wait))
            }
            None => "Server error; try again later.".into(),
        },
        _ => "Check the thread id, the account and the base URL.".into(),
    }
}

/// Formats a delay for people, rounded up: `12 s`, `5 min`, `24 h`, `3 days`.
fn describe_wait(wait: Duration) -> String {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds.div_ceil(60)),
        7_200..=172_799 => format!("{} h", seconds.div_ceil(3_600)),
        172_800..=31_536_000 => format!("{} days", seconds.div_ceil(86_400)),
        _ => "more than a year".to_owned(),
    }
}

fn tls_hint(reason: &str) -> String {
    let lower = reason.to_ascii_lowercase();
    if lower.contains("certificate") && !super::HAS_CERTIFICATE_VARIABLES {
        "If a company proxy intercepts TLS, the system must trust its root certificate; verification cannot be \
         disabled."
            .into()
    } else if lower.contains("certificate") {
        "If a company proxy intercepts TLS, point SSL_CERT_FILE at its root certificate; verification cannot be \
         disabled."
            .into()
    } else if lower.contains("corrupt message") {
        "The server does not speak TLS: check the port, or use http for a server on this machine.".into()
    } else {
        "Check the host and port in the base URL, and any proxies in between.".into()
    }
}

fn timeout_hint(stage: TimeoutStage) -> &'static str {
    match stage {
        TimeoutStage::Connect => "Check the network, the VPN and the port, then try again.",
        TimeoutStage::ResponseHead => "Try again; for a large thread, raise answer_timeout.",
        TimeoutStage::Chunk | TimeoutStage::Throughput => "Try again; the messages received so far are kept.",
    }
}

fn timeout_message(stage: TimeoutStage, limit: Duration) -> String {
    let limit = limit.as_secs_f64();
    match stage {
        TimeoutStage::Connect => format!("no connection within {limit} s"),
        TimeoutStage::ResponseHead => format!("no response within {limit} s"),
        TimeoutStage::Chunk => format!("no data for {limit} s"),
        TimeoutStage::Throughput => format!("almost no data in {limit} s"),
    }
}

fn status_name(status: u16) -> String {
    let name = reqwest::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
    name.map_or(String::new(), |name| format!(" ({name})"))
}

/// Formats a number of bytes with its digits in groups.
fn grouped(number: u64) -> String {
    number::count(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: FetchErrorKind) -> FetchError {
        FetchError {
            kind: Box::new(kind),
            origin: "https://api.example.com".into(),
            received_bytes: 0,
            attempts: 3,
        }
    }

    fn status(status: u16) -> FetchErrorKind {
        FetchErrorKind::Status { status, content_type: None, body: Vec::new(), retry_after: None }
    }

    #[test]
    fn display_names_the_origin_the_error_and_the_received_bytes() {
        let mut broken = error(FetchErrorKind::ConnectionLost { reason: "connection reset".into() });
        broken.received_bytes = 1_234_567;
        assert_eq!(
            broken.to_string(),
            "https://api.example.com: connection lost: connection reset (3 attempts); received 1,234,567 bytes"
        );
        assert_eq!(
            error(status(404)).to_string(),
            "https://api.example.com: HTTP 404 (Not Found) (3 attempts)"
        );
    }

    #[test]
    fn every_status_has_a_plain_sentence() {
        for code in 100..600 {
            let headline = error(status(code)).headline();
            assert!(headline.ends_with('.') && !headline.contains(char::is_numeric), "{code}: {headline}");
        }
        assert_eq!(error(status(401)).headline(), "The key was refused.");
    }

    #[test]
    fn exit_codes_follow_the_table() {
        let codes = [(401, 4), (403, 4), (404, 5), (410, 5), (422, 1), (429, 1), (500, 1)];
        for (code, exit_code) in codes {
            assert_eq!(error(status(code)).exit_code().code(), exit_code, "{code}");
        }
        assert_eq!(error(FetchErrorKind::Dns { reason: String::new() }).exit_code().code(), 6);
        assert_eq!(error(FetchErrorKind::InvalidResponse { reason: String::new() }).exit_code().code(), 7);
        assert_eq!(error(FetchErrorKind::Cancelled).exit_code().code(), 1);
    }

    #[test]
    fn a_requested_delay_is_named_in_the_unit_that_people_use() {
        for (seconds, text) in [
            (12, "12 s"),
            (300, "5 min"),
            (86_400, "24 h"),
            (604_800, "7 days"),
            (u64::MAX, "more than a year"),
        ] {
            let kind = FetchErrorKind::Status {
                status: 429,
                content_type: None,
                body: Vec::new(),
                retry_after: Some(Duration::from_secs(seconds)),
            };
            assert_eq!(error(kind).hint(), format!("Too many requests: try again in {text}."));
        }
    }

    #[test]
    fn hints_about_a_response_never_mention_files() {
        for code in [204, 205, 304, 400, 404, 407, 418, 429, 500] {
            let hint = error(status(code)).hint();
            assert!(!hint.is_empty() && !hint.to_lowercase().contains("file"), "{code}: {hint}");
        }
    }

    #[test]
    fn too_large_hints_at_the_limit_to_raise() {
        let hint = error(FetchErrorKind::TooLarge { limit: 2 << 30, content_length: Some(3 << 30) }).hint();
        assert_eq!(hint, "Raise max_body above 2,147,483,648 (the body has 3,221,225,472) to load it.");
    }

    #[test]
    fn a_rejected_certificate_hints_at_its_fix() {
        let hint =
            error(FetchErrorKind::Tls { reason: "invalid peer certificate: UnknownIssuer".into() }).hint();
        let fix = if crate::net::HAS_CERTIFICATE_VARIABLES { "SSL_CERT_FILE" } else { "root certificate" };
        assert!(hint.contains(fix), "{hint}");
    }
}
