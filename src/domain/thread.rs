//! A thread apart from its messages.

use super::Timestamp;

/// Which thread, of which service: `sgp:ID`, `camelai:ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ThreadRef {
    /// The service's short name, as in the registry of providers.
    pub service: &'static str,
    /// The id as the service knows it; not encoded.
    pub id: String,
}

/// What is known of a thread itself. Everything optional is also in `envelope`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thread {
    pub id: Option<String>,
    pub title: Option<String>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub archived_at: Option<Timestamp>,
    /// How many messages the service says there are.
    pub message_count: Option<i64>,
    /// The body's JSON with an empty `messages` array: every field of the thread as it came.
    pub envelope: Vec<u8>,
    /// The thread's details from a second request, where the service has one (camelAI); JSON as it came.
    pub details: Option<Vec<u8>>,
}
