//! Prepares the parts of the selected message that the next frame shows: immediately if the message is small, else by a
//! task.

use std::sync::Arc;

use crate::app::Effects;
use crate::app::detail::{MAX_INLINE_BYTES, MessageViewState};
use crate::app::panes::Panes;
use crate::app::pending_navigation::PendingNavigation;
use crate::domain::MessageKey;
use crate::effect::Effect;
use crate::event::LoadedMessage;
use crate::provider;
use crate::view::MessageView;

impl Panes<'_> {
    /// Prepares the content of the next frame. The loop calls this when the event queue is empty, so that a burst of keys
    /// costs one preparation.
    pub fn prepare_frame(&mut self) -> Effects {
        self.fold_new_messages();
        self.keep_selection_in_view();
        let mut effects = Effects::new();
        let Some(key) = self.shown().selected_key() else { return effects };
        let width = self.shown().text_width();
        if !self.detail.bring_to_front(key, width) {
            effects.extend(self.prepare_message(key, width));
        }
        self.apply_pending_navigation();
        let (needs_more, read) = self.prepare_conversation();
        effects.extend(read);
        if self.prepare_tab() || needs_more {
            effects.push(Effect::PrepareMore);
        }
        let jobs = std::mem::take(&mut self.detail.payload_jobs);
        effects.extend(jobs.into_iter().map(|job| Effect::FormatPayload(Box::new(job))));
        let hit_jobs = std::mem::take(&mut self.detail.hit_jobs);
        effects.extend(hit_jobs.into_iter().map(|job| Effect::FindHits(Box::new(job))));
        effects
    }

    /// Prepares the content that a key acts on, for keys that arrive faster than frames: the selected message, if it is
    /// small enough, and the first content of its tab.
    pub(in crate::app) fn prepare_now(&mut self) {
        let Some(key) = self.shown().selected_key() else { return };
        let width = self.shown().text_width();
        let is_small =
            self.shown().selected_summary().is_some_and(|summary| summary.raw.len() <= MAX_INLINE_BYTES);
        if !is_small {
            return;
        }
        if !self.detail.bring_to_front(key, width) {
            self.prepare_message(key, width);
        }
        self.apply_pending_navigation();
        let Some(state) = self.shown().message_state() else { return };
        if !self.detail.tab.view().is_ready(self.shown(), state) {
            self.prepare_tab();
        }
    }

    fn prepare_message(&mut self, key: MessageKey, width: usize) -> Option<Effect> {
        let read = self.read_message_at(self.list.selected);
        if self.detail.pending_read == Some((key, width)) && read.is_some() {
            self.detail.pending_navigation.take_if(|pending| matches!(pending, PendingNavigation::Motion(_)));
        }
        read
    }

    /// Prepares the message in a row of the list; for a large one, returns the effect that reads it.
    pub(super) fn read_message_at(&mut self, position: usize) -> Option<Effect> {
        let width = self.shown().text_width();
        let key = self.shown().key_at(position)?;
        let raw = self.shown().summary_at(position)?.raw.clone();
        let service = self.thread?.service?;
        let provider = provider::by_id(service)?;
        if raw.len() <= MAX_INLINE_BYTES {
            let view = Arc::new(MessageView::new(provider, &raw, width, self.prefs.text_options));
            self.detail.push_front(MessageViewState::new(key, raw, width, view));
            return None;
        }
        if self.detail.pending_read == Some((key, width)) {
            return None;
        }
        self.detail.pending_read = Some((key, width));
        Some(Effect::ReadMessage { key, service, raw, width, options: self.prefs.text_options })
    }

    /// Prepares the content of the current tab; returns whether there is more to prepare.
    pub(in crate::app) fn prepare_tab(&mut self) -> bool {
        self.detail.tab.view().prepare(self)
    }

    /// Inserts a message that a task has prepared, and goes to the pending place in it.
    pub(in crate::app) fn on_message_ready(&mut self, loaded: LoadedMessage) {
        self.detail.insert_if_pending(loaded);
        self.apply_pending_navigation();
    }
}
