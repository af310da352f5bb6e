//! Access to a service: base URL, API key, account, and the requests built from them. The rules that keep a key from
//! leaking are here: https except on loopback, no hidden parts in a base URL, an id that stays one path segment.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// Everything that a provider needs to build a request. `Debug` never shows the key.
#[derive(Clone, Debug)]
pub struct ServiceAccess {
    /// The base URL, which may have a path prefix.
    pub base_url: String,
    pub api_key: Option<SecretString>,
    /// SGP's account id.
    pub account_id: Option<String>,
    /// SGP: fetch by account instead of by user, which lets an admin read another user's thread.
    pub fetch_by_account: bool,
}

/// The text that replaces a key.
const KEY_MASK: &str = "‹your key›";
/// The minimum length of a key that is masked. Shorter keys would match ordinary words.
const MIN_KEY_LENGTH: usize = 6;

impl ServiceAccess {
    /// Masks the key in a text, because services often repeat a refused key.
    pub fn mask_key<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let key = self.api_key.as_ref().map_or("", |key| key.expose_secret().trim());
        match key.len() >= MIN_KEY_LENGTH && text.contains(key) {
            true => Cow::Owned(text.replace(key, KEY_MASK)),
            false => Cow::Borrowed(text),
        }
    }
}

/// A header value; `Debug` does not show a secret one.
#[derive(Clone, Debug)]
pub enum HeaderText {
    Plain(String),
    Secret(SecretString),
}

/// A GET request. Its key is sent only to the origin of `url`.
#[derive(Clone, Debug)]
pub struct Request {
    pub url: Url,
    pub headers: Vec<(&'static str, HeaderText)>,
}

/// The reason that no request could be built; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    #[error("{variable} is not set")]
    NoKey { service: &'static str, variable: &'static str },
    /// `url` has no user info, query or fragment: they may hold secrets.
    #[error("invalid base URL {url:?}: {reason}")]
    BadBaseUrl { url: String, reason: String },
    #[error("{reason}")]
    BadId { reason: String },
    #[error("the {what} contains a character that is not allowed in a header")]
    BadHeader { what: &'static str },
    #[error("{service} has no list of {list}")]
    NoSuchList { service: &'static str, list: &'static str },
}

/// An environment variable that a service reads, for help texts and the doctor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvVariable {
    pub name: &'static str,
    /// The setting in a few words; for an older name, the current name.
    pub description: &'static str,
    /// Whether the value must never be shown.
    pub is_secret: bool,
}

/// Returns the trimmed value of the first of `names` whose value is not blank.
pub(super) fn first_set(lookup: &dyn Fn(&str) -> Option<String>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let value = lookup(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    })
}

/// Encodes everything in a path segment except RFC 3986's unreserved characters.
const PATH_SEGMENT_ENCODE_SET: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Maximum length of an id in bytes; real ids have at most 36.
const MAX_ID_LENGTH: usize = 256;

/// Rejects an id that cannot be one path segment: empty, `.`, `..`, overlong, or with control characters.
pub(super) fn check_segment(id: &str) -> Result<(), String> {
    match id {
        "" => Err("the thread id is empty".to_owned()),
        "." | ".." => Err("a thread id cannot be \".\" or \"..\"".to_owned()),
        _ if id.chars().any(char::is_control) => Err("the thread id contains a control character".to_owned()),
        _ if id.len() > MAX_ID_LENGTH => {
            Err(format!("the thread id has {} bytes; the limit is {MAX_ID_LENGTH}", id.len()))
        }
        _ => Ok(()),
    }
}

/// Appends percent-encoded path segments to the base URL, after its own path.
///
/// # Errors
/// A base URL that would send the key unencrypted, or that has user info, a query or a fragment.
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
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("it must start with https://: plain http would expose the API key".to_owned()),
        _ => return Err("it must start with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not contain a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must not have a query (?) or a fragment (#)".to_owned());
    }
    Ok(url)
}

/// Returns whether the host is this machine: 127.0.0.0/8, also mapped to IPv6 (`::ffff:127.0.0.1`), `::1` or a localhost
/// name.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
        }
        Some(Host::Domain(name)) => is_localhost(name),
        None => false,
    }
}

/// Returns whether a host name is `localhost` or ends in `.localhost`; both mean this machine without a lookup (RFC 6761,
/// 6.3).
pub fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.rsplit('.').next().is_some_and(|label| label.eq_ignore_ascii_case("localhost"))
}

/// Returns a URL without user info, query and fragment, whether or not it parses.
fn strip_secrets(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let address = url.get(..end).unwrap_or_default();
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() { rest.to_owned() } else { format!("{scheme}://{rest}") }
}

/// Returns a secret header value: `prefix` followed by the key.
///
/// # Errors
/// `missing` without a key, or an error about a key with a character that is not allowed in a header.
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

/// Rejects anything but printable ASCII.
pub(super) fn check_header(text: &str, what: &'static str) -> Result<(), AccessError> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Ok(())
    } else {
        Err(AccessError::BadHeader { what })
    }
}

#[cfg(test)]
mod tests;
