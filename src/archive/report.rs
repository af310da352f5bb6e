//! The numbers of a run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::library::{ArchiveOutcome, Run, RunRecord};

/// The progress of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchiveProgress {
    pub done: usize,
    pub total: usize,
    /// The unpacked bytes of all received bodies.
    pub bytes: u64,
    pub requests: u64,
    pub in_flight: usize,
    /// The time until the next request, if the service requested a wait.
    pub wait: Option<Duration>,
}

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveReport {
    pub outcomes: BTreeMap<ArchiveOutcome, usize>,
    pub requests: u64,
    /// The sizes of the kept and compared bodies, unpacked and packed.
    pub bytes: u64,
    pub packed_bytes: u64,
    pub unreadable_messages: u64,
    /// The number of threads without the field of spans, although their service has spans.
    pub without_spans: usize,
    /// The number of threads that had changed although the list showed no change.
    pub changed_unseen: usize,
    /// The number of threads that were removed because they are older than the retention; `too_old` counts listed threads
    /// that were not fetched for this reason.
    pub expired: usize,
    pub too_old: usize,
    /// The first threads that are not complete in the library, with the reason.
    pub problems: Vec<(String, String)>,
    pub duration: Duration,
}

/// The maximum number of problems in the report at the end of a run; its log has all.
const MAX_PROBLEMS: usize = 20;

impl ArchiveReport {
    /// Returns the report of an earlier run. It has all problems, but lacks the values that a log does not have.
    pub fn of_run(run: &Run) -> Self {
        let mut report = Self::default();
        for record in &run.records {
            report.count_record(record);
            report.requests += u64::from(record.requests);
            report.unreadable_messages +=
                record.revision.as_ref().map_or(0, |revision| revision.unreadable_count);
            report.problems.extend(record.reason.clone().map(|reason| (record.thread.id.clone(), reason)));
        }
        let ended_at = run.ended_at.or(run.records.last().map(|record| record.at));
        let micros = ended_at.map_or(0, |ended_at| ended_at.0.saturating_sub(run.started_at.0));
        report.duration = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        report
    }

    /// Adds a finished thread.
    pub(super) fn add(&mut self, record: &RunRecord) {
        self.count_record(record);
        if let Some(reason) = &record.reason
            && self.problems.len() < MAX_PROBLEMS
        {
            self.problems.push((record.thread.id.clone(), reason.clone()));
        }
    }

    fn count_record(&mut self, record: &RunRecord) {
        *self.outcomes.entry(record.outcome).or_default() += 1;
        if let Some(revision) = &record.revision {
            self.bytes += revision.size;
            self.packed_bytes += revision.packed_size;
        }
    }

    /// Returns the number of threads with this outcome.
    pub fn count(&self, outcome: ArchiveOutcome) -> usize {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }

    /// Returns whether a thread could not be fetched.
    pub fn has_failures(&self) -> bool {
        self.count(ArchiveOutcome::Refused) + self.count(ArchiveOutcome::Failed) > 0
    }
}
