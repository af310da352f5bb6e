//! The changes between two fetches of a thread: added, changed and removed messages. Messages are matched by id and
//! compared as bytes, which is cheap; the text difference is computed only when the page is shown.

use std::collections::HashMap;

use crate::domain::{Message, MessageSummaries, MessageSummary, Raw};
use crate::json;
use crate::provider;
use crate::text::{Line, Safe, StyledRun, diff, number, width};
use crate::theme::Role;
use crate::view::compare::trim_to_context;
use crate::view::document::{Body, Document, Fold, Section};

/// The maximum number of bytes that are compared; beyond them, messages of equal length are treated as equal.
const MAX_COMPARED_BYTES: usize = 64 << 20;

/// The maximum number of changes of each kind that are stored for the page.
const MAX_LISTED_CHANGES: usize = 200;

/// The maximum number of bytes of changed messages that one page compares in total.
const MAX_PAGE_BYTES: usize = 2 << 20;

/// The largest message that is stored for the page, in bytes.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// The change of one message.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The index of the message in the new copy, or in the old one if it was removed.
    pub index: usize,
    /// The old message; `None` if it was added or is too large.
    pub old: Option<Raw>,
    /// The new message; `None` if it was removed.
    pub new: Option<Raw>,
}

/// The differences between two copies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    pub service: &'static str,
    pub added: Vec<Change>,
    pub changed: Vec<Change>,
    pub removed: Vec<Change>,
    /// The numbers of added, changed and removed messages, stored or not.
    pub counts: [usize; 3],
}

/// Returns the identity of each message: its id, or its bytes if it has none, and its number among messages of the same id.
fn message_identities(summaries: &MessageSummaries) -> Vec<(&[u8], usize)> {
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    let mut identities = Vec::with_capacity(summaries.len());
    for summary in summaries.iter() {
        let id = summary.raw.bytes_in(summary.id);
        let name = if id.is_empty() { summary.raw.bytes() } else { id };
        let count = counts.entry(name).or_insert(0);
        identities.push((name, *count));
        *count += 1;
    }
    identities
}

fn copy_if_small(summary: &MessageSummary) -> Option<Raw> {
    // The message is copied, so that the old body can be freed.
    (summary.raw.len() <= MAX_MESSAGE_BYTES).then(|| Raw::owned(summary.raw.bytes().to_vec()))
}

/// Compares two copies of a thread.
pub fn compare_copies(service: &'static str, old: &MessageSummaries, new: &MessageSummaries) -> Changes {
    let mut changes = Changes { service, ..Changes::default() };
    let mut old_indexes: HashMap<(&[u8], usize), usize> =
        message_identities(old).into_iter().enumerate().map(|(index, identity)| (identity, index)).collect();
    let mut budget = MAX_COMPARED_BYTES;
    let [added, changed, removed] = &mut changes.counts;
    for ((index, summary), identity) in new.iter().enumerate().zip(message_identities(new)) {
        let before = old_indexes.remove(&identity).and_then(|index| old.get(index));
        match before {
            None => {
                *added += 1;
                if changes.added.len() < MAX_LISTED_CHANGES {
                    changes.added.push(Change { index, old: None, new: Some(summary.raw.clone()) });
                }
            }
            Some(before) if is_same(&before.raw, &summary.raw, &mut budget) => {}
            Some(before) => {
                *changed += 1;
                if changes.changed.len() < MAX_LISTED_CHANGES {
                    changes.changed.push(Change {
                        index,
                        old: copy_if_small(before),
                        new: Some(summary.raw.clone()),
                    });
                }
            }
        }
    }
    let mut missing: Vec<usize> = old_indexes.into_values().collect();
    missing.sort_unstable();
    *removed = missing.len();
    let missing =
        missing.into_iter().take(MAX_LISTED_CHANGES).filter_map(|index| Some((index, old.get(index)?)));
    changes.removed =
        missing.map(|(index, summary)| Change { index, old: copy_if_small(summary), new: None }).collect();
    changes
}

fn is_same(old: &Raw, new: &Raw, budget: &mut usize) -> bool {
    if old.len() != new.len() || *budget < old.len() {
        return old.len() == new.len();
    }
    *budget -= old.len();
    old == new
}

impl Changes {
    /// Returns whether there are no differences.
    pub fn is_empty(&self) -> bool {
        self.counts == [0; 3]
    }

    /// Returns the differences in a few words.
    pub fn describe(&self) -> String {
        let [added, changed, removed] = self.counts;
        let mut parts = Vec::new();
        if added > 0 {
            parts.push(format!("+{}", number::pluralize(added, "message")));
        }
        if changed > 0 {
            parts.push(format!("{changed} changed"));
        }
        if removed > 0 {
            parts.push(format!("{removed} removed"));
        }
        parts.join(", ")
    }
}

