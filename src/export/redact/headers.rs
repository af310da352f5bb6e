//! Credentials in headers and on command lines: `Authorization: …`, `Cookie: …`, `Bearer …`, `curl -u name:password`.

use std::ops::Range;

use base64::Engine as _;

use super::assignments::{
    MAX_VALUE, Name, Separator, byte, end_of_line, end_of_unquoted, read_quoted, read_separator, skip_spaces,
    slice,
};
use super::names::Class;
use super::{Secret, values};

/// Schemes of `Authorization` with a list of values.
const LIST_SCHEMES: [&str; 6] =
    ["digest", "aws4-hmac-sha256", "hawk", "oauth", "sharedaccesssignature", "signature"];

/// Masks the credentials of a header, or all of a cookie.
pub(super) fn header(text: &str, name_end: usize, class: Class) -> Option<Secret> {
    let name = Name::of_header(text, class, name_end);
    let (separator, at) = read_separator(&name)?;
    if !matches!(separator, Separator::Colon | Separator::Equals | Separator::SpacedEquals) {
        return None;
    }
    let start = skip_spaces(text, at, 4);
    let (start, end) = match read_quoted(text, start) {
        Some(value) => (value.range.start, value.range.end),
        None => (start, end_of_line(text, start)),
    };
    let line = slice(text, start..end);
    if class == Class::Cookie {
        let end = start + line.split(['\'']).next().unwrap_or_default().len();
        let name = line.split_once('=').filter(|(_, value)| !value.is_empty()).map(|(name, _)| name);
        let is_pair =
            name.is_some_and(|name| !name.contains(['(', '{', '<', '$'])) && !values::is_placeholder(line);
        return is_pair.then_some(Secret { range: start..end, kind: "cookie" });
    }
    let (scheme, rest) = line.split_once(' ').unwrap_or(("", line));
    let scheme = scheme.to_ascii_lowercase();
    let has_list = LIST_SCHEMES.contains(&scheme.as_str());
    let is_scheme = has_list || !values::has_digit(&scheme) && scheme.len() <= 16;
    let credentials = if is_scheme { rest.trim_start() } else { line };
    let start = start + (line.len() - credentials.len());
    let (credentials, length) = if has_list {
        let list = slice(text, start..start + MAX_VALUE).split('\n').next().unwrap_or_default();
        (list, list.trim_end().len())
    } else {
        (credentials, end_of_unquoted(credentials, 0))
    };
    let value = slice(credentials, 0..length);
    let is_secret = value.len() >= 6
        && !values::is_placeholder(value)
        && !values::is_code(value)
        && (values::has_digit(value) || values::has_inner_capital(value) || value.len() >= 16);
    is_secret.then_some(Secret { range: start..start + length, kind: "token" })
}

/// Finds the token of `Bearer abc…`.
pub(super) fn bearer(text: &str, at: usize) -> Option<Secret> {
    let start = skip_spaces(text, at, 4);
    let run = text.get(start..)?.bytes().take(MAX_VALUE);
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"._~+/=-:|%".contains(byte);
    let length = run.take_while(is_token).count();
    let value = slice(text, start..start + length).trim_end_matches(['.', ':', '-']);
    let is_token = value.len() >= 8
        && (values::has_digit(value) || value.len() >= 20 && values::has_inner_capital(value));
    (start > at && is_token && !values::is_placeholder(value))
        .then(|| Secret { range: start..start + value.len(), kind: "token" })
}

/// Finds the credentials of `Basic dXNlcjpwYXNz`: Base64 of a name, a colon and a password.
pub(super) fn basic(text: &str, at: usize) -> Option<Secret> {
    let start = skip_spaces(text, at, 4);
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(byte);
    let length = text.get(start..)?.bytes().take(MAX_VALUE).take_while(is_base64).count();
    let value = slice(text, start..start + length);
    // The text directly after the value may look like a part of it.
    let decodes = (8..=value.len()).rev().take(4).any(|length| {
        let part =
            value.get(..length).unwrap_or_default().trim_end_matches('=').replace('-', "+").replace('_', "/");
        let decoded = base64::engine::general_purpose::STANDARD_NO_PAD.decode(part).unwrap_or_default();
        decoded.contains(&b':') && decoded.is_ascii() && !decoded.iter().any(u8::is_ascii_control)
    });
    (start > at && (decodes || values::is_random(value)))
        .then(|| Secret { range: start..start + length, kind: "token" })
}

/// Returns the password in the options of a command: `curl -u name:password`, `mysql -ppassword`, `sshpass -p password`.
pub(super) fn command(text: &str, range: Range<usize>) -> Option<Secret> {
    let is_curl = matches!(byte(text, range.start) | 0x20, b'c' | b'w');
    // The value of MySQL's option follows directly; that of `sshpass` and `docker login` may follow a space.
    let is_mysql = byte(text, range.start) | 0x20 == b'm';
    let line = slice(text, range.end..range.end + MAX_VALUE / 4);
    let line = line.split(['\n', ';', '&', '|']).next().unwrap_or_default();
    let mut at = 0;
    while let Some(offset) = line.get(at..)?.find(" -") {
        let option = at + offset + 1;
        at = option + 1;
        let rest = line.get(option..)?;
        let names: &[&str] = if is_curl { &["--user", "--proxy-user", "-u", "-U"] } else { &["-p"] };
        let Some(name) = names.iter().find(|name| rest.starts_with(**name)) else { continue };
        let value = rest.get(name.len()..)?;
        let lead = value.len() - value.trim_start_matches([' ', '=', '"', '\'']).len();
        if lead == 0 && is_curl || lead > 0 && is_mysql && value.starts_with(' ') {
            continue;
        }
        let start = range.end + option + name.len() + lead;
        let end = end_of_unquoted(text, start);
        let (skipped, secret) = match slice(text, start..end).split_once(':') {
            Some((user, password)) if is_curl => (user.len() + 1, password),
            _ if is_curl => continue,
            _ => (0, slice(text, start..end)),
        };
        if secret.len() >= 3 && !values::is_placeholder(secret) {
            return Some(Secret { range: start + skipped..end, kind: "password" });
        }
    }
    None
}
