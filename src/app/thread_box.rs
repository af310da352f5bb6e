//! The box in which a thread is named, and the threads opened before that drop down below it. Drawn by `ui/thread_box`.

use tui_textarea::{CursorMove, Input, Key, TextArea};

use crate::app::App;
use crate::app::recognise::{NotRecognised, recognise};
use crate::effect::{Source, Visit};
use crate::keymap::{Chord, Code};
use crate::layout::{Pane, Rect};

/// More than this is not an id: a paste is cut here, in characters.
const LONGEST: usize = 4096;

/// Rows of the drop-down at most.
const MOST: u16 = 16;

/// The box's state.
#[derive(Clone, Debug)]
pub struct ThreadBox {
    area: TextArea<'static>,
    /// Newest first.
    pub visits: Vec<Visit>,
    /// The row chosen in the drop-down, if the user went there.
    pub chosen: Option<usize>,
    /// The service to take where an id fits several.
    pub preferred: Option<&'static str>,
    /// Whether the text is what is open already, so that typing replaces it and the whole history is offered.
    untouched: bool,
}

impl Default for ThreadBox {
    fn default() -> Self {
        Self { area: single_line(""), visits: Vec::new(), chosen: None, preferred: None, untouched: true }
    }
}

fn single_line(text: &str) -> TextArea<'static> {
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
    pub visits: Vec<(usize, &'a Visit)>,
    /// The row that Enter opens, among all.
    pub highlighted: Option<usize>,
}

impl DropDown<'_> {
    /// The row of the drop-down, among all, that stands in this row of the terminal.
    pub fn at(&self, row: u16) -> Option<usize> {
        let row = row.checked_sub(self.area.y + 1)?;
        self.visits.get(usize::from(row)).map(|(index, _)| *index)
    }
}

