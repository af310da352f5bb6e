//! The Feedback tab: the feedback on the selected message, and a filtered list of the whole thread's feedback with a
//! preview of the turn of the selected entry. Only the entries in view are read. Drawn by `ui/detail/feedback`.

pub mod filter;

use std::collections::HashMap;

use crate::action::Motion;
use crate::app::detail::document::scroll_document;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::tab::{TabView, label_at, neighbour};
use crate::app::detail::{MAX_INLINE_BYTES, MessageViewState, Tab};
use crate::app::panes::{Panes, Shown};
use crate::app::scroll;
use crate::app::text_page::OpenedValue;
use crate::domain::{Feedback, MessageSummaries, MessageSummary, Sentiment};
use crate::json;
use crate::layout::{self, Direction, FeedbackAreas, Pane};
use crate::provider::Provider;
use crate::search::{Finder, Query, QueryError};
use crate::text::{Line, Safe, StyledRun, wrap_styled};
use crate::theme::Role;
use crate::view::Clip;
use crate::view::document::{Body, Document, ScrolledDocument, Section};
use crate::view::message::{self, GUTTER_WIDTH, TextOptions, sentiment_style, sentiment_symbol};
use crate::view::metadata::TimeContext;
use crate::view::thread::OpenThread;
use filter::{FeedbackFilter, FeedbackKind};

/// The rows of an entry of the list.
pub const ENTRY_LINES: usize = 2;

/// The maximum number of messages whose feedback is cached.
const MAX_CACHED: usize = 512;

/// The maximum number of rows of one comment above the list.
const MAX_COMMENT_LINES: usize = 8;

/// The maximum number of bytes of a message that the preview shows.
const PREVIEW_BYTES: usize = 16 * 1024;

/// The tab's state; it belongs to the thread, not to one message.
#[derive(Clone, Debug, Default)]
pub struct FeedbackView {
    /// The numbers of messages with any, with negative and with positive feedback.
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
    /// Returns the feedback on the message at this index, once it is read.
    pub fn feedback_at(&self, index: u32) -> &[Feedback] {
        self.cache.get(&index).map_or(&[], Vec::as_slice)
    }

    /// Returns the state for a reloaded thread: the filter stays, the cache does not.
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

    /// Finds messages with feedback, reads those in view, and lays out the preview of the selected one; returns whether
    /// there is more to prepare.
    fn prepare(&mut self, thread: &OpenThread, selected: Option<usize>, style: &TurnStyle<'_>) -> bool {
        let Some(provider) = thread.provider() else { return false };
        let summaries = &thread.summaries;
        self.update_counts(summaries);
        let more = self.filter.step(summaries, provider);
        self.follow_selection(selected);
        let (len, page) = (self.filter.matching.len(), style.page);
        self.selected = self.selected.min(len.saturating_sub(1));
        self.offset = scroll::into_view(self.selected, self.offset, page, len);
        if self.cache.len() > MAX_CACHED {
            self.cache.clear();
        }
        for index in self.filter.matching.iter().skip(self.offset).take(page) {
            if let Some(summary) = summaries.get(*index as usize) {
                self.cache.entry(*index).or_insert_with(|| provider.read_feedback(summary.raw.bytes()));
            }
        }
        self.prepare_turn_preview(provider, summaries, style);
        more
    }

    fn prepare_turn_preview(
        &mut self,
        provider: &dyn Provider,
        summaries: &MessageSummaries,
        style: &TurnStyle<'_>,
    ) {
        let width = style.width;
        let index = self.filter.matching.get(self.selected).copied().filter(|_| width > 0);
        let Some(index) = index else {
            self.turn_preview = None;
            return;
        };
        if self.turn_preview.as_ref().is_some_and(|turn| (turn.message_index, turn.width) == (index, width)) {
            return;
        }
        let Some(summary) = summaries.get(index as usize) else { return };
        let document = style.turn_document(provider, summary, self.feedback_at(index));
        let text = ScrolledDocument::new(document);
        self.turn_preview = Some(TurnPreview { message_index: index, width, text });
    }

