//! Following a thread: it is fetched again at an interval that the header shows and that grows while nothing changes. A
//! selection at the end of the list stays at the end.

use crate::app::{App, Effects};
use crate::domain::{Source, Timestamp};
use crate::effect::{Effect, Freshness};

/// The shortest and the longest interval between two fetches, in seconds.
const MIN_INTERVAL_SECONDS: u64 = 3;
const MAX_INTERVAL_SECONDS: u64 = 60;

/// The interval of fetches while a thread is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Follow {
    pub interval_seconds: u64,
    /// The number of messages at the last fetch.
    message_count: usize,
    /// Tells the current timer from that of an ended follow.
    pub timer_id: u64,
}

impl Follow {
    fn new(message_count: usize, timer_id: u64) -> Self {
        Self { interval_seconds: MIN_INTERVAL_SECONDS, message_count, timer_id }
    }

    /// Adapts the interval: shortest after new messages, half as long again without.
    fn adapt_interval(&mut self, message_count: usize) {
        self.interval_seconds = if message_count == self.message_count {
            (self.interval_seconds * 3 / 2).min(MAX_INTERVAL_SECONDS)
        } else {
            MIN_INTERVAL_SECONDS
        };
        self.message_count = message_count;
    }

    fn start_timer(self) -> Effect {
        Effect::StartTimer { seconds: self.interval_seconds, id: self.timer_id }
    }
}

impl App {
    /// Starts or stops following.
    pub(super) fn toggle_follow(&mut self) -> Effects {
        if self.follow.take().is_some() {
            self.notify("Stopped following");
            return Vec::new();
        }
        let Some(thread) = self.loading.shown_thread() else { return Vec::new() };
        if matches!(thread.source, Source::Stdin) {
            self.notify("Standard input cannot be followed");
            return Vec::new();
        }
        let message_count = thread.summaries.len();
        let follow = Follow::new(message_count, self.ids.next_timer());
        self.follow = Some(follow);
        self.notify(format!("Following, refreshes every {MIN_INTERVAL_SECONDS} s (F stops)"));
        vec![follow.start_timer()]
    }

    /// Clears the notice of this timer, or fetches the followed thread again, unless a request is running.
    pub(super) fn on_timer(&mut self, id: u64, now: Timestamp) -> Effects {
        if self.clear_notice_after(id) {
            return Vec::new();
        }
        let message_count = self.loading.thread.as_ref().map_or(0, |thread| thread.summaries.len());
        let Some(follow) = self.follow.as_mut().filter(|follow| follow.timer_id == id) else {
            return Vec::new();
        };
        if self.loading.is_active() {
            return vec![follow.start_timer()];
        }
        follow.adapt_interval(message_count);
        let timer = follow.start_timer();
        let source = self.loading.thread.as_ref().map(|thread| thread.source.clone());
        let mut effects =
            source.map(|source| self.open(source, Freshness::NetworkOnly, now)).unwrap_or_default();
        effects.push(timer);
        effects
    }

    /// Whether the selection stays at the end of the list when messages arrive.
    pub(super) fn should_stick_to_end(&self) -> bool {
        self.follow.is_some() && self.list.selected + 1 >= self.shown().list_len()
    }
}
