//! The versions of a thread: the cached copy is swapped for the fresh version, and the better one stays after a failure.

use super::{Loading, Phase};
use crate::app::Notice;
use crate::domain::{BodySummary, FetchProgress, Origin, Thread, Timestamp, UserError};
use crate::text::number;
use crate::view::thread::{Landmarks, OpenThread};

impl Loading {
    /// Starts a new version of the thread; the response begins.
    pub(super) fn start_incoming(&mut self, origin: Origin, now: Timestamp) {
        let Some(source) = self.source.clone() else { return };
        self.generation += 1;
        self.incoming = Some(OpenThread::new(source, origin, self.generation, now));
        self.phase = Phase::Receiving { bytes: 0, total: None, last_received_at: now };
    }

    /// Starts the incoming thread again, because a retry receives the body from its start.
    pub(super) fn restart_incoming(&mut self, now: Timestamp) {
        let shown = self.thread.as_ref().filter(|thread| thread.generation == self.generation);
        let origin = self.incoming.as_ref().or(shown).map(|thread| thread.origin.clone());
        if let Some(origin) = origin {
            self.start_incoming(origin, now);
        }
    }

    pub(super) fn on_progress(&mut self, progress: FetchProgress, now: Timestamp) {
        self.phase = match progress {
            FetchProgress::Connecting if matches!(self.phase, Phase::Receiving { .. }) => return,
            FetchProgress::Connecting => Phase::Connecting,
            FetchProgress::RetryScheduled { attempt, max_attempts, delay, reason } => {
                let millis = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
                Phase::RetryScheduled { attempt, max_attempts, retry_at: now.plus_millis(millis), reason }
            }
            FetchProgress::Receiving { bytes, total } => {
                Phase::Receiving { bytes, total, last_received_at: now }
            }
        };
    }

    /// Returns whether the incoming version is the first one of its thread, and has a message to show.
    pub(super) fn has_first_version(&self) -> bool {
        self.incoming.as_ref().is_some_and(|incoming| {
            !incoming.summaries.is_empty()
                && self.thread.as_ref().is_none_or(|shown| shown.source != incoming.source)
        })
    }

    pub(super) fn on_provider_detected(&mut self, service: &'static str) {
        if let Some(thread) = self.loading_thread() {
            thread.service = Some(service);
        }
    }

    pub(super) fn on_thread_metadata(&mut self, metadata: Thread) {
        let generation = self.generation;
        if let Some(thread) = self.loading_thread().filter(|thread| thread.generation == generation) {
            thread.metadata = metadata;
            self.apply_details();
        }
    }

    /// Stores the details of the thread, which can arrive before, during or after the body.
    pub(super) fn on_thread_details(&mut self, details: Vec<u8>) {
        self.thread_details = Some(details);
        self.apply_details();
    }

    fn apply_details(&mut self) {
        let Some(details) = self.thread_details.take() else { return };
        if let Some(thread) = self.loading_thread()
            && let Some(provider) = thread.provider()
        {
            provider.add_details(&mut thread.metadata, &details);
        }
        self.thread_details = Some(details);
    }

    /// Adds a warning to those of the body; warnings can arrive as late as details. Returns whether the body is shown.
    pub(super) fn on_warning(&mut self, text: String) -> bool {
        let generation = self.generation;
        let shown = self.thread.as_mut().filter(|thread| {
            thread.generation == generation && !matches!(thread.origin, Origin::Cache { .. })
        });
        match shown.and_then(|thread| thread.body_summary.as_mut()) {
            Some(summary) => {
                summary.warnings.push(text);
                true
            }
            None => {
                self.warnings.push(text);
                false
            }
        }
    }

    /// Returns the notice about warnings, which the Metadata tab lists.
    pub(super) fn body_warnings(&self) -> Option<Notice> {
        match self.thread.as_ref()?.body_summary.as_ref()?.warnings.as_slice() {
            [] => None,
            [only] => Some(Notice::warning(only)),
            [first, more @ ..] => {
                Some(Notice::warning(format!("{first}; {} more in the Metadata tab", more.len())))
            }
        }
    }

    /// Returns whether the shown version is better than the incoming one, which is incomplete or unreadable.
    fn should_keep_shown_version(&self) -> bool {
        let (Some(incoming), Some(shown)) = (&self.incoming, &self.thread) else { return false };
        let is_readable = shown.body_summary.as_ref().is_some_and(|summary| !summary.is_unreadable);
        shown.source == incoming.source && shown.is_complete() && is_readable
    }

    /// Ends the body. Returns a warning if the shown version is kept instead of the incoming one.
    pub(super) fn end_body(&mut self, mut summary: BodySummary) -> Option<Notice> {
        if (summary.is_partial || summary.is_unreadable) && self.should_keep_shown_version() {
            self.incoming = None;
            self.phase = Phase::Idle;
            return Some(Notice::warning(if summary.is_partial {
                "Reload was interrupted; keeping the previous version"
            } else {
                "Reload returned no readable message; keeping the previous version"
            }));
        }
        summary.warnings.append(&mut self.warnings);
        let origin = self.loading_thread().map(|thread| {
            thread.body_summary = Some(summary);
            &thread.origin
        });
        // After the cached copy, the same request fetches the fresh version; its updates start over.
        let is_cached = matches!(origin, Some(Origin::Cache { .. }));
        self.phase = if is_cached { Phase::Connecting } else { Phase::Idle };
        None
    }

    /// Sorts the messages of a service without a defined order; returns whether their order changed.
    pub(super) fn sort_by_time(&mut self) -> bool {
        let Some(thread) = self.thread.as_mut() else { return false };
        let is_ordered = thread.provider().is_none_or(|provider| provider.capabilities().is_ordered);
        let is_changed = !is_ordered && thread.summaries.sort_by_time();
        if is_changed {
            thread.landmarks = Landmarks::from_summaries(thread.summaries.iter());
        }
        is_changed
    }

    /// Ends the request with an error; returns a warning if messages stay on the screen.
    pub(super) fn fail(&mut self, error: UserError, now: Timestamp) -> Option<Notice> {
        self.incoming = None;
        let shown = self.thread.as_ref().filter(|thread| Some(&thread.source) == self.source.as_ref());
        let warning = shown.map(|shown| {
            let is_partial = shown.body_summary.is_none();
            let consequence = if is_partial { "the rest is missing" } else { "keeping the previous version" };
            Notice::warning(format!("{}; {consequence}. {}", error.summary(), error.hint))
        });
        self.phase = Phase::Failed(error);
        self.failed_at = now;
        warning
    }

    /// Ends a request that reads only a copy: offline, or for a thread of another account, no fetch follows.
    pub(super) fn stay_offline(&mut self, now: Timestamp) -> Option<Notice> {
        self.phase = Phase::Idle;
        let thread = self.thread.as_ref()?;
        let age = number::age(thread.fetched_at, now);
        let is_of_other = thread.source.thread().is_some_and(|thread| thread.account.is_some());
        let state = if is_of_other { "Kept from another account: fetched" } else { "Offline: cached" };
        Some(Notice::plain(format!("{state} {age}")))
    }
}
