//! Why a fetch failed, as data and in words. Neither keys nor paths nor query strings are ever in it: an address is
//! told by its origin only.

use std::{fmt, path::PathBuf, time::Duration};

/// A fetch that came to nothing, or to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// Boxed, so that results stay small.
    pub kind: Box<FetchErrorKind>,
    /// Whom we asked: scheme, host and port.
    pub origin: String,
    /// How many good bytes the receiver holds: a thread may be shown in part.
    pub received_bytes: u64,
    /// How many tries there were.
    pub attempts: u32,
}

/// What went wrong on the last try. Texts called `reason` and the bodies come from outside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchErrorKind {
    #[error("the answer was {status}{}", status_name(*status))]
    Status {
        status: u16,
        content_type: Option<String>,
        /// Capped; empty where it could not be read.
        body: Vec<u8>,
        /// How long the service asked us to wait.
        retry_after: Option<Duration>,
    },
    #[error("the answer was a redirect ({status}) to {target}, which is not followed")]
    Redirect { status: u16, target: RedirectTarget },
    #[error("the address cannot be used: {0}")]
    InvalidAddress(&'static str),
    #[error("the value for the header {0} has a character that no header can carry")]
    InvalidHeader(&'static str),
    #[error("the name of the host could not be looked up: {reason}")]
    Dns { reason: String },
    #[error("no connection: {reason}")]
    Connect { reason: String },
    #[error("the proxy did not let us through: {reason}")]
    Proxy { reason: String },
    #[error("no safe connection: {reason}")]
    Tls { reason: String },
    #[error("{variable} is set to {path:?}, which {reason}")]
    Certificates { variable: &'static str, path: PathBuf, reason: String },
    #[error("{}", timeout_message(*.stage, *.limit))]
    Timeout { stage: TimeoutStage, limit: Duration },
    #[error("the connection ended before the answer did: {reason}")]
    ConnectionLost { reason: String },
    #[error("the body is larger than {} bytes", grouped(*limit))]
    TooLarge { limit: u64, content_length: Option<u64> },
    #[error("the answer could not be understood as HTTP: {reason}")]
    InvalidResponse { reason: String },
    #[error("cancelled")]
    Cancelled,
    #[error("the network could not be set up: {reason}")]
    ClientSetup { reason: String },
}

/// What was waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutStage {
    Connect,
    /// The head of the answer.
    ResponseHead,
    /// The next bytes of a body.
    Chunk,
    /// Enough bytes: some came, but too few to ever get done.
    Throughput,
}

/// Where a redirect points. The path is left out: it can carry secrets, and it is not needed to see what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectTarget {
    SameOrigin,
    Origin(String),
    /// Not the web at all: `file`, `data`.
    Scheme(String),
    Missing,
    Unreadable,
}

impl fmt::Display for RedirectTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameOrigin => f.write_str("another address of the same host"),
            Self::Origin(origin) => f.write_str(origin),
            Self::Scheme(scheme) => write!(f, "a {scheme}: address"),
            Self::Missing => f.write_str("nowhere"),
            Self::Unreadable => f.write_str("an address that makes no sense"),
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
            write!(f, " ({} tries)", self.attempts)?;
        }
        if self.received_bytes > 0 {
            write!(f, "; {} bytes came before", grouped(self.received_bytes))?;
        }
        Ok(())
    }
}

impl std::error::Error for FetchError {}

impl FetchError {
    /// The status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        match *self.kind {
            FetchErrorKind::Status { status, .. } | FetchErrorKind::Redirect { status, .. } => Some(status),
            _ => None,
        }
    }

    /// The program's exit code for this.
    pub fn exit_code(&self) -> u8 {
        match *self.kind {
            FetchErrorKind::Status { status: 401 | 403, .. } => 4,
            FetchErrorKind::Status { status: 404 | 410, .. } => 5,
            FetchErrorKind::Dns { .. }
            | FetchErrorKind::Connect { .. }
            | FetchErrorKind::Proxy { .. }
            | FetchErrorKind::Tls { .. }
            | FetchErrorKind::Certificates { .. }
            | FetchErrorKind::Timeout { .. }
            | FetchErrorKind::ConnectionLost { .. } => 6,
            FetchErrorKind::InvalidResponse { .. } => 7,
            FetchErrorKind::Status { .. }
            | FetchErrorKind::Redirect { .. }
            | FetchErrorKind::InvalidAddress(_)
            | FetchErrorKind::InvalidHeader(_)
            | FetchErrorKind::TooLarge { .. }
            | FetchErrorKind::Cancelled
            | FetchErrorKind::ClientSetup { .. } => 1,
        }
    }

    /// One sentence: what to do now. For statuses the provider knows better words.
    pub fn hint(&self) -> String {
        match &*self.kind {
            FetchErrorKind::Status { status, retry_after, .. } => status_hint(*status, *retry_after),
            FetchErrorKind::Redirect { .. } => {
                "Check the base URL: a redirect often means a login page, a missing path or http for https."
                    .into()
            }
            FetchErrorKind::InvalidAddress(_) => "Check the base URL in the configuration.".into(),
            FetchErrorKind::InvalidHeader(name) => {
                format!("Check where the value of {name} is set: line breaks end up there easily.")
            }
            FetchErrorKind::Dns { .. } => "Check the host in the base URL, the network and the VPN.".into(),
            FetchErrorKind::Connect { .. } => {
                "Check that the host and port are right and can be reached from here.".into()
            }
            FetchErrorKind::Proxy { .. } => {
                "Check HTTPS_PROXY, and add the host to NO_PROXY if it needs no proxy.".into()
            }
            FetchErrorKind::Tls { reason } => tls_hint(reason),
            FetchErrorKind::Certificates { variable, .. } => {
                format!("Unset {variable}, or point it at readable root certificates in PEM form.")
            }
            FetchErrorKind::Timeout { stage: pending, .. } => timeout_hint(*pending).into(),
            FetchErrorKind::ConnectionLost { .. } => {
                "Try again; if it keeps ending early, ask whoever runs the service or proxy.".into()
            }
            FetchErrorKind::TooLarge { limit, content_length: declared } => {
                let size =
                    declared.map_or(String::new(), |bytes| format!(" (the body has {})", grouped(bytes)));
                format!("Raise max_body above {}{size} to load it.", grouped(*limit))
            }
            FetchErrorKind::InvalidResponse { .. } => {
                "Check the base URL and proxies: what answers there may not be the service.".into()
            }
            FetchErrorKind::Cancelled => "Open the thread again to load the rest.".into(),
            FetchErrorKind::ClientSetup { .. } => {
                "Check the system's root certificates (package ca-certificates).".into()
            }
        }
    }
}

