//! Which threads to fetch: those that are new, changed, or not checked for long, and a small sample of the others.

use std::collections::HashSet;
use std::hash::Hasher;
use std::time::Duration;

use siphasher::sip::SipHasher13;

use super::pacer::Pace;
use crate::domain::{ListedThread, Timestamp};
use crate::library::{Account, ArchiveOutcome, KeptThread, Library, LibraryError};

/// The choices of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveOptions {
    /// Fetch every thread, even those that the list shows unchanged.
    pub is_deep: bool,
    /// How long a check counts for a thread that the list shows unchanged.
    pub trust: Duration,
    /// One in this many unchanged threads is fetched all the same; 0 fetches none.
    pub sample_one_in: u64,
    pub pace: Pace,
    pub retention: Option<Retention>,
}

/// How long threads are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Threads that last changed longer ago are removed.
    pub age: Duration,
    /// Whether such threads are not even fetched: those of a list, but not those that the user named.
    pub skips_old: bool,
}

impl Retention {
    /// Returns the time of the last change from which on threads are kept.
    pub fn start(self, now: Timestamp) -> Timestamp {
        now.minus(self.age)
    }
}

impl ArchiveOptions {
    /// Returns the usual choices; `max_requests` at once.
    pub fn new(max_requests: usize) -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            is_deep: false,
            trust: Duration::from_secs(7 * DAY),
            sample_one_in: 100,
            pace: Pace { start: max_requests.min(2), max: max_requests, min_interval: Duration::ZERO },
            retention: None,
        }
    }
}

/// A thread to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedThread {
    pub listed: ListedThread,
    /// Whether the list shows it unchanged, and it is fetched to see whether that is true.
    pub is_sample: bool,
}

/// The threads of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub fetch: Vec<PlannedThread>,
    /// Threads that are not fetched, and why.
    pub skipped: Vec<(ListedThread, ArchiveOutcome)>,
    /// Threads that are not fetched because they would be removed.
    pub too_old: usize,
}

impl Plan {
    /// Plans a run over these threads. Each id counts once.
    ///
    /// # Errors
    /// The catalogue cannot be read.
    pub fn new(
        library: &Library,
        account: &Account,
        threads: Vec<ListedThread>,
        options: &ArchiveOptions,
        now: Timestamp,
    ) -> Result<Self, LibraryError> {
        let forgotten = library.forgotten_threads();
        let resumed_from = library.unfinished_run(account).map(|run| run.started_at);
        let rules = Rules { options, now, resumed_from };
        let mut plan = Self::default();
        let mut seen = HashSet::new();
        for listed in threads {
            if !seen.insert(listed.id.clone()) {
                continue;
            }
            if forgotten.contains(account, &listed.id) {
                plan.skipped.push((listed, ArchiveOutcome::Forgotten));
                continue;
            }
            if rules.is_too_old(&listed) {
                plan.too_old += 1;
                continue;
            }
            let kept = library.find(account, &listed.id)?;
            match rules.decide(kept.as_ref(), &listed) {
                Decision::Fetch => plan.fetch.push(PlannedThread { listed, is_sample: false }),
                Decision::Sample => plan.fetch.push(PlannedThread { listed, is_sample: true }),
                Decision::Skip => plan.skipped.push((listed, ArchiveOutcome::Skipped)),
            }
        }
        Ok(plan)
    }

    /// Returns the number of all threads.
    pub fn total(&self) -> usize {
        self.fetch.len() + self.skipped.len()
    }
}

enum Decision {
    Fetch,
    Sample,
    Skip,
}

struct Rules<'a> {
    options: &'a ArchiveOptions,
    now: Timestamp,
    /// The start of an earlier run that did not reach its end: what it did is done.
    resumed_from: Option<Timestamp>,
}

impl Rules<'_> {
    fn is_too_old(&self, listed: &ListedThread) -> bool {
        let retention = self.options.retention.filter(|retention| retention.skips_old);
        retention.is_some_and(|retention| {
            listed.changed_at().is_some_and(|changed| changed < retention.start(self.now))
        })
    }

    fn decide(&self, kept: Option<&KeptThread>, listed: &ListedThread) -> Decision {
        let Some((kept, revision)) = kept.and_then(|kept| Some((kept, kept.revision.as_ref()?))) else {
            return Decision::Fetch;
        };
        let checked_at = kept.checked_at.unwrap_or_default();
        if self.resumed_from.is_some_and(|start| checked_at >= start) {
            return Decision::Skip;
        }
        let trust = i64::try_from(self.options.trust.as_micros()).unwrap_or(i64::MAX);
        // A clock that was set back makes the age negative: the check counts as old.
        let age = self.now.micros_since(checked_at);
        let is_trusted = (0..trust).contains(&age) && revision.matches_list(listed);
        if self.options.is_deep || !is_trusted {
            return Decision::Fetch;
        }
        if self.is_sample(&listed.id) { Decision::Sample } else { Decision::Skip }
    }

    /// Picks by a hash of the id and the time of the run: each run picks others.
    fn is_sample(&self, id: &str) -> bool {
        let mut hasher = SipHasher13::new();
        hasher.write(id.as_bytes());
        hasher.write_i64(self.now.0);
        self.options.sample_one_in > 0 && hasher.finish().is_multiple_of(self.options.sample_one_in)
    }
}
