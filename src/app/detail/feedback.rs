//! The Feedback tab: the feedback on the selected message, and a filtered list of the whole thread's feedback with a
//! preview of the turn of the selected entry. Only the entries in view are read. Drawn by `ui/detail/feedback`.

pub mod filter;

use std::collections::HashMap;

use crate::action::Action;
use crate::app::detail::document::scroll_document;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::tab::{TabView, label_at, neighbour};
use crate::app::detail::{MAX_INLINE_BYTES, MessageViewState, Tab};
use crate::app::panes::{Panes, Shown};
use crate::app::prompt::{Prompt, Purpose};
use crate::app::text_page::OpenedValue;
use crate::app::{App, scroll};
use crate::domain::{Feedback, MessageSummaries, MessageSummary, Sentiment};
use crate::json;
use crate::layout::{self, Direction, FeedbackAreas, Pane};
use crate::search::{Finder, Query};
use crate::text::{Line, Safe, StyledRun, wrap_styled};
use crate::theme::Role;
use crate::view::Clip;
use crate::view::document::{Body, Document, ScrolledDocument, Section};
use crate::view::message::{self, GUTTER_WIDTH, sentiment_style, sentiment_symbol};
use crate::view::metadata::TimeContext;
use filter::{FeedbackFilter, FeedbackKind};

/// Rows per entry of the list.
pub const ENTRY_LINES: usize = 2;

/// Messages whose feedback is cached.
const MAX_CACHED: usize = 512;

/// Rows of one comment above the list.
const MAX_COMMENT_LINES: usize = 8;

/// Bytes that the preview shows of a large message; smaller ones are shown in full.
const PREVIEW_BYTES: usize = 16 * 1024;

/// The tab's state; it belongs to the thread, not to one message.
#[derive(Clone, Debug, Default)]
pub struct FeedbackView {
    /// The numbers of messages with feedback, with negative and with positive feedback.
    pub counts: [usize; 3],
    counted_messages: usize,
    pub filter: FeedbackFilter,
    pub selected: usize,
    pub offset: usize,
    cache: HashMap<u32, Vec<Feedback>>,
    /// The turn of the selected entry.
    pub turn_preview: Option<TurnPreview>,
    /// The selected message that the list followed last.
    last_selected_message: Option<usize>,
}

/// The preview of a turn.
#[derive(Clone, Debug)]
pub struct TurnPreview {
    message_index: u32,
    width: usize,
    pub text: ScrolledDocument,
}

impl FeedbackView {
    /// The feedback on the message at this index, once it is read.
    pub fn feedback_at(&self, index: u32) -> &[Feedback] {
        self.cache.get(&index).map_or(&[], Vec::as_slice)
    }

    /// The state for a reloaded thread: the filter stays, the cache does not.
    #[must_use]
    pub fn for_reloaded_thread(&self) -> Self {
        let mut filter = self.filter.clone();
        filter.restart();
        let Self { selected, offset, last_selected_message, .. } = *self;
        Self { filter, selected, offset, last_selected_message, ..Self::default() }
    }

    fn update_counts(&mut self, summaries: &MessageSummaries) {
        if summaries.len() < self.counted_messages {
            *self = self.for_reloaded_thread();
        }
        for index in self.counted_messages..summaries.len() {
            let sentiment = summaries.get(index).and_then(|summary| summary.sentiment);
            let [all, negative, positive] = &mut self.counts;
            *all += usize::from(sentiment.is_some());
            *negative += usize::from(sentiment == Some(Sentiment::Negative));
            *positive += usize::from(sentiment == Some(Sentiment::Positive));
        }
        self.counted_messages = summaries.len();
    }

    /// Selects the entry of the selected message, if that changed.
    fn follow_selection(&mut self, message: Option<usize>) {
        if self.last_selected_message == message {
            return;
        }
        self.last_selected_message = message;
        let message = message.and_then(|index| u32::try_from(index).ok());
        if let Some(entry) = message.and_then(|index| self.filter.matching.binary_search(&index).ok()) {
            self.selected = entry;
        }
    }
}

/// The comment of a feedback, or a note that it has none.
pub fn comment(feedback: &Feedback) -> &str {
    if feedback.description.is_empty() { "(no comment)" } else { &feedback.description }
}

impl<'a> Shown<'a> {
    /// The areas of the tab.
    pub fn feedback_areas(self) -> FeedbackAreas {
        let inner = self.screen.frame().detail.inner;
        let width = self.text_width();
        let rows = |feedback: &Feedback| {
            2 + wrap_styled(comment(feedback), width, Role::Text).len().min(MAX_COMMENT_LINES)
        };
        let own = self.message_state().map_or(1, |state| state.view.message.feedback.iter().map(rows).sum());
        layout::split_feedback_tab(inner, own)
    }

