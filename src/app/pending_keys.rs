//! The conversion of key presses to actions: sequences such as `g g`, counts before a motion, and digits that select a tab
//! or start a count.

use crate::action::Action;
use crate::app::detail::Tab;
use crate::domain::Timestamp;
use crate::keymap::{Chord, Key, Keymap, Lookup};

/// A digit that switched the tab becomes a count if the next key follows within this time, in microseconds. Users type
/// `5j` quickly, but look at a tab before they press the next key.
const MAX_COUNT_PAUSE_MICROS: i64 = 250_000;

/// The keys of an incomplete sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PendingKeys {
    pub chords: Vec<Chord>,
    /// The count before a motion.
    pub count: Option<usize>,
    /// The time of a digit that switched the tab.
    tab_digit_at: Option<Timestamp>,
}

/// The result of a key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOutcome {
    /// Run the action; `count` repeats it or is its target.
    Run {
        action: Action,
        count: Option<usize>,
    },
    /// The previous digit was a count: undo its tab switch, then run the action.
    UndoTabAndRun {
        action: Action,
        count: Option<usize>,
    },
    /// The sequence is incomplete.
    NeedMore,
    /// The digits form a count: undo the tab switch of the first one.
    UndoTab,
    Nothing,
}

impl PendingKeys {
    /// Discards the pending keys.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Handles a key press.
    pub fn on_key(&mut self, chord: Chord, map: &Keymap, now: Timestamp) -> KeyOutcome {
        let digit = chord.typed_char().and_then(|c| c.to_digit(10)).filter(|_| self.chords.is_empty());
        if let Some(digit) = digit
            && let Some(outcome) = self.on_digit(digit as usize, now)
        {
            return outcome;
        }
        self.chords.push(chord);
        match map.lookup(&self.chords) {
            Lookup::Prefix => KeyOutcome::NeedMore,
            Lookup::Unbound => {
                self.clear();
                KeyOutcome::Nothing
            }
            Lookup::Action(action) => self.finish(action, digit, now),
        }
    }

    /// Handles a digit: it belongs to a count, unless it is the first and selects a tab.
    fn on_digit(&mut self, digit: usize, now: Timestamp) -> Option<KeyOutcome> {
        match self.count {
            Some(count) => {
                if !self.is_within_count_pause(now) {
                    self.clear();
                    return self.on_digit(digit, now);
                }
                let switched_tab = self.tab_digit_at.take().is_some();
                self.count = Some(count.saturating_mul(10).saturating_add(digit));
                Some(if switched_tab { KeyOutcome::UndoTab } else { KeyOutcome::NeedMore })
            }
            None if digit == 0 || digit > Tab::ALL.len() => {
                self.count = (digit > 0).then_some(digit);
                Some(KeyOutcome::NeedMore)
            }
            None => None,
        }
    }

    fn is_within_count_pause(&self, now: Timestamp) -> bool {
        self.tab_digit_at.is_none_or(|digit_at| now.micros_since(digit_at) <= MAX_COUNT_PAUSE_MICROS)
    }

    fn finish(&mut self, action: Action, digit: Option<u32>, now: Timestamp) -> KeyOutcome {
        let last = self.chords.last().copied();
        let count = self.count.take();
        let digit_at = self.tab_digit_at.take();
        self.chords.clear();
        if let Some(digit) = digit {
            self.count = Some(digit as usize);
            self.tab_digit_at = Some(now);
            return KeyOutcome::Run { action, count: None };
        }
        if action == Action::FoldToLevel {
            let level = last.and_then(Chord::typed_char).and_then(|c| c.to_digit(10)).map(|d| d as usize);
            return KeyOutcome::Run { action, count: level };
        }
        let count = count.filter(|_| action.row().takes_count);
        match digit_at {
            Some(digit_at) if count.is_some() && now.micros_since(digit_at) <= MAX_COUNT_PAUSE_MICROS => {
                KeyOutcome::UndoTabAndRun { action, count }
            }
            // The digit selected a tab.
            Some(_) => KeyOutcome::Run { action, count: None },
            None => KeyOutcome::Run { action, count },
        }
    }

    /// Returns the pending keys as text for the hint line.
    pub fn text(&self) -> String {
        let count = self.count.filter(|_| self.tab_digit_at.is_none()).map(|count| count.to_string());
        let chords = self.chords.iter().map(|chord| match chord.key {
            Key::Char(c) if !chord.ctrl && !chord.alt => c.to_string(),
            _ => chord.to_string(),
        });
        count.into_iter().chain(chords).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press_keys(pending: &mut PendingKeys, keys: &str, micros: i64) -> Vec<KeyOutcome> {
        let map = Keymap::default();
        keys.chars().map(|c| pending.on_key(Chord::plain(Key::Char(c)), &map, Timestamp(micros))).collect()
    }

    #[test]
    fn a_count_repeats_a_motion() {
        let mut pending = PendingKeys::default();
        let down = KeyOutcome::Run { action: Action::Down, count: Some(8) };
        assert_eq!(press_keys(&mut pending, "8j", 0), [KeyOutcome::NeedMore, down]);
        let outcomes = press_keys(&mut pending, "12G", 0);
        assert_eq!(
            outcomes[1..],
            [KeyOutcome::UndoTab, KeyOutcome::Run { action: Action::Bottom, count: Some(12) }]
        );
    }

    #[test]
    fn digit_switches_the_tab_unless_a_motion_follows_quickly() {
        let mut pending = PendingKeys::default();
        let spans = KeyOutcome::Run { action: Action::ShowSpans, count: None };
        assert_eq!(press_keys(&mut pending, "2", 0), [spans]);
        assert_eq!(
            press_keys(&mut pending, "j", 400_000),
            [KeyOutcome::Run { action: Action::Down, count: None }]
        );
        let counted = KeyOutcome::UndoTabAndRun { action: Action::Down, count: Some(2) };
        assert_eq!(press_keys(&mut pending, "2j", 0), [spans, counted]);
    }

    #[test]
    fn unknown_sequence_clears_pending_keys() {
        let mut pending = PendingKeys::default();
        assert_eq!(press_keys(&mut pending, "]q", 0), [KeyOutcome::NeedMore, KeyOutcome::Nothing]);
        assert_eq!(pending, PendingKeys::default());
    }
}
