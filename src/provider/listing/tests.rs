//! Runs a walk against a function in place of a service.

use std::collections::HashMap;
use std::path::Path;

use super::{ListFailure, Listing};
use crate::domain::{
    ExitCode, ListRefusal, ListUpdate, ListedAccount, ListedApplication, ListedThread, ListedVariant,
    UserError,
};

/// The response to a path with its query.
pub(in crate::provider) struct Response {
    pub(in crate::provider) status: Option<u16>,
    pub(in crate::provider) body: Vec<u8>,
}

/// Returns a response of 200.
pub(in crate::provider) fn ok(body: impl Into<Vec<u8>>) -> Response {
    Response { status: Some(200), body: body.into() }
}

pub(in crate::provider) fn status(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response { status: Some(status), body: body.into() }
}

/// Reads a body of the fixtures.
pub(in crate::provider) fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lists").join(name);
    std::fs::read(path).unwrap()
}

/// What a walk brought.
#[derive(Debug, Default)]
pub(in crate::provider) struct Outcome {
    pub(in crate::provider) accounts: Vec<ListedAccount>,
    pub(in crate::provider) applications: Vec<ListedApplication>,
    pub(in crate::provider) variants: Vec<ListedVariant>,
    /// In the order of their arrival.
    pub(in crate::provider) threads: Vec<ListedThread>,
    pub(in crate::provider) refused: Vec<ListRefusal>,
    pub(in crate::provider) is_complete: bool,
    pub(in crate::provider) notes: Vec<String>,
    pub(in crate::provider) failure: Option<UserError>,
    /// The addresses of the requests.
    pub(in crate::provider) requests: Vec<String>,
}

impl Outcome {
    pub(in crate::provider) fn ids(&self) -> Vec<&str> {
        self.threads.iter().map(|thread| thread.id.as_str()).collect()
    }

    fn add(&mut self, updates: Vec<ListUpdate>) {
        for update in updates {
            match update {
                ListUpdate::Accounts(accounts) => self.accounts.extend(accounts),
                ListUpdate::Applications(applications) => self.applications.extend(applications),
                ListUpdate::Variants(variants) => self.variants.extend(variants),
                ListUpdate::Threads(threads) => self.threads.extend(threads),
                ListUpdate::Refused(refusal) => self.refused.push(refusal),
                ListUpdate::Ended { is_complete, notes } => {
                    (self.is_complete, self.notes) = (is_complete, notes);
                }
                ListUpdate::Failed(error) => self.failure = Some(error),
                ListUpdate::Progress(_) => {}
            }
        }
    }
}

/// Runs the walk to its end. All requests that are possible are in flight at once, and the last one is answered first.
/// `chunk` is the number of bytes that arrive together.
pub(in crate::provider) fn run(
    mut listing: Box<dyn Listing>,
    chunk: usize,
    mut respond: impl FnMut(&str) -> Response,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut in_flight = HashMap::new();
    loop {
        while let Some(request) = listing.next_request() {
            outcome.requests.push(request.request.url.to_string());
            in_flight.insert(request.id, request.request.url);
        }
        assert!(outcome.requests.len() < 5_000, "the walk does not end");
        let Some(id) = in_flight.keys().max().copied() else { break };
        let url = in_flight.remove(&id).unwrap();
        let address = url[url::Position::BeforePath..].to_owned();
        let Response { status, body } = respond(&address);
        if status == Some(200) {
            listing.begin_body(id);
            for bytes in body.chunks(chunk) {
                outcome.add(listing.push(id, bytes));
            }
            outcome.add(listing.finish(id));
        } else {
            let reason = status.map_or_else(|| "connection lost".to_owned(), |status| format!("{status}"));
            let error = UserError::new(reason.clone(), "hint", ExitCode::Network);
            outcome.add(listing.fail(id, &ListFailure { status, body, reason, error }));
        }
    }
    outcome.add(vec![listing.end()]);
    outcome
}
