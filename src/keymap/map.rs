//! The map from sequences of chords to actions. A linear search is enough: a lookup takes about a hundred comparisons.

use super::{Chord, Key, ParseChordError};
use crate::action::{ACTION_TABLE, Action};

/// A key sequence that is bound to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Binding {
    keys: Vec<Chord>,
    action: Action,
}

/// Two actions with the same keys, or keys that are the beginning of another action's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub keys: String,
    pub first: &'static str,
    pub second: &'static str,
    /// The keys of both, in the usual notation.
    pub first_keys: String,
    pub second_keys: String,
}

/// The meaning of a sequence of chords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    Action(Action),
    /// The keys are the beginning of at least one sequence.
    Prefix,
    Unbound,
}

/// The key map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut map = Self { bindings: Vec::new() };
        for row in ACTION_TABLE {
            for keys in row.keys {
                if let Ok(keys) = parse_sequence(keys) {
                    map.bindings.push(Binding { keys, action: row.action });
                }
            }
        }
        map
    }
}

/// Parses chords separated by spaces; two characters may run together, as they are printed: `gg`, `]d`, `zR`.
fn parse_sequence(text: &str) -> Result<Vec<Chord>, ParseChordError> {
    let mut keys = Vec::new();
    for word in text.split_whitespace() {
        match (word.parse(), parse_pair(word)) {
            (Ok(chord), _) => keys.push(chord),
            (Err(_), Some(pair)) => keys.extend(pair),
            (Err(error), None) => return Err(error),
        }
    }
    if keys.is_empty() { Err(ParseChordError { text: text.to_owned() }) } else { Ok(keys) }
}

/// Parses two characters without a space between them. A function key that does not exist is an error, not a pair; so is a
/// control character, which no key types.
fn parse_pair(word: &str) -> Option<[Chord; 2]> {
    let mut letters = word.chars();
    let (first, second) = (letters.next()?, letters.next()?);
    let is_function_key = first.eq_ignore_ascii_case(&'f') && second.is_ascii_digit();
    let has_control = word.contains(char::is_control);
    let is_pair = letters.next().is_none() && !is_function_key && !has_control;
    is_pair.then(|| [first, second].map(|letter| Chord::plain(Key::Char(letter))))
}

impl Keymap {
    /// Replaces the keys of an action; an empty list unbinds it.
    ///
    /// # Errors
    /// A text is not a key; the map is then unchanged.
    pub fn rebind(&mut self, action: Action, sequences: &[String]) -> Result<(), ParseChordError> {
        let parsed: Vec<_> = sequences.iter().map(|keys| parse_sequence(keys)).collect::<Result<_, _>>()?;
        self.bindings.retain(|binding| binding.action != action);
        self.bindings.extend(parsed.into_iter().map(|keys| Binding { keys, action }));
        Ok(())
    }

    /// Returns the usual notation of a key sequence.
    ///
    /// # Errors
    /// The text is not a key sequence.
    pub fn normalize(text: &str) -> Result<String, ParseChordError> {
        parse_sequence(text).map(|keys| format_sequence(&keys))
    }

    /// Returns the meaning of these chords; a complete sequence wins over the beginning of a longer one.
    pub fn lookup(&self, keys: &[Chord]) -> Lookup {
        if let Some(binding) = self.bindings.iter().find(|binding| binding.keys == keys) {
            return Lookup::Action(binding.action);
        }
        let is_prefix = self.bindings.iter().any(|binding| binding.keys.starts_with(keys));
        if is_prefix { Lookup::Prefix } else { Lookup::Unbound }
    }

    /// Returns the key sequences of an action as text, in the order of their definition.
    pub fn keys_of(&self, action: Action) -> Vec<String> {
        self.bindings
            .iter()
            .filter(|binding| binding.action == action)
            .map(|binding| format_sequence(&binding.keys))
            .collect()
    }

