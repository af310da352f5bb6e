//! The user's notes: read for a thread, written, and listed. They are stored in the library, also for threads that are not
//! kept.

use std::sync::Arc;

use crate::app_loop::context::Context;
use crate::app_loop::failure::unknown_service_error;
use crate::domain::{ExitCode, ListedNote, NoteEdit, ThreadNotes, ThreadRef, UserError};
use crate::filter::ThreadFilter;
use crate::library::{Account, LibraryLocation, LibraryNotes};
use crate::platform::now;
use crate::text::Safe;

/// Reads the notes of a thread. If the library cannot be read, there are none, and the log has the reason.
pub fn read(context: &Context, thread: &ThreadRef) -> ThreadNotes {
    let Ok((location, account)) = account(context, thread) else { return ThreadNotes::default() };
    let read = || match location.open_read_only()? {
        Some(library) => library.thread_notes(&account, &thread.id),
        None => Ok(ThreadNotes::default()),
    };
    read().unwrap_or_else(|error| {
        tracing::warn!("no notes are shown: {}", Safe::line(&error.to_string()));
        ThreadNotes::default()
    })
}

/// Adds the notes that it depends on to a filter of an account's threads. If the library cannot be read, there are none,
/// and the log has the reason.
pub fn add_to_filter(filter: ThreadFilter, place: Option<&(LibraryLocation, Account)>) -> ThreadFilter {
    let Some((location, account)) = place.filter(|_| filter.uses_notes()) else { return filter };
    let notes = location.notes().unwrap_or_else(|error| {
        tracing::warn!("no notes are found: {}", Safe::line(&error.to_string()));
        LibraryNotes::default()
    });
    filter.with_notes(Arc::new(notes.of(account).clone()))
}

/// Writes, replaces or removes a note.
///
/// # Errors
/// There is no folder for the library, or it cannot be written.
pub fn write(context: &Context, edit: &NoteEdit) -> Result<(), UserError> {
    let (location, account) = account(context, &edit.thread)?;
    Ok(location.open()?.write_note(&account, edit, now())?)
}

/// Lists all notes, the last one first.
///
/// # Errors
/// The library cannot be read.
pub fn list(location: Option<&LibraryLocation>, in_use: &[Account]) -> Result<Vec<ListedNote>, UserError> {
    let library = location.map(|location| location.open_read_only()).transpose()?.flatten();
    Ok(library.map(|library| library.notes(in_use)).transpose()?.unwrap_or_default())
}

fn account(context: &Context, thread: &ThreadRef) -> Result<(LibraryLocation, Account), UserError> {
    if context.library.is_none() {
        let message = "there is no folder for notes";
        return Err(UserError::new(message, "Set HOME or UNSPOOL_HOME.", ExitCode::Usage));
    }
    context.library_account(&thread.account()).ok_or_else(|| unknown_service_error(thread.service))
}