impl App {
    /// What drops down below the box; `None` if nothing does.
    pub fn drop_down(&self) -> Option<DropDown<'_>> {
        if self.focus != Pane::ThreadBox || self.width < 20 {
            return None;
        }
        let outer = self.frame().thread_box;
        let top = outer.below_line();
        let room = self.height.saturating_sub(top + 3).min(MOST);
        let suggestions = self.thread_box.suggestions();
        let rows = u16::try_from(suggestions.len()).unwrap_or(MOST).min(room);
        if rows == 0 {
            return None;
        }
        let highlighted = self.thread_box.highlighted_of(&suggestions);
        // The one that is highlighted is kept in view.
        let first = highlighted.map_or(0, |at| (at + 1).saturating_sub(usize::from(rows)));
        let all = suggestions.into_iter().enumerate();
        Some(DropDown {
            area: Rect::new(outer.outer.x, top, outer.outer.width, rows + 2),
            visits: all.skip(first).take(usize::from(rows)).collect(),
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
    Again {
        source: Source,
        profile: String,
    },
    Refused(String),
    Leave,
}

impl ThreadBox {
    /// An empty one that takes this service where several fit.
    pub fn preferring(service: Option<&'static str>) -> Self {
        Self { preferred: service, ..Self::default() }
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
    pub fn is_untouched(&self) -> bool {
        self.untouched
    }

    /// Shows this text, as the name of what is open.
    pub fn show(&mut self, text: &str) {
        self.area = single_line(text);
        self.chosen = None;
        self.untouched = true;
    }

    /// Begins anew: the text is kept until something is typed.
    pub fn begin(&mut self) {
        self.chosen = None;
        self.untouched = true;
    }

    /// What the text, as it stands, names.
    pub fn meaning(&self) -> Result<Source, NotRecognised> {
        recognise(self.text(), self.preferred)
    }

    /// The threads that the drop-down shows: those that hold what is typed.
    pub fn suggestions(&self) -> Vec<&Visit> {
        let wanted = if self.untouched { String::new() } else { self.text().trim().to_lowercase() };
        let fits = |visit: &&Visit| {
            let profile = visit.profile.as_deref().unwrap_or_default();
            let texts = [visit.typed.as_str(), &visit.title, profile, &visit.note];
            texts.iter().any(|text| text.to_lowercase().contains(&wanted))
        };
        self.visits.iter().filter(fits).collect()
    }

    /// Takes pasted text: blanks around it are cut, line breaks end it.
    pub fn paste(&mut self, text: &str) {
        let line = text.trim().lines().next().unwrap_or_default().trim();
        let line: String = line.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        if self.untouched {
            self.area = single_line("");
            self.untouched = false;
        }
        self.area.insert_str(line);
        self.chosen = None;
    }

    /// Takes a key press.
    pub fn press(&mut self, chord: Chord) -> BoxOutcome {
        match (chord.code, chord.ctrl) {
            (Code::Esc, _) | (Code::Char('c' | 'g'), true) => return BoxOutcome::Leave,
            (Code::Enter, _) => return self.enter(),
            (Code::Down, _) | (Code::Char('n'), true) => self.choose(1),
            (Code::Up, _) | (Code::Char('p'), true) => self.choose(-1),
            (Code::Char('u'), true) => {
                self.area = single_line("");
                self.untouched = false;
                self.chosen = None;
            }
            _ => self.edit(chord),
        }
        BoxOutcome::Edited
    }

    fn edit(&mut self, chord: Chord) {
        let moves = matches!(chord.code, Code::Left | Code::Right | Code::Home | Code::End);
        if self.untouched && !moves {
            let keeps = matches!(chord.code, Code::Backspace);
            if !keeps {
                self.area = single_line("");
            }
        }
        if self.text().chars().count() >= LONGEST && chord.typed().is_some() {
            return;
        }
        self.untouched = false;
        self.chosen = None;
        self.area.input(input(chord));
    }

    fn choose(&mut self, step: isize) {
        let suggestions = self.suggestions();
        let len = suggestions.len();
        if len == 0 {
            return;
        }
        let next = match self.highlighted_of(&suggestions) {
            None if step > 0 => Some(0),
            None => None,
            Some(at) => at.checked_add_signed(step).map(|at| at.min(len - 1)),
        };
        self.chosen = next;
    }

    /// The row that Enter opens: the chosen one; else the first, where the text itself names nothing.
    fn highlighted_of(&self, suggestions: &[&Visit]) -> Option<usize> {
        let first = || (!suggestions.is_empty() && self.meaning().is_err()).then_some(0);
        self.chosen.or_else(first)
    }

    fn enter(&mut self) -> BoxOutcome {
        let suggestions = self.suggestions();
        let visit = self.highlighted_of(&suggestions).and_then(|at| suggestions.get(at));
        let meaning = match visit {
            Some(visit) => recognise(&visit.typed, self.preferred),
            None => self.meaning(),
        };
        match (meaning, visit.and_then(|visit| visit.profile.clone())) {
            (Ok(source), Some(profile)) => BoxOutcome::Again { source, profile },
            (Ok(source), None) => BoxOutcome::Open(source),
            (Err(refused), _) => BoxOutcome::Refused(refused.reason),
        }
    }

    /// Opens a row of the drop-down.
    pub fn pick(&mut self, row: usize) -> BoxOutcome {
        self.chosen = Some(row);
        self.enter()
    }
}

/// A key press in the words of the input widget.
pub(super) fn input(chord: Chord) -> Input {
    let key = match chord.code {
        Code::Char(c) => Key::Char(c),
        Code::Enter => Key::Enter,
        Code::Esc => Key::Esc,
        Code::Tab => Key::Null,
        Code::Backspace => Key::Backspace,
        Code::Delete => Key::Delete,
        Code::Home => Key::Home,
        Code::End => Key::End,
        Code::Left => Key::Left,
        Code::Right => Key::Right,
        Code::Insert | Code::PageUp | Code::PageDown | Code::Up | Code::Down | Code::F(_) => Key::Null,
    };
    Input { key, ctrl: chord.ctrl, alt: chord.alt, shift: chord.shift }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(typed: &str, title: &str) -> Visit {
        Visit {
            typed: typed.to_owned(),
            title: title.to_owned(),
            service: "sgp".to_owned(),
            profile: None,
            at: None,
            note: String::new(),
        }
    }

    #[test]
    fn typing_replaces_what_is_open_and_narrows_the_history() {
        let visits = vec![visit("sgp:aaa", "Lamp"), visit("sgp:bbb", "Revenue")];
        let mut input = ThreadBox { visits, ..ThreadBox::default() };
        input.show("sgp:aaa");
        assert_eq!(input.suggestions().len(), 2);
        for c in "reve".chars() {
            input.press(Chord::plain(Code::Char(c)));
        }
        assert_eq!(input.text(), "reve");
        assert_eq!(input.suggestions().len(), 1);
        input.press(Chord::plain(Code::Down));
        assert_eq!(input.highlighted_of(&input.suggestions()), Some(0));
    }

    fn opened(typed: &str) -> BoxOutcome {
        BoxOutcome::Open(recognise(typed, None).unwrap())
    }

    #[test]
    fn enter_in_an_empty_box_opens_the_first_row() {
        let visits = vec![visit("sgp:aaa", "Lamp"), visit("sgp:bbb", "Revenue")];
        let mut input = ThreadBox { visits, ..ThreadBox::default() };
        assert_eq!(input.highlighted_of(&input.suggestions()), Some(0));
        assert_eq!(input.press(Chord::plain(Code::Enter)), opened("sgp:aaa"));
        input.press(Chord::plain(Code::Down));
        assert_eq!(input.press(Chord::plain(Code::Enter)), opened("sgp:bbb"));
    }

    #[test]
    fn a_word_of_a_title_opens_the_thread_that_has_it_but_an_id_is_taken_as_it_is() {
        let visits = vec![visit("sgp:aaa", "Lamp, order 44"), visit("sgp:bbb", "A word of revenue")];
        let mut input = ThreadBox { visits, ..ThreadBox::default() };
        input.paste("of rev");
        assert_eq!(input.press(Chord::plain(Code::Enter)), opened("sgp:bbb"));
        input.show("");
        input.paste("camelai:44");
        assert_eq!(input.highlighted_of(&input.suggestions()), None);
        assert_eq!(input.press(Chord::plain(Code::Enter)), opened("camelai:44"));
    }

    #[test]
    fn enter_on_what_is_neither_a_thread_nor_part_of_a_title_says_so() {
        let mut input = ThreadBox { visits: vec![visit("sgp:aaa", "Lamp")], ..ThreadBox::default() };
        input.paste("no such words");
        assert!(matches!(input.press(Chord::plain(Code::Enter)), BoxOutcome::Refused(_)));
    }

    #[test]
    fn a_pasted_id_is_cut_out_of_its_blanks() {
        let mut input = ThreadBox::default();
        input.show("old");
        input.paste("  8c5e1a70-93d2\u{1b}[2J \nsecond line");
        assert_eq!(input.text(), "8c5e1a70-93d2[2J");
    }
}
