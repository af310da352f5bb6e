//! From news of a request to the thread on the screen: progress, the swap of an old copy for a fresh one, and what to
//! keep when something fails. The latest request wins; news of any other is dropped.

use crate::app::App;
use crate::app::thread::{Landmarks, OpenThread};
use crate::domain::{Head, Stamp, Thread};
use crate::effect::{Effect, Freshness, RequestId, Source, Visit};
use crate::event::{Ending, Failure, News, Origin};
use crate::text::number;

/// What a request is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// Nothing is under way.
    #[default]
    Idle,
    /// Asked, and no answer yet.
    Connecting,
    Waiting {
        attempt: u32,
        of: u32,
        until: Stamp,
        why: String,
    },
    Receiving {
        bytes: u64,
        total: Option<u64>,
        /// When the last of them were heard of.
        at: Stamp,
    },
    Failed(Failure),
    /// Stopped by the user.
    Stopped,
}

/// The request under way, or how the last one ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loading {
    pub request: RequestId,
    pub phase: Phase,
    pub source: Option<Source>,
    pub began: Stamp,
    /// The copy that is being read but not on the screen yet.
    pub incoming: Option<OpenThread>,
    pub generation: u64,
    /// What a second request told of the thread.
    details: Option<Vec<u8>>,
    /// What else is to be known of it.
    remarks: Vec<String>,
}

impl Loading {
    /// Whether something is under way.
    pub fn is_active(&self) -> bool {
        match self.phase {
            Phase::Connecting | Phase::Waiting { .. } | Phase::Receiving { .. } => true,
            Phase::Idle | Phase::Failed(_) | Phase::Stopped => false,
        }
    }
}

