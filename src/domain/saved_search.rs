//! Searches of the library that have a name.

/// A search with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedSearch {
    pub name: String,
    pub query: String,
}
