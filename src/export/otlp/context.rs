//! The context that all traces of a thread share: the attributes of their roots, and times for messages without one.

use super::attributes::Attributes;
use crate::domain::{MessageSummaries, MessageSummary, Timestamp};
use crate::export::service_fields::{render, write_members, write_message_fields};
use crate::export::{ExportedMessage, ExportedThread};
use crate::json::Value;

/// The maximum number of characters in the name of a trace.
const MAX_NAME_CHARS: usize = 80;

/// The thread of a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct ThreadContext {
    /// The prefix of the names of all ids: the salt and the service.
    pub id_prefix: String,
    pub id: String,
    title: String,
    user: String,
    account: String,
    project: String,
    /// The service's fields of the thread, and its details, as JSON.
    fields: [String; 2],
    /// The time of each message, by its position. A message without a time has that of its nearest neighbour with one,
    /// preferably an earlier one.
    times: Vec<Option<Timestamp>>,
}

impl ThreadContext {
    pub(super) fn new(document: &ExportedThread<'_>, salt: &str) -> Self {
        let thread = document.thread;
        let (envelope, details) =
            (Value::of(&thread.envelope), Value::of(thread.details.as_deref().unwrap_or_default()));
        let places = [envelope.get("thread").unwrap_or(envelope), envelope, details];
        let find = |keys: [&str; 3]| {
            let values = places.iter().flat_map(|place| place.get_many(keys)).flatten();
            values.map(|value| value.text().into_owned()).find(|text| !text.is_empty() && text != "null")
        };
        Self {
            id_prefix: format!("{salt}{}", document.provider.id()),
            id: thread.id.clone().unwrap_or_default(),
            title: thread.title.clone().unwrap_or_default(),
            user: find(["created_by_user_id", "user_id", "uid"]).unwrap_or_default(),
            account: find(["account_id", "organization_id", "org_id"]).unwrap_or_default(),
            project: find(["project_id", "project", "application_spec_id"]).unwrap_or_default(),
            fields: [
                render(|json| json.object(|json| write_members(json, envelope, &["messages"]))),
                render(|json| json.embed(details.raw())),
            ],
            times: known_times(document.summaries),
        }
    }

    /// Returns the name of a trace: the first line of the question, else the title, else a word for the message.
    pub(super) fn trace_name(&self, question: &str, word: &str) -> String {
        let line = |text: &str| text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
        let name = line(question).or_else(|| line(&self.title)).unwrap_or_else(|| word.to_owned());
        if name.chars().count() <= MAX_NAME_CHARS {
            return name;
        }
        name.chars().take(MAX_NAME_CHARS - 1).chain(['…']).collect()
    }

    /// Adds the attributes of the root of a trace. `raw` is the JSON of its first message.
    pub(super) fn add_root_attributes(&self, attributes: &mut Attributes, raw: &[u8]) {
        attributes.text("session.id", &self.id);
        attributes.text("gen_ai.conversation.id", &self.id);
        let metadata = Value::of(raw).get("metadata");
        let user = metadata.into_iter().flat_map(|metadata| metadata.get_many(["uid", "user_id"])).flatten();
        let user = user.map(|user| user.text().into_owned()).next();
        attributes
            .text("user.id", user.filter(|_| self.user.is_empty()).unwrap_or_else(|| self.user.clone()));
        attributes.text("unspool.thread.title", &self.title);
        attributes.text("unspool.account.id", &self.account);
        attributes.text("unspool.project.id", &self.project);
        let [thread, details] = &self.fields;
        let metadata = render(|json| {
            json.object(|json| {
                json.key("thread")?;
                json.embed(thread.as_bytes())?;
                if details != "null" {
                    json.key("details")?;
                    json.embed(details.as_bytes())?;
                }
                json.key("message")?;
                write_message_fields(json, raw)
            })
        });
        attributes.text("metadata", metadata);
    }
}

/// Returns the times of messages. A missing time is that of the previous message; at the start, that of the first message
/// with one.
fn known_times(summaries: &MessageSummaries) -> Vec<Option<Timestamp>> {
    let mut latest = summaries.iter().find_map(|summary| summary.time);
    let time = |summary: &MessageSummary| {
        latest = summary.time.or(latest);
        latest
    };
    summaries.iter().map(time).collect()
}

/// A time in microseconds since 1970, and its owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MessageTime {
    pub micros: i64,
    /// The owner of a borrowed time; `None` if it is the message's own.
    pub borrowed_from: Option<&'static str>,
}

impl MessageTime {
    /// Returns the time of a message, else that of its nearest neighbour with a time, else that of the thread.
    pub(super) fn of(item: &ExportedMessage<'_>, context: &ThreadContext) -> Self {
        if let Some(time) = item.message.created_at {
            return Self { micros: time.0, borrowed_from: None };
        }
        let neighbour = context.times.get(item.number.saturating_sub(1)).copied().flatten();
        let thread = item.document.thread;
        let of_thread = || thread.created_at.or(thread.updated_at).map(|time| (time, "thread"));
        match neighbour.map(|time| (time, "neighbor")).or_else(of_thread) {
            Some((time, owner)) => Self { micros: time.0, borrowed_from: Some(owner) },
            None => Self { micros: 0, borrowed_from: Some("none") },
        }
    }

    /// Marks a borrowed time.
    pub(super) fn add_mark(self, attributes: &mut Attributes) {
        attributes.text("unspool.time.source", self.borrowed_from.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Raw;

    #[test]
    fn a_message_without_a_time_has_that_of_the_previous_message_or_of_the_first_with_one() {
        let times = [None, Some(Timestamp(5)), None, Some(Timestamp(9)), None];
        let mut summaries = MessageSummaries::default();
        let summary =
            |time| MessageSummary { time, ..MessageSummary::unreadable(Raw::owned(Vec::new()), 0, "") };
        summaries.extend(times.map(summary));
        assert_eq!(known_times(&summaries), [5, 5, 5, 9, 9].map(|micros| Some(Timestamp(micros))));
        assert_eq!(known_times(&MessageSummaries::default()), []);
    }
}
