//! Searches of the library that have a name.

/// A search with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedSearch {
    pub name: String,
    pub query: String,
}

impl SavedSearch {
    /// The maximum number of characters in a name or a query.
    pub const MAX_NAME_CHARS: usize = 60;
    pub const MAX_QUERY_CHARS: usize = 200;
}
