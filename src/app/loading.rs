//! Loading: from fetch updates to the thread on the screen. Shows progress, swaps the cached copy for the fresh version,
//! and keeps the better one after a failure. The latest request wins; updates of any other are dropped.

use crate::app::messages::MessageList;
use crate::app::{App, Effects};
use crate::domain::{
    BodySummary, MessageSummary, Origin, RecentThread, RequestId, Source, Thread, Timestamp, UserError,
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

    /// Replaces the running request with one for this source; returns its id.
    fn start(&mut self, source: Source, now: Timestamp) -> RequestId {
        *self = Self {
            thread: self.thread.take(),
            request: RequestId(self.request.0 + 1),
            phase: Phase::Connecting,
            source: Some(source),
            started_at: now,
            generation: self.generation,
            spinner_frame: self.spinner_frame,
            ..Self::default()
        };
        self.request
    }

    /// The effect that cancels the running request, if there is one.
    fn cancel(&self) -> Option<Effect> {
        self.is_active().then_some(Effect::Cancel(self.request))
    }

    /// Starts a new version of the thread; the response begins.
    fn start_incoming(&mut self, origin: Origin, now: Timestamp) {
        let Some(source) = self.source.clone() else { return };
        self.generation += 1;
        self.incoming = Some(OpenThread::new(source, origin, self.generation, now));
        self.phase = Phase::Receiving { bytes: 0, total: None, last_received_at: now };
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

impl App {
    /// Opens a thread; the running request is cancelled.
    pub fn open(&mut self, source: Source, freshness: Freshness, now: Timestamp) -> Effects {
        let mut effects: Effects = self.loading.cancel().into_iter().collect();
        let request = self.loading.start(source.clone(), now);
        self.notice = None;
        if let Some(thread) = self.loading.thread.as_ref().filter(|thread| thread.source == source) {
            effects.push(Effect::ReuseMessages(thread.summaries.clone()));
        }
        effects.push(Effect::Open { request, source, freshness });
        effects
    }

    /// Fetches the shown or the failed thread again; a scheduled retry starts at once.
    pub fn reload(&mut self, now: Timestamp) -> Effects {
        if matches!(self.loading.phase, Phase::RetryScheduled { .. }) {
            return vec![Effect::SkipWait(self.loading.request)];
        }
        let failed = self.loading.source.clone().filter(|_| self.loading.shown_thread().is_none());
        let shown = self.loading.thread.as_ref().map(|thread| thread.source.clone());
        match failed.or(shown) {
            Some(Source::Stdin) => {
                self.notify("Standard input can be read only once");
                Vec::new()
            }
            Some(source) => self.open(source, Freshness::NetworkOnly, now),
            None => Vec::new(),
        }
    }

    /// Stops the running request. The messages of a first version stay; a fresh version of the shown thread is dropped.
    pub fn stop(&mut self) -> Effects {
        let Some(cancel) = self.loading.cancel() else { return Vec::new() };
        self.loading.incoming = None;
        self.loading.phase = Phase::Stopped;
        self.notify("Stopped");
        vec![cancel]
    }

    /// Returns from a failed or stopped opening to the previous thread.
    pub fn dismiss_error(&mut self) {
        let is_dismissable =
            matches!(self.loading.pane_content(), PaneContent::Failed(..) | PaneContent::Stopped(_));
        if is_dismissable && self.loading.thread.is_some() {
            self.loading.phase = Phase::Idle;
            self.loading.source = None;
        }
    }

    /// Applies an update of the latest request; those of any other are dropped.
    pub fn on_fetch_update(&mut self, request: RequestId, update: FetchUpdate, now: Timestamp) -> Effects {
        if request != self.loading.request {
            return Vec::new();
        }
        match update {
            FetchUpdate::Details(details) => self.on_thread_details(&details),
            FetchUpdate::Warning(text) => self.on_fetch_warning(text),
            update if self.loading.is_active() => return self.on_body_update(update, now),
            _ => {}
        }
        Vec::new()
    }

    fn on_body_update(&mut self, update: FetchUpdate, now: Timestamp) -> Effects {
        match update {
            FetchUpdate::Started { origin } => self.loading.start_incoming(origin, now),
            FetchUpdate::Connecting => {
                if !matches!(self.loading.phase, Phase::Receiving { .. }) {
                    self.loading.phase = Phase::Connecting;
                }
            }
            FetchUpdate::Details(_) | FetchUpdate::Warning(_) => {}
            FetchUpdate::RetryScheduled { attempt, max_attempts, retry_at, reason } => {
                self.loading.phase = Phase::RetryScheduled { attempt, max_attempts, retry_at, reason };
            }
            FetchUpdate::Restarted => self.restart_incoming(now),
            FetchUpdate::Progress { bytes, total } => {
                self.loading.phase = Phase::Receiving { bytes, total, last_received_at: now };
            }
            FetchUpdate::ProviderDetected { service } => {
                self.with_loading_thread(|thread| thread.service = Some(service))
            }
            FetchUpdate::Summaries(summaries) => self.on_summaries(summaries),
            FetchUpdate::Thread(thread) => self.on_thread_metadata(*thread),
            FetchUpdate::Ended(summary) => return self.on_body_end(summary, now),
            FetchUpdate::OfflineOnly => self.on_offline_only(now),
            FetchUpdate::Failed(error) => self.on_fetch_failed(error),
        }
        Vec::new()
    }

    /// Changes the version that is loading: the incoming one, or the shown one once it is on the screen.
    fn with_loading_thread(&mut self, change: impl FnOnce(&mut OpenThread)) {
        if let Some(incoming) = self.loading.incoming.as_mut() {
            change(incoming);
        } else if let Some(thread) = self.loading.thread.as_mut() {
            change(thread);
        }
    }

    fn on_summaries(&mut self, summaries: Vec<MessageSummary>) {
        let sticks = self.should_stick_to_end();
        let before = self.loading.thread.as_ref().map_or(0, |thread| thread.summaries.len());
        self.with_loading_thread(|thread| thread.extend(summaries));
        let is_first_version = self.loading.incoming.as_ref().is_some_and(|incoming| {
            !incoming.summaries.is_empty()
                && self.loading.thread.as_ref().is_none_or(|shown| shown.source != incoming.source)
        });
        if is_first_version {
            self.show_incoming();
            self.panes().select_linked_message(0);
        } else if self.loading.incoming.is_none() {
            self.panes().select_linked_message(before);
            if sticks {
                self.panes().select(usize::MAX);
            }
        }
    }

    fn on_thread_metadata(&mut self, thread: Thread) {
        let generation = self.loading.generation;
        if self.loading.incoming.is_some()
            || self.loading.thread.as_ref().is_some_and(|t| t.generation == generation)
        {
            self.with_loading_thread(|loading| loading.metadata = thread);
            if let Some(details) = self.loading.thread_details.clone() {
                self.with_loading_thread(apply_details(&details));
            }
        }
    }

    /// Details can arrive before, during or after the body.
    fn on_thread_details(&mut self, details: &[u8]) {
        self.loading.thread_details = Some(details.to_vec());
        self.with_loading_thread(apply_details(details));
        self.detail.invalidate_metadata();
    }

    /// Warnings can arrive as late as details; they are added to those of the body.
    fn on_fetch_warning(&mut self, text: String) {
        let generation = self.loading.generation;
        let shown = self.loading.thread.as_mut().filter(|thread| {
            thread.generation == generation && !matches!(thread.origin, Origin::Cache { .. })
        });
        match shown.and_then(|thread| thread.body_summary.as_mut()) {
            Some(summary) => {
                summary.warnings.push(text);
                self.show_body_warnings();
                self.detail.invalidate_metadata();
            }
            None => self.loading.warnings.push(text),
        }
    }

    /// Warnings are listed in the Metadata tab; the notice points the user there.
    fn show_body_warnings(&mut self) {
        let summary = self.loading.thread.as_ref().and_then(|thread| thread.body_summary.as_ref());
        match summary.map(|summary| summary.warnings.as_slice()) {
            None | Some([]) => {}
            Some([only]) => self.warn(only.clone()),
            Some([first, more @ ..]) => {
                let text = format!("{first}; {} more in the Metadata tab", more.len());
                self.warn(text);
            }
        }
    }

    /// Shows the incoming version; if it is the same thread, the selection stays on its message.
    fn show_incoming(&mut self) {
        let Some(incoming) = self.loading.incoming.take() else { return };
        self.record_changes(&incoming);
        let is_same_thread =
            self.loading.thread.as_ref().is_some_and(|shown| shown.source == incoming.source);
        let (selected_id, previous_key) = (self.selected_id(), self.shown().selected_key());
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
            if self.selected_id() == selected_id {
                self.panes().keep_place_in_conversation(previous_key);
            }
        } else {
            self.list = MessageList::default();
            self.search = None;
        }
    }

    /// The raw id of the selected message.
    fn selected_id(&self) -> Option<Vec<u8>> {
        self.shown().selected_summary().map(|summary| summary.raw.bytes_in(summary.id).to_vec())
    }

    /// A retry receives the body from its start.
    fn restart_incoming(&mut self, now: Timestamp) {
        let generation = self.loading.generation;
        let origin = if let Some(incoming) = &self.loading.incoming {
            Some(incoming.origin.clone())
        } else {
            self.loading.thread.as_ref().filter(|t| t.generation == generation).map(|t| t.origin.clone())
        };
        if let Some(origin) = origin {
            self.loading.start_incoming(origin, now);
        }
    }

    /// Offline mode: no fetch follows the cached copy.
    fn on_offline_only(&mut self, now: Timestamp) {
        self.loading.phase = Phase::Idle;
        if let Some(thread) = &self.loading.thread {
            self.notify(format!("Offline: cached {}", number::age(thread.fetched_at, now)));
        }
    }

    /// Whether the shown version is better than the incoming one, which is incomplete or unreadable.
    fn should_keep_shown_version(&self) -> bool {
        let (Some(incoming), Some(shown)) = (&self.loading.incoming, &self.loading.thread) else {
            return false;
        };
        let is_readable = shown.body_summary.as_ref().is_some_and(|summary| !summary.is_unreadable);
        shown.source == incoming.source && shown.is_complete() && is_readable
    }

    fn on_body_end(&mut self, mut summary: BodySummary, now: Timestamp) -> Effects {
        let is_partial = summary.is_partial;
        if (is_partial || summary.is_unreadable) && self.should_keep_shown_version() {
            self.loading.incoming = None;
            self.loading.phase = Phase::Idle;
            self.warn(if is_partial {
                "Reload was interrupted; keeping the previous version"
            } else {
                "Reload returned nothing readable; keeping the previous version"
            });
            return Vec::new();
        }
        summary.warnings.append(&mut self.loading.warnings);
        self.with_loading_thread(|thread| thread.body_summary = Some(summary));
        if self.loading.incoming.is_some() {
            self.show_incoming();
        }
        self.sort_by_time();
        // After the cached copy, the same request fetches the fresh version; its updates start over.
        let from_cache =
            self.loading.thread.as_ref().is_some_and(|thread| matches!(thread.origin, Origin::Cache { .. }));
        self.loading.phase = if from_cache { Phase::Connecting } else { Phase::Idle };
        if is_partial {
            self.notify("The connection broke; showing what arrived.");
        } else {
            self.show_body_warnings();
        }
        let mut effects = self.restart_search();
        effects.extend(self.reapply_filter());
        self.panes().warn_deep_link_not_found();
        effects.extend(
            self.loading.thread.as_ref().map(|thread| Effect::RecordVisit(self.recent_thread(thread, now))),
        );
        effects
    }

    fn recent_thread(&self, thread: &OpenThread, now: Timestamp) -> RecentThread {
        let (service, profile) = match &thread.source {
            Source::Thread(thread) => (thread.service, self.prefs.profiles.active_profile(thread.service)),
            Source::File(_) | Source::Stdin => ("file", None),
        };
        RecentThread {
            input: thread.source.to_input(),
            title: thread.metadata.title.clone().unwrap_or_default(),
            service: service.to_owned(),
            profile: profile.map(str::to_owned),
            opened_at: Some(now),
            note: String::new(),
        }
    }

    /// Sorts the messages of a service without a defined order; the selection stays on its message.
    fn sort_by_time(&mut self) {
        let selected_id = self.selected_id();
        let is_at_start = self.list.selected == 0;
        let Some(thread) = self.loading.thread.as_mut() else { return };
        let is_ordered = thread.provider().is_none_or(|provider| provider.capabilities().is_ordered);
        if is_ordered || !thread.summaries.sort_by_time() {
            return;
        }
        thread.landmarks = Landmarks::from_summaries(thread.summaries.iter());
        self.detail.feedback = self.detail.feedback.for_reloaded_thread();
        if !is_at_start {
            self.panes().reselect_by_id(selected_id.as_deref());
        }
    }

    fn on_fetch_failed(&mut self, error: UserError) {
        self.loading.incoming = None;
        let shown = self.loading.thread.as_ref().filter(|t| Some(&t.source) == self.loading.source.as_ref());
        if let Some(shown) = shown {
            let consequence = if shown.body_summary.is_none() {
                "the rest is missing"
            } else {
                "keeping the previous version"
            };
            self.warn(format!("{}; {consequence}. {}", error.message, error.hint));
        }
        self.loading.phase = Phase::Failed(error);
    }
}

fn apply_details(details: &[u8]) -> impl FnOnce(&mut OpenThread) + '_ {
    move |thread| {
        if let Some(provider) = thread.provider() {
            provider.add_details(&mut thread.metadata, details);
        }
    }
}
