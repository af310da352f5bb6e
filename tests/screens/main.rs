//! Snapshots of the screen in every state, as text with styles, and a test with random events. The clock is fixed and times
//! are shown in UTC.
//!
//! After an intended change, run `INSTA_UPDATE=always cargo test --test screens` and review the difference.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its part fails the test")]

mod actions;
mod analysis;
mod browse;
#[path = "../support/chords.rs"]
mod chords;
#[cfg(test)]
mod conversation;
mod failures;
mod first_screen;
#[path = "../support/harmless.rs"]
mod harmless;
mod hints;
mod library_analysis;
mod library_search;
mod list;
mod loading;
mod look;
mod navigation;
mod notes;
mod overlays;
mod picture;
mod places;
mod random;
mod scene;
mod search_in_payload;
mod shortcuts;
mod sizes;
#[cfg(test)]
mod spans;
mod tabs;
#[cfg(test)]
mod verbatim;
