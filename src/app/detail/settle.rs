//! Before a frame: what it shows of the selected message is prepared, at once where that is quick, else by a task.

use std::sync::Arc;

use crate::app::detail::tree_view::TreeView;
use crate::app::detail::{INLINE, Prepared, Shown, Tab, fields};
use crate::app::{App, Effects};
use crate::effect::Effect;
use crate::event::{MessageKey, ReadMessage};
use crate::layout::Pane;
use crate::provider;

impl App {
    /// Prepares what the next frame shows. Comes when the queue is empty, so a flood of keys costs one preparation.
    pub fn settle(&mut self) -> Effects {
        self.select(self.list.selected);
        let mut effects: Effects = self.settle_page().into_iter().collect();
        let Some(key) = self.selected_key() else { return effects };
        let width = self.text_width();
        if !self.detail.bring_to_front(key, width) {
            effects.extend(self.prepare(key, width));
        }
        self.resume();
        self.select_wanted();
        self.reach_target();
        self.land();
        if self.prepare_tab() {
            effects.push(Effect::Continue);
        }
        let wishes = std::mem::take(&mut self.detail.wishes);
        effects.extend(wishes.into_iter().map(|wish| Effect::ReadPayload(Box::new(wish))));
        effects
    }

    /// Keys that come faster than frames, as from somebody who types ahead, find what they act on: the selected message,
    /// if it is small enough, and what its tab needs for the first time.
    pub(in crate::app) fn make_ready(&mut self) {
        let Some(key) = self.selected_key() else { return };
        let width = self.text_width();
        let is_small = self.selected_head().is_some_and(|head| head.raw.len() <= INLINE);
        if !is_small {
            return;
        }
        if !self.detail.bring_to_front(key, width) {
            self.prepare(key, width);
            self.resume();
        }
        self.select_wanted();
        let Some(shown) = self.shown() else { return };
        let lacks = match self.detail.tab {
            Tab::Message => false,
            Tab::Spans => self.focus == Pane::Payload && self.payload_tree().is_none(),
            Tab::Feedback => self.detail.feedback.sift.passing.is_empty(),
            Tab::Metadata => shown.metadata.is_none(),
            Tab::Raw => shown.json.is_none(),
        };
        if lacks {
            self.prepare_tab();
        }
    }

    fn prepare(&mut self, key: MessageKey, width: usize) -> Option<Effect> {
        let raw = self.selected_head()?.raw.clone();
        let service = self.shown_thread()?.service?;
        let provider = provider::named(service)?;
        if raw.len() <= INLINE {
            let prepared = Arc::new(Prepared::new(provider, &raw, width, self.prefs.hidden));
            self.detail.push_front(Shown::new(key, raw, width, prepared));
            return None;
        }
        if self.detail.waiting == Some((key, width)) {
            return None;
        }
        self.detail.waiting = Some((key, width));
        self.detail.deferred = None;
        Some(Effect::Read { key, service, raw, width, hidden: self.prefs.hidden })
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
        let (zone, now, width) = (self.prefs.zone.clone(), self.now, self.text_width());
        let Some(thread) = self.shown_thread() else { return };
        let Some(shown) = self.shown().filter(|shown| shown.metadata.is_none()) else { return };
        let clock = fields::Clock { zone: &zone, now };
        let document = fields::document(&shown.prepared.message, &shown.raw, thread, width, &clock);
        if let Some(shown) = self.shown_mut() {
            shown.metadata = Some(document);
        }
    }

    fn prepare_json(&mut self) -> bool {
        let page = self.detail_page();
        let Some(shown) = self.shown_mut() else { return false };
        let raw = &shown.raw;
        let view = shown.json.get_or_insert_with(|| TreeView::new(raw, raw.whole()));
        view.prepare(page)
    }

    /// Takes in a message that a task has read, and goes where the user wanted to go in it meanwhile.
    pub(in crate::app) fn take_read(&mut self, read: ReadMessage) {
        self.detail.take_read(read);
        if self.shown().is_some()
            && let Some(action) = self.detail.deferred.take()
        {
            self.prepare_tab();
            self.move_in_detail(action, None);
        }
    }
}
