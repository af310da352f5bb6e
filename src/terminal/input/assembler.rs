//! Assembles events from the bytes of the terminal, without I/O or a clock.

use std::time::Instant;

use super::burst::Burst;
use super::scanner::{Scanner, Token};
use super::{sequences, translate};
use crate::event::Event;
use crate::terminal::background::parse_colour;

/// Collects the events of one stream of input.
#[derive(Debug)]
pub struct EventAssembler {
    scanner: Scanner,
    burst: Burst,
    /// The complete events.
    events: Vec<Event>,
    /// The time until which a reply about the background is accepted; `None` without a request, or after the reply.
    background_until: Option<Instant>,
}

impl Default for EventAssembler {
    fn default() -> Self {
        Self { scanner: Scanner::new(), burst: Burst::default(), events: Vec::new(), background_until: None }
    }
}

impl EventAssembler {
    /// Accepts a reply about the background until this time, or until the reply about the attributes, which are requested
    /// after it.
    pub fn expect_background(&mut self, until: Option<Instant>) {
        self.background_until = until;
    }

    /// Returns whether a reply about the background is outstanding.
    pub fn is_expecting_background(&self) -> bool {
        self.background_until.is_some()
    }

    /// Reads bytes that arrived together.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) {
        self.burst.start_input(now);
        for token in self.scanner.feed(bytes, now) {
            self.push(token, now);
        }
    }

    /// Returns the time at which [`on_timeout`](Self::on_timeout) is due unless input arrives.
    pub fn deadline(&self) -> Option<Instant> {
        [self.scanner.deadline(), self.burst.deadline(&self.events)].into_iter().flatten().min()
    }

    /// Drops unfinished input, and ends a burst.
    pub fn on_timeout(&mut self, now: Instant) {
        if self.scanner.deadline().is_some_and(|at| at <= now)
            && let Some(token) = self.scanner.give_up()
        {
            self.push(token, now);
        }
        if self.burst.deadline(&self.events).is_some_and(|at| at <= now) {
            self.burst.end();
        }
    }

    fn push(&mut self, token: Token, now: Instant) {
        let is_in_time = self.background_until.is_some_and(|until| now <= until);
        match &token {
            Token::Background(colour) if is_in_time => {
                self.events.extend(parse_colour(colour).map(Event::Background));
            }
            Token::DeviceAttributes => self.background_until = None,
            Token::Background(_)
            | Token::Char { .. }
            | Token::Esc
            | Token::Csi { .. }
            | Token::Ss3(_)
            | Token::ConsoleFunction(_)
            | Token::MouseBytes(_)
            | Token::Paste(_) => {}
        }
        if let Some(event) = sequences::to_event(token).and_then(translate) {
            self.events.push(self.burst.mark(event));
        }
    }

    /// Takes the complete events, unless an Enter may follow them.
    pub fn take(&mut self) -> Vec<Event> {
        if self.burst.deadline(&self.events).is_some() {
            Vec::new()
        } else {
            std::mem::take(&mut self.events)
        }
    }

    /// Returns the number of bytes of unfinished input that are kept.
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

    /// Returns the backgrounds among the events of this input, which arrives this many milliseconds after the request.
    fn backgrounds(input: &str, after_ms: u64) -> Vec<[u8; 3]> {
        let (mut assembler, requested_at) = (EventAssembler::default(), Instant::now());
        assembler.expect_background(Some(requested_at + Duration::from_millis(100)));
        assembler.feed(input.as_bytes(), requested_at + Duration::from_millis(after_ms));
        let backgrounds = assembler.take().into_iter().map(|event| match event {
            Event::Background(rgb) => rgb,
            other => panic!("{other:?}"),
        });
        backgrounds.collect()
    }

    #[test]
    fn the_background_is_reported_in_time_and_before_the_attributes() {
        let reply = "\x1b]11;rgb:ffff/fafa/e0e0\x1b\\";
        assert_eq!(backgrounds(reply, 99), [[0xff, 0xfa, 0xe0]]);
        assert_eq!(backgrounds(reply, 101), [[0; 3]; 0], "late");
        let attributes = "\x1b[?62;22c";
        assert_eq!(backgrounds(&format!("{reply}{attributes}"), 5), [[0xff, 0xfa, 0xe0]]);
        assert_eq!(backgrounds(&format!("{attributes}{reply}"), 5), [[0; 3]; 0], "after the attributes");
        assert_eq!(backgrounds("\x1b]11;rgb:zz/0/0\x07\x1b]11;?\x07\x1b]11;\x07", 5), [[0; 3]; 0], "garbage");
        let mut assembler = EventAssembler::default();
        assembler.feed(reply.as_bytes(), Instant::now());
        assert!(assembler.take().is_empty(), "not requested");
    }

    #[test]
    fn keys_around_the_reply_are_kept() {
        let (mut assembler, now) = (EventAssembler::default(), Instant::now());
        assembler.expect_background(Some(now));
        assembler.feed(b"j\x1b]11;#ffffff\x07\x1b[?1ck", now);
        while let Some(due) = assembler.deadline() {
            assembler.on_timeout(due);
        }
        let names: Vec<String> = assembler.take().iter().map(|event| format!("{event:?}")).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(!assembler.is_expecting_background());
    }

    #[test]
    fn text_that_arrives_together_is_held_back_until_its_enter() {
        let (mut assembler, now) = (EventAssembler::default(), Instant::now());
        assembler.feed(b"/refund\r", now);
        assert_eq!(assembler.take().len(), 8);
        assert!(assembler.deadline().is_none());
        assembler.feed(b":quit", now + Duration::from_secs(1));
        assert_eq!(assembler.take().len(), 0);
        let due = assembler.deadline().unwrap();
        assembler.on_timeout(due);
        assert_eq!(assembler.take().len(), 5);
        assembler.feed(b"\r", due);
        let enter = Chord::plain(Key::Enter);
        assert!(matches!(assembler.take().as_slice(), [Event::Key(chord)] if *chord == enter));
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