    /// The feedback on a turn, then the turn itself.
    fn turn_document(self, index: u32, summary: &MessageSummary, width: usize) -> Document {
        let mut sections: Vec<Section> = self
            .detail
            .feedback
            .feedback_at(index)
            .iter()
            .map(|entry| self.feedback_section(entry, width))
            .collect();
        sections.push(Section::text(Body::Lines(vec![Line::default()]), Role::Dim));
        let provider = self.thread.and_then(|thread| thread.provider());
        match provider.filter(|_| summary.raw.len() <= MAX_INLINE_BYTES) {
            Some(provider) => {
                let message = provider.read_message(summary.raw.bytes());
                let text = message::document(&message, summary.raw.bytes(), width, self.prefs.text_options);
                sections.extend(text.sections().iter().cloned());
            }
            None => {
                let text = json::decode_prefix(summary.raw.bytes_in(summary.preview), PREVIEW_BYTES);
                sections.push(Section::text(Body::Lines(wrap_styled(&text, width, Role::Text)), Role::Dim));
            }
        }
        Document::new(sections)
    }

    fn feedback_section(self, feedback: &Feedback, width: usize) -> Section {
        let style = sentiment_style(feedback.sentiment);
        let sentiment = format!("{} {}", sentiment_symbol(feedback.sentiment), feedback.sentiment_text);
        let title = Line::new(vec![
            StyledRun::new(&sentiment, style),
            StyledRun::new(&format!("  {}", self.feedback_time(feedback)), Role::Dim),
        ]);
        Section::with_heading(title, Body::Lines(wrap_styled(comment(feedback), width, Role::Text)), style)
    }

    /// The time of a feedback, with its age.
    pub fn feedback_time(self, feedback: &Feedback) -> String {
        match feedback.created_at {
            Some(stamp) => TimeContext { time_format: &self.prefs.time_format, now: self.now }.format(stamp),
            None => Safe::line(&feedback.created_text).as_str().to_owned(),
        }
    }

    /// The kinds of feedback with their labels in the bar above the list.
    pub fn feedback_kind_labels(self) -> [(FeedbackKind, String); 4] {
        let [all, negative, positive] = self.detail.feedback.counts;
        FeedbackKind::ALL.map(|kind| {
            let label = match kind {
                FeedbackKind::All => format!("All {all}"),
                FeedbackKind::Negative => format!("▼ {negative}"),
                FeedbackKind::Positive => format!("▲ {positive}"),
                FeedbackKind::WithComment => "With comment".to_owned(),
            };
            (kind, label)
        })
    }

    /// Whether a cell of the detail pane belongs to the preview.
    fn is_over_turn_preview(self, row: u16, column: u16) -> bool {
        let inner = self.screen.frame().detail.inner;
        let cell = (inner.x.saturating_add(column), inner.y.saturating_add(row));
        self.feedback_areas().turn.contains(cell.into())
    }
}

