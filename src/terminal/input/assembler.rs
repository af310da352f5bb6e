//! From bytes of the terminal to events: the reader without its thread and terminal. Does no I/O and has no clock.

use std::time::Instant;

use super::burst::Burst;
use super::scanner::{Scanner, Token};
use super::{sequences, translate};
use crate::event::Event;

/// Collects the events of one stream of input.
#[derive(Debug)]
pub struct EventAssembler {
    scanner: Scanner,
    burst: Burst,
}

impl Default for EventAssembler {
    fn default() -> Self {
        Self { scanner: Scanner::new(), burst: Burst::default() }
    }
}

impl EventAssembler {
    /// Reads bytes that arrived together.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) {
        self.burst.start_input(now);
        for token in self.scanner.feed(bytes, now) {
            self.push(token);
        }
    }

    /// The time at which [`on_timeout`](Self::on_timeout) is due unless input arrives.
    pub fn deadline(&self) -> Option<Instant> {
        [self.scanner.deadline(), self.burst.deadline()].into_iter().flatten().min()
    }

    /// Gives up what is unfinished, and ends a burst.
    pub fn on_timeout(&mut self, now: Instant) {
        if self.scanner.deadline().is_some_and(|at| at <= now)
            && let Some(token) = self.scanner.give_up()
        {
            self.push(token);
        }
        if self.burst.deadline().is_some_and(|at| at <= now) {
            self.burst.end();
        }
    }

    fn push(&mut self, token: Token) {
        if let Some(event) = sequences::to_event(token).and_then(translate) {
            self.burst.push(event);
        }
    }

    /// Takes the complete events, unless more of the same text may follow.
    pub fn take(&mut self) -> Vec<Event> {
        if self.burst.deadline().is_some() { Vec::new() } else { self.burst.take() }
    }

    /// The bytes kept of what is unfinished.
    pub fn pending_bytes(&self) -> usize {
        self.scanner.pending_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::keymap::{Chord, Key};

    /// The longest time without input after which the next key must act.
    const MAX_SILENCE: Duration = Duration::from_millis(200);

    fn chunk() -> impl Strategy<Value = Vec<u8>> {
        let start = proptest::sample::select(vec![
            b"\x1b[".to_vec(),
            b"\x1b[?2026;2$".to_vec(),
            b"\x1b[200~".to_vec(),
            b"\x1b[201~".to_vec(),
            b"\x1bP1$".to_vec(),
            b"\x1b]11;".to_vec(),
            b"\x1b_".to_vec(),
            b"\x1b^".to_vec(),
            b"\x1bX".to_vec(),
            b"\x1b[M".to_vec(),
            b"\x1b\\".to_vec(),
            b"\x1b".to_vec(),
            b"\x9b1;".to_vec(),
            b"\xf0\x9f".to_vec(),
            b"\x1bO".to_vec(),
        ]);
        prop_oneof![start, proptest::collection::vec(any::<u8>(), 0..12)]
    }

    proptest! {
        #[test]
        fn after_any_input_and_a_pause_the_next_key_acts(
            chunks in proptest::collection::vec((chunk(), 0_u64..300), 0..40),
        ) {
            let (mut assembler, mut now) = (EventAssembler::default(), Instant::now());
            for (bytes, gap) in chunks {
                now += Duration::from_millis(gap);
                while let Some(due) = assembler.deadline().filter(|due| *due <= now) {
                    assembler.on_timeout(due);
                    assembler.take();
                }
                assembler.feed(&bytes, now);
                assembler.take();
            }
            let silence_end = now + MAX_SILENCE;
            while let Some(due) = assembler.deadline() {
                prop_assert!(due <= silence_end, "the pause is too long");
                assembler.on_timeout(due);
                assembler.take();
            }
            assembler.feed(b"j", silence_end);
            let events = assembler.take();
            let key = Chord::plain(Key::Char('j'));
            prop_assert!(matches!(events.as_slice(), [Event::Key(chord)] if *chord == key), "{:?}", events);
        }
    }
}
