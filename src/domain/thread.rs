//! A thread without its messages.

use super::Timestamp;

/// A thread of a service, written `sgp:ID` or `camelai:ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ThreadRef {
    /// The service's short name, as in the registry of providers.
    pub service: &'static str,
    /// The service's id, not URL-encoded.
    pub id: String,
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
