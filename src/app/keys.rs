//! From key presses to actions: sequences such as `g g`, counts before a motion, and digits that are both a tab and the
//! beginning of a count.

use crate::action::{Action, Scope};
use crate::domain::Stamp;
use crate::keymap::{Chord, Code, Keymap, Lookup};

/// A digit that switched a tab still begins a count if the rest follows within this time, in microseconds: people type
/// `5j` in one go, but look at the tab before they press the next key.
const COUNT_PAUSE: i64 = 250_000;

/// What has been typed of a sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Chords of a sequence that is not complete.
    pub chords: Vec<Chord>,
    /// A count typed before a motion.
    pub count: Option<usize>,
    digit_at: Option<Stamp>,
}

/// What a key press comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Carry this out, so many times (or to there).
    Act {
        action: Action,
        count: Option<usize>,
    },
    /// The digit before was a count after all: take its tab switch back, then carry this out.
    TakeBackAndAct {
        action: Action,
        count: Option<usize>,
    },
    /// More keys are needed.
    More,
    /// The digits make a count: take back the tab switch of the first one.
    TakeBack,
    Nothing,
}

impl Pending {
    /// Forgets everything that was typed.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes one key press.
    pub fn press(&mut self, chord: Chord, scopes: &[Scope], map: &Keymap, now: Stamp) -> Outcome {
        let digit = chord.typed().and_then(|c| c.to_digit(10)).filter(|_| self.chords.is_empty());
        if let Some(digit) = digit
            && let Some(outcome) = self.press_digit(digit as usize, now)
        {
            return outcome;
        }
        self.chords.push(chord);
        match map.lookup(scopes, &self.chords) {
            Lookup::Prefix => Outcome::More,
            Lookup::Nothing => {
                self.clear();
                Outcome::Nothing
            }
            Lookup::Action(action) => self.complete(action, digit, now),
        }
    }

    /// A digit is part of a count unless it stands alone and is bound to something.
    fn press_digit(&mut self, digit: usize, now: Stamp) -> Option<Outcome> {
        match self.count {
            Some(count) => {
                if !self.is_fresh(now) {
                    self.clear();
                    return self.press_digit(digit, now);
                }
                let switched_a_tab = self.digit_at.take().is_some();
                self.count = Some(count.saturating_mul(10).saturating_add(digit));
                Some(if switched_a_tab { Outcome::TakeBack } else { Outcome::More })
            }
            None if digit == 0 || digit > 5 => {
                self.count = (digit > 0).then_some(digit);
                Some(Outcome::More)
            }
            None => None,
        }
    }

    fn is_fresh(&self, now: Stamp) -> bool {
        self.digit_at.is_none_or(|at| now.micros_since(at) <= COUNT_PAUSE)
    }

    fn complete(&mut self, action: Action, digit: Option<u32>, now: Stamp) -> Outcome {
        let last = self.chords.last().copied();
        let count = self.count.take();
        let digit_at = self.digit_at.take();
        self.chords.clear();
        if let Some(digit) = digit {
            self.count = Some(digit as usize);
            self.digit_at = Some(now);
            return Outcome::Act { action, count: None };
        }
        if action == Action::FoldToLevel {
            let level = last.and_then(Chord::typed).and_then(|c| c.to_digit(10)).map(|d| d as usize);
            return Outcome::Act { action, count: level };
        }
        let count = count.filter(|_| action.takes_count());
        match digit_at {
            Some(at) if count.is_some() && now.micros_since(at) <= COUNT_PAUSE => {
                Outcome::TakeBackAndAct { action, count }
            }
            // The digit was meant as a tab.
            Some(_) => Outcome::Act { action, count: None },
            None => Outcome::Act { action, count },
        }
    }

    /// What is typed so far, for the hint line; empty if nothing is pending.
    pub fn text(&self) -> String {
        let count = self.count.filter(|_| self.digit_at.is_none()).map(|count| count.to_string());
        let chords = self.chords.iter().map(|chord| match chord.code {
            Code::Char(c) if !chord.ctrl && !chord.alt => c.to_string(),
            _ => chord.to_string(),
        });
        count.into_iter().chain(chords).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(pending: &mut Pending, keys: &str, at: i64) -> Vec<Outcome> {
        let map = Keymap::default();
        keys.chars()
            .map(|c| pending.press(Chord::plain(Code::Char(c)), &[Scope::Global], &map, Stamp(at)))
            .collect()
    }

    #[test]
    fn a_count_repeats_a_motion() {
        let mut pending = Pending::default();
        let down = Outcome::Act { action: Action::Down, count: Some(8) };
        assert_eq!(press(&mut pending, "8j", 0), [Outcome::More, down]);
        let outcomes = press(&mut pending, "12G", 0);
        assert_eq!(
            outcomes[1..],
            [Outcome::TakeBack, Outcome::Act { action: Action::Bottom, count: Some(12) }]
        );
    }

    #[test]
    fn a_digit_is_a_tab_when_one_looks_at_it_and_a_count_when_typed_in_one_go() {
        let mut pending = Pending::default();
        let spans = Outcome::Act { action: Action::ShowSpans, count: None };
        assert_eq!(press(&mut pending, "2", 0), [spans]);
        assert_eq!(press(&mut pending, "j", 400_000), [Outcome::Act { action: Action::Down, count: None }]);
        let counted = Outcome::TakeBackAndAct { action: Action::Down, count: Some(2) };
        assert_eq!(press(&mut pending, "2j", 0), [spans, counted]);
    }

    #[test]
    fn unknown_sequences_leave_nothing_behind() {
        let mut pending = Pending::default();
        assert_eq!(press(&mut pending, "]q", 0), [Outcome::More, Outcome::Nothing]);
        assert_eq!(pending, Pending::default());
    }
}
