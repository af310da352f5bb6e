//! The list's filter: an expression is typed, a task finds the messages that pass, the selection survives.

use std::sync::Arc;

use crate::app::detail::Tab;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::FilterId;
use crate::effect::Effect;
use crate::filter::Filter;
use crate::layout::Pane;

/// The filter in force.
#[derive(Clone, Debug)]
pub struct ActiveFilter {
    pub id: FilterId,
    pub filter: Filter,
    /// Whether the task has answered.
    pub done: bool,
}

impl App {
    /// Opens the line in which a filter is typed.
    pub(super) fn open_filter_prompt(&mut self) {
        if self.detail.tab == Tab::Feedback && self.focus == Pane::Detail {
            return self.open_feedback_prompt();
        }
        if self.shown_thread().is_some() {
            let typed = self.filter.as_ref().map_or("", |filtering| filtering.filter.expression()).to_owned();
            self.prompt = Some(Prompt::new(Purpose::Filter, &typed));
        }
    }

    /// Filters by an expression; an empty one shows everything again.
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
            self.clear_filter();
            return Vec::new();
        }
        let Some(thread) = self.shown_thread() else { return Vec::new() };
        let (Some(service), heads) = (thread.service, thread.summaries.clone()) else { return Vec::new() };
        self.last_filter_id += 1;
        let id = FilterId(self.last_filter_id);
        self.filter = Some(ActiveFilter { id, filter: filter.clone(), done: false });
        vec![Effect::Filter { id, summaries: heads, filter, service }]
    }

    /// Shows all messages again; the selected one stays selected.
    pub(super) fn clear_filter(&mut self) {
        let place = self.thread_index_at(self.list.selected);
        self.filter = None;
        self.list.visible = None;
        self.select(place.unwrap_or(0));
    }

    /// Filters again: the thread grew or was replaced.
    pub(super) fn reapply_filter(&mut self) -> Effects {
        let typed = self.filter.as_ref().map(|filtering| filtering.filter.expression().to_owned());
        typed.map(|typed| self.apply_filter(&typed)).unwrap_or_default()
    }

    /// Takes in what passes; an answer to an older filter is dropped.
    pub(super) fn on_filter_results(&mut self, id: FilterId, visible: Arc<Vec<u32>>) {
        let Some(filtering) = self.filter.as_mut().filter(|filtering| filtering.id == id) else { return };
        filtering.done = true;
        let place =
            self.thread_index_at(self.list.selected).and_then(|place| u32::try_from(place).ok()).unwrap_or(0);
        let position = visible.partition_point(|other| *other < place);
        if visible.is_empty() {
            self.warn("no message passes the filter; f changes it, Esc shows all");
        }
        self.list.visible = Some(visible);
        self.select(position);
    }

    /// A remark for the list's title: the filter, and how many messages it hides.
    pub(super) fn filter_status(&self) -> Option<String> {
        let filtering = self.filter.as_ref()?;
        let all = self.shown_thread()?.summaries.len();
        let typed: String =
            crate::text::Safe::line(filtering.filter.expression()).as_str().chars().take(24).collect();
        let hidden = all.saturating_sub(self.list_len());
        Some(if filtering.done { format!("{hidden} hidden f {typed} ") } else { format!("… f {typed} ") })
    }
}
