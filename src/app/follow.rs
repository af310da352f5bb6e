//! Following a thread: it is fetched again at a visible pace, slower while nothing is new; at the end of the list the
//! selection sticks to the end.

use crate::app::{App, Effects};
use crate::domain::{Source, Timestamp};
use crate::effect::{Effect, Freshness};

/// Seconds between two fetches, at the start and at most.
const MIN_INTERVAL_SECONDS: u64 = 3;
const MAX_INTERVAL_SECONDS: u64 = 60;

/// The pace of a follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Follow {
    pub interval_seconds: u64,
    /// Messages there were when it was fetched last.
    message_count: usize,
    /// Tells one follow from another, so that the timer of an ended one means nothing.
    pub timer_id: u64,
}

impl App {
    /// Begins or ends following.
    pub(super) fn toggle_follow(&mut self) -> Effects {
        if self.follow.take().is_some() {
            self.notify("no longer following");
            return Vec::new();
        }
        let Some(thread) = self.shown_thread() else { return Vec::new() };
        if !matches!(thread.source, Source::Thread(_) | Source::File(_)) {
            self.notify("standard input cannot be followed: it was read to its end");
            return Vec::new();
        }
        let seen = thread.summaries.len();
        self.last_timer_id += 1;
        let follow = Follow {
            interval_seconds: MIN_INTERVAL_SECONDS,
            message_count: seen,
            timer_id: self.last_timer_id,
        };
        self.follow = Some(follow);
        self.notify(format!("following: asks every {MIN_INTERVAL_SECONDS} s"));
        vec![Effect::StartTimer { seconds: follow.interval_seconds, id: follow.timer_id }]
    }

    /// The time has come: fetches again, unless something is under way.
    pub(super) fn on_timer(&mut self, number: u64, now: Timestamp) -> Effects {
        let Some(follow) = self.follow.filter(|follow| follow.timer_id == number) else { return Vec::new() };
        if self.loading.is_active() {
            return vec![Effect::StartTimer { seconds: follow.interval_seconds, id: number }];
        }
        let len = self.thread.as_ref().map_or(0, |thread| thread.summaries.len());
        let seconds = if len == follow.message_count {
            (follow.interval_seconds * 3 / 2).min(MAX_INTERVAL_SECONDS)
        } else {
            MIN_INTERVAL_SECONDS
        };
        self.follow = Some(Follow { interval_seconds: seconds, message_count: len, ..follow });
        let mut effects = match self.thread.as_ref().map(|thread| thread.source.clone()) {
            Some(source) => self.open(source, Freshness::NetworkOnly, now),
            None => Vec::new(),
        };
        effects.push(Effect::StartTimer { seconds, id: number });
        effects
    }

    /// Whether the end of the list is to be kept in view when more arrives.
    pub(super) fn should_stick_to_end(&self) -> bool {
        self.follow.is_some() && self.list.selected + 1 >= self.list_len()
    }
}
