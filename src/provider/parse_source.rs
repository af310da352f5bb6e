//! Parses typed or pasted text into a source: `SERVICE:ID`, a link, a bare id, a path.

use std::path::{MAIN_SEPARATOR, PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use crate::domain::{Source, ThreadRef};
use crate::provider;
use crate::provider::link::{is_uuid, link_host};

/// The reason why a text does not name a thread.
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
    let text = text.trim();
    if text.chars().any(|c| c.is_control()) {
        return parse_error("an id cannot contain line breaks or control characters");
    }
    if let Some(path) = dropped_path(text)? {
        return Ok(Source::File(path));
    }
    let text = unquote(text);
    if text.is_empty() {
        return parse_error("type or paste a thread id, a link or a file path");
    }
    if text == "-" {
        return Ok(Source::Stdin);
    }
    if let Some(path) = text.strip_prefix("file:") {
        return parse_file_url(text, path).map(Source::File);
    }
    if let Some((service, id)) = split_service_prefix(text) {
        return parse_service_id(service, id);
    }
    if is_path_like(text) {
        return Ok(Source::File(PathBuf::from(text)));
    }
    best_service_match(text, preferred)
}

/// Returns the path that a terminal inserts for a dropped file: quoted or escaped for a shell. `None` for any other text,
/// and on systems where a backslash separates folders.
fn dropped_path(text: &str) -> Result<Option<PathBuf>, ParseSourceError> {
    let is_quoted = text.contains('\\') || text.starts_with(['\'', '"']);
    if MAIN_SEPARATOR == '\\' || !is_quoted || has_drive_prefix(text) || text.starts_with("file:") {
        return Ok(None);
    }
    let Some(words) = shlex::split(text) else { return Ok(None) };
    match words.as_slice() {
        [path] if is_path_like(path) => Ok(Some(PathBuf::from(path))),
        [first, _, ..] if words.iter().all(|word| is_path_like(word)) => {
            parse_error(format!("these are {} files; open one, such as {first}", words.len()))
        }
        _ => Ok(None),
    }
}

/// Returns the path of a `file:` address; `rest` is the text after that prefix. An address with slashes is percent-encoded.
fn parse_file_url(text: &str, rest: &str) -> Result<PathBuf, ParseSourceError> {
    let Some(path) = rest.strip_prefix('/') else { return Ok(PathBuf::from(rest)) };
    // `file:///C:/…` is a Windows path: no slash before the drive.
    let decoded_path = percent_decode_str(rest).decode_utf8_lossy().into_owned();
    let without_slashes = decoded_path.trim_start_matches('/');
    if has_drive_prefix(without_slashes) {
        return Ok(PathBuf::from(without_slashes));
    }
    // After two slashes, a host follows.
    let is_host = path.starts_with('/') && !path.starts_with("//");
    match Url::parse(text).ok().and_then(|url| url.to_file_path().ok()) {
        Some(path) => Ok(path),
        None if is_host => parse_error("this file is on another computer; copy it here first"),
        None => Ok(PathBuf::from(decoded_path)),
    }
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

/// Returns whether the text begins with the name of a service and a colon, so that it can only name a thread.
pub fn has_service_prefix(text: &str) -> bool {
    split_service_prefix(text.trim()).is_some()
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
        Ok(()) => Ok(Source::Thread(ThreadRef::new(service, id))),
        Err(reason) => parse_error(reason),
    }
}

