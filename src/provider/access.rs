//! How a service is reached: base URL, key, account; and the request that comes of it.

use secrecy::SecretString;

/// Everything a provider needs to address its service. `Debug` never shows the key.
#[derive(Clone, Debug)]
pub struct Access {
    /// With an optional path prefix, which is kept.
    pub base_url: String,
    pub key: Option<SecretString>,
    /// SGP's account id.
    pub account: Option<String>,
    /// SGP: ask by account instead of by user, which lets an admin read somebody else's thread.
    pub by_account: bool,
}

/// The value of a header; secret ones cannot be printed.
#[derive(Clone, Debug)]
pub enum HeaderText {
    Plain(String),
    Secret(SecretString),
}

/// One GET. The key in it goes to the origin of `url` and nowhere else.
#[derive(Clone, Debug)]
pub struct Request {
    pub url: url::Url,
    pub headers: Vec<(&'static str, HeaderText)>,
}

/// Why no request can be made; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    #[error("no API key for {service}: set {variable}")]
    NoKey { service: &'static str, variable: &'static str },
    #[error("the base URL {url:?} cannot be used: {reason}")]
    BadBaseUrl { url: String, reason: String },
    #[error("{reason}")]
    BadId { reason: String },
    #[error("the {what} has a character that no header can carry")]
    BadHeader { what: &'static str },
}
