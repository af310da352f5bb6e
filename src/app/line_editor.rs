//! A one-line text field, for the thread box and the prompt.

use tui_textarea::{CursorMove, Input, Key as TextAreaKey, TextArea};

use crate::keymap::{Chord, Key};

/// A line of text with a cursor.
#[derive(Clone, Debug)]
pub struct LineEditor {
    area: TextArea<'static>,
    max_chars: usize,
}

impl LineEditor {
    /// Creates a field with the cursor after its text. Users can type up to `max_chars` characters.
    pub fn new(text: &str, max_chars: usize) -> Self {
        let mut area = TextArea::new(vec![text.to_owned()]);
        area.move_cursor(CursorMove::End);
        Self { area, max_chars }
    }

    /// Replaces the text, and moves the cursor to its end.
    pub fn set_text(&mut self, text: &str) {
        *self = Self::new(text, self.max_chars);
    }

    /// Returns the typed text.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Returns the cursor position in characters.
    pub fn cursor(&self) -> usize {
        self.area.cursor().1
    }

    /// Inserts the first line of pasted text, without control characters.
    pub fn paste(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        self.area
            .insert_str(line.chars().filter(|c| !c.is_control()).take(self.max_chars).collect::<String>());
    }

    /// Handles a key press. Returns false if it would type into a full field.
    pub fn on_key(&mut self, chord: Chord) -> bool {
        let is_full = self.text().chars().count() >= self.max_chars && chord.typed_char().is_some();
        if !is_full {
            self.area.input(textarea_input(chord));
        }
        !is_full
    }
}

/// Converts a chord to the input widget's type.
fn textarea_input(chord: Chord) -> Input {
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
