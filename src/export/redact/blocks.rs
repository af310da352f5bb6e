//! Secrets with several lines or parts: private keys in PEM and related forms, and JSON web tokens.

use memchr::memmem;

use super::Secret;

/// The labels of public blocks.
const PUBLIC_BLOCKS: [&str; 7] =
    ["PUBLIC", "CERTIFICATE", "PARAMETERS", "CRL", "SIGNATURE", "SIGNED MESSAGE", "ATTRIBUTE"];

/// The maximum number of bytes in the words between the dashes of a first line.
const MAX_LABEL: usize = 80;

/// Finds the block whose first line has `BEGIN ` at `start`, after dashes.
pub(super) fn pem(text: &str, start: usize) -> Option<Secret> {
    let before = text.get(..start)?.trim_end_matches(' ');
    let dashes = before.bytes().rev().take(8).take_while(|byte| *byte == b'-').count();
    let label_start = start + "BEGIN ".len();
    let label = text.get(label_start..text.floor_char_boundary(label_start + MAX_LABEL))?;
    let label = label.split_once("--").map(|(label, _)| label)?;
    let is_label = label
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" _.-/".contains(&byte));
    if dashes < 4
        || !is_label
        || label.is_empty()
        || PUBLIC_BLOCKS.iter().any(|public| label.contains(public))
    {
        return None;
    }
    let header_end = label_start + label.len();
    let body_start = header_end + text.get(header_end..)?.bytes().take_while(|byte| *byte == b'-').count();
    let end = end_of_body(text, body_start)?;
    Some(Secret { range: before.len() - dashes..end, kind: "private-key" })
}

/// Finds the key that follows `Private-Lines:` of a PuTTY file, whose name ends at `start`.
pub(super) fn putty(text: &str, start: usize) -> Option<Secret> {
    let rest = text.get(start..)?;
    let skip = rest.bytes().take(8).take_while(|byte| byte.is_ascii_digit() || *byte == b' ').count();
    let end = end_of_body(text, start + skip)?;
    Some(Secret { range: start + skip..end, kind: "private-key" })
}

/// Returns the end of a block's lines; `None` if no key follows. A block may be cut off, quoted, indented, or on one line
/// with escaped line ends.
fn end_of_body(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut end = None;
    let mut has_short_word = false;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        if *byte == b'\\' {
            at += if rest.get(1).is_some_and(|next| matches!(next, b'n' | b'r' | b't')) { 2 } else { 1 };
        } else if rest.starts_with(b"--") {
            return end_of_last_line(bytes, at).filter(|_| end.is_some() || has_short_word).or(end);
        } else if is_body(*byte) {
            let length = rest.iter().take_while(|byte| is_body(**byte)).count();
            at += length;
            if bytes.get(at) == Some(&b':') && length < 16 {
                at += line_length(bytes.get(at..).unwrap_or_default());
            } else if length >= 16 || bytes.get(at - 1) == Some(&b'=') {
                end = Some(at);
            } else if has_short_word {
                return end;
            } else {
                has_short_word = true;
                end = end.map(|_| at);
                continue;
            }
            has_short_word = false;
        } else if byte.is_ascii_whitespace() || b"\"',+>|#*;.-".contains(byte) {
            at += 1;
        } else {
            return end;
        }
    }
    end
}

fn is_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Returns the length of a header line; line ends may be escaped.
fn line_length(bytes: &[u8]) -> usize {
    let line = bytes.get(..bytes.len().min(200)).unwrap_or_default();
    let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
    memmem::find(line, b"\\n").map_or(end, |escaped| escaped.min(end))
}

/// Returns the end of the last line, which begins with dashes.
fn end_of_last_line(bytes: &[u8], at: usize) -> Option<usize> {
    let line = bytes.get(at..bytes.len().min(at + MAX_LABEL + 20))?;
    let dashes = line.iter().take_while(|byte| matches!(byte, b'-' | b' ')).count();
    let label = line.get(dashes..)?;
    label.starts_with(b"END ").then_some(())?;
    let length = memmem::find(label, b"--")?;
    let closing = label.get(length..)?.iter().take_while(|byte| **byte == b'-').count();
    Some(at + dashes + length + closing)
}

/// Finds the JSON web token that begins at `start`: parts in Base64, separated by dots.
pub(super) fn jwt(text: &str, start: usize) -> Option<Secret> {
    let rest = text.get(start..)?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    let length = rest.bytes().take_while(|byte| is_part(*byte) || *byte == b'.').count();
    let token = rest.get(..length)?.trim_end_matches('.');
    let mut parts = token.split('.');
    let is_token =
        parts.next().is_some_and(|head| head.len() >= 12) && parts.next().is_some_and(|body| body.len() >= 6);
    (rest.starts_with("eyJ") && is_token).then(|| Secret { range: start..start + token.len(), kind: "jwt" })
}
