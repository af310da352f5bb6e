//! The thread box: an input for thread ids, links and files, with a drop-down list of recent threads. Drawn by
//! `ui/thread_box`.

use tui_textarea::{CursorMove, Input, Key as TextAreaKey, TextArea};

use crate::app::loading::PaneContent;
use crate::app::{App, Effects, Screen};
use crate::domain::{RecentThread, Source, Timestamp};
use crate::effect::Effect;
use crate::keymap::{Chord, Key};
use crate::layout::{Pane, Rect};
use crate::provider::link::link_host;
use crate::provider::parse_source::{ParseSourceError, parse_source};
use crate::view::thread::OpenThread;

/// The maximum input length, in characters. Nothing longer names a thread; a longer paste is cut.
const MAX_CHARS: usize = 4096;

/// The maximum number of rows in the drop-down.
const MAX_DROP_DOWN_ROWS: u16 = 16;

/// The box's state.
#[derive(Clone, Debug)]
pub struct ThreadBox {
    area: TextArea<'static>,
    /// Newest first.
    pub recent_threads: Vec<RecentThread>,
    /// The row selected in the drop-down, if the user moved into it.
    pub selected_row: Option<usize>,
    /// The service of ids that several services could own.
    pub preferred_service: Option<&'static str>,
    /// Whether the text names the open thread: typing replaces it, and all recent threads are offered.
    pristine: bool,
}

impl Default for ThreadBox {
    fn default() -> Self {
        Self {
            area: single_line_area(""),
            recent_threads: Vec::new(),
            selected_row: None,
            preferred_service: None,
            pristine: true,
        }
    }
}

/// A one-line editor with the cursor behind its text.
pub(super) fn single_line_area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(vec![text.to_owned()]);
    area.move_cursor(CursorMove::End);
    area
}

/// The drop-down list of recent threads.
#[derive(Clone, Debug)]
pub struct DropDown<'a> {
    /// The area with the border.
    pub area: Rect,
    /// The rows in view, with their indices among all suggestions.
    pub rows: Vec<(usize, &'a RecentThread)>,
    /// The index of the row that Enter opens.
    pub highlighted: Option<usize>,
}

impl DropDown<'_> {
    /// The index of the suggestion in this row of the terminal.
    pub fn row_at(&self, row: u16) -> Option<usize> {
        let row = row.checked_sub(self.area.y + 1)?;
        self.rows.get(usize::from(row)).map(|(index, _)| *index)
    }
}

impl App {
    /// Moves the focus to the thread box; typing replaces its text.
    pub fn focus_thread_box(&mut self) {
        self.screen.focus = Pane::ThreadBox;
        self.pending_keys.clear();
        self.thread_box.start_input();
    }

    /// Moves the focus from the box to the messages; the box names the open thread again.
    fn blur_thread_box(&mut self) {
        match self.loading.pane_content() {
            PaneContent::Thread(OpenThread { source, .. })
            | PaneContent::Opening(source)
            | PaneContent::Failed(source, _)
            | PaneContent::Stopped(source) => self.thread_box.set_text(&source.to_input()),
            PaneContent::Idle => self.thread_box.selected_row = None,
        }
        self.screen.focus = Pane::Messages;
    }

    /// Handles a key press in the box.
    pub(super) fn on_key_in_thread_box(&mut self, chord: Chord, now: Timestamp) -> Effects {
        match chord.key {
            Key::Char('c') if chord.ctrl => return vec![Effect::Quit],
            Key::Char('z') if chord.ctrl => return vec![Effect::Suspend],
            Key::Char('o') if chord.ctrl => self.open_profile_list(),
            Key::F(1) => self.open_help(),
            Key::Tab => self.blur_thread_box(),
            _ => {
                let outcome = self.thread_box.on_key(chord);
                return self.apply_box_outcome(outcome, now);
            }
        }
        Vec::new()
    }

    pub(super) fn apply_box_outcome(&mut self, outcome: BoxOutcome, now: Timestamp) -> Effects {
        match outcome {
            BoxOutcome::Edited => Vec::new(),
            BoxOutcome::Open(source) => self.open_and_focus(source, now),
            BoxOutcome::OpenLink { source, host } => self.open_link(source, &host, now),
            BoxOutcome::Reopen { source, profile } => self.open_with_profile(source, &profile, now),
            BoxOutcome::Rejected(reason) => {
                self.warn(reason);
                Vec::new()
            }
            BoxOutcome::Blur => {
                self.blur_thread_box();
                if self.loading.shown_thread().is_none() { self.stop() } else { Vec::new() }
            }
        }
    }
}

/// The result of a key press in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoxOutcome {
    Edited,
    Open(Source),
    /// Open the thread of a link to this host.
    OpenLink {
        source: Source,
        host: String,
    },
    /// Open a recent thread with the profile used then.
    Reopen {
        source: Source,
        profile: String,
    },
    Rejected(String),
    Blur,
}

