//! The filter of the message list: a task finds the messages that match the expression; the selection stays.

use std::sync::Arc;

use crate::app::detail::Tab;
use crate::app::messages::{Chip, ChipKind};
use crate::app::panes::{Panes, Shown};
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::FilterId;
use crate::effect::Effect;
use crate::filter::{self, Filter};
use crate::layout::Pane;
use crate::text::Safe;

/// The active filter of the list.
#[derive(Clone, Debug)]
pub struct ActiveFilter {
    id: FilterId,
    filter: Filter,
    /// Whether the result has arrived.
    is_done: bool,
}

impl ActiveFilter {
    /// Returns the id of the filter, once its result has arrived.
    pub(super) fn applied(&self) -> Option<FilterId> {
        self.is_done.then_some(self.id)
    }

    /// Returns whether the filter depends on the notes of the thread.
    pub(super) fn uses_notes(&self) -> bool {
        self.filter.uses_notes()
    }

    /// Returns the expression as it was typed.
    pub fn expression(&self) -> &str {
        self.filter.expression()
    }
}

/// Returns whether the last word of an expression is still being typed and may become a term.
pub(super) fn is_unfinished(typed: &str, completions: &[String]) -> bool {
    typed.ends_with(|c: char| !c.is_whitespace() && c != '(' && c != '!') && !completions.is_empty()
}

/// The state that Esc restores while a filter is typed.
#[derive(Clone, Debug)]
pub struct FilterDraft {
    filter: Option<ActiveFilter>,
    /// The thread indices of the matching messages.
    matching: Option<Arc<Vec<u32>>>,
    /// The version of the thread that `matching` belongs to.
    generation: u64,
    /// The thread index of the selected message.
    selected: u32,
    /// The reason why the typed text is not a valid filter.
    problem: Option<String>,
}

impl App {
    /// Opens the filter prompt with the current expression.
    pub(super) fn open_filter_prompt(&mut self) {
        if self.detail.tab == Tab::Feedback && self.screen.focus == Pane::Detail {
            self.prompt = Some(Prompt::new(Purpose::Feedback, &self.detail.feedback.filter.phrase));
        } else {
            self.open_list_filter_prompt();
        }
    }

    /// Opens the prompt for the filter of the list.
    pub(super) fn open_list_filter_prompt(&mut self) {
        if let Some(thread) = self.loading.shown_thread() {
            let expression = self.list.filter.as_ref().map_or("", |active| active.expression());
            self.prompt = Some(Prompt::new(Purpose::Filter, expression));
            self.list.draft = Some(FilterDraft {
                filter: self.list.filter.clone(),
                matching: self.list.matching.clone(),
                generation: thread.generation,
                selected: self.shown().selected_thread_index().unwrap_or(0),
                problem: None,
            });
        }
    }

    /// Applies an expression; an empty one clears the filter. An invalid filter stays in the prompt.
    pub(super) fn accept_filter(&mut self, typed: &str) -> Effects {
        self.panes().apply_filter(typed).unwrap_or_else(|problem| {
            self.warn(problem);
            self.prompt = Some(Prompt::new(Purpose::Filter, typed));
            Vec::new()
        })
    }

    /// Returns the reason why the text in the filter prompt is not a valid filter.
    pub fn filter_problem(&self) -> Option<&str> {
        match self.prompt.as_ref()?.purpose {
            Purpose::Filter => self.list.draft.as_ref()?.problem.as_deref(),
            Purpose::ThreadFilter => self.browse.filter_problem(),
            Purpose::Search
            | Purpose::Narrow
            | Purpose::Feedback
            | Purpose::Note(_)
            | Purpose::Pipe(_)
            | Purpose::Command => None,
        }
    }
}

