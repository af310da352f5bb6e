//! Before a frame: what it shows of the selected message is prepared, at once where that is quick, else by a task.

use std::sync::Arc;

use crate::app::detail::json_tree::TreeView;
use crate::app::detail::{MAX_INLINE_BYTES, MessageViewState, Tab};
use crate::app::{App, Effects};
use crate::domain::MessageKey;
use crate::effect::Effect;
use crate::event::LoadedMessage;
use crate::layout::Pane;
use crate::provider;
use crate::view::{MessageView, metadata};

impl App {
    /// Prepares what the next frame shows. Comes when the queue is empty, so a flood of keys costs one preparation.
    pub fn prepare_frame(&mut self) -> Effects {
        self.select(self.list.selected);
        let mut effects: Effects = self.request_page_layout().into_iter().collect();
        let Some(key) = self.selected_key() else { return effects };
        let width = self.text_width();
        if !self.detail.bring_to_front(key, width) {
            effects.extend(self.prepare_message(key, width));
        }
        self.restore_view_state();
        self.apply_pending_selection();
        self.apply_deep_link();
        self.show_pending_hit();
        if self.prepare_tab() {
            effects.push(Effect::PrepareMore);
        }
        let wishes = std::mem::take(&mut self.detail.payload_jobs);
        effects.extend(wishes.into_iter().map(|wish| Effect::FormatPayload(Box::new(wish))));
        effects
    }

    /// Keys that come faster than frames, as from somebody who types ahead, find what they act on: the selected message,
    /// if it is small enough, and what its tab needs for the first time.
    pub(in crate::app) fn prepare_now(&mut self) {
        let Some(key) = self.selected_key() else { return };
        let width = self.text_width();
        let is_small = self.selected_summary().is_some_and(|head| head.raw.len() <= MAX_INLINE_BYTES);
        if !is_small {
            return;
        }
        if !self.detail.bring_to_front(key, width) {
            self.prepare_message(key, width);
            self.restore_view_state();
        }
        self.apply_pending_selection();
        let Some(shown) = self.message_state() else { return };
        let lacks = match self.detail.tab {
            Tab::Message => false,
            Tab::Spans => self.focus == Pane::Payload && self.payload_tree().is_none(),
            Tab::Feedback => self.detail.feedback.filter.matching.is_empty(),
            Tab::Metadata => shown.metadata.is_none(),
            Tab::Raw => shown.json.is_none(),
        };
        if lacks {
            self.prepare_tab();
        }
    }

    fn prepare_message(&mut self, key: MessageKey, width: usize) -> Option<Effect> {
        let raw = self.selected_summary()?.raw.clone();
        let service = self.shown_thread()?.service?;
        let provider = provider::by_id(service)?;
        if raw.len() <= MAX_INLINE_BYTES {
            let prepared = Arc::new(MessageView::new(provider, &raw, width, self.prefs.hidden_text));
            self.detail.push_front(MessageViewState::new(key, raw, width, prepared));
            return None;
        }
        if self.detail.pending_read == Some((key, width)) {
            return None;
        }
        self.detail.pending_read = Some((key, width));
        self.detail.deferred_motion = None;
        Some(Effect::ReadMessage { key, service, raw, width, hidden: self.prefs.hidden_text })
    }

    /// Prepares what only the tab in front needs; returns whether there is more to do.
    pub(in crate::app) fn prepare_tab(&mut self) -> bool {
        match self.detail.tab {
            Tab::Message => false,
            Tab::Spans => self.prepare_spans(),
            Tab::Feedback => self.prepare_feedback(),
            Tab::Metadata => {
                self.prepare_metadata();
                false
            }
            Tab::Raw => self.prepare_json(),
        }
    }

    fn prepare_metadata(&mut self) {
        let (zone, now, width) = (self.prefs.time_format.clone(), self.now, self.text_width());
        let Some(thread) = self.shown_thread() else { return };
        let Some(shown) = self.message_state().filter(|shown| shown.metadata.is_none()) else { return };
        let clock = metadata::TimeContext { time_format: &zone, now };
        let document = metadata::document(&shown.view.message, &shown.raw, thread, width, &clock);
        if let Some(shown) = self.message_state_mut() {
            shown.metadata = Some(document);
        }
    }

    fn prepare_json(&mut self) -> bool {
        let page = self.detail_height();
        let Some(shown) = self.message_state_mut() else { return false };
        let raw = &shown.raw;
        let view = shown.json.get_or_insert_with(|| TreeView::new(raw, raw.full_range()));
        view.prepare(page)
    }

    /// Takes in a message that a task has read, and goes where the user wanted to go in it meanwhile.
    pub(in crate::app) fn on_message_ready(&mut self, read: LoadedMessage) {
        self.detail.insert_if_pending(read);
        if self.message_state().is_some()
            && let Some(action) = self.detail.deferred_motion.take()
        {
            self.prepare_tab();
            self.move_in_detail(action, None);
        }
    }
}
