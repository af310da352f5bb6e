//! The history as the thread box shows it: visits on disk, and in the demo its catalogue behind them.

use std::path::PathBuf;

use tokio::sync::mpsc::Sender as Outbox;

use crate::domain::{RecentThread, Source, Timestamp};
use crate::event::Event;
use crate::storage::history::{self, History, ThreadLocation};

/// Where visits are kept, and what is suggested besides.
#[derive(Clone, Debug, Default)]
pub struct RecentThreads {
    history: Option<History>,
    suggestions: Vec<RecentThread>,
}

impl RecentThreads {
    /// Visits in this history (none keeps nothing), and suggestions.
    pub fn new(history: Option<History>, suggestions: Vec<RecentThread>) -> Self {
        Self { history, suggestions }
    }

    /// All that the box offers.
    pub fn load(&self) -> Vec<RecentThread> {
        let visits = self.history.as_ref().map(History::load).unwrap_or_default();
        self.with_suggestions(visits)
    }

    fn with_suggestions(&self, visits: Vec<history::HistoryEntry>) -> Vec<RecentThread> {
        visits.into_iter().map(to_recent_thread).chain(self.suggestions.iter().cloned()).collect()
    }

    /// Records a visit and tells the loop what there is now. A disk that cannot be written to costs the history only.
    pub fn record(&self, visit: &RecentThread, outbox: &Outbox<Event>) {
        let Some(history) = &self.history else { return };
        let Some(kept) = to_history_entry(visit) else { return };
        match history.record(kept) {
            Ok(visits) => {
                let _ = outbox.blocking_send(Event::RecentThreads(self.with_suggestions(visits)));
            }
            Err(error) => tracing::warn!("the history was not written: {error}"),
        }
    }
}

fn to_recent_thread(visit: history::HistoryEntry) -> RecentThread {
    let (typed, service) = match &visit.location {
        ThreadLocation::Service { service, id } => (format!("{service}:{id}"), service.clone()),
        ThreadLocation::File(path) => (Source::File(path.clone()).to_input(), "file".to_owned()),
    };
    RecentThread {
        input: typed,
        title: visit.title,
        service,
        profile: visit.profile,
        opened_at: Some(visit.opened_at),
        note: String::new(),
    }
}

fn to_history_entry(visit: &RecentThread) -> Option<history::HistoryEntry> {
    let place = match visit.service.as_str() {
        "file" if visit.input == "-" => return None,
        "file" => ThreadLocation::File(absolute_path(&visit.input)),
        service => {
            let id = visit.input.strip_prefix(service)?.strip_prefix(':')?.to_owned();
            ThreadLocation::Service { service: service.to_owned(), id }
        }
    };
    let (title, profile) = (visit.title.clone(), visit.profile.clone());
    Some(history::HistoryEntry {
        location: place,
        title,
        profile,
        opened_at: visit.opened_at.unwrap_or(Timestamp(0)),
    })
}

/// A path that still leads there from another folder.
fn absolute_path(typed: &str) -> PathBuf {
    std::path::absolute(typed).unwrap_or_else(|_| PathBuf::from(typed))
}
