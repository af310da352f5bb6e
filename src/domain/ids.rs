//! Ids that tell one request, search, filter or message from another.

/// Tells one opening from another, so that the latest wins and late answers are known as late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Tells one search from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchId(pub u64);

/// Tells one filtering from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterId(pub u64);

/// Which message of which opening a prepared value belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageKey {
    /// Counts up whenever another copy of a thread comes on the screen.
    pub generation: u64,
    /// The message's place in the body.
    pub index: u32,
}
