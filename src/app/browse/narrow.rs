//! Narrowing the list while one types: the threads that have all words, or that match a filter, stay.

use crate::app::filter::is_unfinished;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::Timestamp;
use crate::filter::{self, ThreadFilter};
use crate::keymap::{Chord, Key};

impl App {
    /// Opens the prompt for words with those typed last.
    pub(super) fn open_narrow_prompt(&mut self) {
        let Some(list) = self.browse.list_mut() else { return };
        list.start_typing();
        self.prompt = Some(Prompt::new(Purpose::Narrow, &list.narrowing));
    }

    /// Opens the prompt for a filter with the one in use.
    pub(super) fn open_thread_filter_prompt(&mut self) {
        let Some(list) = self.browse.list_mut() else { return };
        list.start_typing();
        let expression = list.filter.as_ref().map_or("", ThreadFilter::expression);
        self.prompt = Some(Prompt::new(Purpose::ThreadFilter, expression));
    }

    /// Narrows the list by the text typed so far. A word that may become a term, or text that is no filter, leaves the
    /// last filter.
    pub(in crate::app) fn preview_narrowing(&mut self, now: Timestamp) {
        let (Some(prompt), Some(list)) = (&self.prompt, self.browse.list_mut()) else { return };
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

    /// Why the text in the prompt is no filter of threads.
    pub(in crate::app) fn thread_filter_problem(&self) -> Option<&str> {
        self.prompt.as_ref().filter(|prompt| prompt.purpose == Purpose::ThreadFilter)?;
        self.browse.list()?.before_typing.as_ref()?.problem.as_deref()
    }

    /// Keeps the words.
    pub(in crate::app) fn accept_narrowing(&mut self, typed: &str) {
        if let Some(list) = self.browse.list_mut() {
            list.before_typing = None;
            list.narrow(typed.trim());
        }
    }

    /// Applies a filter; an empty one is none. Text that is no filter stays in the prompt.
    pub(in crate::app) fn accept_thread_filter(&mut self, typed: &str, now: Timestamp) {
        let Some(list) = self.browse.list_mut() else { return };
        match ThreadFilter::new(typed, now) {
            Ok(filter) => {
                list.before_typing = None;
                list.set_filter(Some(filter).filter(|filter| !filter.is_empty()));
            }
            Err(error) => {
                self.prompt = Some(Prompt::new(Purpose::ThreadFilter, typed));
                self.warn(error.to_string());
            }
        }
    }

    /// Returns to the words and the filter from before; an empty line leaves none.
    pub(in crate::app) fn cancel_narrowing(&mut self, closed: &Prompt) {
        let Some(list) = self.browse.list_mut() else { return };
        if !closed.text().trim().is_empty() {
            list.cancel_typing();
        } else if closed.purpose == Purpose::Narrow {
            list.narrow("");
        } else {
            list.set_filter(None);
        }
        list.before_typing = None;
    }

    /// Searches the messages in the library for the typed words: the list itself has only titles.
    pub(in crate::app) fn search_library_from_prompt(&mut self) -> Effects {
        let Some(closed) = self.prompt.take() else { return Vec::new() };
        let words = closed.text().trim().to_owned();
        self.cancel_narrowing(&closed);
        self.search_library_for(&words)
    }

    /// Moves the selection while words are typed; returns whether the key did.
    pub(in crate::app) fn on_key_in_narrowing(&mut self, chord: Chord) -> bool {
        let is_narrowing = self
            .prompt
            .as_ref()
            .is_some_and(|prompt| matches!(prompt.purpose, Purpose::Narrow | Purpose::ThreadFilter));
        let page = usize::from(self.browse_areas().rows.height).max(1);
        let Some(list) = self.browse.list_mut().filter(|_| is_narrowing) else { return false };
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