    /// Returns the kinds of feedback with their labels in the bar above the list.
    pub fn kind_labels(&self) -> [(FeedbackKind, String); 4] {
        let [all, negative, positive] = self.counts;
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

    fn show_kind(&mut self, kind: FeedbackKind) {
        self.filter.set_kind(kind);
        self.selected = 0;
    }

    /// Lists the feedback whose comment contains a phrase; an empty phrase lists all.
    ///
    /// # Errors
    /// The reason why the phrase cannot be searched.
    pub(in crate::app) fn filter_by_phrase(&mut self, typed: &str) -> Result<(), QueryError> {
        let finder = if typed.is_empty() { None } else { Some(Finder::new(&Query::new(typed))?) };
        self.filter.set_phrase(typed, finder);
        self.selected = 0;
        Ok(())
    }

    /// Applies a motion to the list.
    fn move_selection(&mut self, motion: Motion, count: Option<usize>, areas: &FeedbackAreas) {
        let (len, page) = (self.filter.matching.len(), entries_per_page(areas));
        self.selected = scroll::motion_target(motion, count, self.selected, len, page);
    }

    /// Scrolls the preview.
    fn scroll_turn_preview(&mut self, motion: Motion, count: usize, areas: &FeedbackAreas) {
        if let Some(turn) = self.turn_preview.as_mut() {
            scroll_document(&mut turn.text, motion, Some(count), usize::from(areas.turn.height));
        }
    }

    /// Handles a click on a kind or an entry. Returns whether the entry was selected already, so that its message is shown.
    fn click(&mut self, (x, y): (u16, u16), areas: &FeedbackAreas) -> bool {
        if y == areas.filter_bar.y && areas.filter_bar.height > 0 {
            let labels = self.kind_labels().into_iter().map(|(kind, label)| (kind, label.chars().count()));
            if let Some(kind) = label_at(labels, 0, usize::from(x - areas.filter_bar.x)) {
                self.show_kind(kind);
            }
            return false;
        }
        if !areas.list.contains((x, y).into()) {
            return false;
        }
        let entry = self.offset + usize::from(y - areas.list.y) / ENTRY_LINES;
        let was_selected = self.selected == entry;
        let exists = entry < self.filter.matching.len();
        self.selected = if exists { entry } else { self.selected };
        exists && was_selected
    }
}

/// Returns the comment of a feedback, or a note that it has none.
pub fn comment(feedback: &Feedback) -> &str {
    if feedback.description.is_empty() { "(no comment)" } else { &feedback.description }
}

/// Returns the time of a feedback, with its age.
pub fn format_time(feedback: &Feedback, time: &TimeContext<'_>) -> String {
    match feedback.created_at {
        Some(stamp) => time.format(stamp),
        None => Safe::line(&feedback.created_text).as_str().to_owned(),
    }
}

/// The sizes and the settings that the tab is prepared for.
struct TurnStyle<'a> {
    /// The number of entries that fit into the list.
    page: usize,
    /// The columns of the preview's text; 0 without a preview.
    width: usize,
    options: TextOptions,
    time: TimeContext<'a>,
}

impl TurnStyle<'_> {
    /// Returns the feedback on a turn, then the turn itself.
    fn turn_document(
        &self,
        provider: &dyn Provider,
        summary: &MessageSummary,
        feedback: &[Feedback],
    ) -> Document {
        let mut sections: Vec<Section> = feedback.iter().map(|entry| self.feedback_section(entry)).collect();
        sections.push(Section::text(Body::Lines(vec![Line::default()]), Role::Dim));
        if summary.raw.len() <= MAX_INLINE_BYTES {
            let message = provider.read_message(summary.raw.bytes());
            let text = message::document(&message, summary.raw.bytes(), self.width, self.options);
            sections.extend(text.sections().iter().cloned());
        } else {
            let text = json::decode_prefix(summary.raw.bytes_in(summary.preview), PREVIEW_BYTES);
            sections.push(Section::text(Body::Lines(wrap_styled(&text, self.width, Role::Text)), Role::Dim));
        }
        Document::new(sections)
    }

    fn feedback_section(&self, feedback: &Feedback) -> Section {
        let style = sentiment_style(feedback.sentiment);
        let sentiment = format!("{} {}", sentiment_symbol(feedback.sentiment), feedback.sentiment_text);
        let title = Line::new(vec![
            StyledRun::new(&sentiment, style),
            StyledRun::new(&format!("  {}", format_time(feedback, &self.time)), Role::Dim),
        ]);
        let lines = wrap_styled(comment(feedback), self.width, Role::Text);
        Section::with_heading(title, Body::Lines(lines), style)
    }
}

