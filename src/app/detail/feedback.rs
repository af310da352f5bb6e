//! The feedback tab: what was said about the selected message, and the feedback of the whole thread, which can be narrowed
//! down, with the turn that the selected entry is about. Only the rows in view are read. Drawn by `ui/detail/feedback`.

pub mod filter;

use std::collections::HashMap;

use crate::action::Action;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, scroll};
use crate::domain::{Feedback, MessageSummaries, MessageSummary, Sentiment};
use crate::json;
use crate::layout::{self, Direction, FeedbackAreas, Pane};
use crate::search::{Finder, Query};
use crate::text::{Line, Safe, StyledRun, number, time, wrap_styled};
use crate::theme::Role;
use crate::view::document::{Body, Document, Section};
use crate::view::message::{self, GUTTER_WIDTH};
use filter::{FeedbackFilter, FeedbackKind};

/// Lines that one entry of the list takes.
pub const ENTRY_LINES: usize = 2;

/// Entries that are kept read.
const MAX_CACHED: usize = 512;

/// Lines of one feedback's words above the list.
const MAX_COMMENT_LINES: usize = 8;

/// Bytes of a large message's text beside the list; smaller ones are shown whole.
const PREVIEW_BYTES: usize = 16 * 1024;

/// The tab's state; it belongs to the thread, not to one message.
#[derive(Clone, Debug, Default)]
pub struct FeedbackView {
    /// How many messages have feedback, a thumb down, a thumb up.
    pub counts: [usize; 3],
    counted_messages: usize,
    pub filter: FeedbackFilter,
    pub selected: usize,
    pub offset: usize,
    cache: HashMap<u32, Vec<Feedback>>,
    /// The turn of the selected entry, laid out.
    pub turn_preview: Option<TurnPreview>,
    /// The selected message when the list was last brought to it.
    last_selected_message: Option<usize>,
}

/// A turn beside the list.
#[derive(Clone, Debug)]
pub struct TurnPreview {
    message_index: u32,
    width: usize,
    pub document: Document,
    pub offset: usize,
}

impl FeedbackView {
    /// The feedback on the message at this place, once it is read.
    pub fn feedback_at(&self, place: u32) -> &[Feedback] {
        self.cache.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The same list of another copy of the thread: what is wanted stays, what was read does not.
    #[must_use]
    pub fn for_reloaded_thread(&self) -> Self {
        let mut sift = self.filter.clone();
        sift.restart();
        let Self { selected, offset, last_selected_message: followed, .. } = *self;
        Self { filter: sift, selected, offset, last_selected_message: followed, ..Self::default() }
    }

    fn update_counts(&mut self, heads: &MessageSummaries) {
        if heads.len() < self.counted_messages {
            *self = self.for_reloaded_thread();
        }
        for place in self.counted_messages..heads.len() {
            let sentiment = heads.get(place).and_then(|head| head.sentiment);
            let [all, negative, positive] = &mut self.counts;
            *all += usize::from(sentiment.is_some());
            *negative += usize::from(sentiment == Some(Sentiment::Negative));
            *positive += usize::from(sentiment == Some(Sentiment::Positive));
        }
        self.counted_messages = heads.len();
    }

    /// When another message was selected, the list goes to its entry.
    fn follow_selection(&mut self, place: Option<usize>) {
        if self.last_selected_message == place {
            return;
        }
        self.last_selected_message = place;
        let place = place.and_then(|place| u32::try_from(place).ok());
        if let Some(at) = place.and_then(|place| self.filter.matching.binary_search(&place).ok()) {
            self.selected = at;
        }
    }
}

/// A sentiment as a sign.
pub fn sentiment_symbol(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Positive => "▲",
        Sentiment::Negative => "▼",
        Sentiment::Other => "◆",
    }
}

/// The colour of a sentiment.
pub fn sentiment_style(sentiment: Sentiment) -> Role {
    match sentiment {
        Sentiment::Positive => Role::Ok,
        Sentiment::Negative => Role::Error,
        Sentiment::Other => Role::Warn,
    }
}

/// The words of a feedback; that there are none is said, too.
pub fn comment(feedback: &Feedback) -> &str {
    if feedback.description.is_empty() { "(no words)" } else { &feedback.description }
}

impl App {
    /// Where the parts of the tab are.
    pub fn feedback_areas(&self) -> FeedbackAreas {
        let inner = self.frame().detail.inner;
        let width = self.text_width();
        let rows = |feedback: &Feedback| {
            2 + wrap_styled(comment(feedback), width, Role::Text).len().min(MAX_COMMENT_LINES)
        };
        let own = self.message_state().map_or(1, |shown| shown.view.message.feedback.iter().map(rows).sum());
        layout::split_feedback_tab(inner, own)
    }

