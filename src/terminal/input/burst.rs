//! Tells typing from pastes that arrive without brackets: text that arrives at once, with Enter right behind it, was not
//! typed. Has no clock.

use std::time::{Duration, Instant};

use crate::event::Event;
use crate::keymap::{Chord, Key};

/// Keys that follow each other within this time arrived at once; nobody types that fast.
const MAX_GAP: Duration = Duration::from_millis(10);

/// The fewest characters at once that are no typing.
const MIN_CHARACTERS: usize = 2;

/// The most events held back.
#[cfg(unix)]
const MAX_HELD: usize = 256;

/// Collects events that arrive at once.
#[derive(Debug, Default)]
pub(super) struct Burst {
    events: Vec<Event>,
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

    /// Adds an event; Enter behind text that arrived at once is marked.
    pub(super) fn push(&mut self, event: Event) {
        let enter = Chord::plain(Key::Enter);
        let event = match event {
            Event::Key(chord) if chord == enter && self.characters >= MIN_CHARACTERS => Event::EnterInBurst,
            Event::Key(chord) => {
                self.characters += usize::from(chord.typed_char().is_some());
                Event::Key(chord)
            }
            other => other,
        };
        self.events.push(event);
    }

    /// Returns the time until which the events are held back, as more of the same text may follow.
    #[cfg(unix)]
    pub(super) fn deadline(&self) -> Option<Instant> {
        let is_held =
            !self.events.is_empty() && self.characters >= MIN_CHARACTERS && self.events.len() < MAX_HELD;
        self.fed_at.filter(|_| is_held).map(|at| at + MAX_GAP)
    }

    /// Ends the burst: nothing more arrived in time.
    #[cfg(unix)]
    pub(super) fn end(&mut self) {
        self.characters = 0;
    }

    /// Takes the events out.
    pub(super) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
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
        let (mut burst, mut now) = (Burst::default(), Instant::now());
        for (gap, keys) in groups {
            now += Duration::from_millis(*gap);
            burst.start_input(now);
            keys.chars().for_each(|c| burst.push(key(c)));
        }
        let enter = |event: &Event| match event {
            Event::EnterInBurst => Some(true),
            Event::Key(chord) if chord.key == Key::Enter => Some(false),
            _ => None,
        };
        burst.events.iter().filter_map(enter).collect()
    }

    #[test]
    fn enter_right_behind_text_that_arrived_at_once_is_marked() {
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
