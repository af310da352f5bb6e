//! Why a fetch failed, as data and in words. Neither keys nor paths nor query strings are ever in it: an address is
//! told by its origin only.

use std::{fmt, path::PathBuf, time::Duration};

/// A fetch that came to nothing, or to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchError {
    /// Boxed, so that results stay small.
    pub fault: Box<Fault>,
    /// Whom we asked: scheme, host and port.
    pub origin: String,
    /// How many good bytes the receiver holds: a thread may be shown in part.
    pub received: u64,
    /// How many tries there were.
    pub tries: u32,
}

/// What went wrong on the last try. Texts called `reason` and the bodies come from outside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
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
    Redirect { status: u16, target: Target },
    #[error("the address cannot be used: {0}")]
    Address(&'static str),
    #[error("the value for the header {0} has a character that no header can carry")]
    Header(&'static str),
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
    #[error("{}", late(*.pending, *.limit))]
    Timeout { pending: Pending, limit: Duration },
    #[error("the connection ended before the answer did: {reason}")]
    Broken { reason: String },
    #[error("the body is larger than {} bytes", grouped(*limit))]
    TooLarge { limit: u64, declared: Option<u64> },
    #[error("the answer could not be understood as HTTP: {reason}")]
    Garbled { reason: String },
    #[error("cancelled")]
    Cancelled,
    #[error("the network could not be set up: {reason}")]
    Setup { reason: String },
}

/// What was waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    Connection,
    /// The head of the answer.
    Answer,
    /// The next bytes of a body.
    Chunk,
    /// Enough bytes: some came, but too few to ever get done.
    Pace,
}

/// Where a redirect points. The path is left out: it can carry secrets, and it is not needed to see what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    SameOrigin,
    Origin(String),
    /// Not the web at all: `file`, `data`.
    Scheme(String),
    Missing,
    Unreadable,
}

impl fmt::Display for Target {
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
        write!(f, "{}", self.fault)?;
        if self.tries > 1 {
            write!(f, " ({} tries)", self.tries)?;
        }
        if self.received > 0 {
            write!(f, "; {} bytes came before", grouped(self.received))?;
        }
        Ok(())
    }
}

impl std::error::Error for FetchError {}

impl FetchError {
    /// The status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        match *self.fault {
            Fault::Status { status, .. } | Fault::Redirect { status, .. } => Some(status),
            _ => None,
        }
    }

    /// The program's exit code for this.
    pub fn exit_code(&self) -> u8 {
        match *self.fault {
            Fault::Status { status: 401 | 403, .. } => 4,
            Fault::Status { status: 404 | 410, .. } => 5,
            Fault::Dns { .. }
            | Fault::Connect { .. }
            | Fault::Proxy { .. }
            | Fault::Tls { .. }
            | Fault::Certificates { .. }
            | Fault::Timeout { .. }
            | Fault::Broken { .. } => 6,
            Fault::Garbled { .. } => 7,
            Fault::Status { .. }
            | Fault::Redirect { .. }
            | Fault::Address(_)
            | Fault::Header(_)
            | Fault::TooLarge { .. }
            | Fault::Cancelled
            | Fault::Setup { .. } => 1,
        }
    }

    /// One sentence: what to do now. For statuses the provider knows better words.
    pub fn advice(&self) -> String {
        match &*self.fault {
            Fault::Status { status, retry_after, .. } => status_advice(*status, *retry_after),
            Fault::Redirect { .. } => {
                "Check the base URL: a redirect often means a login page, a missing path or http for https."
                    .into()
            }
            Fault::Address(_) => "Check the base URL in the configuration.".into(),
            Fault::Header(name) => {
                format!("Check where the value of {name} is set: line breaks end up there easily.")
            }
            Fault::Dns { .. } => "Check the host in the base URL, the network and the VPN.".into(),
            Fault::Connect { .. } => {
                "Check that the host and port are right and can be reached from here.".into()
            }
            Fault::Proxy { .. } => {
                "Check HTTPS_PROXY, and add the host to NO_PROXY if it needs no proxy.".into()
            }
            Fault::Tls { reason } => tls_advice(reason),
            Fault::Certificates { variable, .. } => {
                format!("Unset {variable}, or point it at readable root certificates in PEM form.")
            }
            Fault::Timeout { pending, .. } => timeout_advice(*pending).into(),
            Fault::Broken { .. } => {
                "Try again; if it keeps ending early, ask whoever runs the service or proxy.".into()
            }
            Fault::TooLarge { limit, declared } => {
                let size =
                    declared.map_or(String::new(), |bytes| format!(" (the body has {})", grouped(bytes)));
                format!("Raise max_body above {}{size} to load it.", grouped(*limit))
            }
            Fault::Garbled { .. } => {
                "Check the base URL and proxies: what answers there may not be the service.".into()
            }
            Fault::Cancelled => "Open the thread again to load the rest.".into(),
            Fault::Setup { .. } => "Check the system's root certificates (package ca-certificates).".into(),
        }
    }
}

fn status_advice(status: u16, retry_after: Option<Duration>) -> String {
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

fn tls_advice(reason: &str) -> String {
    let lower = reason.to_ascii_lowercase();
    if lower.contains("certificate") && !super::CERTIFICATES_NAMED {
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

fn timeout_advice(pending: Pending) -> &'static str {
    match pending {
        Pending::Connection => "Check the network, the VPN and the port, then try again.",
        Pending::Answer => "The service may be busy with a large thread: try again, or load without spans.",
        Pending::Chunk | Pending::Pace => "Try again; what came so far can be read.",
    }
}

fn late(pending: Pending, limit: Duration) -> String {
    let limit = limit.as_secs_f64();
    match pending {
        Pending::Connection => format!("no connection within {limit} s"),
        Pending::Answer => format!("no answer within {limit} s"),
        Pending::Chunk => format!("nothing came for {limit} s"),
        Pending::Pace => format!("almost nothing came in {limit} s"),
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

    fn error(fault: Fault) -> FetchError {
        FetchError { fault: Box::new(fault), origin: "https://api.example.com".into(), received: 0, tries: 3 }
    }

    fn status(status: u16) -> Fault {
        Fault::Status { status, content_type: None, body: Vec::new(), retry_after: None }
    }

    #[test]
    fn words_name_the_origin_the_fault_and_what_came() {
        let mut broken = error(Fault::Broken { reason: "connection reset".into() });
        broken.received = 1_234_567;
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
        assert_eq!(error(Fault::Dns { reason: String::new() }).exit_code(), 6);
        assert_eq!(error(Fault::Garbled { reason: String::new() }).exit_code(), 7);
        assert_eq!(error(Fault::Cancelled).exit_code(), 1);
    }

    #[test]
    fn too_large_says_how_to_raise_the_limit() {
        let advice = error(Fault::TooLarge { limit: 2 << 30, declared: Some(3 << 30) }).advice();
        assert_eq!(advice, "Raise max_body above 2,147,483,648 (the body has 3,221,225,472) to load it.");
    }

    #[test]
    fn a_refused_certificate_leads_to_the_variable_that_mends_it() {
        let advice = error(Fault::Tls { reason: "invalid peer certificate: UnknownIssuer".into() }).advice();
        let named =
            if crate::runtime::http::CERTIFICATES_NAMED { "SSL_CERT_FILE" } else { "root certificate" };
        assert!(advice.contains(named), "{advice}");
    }
}
