//! The prompt: a line of text typed at the bottom of the screen, such as a search or a filter. Drawn by `ui/prompt`.

use crate::app::line_editor::LineEditor;
use crate::app::{App, Effects};
use crate::domain::{NoteEdit, Timestamp};
use crate::keymap::{Chord, Key};
use crate::view::Clip;

/// The maximum input length, in characters.
const MAX_CHARS: usize = 1000;

/// The use of the typed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    Search,
    /// Words that narrow the list of threads.
    Narrow,
    Filter,
    /// A filter of the list of threads.
    ThreadFilter,
    /// A phrase for the feedback list.
    Feedback,
    /// The text of a note, with its current text.
    Note(Box<NoteEdit>),
    /// A shell command that reads this clip.
    Pipe(Clip),
    /// An action name, or a command with an argument.
    Command,
}

/// The line and its purpose.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub purpose: Purpose,
    editor: LineEditor,
    cycle: Option<CompletionCycle>,
    /// The row of the palette that was selected with a key.
    pub(super) palette_row: Option<usize>,
}

/// The state of stepping through the candidates with Tab.
#[derive(Clone, Debug)]
struct CompletionCycle {
    /// The text before the first Tab.
    typed: String,
    /// The index of the inserted candidate.
    candidate: usize,
}

/// The result of a key press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptOutcome {
    Edited,
    Accepted(String),
    Cancelled,
}

impl Prompt {
    /// Creates a prompt with an initial text.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        Self { purpose, editor: LineEditor::new(text, MAX_CHARS), cycle: None, palette_row: None }
    }

    /// Returns the text in the prompt.
    pub fn text(&self) -> &str {
        self.editor.text()
    }

    /// Returns the cursor position in characters.
    pub fn cursor(&self) -> usize {
        self.editor.cursor()
    }

    /// Returns the text to complete: without a candidate that Tab inserted.
    pub fn stem(&self) -> &str {
        self.cycle.as_ref().map_or(self.text(), |cycle| &cycle.typed)
    }

    /// Returns the index of the candidate that Tab inserted, if any.
    pub fn candidate_index(&self) -> Option<usize> {
        self.cycle.as_ref().map(|cycle| cycle.candidate)
    }

    /// Completes the common prefix of all candidates; after that, inserts each of them in turn.
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
        let candidate = self.cycle.as_ref().map_or(0, |cycle| (cycle.candidate + 1) % candidates.len());
        let cycle = CompletionCycle { typed: self.stem().to_owned(), candidate };
        self.replace_last_word(candidates.get(candidate).unwrap_or(first));
        self.cycle = Some(cycle);
    }

    /// Handles a key press.
    pub fn on_key(&mut self, chord: Chord) -> PromptOutcome {
        (self.cycle, self.palette_row) = (None, None);
        match (chord.key, chord.ctrl) {
            (Key::Esc, _) | (Key::Char('c' | 'g'), true) => return PromptOutcome::Cancelled,
            (Key::Enter, _) => return PromptOutcome::Accepted(self.text().to_owned()),
            (Key::Backspace, _) if self.text().is_empty() => return PromptOutcome::Cancelled,
            (Key::Char('u'), true) => self.editor.set_text(""),
            _ => {
                self.editor.on_key(chord);
            }
        }
        PromptOutcome::Edited
    }

    fn replace_last_word(&mut self, word: &str) {
        let text = self.text();
        let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let kept = text.get(..start).unwrap_or_default();
        let negated = text.get(start..).is_some_and(|last| last.starts_with('!'));
        let text = format!("{kept}{}{word}", if negated { "!" } else { "" });
        self.editor.set_text(&text);
        self.cycle = None;
    }

    /// Inserts the first line of pasted text.
    pub fn paste(&mut self, text: &str) {
        (self.cycle, self.palette_row) = (None, None);
        self.editor.paste(text);
    }
}

