//! The real loop on a fake terminal, with keys from a script, an outside that only writes down what it is asked for, and
//! time that is paused and advanced. Each test is a story: what the user does, what the service answers, what is seen.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its part fails the test")]

mod event_loop;
mod keys;
mod loading;
mod screen;
mod story;
