//! Follows a thread: it is fetched again at an interval that the header shows and that grows while nothing changes. A
//! selection at the end of the list stays at the end.

use crate::app::ids::Ids;
use crate::app::loading::Loading;
use crate::app::{App, Effects, Notice};
use crate::domain::{Source, Timestamp};
use crate::effect::{Effect, Freshness};

/// The shortest and the longest interval between two fetches, in seconds.
const MIN_INTERVAL_SECONDS: u64 = 3;
const MAX_INTERVAL_SECONDS: u64 = 60;

/// The state of following.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Follow {
    interval: Option<FollowInterval>,
}

/// The interval of fetches while a thread is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FollowInterval {
    seconds: u64,
    /// The number of messages at the last fetch.
    message_count: usize,
    /// The id of the current timer, to ignore the timer of an ended follow.
    timer_id: u64,
}

impl FollowInterval {
    /// Adapts the interval: the shortest one after new messages, otherwise longer by half.
    fn adapt(&mut self, message_count: usize) {
        self.seconds = if message_count == self.message_count {
            (self.seconds * 3 / 2).min(MAX_INTERVAL_SECONDS)
        } else {
            MIN_INTERVAL_SECONDS
        };
        self.message_count = message_count;
    }

    fn start_timer(self) -> Effect {
        Effect::StartTimer { seconds: self.seconds, id: self.timer_id }
    }
}

impl Follow {
    /// Returns the seconds between two fetches, while a thread is followed.
    pub fn interval_seconds(self) -> Option<u64> {
        self.interval.map(|interval| interval.seconds)
    }

    /// Returns whether a thread is followed.
    pub fn is_active(self) -> bool {
        self.interval.is_some()
    }

    /// Starts or stops following the shown thread. Returns the notice about it, if there is a thread.
    fn toggle(&mut self, loading: &Loading, ids: &mut Ids) -> (Option<Notice>, Effects) {
        if self.interval.take().is_some() {
            return (Some(Notice::plain("Stopped following")), Vec::new());
        }
        let Some(thread) = loading.shown_thread() else { return (None, Vec::new()) };
        if matches!(thread.source, Source::Stdin) {
            return (Some(Notice::plain("Standard input cannot be followed")), Vec::new());
        }
        let interval = FollowInterval {
            seconds: MIN_INTERVAL_SECONDS,
            message_count: thread.summaries.len(),
            timer_id: ids.next_timer(),
        };
        self.interval = Some(interval);
        let text = format!("Following, refreshes every {MIN_INTERVAL_SECONDS} s (F stops)");
        (Some(Notice::plain(text)), vec![interval.start_timer()])
    }

    /// Fetches the followed thread again, unless a request is running. The timer of an ended follow has no effect.
    fn on_timer(&mut self, id: u64, loading: &mut Loading, now: Timestamp) -> Effects {
        let Some(interval) = self.interval.as_mut().filter(|interval| interval.timer_id == id) else {
            return Vec::new();
        };
        if loading.is_active() {
            return vec![interval.start_timer()];
        }
        interval.adapt(loading.thread.as_ref().map_or(0, |thread| thread.summaries.len()));
        let source = loading.thread.as_ref().map(|thread| thread.source.clone());
        let mut effects =
            source.map(|source| loading.open(source, Freshness::NetworkOnly, now)).unwrap_or_default();
        effects.push(interval.start_timer());
        effects
    }
}

impl App {
    /// Starts or stops following.
    pub(super) fn toggle_follow(&mut self) -> Effects {
        let (notice, effects) = self.follow.toggle(&self.loading, &mut self.ids);
        self.notice = notice.or(self.notice.take());
        effects
    }

    /// Clears the notice of this timer, or fetches the followed thread again.
    pub(super) fn on_timer(&mut self, id: u64, now: Timestamp) -> Effects {
        if self.clear_notice_after(id) {
            return Vec::new();
        }
        self.follow.on_timer(id, &mut self.loading, now)
    }

    /// Returns whether the selection stays at the end of the list when messages arrive.
    pub(super) fn should_stick_to_end(&self) -> bool {
        self.follow.is_active() && self.list.selected + 1 >= self.shown().list_len()
    }
}
