//! Loading: from fetch updates to the thread on the screen. Shows progress, swaps the cached copy for the fresh version,
//! and keeps the better one after a failure. The latest request wins; updates of any other are dropped.

use crate::app::messages::MessageList;
use crate::app::panes::Shown;
use crate::app::{App, Effects, Notice};
use crate::domain::{
    BodySummary, FetchProgress, MessageSummary, Origin, RecentThread, RequestId, Source, Thread, Timestamp,
    UserError,
};
use crate::effect::{Effect, Freshness};
use crate::event::FetchUpdate;
use crate::text::number;
use crate::view::thread::{Landmarks, OpenThread};

/// The phase of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// No request is running.
    #[default]
    Idle,
    /// The request is sent; there is no response yet.
    Connecting,
    RetryScheduled {
        attempt: u32,
        max_attempts: u32,
        retry_at: Timestamp,
        reason: String,
    },
    Receiving {
        bytes: u64,
        total: Option<u64>,
        /// The time of the last progress.
        last_received_at: Timestamp,
    },
    Failed(UserError),
    /// Stopped by the user.
    Stopped,
}

/// The running request, or the result of the last one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loading {
    /// The thread read last; the panes may show something else, see [`Loading::pane_content`].
    pub thread: Option<OpenThread>,
    pub request: RequestId,
    pub phase: Phase,
    pub source: Option<Source>,
    pub started_at: Timestamp,
    failed_at: Timestamp,
    /// The version of the thread that is loading but not on the screen yet.
    pub incoming: Option<OpenThread>,
    pub generation: u64,
    /// The response of the request for thread details.
    thread_details: Option<Vec<u8>>,
    /// Warnings that arrived before the end of the body.
    warnings: Vec<String>,
    /// Advances while a request is running.
    pub spinner_frame: u64,
}

impl Loading {
    /// Whether a request is running.
    pub fn is_active(&self) -> bool {
        match self.phase {
            Phase::Connecting | Phase::RetryScheduled { .. } | Phase::Receiving { .. } => true,
            Phase::Idle | Phase::Failed(_) | Phase::Stopped => false,
        }
    }

    /// The seconds that are left of the time that the service asked to wait.
    pub fn seconds_to_wait(&self, now: Timestamp) -> Option<i64> {
        let Phase::Failed(error) = &self.phase else { return None };
        let left = self.failed_at.plus_millis(i64::from(error.retry_after?) * 1000).micros_since(now);
        (left > 0).then(|| left.saturating_add(999_999) / 1_000_000)
    }

