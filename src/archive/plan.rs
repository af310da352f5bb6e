//! The choice of threads to fetch: new, changed and long unchecked ones, and a small sample of the others.

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
    /// The time for which a check is trusted, for a thread that the list shows unchanged.
    pub trust: Duration,
    /// One in this many unchanged threads is fetched anyway; 0 fetches none.
    pub sample_one_in: u64,
    pub pace: Pace,
    pub retention: Option<Retention>,
}

/// The time for which threads are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The age of the last change after which threads are removed.
    pub age: Duration,
    /// Whether listed threads of this age are not fetched at all. Threads that the user named are.
    pub skips_old: bool,
}

impl Retention {
    /// Returns the earliest time of the last change of threads to keep.
    pub fn start(self, now: Timestamp) -> Timestamp {
        now.minus(self.age)
    }
}

impl ArchiveOptions {
    /// Creates the default options, with `max_requests` concurrent requests.
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
    /// Whether the thread is fetched to check that it is unchanged, as the list shows it.
    pub is_sample: bool,
}

/// The threads of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub fetch: Vec<PlannedThread>,
    /// Threads that are not fetched, with the reason.
    pub skipped: Vec<(ListedThread, ArchiveOutcome)>,
    /// The number of threads that are not fetched because they would be removed.
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
    /// The start of the unfinished run that this one continues: its threads are not fetched again.
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
        // The age is negative if the clock was set back; then the check is not trusted.
        let age = self.now.micros_since(checked_at);
        let is_trusted = (0..trust).contains(&age) && revision.matches_list(listed);
        if self.options.is_deep || !is_trusted {
            return Decision::Fetch;
        }
        if self.is_sample(&listed.id) { Decision::Sample } else { Decision::Skip }
    }

    /// Picks by a hash of the id and the time of the run, so that each run picks other threads.
    fn is_sample(&self, id: &str) -> bool {
        let mut hasher = SipHasher13::new();
        hasher.write(id.as_bytes());
        hasher.write_i64(self.now.0);
        self.options.sample_one_in > 0 && hasher.finish().is_multiple_of(self.options.sample_one_in)
    }
}
