//! Narrowing the list while one types: the threads that have all words stay, the best first.

use crate::app::App;
use crate::app::prompt::{Prompt, Purpose};
use crate::keymap::{Chord, Key};

impl App {
    /// Opens the prompt with the words typed last.
    pub(super) fn open_narrow_prompt(&mut self) {
        let Some(list) = self.browse.list_mut() else { return };
        list.before_typing = Some((list.narrowing.clone(), list.cursor.index));
        self.prompt = Some(Prompt::new(Purpose::Narrow, &list.narrowing));
    }

    /// Narrows the list by the text typed so far.
    pub(in crate::app) fn preview_narrowing(&mut self) {
        let prompt = self.prompt.as_ref().filter(|prompt| prompt.purpose == Purpose::Narrow);
        if let (Some(prompt), Some(list)) = (prompt, self.browse.list_mut()) {
            list.narrow(prompt.text().trim());
        }
    }

    /// Keeps the words.
    pub(in crate::app) fn accept_narrowing(&mut self, typed: &str) {
        if let Some(list) = self.browse.list_mut() {
            list.before_typing = None;
            list.narrow(typed.trim());
        }
    }

    /// Returns to the words from before; an empty line leaves none.
    pub(in crate::app) fn cancel_narrowing(&mut self, typed: &str) {
        let Some(list) = self.browse.list_mut() else { return };
        if typed.trim().is_empty() {
            list.narrow("")
        } else {
            list.cancel_narrowing()
        }
        list.before_typing = None;
    }

    /// Moves the selection while words are typed; returns whether the key did.
    pub(in crate::app) fn on_key_in_narrowing(&mut self, chord: Chord) -> bool {
        let is_narrowing = self.prompt.as_ref().is_some_and(|prompt| prompt.purpose == Purpose::Narrow);
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
