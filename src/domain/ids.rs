//! Ids of requests, listings, searches, filter runs, sortings and messages on the screen.

/// Identifies a request for a thread. Responses to any but the latest request are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Identifies a listing of threads. Updates of any but the latest listing of a service are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListingId(pub u64);

/// Identifies a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchId(pub u64);

/// Identifies a filter run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterId(pub u64);

/// Identifies a sorting of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortId(pub u64);

/// The message that a prepared value belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageKey {
    /// A number that increases whenever another copy of a thread is shown.
    pub generation: u64,
    /// The message's position in the body.
    pub index: u32,
}
