//! What every state looks like, kept as text with its styles; and a storm of random events after which nothing may have
//! broken. Time stands still, times are shown in UTC.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test screens`, then read the difference.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its part fails the test")]

mod failures;
mod loading;
mod navigation;
mod overlays;
mod picture;
mod random;
mod scene;
mod search_in_payload;
mod shortcuts;
mod sizes;
mod tabs;
