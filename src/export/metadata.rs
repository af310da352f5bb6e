//! What is known of a thread and of a message besides what was said: labels and values for people, through the gate.

use jiff::tz::TimeZone;

use super::{ExportedMessage, ExportedThread, status_word};
use crate::domain::Timestamp;
use crate::text::{Safe, number, time};

/// A label and a value of one line.
pub(super) type MetadataField = (&'static str, String);

/// A moment in UTC, to the second.
pub(super) fn format_time(stamp: Timestamp) -> String {
    format!("{} {} UTC", time::date(stamp, &TimeZone::UTC), time::time_of_day(stamp, &TimeZone::UTC))
}

/// The title, or what stands for one.
pub(super) fn title(document: &ExportedThread<'_>) -> String {
    let title = document.thread.title.as_deref().filter(|title| !title.trim().is_empty());
    Safe::line(title.unwrap_or("(no title)")).into_string()
}

/// Of the thread.
pub(super) fn thread_fields(document: &ExportedThread<'_>) -> Vec<MetadataField> {
    let thread = document.thread;
    let mut facts = vec![("Service", document.provider.display_name().to_owned())];
    facts.extend(thread.id.as_ref().map(|id| ("Thread", Safe::line(id).into_string())));
    facts.push(("Messages", number::count(i64::try_from(document.summaries.len()).unwrap_or(i64::MAX))));
    facts.extend(thread.created_at.map(|at| ("Created", format_time(at))));
    facts.extend(thread.updated_at.map(|at| ("Updated", format_time(at))));
    facts.extend(thread.archived_at.map(|at| ("Archived", format_time(at))));
    facts
}

/// Of a message.
pub(super) fn message_fields(item: &ExportedMessage<'_>) -> Vec<MetadataField> {
    let message = item.message;
    let mut facts = Vec::new();
    match message.created_at {
        Some(at) => facts.push(("Time", format_time(at))),
        None if !message.created_text.is_empty() => {
            facts.push(("Time", Safe::line(&message.created_text).into_string()));
        }
        None => {}
    }
    let status = status_word(message.status, &message.status_text);
    facts.extend(status.map(|status| ("Status", Safe::line(status).into_string())));
    facts.extend(message.duration_ms.map(|ms| ("Duration", number::duration(Some(ms.saturating_mul(1000))))));
    if !message.models.is_empty() {
        facts.push(("Models", Safe::line(&message.models.join(", ")).into_string()));
    }
    let usage = message.usage.as_ref();
    facts.extend(usage.and_then(|usage| usage.total()).map(|total| ("Tokens", number::count(total))));
    facts.extend(usage.and_then(|usage| usage.cost_usd).map(|cost| ("Cost", number::money(cost))));
    if !message.id.is_empty() {
        facts.push(("Id", Safe::line(&message.id).into_string()));
    }
    facts
}
