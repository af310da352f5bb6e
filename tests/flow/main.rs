//! The real event loop on a fake terminal, with scripted keys, an effect handler that only records, and paused time. Each
//! test is a story: the user's actions, the service's responses, the screen.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its part fails the test")]

#[path = "../support/chords.rs"]
mod chords;
mod event_loop;
mod keys;
mod loading;
mod screen;
mod story;
