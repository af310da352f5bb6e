//! Following a thread: it is fetched again at a visible pace, slower while nothing is new; at the end of the list the
//! selection sticks to the end.

use crate::app::{App, Effects};
use crate::domain::Stamp;
use crate::effect::{Effect, Freshness, Source};

/// Seconds between two fetches, at the start and at most.
const SHORTEST: u64 = 3;
const LONGEST: u64 = 60;

/// The pace of a follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Follow {
    pub seconds: u64,
    /// Messages there were when it was fetched last.
    seen: usize,
    /// Tells one follow from another, so that the timer of an ended one means nothing.
    pub number: u64,
}

impl App {
    /// Begins or ends following.
    pub(super) fn toggle_follow(&mut self) -> Effects {
        if self.follow.take().is_some() {
            self.say("no longer following");
            return Vec::new();
        }
        let Some(thread) = self.shown_thread() else { return Vec::new() };
        if !matches!(thread.source, Source::Thread(_) | Source::File(_)) {
            self.say("standard input cannot be followed: it was read to its end");
            return Vec::new();
        }
        let seen = thread.heads.len();
        self.follows += 1;
        let follow = Follow { seconds: SHORTEST, seen, number: self.follows };
        self.follow = Some(follow);
        self.say(format!("following: asks every {SHORTEST} s"));
        vec![Effect::Later { seconds: follow.seconds, number: follow.number }]
    }

    /// The time has come: fetches again, unless something is under way.
    pub(super) fn follow_due(&mut self, number: u64, now: Stamp) -> Effects {
        let Some(follow) = self.follow.filter(|follow| follow.number == number) else { return Vec::new() };
        if self.loading.is_active() {
            return vec![Effect::Later { seconds: follow.seconds, number }];
        }
        let len = self.thread.as_ref().map_or(0, |thread| thread.heads.len());
        let seconds = if len == follow.seen { (follow.seconds * 3 / 2).min(LONGEST) } else { SHORTEST };
        self.follow = Some(Follow { seconds, seen: len, ..follow });
        let mut effects = match self.thread.as_ref().map(|thread| thread.source.clone()) {
            Some(source) => self.open(source, Freshness::Fresh, now),
            None => Vec::new(),
        };
        effects.push(Effect::Later { seconds, number });
        effects
    }

    /// Whether the end of the list is to be kept in view when more arrives.
    pub(super) fn sticks_to_end(&self) -> bool {
        self.follow.is_some() && self.list.selected + 1 >= self.list_len()
    }
}
