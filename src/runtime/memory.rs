//! The history as the thread box shows it: visits on disk, and in the demo its catalogue behind them.

use std::path::PathBuf;

use tokio::sync::mpsc::Sender as Outbox;

use crate::domain::Stamp;
use crate::effect::{Source, Visit};
use crate::event::Event;
use crate::runtime::history::{self, History, Place};

/// Where visits are kept, and what is suggested besides.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    history: Option<History>,
    suggestions: Vec<Visit>,
}

impl Memory {
    /// Visits in this history (none keeps nothing), and suggestions.
    pub fn new(history: Option<History>, suggestions: Vec<Visit>) -> Self {
        Self { history, suggestions }
    }

    /// All that the box offers.
    pub fn load(&self) -> Vec<Visit> {
        let visits = self.history.as_ref().map(History::load).unwrap_or_default();
        self.offer(visits)
    }

    fn offer(&self, visits: Vec<history::Visit>) -> Vec<Visit> {
        visits.into_iter().map(shown).chain(self.suggestions.iter().cloned()).collect()
    }

    /// Records a visit and tells the loop what there is now. A disk that cannot be written to costs the history only.
    pub fn remember(&self, visit: &Visit, outbox: &Outbox<Event>) {
        let Some(history) = &self.history else { return };
        let Some(kept) = kept(visit) else { return };
        match history.record(kept) {
            Ok(visits) => {
                let _ = outbox.blocking_send(Event::Visits(self.offer(visits)));
            }
            Err(error) => tracing::warn!("the history was not written: {error}"),
        }
    }
}

fn shown(visit: history::Visit) -> Visit {
    let (typed, service) = match &visit.place {
        Place::Service { service, id } => (format!("{service}:{id}"), service.clone()),
        Place::File(path) => (Source::File(path.clone()).typed(), "file".to_owned()),
    };
    Visit {
        typed,
        title: visit.title,
        service,
        profile: visit.profile,
        at: Some(visit.opened),
        note: String::new(),
    }
}

fn kept(visit: &Visit) -> Option<history::Visit> {
    let place = match visit.service.as_str() {
        "file" if visit.typed == "-" => return None,
        "file" => Place::File(absolute(&visit.typed)),
        service => {
            let id = visit.typed.strip_prefix(service)?.strip_prefix(':')?.to_owned();
            Place::Service { service: service.to_owned(), id }
        }
    };
    let (title, profile) = (visit.title.clone(), visit.profile.clone());
    Some(history::Visit { place, title, profile, opened: visit.at.unwrap_or(Stamp(0)) })
}

/// A path that still leads there from another folder.
fn absolute(typed: &str) -> PathBuf {
    std::path::absolute(typed).unwrap_or_else(|_| PathBuf::from(typed))
}
