//! Comparisons: of two messages, with the comparison base; and of two versions of the thread, in `app/changes`.

use std::sync::Arc;

use crate::app::App;
use crate::app::panes::Shown;
use crate::domain::{MessageSummary, Raw};
use crate::text::{number, time};
use crate::view::changes::Changes;
use crate::view::compare::{ComparedMessage, MessagePair};
use crate::view::page::PageContent;

/// The state of comparisons.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The message that others are compared with.
    base: Option<ComparedMessage>,
    /// The changes of the last reload.
    pub(super) changes: Option<Arc<Changes>>,
}

impl Comparison {
    /// Returns whether this is the comparison base.
    pub fn is_base(&self, summary: &MessageSummary) -> bool {
        self.base.as_ref().is_some_and(|base| base.is_same_message(summary))
    }
}

impl App {
    /// Makes the selected message the comparison base, or clears the base if it is.
    pub(in crate::app) fn toggle_comparison_base(&mut self) {
        let Some(selected) = self.shown().compared_message_at(self.list.selected) else { return };
        let is_base = self.shown().selected_summary().is_some_and(|summary| self.comparison.is_base(summary));
        self.comparison.base = (!is_base).then_some(selected);
        self.notify(if is_base { "Comparison base cleared" } else { "Comparison base set; = compares" });
    }

    /// Compares the selected message with the base; without a base, with the last earlier message that has the same
    /// question, else with the last one of the same role. A question is compared together with all its replies.
    pub(in crate::app) fn show_comparison(&mut self) {
        let position = self.list.selected;
        let Some(right) = self.shown().compared_message_at(position) else { return };
        let is_base = self.shown().selected_summary().is_some_and(|summary| self.comparison.is_base(summary));
        let base = self.comparison.base.clone().filter(|_| !is_base);
        let counterpart = || self.shown().compared_message_at(self.shown().counterpart_of(position)?);
        let Some(left) = base.or_else(counterpart) else {
            return self.notify("No message to compare with; m sets the base");
        };
        let pair = MessagePair::in_order(left, right);
        let title = pair.labels().join("  vs.  ");
        self.show_page(title, PageContent::Compare(Box::new(pair)));
    }
}

/// The maximum number of replies to one question that are compared.
const MAX_COMPARED_REPLIES: usize = 1000;

/// The maximum number of rows above the selected one that are searched for the same question.
const MAX_SEARCHED_ROWS: usize = 10_000;

impl<'a> Shown<'a> {
    /// Returns the row to compare a row with.
    fn counterpart_of(self, position: usize) -> Option<usize> {
        let selected = self.summary_at(position)?;
        let text = |summary: &'a MessageSummary| summary.raw.bytes_in(summary.preview);
        let rows = (0..position).rev().take(MAX_SEARCHED_ROWS);
        let mut same_role =
            rows.filter(|row| self.summary_at(*row).is_some_and(|summary| summary.role == selected.role));
        let has_same_text = |row: &usize| {
            let other = self.summary_at(*row).map(text).unwrap_or_default();
            !other.is_empty() && other == text(selected)
        };
        let nearest = same_role.clone().next();
        same_role.find(has_same_text).or(nearest).or(position.checked_sub(1))
    }

    /// Returns the replies to the question with this thread index.
    fn replies_below(self, index: usize) -> Vec<Raw> {
        let replies = self.replies_of(index).filter(|(question, _)| *question as usize == index);
        let Some((thread, (_, replies))) = self.thread.zip(replies) else { return Vec::new() };
        let summaries = replies.take(MAX_COMPARED_REPLIES).filter_map(|reply| thread.summaries.get(reply));
        summaries.map(|summary| summary.raw.clone()).collect()
    }

    fn compared_message_at(self, position: usize) -> Option<ComparedMessage> {
        let summary = self.summary_at(position)?;
        let index = self.thread_index_at(position)?;
        let time = summary.time.map(|time| time::time_of_day(time, &self.prefs.time_format));
        let replies = self.replies_below(index);
        let label = format!("message {} {}", index + 1, time.unwrap_or_default());
        let label = match replies.len() {
            0 => label.trim_end().to_owned(),
            count => format!("{} and {} below", label.trim_end(), number::pluralize(count, "message")),
        };
        Some(ComparedMessage {
            service: self.thread?.service?,
            raw: summary.raw.clone(),
            id: summary.raw.bytes_in(summary.id).to_vec(),
            replies,
            label,
            thread: self.thread?.title(),
            time: summary.time,
        })
    }
}
