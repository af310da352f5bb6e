//! The lower half of the Spans tab: the payload of the selected span, formatted or as a JSON tree; one key switches
//! between them.

mod selection;

use std::sync::Arc;

use crate::action::Motion;
use crate::app::detail::Tab;
use crate::app::detail::document::{fold_document, walk_document};
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::spans::SpansView;
use crate::app::panes::{Panes, Shown};
use crate::app::text_page::OpenedValue;
use crate::domain::{Message, Raw, Span, SpanPart};
use crate::search::Finder;
use crate::text::{Line, number};
use crate::theme::Role;
use crate::view::document::{Body, Document, ScrolledDocument, Section};
use crate::view::flowed_text;
use crate::view::payload::{PayloadJob, PayloadResult};

/// The display of payloads that have a formatted view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PayloadMode {
    #[default]
    Formatted,
    Raw,
}

/// The maximum number of formatted payloads in the cache of one message.
const MAX_CACHED: usize = 16;

/// The largest payload, in bytes, that is formatted between two key presses. Tasks format larger ones.
const MAX_INLINE_BYTES: usize = 32 * 1024;

/// The maximum number of messages before the selected one that are searched for the previous model call.
const MAX_LOOKBACK_MESSAGES: usize = 4;

/// The largest size of such a message in bytes.
const MAX_LOOKBACK_BYTES: usize = 128 * 1024;

/// The formatted view of one payload.
#[derive(Debug)]
pub struct FormattedPayload {
    key: (u32, SpanPart),
    width: usize,
    /// `None` if the payload has no formatted view.
    view: Option<ScrolledDocument>,
    /// Whether this payload is shown as JSON in any mode, because a search hit is only in the JSON.
    is_kept_raw: bool,
    /// Whether a task is building it.
    in_progress: bool,
}

impl FormattedPayload {
    /// Returns the node of the payload.
    pub(in crate::app::detail) fn node(&self) -> u32 {
        self.key.0
    }

    /// Replaces the document; folds and scroll position stay.
    fn replace(&mut self, document: Option<Document>) {
        let old = std::mem::replace(&mut self.view, document.map(ScrolledDocument::new));
        if let Some((view, old)) = self.view.as_mut().zip(old) {
            view.document.copy_folds_from(&old.document);
            view.offset = old.offset;
        }
    }
}

/// The formatted payloads of a message, the most recent first.
#[derive(Debug, Default)]
pub struct PayloadCache(Vec<FormattedPayload>);

