//! A key press with its modifiers, and its text form.

use std::fmt;
use std::str::FromStr;

/// A key without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Home,
    End,
    PageUp,
    PageDown,
    Up,
    Down,
    Left,
    Right,
    F(u8),
}

/// A key with its modifiers. Shift is part of the character for printable keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    pub key: Key,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

/// A text that is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a key; examples: j, G, ctrl-d, shift-tab, f5, space, pagedown")]
pub struct ParseChordError {
    pub text: String,
}

/// The names of keys that have no single character.
const KEY_NAMES: &[(&str, Key)] = &[
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("space", Key::Char(' ')),
];

/// Alternative names of keys, from other programs.
const KEY_ALIASES: &[(&str, Key)] = &[
    ("return", Key::Enter),
    ("cr", Key::Enter),
    ("escape", Key::Esc),
    ("bs", Key::Backspace),
    ("del", Key::Delete),
    ("ins", Key::Insert),
    ("pgup", Key::PageUp),
    ("page-up", Key::PageUp),
    ("pgdn", Key::PageDown),
    ("pgdown", Key::PageDown),
    ("page-down", Key::PageDown),
    ("lt", Key::Char('<')),
    ("bar", Key::Char('|')),
    ("plus", Key::Char('+')),
    ("minus", Key::Char('-')),
];

/// The names of modifiers. The first of each is the one that is printed.
const MODIFIERS: &[(&str, Modifier)] = &[
    ("ctrl", Modifier::Ctrl),
    ("alt", Modifier::Alt),
    ("shift", Modifier::Shift),
    ("control", Modifier::Ctrl),
    ("c", Modifier::Ctrl),
    ("meta", Modifier::Alt),
    ("option", Modifier::Alt),
    ("a", Modifier::Alt),
    ("m", Modifier::Alt),
    ("s", Modifier::Shift),
];

#[derive(Clone, Copy)]
enum Modifier {
    Ctrl,
    Alt,
    Shift,
}

impl Chord {
    /// Creates a key press without modifiers.
    pub fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false, shift: false }
    }

    /// Returns the character that this chord types, if any.
    pub fn typed_char(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl FromStr for Chord {
    type Err = ParseChordError;

    fn from_str(text: &str) -> Result<Self, ParseChordError> {
        let mut chord = Self::plain(Key::Esc);
        let mut rest = strip_angle_brackets(text);
        // `ctrl-R` is ctrl, shift and r; elsewhere the case of a letter after ctrl has no meaning.
        let mut ignores_case = rest != text;
        if let Some(after) = rest.strip_prefix('^').filter(|after| after.chars().count() == 1) {
            (chord.ctrl, ignores_case, rest) = (true, true, after);
        }
        while let Some((word, modifier, after)) = split_modifier(rest) {
            ignores_case |= !MODIFIERS.iter().take(3).any(|(name, _)| *name == word);
            match modifier {
                Modifier::Ctrl => chord.ctrl = true,
                Modifier::Alt => chord.alt = true,
                Modifier::Shift => chord.shift = true,
            }
            rest = after;
        }
        chord.key = parse_key(rest).ok_or_else(|| ParseChordError { text: text.to_owned() })?;
        if let Key::Char(c) = chord.key
            && chord.ctrl
            && ignores_case
        {
            chord.key = Key::Char(c.to_ascii_lowercase());
        }
        // The name of shift-tab in other programs.
        if rest.eq_ignore_ascii_case("backtab") {
            chord.shift = true;
        }
        if let Key::Char(c) = chord.key
            && chord.shift
        {
            chord.shift = false;
            chord.key = Key::Char(c.to_uppercase().next().unwrap_or(c));
        }
        Ok(chord)
    }
}

/// `C-r` of `<C-r>`.
fn strip_angle_brackets(text: &str) -> &str {
    let inside = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inside.filter(|inside| !inside.is_empty()).unwrap_or(text)
}

/// Returns the modifier that the text begins with, and the rest: `ctrl-`, `Ctrl+` or `C-` before a key.
fn split_modifier(text: &str) -> Option<(&str, Modifier, &str)> {
    let end = text.find(['-', '+'])?;
    let (word, rest) = text.split_at_checked(end)?;
    let rest = rest.get(1..).filter(|rest| !rest.is_empty())?;
    let known = MODIFIERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    known.map(|(_, modifier)| (word, *modifier, rest))
}

fn parse_key(text: &str) -> Option<Key> {
    let mut chars = text.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        return (!only.is_control()).then_some(Key::Char(only));
    }
    let lower = text.to_ascii_lowercase();
    if lower == "backtab" {
        return Some(Key::Tab);
    }
    if let Some((_, key)) = KEY_NAMES.iter().chain(KEY_ALIASES).find(|(name, _)| *name == lower) {
        return Some(*key);
    }
    let number = lower.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(Key::F(number))
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (is_held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if is_held {
                f.write_str(name)?;
            }
        }
        match self.key {
            Key::F(number) => write!(f, "f{number}"),
            key => match (KEY_NAMES.iter().find(|(_, named)| *named == key), key) {
                (Some((name, _)), _) => f.write_str(name),
                (None, Key::Char(c)) => write!(f, "{c}"),
                (None, _) => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unknown_keys_do_not_parse() {
        for text in ["", "ctrl-", "f0", "f25", "banana", "\0", "\x1b", "ctrl-\x7f"] {
            assert!(text.parse::<Chord>().is_err(), "{text}");
        }
    }

    #[test]
    fn keys_parse_as_people_and_other_programs_write_them() {
        for (text, printed) in [
            ("Ctrl-r", "ctrl-r"),
            ("Ctrl+R", "ctrl-r"),
            ("CTRL-R", "ctrl-r"),
            ("C-r", "ctrl-r"),
            ("<C-r>", "ctrl-r"),
            ("<C-R>", "ctrl-r"),
            ("^R", "ctrl-r"),
            ("control-r", "ctrl-r"),
            ("ctrl-R", "ctrl-R"),
            ("M-x", "alt-x"),
            ("Alt+X", "alt-X"),
            ("<S-Tab>", "shift-tab"),
            ("BackTab", "shift-tab"),
            ("Shift+g", "G"),
            ("<Esc>", "esc"),
            ("Escape", "esc"),
            ("<CR>", "enter"),
            ("Return", "enter"),
            ("PgDn", "pagedown"),
            ("Page-Up", "pageup"),
            ("F5", "f5"),
            ("<F5>", "f5"),
            ("<lt>", "<"),
            ("<", "<"),
            ("-", "-"),
            ("+", "+"),
            ("^", "^"),
            ("ctrl--", "ctrl--"),
            ("ctrl-^", "ctrl-^"),
            ("ctrl-alt-Del", "ctrl-alt-delete"),
        ] {
            let chord = text.parse::<Chord>();
            assert_eq!(chord.map(|chord| chord.to_string()).as_deref(), Ok(printed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn display_and_parse_round_trip(ctrl: bool, alt: bool, c in "[!-~]|ü|日| ") {
            let c = c.chars().next().unwrap();
            let chord = Chord { ctrl, alt, ..Chord::plain(Key::Char(c)) };
            prop_assert_eq!(chord.to_string().parse::<Chord>(), Ok(chord));
        }
    }
}