impl Shown<'_> {
    /// Returns the areas of the tab.
    pub fn feedback_areas(self) -> FeedbackAreas {
        let inner = self.screen.frame().detail.inner;
        let width = self.text_width();
        let rows = |feedback: &Feedback| {
            2 + wrap_styled(comment(feedback), width, Role::Text).len().min(MAX_COMMENT_LINES)
        };
        let own = self.message_state().map_or(1, |state| state.view.message.feedback.iter().map(rows).sum());
        layout::split_feedback_tab(inner, own)
    }

    /// Returns the cell of the screen at a row and column of the detail pane.
    fn cell(self, row: u16, column: u16) -> (u16, u16) {
        let inner = self.screen.frame().detail.inner;
        (inner.x.saturating_add(column), inner.y.saturating_add(row))
    }
}

impl Panes<'_> {
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
}

/// Returns the number of entries that fit into the list.
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
        let areas = panes.shown().feedback_areas();
        let selected = panes.shown().thread_index_at(panes.list.selected);
        let style = TurnStyle {
            page: entries_per_page(&areas),
            width: usize::from(areas.turn.width).saturating_sub(GUTTER_WIDTH),
            options: panes.prefs.text_options,
            time: panes.prefs.time_context(panes.now),
        };
        panes.thread.is_some_and(|thread| panes.detail.feedback.prepare(thread, selected, &style))
    }

    fn scroll(&self, panes: &mut Panes<'_>, motion: Motion, count: Option<usize>) {
        let areas = panes.shown().feedback_areas();
        panes.detail.feedback.move_selection(motion, count, &areas);
    }

    fn scroll_at(&self, panes: &mut Panes<'_>, (row, column): (u16, u16), motion: Motion, count: usize) {
        let areas = panes.shown().feedback_areas();
        if areas.turn.contains(panes.shown().cell(row, column).into()) {
            panes.detail.feedback.scroll_turn_preview(motion, count, &areas);
        } else {
            panes.detail.feedback.move_selection(motion, Some(count), &areas);
        }
    }

    fn scroll_from_list(&self, panes: &mut Panes<'_>, motion: Motion, count: usize) {
        let areas = panes.shown().feedback_areas();
        panes.detail.feedback.scroll_turn_preview(motion, count, &areas);
    }

    fn fold(&self, _panes: &mut Panes<'_>, _command: FoldCommand) {}

    fn cycle(&self, panes: &mut Panes<'_>, direction: Direction) {
        let view = &mut panes.detail.feedback;
        view.show_kind(neighbour(&FeedbackKind::ALL, view.filter.kind, direction));
    }

    fn enter(&self, panes: &mut Panes<'_>) -> Option<OpenedValue> {
        panes.go_to_feedback_message();
        None
    }

    fn click(&self, panes: &mut Panes<'_>, row: u16, column: u16) {
        let (areas, cell) = (panes.shown().feedback_areas(), panes.shown().cell(row, column));
        if panes.detail.feedback.click(cell, &areas) {
            panes.go_to_feedback_message();
        }
    }

    fn clip(&self, shown: Shown<'_>) -> Option<Clip> {
        let feedback = &shown.message_state()?.view.message.feedback;
        let comments: Vec<&str> = feedback.iter().map(|entry| entry.description.as_str()).collect();
        Some(Clip { label: "feedback", text: comments.join("\n") })
    }
}

#[cfg(test)]
mod tests;
