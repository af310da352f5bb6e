//! The list in the thread box: the history, followed by the catalogue in the demo.

use std::path::PathBuf;

use crate::domain::{RecentThread, Source, Timestamp};
use crate::storage::history::{History, HistoryEntry, ThreadLocation};

/// The history and further suggestions.
#[derive(Clone, Debug, Default)]
pub struct RecentThreads {
    history: Option<History>,
    suggestions: Vec<RecentThread>,
}

impl RecentThreads {
    /// Without a history, nothing is recorded.
    pub fn new(history: Option<History>, suggestions: Vec<RecentThread>) -> Self {
        Self { history, suggestions }
    }

    /// Loads the list.
    pub fn load(&self) -> Vec<RecentThread> {
        let entries = self.history.as_ref().map(History::load).unwrap_or_default();
        self.with_suggestions(entries)
    }

    fn with_suggestions(&self, entries: Vec<HistoryEntry>) -> Vec<RecentThread> {
        entries.into_iter().map(to_recent_thread).chain(self.suggestions.iter().cloned()).collect()
    }

    /// Records a visit and returns the new list. None if nothing was recorded; a write error is only logged.
    pub fn record(&self, thread: &RecentThread) -> Option<Vec<RecentThread>> {
        let entry = to_history_entry(thread)?;
        match self.history.as_ref()?.record(entry) {
            Ok(entries) => Some(self.with_suggestions(entries)),
            Err(error) => {
                tracing::warn!("cannot write the history: {error}");
                None
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
    }
}

/// None for standard input, which cannot be opened again.
fn to_history_entry(thread: &RecentThread) -> Option<HistoryEntry> {
    let location = match thread.service.as_str() {
        "file" if thread.input == "-" => return None,
        "file" => ThreadLocation::File(absolute_path(&thread.input)),
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
    })
}

/// Makes a path independent of the working folder.
fn absolute_path(input: &str) -> PathBuf {
    std::path::absolute(input).unwrap_or_else(|_| PathBuf::from(input))
}
