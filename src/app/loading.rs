//! From news of a request to the thread on the screen: progress, the swap of an old copy for a fresh one, and what to
//! keep when something fails. The latest request wins; news of any other is dropped.

use crate::app::App;
use crate::domain::{
    BodySummary, MessageSummary, Origin, RecentThread, RequestId, Source, Thread, Timestamp, UserError,
};
use crate::effect::{Effect, Freshness};
use crate::event::FetchUpdate;
use crate::text::number;
use crate::view::thread::{Landmarks, OpenThread};

/// What a request is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// Nothing is under way.
    #[default]
    Idle,
    /// Asked, and no answer yet.
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
        /// When the last of them were heard of.
        last_received_at: Timestamp,
    },
    Failed(UserError),
    /// Stopped by the user.
    Stopped,
}

/// The request under way, or how the last one ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loading {
    pub request: RequestId,
    pub phase: Phase,
    pub source: Option<Source>,
    pub started_at: Timestamp,
    /// The copy that is being read but not on the screen yet.
    pub incoming: Option<OpenThread>,
    pub generation: u64,
    /// What a second request told of the thread.
    thread_details: Option<Vec<u8>>,
    /// What else is to be known of it.
    warnings: Vec<String>,
}

impl Loading {
    /// Whether something is under way.
    pub fn is_active(&self) -> bool {
        match self.phase {
            Phase::Connecting | Phase::RetryScheduled { .. } | Phase::Receiving { .. } => true,
            Phase::Idle | Phase::Failed(_) | Phase::Stopped => false,
        }
    }
}

