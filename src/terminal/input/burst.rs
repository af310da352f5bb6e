//! Distinguishes typing from unbracketed pastes: text that arrives all at once, followed directly by Enter, was not typed.
//! Has no clock.

use std::time::{Duration, Instant};

use crate::event::Event;
use crate::keymap::{Chord, Key};

/// Keys that follow each other within this time arrived together; nobody types that fast.
const MAX_GAP: Duration = Duration::from_millis(10);

/// The fewest characters that, if they arrive together, were not typed.
const MIN_CHARACTERS: usize = 2;

/// The maximum number of events held back.
#[cfg(unix)]
const MAX_HELD: usize = 256;

/// Recognizes keys that arrive together.
#[derive(Debug, Default)]
pub(super) struct Burst {
    /// The characters that arrived without a gap.
    characters: usize,
    fed_at: Option<Instant>,
}

impl Burst {
    /// Notes that input arrives now.
    pub(super) fn start_input(&mut self, now: Instant) {
        let before = self.fed_at.replace(now);
        if before.is_none_or(|before| now.saturating_duration_since(before) >= MAX_GAP) {
            self.characters = 0;
        }
    }

    /// Marks Enter directly after text that arrived together; returns other events unchanged.
    pub(super) fn mark(&mut self, event: Event) -> Event {
        let Event::Key(chord) = event else { return event };
        if chord == Chord::plain(Key::Enter) && self.characters >= MIN_CHARACTERS {
            return Event::EnterInBurst;
        }
        self.characters += usize::from(chord.typed_char().is_some());
        Event::Key(chord)
    }

    /// Returns the time until which the events so far are held back, because an Enter may follow: a script that waits until
    /// the text is shown then never sends its own Enter too early.
    #[cfg(unix)]
    pub(super) fn deadline(&self, events: &[Event]) -> Option<Instant> {
        let awaits_enter = !matches!(events.last(), None | Some(Event::EnterInBurst));
        let is_held = awaits_enter && self.characters >= MIN_CHARACTERS && events.len() < MAX_HELD;
        self.fed_at.filter(|_| is_held).map(|at| at + MAX_GAP)
    }

    /// Ends the burst: no further input arrived in time.
    #[cfg(unix)]
    pub(super) fn end(&mut self) {
        self.characters = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char) -> Event {
        Event::Key(Chord::plain(if c == '\r' { Key::Enter } else { Key::Char(c) }))
    }

    /// Sends groups of keys with these gaps in milliseconds; returns for each Enter whether it was marked.
    fn marked_enters(groups: &[(u64, &str)]) -> Vec<bool> {
        let (mut burst, mut now, mut marked) = (Burst::default(), Instant::now(), Vec::new());
        for (gap, keys) in groups {
            now += Duration::from_millis(*gap);
            burst.start_input(now);
            for c in keys.chars() {
                let event = burst.mark(key(c));
                marked.extend((c == '\r').then_some(matches!(event, Event::EnterInBurst)));
            }
        }
        marked
    }

    #[test]
    fn enter_directly_after_text_that_arrived_together_is_marked() {
        assert_eq!(marked_enters(&[(0, "rm x\r")]), [true]);
        assert_eq!(marked_enters(&[(0, "r"), (1, "m"), (1, "\r")]), [true]);
        assert_eq!(marked_enters(&[(0, "rm x"), (9, "\r")]), [true]);
        assert_eq!(marked_enters(&[(0, "a\rbc\r\r")]), [false, true, true]);
    }

    #[test]
    fn typed_enter_is_not_marked() {
        assert_eq!(marked_enters(&[(0, "r"), (30, "m"), (30, "\r")]), [false]);
        assert_eq!(marked_enters(&[(0, "pasted"), (11, "\r")]), [false]);
        assert_eq!(marked_enters(&[(0, "\r\r")]), [false, false]);
    }
}