    /// Finds the messages with feedback, reads those in view, and lays out the turn of the selected one; returns whether
    /// there is more to do.
    pub(super) fn prepare_feedback(&mut self) -> bool {
        let areas = self.feedback_areas();
        let page = entries_per_page(&areas);
        let Some(thread) = self.shown_thread() else { return false };
        let Some(provider) = thread.provider() else { return false };
        let heads = thread.summaries.clone();
        let here = self.thread_index_at(self.list.selected);
        let view = &mut self.detail.feedback;
        view.update_counts(&heads);
        let more = view.filter.step(&heads, provider);
        view.follow_selection(here);
        let len = view.filter.matching.len();
        view.selected = view.selected.min(len.saturating_sub(1));
        view.offset = scroll::into_view(view.selected, view.offset, page, len);
        if view.cache.len() > MAX_CACHED {
            view.cache.clear();
        }
        let in_view: Vec<u32> = view.filter.matching.iter().skip(view.offset).take(page).copied().collect();
        for place in in_view {
            if let Some(head) = heads.get(place as usize) {
                view.cache.entry(place).or_insert_with(|| provider.read_feedback(head.raw.bytes()));
            }
        }
        self.prepare_turn_preview(usize::from(areas.turn.width).saturating_sub(GUTTER_WIDTH), &heads);
        more
    }

    fn prepare_turn_preview(&mut self, width: usize, heads: &MessageSummaries) {
        let view = &self.detail.feedback;
        let place = view.filter.matching.get(view.selected).copied().filter(|_| width > 0);
        let Some(place) = place else {
            self.detail.feedback.turn_preview = None;
            return;
        };
        if view.turn_preview.as_ref().is_some_and(|turn| (turn.message_index, turn.width) == (place, width)) {
            return;
        }
        let Some(head) = heads.get(place as usize) else { return };
        let document = self.turn_document(place, head, width);
        self.detail.feedback.turn_preview =
            Some(TurnPreview { message_index: place, width, document, offset: 0 });
    }

    /// What was said about a turn, then the turn.
    fn turn_document(&self, place: u32, head: &MessageSummary, width: usize) -> Document {
        let mut sections: Vec<Section> = self
            .detail
            .feedback
            .feedback_at(place)
            .iter()
            .map(|one| self.feedback_section(one, width))
            .collect();
        sections.push(Section::text(Body::Lines(vec![Line::default()]), Role::Dim));
        let provider = self.shown_thread().and_then(|thread| thread.provider());
        match provider.filter(|_| head.raw.len() <= super::MAX_INLINE_BYTES) {
            Some(provider) => {
                let message = provider.read_message(head.raw.bytes());
                let text = message::document(&message, head.raw.bytes(), width, self.prefs.hidden_text);
                sections.extend(text.sections().iter().cloned());
            }
            None => {
                let text = json::decode_prefix(head.raw.bytes_in(head.preview), PREVIEW_BYTES);
                sections.push(Section::text(Body::Lines(wrap_styled(&text, width, Role::Text)), Role::Dim));
            }
        }
        Document::new(sections)
    }

    fn feedback_section(&self, feedback: &Feedback, width: usize) -> Section {
        let style = sentiment_style(feedback.sentiment);
        let sentiment = Safe::line(&feedback.sentiment_text);
        let title = Line {
            spans: vec![
                StyledRun::new(
                    &format!("{} {}", sentiment_symbol(feedback.sentiment), sentiment.as_str()),
                    style,
                ),
                StyledRun::new(&format!("  {}", self.feedback_time(feedback)), Role::Dim),
            ],
        };
        Section::with_heading(title, Body::Lines(wrap_styled(comment(feedback), width, Role::Text)), style)
    }

    /// When feedback was given: the time and how long ago that is.
    pub fn feedback_time(&self, feedback: &Feedback) -> String {
        match feedback.created_at {
            Some(at) => {
                format!("{}  ({})", time::full(at, &self.prefs.time_format), number::age(at, self.now))
            }
            None => Safe::line(&feedback.created_text).as_str().to_owned(),
        }
    }

    /// A motion over the thread's feedback.
    pub(super) fn move_in_feedback(&mut self, action: Action, count: Option<usize>) {
        let page = entries_per_page(&self.feedback_areas());
        let view = &mut self.detail.feedback;
        if let Some(to) =
            scroll::motion_target(action, count, view.selected, view.filter.matching.len(), page)
        {
            view.selected = to;
        }
    }

