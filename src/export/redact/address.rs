//! Mail addresses, and passwords in addresses of services: `redis://:password@host`.

use std::ops::Range;

use super::Secret;
use super::values;

/// The maximum number of bytes on each side of an `@`, and in the part of an address that may hold a password.
const MAX_PART: usize = 320;
const MAX_USER_INFO: usize = 2048;

/// Suffixes of names that look like mail addresses: `image@2x.png`, `getty@tty1.service`.
const FILE_ENDS: &str = "png jpg jpeg gif svg webp bmp ico avif tif tiff css scss js mjs cjs ts tsx jsx vue json yaml yml \
    toml xml html htm txt log gz tgz bz2 xz whl jar lock dll exe pdf csv md5 sha256 service socket timer mount target slice path";

/// Accounts of version control systems; they are public.
const PUBLIC_ACCOUNTS: [&str; 4] = ["git", "hg", "svn", "bzr"];

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '\'' | '-') || is_mark(c)
}

/// Returns whether a character is an accent that follows its letter.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{903}'..='\u{94d}')
}

/// Finds the mail address around the `@` (or its escaped form) at `range`.
pub(super) fn mail(text: &str, range: &Range<usize>) -> Option<Secret> {
    let before = text.get(text.floor_char_boundary(range.start.saturating_sub(MAX_PART))..range.start)?;
    let after = text.get(range.end..text.floor_char_boundary(range.end + MAX_PART))?;
    let local = local_part(before)?;
    let domain = domain(after)?;
    let first_label = domain.split('.').next().unwrap_or_default();
    let top = domain.rsplit('.').next().unwrap_or_default();
    // `icon@2x.png` is a file for screens of another density.
    let is_scaled = first_label.len() <= 3 && first_label.ends_with('x') && values::has_digit(first_label);
    let is_file = FILE_ENDS.split_whitespace().any(|end| end.eq_ignore_ascii_case(top));
    if is_file || is_scaled || PUBLIC_ACCOUNTS.contains(&local.trim_start_matches(['\'', '.', '-', '%', '+']))
    {
        return None;
    }
    Some(Secret { range: range.start - local.len()..range.end + domain.len(), kind: "email" })
}

fn local_part(before: &str) -> Option<&str> {
    if before.ends_with('"') {
        let quoted = before.get(..before.len() - 1)?;
        let start = quoted.rfind(['"', '\n']).filter(|start| quoted.len() - start <= 64)?;
        return (quoted.len() > start + 1).then(|| before.get(start..)).flatten();
    }
    let length: usize = before.chars().rev().take_while(|c| is_local(*c)).map(char::len_utf8).sum();
    let local = before.get(before.len() - length..)?.trim_start_matches(['\'', '.']);
    local.chars().any(char::is_alphanumeric).then_some(local)
}

/// Returns the longest domain with at least two labels, of which the last one is not a number.
fn domain(after: &str) -> Option<&str> {
    if let Some(rest) = after.strip_prefix('[') {
        let length = rest.find(']')?;
        let is_address =
            rest.get(..length)?.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:IPv".contains(&byte));
        return is_address.then(|| after.get(..length + 2)).flatten();
    }
    let is_domain = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | '。') || is_mark(*c);
    let length: usize = after.chars().take_while(is_domain).map(char::len_utf8).sum();
    let mut domain = after.get(..length)?.trim_end_matches(['.', '-', '_']);
    if let Some((first, _)) = domain.split_once("..") {
        domain = first;
    }
    let is_top = |label: &str| label.chars().count() >= 2 && label.starts_with(char::is_alphabetic);
    loop {
        let (rest, top) = domain.rsplit_once(['.', '。'])?;
        if is_top(top) && !rest.is_empty() && !rest.starts_with('.') {
            return Some(domain);
        }
        domain = rest;
    }
}

/// Finds the password in an address whose `://` ends at `start`.
pub(super) fn user_info(text: &str, start: usize) -> Option<Secret> {
    let rest = text.get(start..text.floor_char_boundary(start + MAX_USER_INFO))?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`' | '\\');
    let rest = rest.split(ends).next()?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let length = match authority.rfind('@') {
        Some(at) => at,
        None => {
            // A password with a slash; a port has only digits.
            let (_, after) = authority.split_once(':')?;
            let is_port = after.bytes().all(|byte| byte.is_ascii_digit());
            rest.rfind('@').filter(|at| {
                !is_port && *at > authority.len() && !rest.get(..*at).is_some_and(|info| info.contains("://"))
            })?
        }
    };
    let info = rest.get(..length)?;
    let (user, password) = info.split_once(':').unwrap_or(("", info));
    let skip = info.len() - password.len();
    // Without a colon, it is a name, or a token in place of a name.
    let is_token = skip > 0 || password.len() >= 16 && values::has_digit(password);
    let is_word = ["password", "pass", "pwd", "secret", "xxx", "passwd"].contains(&password);
    let is_public = PUBLIC_ACCOUNTS.contains(&user) && password.is_empty();
    if password.is_empty() || !is_token || is_word || is_public || values::is_placeholder(password) {
        return None;
    }
    Some(Secret { range: start + skip..start + length, kind: "password" })
}
