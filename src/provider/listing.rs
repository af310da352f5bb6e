//! The walk over a service's lists, without I/O: a [`Listing`] returns the next requests and reads their responses.

#[cfg(test)]
pub(super) mod tests;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use super::{Request, fields};
use crate::decode::ListEnd;
use crate::domain::{ListUpdate, ListedThread, Timestamp, UserError};
use crate::json::{Kind, Value};

/// The items to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListScope {
    Accounts,
    Applications,
    Variants,
    Threads(ThreadScope),
}

impl Default for ListScope {
    fn default() -> Self {
        Self::Threads(ThreadScope::default())
    }
}

/// The threads to list; by default all that the key can see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadScope {
    /// Only the threads of these variants, by id.
    pub variants: Vec<String>,
    /// Only the threads of the applications with this id, or with this text in their name.
    pub application: Option<String>,
}

/// Identifies a request in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListRequestId(u32);

impl ListRequestId {
    /// Returns the id of the next request.
    #[must_use]
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct ListRequest {
    pub id: ListRequestId,
    pub request: Request,
    /// The wait that the service requested.
    pub delay: Duration,
}

/// A request that failed.
#[derive(Clone, Debug)]
pub struct ListFailure {
    /// The status, if the service responded.
    pub status: Option<u16>,
    /// The body of the response.
    pub body: Vec<u8>,
    /// The reason in a few words: `403 Forbidden`.
    pub reason: String,
    pub error: UserError,
}

impl ListFailure {
    /// Returns the error, with words about a list in place of those about a thread.
    pub(super) fn list_error(&self, list: &str) -> UserError {
        let words = match self.status {
            Some(403) => Some((
                format!("The key may not list {list}."),
                "Check the account and the rights of the key.".to_owned(),
            )),
            Some(404 | 405 | 410) => Some((
                format!("The service has no list of {list} at this address."),
                "Check the base URL. An older server may lack the list.".to_owned(),
            )),
            Some(400 | 422) => Some((
                format!("The service rejected the request for {list}."),
                "Check the account and the ids.".to_owned(),
            )),
            Some(_) | None => None,
        };
        match words {
            Some((headline, hint)) => UserError { hint, ..self.error.clone() }.with_headline(headline),
            None => self.error.clone(),
        }
    }
}

/// A walk over lists, without I/O. The caller sends [the next requests](Self::next_request), possibly several at once,
/// passes the bytes of each as they arrive, in any order, and calls [`end`](Self::end) once no request is in flight and
/// there is no next one.
pub trait Listing: Send {
    /// Returns the next request; `None` if it depends on requests in flight, or if there is none.
    fn next_request(&mut self) -> Option<ListRequest>;

    /// Starts a body, also again after a failed attempt.
    fn begin_body(&mut self, id: ListRequestId);

    /// Reads the next bytes of a body.
    fn push(&mut self, id: ListRequestId, bytes: &[u8]) -> Vec<ListUpdate>;

    /// Ends a body.
    fn finish(&mut self, id: ListRequestId) -> Vec<ListUpdate>;

    /// Records that a request failed, after all retries.
    fn fail(&mut self, id: ListRequestId, failure: &ListFailure) -> Vec<ListUpdate>;

    /// Returns the last update.
    fn end(&mut self) -> ListUpdate;
}

/// The threads listed so far. Lists overlap if threads are created or moved during the walk.
#[derive(Debug, Default)]
pub(super) struct SeenThreads(HashMap<String, Option<Timestamp>>);

impl SeenThreads {
    /// Adds a thread; returns whether it is new.
    pub(super) fn insert(&mut self, thread: &ListedThread) -> Novelty {
        match self.0.entry(thread.id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(thread.updated_at);
                Novelty::New
            }
            Entry::Occupied(mut entry) if *entry.get() < thread.updated_at => {
                entry.insert(thread.updated_at);
                Novelty::Newer
            }
            Entry::Occupied(_) => Novelty::Known,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A listed thread, compared with the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    New,
    /// A newer version of a listed thread.
    Newer,
    Known,
}

/// Returns why a complete response is not a list; a clause.
pub(super) fn describe_end(end: ListEnd) -> &'static str {
    match end {
        ListEnd::Complete => "the list is complete",
        ListEnd::Truncated => "the list ends early",
        ListEnd::TooLarge => "an entry of the list is too large",
        ListEnd::Empty => "the response is empty",
        ListEnd::NoList => "the response is JSON without a list",
        ListEnd::Html => "the response is a web page, not a list",
        ListEnd::NotJson => "the response is not JSON",
    }
}

/// Returns the error about a response that is not a list.
pub(super) fn no_list_error(end: ListEnd) -> UserError {
    let hint = match end {
        ListEnd::Truncated => "Try again; if it keeps happening, ask the operator of the service or proxy.",
        ListEnd::Complete
        | ListEnd::TooLarge
        | ListEnd::Empty
        | ListEnd::NoList
        | ListEnd::Html
        | ListEnd::NotJson => "Check the base URL: the response may come from a login page or a proxy.",
    };
    UserError::new(describe_end(end), hint, crate::domain::ExitCode::NotUnderstood)
        .with_headline("The service sent no list.")
}

/// Returns whether a response of 400 or 422 is about the size of a page.
pub(super) fn refuses_page_size(failure: &ListFailure, parameter: &str) -> bool {
    matches!(failure.status, Some(400 | 422))
        && super::error_body::error_messages(&failure.body).iter().any(|message| message.contains(parameter))
}

/// Reads an id: text, or a number.
pub(super) fn id(value: Option<Value<'_>>) -> Option<String> {
    let value = value.filter(|value| matches!(value.kind(), Kind::String | Kind::Number));
    fields::non_empty_text(value)
}

/// Formats a count: `1 thread`, `3 threads`.
pub(super) fn pluralize(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
