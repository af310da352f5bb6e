//! The feedback tab: what was said about the selected message, and the feedback of the whole thread with a jump to its
//! message. Only the rows in view are read. Drawn by `ui/detail/feedback`.

use std::collections::HashMap;

use crate::action::Action;
use crate::app::{App, scroll};
use crate::domain::{Feedback, Sentiment};
use crate::layout::Pane;

/// Rows above the list of the thread's feedback: a heading and a blank line.
pub const HEADING: usize = 2;

/// Lines that one entry of the list takes.
pub const ENTRY: usize = 2;

/// Entries that are kept read.
const KEPT: usize = 512;

/// The tab's state; it belongs to the thread, not to one message.
#[derive(Clone, Debug, Default)]
pub struct FeedbackView {
    /// Places of messages with feedback, in order.
    pub places: Vec<u32>,
    /// How many messages were looked through for `places`.
    counted: usize,
    pub selected: usize,
    pub offset: usize,
    read: HashMap<u32, Vec<Feedback>>,
}

impl FeedbackView {
    /// The feedback on the message at this place, once it is read.
    pub fn of(&self, place: u32) -> &[Feedback] {
        self.read.get(&place).map_or(&[], Vec::as_slice)
    }
}

/// A sentiment as a sign.
pub fn thumb(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Positive => "▲",
        Sentiment::Negative => "▼",
        Sentiment::Other => "◆",
    }
}

impl App {
    /// How many lines the selected message's own feedback takes above the list.
    pub fn own_feedback_rows(&self) -> usize {
        let Some(shown) = self.shown() else { return 1 };
        let width = self.text_width();
        let lines = |feedback: &Feedback| 2 + feedback.description.len().div_ceil(width.max(1)).min(8);
        shown.prepared.message.feedback.iter().map(lines).sum::<usize>().max(1)
    }

    /// Entries of the list that fit below.
    fn feedback_page(&self) -> usize {
        (self.detail_page().saturating_sub(self.own_feedback_rows() + HEADING) / ENTRY).max(1)
    }

    /// Finds the messages with feedback and reads those in view.
    pub(super) fn prepare_feedback(&mut self) {
        let page = self.feedback_page();
        let Some(thread) = self.shown_thread() else { return };
        let Some(provider) = thread.provider() else { return };
        let heads = thread.heads.clone();
        let view = &mut self.detail.feedback;
        if heads.len() < view.counted {
            *view = FeedbackView::default();
        }
        for place in view.counted..heads.len() {
            if heads.get(place).is_some_and(|head| head.sentiment.is_some()) {
                view.places.extend(u32::try_from(place));
            }
        }
        view.counted = heads.len();
        view.offset = scroll::into_view(view.selected, view.offset, page, view.places.len());
        if view.read.len() > KEPT {
            view.read.clear();
        }
        let in_view: Vec<u32> = view.places.iter().skip(view.offset).take(page).copied().collect();
        for place in in_view {
            if let Some(head) = heads.get(place as usize) {
                view.read.entry(place).or_insert_with(|| provider.feedback(head.raw.bytes()));
            }
        }
    }

    /// A motion over the thread's feedback.
    pub(super) fn move_in_feedback(&mut self, action: Action, count: Option<usize>, _page: usize) {
        let page = self.feedback_page();
        let view = &mut self.detail.feedback;
        if let Some(to) = scroll::target(action, count, view.selected, view.places.len(), page) {
            view.selected = to;
        }
    }

    /// Goes to the message that the selected feedback is about.
    pub(super) fn go_to_feedback(&mut self) {
        let view = &self.detail.feedback;
        let Some(place) = view.places.get(view.selected).copied() else { return };
        if self.select_place(place as usize) {
            self.focus = Pane::Messages;
        } else {
            self.say("the filter hides this message");
        }
    }

    /// A click on an entry: selects it; a second one goes there.
    pub(super) fn click_feedback(&mut self, row: usize) {
        let top = self.own_feedback_rows() + HEADING;
        let Some(below) = row.checked_sub(top) else { return };
        let view = &mut self.detail.feedback;
        let at = view.offset + below / ENTRY;
        if at >= view.places.len() {
            return;
        }
        if view.selected == at {
            self.go_to_feedback();
        } else {
            view.selected = at;
        }
    }
}
