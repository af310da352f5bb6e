//! A line of text that is being typed at the bottom of the screen: a search, a filter.

use tui_textarea::{CursorMove, TextArea};

use crate::app::thread_box::input;
use crate::keymap::{Chord, Code};

/// Longer input is not taken, in characters.
const LONGEST: usize = 1000;

/// What the line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Search,
    Filter,
    /// A phrase for the list of feedback.
    Feedback,
    /// A shell command for the value that was taken.
    Pipe,
    /// An action by its name.
    Command,
}

/// The line and its purpose.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub purpose: Purpose,
    area: TextArea<'static>,
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptOutcome {
    Edited,
    Accepted(String),
    Given,
}

impl Prompt {
    /// An empty line, or one that begins with a text.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        let mut area = TextArea::new(vec![text.to_owned()]);
        area.move_cursor(CursorMove::End);
        Self { purpose, area }
    }

    /// What is typed.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// The cursor's place in characters.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Takes a key press.
    pub fn press(&mut self, chord: Chord) -> PromptOutcome {
        match (chord.code, chord.ctrl) {
            (Code::Esc, _) | (Code::Char('c' | 'g'), true) => return PromptOutcome::Given,
            (Code::Enter, _) => return PromptOutcome::Accepted(self.text().to_owned()),
            (Code::Backspace, _) if self.text().is_empty() => return PromptOutcome::Given,
            (Code::Char('u'), true) => *self = Self::new(self.purpose, ""),
            _ if self.text().chars().count() < LONGEST || chord.typed().is_none() => {
                self.area.input(input(chord));
            }
            _ => {}
        }
        PromptOutcome::Edited
    }

    /// Replaces the last word.
    pub fn complete(&mut self, word: &str) {
        let text = self.text();
        let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let kept = text.get(..start).unwrap_or_default();
        let negated = text.get(start..).is_some_and(|last| last.starts_with('!'));
        let whole = format!("{kept}{}{word}", if negated { "!" } else { "" });
        *self = Self::new(self.purpose, &whole);
    }

    /// Takes pasted text: its first line.
    pub fn paste(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        self.area.insert_str(line.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>());
    }
}
