//! Comparing two messages: the comparison base, and the page that shows the pair.

use crate::app::App;
use crate::text::time;
use crate::view::compare::{ComparedMessage, MessagePair};
use crate::view::page::PageContent;

impl App {
    /// Marks the selected message, or takes its mark away.
    pub(in crate::app) fn toggle_comparison_base(&mut self) {
        let Some(selected) = self.compared_message_at(self.list.selected) else { return };
        let again = self
            .selected_summary()
            .zip(self.comparison_base.as_ref())
            .is_some_and(|(head, mark)| mark.is_same_message(head));
        self.comparison_base = (!again).then_some(selected);
        let text = if again { "the mark is gone" } else { "marked: = compares it with another message" };
        self.notify(text);
    }

    /// Shows the marked message, or the one before, against the selected one.
    pub(in crate::app) fn show_comparison(&mut self) {
        let at = self.list.selected;
        let Some(right) = self.compared_message_at(at) else { return };
        let other = self
            .comparison_base
            .clone()
            .filter(|mark| !self.selected_summary().is_some_and(|head| mark.is_same_message(head)));
        let left = other.or_else(|| self.compared_message_at(at.checked_sub(1)?));
        let Some(left) = left else {
            return self.notify("nothing to compare with: m marks a message");
        };
        let title = format!("{}  against  {}", left.label, right.label);
        self.show_page(title, PageContent::Compare(Box::new(MessagePair { left, right })));
    }

    fn compared_message_at(&self, position: usize) -> Option<ComparedMessage> {
        let head = self.summary_at(position)?;
        let place = self.thread_index_at(position)?;
        let clock = head.time.map(|at| time::time_of_day(at, &self.prefs.time_format)).unwrap_or_default();
        Some(ComparedMessage {
            service: self.shown_thread()?.service?,
            raw: head.raw.clone(),
            id: head.raw.bytes_in(head.id).to_vec(),
            label: format!("message {} {clock}", place + 1).trim_end().to_owned(),
        })
    }
}