/// Builds the document of the changes; `None` if stopped.
pub fn document(changes: &Changes, columns: usize, is_stopped: &dyn Fn() -> bool) -> Option<Document> {
    let mut budget = MAX_PAGE_BYTES;
    let mut sections = Vec::new();
    let provider = provider::by_id(changes.service);
    let parse = |raw: &Option<Raw>| -> Message {
        let raw = raw.as_ref().filter(|raw| raw.len() <= MAX_MESSAGE_BYTES);
        provider.zip(raw).map(|(provider, raw)| provider.read_message(raw.bytes())).unwrap_or_default()
    };
    for change in changes.changed.iter().take_while(|_| !is_stopped()) {
        let (old, new) = (parse(&change.old), parse(&change.new));
        let title = change_title("≠", change.index, &new, Role::Warn, columns);
        let lines = diff_lines(change, &message_text(&old), &message_text(&new), columns, &mut budget);
        sections.push(Section::foldable(title, Body::Lines(lines), Role::Warn, Fold::Open));
    }
    for (list, sign, style) in [(&changes.added, "+", Role::Added), (&changes.removed, "−", Role::Removed)]
    {
        for change in list.iter().take_while(|_| !is_stopped()) {
            let message = parse(if change.new.is_some() { &change.new } else { &change.old });
            let title = change_title(sign, change.index, &message, style, columns);
            let lines = crate::text::wrap_styled(&message_text(&message), columns, Role::Text);
            sections.push(Section::foldable(title, Body::Lines(lines), style, Fold::Closed));
        }
    }
    let listed = changes.added.len() + changes.changed.len() + changes.removed.len();
    let more = changes.counts.iter().sum::<usize>().saturating_sub(listed);
    if more > 0 {
        let note = format!("… {}", number::pluralize(more, "more change"));
        sections.push(Section::text(Body::Lines(vec![Line::styled(&note, Role::Dim)]), Role::Dim));
    }
    (!is_stopped()).then(|| Document::new(sections))
}

fn message_text(message: &Message) -> String {
    message.sides.iter().map(|side| side.text()).collect::<Vec<_>>().join("\n\n")
}

fn change_title(sign: &str, index: usize, message: &Message, style: Role, columns: usize) -> Line {
    let text = message_text(message);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let start = format!("{sign} message {}  ", index + 1);
    let safe = Safe::line(first);
    let (cut, _) = width::ellipsize(safe.as_str(), columns.saturating_sub(start.len()));
    Line::new(vec![StyledRun::new(&start, style), StyledRun::new(&cut, Role::Strong)])
}

/// Returns the difference of the texts, or of the JSON if the texts are equal.
fn diff_lines(change: &Change, old: &str, new: &str, columns: usize, budget: &mut usize) -> Vec<Line> {
    let too_large = || vec![Line::styled("Too large to compare.", Role::Dim)];
    let (Some(before), Some(after)) =
        (&change.old, change.new.as_ref().filter(|raw| raw.len() <= MAX_MESSAGE_BYTES))
    else {
        return too_large();
    };
    let Some(left) = budget.checked_sub(before.len().max(after.len())) else { return too_large() };
    *budget = left;
    if old != new {
        return trim_to_context(diff::compare(old, new, columns).lines);
    }
    let [before, after] = [before, after].map(|raw| json::pretty(raw.bytes(), MAX_MESSAGE_BYTES * 2));
    let mut lines = vec![Line::styled("Same text, different JSON:", Role::Dim)];
    lines.extend(trim_to_context(diff::compare(&before, &after, columns).lines));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ByteRange;

    fn message_summary(id: &str, body: &str) -> MessageSummary {
        let raw = Raw::owned(format!("{id}{body}").into_bytes());
        let id = ByteRange { start: 0, len: id.len() as u32 };
        MessageSummary { id, ..MessageSummary::blank(raw, 0) }
    }

    fn counts(old: &[(&str, &str)], new: &[(&str, &str)]) -> [usize; 3] {
        let summaries = |list: &[(&str, &str)]| {
            list.iter().map(|(id, body)| message_summary(id, body)).collect::<MessageSummaries>()
        };
        compare_copies("sgp", &summaries(old), &summaries(new)).counts
    }

    #[test]
    fn messages_are_matched_by_id_in_any_order() {
        let old = [("1", "a"), ("2", "b"), ("3", "c")];
        assert_eq!(counts(&old, &old), [0, 0, 0]);
        assert_eq!(counts(&old, &[("3", "c"), ("1", "x"), ("4", "d"), ("5", "e")]), [2, 1, 1]);
        assert_eq!(counts(&[], &old), [3, 0, 0]);
        assert_eq!(counts(&old, &[]), [0, 0, 3]);
    }

    #[test]
    fn duplicate_and_missing_ids_are_distinguished() {
        assert_eq!(counts(&[("1", "a"), ("1", "b")], &[("1", "a"), ("1", "c")]), [0, 1, 0]);
        assert_eq!(
            counts(&[("", "broken"), ("1", "a")], &[("1", "a"), ("", "broken"), ("", "new")]),
            [1, 0, 0]
        );
    }

    #[test]
    fn page_shows_text_or_json_changes_and_counts_unlisted_ones() {
        let message = |text: &str, extra: i32| {
            format!(
                r#"{{"id":1,"created_at":"x","source":"UI","role":"user","content":"{text}","metadata":{{"n":{extra}}}}}"#
            )
        };
        let change = |old: String, new: String| Change {
            index: 6,
            old: Some(Raw::owned(old.into_bytes())),
            new: Some(Raw::owned(new.into_bytes())),
        };
        let changes = Changes {
            service: "camelai",
            changed: vec![
                change(message("the red lamp", 1), message("the blue lamp", 1)),
                change(message("same", 1), message("same", 2)),
                Change { index: 0, old: None, new: None },
            ],
            counts: [0, 5, 0],
            ..Changes::default()
        };
        let document = document(&changes, 60, &|| false).unwrap();
        assert!(super::document(&changes, 60, &|| true).is_none());
        let rows: Vec<String> = document.window(0..99).iter().map(|row| row.line.plain_text()).collect();
        assert_eq!(rows[0..2], ["≠ message 7  the blue lamp", "the redblue lamp"]);
        assert_eq!(rows[3], "Same text, different JSON:");
        assert!(rows.iter().any(|row| row.contains("\"n\": 12")), "{rows:?}");
        assert_eq!(rows[rows.len() - 2..], ["Too large to compare.", "… 2 more changes"]);
        assert_eq!(changes.describe(), "5 changed");
    }
}