/// The content of the payload pane.
#[derive(Debug)]
pub enum PayloadView<'a> {
    Formatted(&'a ScrolledDocument),
    Tree(&'a TreeView),
    /// The span has no such payload.
    Absent,
}

impl PayloadCache {
    fn get(&self, key: (u32, SpanPart)) -> Option<&FormattedPayload> {
        self.0.iter().find(|payload| payload.key == key)
    }

    fn get_mut(&mut self, key: (u32, SpanPart)) -> Option<&mut FormattedPayload> {
        self.0.iter_mut().find(|payload| payload.key == key)
    }

    /// Marks views that tasks are building to be rebuilt, because the results will be for the old copy of the message.
    pub(in crate::app::detail) fn invalidate_in_progress(&mut self) {
        for payload in self.0.iter_mut().filter(|payload| payload.in_progress) {
            payload.width = 0;
        }
    }

    /// Removes and returns all payloads.
    pub(in crate::app::detail) fn take_all(&mut self) -> Vec<FormattedPayload> {
        std::mem::take(&mut self.0)
    }

    /// Inserts a payload for a node of the reloaded message; it is rebuilt when it is shown.
    pub(in crate::app::detail) fn restore(&mut self, payload: FormattedPayload, node: u32) {
        self.insert(FormattedPayload { key: (node, payload.key.1), width: 0, in_progress: false, ..payload });
    }

    fn insert(&mut self, payload: FormattedPayload) {
        self.0.retain(|old| old.key != payload.key);
        self.0.insert(0, payload);
        self.0.truncate(MAX_CACHED);
    }
}

/// Builds the document to show while a task builds the formatted view.
fn placeholder(size: usize) -> Document {
    let line = Line::styled(&format!("Formatting {} …", number::bytes(size as u64)), Role::Dim);
    Document::new(vec![Section::text(Body::Lines(vec![line]), Role::Dim)])
}

impl SpansView {
    /// Returns the JSON tree of the selected payload, once it is prepared.
    pub fn payload_tree(&self) -> Option<&TreeView> {
        let key = self.payload_key()?;
        self.payload_trees.iter().find(|(known, _)| *known == key).map(|(_, tree)| tree)
    }

    /// Returns the tree of the payload, mutably.
    pub fn payload_tree_mut(&mut self) -> Option<&mut TreeView> {
        let key = self.payload_key()?;
        self.payload_trees.iter_mut().find(|(known, _)| *known == key).map(|(_, tree)| tree)
    }

    /// Returns the content of the lower half of the tab.
    pub fn payload(&self, mode: PayloadMode) -> PayloadView<'_> {
        if let Some(view) = self.formatted_payload(mode) {
            return PayloadView::Formatted(view);
        }
        match self.payload_tree() {
            Some(tree) if !tree.is_absent() => PayloadView::Tree(tree),
            _ => PayloadView::Absent,
        }
    }

    /// Returns the formatted view of the selected payload, if it is shown.
    fn formatted_payload(&self, mode: PayloadMode) -> Option<&ScrolledDocument> {
        if let Some(gap) = self.selected_gap() {
            return self.untraced_text(gap).map(|(_, text)| text);
        }
        let payload = self.payload_cache.get(self.payload_key()?)?;
        payload.view.as_ref().filter(|_| mode == PayloadMode::Formatted && !payload.is_kept_raw)
    }

    fn formatted_payload_mut(&mut self, mode: PayloadMode) -> Option<&mut ScrolledDocument> {
        if let Some(gap) = self.selected_gap() {
            return self.untraced.as_mut().filter(|(known, ..)| *known == gap).map(|(_, _, text)| text);
        }
        let payload = self.selected_payload_mut()?;
        let is_raw = mode == PayloadMode::Raw || payload.is_kept_raw;
        payload.view.as_mut().filter(|_| !is_raw)
    }

    /// Returns the cached formatted view of the selected payload, shown or not.
    fn selected_payload_mut(&mut self) -> Option<&mut FormattedPayload> {
        let key = self.payload_key()?;
        self.payload_cache.get_mut(key)
    }

    /// Applies a motion to the payload.
    pub(super) fn move_in_payload(
        &mut self,
        mode: PayloadMode,
        motion: Motion,
        count: Option<usize>,
        page: usize,
    ) {
        if let Some(view) = self.formatted_payload_mut(mode) {
            walk_document(view, motion, count, page);
        } else if let Some(tree) = self.payload_tree_mut() {
            tree.move_selection(motion, count, page);
        }
    }

    /// Runs a fold command in the payload; returns false if unfolding everything exceeded its limits.
    fn fold_payload(&mut self, mode: PayloadMode, command: FoldCommand, page: usize) -> bool {
        if let Some(view) = self.formatted_payload_mut(mode) {
            fold_document(view, command, page);
            return true;
        }
        self.payload_tree_mut().is_none_or(|tree| tree.fold(command))
    }

    /// Handles a click on a row of the payload.
    pub(super) fn click_payload(&mut self, mode: PayloadMode, row: usize, page: usize) {
        if let Some(view) = self.formatted_payload_mut(mode) {
            view.click(row, page);
        } else if let Some(tree) = self.payload_tree_mut() {
            tree.click(row);
        }
    }

    /// Clears the override that keeps a payload as JSON; returns whether there was one.
    fn clear_raw_override(&mut self) -> bool {
        self.selected_payload_mut().is_some_and(|payload| std::mem::take(&mut payload.is_kept_raw))
    }

    /// Shows the search hit at this byte of the payload: its line in the formatted view, else its row in the JSON tree.
    fn reveal_hit(&mut self, mode: PayloadMode, finder: &Finder, byte: usize, page: usize) {
        let Some(tree) = self.payload_tree() else { return };
        let earlier = finder.hits(tree.tree().bytes(), 1000).iter().filter(|hit| hit.start < byte).count();
        let Some(view) = self.formatted_payload_mut(mode) else { return };
        match flowed_text::hit_line(&view.document, finder, earlier) {
            Some((section, line)) => view.reveal(section, line, page),
            // The hit is only in the JSON.
            None => {
                if let Some(payload) = self.selected_payload_mut() {
                    payload.is_kept_raw = true;
                }
            }
        }
    }
}