impl App {
    /// Handles a key press while the prompt is open.
    pub(super) fn on_key_in_prompt(&mut self, chord: Chord, now: Timestamp) -> Effects {
        if self.on_palette_key(chord) {
            return Vec::new();
        }
        let purpose = self.prompt.as_ref().map(|prompt| &prompt.purpose);
        if matches!(purpose, Some(Purpose::Narrow | Purpose::ThreadFilter)) {
            let (browse, context) = self.browse_mut();
            if browse.on_key_while_typing(chord, &context) {
                return Vec::new();
            }
        }
        match chord.key {
            Key::Tab if self.prompt.as_ref().is_some_and(|prompt| prompt.purpose == Purpose::Narrow) => {
                return self.search_library_from_prompt();
            }
            Key::Tab => {
                self.complete_prompt();
                return self.preview_prompt(now);
            }
            Key::F(1) => {
                self.open_help();
                return Vec::new();
            }
            _ => {}
        }
        let Some(prompt) = self.prompt.as_mut() else { return Vec::new() };
        match prompt.on_key(chord) {
            PromptOutcome::Edited => self.preview_prompt(now),
            PromptOutcome::Cancelled => self.cancel_prompt(),
            PromptOutcome::Accepted(text) => self.accept_prompt(&text, now),
        }
    }

    /// Shows a preview of the search or filter for the text typed so far.
    pub(super) fn preview_prompt(&mut self, now: Timestamp) -> Effects {
        if let Some(prompt) = &self.prompt {
            self.browse.preview(prompt, now);
        }
        let is_filter = |prompt: &&Prompt| prompt.purpose == Purpose::Filter;
        let typed = self.prompt.as_ref().filter(is_filter).map(|prompt| prompt.text().to_owned());
        typed.map(|typed| self.panes().preview_filter(&typed)).unwrap_or_default()
    }

    fn cancel_prompt(&mut self) -> Effects {
        let Some(closed) = self.prompt.take() else { return Vec::new() };
        match closed.purpose {
            Purpose::Filter => return self.panes().cancel_filter(),
            Purpose::Narrow | Purpose::ThreadFilter => self.browse.cancel_typing(&closed),
            Purpose::Search | Purpose::Feedback | Purpose::Note(_) | Purpose::Pipe(_) | Purpose::Command => {}
        }
        Vec::new()
    }

    /// Handles an Enter directly after text that arrived at once. The user has not seen the text, so it must not run as a
    /// command. Elsewhere this Enter is an ordinary key.
    pub(super) fn on_enter_in_burst(&mut self, now: Timestamp) -> Effects {
        let purpose = self.prompt.as_ref().map(|prompt| &prompt.purpose);
        if matches!(purpose, Some(Purpose::Pipe(_) | Purpose::Command)) && !self.is_typing_in_thread_box() {
            self.notify("Pasted, not run; press Enter to run it");
            return Vec::new();
        }
        self.on_key(Chord::plain(Key::Enter), now)
    }

    fn accept_prompt(&mut self, text: &str, now: Timestamp) -> Effects {
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        match prompt.purpose {
            Purpose::Search => {
                self.remember_place();
                self.panes().start_search(text)
            }
            Purpose::Filter => self.accept_filter(text),
            Purpose::Narrow => {
                self.browse.accept_words(text);
                Vec::new()
            }
            Purpose::ThreadFilter => {
                self.accept_thread_filter(text, now);
                Vec::new()
            }
            Purpose::Feedback => {
                if let Err(error) = self.detail.feedback.filter_by_phrase(text) {
                    self.warn(error.to_string());
                }
                Vec::new()
            }
            Purpose::Note(edit) => self.write_note(*edit, text),
            Purpose::Pipe(clip) => self.run_pipe(clip, text),
            Purpose::Command => {
                self.prompt = Some(prompt);
                self.accept_command(now)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    /// Creates an app with an open prompt of this purpose.
    fn app_with_prompt(purpose: Purpose, text: &str) -> App {
        let mut app = App::new(crate::app::Prefs::default(), 100, 30);
        app.screen.focus = crate::layout::Pane::Messages;
        app.prompt = Some(Prompt::new(purpose, text));
        app
    }

    #[test]
    fn enter_that_arrives_with_pasted_text_runs_no_command() {
        let clip = Clip { label: "text", text: String::new() };
        for purpose in [Purpose::Pipe(clip), Purpose::Command] {
            let mut app = app_with_prompt(purpose, "quit");
            assert!(app.update(Event::EnterInBurst, Timestamp(0)).is_empty());
            assert!(app.prompt.is_some() && app.notice.is_some());
            let enter = Event::Key(Chord::plain(Key::Enter));
            assert_eq!(app.update(enter, Timestamp(0)).len(), 1);
        }
        let mut app = app_with_prompt(Purpose::Filter, "role:user");
        app.update(Event::EnterInBurst, Timestamp(0));
        assert!(app.prompt.is_none());
    }

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
