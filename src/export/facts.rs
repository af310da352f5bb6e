//! What is known of a thread and of a message besides what was said: labels and values for people, through the gate.

use jiff::tz::TimeZone;

use super::{Document, Item, status_word};
use crate::domain::Stamp;
use crate::text::{Safe, number, time};

/// A label and a value of one line.
pub(super) type Fact = (&'static str, String);

/// A moment in UTC, to the second.
pub(super) fn moment(stamp: Stamp) -> String {
    format!("{} {} UTC", time::date(stamp, &TimeZone::UTC), time::clock(stamp, &TimeZone::UTC))
}

/// The title, or what stands for one.
pub(super) fn title(document: &Document<'_>) -> String {
    let title = document.thread.title.as_deref().filter(|title| !title.trim().is_empty());
    Safe::line(title.unwrap_or("(no title)")).into_string()
}

/// Of the thread.
pub(super) fn thread(document: &Document<'_>) -> Vec<Fact> {
    let thread = document.thread;
    let mut facts = vec![("Service", document.provider.name().to_owned())];
    facts.extend(thread.id.as_ref().map(|id| ("Thread", Safe::line(id).into_string())));
    facts.push(("Messages", number::count(i64::try_from(document.heads.len()).unwrap_or(i64::MAX))));
    facts.extend(thread.created_at.map(|at| ("Created", moment(at))));
    facts.extend(thread.updated_at.map(|at| ("Updated", moment(at))));
    facts.extend(thread.archived_at.map(|at| ("Archived", moment(at))));
    facts
}

/// Of a message.
pub(super) fn message(item: &Item<'_>) -> Vec<Fact> {
    let message = item.message;
    let mut facts = Vec::new();
    match message.created_at {
        Some(at) => facts.push(("Time", moment(at))),
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
