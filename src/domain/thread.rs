//! A thread without its messages.

use super::{AccountRef, KeptAccount, Timestamp};

/// A thread of a service, written `sgp:ID` or `camelai:ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ThreadRef {
    /// The service's short name, as in the registry of providers.
    pub service: &'static str,
    /// The service's id, not URL-encoded.
    pub id: String,
    /// The account of a thread that is read from the library; `None` for the account in use. Nothing is fetched from
    /// another account.
    pub account: Option<KeptAccount>,
}

impl ThreadRef {
    /// Creates the name of a thread of the account in use.
    pub fn new(service: &'static str, id: impl Into<String>) -> Self {
        Self { service, id: id.into(), account: None }
    }

    /// Creates the name of a thread of an account.
    pub fn of(account: &AccountRef, id: impl Into<String>) -> Self {
        Self { service: account.service, id: id.into(), account: account.kept.clone() }
    }

    /// Returns the account of the thread.
    pub fn account(&self) -> AccountRef {
        AccountRef { service: self.service, kept: self.account.clone() }
    }
}

/// The metadata of a thread. Every optional field is also in `envelope`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thread {
    pub id: Option<String>,
    pub title: Option<String>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub archived_at: Option<Timestamp>,
    /// The number of messages according to the service.
    pub message_count: Option<i64>,
    /// The body's JSON with an empty `messages` array: every field of the thread, verbatim.
    pub envelope: Vec<u8>,
    /// The details from a second request, where the service has one (camelAI); JSON, verbatim.
    pub details: Option<Vec<u8>>,
}
