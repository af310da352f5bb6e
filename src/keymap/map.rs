//! Sequences of chords to actions. Small enough to be searched line by line; a lookup is some hundred comparisons.

use super::{Chord, ParseChordError};
use crate::action::{ACTION_TABLE, Action, Scope};

/// One binding.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Binding {
    scope: Scope,
    keys: Vec<Chord>,
    action: Action,
}

/// Two actions that want the same keys in the same scope, or one whose keys begin another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub keys: String,
    pub first: &'static str,
    pub second: &'static str,
}

/// What a sequence of chords means so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    Action(Action),
    /// The beginning of at least one sequence.
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
                    map.bindings.push(Binding { scope: row.scope, keys, action: row.action });
                }
            }
        }
        map
    }
}

/// Chords separated by blanks.
fn parse_sequence(text: &str) -> Result<Vec<Chord>, ParseChordError> {
    let keys: Vec<Chord> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err(ParseChordError { text: text.to_owned() }) } else { Ok(keys) }
}

impl Keymap {
    /// Gives an action other keys instead of its own; an empty list takes them away.
    ///
    /// # Errors
    /// A text that is not a key; the map is unchanged then.
    pub fn rebind(&mut self, action: Action, sequences: &[String]) -> Result<(), ParseChordError> {
        let parsed: Vec<_> = sequences.iter().map(|keys| parse_sequence(keys)).collect::<Result<_, _>>()?;
        let scope = action.row().map_or(Scope::Global, |row| row.scope);
        self.bindings.retain(|binding| binding.action != action);
        self.bindings.extend(parsed.into_iter().map(|keys| Binding { scope, keys, action }));
        Ok(())
    }

    /// What these chords mean where `scopes` hold, innermost first.
    pub fn lookup(&self, scopes: &[Scope], keys: &[Chord]) -> Lookup {
        for scope in scopes {
            let here = || self.bindings.iter().filter(|binding| binding.scope == *scope);
            if let Some(binding) = here().find(|binding| binding.keys == keys) {
                return Lookup::Action(binding.action);
            }
            if here().any(|binding| binding.keys.len() > keys.len() && binding.keys.starts_with(keys)) {
                return Lookup::Prefix;
            }
        }
        Lookup::Unbound
    }

    /// The keys of an action as text, first come first.
    pub fn keys_of(&self, action: Action) -> Vec<String> {
        self.bindings
            .iter()
            .filter(|binding| binding.action == action)
            .map(|binding| format_sequence(&binding.keys))
            .collect()
    }

    /// What can follow a prefix: the rest of the keys, and the action.
    pub fn continuations(&self, scopes: &[Scope], keys: &[Chord]) -> Vec<(String, Action)> {
        let mut found = Vec::new();
        for binding in self.bindings.iter().filter(|binding| scopes.contains(&binding.scope)) {
            if let Some(rest) = binding.keys.strip_prefix(keys)
                && !rest.is_empty()
            {
                found.push((format_sequence(rest), binding.action));
            }
        }
        found
    }

    /// Every pair of bindings that cannot both be reached.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        for (index, one) in self.bindings.iter().enumerate() {
            for two in self.bindings.iter().skip(index + 1) {
                let clash = one.keys.starts_with(&two.keys) || two.keys.starts_with(&one.keys);
                if one.scope == two.scope && one.action != two.action && clash {
                    let name = |action: Action| action.row().map_or("", |row| row.name);
                    let keys =
                        format_sequence(if one.keys.len() < two.keys.len() { &one.keys } else { &two.keys });
                    found.push(Conflict { keys, first: name(one.action), second: name(two.action) });
                }
            }
        }
        found
    }
}

/// A sequence as people write it: plain letters run together (`gg`), named keys keep their blanks.
fn format_sequence(keys: &[Chord]) -> String {
    let words: Vec<String> = keys.iter().map(Chord::to_string).collect();
    let short = words.iter().all(|word| word.chars().count() == 1);
    words.join(if short { "" } else { " " })
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
    fn sequences_resolve_step_by_step() {
        let map = Keymap::default();
        let keys = parse_sequence("] e").unwrap();
        assert_eq!(map.lookup(&[Scope::Global], &keys[..1]), Lookup::Prefix);
        assert_eq!(map.lookup(&[Scope::Global], &keys), Lookup::Action(Action::NextError));
        assert_eq!(map.lookup(&[Scope::Global], &parse_sequence("] q").unwrap()), Lookup::Unbound);
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
