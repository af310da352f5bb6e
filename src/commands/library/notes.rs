//! `unspool library notes`: lists the user's notes and bookmarks.

use serde_json::json;

use super::location;
use crate::app_loop::notes;
use crate::cli::NotesFormat;
use crate::commands::maintenance::print;
use crate::domain::{ExitCode, ListedNote, UserError};
use crate::library::format_time;
use crate::settings::Settings;
use crate::text::time::TimeFormat;
use crate::text::{Safe, safe_json, shell_quote, time};

/// Prints all notes, the newest first; returns the exit code.
///
/// # Errors
/// There is no note, or the library cannot be read.
pub(super) fn list(is_demo: bool, format: NotesFormat) -> Result<ExitCode, UserError> {
    let notes = notes::list(Some(&location(is_demo)?), &[])?;
    if notes.is_empty() {
        let hint = "In the browser, press a at a message or a span.";
        return Err(UserError::new("there are no notes", hint, ExitCode::NotFound));
    }
    let time_format = Settings::load().time_format();
    let lines = notes.iter().map(|note| match format {
        NotesFormat::Text => text_line(note, &time_format),
        NotesFormat::Ndjson => json_line(note),
    });
    Ok(print(&lines.collect::<String>()))
}

fn text_line(listed: &ListedNote, time_format: &TimeFormat) -> String {
    let note = &listed.note;
    let span = note.place.span_id.as_ref().map(|_| "span ").unwrap_or_default();
    let text = if note.text.is_empty() { "(bookmark)" } else { &note.text };
    let parts = [
        time::short(note.written_at, time_format),
        format!("{}:{}", listed.service, listed.thread_id),
        text.to_owned(),
        format!("[{span}{}]", note.excerpt),
    ];
    format!("{}\n", Safe::line(&parts.join("  ")))
}

fn json_line(listed: &ListedNote) -> String {
    let ListedNote { service, thread_id, title, note, .. } = listed;
    let message_id = &note.place.message_id;
    let thread = format!("{service}:{thread_id}");
    let object = json!({
        "service": service,
        "thread_id": thread_id,
        "title": title,
        "message_id": message_id,
        "span_id": note.place.span_id,
        "text": note.text,
        "excerpt": note.excerpt,
        "written_at": format_time(note.written_at),
        "open": format!("unspool {} --message {}", shell_quote(&thread), shell_quote(message_id)),
    });
    format!("{}\n", safe_json(&object.to_string()))
}
