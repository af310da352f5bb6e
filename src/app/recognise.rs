//! From what was typed or pasted to a source: `sgp:ID`, `camelai:ID`, a link, a bare id, a path.

use std::path::PathBuf;

use crate::domain::ThreadRef;
use crate::effect::Source;
use crate::provider;

/// Why a text names no thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRecognised {
    pub reason: String,
}

fn refuse<T>(reason: impl Into<String>) -> Result<T, NotRecognised> {
    Err(NotRecognised { reason: reason.into() })
}

/// Reads a text as the name of a thread. `preferred` is the service to take where several fit equally well.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn recognise(text: &str, preferred: Option<&str>) -> Result<Source, NotRecognised> {
    let text = unquote(text.trim());
    if text.is_empty() {
        return refuse("type or paste a thread id, a link or the path of a file");
    }
    if text.chars().any(|c| c.is_control()) {
        return refuse("an id has no line breaks or control characters");
    }
    if text == "-" {
        return Ok(Source::Stdin);
    }
    if let Some(path) = text.strip_prefix("file:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        // `file:///C:/…` is a path of Windows, whose drives stand behind no slash.
        let path = path.strip_prefix('/').filter(|rest| has_drive(rest)).unwrap_or(path);
        return Ok(Source::File(PathBuf::from(path)));
    }
    if let Some((service, id)) = split_prefix(text) {
        return named(service, id);
    }
    if looks_like_path(text) {
        return Ok(Source::File(PathBuf::from(text)));
    }
    best_match(text, preferred)
}

/// Quotes and angle brackets come along when people copy from chats and JSON.
fn unquote(text: &str) -> &str {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>')];
    pairs
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .unwrap_or(text)
        .trim()
}

fn split_prefix(text: &str) -> Option<(&'static str, &str)> {
    provider::all().iter().find_map(|provider| {
        let service = provider.service();
        let (head, rest) = text.split_once(':')?;
        (head.eq_ignore_ascii_case(service) && !rest.starts_with("//")).then_some((service, rest.trim()))
    })
}

fn named(service: &'static str, text: &str) -> Result<Source, NotRecognised> {
    let Some(provider) = provider::named(service) else { return refuse("no such service") };
    let id = provider.recognise(text).map_or_else(|| text.to_owned(), |found| found.id);
    match provider.check_id(&id) {
        Ok(()) => Ok(Source::Thread(ThreadRef { service, id })),
        Err(reason) => refuse(reason),
    }
}

/// Whether it begins as `C:\` or `C:/`.
fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

/// Whether a text has the form of a path, whatever is there.
pub fn looks_like_path(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let starts = ["/", "./", "../", "~/", ".\\", "..\\"];
    let ends = [".json", ".jsonl", ".ndjson", ".json.gz", ".txt"];
    let is_link = lower.starts_with("http://") || lower.starts_with("https://");
    !is_link
        && (matches!(text, "." | ".." | "~")
            || has_drive(text)
            || starts.iter().any(|start| text.starts_with(start))
            || ends.iter().any(|end| lower.ends_with(end)))
}

fn best_match(text: &str, preferred: Option<&str>) -> Result<Source, NotRecognised> {
    let candidates = provider::all().iter().filter_map(|provider| {
        let found = provider.recognise(text)?;
        provider.check_id(&found.id).ok()?;
        let wanted = preferred == Some(provider.service());
        Some(((found.certainty, wanted), provider.service(), found.id))
    });
    // The first of equals: `max_by_key` would take the last.
    let best =
        candidates.fold(None, |best: Option<((provider::Certainty, bool), &'static str, String)>, next| {
            if best.as_ref().is_some_and(|best| best.0 >= next.0) { best } else { Some(next) }
        });
    match best {
        Some((_, service, id)) => Ok(Source::Thread(ThreadRef { service, id })),
        None if text.contains("://") => refuse(
            "this link leads to no thread of Scale SGP or camelAI; write sgp:ID or camelai:ID with the id in it",
        ),
        None => refuse(
            "this is neither a thread id nor a link nor a path; write sgp:ID or camelai:ID to say which service",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_paths_and_a_link_that_leads_elsewhere_is_called_one() {
        for path in [".", "..", "~", "./a", "~/a"] {
            assert_eq!(recognise(path, None), Ok(Source::File(path.into())));
        }
        let refused = recognise("https://example.com/some/page", None).unwrap_err().reason;
        assert!(refused.starts_with("this link leads to no thread"), "{refused}");
    }

    #[test]
    fn paths_of_either_family_are_files_and_no_service_is_a_drive() {
        let file = |path: &str| Ok(Source::File(path.into()));
        assert_eq!(recognise(r"C:\threads\one", None), file(r"C:\threads\one"));
        assert_eq!(recognise("file:///C:/threads/one", None), file("C:/threads/one"));
        assert_eq!(recognise("file:///threads/one", None), file("/threads/one"));
        assert!(matches!(recognise("camelai:1001", None), Ok(Source::Thread(_))));
    }
}