fn status_hint(status: u16, retry_after: Option<Duration>) -> String {
    match status {
        401 => "Check the API key and the account.".into(),
        403 => "The key is known but may not read this: check the account and the key's rights.".into(),
        404 | 410 => "Check the thread id, the account and the base URL.".into(),
        407 => "The proxy wants a user and password: check HTTPS_PROXY.".into(),
        429 => match retry_after {
            Some(wait) => format!("Too many requests: try again in {} s.", wait.as_secs().saturating_add(1)),
            None => "Too many requests: try again in a while.".into(),
        },
        500..=599 => "The service has trouble: try again in a while.".into(),
        _ => "Check the thread id, the account and the base URL.".into(),
    }
}

fn tls_hint(reason: &str) -> String {
    let lower = reason.to_ascii_lowercase();
    if lower.contains("certificate") && !super::HAS_CERTIFICATE_VARIABLES {
        "If a proxy of your company signs traffic, the system has to trust its root certificate; verifying cannot be \
         turned off."
            .into()
    } else if lower.contains("certificate") {
        "If a proxy of your company signs traffic, point SSL_CERT_FILE at its root certificate; verifying cannot be \
         turned off."
            .into()
    } else if lower.contains("corrupt message") {
        "What answers there does not speak TLS: check the port, or use http for a server on this machine."
            .into()
    } else {
        "Check the host and port in the base URL, and proxies on the way.".into()
    }
}

fn timeout_hint(pending: TimeoutStage) -> &'static str {
    match pending {
        TimeoutStage::Connect => "Check the network, the VPN and the port, then try again.",
        TimeoutStage::ResponseHead => {
            "The service may be busy with a large thread: try again, or load without spans."
        }
        TimeoutStage::Chunk | TimeoutStage::Throughput => "Try again; what came so far can be read.",
    }
}

fn timeout_message(pending: TimeoutStage, limit: Duration) -> String {
    let limit = limit.as_secs_f64();
    match pending {
        TimeoutStage::Connect => format!("no connection within {limit} s"),
        TimeoutStage::ResponseHead => format!("no answer within {limit} s"),
        TimeoutStage::Chunk => format!("nothing came for {limit} s"),
        TimeoutStage::Throughput => format!("almost nothing came in {limit} s"),
    }
}

fn status_name(status: u16) -> String {
    let name = reqwest::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
    name.map_or(String::new(), |name| format!(" ({name})"))
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fault: FetchErrorKind) -> FetchError {
        FetchError {
            kind: Box::new(fault),
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
            "https://api.example.com: the connection ended before the answer did: connection reset (3 tries); \
             1,234,567 bytes came before"
        );
        assert_eq!(
            error(status(404)).to_string(),
            "https://api.example.com: the answer was 404 (Not Found) (3 tries)"
        );
    }

    #[test]
    fn exit_codes_follow_the_table() {
        let codes = [(401, 4), (403, 4), (404, 5), (410, 5), (422, 1), (429, 1), (500, 1)];
        for (code, wanted) in codes {
            assert_eq!(error(status(code)).exit_code(), wanted, "{code}");
        }
        assert_eq!(error(FetchErrorKind::Dns { reason: String::new() }).exit_code(), 6);
        assert_eq!(error(FetchErrorKind::InvalidResponse { reason: String::new() }).exit_code(), 7);
        assert_eq!(error(FetchErrorKind::Cancelled).exit_code(), 1);
    }

    #[test]
    fn too_large_says_how_to_raise_the_limit() {
        let advice = error(FetchErrorKind::TooLarge { limit: 2 << 30, content_length: Some(3 << 30) }).hint();
        assert_eq!(advice, "Raise max_body above 2,147,483,648 (the body has 3,221,225,472) to load it.");
    }

    #[test]
    fn a_rejected_certificate_hints_at_the_variable_that_fixes_it() {
        let advice =
            error(FetchErrorKind::Tls { reason: "invalid peer certificate: UnknownIssuer".into() }).hint();
        let named = if crate::net::HAS_CERTIFICATE_VARIABLES { "SSL_CERT_FILE" } else { "root certificate" };
        assert!(advice.contains(named), "{advice}");
    }
}
