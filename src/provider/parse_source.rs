//! Parses typed or pasted text into a source: `SERVICE:ID`, a link, a bare id, a path.

use std::path::PathBuf;

use crate::domain::{Source, ThreadRef};
use crate::provider;

/// The reason that a text does not name a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseSourceError {
    pub reason: String,
}

fn parse_error<T>(reason: impl Into<String>) -> Result<T, ParseSourceError> {
    Err(ParseSourceError { reason: reason.into() })
}

/// Parses a text as the name of a thread. `preferred` is the service to use if several match equally well.
///
/// # Errors
/// The reason, as a sentence.
pub fn parse_source(text: &str, preferred: Option<&str>) -> Result<Source, ParseSourceError> {
    let text = unquote(text.trim());
    if text.is_empty() {
        return parse_error("type or paste a thread id, a link or a file path");
    }
    if text.chars().any(|c| c.is_control()) {
        return parse_error("an id cannot contain line breaks or control characters");
    }
    if text == "-" {
        return Ok(Source::Stdin);
    }
    if let Some(path) = text.strip_prefix("file:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        // `file:///C:/…` is a Windows path: no slash before the drive.
        let path = path.strip_prefix('/').filter(|rest| has_drive_prefix(rest)).unwrap_or(path);
        return Ok(Source::File(PathBuf::from(path)));
    }
    if let Some((service, id)) = split_service_prefix(text) {
        return parse_service_id(service, id);
    }
    if is_path_like(text) {
        return Ok(Source::File(PathBuf::from(text)));
    }
    best_service_match(text, preferred)
}

/// Strips quotes and angle brackets, which are easily copied along from chats and JSON.
fn unquote(text: &str) -> &str {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>')];
    pairs
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .unwrap_or(text)
        .trim()
}

fn split_service_prefix(text: &str) -> Option<(&'static str, &str)> {
    provider::all().iter().find_map(|provider| {
        let service = provider.id();
        let (prefix, rest) = text.split_once(':')?;
        (prefix.eq_ignore_ascii_case(service) && !rest.starts_with("//")).then_some((service, rest.trim()))
    })
}

fn parse_service_id(service: &'static str, text: &str) -> Result<Source, ParseSourceError> {
    let Some(provider) = provider::by_id(service) else { return parse_error("no such service") };
    let id = provider.parse_thread_id(text).map_or_else(|| text.to_owned(), |found| found.id);
    match provider.check_id(&id) {
        Ok(()) => Ok(Source::Thread(ThreadRef { service, id })),
        Err(reason) => parse_error(reason),
    }
}

/// Whether the text begins with a drive: `C:\` or `C:/`.
fn has_drive_prefix(text: &str) -> bool {
    matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

/// Whether a text has the form of a path; the file need not exist.
pub fn is_path_like(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let starts = ["/", "./", "../", "~/", ".\\", "..\\"];
    let ends = [".json", ".jsonl", ".ndjson", ".json.gz", ".txt"];
    let is_link = lower.starts_with("http://") || lower.starts_with("https://");
    !is_link
        && (matches!(text, "." | ".." | "~")
            || has_drive_prefix(text)
            || starts.iter().any(|start| text.starts_with(start))
            || ends.iter().any(|end| lower.ends_with(end)))
}

fn best_service_match(text: &str, preferred: Option<&str>) -> Result<Source, ParseSourceError> {
    let candidates = provider::all().iter().filter_map(|provider| {
        let found = provider.parse_thread_id(text)?;
        provider.check_id(&found.id).ok()?;
        let is_preferred = preferred == Some(provider.id());
        Some(((found.confidence, is_preferred), provider.id(), found.id))
    });
    // Of equals the first wins; `max_by_key` would return the last.
    let best =
        candidates.fold(None, |best: Option<((provider::Confidence, bool), &'static str, String)>, next| {
            if best.as_ref().is_some_and(|best| best.0 >= next.0) { best } else { Some(next) }
        });
    match best {
        Some((_, service, id)) => Ok(Source::Thread(ThreadRef { service, id })),
        None if text.contains("://") => parse_error(format!(
            "this link does not lead to a thread of {}; use {} with the id from the link",
            provider::display_names(),
            provider::id_forms()
        )),
        None => parse_error(format!(
            "this is not a thread id, a link or a path; use {} to name the service",
            provider::id_forms()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_paths_and_unknown_links_are_rejected() {
        for path in [".", "..", "~", "./a", "~/a"] {
            assert_eq!(parse_source(path, None), Ok(Source::File(path.into())));
        }
        let reason = parse_source("https://example.com/some/page", None).unwrap_err().reason;
        assert!(reason.starts_with("this link does not lead to a thread"), "{reason}");
    }

    #[test]
    fn unix_and_windows_paths_are_files_and_services_are_not_drives() {
        let file = |path: &str| Ok(Source::File(path.into()));
        assert_eq!(parse_source(r"C:\threads\one", None), file(r"C:\threads\one"));
        assert_eq!(parse_source("file:///C:/threads/one", None), file("C:/threads/one"));
        assert_eq!(parse_source("file:///threads/one", None), file("/threads/one"));
        assert!(matches!(parse_source("camelai:1001", None), Ok(Source::Thread(_))));
    }
}