    /// Scrolls the turn beside the list.
    pub(super) fn scroll_turn_preview(&mut self, action: Action, count: Option<usize>) {
        let page = usize::from(self.feedback_areas().turn.height);
        let Some(turn) = self.detail.feedback.turn_preview.as_mut() else { return };
        let positions = turn.document.len().saturating_sub(page) + 1;
        let at = turn.offset.min(positions - 1);
        turn.offset = scroll::motion_target(action, count, at, positions, page).unwrap_or(at);
    }

    /// Goes to the message that the selected feedback is about.
    pub(super) fn go_to_feedback_message(&mut self) {
        let view = &self.detail.feedback;
        let Some(place) = view.filter.matching.get(view.selected).copied() else { return };
        if self.select_thread_index(place as usize) {
            self.detail.tab = super::Tab::Message;
            self.focus = Pane::Messages;
        } else {
            self.notify("the filter hides this message");
        }
    }

    /// The kinds of feedback with their numbers, as the line above the list has them.
    pub fn feedback_kind_labels(&self) -> [(FeedbackKind, String); 4] {
        let [all, negative, positive] = self.detail.feedback.counts;
        FeedbackKind::ALL.map(|kind| {
            let label = match kind {
                FeedbackKind::All => format!("All {all}"),
                FeedbackKind::Negative => format!("▼ {negative}"),
                FeedbackKind::Positive => format!("▲ {positive}"),
                FeedbackKind::WithComment => "with text".to_owned(),
            };
            (kind, label)
        })
    }

    /// Lists the next or previous kind.
    pub(super) fn cycle_feedback_kind(&mut self, direction: Direction) {
        let step = match direction {
            Direction::Forward => 1,
            Direction::Backward => FeedbackKind::ALL.len() - 1,
        };
        let sift = &mut self.detail.feedback.filter;
        let next = FeedbackKind::ALL.get((sift.kind as usize + step) % FeedbackKind::ALL.len());
        sift.set_kind(next.copied().unwrap_or_default());
        self.detail.feedback.selected = 0;
    }

    /// Asks for a phrase that the listed feedback must have.
    pub(in crate::app) fn open_feedback_prompt(&mut self) {
        self.prompt = Some(Prompt::new(Purpose::Feedback, &self.detail.feedback.filter.phrase));
    }

    /// Lists the feedback that has this phrase; an empty one lists all.
    pub(in crate::app) fn filter_feedback(&mut self, typed: &str) {
        let finder = match typed {
            "" => None,
            typed => match Finder::new(&Query::new(typed)) {
                Ok(finder) => Some(finder),
                Err(error) => return self.warn(error.to_string()),
            },
        };
        self.detail.feedback.filter.set_phrase(typed, finder);
        self.detail.feedback.selected = 0;
    }

    /// A click in the tab: a kind, or an entry; a second one on the entry goes there.
    pub(super) fn click_feedback(&mut self, row: u16, column: u16) {
        let (areas, inner) = (self.feedback_areas(), self.frame().detail.inner);
        let (x, y) = (inner.x.saturating_add(column), inner.y.saturating_add(row));
        if y == areas.filter_bar.y && areas.filter_bar.height > 0 {
            return self.click_feedback_kind(usize::from(column));
        }
        if !areas.list.contains((x, y).into()) {
            return;
        }
        let view = &mut self.detail.feedback;
        let at = view.offset + usize::from(y - areas.list.y) / ENTRY_LINES;
        if at >= view.filter.matching.len() {
            return;
        }
        if view.selected == at {
            self.go_to_feedback_message();
        } else {
            view.selected = at;
        }
    }

    fn click_feedback_kind(&mut self, column: usize) {
        let mut at = 0;
        for (kind, label) in self.feedback_kind_labels() {
            let width = label.chars().count();
            if column >= at && column < at + width {
                self.detail.feedback.filter.set_kind(kind);
                self.detail.feedback.selected = 0;
            }
            at += width + 3;
        }
    }

    /// Whether this cell of the detail pane belongs to the turn beside the list.
    pub(super) fn is_over_turn_preview(&self, row: u16, column: u16) -> bool {
        let inner = self.frame().detail.inner;
        let cell = (inner.x.saturating_add(column), inner.y.saturating_add(row));
        self.feedback_areas().turn.contains(cell.into())
    }
}

/// Entries of the list that fit.
fn entries_per_page(areas: &FeedbackAreas) -> usize {
    (usize::from(areas.list.height) / ENTRY_LINES).max(1)
}

#[cfg(test)]
mod tests;