impl ThreadBox {
    /// Creates an empty box with a service for ambiguous ids.
    pub fn with_preferred_service(service: Option<&'static str>) -> Self {
        Self { preferred_service: service, ..Self::default() }
    }

    /// The drop-down list, if it is open and has rows.
    pub fn drop_down(&self, screen: &Screen) -> Option<DropDown<'_>> {
        if screen.focus != Pane::ThreadBox || screen.width < 20 {
            return None;
        }
        let outer = screen.frame().thread_box;
        let top = outer.second_row();
        let room = screen.height.saturating_sub(top + 3).min(MAX_DROP_DOWN_ROWS);
        let suggestions = self.suggestions();
        let rows = u16::try_from(suggestions.len()).unwrap_or(MAX_DROP_DOWN_ROWS).min(room);
        if rows == 0 {
            return None;
        }
        let highlighted = self.highlighted_row(&suggestions);
        // Keeps the highlighted row in view.
        let first = highlighted.map_or(0, |row| (row + 1).saturating_sub(usize::from(rows)));
        let all = suggestions.into_iter().enumerate();
        Some(DropDown {
            area: Rect::new(outer.outer.x, top, outer.outer.width, rows + 2),
            rows: all.skip(first).take(usize::from(rows)).collect(),
            highlighted,
        })
    }

    /// The typed text.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// The cursor position in characters.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Whether the text still names the open thread.
    pub fn is_pristine(&self) -> bool {
        self.pristine
    }

    /// Sets the text to the name of the open thread.
    pub fn set_text(&mut self, text: &str) {
        self.area = single_line_area(text);
        self.selected_row = None;
        self.pristine = true;
    }

    /// Starts a new input: the text stays until the user types.
    pub fn start_input(&mut self) {
        self.selected_row = None;
        self.pristine = true;
    }

    /// Parses the text.
    pub fn parse(&self) -> Result<Source, ParseSourceError> {
        parse_source(self.text(), self.preferred_service)
    }

    /// The recent threads that contain the typed text, in any of their columns.
    pub fn suggestions(&self) -> Vec<&RecentThread> {
        let typed = if self.pristine { String::new() } else { self.text().trim().to_lowercase() };
        let matches = |thread: &&RecentThread| {
            let profile = thread.profile.as_deref().unwrap_or_default();
            let texts = [thread.input.as_str(), &thread.title, profile, &thread.note];
            texts.iter().any(|text| text.to_lowercase().contains(&typed))
        };
        self.recent_threads.iter().filter(matches).collect()
    }

    /// Inserts the first line of pasted text, trimmed.
    pub fn paste(&mut self, text: &str) {
        let line = text.trim().lines().next().unwrap_or_default().trim();
        let line: String = line.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect();
        if self.pristine {
            self.area = single_line_area("");
            self.pristine = false;
        }
        self.area.insert_str(line);
        self.selected_row = None;
    }

    /// Handles a key press.
    pub fn on_key(&mut self, chord: Chord) -> BoxOutcome {
        match (chord.key, chord.ctrl) {
            (Key::Esc, _) | (Key::Char('c' | 'g'), true) => return BoxOutcome::Blur,
            (Key::Enter, _) => return self.submit(),
            (Key::Down, _) | (Key::Char('n'), true) => self.move_selection(1),
            (Key::Up, _) | (Key::Char('p'), true) => self.move_selection(-1),
            (Key::Char('u'), true) => {
                self.area = single_line_area("");
                self.pristine = false;
                self.selected_row = None;
            }
            _ => self.edit(chord),
        }
        BoxOutcome::Edited
    }

    fn edit(&mut self, chord: Chord) {
        let moves = matches!(chord.key, Key::Left | Key::Right | Key::Home | Key::End);
        if self.pristine && !moves && chord.key != Key::Backspace {
            self.area = single_line_area("");
        }
        if self.text().chars().count() >= MAX_CHARS && chord.typed_char().is_some() {
            return;
        }
        self.pristine = false;
        self.selected_row = None;
        self.area.input(textarea_input(chord));
    }

    fn move_selection(&mut self, step: isize) {
        let suggestions = self.suggestions();
        let len = suggestions.len();
        if len == 0 {
            return;
        }
        let next = match self.highlighted_row(&suggestions) {
            None if step > 0 => Some(0),
            None => None,
            Some(row) => row.checked_add_signed(step).map(|row| row.min(len - 1)),
        };
        self.selected_row = next;
    }

    /// The row that Enter opens: the selected one, else the first if the text itself names no thread.
    fn highlighted_row(&self, suggestions: &[&RecentThread]) -> Option<usize> {
        let first = || (!suggestions.is_empty() && self.parse().is_err()).then_some(0);
        self.selected_row.or_else(first)
    }

    fn submit(&mut self) -> BoxOutcome {
        let suggestions = self.suggestions();
        let thread = self.highlighted_row(&suggestions).and_then(|row| suggestions.get(row));
        let parsed = match thread {
            Some(thread) => parse_source(&thread.input, self.preferred_service),
            None => self.parse(),
        };
        match (parsed, thread.and_then(|thread| thread.profile.clone())) {
            (Ok(source), Some(profile)) => BoxOutcome::Reopen { source, profile },
            (Ok(source), None) => match link_host(self.text()).filter(|_| thread.is_none()) {
                Some(host) => BoxOutcome::OpenLink { source, host },
                None => BoxOutcome::Open(source),
            },
            (Err(error), _) => BoxOutcome::Rejected(error.reason),
        }
    }

    /// Opens a row of the drop-down.
    pub fn open_row(&mut self, row: usize) -> BoxOutcome {
        self.selected_row = Some(row);
        self.submit()
    }
}

