//! Searches with names, in an append-only file: the last line with a name is valid.

use serde::{Deserialize, Serialize};

use super::json_lines::{append_line, read_lines_from};
use super::{Library, LibraryError};
use crate::domain::SavedSearch;
use crate::storage::files::FileError;

const FILE: &str = "searches.ndjson";

/// A line of the file: a search, or the removal of one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct SearchLine {
    name: String,
    /// None if the search was removed.
    query: Option<String>,
}

impl Library {
    /// Returns the saved searches, sorted by name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn saved_searches(&self) -> Result<Vec<SavedSearch>, LibraryError> {
        let path = self.folder.join(FILE);
        let (lines, _) = read_lines_from(&path, 0).map_err(FileError::wrap("read", &path))?;
        let mut searches = Vec::<SavedSearch>::new();
        for SearchLine { name, query } in lines {
            searches.retain(|search| search.name != name);
            searches.extend(query.map(|query| SavedSearch { name, query }));
        }
        searches.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(searches)
    }

    /// Saves a search under a name, or removes the one with this name.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save_search(&self, name: &str, query: Option<&str>) -> Result<(), LibraryError> {
        let path = self.folder.join(FILE);
        let line = SearchLine { name: name.to_owned(), query: query.map(str::to_owned) };
        Ok(append_line(&path, &line).map_err(FileError::wrap("write", &path))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_name_counts() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("library")).unwrap();
        assert!(library.saved_searches().unwrap().is_empty());
        library.save_search("wrong answers", Some("is:negative since:7d")).unwrap();
        library.save_search("dear", Some("cost>1")).unwrap();
        library.save_search("wrong answers", Some("is:negative")).unwrap();
        library.save_search("dear", None).unwrap();
        let expected = SavedSearch { name: "wrong answers".to_owned(), query: "is:negative".to_owned() };
        assert_eq!(library.saved_searches().unwrap(), [expected]);
    }
}