impl Panes<'_> {
    /// Filters by the text typed so far. An incomplete term or an invalid filter keeps the last filter.
    pub(super) fn preview_filter(&mut self, typed: &str) -> Effects {
        let text = typed.trim();
        let current = self.list.filter.as_ref().map(|active| active.expression());
        let is_current = current == Some(text);
        let is_unfinished = is_unfinished(typed, &filter::completions(text));
        let parsed = Filter::new(text);
        if let Some(draft) = self.list.draft.as_mut() {
            draft.problem = parsed.as_ref().err().filter(|_| !is_unfinished).map(ToString::to_string);
        }
        match parsed {
            Ok(filter) if !is_unfinished && !is_current => self.start_filter(filter),
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    /// Returns to the filter and the message from before the prompt.
    pub(super) fn cancel_filter(&mut self) -> Effects {
        let Some(draft) = self.list.draft.take() else { return Vec::new() };
        let is_same_thread = self.thread.is_some_and(|thread| thread.generation == draft.generation);
        self.list.filter = draft.filter;
        self.list.matching = draft.matching.filter(|_| is_same_thread);
        self.update_visible();
        self.select_thread_index(draft.selected as usize);
        let is_done = self.list.filter.as_ref().is_none_or(|active| active.is_done);
        if is_same_thread && is_done { Vec::new() } else { self.reapply_filter() }
    }

    /// Applies an expression; an empty one clears the filter.
    ///
    /// # Errors
    /// The reason why the filter is invalid.
    pub(super) fn apply_filter(&mut self, typed: &str) -> Result<Effects, String> {
        let filter = Filter::new(typed).map_err(|error| error.to_string())?;
        self.list.draft = None;
        Ok(self.start_filter(filter))
    }

    /// Filters the list; an empty filter shows all messages.
    fn start_filter(&mut self, filter: Filter) -> Effects {
        if filter.is_empty() {
            self.clear_filter();
            return Vec::new();
        }
        let Some((thread, service)) = self.thread.and_then(|thread| Some((thread, thread.service?))) else {
            return Vec::new();
        };
        let filter = filter.with_notes(Arc::clone(self.notes));
        let id = self.ids.next_filter();
        self.list.filter = Some(ActiveFilter { id, filter: filter.clone(), is_done: false });
        vec![Effect::Filter { id, summaries: thread.summaries.clone(), filter, service }]
    }

    /// Applies the filter again after the thread has grown or been replaced.
    pub(super) fn reapply_filter(&mut self) -> Effects {
        let filter = self.list.filter.as_ref().map(|active| active.filter.clone());
        filter.map(|filter| self.start_filter(filter)).unwrap_or_default()
    }

    /// Shows all messages; the selected one stays selected.
    pub(super) fn clear_filter(&mut self) {
        let index = self.shown().thread_index_at(self.list.selected);
        self.list.filter = None;
        self.list.matching = None;
        self.update_visible();
        self.select_thread_index(index.unwrap_or(0));
    }

    /// Shows the matching messages; drops the result of an older filter.
    pub(super) fn on_filter_results(&mut self, id: FilterId, matching: Arc<Vec<u32>>) {
        // While a filter is typed, the message that was selected before stays selected, if possible.
        let selected = self.list.draft.as_ref().map(|draft| draft.selected);
        let is_typing = selected.is_some();
        let selected = selected.or_else(|| self.shown().selected_thread_index()).unwrap_or(0);
        let Some(active) = self.list.filter.as_mut().filter(|active| active.id == id) else { return };
        active.is_done = true;
        let position = matching.partition_point(|index| *index < selected);
        if matching.is_empty() && !is_typing {
            self.warn("No message matches the filter; f edits it, esc clears it");
        }
        self.list.matching = Some(matching);
        self.update_visible();
        self.select(position);
    }
}

impl<'a> Shown<'a> {
    /// Returns the expression and the counts for the title of the list: `feedback:negative` and `2 of 12`.
    pub(super) fn filter_chip(self) -> Option<Chip> {
        let active = self.list.filter.as_ref()?;
        let total = self.thread?.summaries.len();
        let counts =
            if active.is_done { format!("{} of {total}", self.list_len()) } else { "…".to_owned() };
        let text = Safe::line(active.expression()).into_string();
        Some(Chip { kind: ChipKind::Filter, label: "filter ", text, counts })
    }
}