/// Returns whether the text begins with a drive: `C:\` or `C:/`.
fn has_drive_prefix(text: &str) -> bool {
    matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

/// Returns whether a text that parses to `source` is unambiguous: it names its service or is a link, a path, a UUID or a
/// number. Other texts may be words of a title.
pub fn is_certain(text: &str, source: &Source) -> bool {
    let text = unquote(text.trim());
    match source {
        Source::File(_) => true,
        Source::Stdin => false,
        Source::Thread(thread) => {
            has_service_prefix(text)
                || link_host(text).is_some()
                || is_uuid(&thread.id)
                || text.bytes().all(|byte| byte.is_ascii_digit())
        }
    }
}

/// Returns whether a text has the form of a path; the file need not exist.
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
    // The first of equal candidates is used; `max_by_key` would return the last one.
    let best =
        candidates.fold(None, |best: Option<((provider::Confidence, bool), &'static str, String)>, next| {
            if best.as_ref().is_some_and(|best| best.0 >= next.0) { best } else { Some(next) }
        });
    match best {
        Some((_, service, id)) => Ok(Source::Thread(ThreadRef::new(service, id))),
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
    fn only_words_are_uncertain() {
        for (text, expected) in [
            ("sgp:marg", true),
            ("camelai:1001", true),
            ("1001", true),
            ("8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", true),
            ("\"8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a\"", true),
            ("https://egp.dashboard.scale.com/threads/marg", true),
            ("./marg", true),
            ("marg.json", true),
            ("file:///marg", true),
            ("marg", false),
            ("order-4471", false),
            ("8c5e1a70", false),
            ("-", false),
        ] {
            let source = parse_source(text, None).unwrap();
            assert_eq!(is_certain(text, &source), expected, "{text}");
        }
    }

    #[test]
    fn unix_and_windows_paths_are_files_and_services_are_not_drives() {
        let file = |path: &str| Ok(Source::File(path.into()));
        assert_eq!(parse_source(r"C:\threads\one", None), file(r"C:\threads\one"));
        assert_eq!(parse_source("file:///C:/threads/one", None), file("C:/threads/one"));
        assert_eq!(parse_source("file:///threads/one", None), file("/threads/one"));
        assert!(matches!(parse_source("camelai:1001", None), Ok(Source::Thread(_))));
    }

    #[cfg(unix)]
    #[test]
    fn dropped_files_open_in_every_quoting() {
        for (text, path) in [
            (r"/dir/my\ file.json", "/dir/my file.json"),
            (r"/dir/\(a\)\ \&\ it\'s.json ", "/dir/(a) & it's.json"),
            ("'/dir/my file.json'", "/dir/my file.json"),
            (r"'/dir/it'\''s.json'", "/dir/it's.json"),
            ("\"/dir/my file.json\"", "/dir/my file.json"),
            ("/dir/my file.json", "/dir/my file.json"),
            ("/dir/it's.json", "/dir/it's.json"),
            (r"~/my\ file.json", "~/my file.json"),
            ("file:///dir/my%20file.json", "/dir/my file.json"),
            ("file:///dir/my file.json", "/dir/my file.json"),
            ("<file:///dir/my%20file.json>", "/dir/my file.json"),
            ("file:/dir/my%20file.json", "/dir/my file.json"),
            ("file://localhost/dir/%C3%BC.json", "/dir/ü.json"),
            ("file:///dir/100%.json", "/dir/100%.json"),
            ("file:dir/a%20b", "dir/a%20b"),
            ("file:///C:/my%20file.json", "C:/my file.json"),
        ] {
            assert_eq!(parse_source(text, None), Ok(Source::File(path.into())), "{text}");
        }
        let several = parse_source(r"/a/b.json /c/d\ e.json", None).unwrap_err().reason;
        assert!(several.starts_with("these are 2 files"), "{several}");
        let elsewhere = parse_source("file://server/share/a.json", None).unwrap_err().reason;
        assert!(elsewhere.contains("another computer"), "{elsewhere}");
    }

    #[cfg(unix)]
    #[test]
    fn an_address_may_name_a_file_that_is_not_unicode() {
        use std::os::unix::ffi::OsStrExt;
        let Ok(Source::File(path)) = parse_source("file:///dir/a%FFb.json", None) else { panic!("no file") };
        assert_eq!(path.as_os_str().as_bytes(), b"/dir/a\xffb.json");
        assert_eq!(Source::File(path.clone()).to_input(), "file:///dir/a%FFb.json");
        assert_eq!(parse_source(&Source::File(path.clone()).to_input(), None), Ok(Source::File(path)));
    }
}