    /// Returns the continuations of a prefix: the rest of the keys, and the action.
    pub fn continuations(&self, keys: &[Chord]) -> Vec<(String, Action)> {
        let continuation = |binding: &Binding| {
            let rest = binding.keys.strip_prefix(keys).filter(|rest| !rest.is_empty())?;
            Some((format_sequence(rest), binding.action))
        };
        self.bindings.iter().filter_map(continuation).collect()
    }

    /// Returns every pair of conflicting bindings.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        for (index, first) in self.bindings.iter().enumerate() {
            for second in self.bindings.iter().skip(index + 1) {
                let (short, long) =
                    if first.keys.len() < second.keys.len() { (first, second) } else { (second, first) };
                if first.action != second.action && long.keys.starts_with(&short.keys) {
                    conflicts.push(Conflict {
                        keys: format_sequence(&short.keys),
                        first: first.action.row().name,
                        second: second.action.row().name,
                        first_keys: format_sequence(&first.keys),
                        second_keys: format_sequence(&second.keys),
                    });
                }
            }
        }
        conflicts
    }
}

/// Returns the usual notation of a sequence: single characters run together (`gg`), named keys are separated by spaces.
fn format_sequence(keys: &[Chord]) -> String {
    let words: Vec<String> = keys.iter().map(Chord::to_string).collect();
    // `gg`, but `f 1`, to distinguish it from the key F1.
    Some(words.concat())
        .filter(|joined| words.iter().all(|word| word.chars().count() == 1) && parses_to(joined, keys))
        .unwrap_or_else(|| words.join(" "))
}

fn parses_to(text: &str, keys: &[Chord]) -> bool {
    parse_sequence(text).is_ok_and(|parsed| parsed == keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_parse_and_do_not_conflict() {
        for row in ACTION_TABLE {
            for keys in row.keys {
                assert!(parse_sequence(keys).is_ok(), "{}: {keys}", row.name);
            }
        }
        assert_eq!(Keymap::default().conflicts(), vec![]);
    }

    #[test]
    fn every_printed_sequence_parses_back() {
        let map = Keymap::default();
        for row in ACTION_TABLE {
            for printed in map.keys_of(row.action) {
                assert_eq!(Keymap::normalize(&printed).as_deref(), Ok(printed.as_str()));
            }
        }
        for (text, printed) in
            [("]d", "]d"), ("] d", "]d"), ("gg", "gg"), ("zR", "zR"), ("Ctrl-x s", "ctrl-x s")]
        {
            assert_eq!(Keymap::normalize(text).as_deref(), Ok(printed));
        }
        for text in ["", "banana", "f0", "F9x", "esk", "\0=", "a\u{7f}"] {
            assert!(Keymap::normalize(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sequences_resolve_step_by_step() {
        let map = Keymap::default();
        let keys = parse_sequence("] e").unwrap();
        assert_eq!(map.lookup(&keys[..1]), Lookup::Prefix);
        assert_eq!(map.lookup(&keys), Lookup::Action(Action::NextError));
        assert_eq!(map.lookup(&parse_sequence("] q").unwrap()), Lookup::Unbound);
    }

    #[test]
    fn a_printed_sequence_reads_as_the_same_keys() {
        for (typed, printed) in
            [("g g", "gg"), ("f 1", "f 1"), ("f1", "f1"), ("^ a", "^ a"), ("< a >", "< a >")]
        {
            let keys = parse_sequence(typed).unwrap();
            assert_eq!(format_sequence(&keys), printed);
            assert_eq!(parse_sequence(printed).unwrap(), keys);
        }
    }

    #[test]
    fn rebinding_replaces_and_reports_conflicts() {
        let mut map = Keymap::default();
        map.rebind(Action::Help, &["j".to_owned()]).unwrap();
        assert_eq!(map.keys_of(Action::Help), vec!["j"]);
        assert_eq!(map.conflicts().len(), 1);
        assert!(map.rebind(Action::Help, &["banana".to_owned()]).is_err());
    }
}
