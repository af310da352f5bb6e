//! Narrows the list while text is typed: to the threads with all words, or to those that match a filter.

use crate::app::browse::{Browse, BrowseContext, BrowseOutcome};
use crate::app::filter::is_unfinished;
use crate::app::prompt::{Prompt, Purpose};
use crate::domain::Timestamp;
use crate::filter::{self, ThreadFilter};
use crate::keymap::{Chord, Key};

impl Browse {
    /// Opens the prompt for words, with the current ones.
    pub(super) fn open_words_prompt(&mut self) -> BrowseOutcome {
        let Some(list) = self.list_mut() else { return BrowseOutcome::Changed };
        list.start_typing();
        BrowseOutcome::OpenPrompt(Purpose::Narrow, list.narrowing.clone())
    }

    /// Opens the prompt for a filter, with the current one.
    pub(super) fn open_filter_prompt(&mut self) -> BrowseOutcome {
        let Some(list) = self.list_mut() else { return BrowseOutcome::Changed };
        list.start_typing();
        let expression = list.filter.as_ref().map_or("", ThreadFilter::expression);
        BrowseOutcome::OpenPrompt(Purpose::ThreadFilter, expression.to_owned())
    }

    /// Narrows the list by the typed text. An incomplete term or an invalid filter keeps the last filter.
    pub(in crate::app) fn preview(&mut self, prompt: &Prompt, now: Timestamp) {
        let Some(list) = self.list_mut() else { return };
        let text = prompt.text().trim();
        if prompt.purpose == Purpose::Narrow {
            return list.narrow(text);
        }
        if prompt.purpose != Purpose::ThreadFilter {
            return;
        }
        let is_unfinished = is_unfinished(prompt.text(), &filter::thread_completions(text));
        let parsed = ThreadFilter::new(text, now);
        if let Some(before) = list.before_typing.as_mut() {
            before.problem = parsed.as_ref().err().filter(|_| !is_unfinished).map(ToString::to_string);
        }
        if let Some(filter) = parsed.ok().filter(|_| !is_unfinished) {
            list.set_filter(Some(filter).filter(|filter| !filter.is_empty()));
        }
    }

    /// Returns the error of the filter in the prompt.
    pub(in crate::app) fn filter_problem(&self) -> Option<&str> {
        self.list()?.before_typing.as_ref()?.problem.as_deref()
    }

    /// Accepts the words.
    pub(in crate::app) fn accept_words(&mut self, typed: &str) {
        if let Some(list) = self.list_mut() {
            list.before_typing = None;
            list.narrow(typed.trim());
        }
    }

    /// Applies a filter, or removes it if the text is empty.
    ///
    /// # Errors
    /// The reason why the filter is invalid.
    pub(super) fn accept_filter(&mut self, typed: &str, now: Timestamp) -> Result<(), String> {
        let Some(list) = self.list_mut() else { return Ok(()) };
        let filter = ThreadFilter::new(typed, now).map_err(|error| error.to_string())?;
        list.before_typing = None;
        list.set_filter(Some(filter).filter(|filter| !filter.is_empty()));
        Ok(())
    }

    /// Restores the previous words and filter; an empty line removes them.
    pub(in crate::app) fn cancel_typing(&mut self, closed: &Prompt) {
        let Some(list) = self.list_mut() else { return };
        if !closed.text().trim().is_empty() {
            list.cancel_typing();
        } else if closed.purpose == Purpose::Narrow {
            list.narrow("");
        } else {
            list.set_filter(None);
        }
        list.before_typing = None;
    }

    /// Moves the selection while words are typed. Returns whether the key moved it.
    pub(in crate::app) fn on_key_while_typing(&mut self, chord: Chord, context: &BrowseContext<'_>) -> bool {
        let page = usize::from(self.areas(context).rows.height).max(1);
        let Some(list) = self.list_mut() else { return false };
        let row = list.cursor.row;
        match (chord.key, chord.ctrl) {
            (Key::Down, _) | (Key::Char('n'), true) => list.select(row + 1),
            (Key::Up, _) | (Key::Char('p'), true) => list.select(row.saturating_sub(1)),
            (Key::PageDown, _) => list.select(row + page),
            (Key::PageUp, _) => list.select(row.saturating_sub(page)),
            _ => return false,
        }
        true
    }
}