impl<'a> Shown<'a> {
    /// Returns the content of the lower half of the Spans tab.
    pub fn payload(self) -> PayloadView<'a> {
        self.message_state()
            .map_or(PayloadView::Absent, |state| state.spans.payload(self.detail.payload_mode))
    }

    /// Returns the job that formats the selected payload, unless that is done or in progress.
    fn payload_job(self) -> Option<PayloadJob> {
        let width = self.text_width();
        let state = self.message_state().filter(|_| self.detail.payload_mode == PayloadMode::Formatted)?;
        let (node, part) = state.spans.payload_key()?;
        let view = &state.view;
        let span = view.forest.span(&view.message.spans, node)?;
        let known = state.spans.payload_cache.get((node, part));
        let is_known = known.is_some_and(|payload| payload.width == width);
        if is_known {
            return None;
        }
        let previous_call = self.previous_call(&view.message, state.parsed_raw(), span, part);
        let (message, view, raw) = (state.key, Arc::clone(view), state.parsed_raw().clone());
        Some(PayloadJob { message, node, part, width, view, raw, previous_call })
    }

    /// Returns the input of the previous model call: in the same turn, else the last one of an earlier turn.
    fn previous_call(
        self,
        message: &Message,
        raw: &Raw,
        span: &Span,
        part: SpanPart,
    ) -> Option<(String, Raw)> {
        if part != SpanPart::Input || !is_model_call(span) {
            return None;
        }
        let earlier = message.spans.iter().filter(|other| {
            is_model_call(other)
                && (other.start, other.raw.start) < (span.start, span.raw.start)
                && other.id != span.id
        });
        if let Some(previous) = earlier.max_by_key(|other| (other.start, other.raw.start)) {
            return Some((previous.name.clone(), raw.slice(previous.input)));
        }
        let thread = self.thread?;
        let provider = thread.provider()?;
        let selected = self.thread_index_at(self.list.selected)?;
        (selected.saturating_sub(MAX_LOOKBACK_MESSAGES)..selected).rev().find_map(|index| {
            let summary = thread.summaries.get(index).filter(|summary| summary.span_count > 0)?;
            if summary.raw.len() > MAX_LOOKBACK_BYTES {
                return None;
            }
            let message = provider.read_message(summary.raw.bytes());
            let calls = message.spans.iter().filter(|span| is_model_call(span));
            let last = calls.max_by_key(|span| (span.start, span.raw.start))?;
            Some((format!("{} of message {}", last.name, index + 1), summary.raw.slice(last.input)))
        })
    }

    pub(in crate::app) fn payload_height(self) -> usize {
        usize::from(self.spans_areas().payload.height)
    }
}