/// What the panes show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PaneContent<'a> {
    /// Nothing was opened.
    Idle,
    /// A thread is being opened and nothing of it is there yet.
    Opening(&'a Source),
    /// A thread could not be opened.
    Failed(&'a Source, &'a UserError),
    /// Opening was stopped before anything came.
    Stopped(&'a Source),
    Thread(&'a OpenThread),
}

impl App {
    /// What the panes show now.
    pub fn pane_content(&self) -> PaneContent<'_> {
        let pending = self.loading.source.as_ref();
        let is_shown = |source: &Source| self.thread.as_ref().is_some_and(|thread| thread.source == *source);
        match (pending, &self.loading.phase) {
            (Some(source), Phase::Failed(failure)) if !is_shown(source) => {
                PaneContent::Failed(source, failure)
            }
            (Some(source), Phase::Stopped) if !is_shown(source) => PaneContent::Stopped(source),
            (Some(source), Phase::Connecting | Phase::RetryScheduled { .. } | Phase::Receiving { .. })
                if !is_shown(source) =>
            {
                PaneContent::Opening(source)
            }
            _ => self.thread.as_ref().map_or(PaneContent::Idle, PaneContent::Thread),
        }
    }

    /// The thread, if that is what the panes show.
    pub fn shown_thread(&self) -> Option<&OpenThread> {
        match self.pane_content() {
            PaneContent::Thread(thread) => Some(thread),
            PaneContent::Idle
            | PaneContent::Opening(_)
            | PaneContent::Failed(..)
            | PaneContent::Stopped(_) => None,
        }
    }

    /// Opens a thread; what was under way is given up.
    pub fn open(&mut self, source: Source, freshness: Freshness, now: Timestamp) -> Vec<Effect> {
        let mut effects = self.cancel_request();
        let request = RequestId(self.loading.request.0 + 1);
        self.loading = Loading {
            request,
            phase: Phase::Connecting,
            source: Some(source.clone()),
            started_at: now,
            incoming: None,
            generation: self.loading.generation,
            thread_details: None,
            warnings: Vec::new(),
        };
        self.notice = None;
        if let Some(thread) = self.thread.as_ref().filter(|thread| thread.source == source) {
            effects.push(Effect::ReuseMessages(thread.summaries.clone()));
        }
        effects.push(Effect::Open { request, source, freshness });
        effects
    }

    /// Fetches the thread on the screen, or the one that failed, again; a wait before the next try is cut short.
    pub fn reload(&mut self, now: Timestamp) -> Vec<Effect> {
        if matches!(self.loading.phase, Phase::RetryScheduled { .. }) {
            return vec![Effect::SkipWait(self.loading.request)];
        }
        let failed = self.loading.source.clone().filter(|_| self.shown_thread().is_none());
        let shown = self.thread.as_ref().map(|thread| thread.source.clone());
        match failed.or(shown) {
            Some(Source::Stdin) => {
                self.notify("standard input can be read only once");
                Vec::new()
            }
            Some(source) => self.open(source, Freshness::NetworkOnly, now),
            None => Vec::new(),
        }
    }

    fn cancel_request(&self) -> Vec<Effect> {
        if self.loading.is_active() { vec![Effect::Cancel(self.loading.request)] } else { Vec::new() }
    }

    /// Stops what is under way. Whatever of a first copy has arrived stays; a fresh copy of a shown thread is dropped.
    pub fn stop(&mut self) -> Vec<Effect> {
        if !self.loading.is_active() {
            return Vec::new();
        }
        let effects = self.cancel_request();
        self.loading.incoming = None;
        self.loading.phase = Phase::Stopped;
        self.notify("stopped");
        effects
    }

    /// Leaves a failed or stopped opening for the thread that was there before.
    pub fn dismiss_error(&mut self) -> bool {
        let back = matches!(self.pane_content(), PaneContent::Failed(..) | PaneContent::Stopped(_))
            && self.thread.is_some();
        if back {
            self.loading.phase = Phase::Idle;
            self.loading.source = None;
        }
        back
    }

    /// Takes in news; anything that is not of the latest request is dropped.
    pub fn on_fetch_update(&mut self, request: RequestId, news: FetchUpdate, now: Timestamp) -> Vec<Effect> {
        if request != self.loading.request {
            return Vec::new();
        }
        match news {
            FetchUpdate::Details(details) => self.on_thread_details(&details),
            FetchUpdate::Warning(text) => self.on_fetch_warning(text),
            news if self.loading.is_active() => return self.on_body_update(news, now),
            _ => {}
        }
        Vec::new()
    }

    fn on_body_update(&mut self, news: FetchUpdate, now: Timestamp) -> Vec<Effect> {
        match news {
            FetchUpdate::Started { origin } => self.start_incoming(origin, now),
            FetchUpdate::Connecting => {
                if !matches!(self.loading.phase, Phase::Receiving { .. }) {
                    self.loading.phase = Phase::Connecting;
                }
            }
            FetchUpdate::Details(_) | FetchUpdate::Warning(_) => {}
            FetchUpdate::RetryScheduled { attempt, max_attempts: of, retry_at: until, reason: why } => {
                self.loading.phase =
                    Phase::RetryScheduled { attempt, max_attempts: of, retry_at: until, reason: why };
            }
            FetchUpdate::Restarted => self.restart_incoming(now),
            FetchUpdate::Progress { bytes, total } => {
                self.loading.phase = Phase::Receiving { bytes, total, last_received_at: now };
            }
            FetchUpdate::ProviderDetected { service } => {
                self.with_loading_thread(|thread| thread.service = Some(service))
            }
            FetchUpdate::Summaries(heads) => self.on_summaries(heads),
            FetchUpdate::Thread(thread) => self.on_thread_metadata(*thread),
            FetchUpdate::Ended(ending) => return self.on_body_end(ending, now),
            FetchUpdate::OfflineOnly => self.on_offline_only(now),
            FetchUpdate::Failed(failure) => self.on_fetch_failed(failure),
        }
        Vec::new()
    }

    fn start_incoming(&mut self, origin: Origin, now: Timestamp) {
        let Some(source) = self.loading.source.clone() else { return };
        self.loading.generation += 1;
        self.loading.incoming = Some(OpenThread::new(source, origin, self.loading.generation, now));
        self.loading.phase = Phase::Receiving { bytes: 0, total: None, last_received_at: now };
    }

    /// Runs on the copy that grows: the incoming one, or the one on the screen once it has been shown.
    fn with_loading_thread(&mut self, change: impl FnOnce(&mut OpenThread)) {
        if let Some(incoming) = self.loading.incoming.as_mut() {
            change(incoming);
        } else if let Some(thread) = self.thread.as_mut() {
            change(thread);
        }
    }

    fn on_summaries(&mut self, heads: Vec<MessageSummary>) {
        let sticks = self.should_stick_to_end();
        let before = self.thread.as_ref().map_or(0, |thread| thread.summaries.len());
        self.with_loading_thread(|thread| thread.extend(heads));
        let is_first_copy = self.loading.incoming.as_ref().is_some_and(|incoming| {
            !incoming.summaries.is_empty()
                && self.thread.as_ref().is_none_or(|shown| shown.source != incoming.source)
        });
        if is_first_copy {
            self.show_incoming();
            self.select_linked_message(0);
        } else if self.loading.incoming.is_none() {
            self.select_linked_message(before);
            if sticks {
                self.select(usize::MAX);
            }
        }
    }

    fn on_thread_metadata(&mut self, thread: Thread) {
        let generation = self.loading.generation;
        if self.loading.incoming.is_some() || self.thread.as_ref().is_some_and(|t| t.generation == generation)
        {
            self.with_loading_thread(|growing| growing.metadata = thread);
            if let Some(details) = self.loading.thread_details.clone() {
                self.with_loading_thread(apply_details(&details));
            }
        }
    }

    /// Details may come before the body, with it or after it.
    fn on_thread_details(&mut self, details: &[u8]) {
        self.loading.thread_details = Some(details.to_vec());
        self.with_loading_thread(apply_details(details));
        self.detail.invalidate_metadata();
    }

    /// Remarks may be as late as details are; they stand with the oddities of the body.
    fn on_fetch_warning(&mut self, text: String) {
        let generation = self.loading.generation;
        let shown = self.thread.as_mut().filter(|thread| {
            thread.generation == generation && !matches!(thread.origin, Origin::Cache { .. })
        });
        match shown.and_then(|thread| thread.body_summary.as_mut()) {
            Some(ending) => {
                ending.warnings.push(text);
                self.show_body_warnings();
                self.detail.invalidate_metadata();
            }
            None => self.loading.warnings.push(text),
        }
    }

    /// What is odd about the thread is in its metadata; nobody would look for it there unasked.
    fn show_body_warnings(&mut self) {
        let oddities = self
            .thread
            .as_ref()
            .and_then(|thread| thread.body_summary.as_ref())
            .map(|ending| &ending.warnings);
        match oddities.map(Vec::as_slice) {
            None | Some([]) => {}
            Some([only]) => self.warn(only.clone()),
            Some([first, more @ ..]) => {
                let text = format!("{first}; and {} more in the metadata", more.len());
                self.warn(text);
            }
        }
    }

    /// Puts the incoming copy on the screen; the selection is kept by id where it is the same thread.
    fn show_incoming(&mut self) {
        let Some(incoming) = self.loading.incoming.take() else { return };
        self.record_changes(&incoming);
        let same = self.thread.as_ref().is_some_and(|shown| shown.source == incoming.source);
        let selected = self.selected_summary().map(|head| head.raw.bytes_in(head.id).to_vec());
        if same {
            let key = self.selected_key();
            self.detail.preserve_on_reload(&incoming.summaries, incoming.generation, key);
        } else {
            self.detail.clear();
        }
        self.thread = Some(incoming);
        if same && self.should_stick_to_end() {
            self.select(usize::MAX);
        } else if same {
            self.reselect_by_id(selected.as_deref());
        } else {
            self.list = crate::app::messages::MessageList::default();
            self.filter = None;
            self.search = None;
        }
    }

    /// A retry sends the body from its start.
    fn restart_incoming(&mut self, now: Timestamp) {
        let generation = self.loading.generation;
        let origin = if let Some(incoming) = &self.loading.incoming {
            Some(incoming.origin.clone())
        } else {
            self.thread.as_ref().filter(|t| t.generation == generation).map(|t| t.origin.clone())
        };
        if let Some(origin) = origin {
            self.start_incoming(origin, now);
        }
    }

    /// Offline, as the user wishes: nothing follows the kept copy.
    fn on_offline_only(&mut self, now: Timestamp) {
        self.loading.phase = Phase::Idle;
        if let Some(thread) = &self.thread {
            self.notify(format!("offline: this was saved {}", number::age(thread.fetched_at, now)));
        }
    }

    /// Whether the copy on the screen is worth more than the one that just broke off or cannot be read.
    fn should_keep_shown_copy(&self) -> bool {
        let (Some(incoming), Some(shown)) = (&self.loading.incoming, &self.thread) else { return false };
        let is_readable = shown.body_summary.as_ref().is_some_and(|ending| !ending.is_unreadable);
        shown.source == incoming.source && shown.is_complete() && is_readable
    }

    fn on_body_end(&mut self, ending: BodySummary, now: Timestamp) -> Vec<Effect> {
        let partial = ending.is_partial;
        if (partial || ending.is_unreadable) && self.should_keep_shown_copy() {
            self.loading.incoming = None;
            self.loading.phase = Phase::Idle;
            self.warn(match partial {
                true => "the fresh body broke off; the old copy stays",
                false => "not one message of the fresh body could be read; the old copy stays",
            });
            return Vec::new();
        }
        let mut ending = ending;
        ending.warnings.append(&mut self.loading.warnings);
        self.with_loading_thread(|thread| thread.body_summary = Some(ending));
        if self.loading.incoming.is_some() {
            self.show_incoming();
        }
        self.sort_by_time();
        // A kept copy is followed by the fresh one on the same request; its news begins anew.
        let from_cache =
            self.thread.as_ref().is_some_and(|thread| matches!(thread.origin, Origin::Cache { .. }));
        self.loading.phase = if from_cache { Phase::Connecting } else { Phase::Idle };
        if partial {
            self.notify("the body broke off: what came is shown");
        } else {
            self.show_body_warnings();
        }
        let mut effects = self.restart_search();
        effects.extend(self.reapply_filter());
        self.warn_deep_link_not_found();
        effects
            .extend(self.thread.as_ref().map(|thread| Effect::RecordVisit(self.recent_thread(thread, now))));
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

    /// Services that promise no order get theirs from the times; the selection stays on its message.
    fn sort_by_time(&mut self) {
        let selected = self.selected_summary().map(|head| head.raw.bytes_in(head.id).to_vec());
        let at_start = self.list.selected == 0;
        let Some(thread) = self.thread.as_mut() else { return };
        let ordered = thread.provider().is_none_or(|provider| provider.capabilities().is_ordered);
        if ordered || !thread.summaries.sort_by_time() {
            return;
        }
        thread.landmarks = Landmarks::from_summaries(thread.summaries.iter());
        self.detail.feedback = self.detail.feedback.for_reloaded_thread();
        if !at_start {
            self.reselect_by_id(selected.as_deref());
        }
    }

    fn on_fetch_failed(&mut self, failure: UserError) {
        self.loading.incoming = None;
        let keeps = self.thread.as_ref().filter(|t| Some(&t.source) == self.loading.source.as_ref());
        if let Some(kept) = keeps {
            let what =
                if kept.body_summary.is_none() { "the rest could not be read" } else { "the old copy stays" };
            let text = format!("{}; {what}. {}", failure.message, failure.hint);
            self.warn(text);
        }
        self.loading.phase = Phase::Failed(failure);
    }
}

fn apply_details(details: &[u8]) -> impl FnOnce(&mut OpenThread) + '_ {
    move |growing| {
        if let Some(provider) = growing.provider() {
            provider.add_details(&mut growing.metadata, details);
        }
    }
}
