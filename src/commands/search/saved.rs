//! Saved searches on the command line. They are those of the browser's page.

use serde_json::json;

use crate::app_loop::library_search::{save_search, saved_searches};
use crate::cli::SearchFormat;
use crate::commands::maintenance::{format_columns, print};
use crate::commands::runner::Verbosity;
use crate::domain::{ExitCode, SavedSearch, UserError};
use crate::library::LibraryLocation;
use crate::text::suggest::closest;
use crate::text::{Safe, safe_json};

/// Prints the saved searches by name; returns the exit code.
///
/// # Errors
/// There are none, or the library cannot be read.
pub(super) fn list(location: &LibraryLocation, format: SearchFormat) -> Result<ExitCode, UserError> {
    let searches = saved_searches(location)?;
    if searches.is_empty() {
        let hint = "Save one: unspool search WORDS --save NAME, or ctrl-s on the browser's page.";
        return Err(UserError::new("there are no saved searches", hint, ExitCode::NotFound));
    }
    let text = match format {
        SearchFormat::Text => {
            let rows: Vec<_> =
                searches.iter().map(|search| [search.name.clone(), search.query.clone()]).collect();
            format_columns(&rows)
        }
        SearchFormat::Ndjson => searches.iter().map(to_json_line).collect(),
        SearchFormat::Ids => {
            searches.iter().map(|search| format!("{}\n", Safe::line(&search.name))).collect()
        }
    };
    Ok(print(&text))
}

fn to_json_line(search: &SavedSearch) -> String {
    let object = json!({ "name": search.name, "query": search.query });
    format!("{}\n", safe_json(&object.to_string()))
}

/// Returns the query with this name.
///
/// # Errors
/// There is no such search, or the library cannot be read.
pub(super) fn query(location: &LibraryLocation, name: &str) -> Result<String, UserError> {
    let searches = saved_searches(location)?;
    let found = searches.iter().find(|search| search.name == name.trim());
    found.map(|search| search.query.clone()).ok_or_else(|| unknown_search_error(name, &searches))
}

/// Saves a search under a name; replaces the one that has it.
///
/// # Errors
/// The name or the search is empty or too long, or the library cannot be written.
pub(super) fn save(location: &LibraryLocation, name: &str, query: &str) -> Result<(), UserError> {
    let (name, query) = (name.trim(), query.trim());
    check_length("name of a search", name, SavedSearch::MAX_NAME_CHARS)?;
    check_length("search", query, SavedSearch::MAX_QUERY_CHARS)?;
    save_search(location, name, Some(query))?;
    Verbosity::Normal.print_notice(&format!("saved as {name}"));
    Ok(())
}

/// Removes a saved search; returns the exit code.
///
/// # Errors
/// There is no such search, or the library cannot be written.
pub(super) fn remove(location: &LibraryLocation, name: &str) -> Result<ExitCode, UserError> {
    query(location, name)?;
    save_search(location, name.trim(), None)?;
    Ok(ExitCode::Success)
}

fn check_length(what: &str, text: &str, max: usize) -> Result<(), UserError> {
    let count = text.chars().count();
    if (1..=max).contains(&count) {
        return Ok(());
    }
    let problem = if count == 0 { "is empty" } else { "is too long" };
    let hint = format!("Pass 1 to {max} characters.");
    Err(UserError::new(format!("the {what} {problem}"), hint, ExitCode::Usage))
}

fn unknown_search_error(name: &str, searches: &[SavedSearch]) -> UserError {
    let hint = match closest(name.trim(), searches.iter().map(|search| search.name.as_str())) {
        Some(suggestion) => format!("Did you mean {suggestion:?}?"),
        None => "unspool search --list-saved lists them.".to_owned(),
    };
    UserError::new(format!("there is no saved search {:?}", name.trim()), hint, ExitCode::NotFound)
}