impl Panes<'_> {
    /// Builds the formatted view that the next frame shows, or starts a task for it.
    pub(in crate::app::detail) fn prepare_payload(&mut self) {
        let Some(job) = self.shown().payload_job() else { return };
        let (key, size) = ((job.node, job.part), job.payload_size());
        let Some(state) = self.message_state_mut() else { return };
        let old = state.spans.payload_cache.get(key);
        let mut payload = FormattedPayload {
            key,
            width: job.width,
            view: old.and_then(|old| old.view.clone()),
            is_kept_raw: old.is_some_and(|old| old.is_kept_raw),
            in_progress: false,
        };
        if size <= MAX_INLINE_BYTES {
            payload.replace(job.build_document());
        } else {
            payload.view.get_or_insert_with(|| ScrolledDocument::new(placeholder(size)));
            payload.in_progress = true;
            self.detail.payload_jobs.push(job);
        }
        if let Some(state) = self.message_state_mut() {
            state.spans.payload_cache.insert(payload);
        }
    }

    /// Stores a formatted view, unless it is outdated.
    pub(in crate::app) fn on_payload_ready(&mut self, result: PayloadResult) {
        let state = self.detail.state_mut(result.message);
        let payload = state.and_then(|state| state.spans.payload_cache.get_mut(result.key));
        if let Some(payload) = payload.filter(|payload| payload.width == result.width) {
            payload.replace(result.document);
            payload.in_progress = false;
        }
    }

    /// Runs pending jobs at once, because their results are needed now.
    fn finish_jobs_now(&mut self) {
        for job in std::mem::take(&mut self.detail.payload_jobs) {
            self.on_payload_ready(job.run());
        }
    }

    /// Switches between formatted payloads and JSON.
    pub(in crate::app) fn toggle_payload_mode(&mut self) {
        if self.detail.tab != Tab::Spans {
            self.notify("Payloads are in the Spans tab (2)");
            return;
        }
        if self.message_state_mut().is_some_and(|state| state.spans.clear_raw_override()) {
            return;
        }
        let path = self.shown().selected_section_path();
        self.detail.payload_mode = match self.detail.payload_mode {
            PayloadMode::Formatted => PayloadMode::Raw,
            PayloadMode::Raw => PayloadMode::Formatted,
        };
        self.prepare_tab();
        self.finish_jobs_now();
        let (mode, page) = (self.detail.payload_mode, self.shown().payload_height());
        if let Some(state) = self.message_state_mut() {
            state.spans.follow_selection(mode, path.as_deref(), page);
        }
        let is_formatted =
            self.shown().message_state().is_some_and(|state| state.spans.formatted_payload(mode).is_some());
        if mode == PayloadMode::Formatted && !is_formatted {
            self.notify("No formatted view for this payload");
        }
    }

    /// Runs a fold command in the payload.
    pub(super) fn fold_payload(&mut self, command: FoldCommand) {
        let (mode, page) = (self.detail.payload_mode, self.shown().payload_height());
        let Some(state) = self.message_state_mut() else { return };
        let is_complete = state.spans.fold_payload(mode, command, page);
        self.notify_unless_all_unfolded(is_complete);
    }

    /// Handles Enter in the payload: opens a string on a separate page, folds anything else.
    pub(in crate::app) fn enter_in_payload(&mut self) -> Option<OpenedValue> {
        let shown = self.shown();
        let is_formatted = shown
            .message_state()
            .is_some_and(|state| state.spans.formatted_payload(self.detail.payload_mode).is_some());
        let string = if is_formatted { None } else { shown.selected_string() };
        if string.is_none() {
            self.fold_payload(FoldCommand::Toggle);
        }
        string
    }

    /// Shows the search hit at this byte of the payload.
    pub(in crate::app) fn reveal_in_payload(&mut self, byte: usize) {
        if let Some(tree) = self.message_state_mut().and_then(|state| state.spans.payload_tree_mut()) {
            tree.reveal(byte);
        }
        self.finish_jobs_now();
        let (mode, page) = (self.detail.payload_mode, self.shown().payload_height());
        let Some(finder) = self.search.as_ref().map(|search| search.finder.clone()) else { return };
        if let Some(state) = self.message_state_mut() {
            state.spans.reveal_hit(mode, &finder, byte, page);
        }
    }
}

/// Returns whether a span is a model call with an input.
fn is_model_call(span: &Span) -> bool {
    span.operation == "COMPLETION" && !span.input.is_empty()
}
