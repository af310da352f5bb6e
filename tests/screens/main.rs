//! What every state looks like, kept as text with its styles; and a storm of random events after which nothing may have
//! broken. Time stands still, times are shown in UTC.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test screens`, then read the difference.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its part fails the test")]

mod deep;
mod failures;
mod pages;
mod picture;
mod places;
mod random;
mod reach;
mod scene;
mod sizes;
mod tabs;
mod waiting;