impl Panes<'_> {
    /// Finds messages with feedback, reads those in view, and lays out the preview of the selected one; returns whether
    /// there is more to prepare.
    fn prepare_feedback(&mut self) -> bool {
        let areas = self.shown().feedback_areas();
        let page = entries_per_page(&areas);
        let Some(thread) = self.thread else { return false };
        let Some(provider) = thread.provider() else { return false };
        let summaries = thread.summaries.clone();
        let selected_message = self.shown().thread_index_at(self.list.selected);
        let view = &mut self.detail.feedback;
        view.update_counts(&summaries);
        let more = view.filter.step(&summaries, provider);
        view.follow_selection(selected_message);
        let len = view.filter.matching.len();
        view.selected = view.selected.min(len.saturating_sub(1));
        view.offset = scroll::into_view(view.selected, view.offset, page, len);
        if view.cache.len() > MAX_CACHED {
            view.cache.clear();
        }
        let in_view: Vec<u32> = view.filter.matching.iter().skip(view.offset).take(page).copied().collect();
        for index in in_view {
            if let Some(summary) = summaries.get(index as usize) {
                view.cache.entry(index).or_insert_with(|| provider.read_feedback(summary.raw.bytes()));
            }
        }
        self.prepare_turn_preview(usize::from(areas.turn.width).saturating_sub(GUTTER_WIDTH), &summaries);
        more
    }

    fn prepare_turn_preview(&mut self, width: usize, summaries: &MessageSummaries) {
        let view = &self.detail.feedback;
        let index = view.filter.matching.get(view.selected).copied().filter(|_| width > 0);
        let Some(index) = index else {
            self.detail.feedback.turn_preview = None;
            return;
        };
        if view.turn_preview.as_ref().is_some_and(|turn| (turn.message_index, turn.width) == (index, width)) {
            return;
        }
        let Some(summary) = summaries.get(index as usize) else { return };
        let text = ScrolledDocument::new(self.shown().turn_document(index, summary, width));
        self.detail.feedback.turn_preview = Some(TurnPreview { message_index: index, width, text });
    }

    /// A motion in the list.
    fn move_in_feedback(&mut self, action: Action, count: Option<usize>) {
        let page = entries_per_page(&self.shown().feedback_areas());
        let view = &mut self.detail.feedback;
        let len = view.filter.matching.len();
        let target = scroll::motion_target(action, count, view.selected, len, page);
        view.selected = target.unwrap_or(view.selected);
    }

    /// Scrolls the preview.
    fn scroll_turn_preview(&mut self, action: Action, count: usize) {
        let page = usize::from(self.shown().feedback_areas().turn.height);
        if let Some(turn) = self.detail.feedback.turn_preview.as_mut() {
            scroll_document(&mut turn.text, action, Some(count), page);
        }
    }

    /// Shows the message of the selected entry.
    fn go_to_feedback_message(&mut self) {
        let view = &self.detail.feedback;
        let Some(index) = view.filter.matching.get(view.selected).copied() else { return };
        if self.select_thread_index(index as usize) {
            self.detail.tab = Tab::Message;
            self.screen.focus = Pane::Messages;
        } else {
            self.notify("The filter hides this message");
        }
    }

    fn show_feedback_kind(&mut self, kind: FeedbackKind) {
        self.detail.feedback.filter.set_kind(kind);
        self.detail.feedback.selected = 0;
    }

    /// Lists the next or previous kind.
    fn cycle_feedback_kind(&mut self, direction: Direction) {
        self.show_feedback_kind(neighbour(&FeedbackKind::ALL, self.detail.feedback.filter.kind, direction));
    }

    /// Lists the feedback whose comment contains a phrase; an empty phrase lists all.
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

    /// A click on a kind or an entry; a second click on an entry shows its message.
    fn click_feedback(&mut self, row: u16, column: u16) {
        let (areas, inner) = (self.shown().feedback_areas(), self.screen.frame().detail.inner);
        let (x, y) = (inner.x.saturating_add(column), inner.y.saturating_add(row));
        if y == areas.filter_bar.y && areas.filter_bar.height > 0 {
            return self.click_feedback_kind(usize::from(column));
        }
        if !areas.list.contains((x, y).into()) {
            return;
        }
        let view = &mut self.detail.feedback;
        let entry = view.offset + usize::from(y - areas.list.y) / ENTRY_LINES;
        if entry >= view.filter.matching.len() {
            return;
        }
        if view.selected == entry {
            self.go_to_feedback_message();
        } else {
            view.selected = entry;
        }
    }

    fn click_feedback_kind(&mut self, column: usize) {
        let labels = self
            .shown()
            .feedback_kind_labels()
            .into_iter()
            .map(|(kind, label)| (kind, label.chars().count()));
        if let Some(kind) = label_at(labels, 0, column) {
            self.show_feedback_kind(kind);
        }
    }
}

impl App {
    /// Opens the prompt for a phrase.
    pub(in crate::app) fn open_feedback_prompt(&mut self) {
        self.prompt = Some(Prompt::new(Purpose::Feedback, &self.detail.feedback.filter.phrase));
    }
}

/// The number of entries that fit into the list.
fn entries_per_page(areas: &FeedbackAreas) -> usize {
    (usize::from(areas.list.height) / ENTRY_LINES).max(1)
}

/// The Feedback tab.
pub struct FeedbackTab;

impl TabView for FeedbackTab {
    fn badge(&self, shown: Shown<'_>) -> Option<String> {
        Some(sentiment_symbol(shown.selected_summary()?.sentiment?).to_owned())
    }

    fn is_ready(&self, shown: Shown<'_>, _state: &MessageViewState) -> bool {
        !shown.detail.feedback.filter.matching.is_empty()
    }

    fn prepare(&self, panes: &mut Panes<'_>) -> bool {
        panes.prepare_feedback()
    }

    fn scroll(&self, panes: &mut Panes<'_>, action: Action, count: Option<usize>) {
        panes.move_in_feedback(action, count);
    }

    fn scroll_at(&self, panes: &mut Panes<'_>, (row, column): (u16, u16), action: Action, count: usize) {
        if panes.shown().is_over_turn_preview(row, column) {
            panes.scroll_turn_preview(action, count);
        } else {
            panes.move_in_feedback(action, Some(count));
        }
    }

    fn scroll_from_list(&self, panes: &mut Panes<'_>, action: Action, count: usize) {
        panes.scroll_turn_preview(action, count);
    }

    fn fold(&self, _panes: &mut Panes<'_>, _command: FoldCommand) {}

    fn cycle(&self, panes: &mut Panes<'_>, direction: Direction) {
        panes.cycle_feedback_kind(direction);
    }

    fn enter(&self, panes: &mut Panes<'_>) -> Option<OpenedValue> {
        panes.go_to_feedback_message();
        None
    }

    fn click(&self, panes: &mut Panes<'_>, row: u16, column: u16) {
        panes.click_feedback(row, column);
    }

    fn clip(&self, shown: Shown<'_>) -> Option<Clip> {
        let feedback = &shown.message_state()?.view.message.feedback;
        let comments: Vec<&str> = feedback.iter().map(|entry| entry.description.as_str()).collect();
        Some(Clip { label: "feedback", text: comments.join("\n") })
    }
}

#[cfg(test)]
mod tests;
