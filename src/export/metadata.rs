//! Metadata of a thread and of a message: labels and sanitized values for people.

use jiff::tz::TimeZone;

use super::{ExportedMessage, ExportedThread, status_word};
use crate::domain::Timestamp;
use crate::text::{Safe, number, time};
use crate::trace::message_usage;

/// A label and a one-line value.
pub(super) type MetadataField = (&'static str, String);

/// Formats a time in UTC, to the second.
pub(super) fn format_time(stamp: Timestamp) -> String {
    format!("{} {} UTC", time::date(stamp, &TimeZone::UTC), time::time_of_day(stamp, &TimeZone::UTC))
}

/// Returns the title, or a placeholder.
pub(super) fn title(document: &ExportedThread<'_>) -> String {
    let title = document.thread.title.as_deref().filter(|title| !title.trim().is_empty());
    Safe::line(title.unwrap_or("(no title)")).into_string()
}

/// Returns the metadata of the thread.
pub(super) fn thread_fields(document: &ExportedThread<'_>) -> Vec<MetadataField> {
    let thread = document.thread;
    let mut fields = vec![("Service", document.provider.display_name().to_owned())];
    fields.extend(thread.id.as_ref().map(|id| ("Thread", Safe::line(id).into_string())));
    fields.push(("Messages", number::count(document.summaries.len())));
    fields.extend(thread.created_at.map(|time| ("Created", format_time(time))));
    fields.extend(thread.updated_at.map(|time| ("Updated", format_time(time))));
    fields.extend(thread.archived_at.map(|time| ("Archived", format_time(time))));
    fields
}

/// Returns the user's notes on a message and its spans: a label and a text, which is empty for a bookmark.
pub(super) fn notes(item: &ExportedMessage<'_>) -> Vec<(String, String)> {
    let notes = item.document.notes.of_message(&item.message.id).iter();
    let labelled = notes.map(|note| {
        let kind = if note.text.is_empty() { "Bookmark" } else { "Note" };
        let span =
            note.place.span_id.as_ref().map(|id| item.message.spans.iter().find(|span| span.id == *id));
        let label = match span {
            None => kind.to_owned(),
            Some(span) => {
                let name = span.map_or("a span", |span| span.name.as_str());
                format!("{kind} on {}", Safe::line(name))
            }
        };
        (label, Safe::line(&note.text).into_string())
    });
    labelled.collect()
}

/// Returns the metadata of a message.
pub(super) fn message_fields(item: &ExportedMessage<'_>) -> Vec<MetadataField> {
    let message = item.message;
    let mut fields = Vec::new();
    match message.created_at {
        Some(time) => fields.push(("Time", format_time(time))),
        None if !message.created_text.is_empty() => {
            fields.push(("Time", Safe::line(&message.created_text).into_string()));
        }
        None => {}
    }
    let status = status_word(message.status, &message.status_text);
    fields.extend(status.map(|status| ("Status", Safe::line(status).into_string())));
    fields
        .extend(message.duration_ms.map(|ms| ("Duration", number::duration(Some(ms.saturating_mul(1000))))));
    if !message.models.is_empty() {
        fields.push(("Models", Safe::line(&message.models.join(", ")).into_string()));
    }
    let usage = message_usage(message);
    fields.extend(usage.total().map(|total| ("Tokens", number::count(total))));
    fields.extend(usage.cost_usd.map(|cost| ("Cost", number::money(cost))));
    if !message.id.is_empty() {
        fields.push(("Id", Safe::line(&message.id).into_string()));
    }
    fields
}
