//! Loading: the request that is running, or the result of the last one, and the thread on the screen. Updates of any but
//! the latest request are dropped.

mod updates;
mod versions;

use crate::app::Effects;
use crate::app::profiles::belongs_to_service;
use crate::domain::{RequestId, Source, Timestamp, UserError};
use crate::effect::{Effect, Freshness};
use crate::view::thread::OpenThread;

pub(super) use updates::recent_thread;

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
    /// The thread that was loaded last. The panes may show something else, see [`Loading::pane_content`].
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
    /// The frame of the loading animation, which advances while a request is running.
    pub spinner_frame: u64,
}

impl Loading {
    /// Returns whether a request is running.
    pub fn is_active(&self) -> bool {
        match self.phase {
            Phase::Connecting | Phase::RetryScheduled { .. } | Phase::Receiving { .. } => true,
            Phase::Idle | Phase::Failed(_) | Phase::Stopped => false,
        }
    }

    /// Returns the seconds left of the wait that the service requested.
    pub fn seconds_to_wait(&self, now: Timestamp) -> Option<i64> {
        let Phase::Failed(error) = &self.phase else { return None };
        let left = self.failed_at.plus_millis(i64::from(error.retry_after?) * 1000).micros_since(now);
        (left > 0).then(|| left.saturating_add(999_999) / 1_000_000)
    }

    /// Returns the current content of the panes.
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

    /// Returns the thread in the panes, if they show one.
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
    pub(super) fn open(&mut self, source: Source, freshness: Freshness, now: Timestamp) -> Effects {
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

    /// Returns the effect that cancels the running request, if there is one.
    fn cancel(&self) -> Option<Effect> {
        self.is_active().then_some(Effect::Cancel(self.request))
    }

    /// Stops the running request. The messages of a first version stay; a fresh version of the shown thread is dropped.
    pub(super) fn stop(&mut self) -> Option<Effect> {
        let cancel = self.cancel()?;
        self.incoming = None;
        self.phase = Phase::Stopped;
        Some(cancel)
    }

    /// Returns the failed or the shown thread, to fetch it again.
    pub(super) fn reloadable_source(&self) -> Option<Source> {
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

    /// Closes a thread of this service; returns whether there was one.
    pub(super) fn close_thread_of(&mut self, service: &str) -> bool {
        self.thread.take_if(|thread| belongs_to_service(&thread.source, service)).is_some()
    }

    /// Returns the version that is loading: the incoming one, or the shown one once it is on the screen.
    fn loading_thread(&mut self) -> Option<&mut OpenThread> {
        self.incoming.as_mut().or(self.thread.as_mut())
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
