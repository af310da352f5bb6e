//! The box in which a thread is named, and the threads opened before that drop down below it. Drawn by `ui/thread_box`.

use tui_textarea::{CursorMove, Input, Key as TextAreaKey, TextArea};

use crate::app::App;
use crate::domain::{RecentThread, Source};
use crate::keymap::{Chord, Key};
use crate::layout::{Pane, Rect};
use crate::provider::parse_source::{ParseSourceError, parse_source};

/// More than this is not an id: a paste is cut here, in characters.
const MAX_CHARS: usize = 4096;

/// Rows of the drop-down at most.
const MAX_DROP_DOWN_ROWS: u16 = 16;

/// The box's state.
#[derive(Clone, Debug)]
pub struct ThreadBox {
    area: TextArea<'static>,
    /// Newest first.
    pub recent_threads: Vec<RecentThread>,
    /// The row chosen in the drop-down, if the user went there.
    pub selected_row: Option<usize>,
    /// The service to take where an id fits several.
    pub preferred_service: Option<&'static str>,
    /// Whether the text is what is open already, so that typing replaces it and the whole history is offered.
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

fn single_line_area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(vec![text.to_owned()]);
    area.move_cursor(CursorMove::End);
    area
}

/// The threads that drop down below the box.
#[derive(Clone, Debug)]
pub struct DropDown<'a> {
    /// Where, frame included.
    pub area: Rect,
    /// Those in view, with their places among all.
    pub rows: Vec<(usize, &'a RecentThread)>,
    /// The row that Enter opens, among all.
    pub highlighted: Option<usize>,
}

impl DropDown<'_> {
    /// The row of the drop-down, among all, that stands in this row of the terminal.
    pub fn row_at(&self, row: u16) -> Option<usize> {
        let row = row.checked_sub(self.area.y + 1)?;
        self.rows.get(usize::from(row)).map(|(index, _)| *index)
    }
}

impl App {
    /// What drops down below the box; `None` if nothing does.
    pub fn drop_down(&self) -> Option<DropDown<'_>> {
        if self.focus != Pane::ThreadBox || self.width < 20 {
            return None;
        }
        let outer = self.frame().thread_box;
        let top = outer.row_below_single_line();
        let room = self.height.saturating_sub(top + 3).min(MAX_DROP_DOWN_ROWS);
        let suggestions = self.thread_box.suggestions();
        let rows = u16::try_from(suggestions.len()).unwrap_or(MAX_DROP_DOWN_ROWS).min(room);
        if rows == 0 {
            return None;
        }
        let highlighted = self.thread_box.highlighted_row(&suggestions);
        // The one that is highlighted is kept in view.
        let first = highlighted.map_or(0, |at| (at + 1).saturating_sub(usize::from(rows)));
        let all = suggestions.into_iter().enumerate();
        Some(DropDown {
            area: Rect::new(outer.outer.x, top, outer.outer.width, rows + 2),
            rows: all.skip(first).take(usize::from(rows)).collect(),
            highlighted,
        })
    }
}

/// What a key did in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoxOutcome {
    Edited,
    Open(Source),
    /// One of before, by the profile that it was reached by.
    Reopen {
        source: Source,
        profile: String,
    },
    Rejected(String),
    Blur,
}

impl ThreadBox {
    /// An empty one that takes this service where several fit.
    pub fn with_preferred_service(service: Option<&'static str>) -> Self {
        Self { preferred_service: service, ..Self::default() }
    }

    /// The typed text.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// The cursor's place in characters.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Whether the text is still what is open.
    pub fn is_pristine(&self) -> bool {
        self.pristine
    }

    /// Shows this text, as the name of what is open.
    pub fn set_text(&mut self, text: &str) {
        self.area = single_line_area(text);
        self.selected_row = None;
        self.pristine = true;
    }

    /// Begins anew: the text is kept until something is typed.
    pub fn start_input(&mut self) {
        self.selected_row = None;
        self.pristine = true;
    }

    /// What the text, as it stands, names.
    pub fn parse(&self) -> Result<Source, ParseSourceError> {
        parse_source(self.text(), self.preferred_service)
    }

    /// The threads that the drop-down shows: those that hold what is typed.
    pub fn suggestions(&self) -> Vec<&RecentThread> {
        let wanted = if self.pristine { String::new() } else { self.text().trim().to_lowercase() };
        let fits = |visit: &&RecentThread| {
            let profile = visit.profile.as_deref().unwrap_or_default();
            let texts = [visit.input.as_str(), &visit.title, profile, &visit.note];
            texts.iter().any(|text| text.to_lowercase().contains(&wanted))
        };
        self.recent_threads.iter().filter(fits).collect()
    }

    /// Takes pasted text: blanks around it are cut, line breaks end it.
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

    /// Takes a key press.
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
        if self.pristine && !moves {
            let keeps = matches!(chord.key, Key::Backspace);
            if !keeps {
                self.area = single_line_area("");
            }
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
            Some(at) => at.checked_add_signed(step).map(|at| at.min(len - 1)),
        };
        self.selected_row = next;
    }

    /// The row that Enter opens: the chosen one; else the first, where the text itself names nothing.
    fn highlighted_row(&self, suggestions: &[&RecentThread]) -> Option<usize> {
        let first = || (!suggestions.is_empty() && self.parse().is_err()).then_some(0);
        self.selected_row.or_else(first)
    }

    fn submit(&mut self) -> BoxOutcome {
        let suggestions = self.suggestions();
        let visit = self.highlighted_row(&suggestions).and_then(|at| suggestions.get(at));
        let meaning = match visit {
            Some(visit) => parse_source(&visit.input, self.preferred_service),
            None => self.parse(),
        };
        match (meaning, visit.and_then(|visit| visit.profile.clone())) {
            (Ok(source), Some(profile)) => BoxOutcome::Reopen { source, profile },
            (Ok(source), None) => BoxOutcome::Open(source),
            (Err(refused), _) => BoxOutcome::Rejected(refused.reason),
        }
    }

    /// Opens a row of the drop-down.
    pub fn open_row(&mut self, row: usize) -> BoxOutcome {
        self.selected_row = Some(row);
        self.submit()
    }
}

/// A key press in the words of the input widget.
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
        let visits = vec![recent_thread("sgp:aaa", "Lamp"), recent_thread("sgp:bbb", "Revenue")];
        let mut input = ThreadBox { recent_threads: visits, ..ThreadBox::default() };
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
        let visits = vec![recent_thread("sgp:aaa", "Lamp"), recent_thread("sgp:bbb", "Revenue")];
        let mut input = ThreadBox { recent_threads: visits, ..ThreadBox::default() };
        assert_eq!(input.highlighted_row(&input.suggestions()), Some(0));
        assert_eq!(input.on_key(Chord::plain(Key::Enter)), open_outcome("sgp:aaa"));
        input.on_key(Chord::plain(Key::Down));
        assert_eq!(input.on_key(Chord::plain(Key::Enter)), open_outcome("sgp:bbb"));
    }

    #[test]
    fn title_words_open_a_recent_thread_but_an_id_is_used_directly() {
        let visits =
            vec![recent_thread("sgp:aaa", "Lamp, order 44"), recent_thread("sgp:bbb", "A word of revenue")];
        let mut input = ThreadBox { recent_threads: visits, ..ThreadBox::default() };
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
