//! Bytes of a terminal in any chunks with any gaps. Little of unfinished input is kept, and after a pause the next key
//! acts.
#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use unspool::testing::event::Event;
use unspool::testing::keymap::{Chord, Key};
use unspool::testing::terminal::input::EventAssembler;

/// The longest time without input after which the next key must act.
const MAX_SILENCE: Duration = Duration::from_millis(200);

/// The most bytes that one byte of input may leave behind.
const MAX_PENDING: usize = 16;

fuzz_target!(|data: &[u8]| {
    let mut assembler = EventAssembler::default();
    let mut now = Instant::now();
    let mut rest = data;
    while let [head, tail @ ..] = rest {
        let (chunk, later) = tail.split_at(tail.len().min(usize::from(head & 15)));
        now += Duration::from_millis(u64::from(head >> 4) * 20);
        while let Some(due) = assembler.deadline().filter(|due| *due <= now) {
            assembler.on_timeout(due);
            assembler.take();
        }
        assembler.feed(chunk, now);
        let events = assembler.take().len();
        assert!(events <= data.len() && assembler.pending_bytes() <= data.len() + MAX_PENDING);
        rest = later;
    }
    let silence_end = now + MAX_SILENCE;
    while let Some(due) = assembler.deadline() {
        assert!(due <= silence_end, "the pause is too long");
        assembler.on_timeout(due);
        assembler.take();
    }
    assembler.feed(b"j", silence_end);
    let events = assembler.take();
    let key = Chord::plain(Key::Char('j'));
    assert!(matches!(events.as_slice(), [Event::Key(chord)] if *chord == key), "{events:?}");
});