    /// The current content of the panes.
    pub fn pane_content(&self) -> PaneContent<'_> {
        let pending = self.source.as_ref();
        let is_shown = |source: &Source| self.thread.as_ref().is_some_and(|thread| thread.source == *source);
        match (pending, &self.phase) {
            (Some(source), Phase::Failed(error)) if !is_shown(source) => PaneContent::Failed(source, error),
            (Some(source), Phase::Stopped) if !is_shown(source) => PaneContent::Stopped(source),
            (Some(source), Phase::Connecting | Phase::RetryScheduled { .. } | Phase::Receiving { .. })
                if !is_shown(source) =>
            {
                PaneContent::Opening(source)
            }
            _ => self.thread.as_ref().map_or(PaneContent::Idle, PaneContent::Thread),
        }
    }

    /// The thread in the panes, if they show one.
    pub fn shown_thread(&self) -> Option<&OpenThread> {
        match self.pane_content() {
            PaneContent::Thread(thread) => Some(thread),
            PaneContent::Idle
            | PaneContent::Opening(_)
            | PaneContent::Failed(..)
            | PaneContent::Stopped(_) => None,
        }
    }

    /// Replaces the running request with one for this source.
    fn open(&mut self, source: Source, freshness: Freshness, now: Timestamp) -> Effects {
        let mut effects: Effects = self.cancel().into_iter().collect();
        *self = Self {
            thread: self.thread.take(),
            request: RequestId(self.request.0 + 1),
            phase: Phase::Connecting,
            source: Some(source.clone()),
            started_at: now,
            generation: self.generation,
            spinner_frame: self.spinner_frame,
            ..Self::default()
        };
        if let Some(thread) = self.thread.as_ref().filter(|thread| thread.source == source) {
            effects.push(Effect::ReuseMessages(thread.summaries.clone()));
        }
        effects.push(Effect::Open { request: self.request, source, freshness });
        effects
    }

    /// The effect that cancels the running request, if there is one.
    fn cancel(&self) -> Option<Effect> {
        self.is_active().then_some(Effect::Cancel(self.request))
    }

    /// Stops the running request. The messages of a first version stay; a fresh version of the shown thread is dropped.
    fn stop(&mut self) -> Option<Effect> {
        let cancel = self.cancel()?;
        self.incoming = None;
        self.phase = Phase::Stopped;
        Some(cancel)
    }

    /// The failed or the shown thread, to fetch it again.
    fn reloadable_source(&self) -> Option<Source> {
        let failed = self.source.as_ref().filter(|_| self.shown_thread().is_none());
        failed.or(self.thread.as_ref().map(|thread| &thread.source)).cloned()
    }

    /// Returns from a failed or stopped opening to the previous thread.
    pub fn dismiss_error(&mut self) {
        let is_dismissable = matches!(self.pane_content(), PaneContent::Failed(..) | PaneContent::Stopped(_));
        if is_dismissable && self.thread.is_some() {
            self.phase = Phase::Idle;
            self.source = None;
        }
    }

    /// Starts a new version of the thread; the response begins.
    fn start_incoming(&mut self, origin: Origin, now: Timestamp) {
        let Some(source) = self.source.clone() else { return };
        self.generation += 1;
        self.incoming = Some(OpenThread::new(source, origin, self.generation, now));
        self.phase = Phase::Receiving { bytes: 0, total: None, last_received_at: now };
    }

    /// A retry receives the body from its start.
    fn restart_incoming(&mut self, now: Timestamp) {
        let shown = self.thread.as_ref().filter(|thread| thread.generation == self.generation);
        let origin = self.incoming.as_ref().or(shown).map(|thread| thread.origin.clone());
        if let Some(origin) = origin {
            self.start_incoming(origin, now);
        }
    }

    fn on_progress(&mut self, progress: FetchProgress, now: Timestamp) {
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

    /// The version that is loading: the incoming one, or the shown one once it is on the screen.
    fn loading_thread(&mut self) -> Option<&mut OpenThread> {
        self.incoming.as_mut().or(self.thread.as_mut())
    }

    /// Whether the incoming version is the first one of its thread, and has a message to show.
    fn has_first_version(&self) -> bool {
        self.incoming.as_ref().is_some_and(|incoming| {
            !incoming.summaries.is_empty()
                && self.thread.as_ref().is_none_or(|shown| shown.source != incoming.source)
        })
    }

    fn on_provider_detected(&mut self, service: &'static str) {
        if let Some(thread) = self.loading_thread() {
            thread.service = Some(service);
        }
    }

    fn on_thread_metadata(&mut self, metadata: Thread) {
        let generation = self.generation;
        if let Some(thread) = self.loading_thread().filter(|thread| thread.generation == generation) {
            thread.metadata = metadata;
            self.apply_details();
        }
    }

    /// Details can arrive before, during or after the body.
    fn on_thread_details(&mut self, details: Vec<u8>) {
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

    /// Warnings can arrive as late as details; they are added to those of the body. Returns whether the body is shown.
    fn on_warning(&mut self, text: String) -> bool {
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

    /// Warnings are listed in the Metadata tab; the notice points the user there.
    fn body_warnings(&self) -> Option<Notice> {
        match self.thread.as_ref()?.body_summary.as_ref()?.warnings.as_slice() {
            [] => None,
            [only] => Some(Notice::warning(only)),
            [first, more @ ..] => {
                Some(Notice::warning(format!("{first}; {} more in the Metadata tab", more.len())))
            }
        }
    }

    /// Whether the shown version is better than the incoming one, which is incomplete or unreadable.
    fn should_keep_shown_version(&self) -> bool {
        let (Some(incoming), Some(shown)) = (&self.incoming, &self.thread) else { return false };
        let is_readable = shown.body_summary.as_ref().is_some_and(|summary| !summary.is_unreadable);
        shown.source == incoming.source && shown.is_complete() && is_readable
    }

    /// Ends the body. Returns a warning if the shown version is kept instead of the incoming one.
    fn end_body(&mut self, mut summary: BodySummary) -> Option<Notice> {
        if (summary.is_partial || summary.is_unreadable) && self.should_keep_shown_version() {
            self.incoming = None;
            self.phase = Phase::Idle;
            return Some(Notice::warning(if summary.is_partial {
                "Reload was interrupted; keeping the previous version"
            } else {
                "Reload returned nothing readable; keeping the previous version"
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
    fn sort_by_time(&mut self) -> bool {
        let Some(thread) = self.thread.as_mut() else { return false };
        let is_ordered = thread.provider().is_none_or(|provider| provider.capabilities().is_ordered);
        let is_changed = !is_ordered && thread.summaries.sort_by_time();
        if is_changed {
            thread.landmarks = Landmarks::from_summaries(thread.summaries.iter());
        }
        is_changed
    }

    /// Ends the request with an error; returns a warning if messages stay on the screen.
    fn fail(&mut self, error: UserError, now: Timestamp) -> Option<Notice> {
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

    /// Offline mode: no fetch follows the cached copy.
    fn stay_offline(&mut self, now: Timestamp) -> Option<Notice> {
        self.phase = Phase::Idle;
        let age = number::age(self.thread.as_ref()?.fetched_at, now);
        Some(Notice::plain(format!("Offline: cached {age}")))
    }
}

/// The content of the panes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PaneContent<'a> {
    /// No thread is open.
    Idle,
    /// A thread is being opened; no message has arrived.
    Opening(&'a Source),
    /// A thread could not be opened.
    Failed(&'a Source, &'a UserError),
    /// Opening was stopped before a message arrived.
    Stopped(&'a Source),
    Thread(&'a OpenThread),
}

impl Shown<'_> {
    /// The raw id of the selected message.
    fn selected_id(self) -> Option<Vec<u8>> {
        self.selected_summary().map(|summary| summary.raw.bytes_in(summary.id).to_vec())
    }
}

impl App {
    /// Opens a thread; the running request is cancelled.
    pub fn open(&mut self, source: Source, freshness: Freshness, now: Timestamp) -> Effects {
        self.notice = None;
        self.loading.open(source, freshness, now)
    }

    /// Fetches the shown or the failed thread again; a scheduled retry starts at once.
    pub fn reload(&mut self, now: Timestamp) -> Effects {
        if matches!(self.loading.phase, Phase::RetryScheduled { .. }) {
            return vec![Effect::SkipWait(self.loading.request)];
        }
        match self.loading.reloadable_source() {
            Some(Source::Stdin) => {
                self.notify("Standard input can be read only once");
                Vec::new()
            }
            Some(source) => self.open(source, Freshness::NetworkOnly, now),
            None => Vec::new(),
        }
    }

    /// Stops the running request.
    pub fn stop(&mut self) -> Effects {
        let cancel = self.loading.stop();
        if cancel.is_some() {
            self.notify("Stopped");
        }
        cancel.into_iter().collect()
    }

    /// Applies an update of the latest request; those of any other are dropped. A request that is not running any more
    /// has only details and warnings.
    pub fn on_fetch_update(&mut self, request: RequestId, update: FetchUpdate, now: Timestamp) -> Effects {
        let is_late = matches!(update, FetchUpdate::Details(_) | FetchUpdate::Warning(_));
        let is_expected = is_late || self.loading.is_active();
        if request != self.loading.request || !is_expected {
            return Vec::new();
        }
        match update {
            FetchUpdate::Details(details) => {
                self.loading.on_thread_details(details);
                self.detail.invalidate_metadata();
            }
            FetchUpdate::Warning(text) => {
                if self.loading.on_warning(text) {
                    self.detail.invalidate_metadata();
                    self.notice = self.loading.body_warnings();
                }
            }
            FetchUpdate::Started { origin } => self.loading.start_incoming(origin, now),
            FetchUpdate::Restarted => self.loading.restart_incoming(now),
            FetchUpdate::Progress(progress) => self.loading.on_progress(progress, now),
            FetchUpdate::ProviderDetected { service } => self.loading.on_provider_detected(service),
            FetchUpdate::Summaries(summaries) => self.on_summaries(summaries),
            FetchUpdate::Thread(thread) => self.loading.on_thread_metadata(*thread),
            FetchUpdate::Ended(summary) => return self.on_body_end(summary, now),
            FetchUpdate::OfflineOnly => {
                self.notice = self.loading.stay_offline(now).or(self.notice.take());
            }
            FetchUpdate::Failed(error) => self.notice = self.loading.fail(error, now).or(self.notice.take()),
        }
        Vec::new()
    }

    fn on_summaries(&mut self, summaries: Vec<MessageSummary>) {
        let sticks = self.should_stick_to_end();
        let before = self.loading.thread.as_ref().map_or(0, |thread| thread.summaries.len());
        if let Some(thread) = self.loading.loading_thread() {
            thread.extend(summaries);
        }
        if self.loading.has_first_version() {
            self.show_incoming();
            self.panes().select_linked_message(0);
        } else if self.loading.incoming.is_none() {
            self.panes().select_linked_message(before);
            if sticks {
                self.panes().select(usize::MAX);
            }
        }
    }

    /// Shows the incoming version; if it is the same thread, the selection stays on its message.
    fn show_incoming(&mut self) {
        let Some(incoming) = self.loading.incoming.take() else { return };
        self.record_changes(&incoming);
        let is_same_thread =
            self.loading.thread.as_ref().is_some_and(|shown| shown.source == incoming.source);
        let (selected_id, previous_key) = (self.shown().selected_id(), self.shown().selected_key());
        if is_same_thread {
            self.detail.preserve_on_reload(&incoming.summaries, incoming.generation, previous_key);
        } else {
            self.detail.clear();
        }
        self.loading.thread = Some(incoming);
        if is_same_thread && self.should_stick_to_end() {
            self.panes().select(usize::MAX);
        } else if is_same_thread {
            self.panes().reselect_by_id(selected_id.as_deref());
            if self.shown().selected_id() == selected_id {
                self.panes().keep_place_in_conversation(previous_key);
            }
        } else {
            self.list = MessageList::default();
            self.search = None;
        }
    }

    fn on_body_end(&mut self, summary: BodySummary, now: Timestamp) -> Effects {
        let is_partial = summary.is_partial;
        if let Some(warning) = self.loading.end_body(summary) {
            self.notice = Some(warning);
            return Vec::new();
        }
        self.show_incoming();
        self.sort_by_time();
        if is_partial {
            self.notify("The connection broke; showing what arrived.");
        } else if let Some(warning) = self.loading.body_warnings() {
            self.notice = Some(warning);
        }
        let mut effects = self.restart_search();
        effects.extend(self.reapply_filter());
        effects.extend(self.resort());
        self.panes().warn_deep_link_not_found();
        effects.extend(self.loading.thread.as_ref().map(|thread| {
            let profile = match &thread.source {
                Source::Thread(thread) => self.prefs.profiles.active_profile(thread.service),
                Source::File(_) | Source::Stdin => None,
            };
            Effect::RecordVisit(recent_thread(thread, profile, now))
        }));
        effects.extend(self.arrive());
        effects
    }

    /// Sorts the messages of a service without a defined order; the selection stays on its message.
    fn sort_by_time(&mut self) {
        let selected_id = self.shown().selected_id().filter(|_| self.list.selected > 0);
        if !self.loading.sort_by_time() {
            return;
        }
        self.detail.feedback = self.detail.feedback.for_reloaded_thread();
        if selected_id.is_some() {
            self.panes().reselect_by_id(selected_id.as_deref());
        }
    }
}

pub(super) fn recent_thread(thread: &OpenThread, profile: Option<&str>, now: Timestamp) -> RecentThread {
    let service = match &thread.source {
        Source::Thread(thread) => thread.service,
        Source::File(_) | Source::Stdin => "file",
    };
    RecentThread {
        input: thread.source.to_input(),
        title: thread.metadata.title.clone().unwrap_or_default(),
        service: service.to_owned(),
        profile: profile.map(str::to_owned),
        opened_at: Some(now),
        note: String::new(),
        place: None,
    }
}
