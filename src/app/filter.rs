//! The filter of the message list: a task finds the messages that match the expression; the selection stays.

use std::sync::Arc;

use crate::app::detail::Tab;
use crate::app::messages::{Chip, ChipKind};
use crate::app::panes::{Panes, Shown};
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::FilterId;
use crate::effect::Effect;
use crate::filter::Filter;
use crate::layout::Pane;
use crate::text::Safe;

/// The active filter of the list.
#[derive(Clone, Debug)]
pub struct ActiveFilter {
    id: FilterId,
    filter: Filter,
    /// Whether the result is there.
    is_done: bool,
}

impl App {
    /// Opens the filter prompt with the current expression.
    pub(super) fn open_filter_prompt(&mut self) {
        if self.detail.tab == Tab::Feedback && self.screen.focus == Pane::Detail {
            self.prompt = Some(Prompt::new(Purpose::Feedback, &self.detail.feedback.filter.phrase));
            return;
        }
        if self.loading.shown_thread().is_some() {
            let expression = self.list.filter.as_ref().map_or("", |active| active.filter.expression());
            self.prompt = Some(Prompt::new(Purpose::Filter, expression));
        }
    }

    /// Applies an expression; an empty one clears the filter.
    pub(super) fn apply_filter(&mut self, typed: &str) -> Effects {
        let filter = match Filter::new(typed) {
            Ok(filter) => filter,
            Err(error) => {
                self.warn(error.to_string());
                self.prompt = Some(Prompt::new(Purpose::Filter, typed));
                return Vec::new();
            }
        };
        if filter.is_empty() {
            self.panes().clear_filter();
            return Vec::new();
        }
        let Some(thread) = self.loading.shown_thread() else { return Vec::new() };
        let (Some(service), summaries) = (thread.service, thread.summaries.clone()) else {
            return Vec::new();
        };
        let id = self.ids.next_filter();
        self.list.filter = Some(ActiveFilter { id, filter: filter.clone(), is_done: false });
        vec![Effect::Filter { id, summaries, filter, service }]
    }

    /// Applies the filter again after the thread has grown or been replaced.
    pub(super) fn reapply_filter(&mut self) -> Effects {
        let expression = self.list.filter.as_ref().map(|active| active.filter.expression().to_owned());
        expression.map(|expression| self.apply_filter(&expression)).unwrap_or_default()
    }
}

impl Panes<'_> {
    /// Shows all messages; the selected one stays selected.
    pub(super) fn clear_filter(&mut self) {
        let index = self.shown().thread_index_at(self.list.selected);
        self.list.filter = None;
        self.list.matching = None;
        self.update_visible();
        self.select_thread_index(index.unwrap_or(0));
    }

    /// Shows the matching messages; the result of an older filter is dropped.
    pub(super) fn on_filter_results(&mut self, id: FilterId, visible: Arc<Vec<u32>>) {
        let selected = self.shown().selected_thread_index().unwrap_or(0);
        let Some(active) = self.list.filter.as_mut().filter(|active| active.id == id) else { return };
        active.is_done = true;
        let position = visible.partition_point(|index| *index < selected);
        if visible.is_empty() {
            self.warn("No message matches the filter; f edits it, esc clears it");
        }
        self.list.matching = Some(visible);
        self.update_visible();
        self.select(position);
    }
}

impl<'a> Shown<'a> {
    /// The expression and the counts for the title of the list: `feedback:negative` and `2 of 12`.
    pub(super) fn filter_chip(self) -> Option<Chip> {
        let active = self.list.filter.as_ref()?;
        let total = self.thread?.summaries.len();
        let counts =
            if active.is_done { format!("{} of {total}", self.list_len()) } else { "…".to_owned() };
        let text = Safe::line(active.filter.expression()).into_string();
        Some(Chip { kind: ChipKind::Filter, label: "filter ", text, counts })
    }
}
