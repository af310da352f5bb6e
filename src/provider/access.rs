//! How a service is reached: base URL, key, account; and the request that comes of it. The rules that keep a key
//! from going anywhere else live here: https except on this machine, nothing hidden in a base URL, an id that stays
//! one path segment.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// Everything a provider needs to address its service. `Debug` never shows the key.
#[derive(Clone, Debug)]
pub struct ServiceAccess {
    /// With an optional path prefix, which is kept.
    pub base_url: String,
    pub api_key: Option<SecretString>,
    /// SGP's account id.
    pub account_id: Option<String>,
    /// SGP: ask by account instead of by user, which lets an admin read somebody else's thread.
    pub fetch_by_account: bool,
}

/// Stands for a key in a text that had it.
const KEY_MASK: &str = "‹your key›";
/// A shorter key is none, and would mask words.
const MIN_KEY_LENGTH: usize = 6;

impl ServiceAccess {
    /// The text without the key: services like to repeat a key that they refuse.
    pub fn mask_key<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let key = self.api_key.as_ref().map_or("", |key| key.expose_secret().trim());
        match key.len() >= MIN_KEY_LENGTH && text.contains(key) {
            true => Cow::Owned(text.replace(key, KEY_MASK)),
            false => Cow::Borrowed(text),
        }
    }
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
    pub url: Url,
    pub headers: Vec<(&'static str, HeaderText)>,
}

/// Why no request can be made; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    #[error("no API key for {service} ({variable} is not set)")]
    NoKey { service: &'static str, variable: &'static str },
    /// `url` is without user info, query and fragment: they may hold secrets.
    #[error("the base URL {url:?} cannot be used: {reason}")]
    BadBaseUrl { url: String, reason: String },
    #[error("{reason}")]
    BadId { reason: String },
    #[error("the {what} has a character that no header can carry")]
    BadHeader { what: &'static str },
}

/// An environment variable that a service reads, for help texts and the doctor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvVariable {
    pub name: &'static str,
    /// What it gives, in a few words; a fallback for older shells says for which variable.
    pub description: &'static str,
    /// Whether its value must never be shown.
    pub is_secret: bool,
}

/// The first of `names` that has a value that is more than spaces, trimmed.
pub(super) fn first_set(lookup: &dyn Fn(&str) -> Option<String>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let value = lookup(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    })
}

/// What stays as it is in a path segment: RFC 3986's unreserved characters.
const PATH_SEGMENT_ENCODE_SET: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest id that is sent; real ones have 36 characters.
const MAX_ID_LENGTH: usize = 256;

/// Refuses what cannot be one path segment: empty, `.`, `..`, control characters, or longer than any id.
pub(super) fn check_segment(id: &str) -> Result<(), String> {
    match id {
        "" => Err("the thread id is empty".to_owned()),
        "." | ".." => Err("a thread id cannot be \".\" or \"..\"".to_owned()),
        _ if id.chars().any(char::is_control) => Err("the thread id has a control character".to_owned()),
        _ if id.len() > MAX_ID_LENGTH => {
            Err(format!("the thread id has {} bytes; ids have at most {MAX_ID_LENGTH}", id.len()))
        }
        _ => Ok(()),
    }
}

/// Joins path segments to the base URL: its own path stays in front, every segment is percent-encoded.
///
/// # Errors
/// A base URL that would send the key in the clear or hides more than an address.
pub(super) fn join_url(base_url: &str, segments: &[&str]) -> Result<Url, AccessError> {
    let mut url = parse_base_url(base_url.trim())
        .map_err(|reason| AccessError::BadBaseUrl { url: strip_secrets(base_url.trim()), reason })?;
    let mut path = url.path().trim_end_matches('/').to_owned();
    for segment in segments {
        path.push('/');
        path.extend(utf8_percent_encode(segment, PATH_SEGMENT_ENCODE_SET));
    }
    url.set_path(&path);
    Ok(url)
}

fn parse_base_url(base_url: &str) -> Result<Url, String> {
    let url = Url::parse(base_url).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "it must start with https://".to_owned(),
        error => error.to_string(),
    })?;
    let local = is_loopback(&url);
    match url.scheme() {
        "https" => {}
        "http" if local => {}
        "http" => return Err("it must be https, as the key travels with every request".to_owned()),
        _ => return Err("it must start with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must not have a query (?) or a fragment (#)".to_owned());
    }
    Ok(url)
}

/// Whether the host is this machine by its number or as `localhost`; other names are not resolved.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A URL's text without user info, query and fragment, whether or not it parses.
fn strip_secrets(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let kept = url.get(..end).unwrap_or_default();
    let (scheme, rest) = kept.split_once("://").unwrap_or(("", kept));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() { rest.to_owned() } else { format!("{scheme}://{rest}") }
}

/// A header with a secret in it, as `prefix` and the key.
///
/// # Errors
/// No key, or one with a character that no header can carry.
pub(super) fn secret_header(
    access: &ServiceAccess,
    prefix: &str,
    missing: AccessError,
) -> Result<HeaderText, AccessError> {
    let key = access.api_key.as_ref().map(|key| key.expose_secret().trim()).filter(|key| !key.is_empty());
    let key = key.ok_or(missing)?;
    check_header(key, "API key")?;
    Ok(HeaderText::Secret(SecretString::from(format!("{prefix}{key}"))))
}

/// Refuses what is not printable ASCII.
pub(super) fn check_header(text: &str, what: &'static str) -> Result<(), AccessError> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Ok(())
    } else {
        Err(AccessError::BadHeader { what })
    }
}

#[cfg(test)]
mod tests;