/// Converts a chord to the input widget's type.
pub(super) fn textarea_input(chord: Chord) -> Input {
    let key = match chord.key {
        Key::Char(c) => TextAreaKey::Char(c),
        Key::Enter => TextAreaKey::Enter,
        Key::Esc => TextAreaKey::Esc,
        Key::Tab => TextAreaKey::Null,
        Key::Backspace => TextAreaKey::Backspace,
        Key::Delete => TextAreaKey::Delete,
        Key::Home => TextAreaKey::Home,
        Key::End => TextAreaKey::End,
        Key::Left => TextAreaKey::Left,
        Key::Right => TextAreaKey::Right,
        Key::Insert | Key::PageUp | Key::PageDown | Key::Up | Key::Down | Key::F(_) => TextAreaKey::Null,
    };
    Input { key, ctrl: chord.ctrl, alt: chord.alt, shift: chord.shift }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent_thread(typed: &str, title: &str) -> RecentThread {
        RecentThread {
            input: typed.to_owned(),
            title: title.to_owned(),
            service: "sgp".to_owned(),
            profile: None,
            opened_at: None,
            note: String::new(),
        }
    }

    #[test]
    fn typing_replaces_the_open_thread_and_narrows_the_recent_threads() {
        let recent_threads = vec![recent_thread("sgp:aaa", "Lamp"), recent_thread("sgp:bbb", "Revenue")];
        let mut input = ThreadBox { recent_threads, ..ThreadBox::default() };
        input.set_text("sgp:aaa");
        assert_eq!(input.suggestions().len(), 2);
        for c in "reve".chars() {
            input.on_key(Chord::plain(Key::Char(c)));
        }
        assert_eq!(input.text(), "reve");
        assert_eq!(input.suggestions().len(), 1);
        input.on_key(Chord::plain(Key::Down));
        assert_eq!(input.highlighted_row(&input.suggestions()), Some(0));
    }

    fn open_outcome(typed: &str) -> BoxOutcome {
        BoxOutcome::Open(parse_source(typed, None).unwrap())
    }

    #[test]
    fn enter_in_an_empty_box_opens_the_first_row() {
        let recent_threads = vec![recent_thread("sgp:aaa", "Lamp"), recent_thread("sgp:bbb", "Revenue")];
        let mut input = ThreadBox { recent_threads, ..ThreadBox::default() };
        assert_eq!(input.highlighted_row(&input.suggestions()), Some(0));
        assert_eq!(input.on_key(Chord::plain(Key::Enter)), open_outcome("sgp:aaa"));
        input.on_key(Chord::plain(Key::Down));
        assert_eq!(input.on_key(Chord::plain(Key::Enter)), open_outcome("sgp:bbb"));
    }

    #[test]
    fn title_words_open_a_recent_thread_but_an_id_is_used_directly() {
        let recent_threads =
            vec![recent_thread("sgp:aaa", "Lamp, order 44"), recent_thread("sgp:bbb", "A word of revenue")];
        let mut input = ThreadBox { recent_threads, ..ThreadBox::default() };
        input.paste("of rev");
        assert_eq!(input.on_key(Chord::plain(Key::Enter)), open_outcome("sgp:bbb"));
        input.set_text("");
        input.paste("camelai:44");
        assert_eq!(input.highlighted_row(&input.suggestions()), None);
        assert_eq!(input.on_key(Chord::plain(Key::Enter)), open_outcome("camelai:44"));
    }

    #[test]
    fn enter_rejects_text_that_matches_nothing() {
        let mut input =
            ThreadBox { recent_threads: vec![recent_thread("sgp:aaa", "Lamp")], ..ThreadBox::default() };
        input.paste("no such words");
        assert!(matches!(input.on_key(Chord::plain(Key::Enter)), BoxOutcome::Rejected(_)));
    }

    #[test]
    fn pasted_id_is_trimmed() {
        let mut input = ThreadBox::default();
        input.set_text("old");
        input.paste("  8c5e1a70-93d2\u{1b}[2J \nsecond line");
        assert_eq!(input.text(), "8c5e1a70-93d2[2J");
    }
}