/// What the panes show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Showing<'a> {
    /// Nothing was opened.
    Idle,
    /// A thread is being opened and nothing of it is there yet.
    Opening(&'a Source),
    /// A thread could not be opened.
    Failed(&'a Source, &'a Failure),
    /// Opening was stopped before anything came.
    Stopped(&'a Source),
    Thread(&'a OpenThread),
}

impl App {
    /// What the panes show now.
    pub fn showing(&self) -> Showing<'_> {
        let pending = self.loading.source.as_ref();
        let is_shown = |source: &Source| self.thread.as_ref().is_some_and(|thread| thread.source == *source);
        match (pending, &self.loading.phase) {
            (Some(source), Phase::Failed(failure)) if !is_shown(source) => Showing::Failed(source, failure),
            (Some(source), Phase::Stopped) if !is_shown(source) => Showing::Stopped(source),
            (Some(source), Phase::Connecting | Phase::Waiting { .. } | Phase::Receiving { .. })
                if !is_shown(source) =>
            {
                Showing::Opening(source)
            }
            _ => self.thread.as_ref().map_or(Showing::Idle, Showing::Thread),
        }
    }

    /// The thread, if that is what the panes show.
    pub fn shown_thread(&self) -> Option<&OpenThread> {
        match self.showing() {
            Showing::Thread(thread) => Some(thread),
            Showing::Idle | Showing::Opening(_) | Showing::Failed(..) | Showing::Stopped(_) => None,
        }
    }

    /// Opens a thread; what was under way is given up.
    pub fn open(&mut self, source: Source, freshness: Freshness, now: Stamp) -> Vec<Effect> {
        let mut effects = self.cancel_request();
        let request = RequestId(self.loading.request.0 + 1);
        self.loading = Loading {
            request,
            phase: Phase::Connecting,
            source: Some(source.clone()),
            began: now,
            incoming: None,
            generation: self.loading.generation,
            details: None,
            remarks: Vec::new(),
        };
        self.notice = None;
        if let Some(thread) = self.thread.as_ref().filter(|thread| thread.source == source) {
            effects.push(Effect::Know(thread.heads.clone()));
        }
        effects.push(Effect::Open { request, source, freshness });
        effects
    }

    /// Fetches the thread on the screen, or the one that failed, again; a wait before the next try is cut short.
    pub fn reload(&mut self, now: Stamp) -> Vec<Effect> {
        if matches!(self.loading.phase, Phase::Waiting { .. }) {
            return vec![Effect::SkipWait(self.loading.request)];
        }
        let failed = self.loading.source.clone().filter(|_| self.shown_thread().is_none());
        let shown = self.thread.as_ref().map(|thread| thread.source.clone());
        match failed.or(shown) {
            Some(Source::Stdin) => {
                self.say("standard input can be read only once");
                Vec::new()
            }
            Some(source) => self.open(source, Freshness::Fresh, now),
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
        self.say("stopped");
        effects
    }

    /// Leaves a failed or stopped opening for the thread that was there before.
    pub fn dismiss_failure(&mut self) -> bool {
        let back =
            matches!(self.showing(), Showing::Failed(..) | Showing::Stopped(_)) && self.thread.is_some();
        if back {
            self.loading.phase = Phase::Idle;
            self.loading.source = None;
        }
        back
    }

    /// Takes in news; anything that is not of the latest request is dropped.
    pub fn hear(&mut self, request: RequestId, news: News, now: Stamp) -> Vec<Effect> {
        if request != self.loading.request {
            return Vec::new();
        }
        match news {
            News::Details(details) => self.take_details(&details),
            News::Remark(text) => self.take_remark(text),
            news if self.loading.is_active() => return self.hear_body(news, now),
            _ => {}
        }
        Vec::new()
    }

    fn hear_body(&mut self, news: News, now: Stamp) -> Vec<Effect> {
        match news {
            News::Began { origin } => self.begin(origin, now),
            News::Asking => {
                if !matches!(self.loading.phase, Phase::Receiving { .. }) {
                    self.loading.phase = Phase::Connecting;
                }
            }
            News::Details(_) | News::Remark(_) => {}
            News::Waiting { attempt, of, until, why } => {
                self.loading.phase = Phase::Waiting { attempt, of, until, why };
            }
            News::Restarted => self.restart(now),
            News::Receiving { bytes, total } => {
                self.loading.phase = Phase::Receiving { bytes, total, at: now };
            }
            News::Recognised { service } => self.with_growing(|thread| thread.service = Some(service)),
            News::Heads(heads) => self.take_heads(heads),
            News::Thread(thread) => self.take_thread(*thread),
            News::Ended(ending) => return self.end(ending, now),
            News::NotAsked => self.rest_on_copy(now),
            News::Failed(failure) => self.fail(failure),
        }
        Vec::new()
    }

    fn begin(&mut self, origin: Origin, now: Stamp) {
        let Some(source) = self.loading.source.clone() else { return };
        self.loading.generation += 1;
        self.loading.incoming = Some(OpenThread::new(source, origin, self.loading.generation, now));
        self.loading.phase = Phase::Receiving { bytes: 0, total: None, at: now };
    }

    /// Runs on the copy that grows: the incoming one, or the one on the screen once it has been shown.
    fn with_growing(&mut self, change: impl FnOnce(&mut OpenThread)) {
        if let Some(incoming) = self.loading.incoming.as_mut() {
            change(incoming);
        } else if let Some(thread) = self.thread.as_mut() {
            change(thread);
        }
    }

    fn take_heads(&mut self, heads: Vec<Head>) {
        let sticks = self.sticks_to_end();
        let before = self.thread.as_ref().map_or(0, |thread| thread.heads.len());
        self.with_growing(|thread| thread.extend(heads));
        let is_first_copy = self.loading.incoming.as_ref().is_some_and(|incoming| {
            !incoming.heads.is_empty()
                && self.thread.as_ref().is_none_or(|shown| shown.source != incoming.source)
        });
        if is_first_copy {
            self.swap_in();
            self.look_for_target(0);
        } else if self.loading.incoming.is_none() {
            self.look_for_target(before);
            if sticks {
                self.select(usize::MAX);
            }
        }
    }

    fn take_thread(&mut self, thread: Thread) {
        let generation = self.loading.generation;
        if self.loading.incoming.is_some() || self.thread.as_ref().is_some_and(|t| t.generation == generation)
        {
            self.with_growing(|growing| growing.thread = thread);
            if let Some(details) = self.loading.details.clone() {
                self.with_growing(add_details(&details));
            }
        }
    }

    /// Details may come before the body, with it or after it.
    fn take_details(&mut self, details: &[u8]) {
        self.loading.details = Some(details.to_vec());
        self.with_growing(add_details(details));
        self.detail.forget_metadata();
    }

    /// Remarks may be as late as details are; they stand with the oddities of the body.
    fn take_remark(&mut self, text: String) {
        let generation = self.loading.generation;
        let shown = self.thread.as_mut().filter(|thread| {
            thread.generation == generation && !matches!(thread.origin, Origin::Cache { .. })
        });
        match shown.and_then(|thread| thread.ending.as_mut()) {
            Some(ending) => {
                ending.oddities.push(text);
                self.warn_of_oddities();
                self.detail.forget_metadata();
            }
            None => self.loading.remarks.push(text),
        }
    }

    /// What is odd about the thread is in its metadata; nobody would look for it there unasked.
    fn warn_of_oddities(&mut self) {
        let oddities =
            self.thread.as_ref().and_then(|thread| thread.ending.as_ref()).map(|ending| &ending.oddities);
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
    fn swap_in(&mut self) {
        let Some(incoming) = self.loading.incoming.take() else { return };
        self.note_changes(&incoming);
        let same = self.thread.as_ref().is_some_and(|shown| shown.source == incoming.source);
        let selected = self.selected_head().map(|head| head.raw.piece(head.id).to_vec());
        if same {
            let key = self.selected_key();
            self.detail.carry_over(&incoming.heads, incoming.generation, key);
        } else {
            self.detail.forget();
        }
        self.thread = Some(incoming);
        if same && self.sticks_to_end() {
            self.select(usize::MAX);
        } else if same {
            self.reselect(selected.as_deref());
        } else {
            self.list = crate::app::messages::MessageList::default();
            self.filtering = None;
            self.find = None;
        }
    }

    /// A retry sends the body from its start.
    fn restart(&mut self, now: Stamp) {
        let generation = self.loading.generation;
        let origin = if let Some(incoming) = &self.loading.incoming {
            Some(incoming.origin.clone())
        } else {
            self.thread.as_ref().filter(|t| t.generation == generation).map(|t| t.origin.clone())
        };
        if let Some(origin) = origin {
            self.begin(origin, now);
        }
    }

    /// Offline, as the user wishes: nothing follows the kept copy.
    fn rest_on_copy(&mut self, now: Stamp) {
        self.loading.phase = Phase::Idle;
        if let Some(thread) = &self.thread {
            self.say(format!("offline: this was saved {}", number::age(thread.fetched_at, now)));
        }
    }

    /// Whether the copy on the screen is worth more than the one that just broke off or cannot be read.
    fn has_more(&self) -> bool {
        let (Some(incoming), Some(shown)) = (&self.loading.incoming, &self.thread) else { return false };
        let is_readable = shown.ending.as_ref().is_some_and(|ending| !ending.unreadable);
        shown.source == incoming.source && shown.is_complete() && is_readable
    }

    fn end(&mut self, ending: Ending, now: Stamp) -> Vec<Effect> {
        let partial = ending.partial;
        if (partial || ending.unreadable) && self.has_more() {
            self.loading.incoming = None;
            self.loading.phase = Phase::Idle;
            self.warn(match partial {
                true => "the fresh body broke off; the old copy stays",
                false => "not one message of the fresh body could be read; the old copy stays",
            });
            return Vec::new();
        }
        let mut ending = ending;
        ending.oddities.append(&mut self.loading.remarks);
        self.with_growing(|thread| thread.ending = Some(ending));
        if self.loading.incoming.is_some() {
            self.swap_in();
        }
        self.sort_by_time();
        // A kept copy is followed by the fresh one on the same request; its news begins anew.
        let from_cache =
            self.thread.as_ref().is_some_and(|thread| matches!(thread.origin, Origin::Cache { .. }));
        self.loading.phase = if from_cache { Phase::Connecting } else { Phase::Idle };
        if partial {
            self.say("the body broke off: what came is shown");
        } else {
            self.warn_of_oddities();
        }
        let mut effects = self.search_again();
        effects.extend(self.filter_again());
        self.miss_target();
        effects.extend(self.thread.as_ref().map(|thread| Effect::Remember(self.visit(thread, now))));
        effects
    }

    fn visit(&self, thread: &OpenThread, now: Stamp) -> Visit {
        let (service, profile) = match &thread.source {
            Source::Thread(thread) => (thread.service, self.prefs.profiles.in_use(thread.service)),
            Source::File(_) | Source::Stdin => ("file", None),
        };
        Visit {
            typed: thread.source.typed(),
            title: thread.thread.title.clone().unwrap_or_default(),
            service: service.to_owned(),
            profile: profile.map(str::to_owned),
            at: Some(now),
            note: String::new(),
        }
    }

    /// Services that promise no order get theirs from the times; the selection stays on its message.
    fn sort_by_time(&mut self) {
        let selected = self.selected_head().map(|head| head.raw.piece(head.id).to_vec());
        let at_start = self.list.selected == 0;
        let Some(thread) = self.thread.as_mut() else { return };
        let ordered = thread.provider().is_none_or(|provider| provider.capabilities().ordered);
        if ordered || !thread.heads.sort_by_time() {
            return;
        }
        thread.landmarks = Landmarks::of(thread.heads.iter());
        self.detail.feedback = self.detail.feedback.renewed();
        if !at_start {
            self.reselect(selected.as_deref());
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.loading.incoming = None;
        let keeps = self.thread.as_ref().filter(|t| Some(&t.source) == self.loading.source.as_ref());
        if let Some(kept) = keeps {
            let what =
                if kept.ending.is_none() { "the rest could not be read" } else { "the old copy stays" };
            let text = format!("{}; {what}. {}", failure.what, failure.advice);
            self.warn(text);
        }
        self.loading.phase = Phase::Failed(failure);
    }
}

fn add_details(details: &[u8]) -> impl FnOnce(&mut OpenThread) + '_ {
    move |growing| {
        if let Some(provider) = growing.provider() {
            provider.add_details(&mut growing.thread, details);
        }
    }
}
