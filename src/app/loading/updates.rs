//! Applies fetch updates to the panes: progress, new messages, and the end of the body.

use super::Phase;
use crate::app::messages::MessageList;
use crate::app::panes::Shown;
use crate::app::places::is_in_history;
use crate::app::{App, Effects};
use crate::domain::{BodySummary, MessageSummary, RecentThread, RequestId, Source, Timestamp};
use crate::effect::{Effect, Freshness};
use crate::event::FetchUpdate;
use crate::view::thread::OpenThread;

impl Shown<'_> {
    /// Returns the raw id of the selected message.
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

    /// Fetches the shown or the failed thread again, or starts a scheduled retry immediately.
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

    /// Applies an update of the latest request; drops updates of any other. After the end of a request, only details and
    /// warnings can arrive.
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
            self.notify("The connection was lost; the thread is incomplete");
        } else if let Some(warning) = self.loading.body_warnings() {
            self.notice = Some(warning);
        }
        let mut effects = self.panes().restart_search();
        effects.extend(self.panes().reapply_filter());
        effects.extend(self.panes().resort());
        self.panes().warn_deep_link_not_found();
        let recorded = self.loading.thread.as_ref().filter(|thread| is_in_history(&thread.source));
        let visit = |thread| Effect::RecordVisit(recent_thread(thread, self.profile_of(&thread.source), now));
        effects.extend(recorded.map(visit));
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

pub(in crate::app) fn recent_thread(
    thread: &OpenThread,
    profile: Option<&str>,
    now: Timestamp,
) -> RecentThread {
    let service = thread.source.thread().map_or("file", |thread| thread.service);
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
