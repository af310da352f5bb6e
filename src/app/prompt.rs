//! A line of text that is being typed at the bottom of the screen: a search, a filter.

use tui_textarea::{CursorMove, TextArea};

use crate::app::thread_box::textarea_input;
use crate::keymap::{Chord, Key};

/// Longer input is not taken, in characters.
const MAX_CHARS: usize = 1000;

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
    cycle: Option<CompletionCycle>,
}

/// Going through what could be meant, one Tab after the other.
#[derive(Clone, Debug)]
struct CompletionCycle {
    /// What was typed by hand.
    typed: String,
    /// Which of the candidates stands there.
    candidate: usize,
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptOutcome {
    Edited,
    Accepted(String),
    Cancelled,
}

impl Prompt {
    /// An empty line, or one that begins with a text.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        let mut area = TextArea::new(vec![text.to_owned()]);
        area.move_cursor(CursorMove::End);
        Self { purpose, area, cycle: None }
    }

    /// What is typed.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// The cursor's place in characters.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// What was typed by hand: what candidates are looked up for.
    pub fn stem(&self) -> &str {
        self.cycle.as_ref().map_or(self.text(), |cycle| &cycle.typed)
    }

    /// Which candidate stands there, if Tab put one.
    pub fn candidate_index(&self) -> Option<usize> {
        self.cycle.as_ref().map(|cycle| cycle.candidate)
    }

    /// Completes as far as all candidates agree; then each of them in turn.
    pub fn complete(&mut self, candidates: &[String]) {
        let Some(first) = candidates.first() else { return };
        let last = self.text().rsplit(char::is_whitespace).next().unwrap_or_default().trim_start_matches('!');
        let shared = candidates.iter().skip(1).fold(first.clone(), |shared, other| {
            shared.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
        });
        if self.cycle.is_none() && shared.len() > last.len() {
            self.replace_last_word(&shared);
            return;
        }
        let at = self.cycle.as_ref().map_or(0, |cycle| (cycle.candidate + 1) % candidates.len());
        let cycle = CompletionCycle { typed: self.stem().to_owned(), candidate: at };
        self.replace_last_word(candidates.get(at).unwrap_or(first));
        self.cycle = Some(cycle);
    }

    /// Takes a key press.
    pub fn on_key(&mut self, chord: Chord) -> PromptOutcome {
        self.cycle = None;
        match (chord.key, chord.ctrl) {
            (Key::Esc, _) | (Key::Char('c' | 'g'), true) => return PromptOutcome::Cancelled,
            (Key::Enter, _) => return PromptOutcome::Accepted(self.text().to_owned()),
            (Key::Backspace, _) if self.text().is_empty() => return PromptOutcome::Cancelled,
            (Key::Char('u'), true) => *self = Self::new(self.purpose, ""),
            _ if self.text().chars().count() < MAX_CHARS || chord.typed_char().is_none() => {
                self.area.input(textarea_input(chord));
            }
            _ => {}
        }
        PromptOutcome::Edited
    }

    fn replace_last_word(&mut self, word: &str) {
        let text = self.text();
        let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let kept = text.get(..start).unwrap_or_default();
        let negated = text.get(start..).is_some_and(|last| last.starts_with('!'));
        let whole = format!("{kept}{}{word}", if negated { "!" } else { "" });
        *self = Self::new(self.purpose, &whole);
    }

    /// Takes pasted text: its first line.
    pub fn paste(&mut self, text: &str) {
        self.cycle = None;
        let line = text.lines().next().unwrap_or_default();
        self.area.insert_str(line.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect::<String>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_completes_the_common_prefix_then_cycles_candidates() {
        let all = ["status:error".to_owned(), "status:empty".to_owned()];
        let mut prompt = Prompt::new(Purpose::Filter, "role:user !st");
        prompt.complete(&all);
        assert_eq!(prompt.text(), "role:user !status:e");
        let mut seen = Vec::new();
        for _ in 0..3 {
            prompt.complete(&all);
            seen.push((prompt.text().to_owned(), prompt.stem().to_owned(), prompt.candidate_index()));
        }
        let stem = "role:user !status:e".to_owned();
        let one = ("role:user !status:error".to_owned(), stem.clone(), Some(0));
        let other = ("role:user !status:empty".to_owned(), stem, Some(1));
        assert_eq!(seen, [one.clone(), other, one]);
        prompt.on_key(Chord::plain(Key::Char('x')));
        assert_eq!((prompt.stem(), prompt.candidate_index()), ("role:user !status:errorx", None));
    }
}
