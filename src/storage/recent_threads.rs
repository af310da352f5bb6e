//! The list in the thread box: the history, or the demo's threads in the demo.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::{RecentThread, Source, Timestamp};
use crate::provider::parse_source::parse_source;
use crate::storage::files::absolute_path;
use crate::storage::history::{History, HistoryEntry, ThreadLocation};
use crate::text::Safe;

/// The history and further suggestions.
#[derive(Clone, Debug, Default)]
pub struct RecentThreads {
    history: Option<History>,
    suggestions: Vec<RecentThread>,
    /// Whether a failure was returned; further ones are not.
    has_failed: Arc<AtomicBool>,
}

impl RecentThreads {
    /// Creates the list. Without a history, nothing is recorded.
    pub fn new(history: Option<History>, suggestions: Vec<RecentThread>) -> Self {
        Self { history, suggestions, has_failed: Arc::default() }
    }

    /// Loads the list.
    pub fn load(&self) -> Vec<RecentThread> {
        let entries = self.history.as_ref().map(History::load).unwrap_or_default();
        self.with_suggestions(entries)
    }

    fn with_suggestions(&self, entries: Vec<HistoryEntry>) -> Vec<RecentThread> {
        entries.into_iter().map(to_recent_thread).chain(self.suggestions.iter().cloned()).collect()
    }

    /// Records the place where a thread was left and returns the new list; `None` if nothing is recorded.
    pub fn record_place(&self, thread: &RecentThread) -> Option<Vec<RecentThread>> {
        match self.history.as_ref()?.set_place(&to_history_entry(thread)?) {
            Ok(entries) => Some(self.with_suggestions(entries)),
            Err(error) => {
                tracing::warn!("cannot write the history: {}", Safe::line(&error.to_string()));
                None
            }
        }
    }

    /// Records a visit and returns the new list; `None` if nothing is recorded.
    ///
    /// # Errors
    /// The history cannot be written: a sentence without a full stop, but only the first time.
    pub fn record(&self, thread: &RecentThread) -> Option<Result<Vec<RecentThread>, String>> {
        let entry = to_history_entry(thread)?;
        match self.history.as_ref()?.record(entry) {
            Ok(entries) => Some(Ok(self.with_suggestions(entries))),
            Err(error) => {
                let text = Safe::line(&error.to_string()).into_string();
                tracing::warn!("cannot write the history: {text}");
                let is_first = !self.has_failed.swap(true, Ordering::Relaxed);
                is_first.then(|| Err(format!("Recent threads are not stored: {text}")))
            }
        }
    }
}

fn to_recent_thread(entry: HistoryEntry) -> RecentThread {
    let (input, service) = match entry.location {
        ThreadLocation::Service { service, id } => (format!("{service}:{id}"), service),
        ThreadLocation::File(path) => (Source::File(path).to_input(), "file".to_owned()),
    };
    RecentThread {
        input,
        title: entry.title,
        service,
        profile: entry.profile,
        opened_at: Some(entry.opened_at),
        note: String::new(),
        place: entry.place,
    }
}

/// Converts to an entry; `None` for standard input, which cannot be opened again.
fn to_history_entry(thread: &RecentThread) -> Option<HistoryEntry> {
    let location = match thread.service.as_str() {
        "file" if thread.input == "-" => return None,
        "file" => ThreadLocation::File(input_path(&thread.input)),
        service => {
            let id = thread.input.strip_prefix(service)?.strip_prefix(':')?.to_owned();
            ThreadLocation::Service { service: service.to_owned(), id }
        }
    };
    Some(HistoryEntry {
        location,
        title: thread.title.clone(),
        profile: thread.profile.clone(),
        opened_at: thread.opened_at.unwrap_or(Timestamp(0)),
        place: thread.place.clone(),
    })
}

/// Returns the absolute path of a file's [`Source::to_input`].
fn input_path(input: &str) -> PathBuf {
    match input.starts_with("file://").then(|| parse_source(input, None)) {
        Some(Ok(Source::File(path))) => path,
        Some(_) | None => absolute_path(Path::new(input)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(input: &str) -> RecentThread {
        RecentThread {
            input: input.to_owned(),
            title: "Lamp".to_owned(),
            service: "file".to_owned(),
            profile: None,
            opened_at: Some(Timestamp(1)),
            note: String::new(),
            place: None,
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_remembered_by_a_path_that_opens_it_from_anywhere() {
        let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
        let here = std::env::current_dir().unwrap();
        for (input, path) in [
            ("~/my file.json", home.join("my file.json")),
            ("my file.json", here.join("my file.json")),
            ("/a/my file.json", PathBuf::from("/a/my file.json")),
            ("file:///a/%FF%20b", {
                use std::os::unix::ffi::OsStrExt;
                PathBuf::from(std::ffi::OsStr::from_bytes(b"/a/\xff b"))
            }),
        ] {
            let entry = to_history_entry(&visit(input)).unwrap();
            assert_eq!(entry.location, ThreadLocation::File(path.clone()), "{input}");
            let folder = tempfile::tempdir().unwrap();
            let recent = RecentThreads::new(Some(History::in_folder(folder.path())), Vec::new());
            let listed = recent.record(&visit(input)).unwrap().unwrap();
            let reopened = parse_source(&listed[0].input, None);
            assert_eq!(reopened, Ok(Source::File(path)), "{input}");
            assert_eq!(recent.load(), listed);
        }
    }

    #[test]
    fn a_history_that_cannot_be_written_is_reported_once() {
        let folder = tempfile::tempdir().unwrap();
        let in_the_way = folder.path().join("file");
        std::fs::write(&in_the_way, "").unwrap();
        let recent = RecentThreads::new(Some(History::in_folder(&in_the_way)), Vec::new());
        let error = recent.record(&visit("/a.json")).unwrap().unwrap_err();
        assert_eq!(error.matches("file").count(), error.matches(in_the_way.to_str().unwrap()).count().max(1));
        assert_eq!(recent.record(&visit("/a.json")), None);
    }
}
