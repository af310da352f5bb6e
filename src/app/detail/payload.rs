//! The lower half of the Spans tab: the payload of the selected span, formatted or as a JSON tree; one key switches
//! between them.

use std::sync::Arc;

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::detail::document::{fold_document, scroll_document};
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::json_tree::TreeView;
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

/// Formatted payloads in the cache of one message.
const MAX_CACHED: usize = 16;

/// A payload up to this size, in bytes, is formatted between two key presses; a larger one by a task.
const MAX_INLINE_BYTES: usize = 32 * 1024;

/// Messages before the selected one that are searched for the previous model call, and their largest size in bytes.
const MAX_LOOKBACK_MESSAGES: usize = 4;
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
    /// The node of the payload.
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

    /// Rebuilds what tasks are building: their results will be for the old copy of the message.
    pub(in crate::app::detail) fn invalidate_in_progress(&mut self) {
        for payload in self.0.iter_mut().filter(|payload| payload.in_progress) {
            payload.width = 0;
        }
    }

    /// Removes and returns all.
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

/// Stands for a formatted view that a task is building.
fn placeholder(size: usize) -> Document {
    let line = Line::styled(&format!("Formatting {} …", number::bytes(size as u64)), Role::Dim);
    Document::new(vec![Section::text(Body::Lines(vec![line]), Role::Dim)])
}

impl<'a> Shown<'a> {
    /// The content of the lower half of the Spans tab.
    pub fn payload_view(self) -> PayloadView<'a> {
        if let Some(view) = self.formatted_payload() {
            return PayloadView::Formatted(view);
        }
        match self.payload_tree() {
            Some(tree) if !tree.is_absent() => PayloadView::Tree(tree),
            _ => PayloadView::Absent,
        }
    }

    /// The formatted view of the selected payload, if it is shown.
    fn formatted_payload(self) -> Option<&'a ScrolledDocument> {
        if self.detail.payload_mode == PayloadMode::Raw {
            return None;
        }
        let spans = &self.message_state()?.spans;
        let payload = spans.payload_cache.get(spans.payload_key()?).filter(|payload| !payload.is_kept_raw)?;
        payload.view.as_ref()
    }

    /// The job that formats the selected payload, unless that is done or in progress.
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
        let previous_call = self.previous_call(&view.message, &state.raw, span, part);
        let (message, view, raw) = (state.key, Arc::clone(view), state.raw.clone());
        Some(PayloadJob { message, node, part, width, view, raw, previous_call })
    }

    /// The input of the previous model call: in the same turn, else the last one of an earlier turn.
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

    fn payload_height(self) -> usize {
        usize::from(self.spans_areas().payload.height)
    }

    /// The number of hits in the payload before this byte.
    fn count_hits_before(self, byte: usize) -> Option<(usize, Finder)> {
        let finder = self.search.as_ref()?.finder.clone();
        let bytes = self.payload_tree()?.tree().bytes();
        let count = finder.hits(bytes, 1000).iter().filter(|hit| hit.start < byte).count();
        Some((count, finder))
    }
}

impl Panes<'_> {
    fn formatted_payload_mut(&mut self) -> Option<&mut ScrolledDocument> {
        if self.detail.payload_mode == PayloadMode::Raw {
            return None;
        }
        self.selected_payload_mut().filter(|payload| !payload.is_kept_raw)?.view.as_mut()
    }

    /// The cached formatted view of the selected payload, shown or not.
    fn selected_payload_mut(&mut self) -> Option<&mut FormattedPayload> {
        let spans = &mut self.message_state_mut()?.spans;
        let key = spans.payload_key()?;
        spans.payload_cache.get_mut(key)
    }

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
        let state = self.detail.cache.iter_mut().find(|state| state.key == result.message);
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
        if self.clear_raw_override() {
            return;
        }
        self.detail.payload_mode = match self.detail.payload_mode {
            PayloadMode::Formatted => PayloadMode::Raw,
            PayloadMode::Raw => PayloadMode::Formatted,
        };
        self.prepare_tab();
        self.finish_jobs_now();
        if self.detail.payload_mode == PayloadMode::Formatted && self.shown().formatted_payload().is_none() {
            self.notify("No formatted view for this payload");
        }
    }

    /// Formats a payload again that was kept as JSON; returns whether it was.
    fn clear_raw_override(&mut self) -> bool {
        self.selected_payload_mut().is_some_and(|payload| std::mem::take(&mut payload.is_kept_raw))
    }

    /// A motion in the payload.
    pub(in crate::app::detail) fn move_in_payload(&mut self, action: Action, count: Option<usize>) {
        let page = self.shown().payload_height();
        if let Some(view) = self.formatted_payload_mut() {
            scroll_document(view, action, count, page);
        } else if let Some(tree) = self.payload_tree_mut() {
            tree.move_selection(action, count, page);
        }
    }

    /// Folding in the payload.
    pub(in crate::app::detail) fn fold_payload(&mut self, command: FoldCommand) {
        let page = self.shown().payload_height();
        if let Some(view) = self.formatted_payload_mut() {
            fold_document(view, command, page);
        } else if let Some(tree) = self.payload_tree_mut() {
            let is_complete = tree.fold(command);
            self.notify_unless_all_unfolded(is_complete);
        }
    }

    /// Enter in the payload: opens a string on a page of its own, folds anything else.
    pub(in crate::app) fn enter_in_payload(&mut self) -> Option<OpenedValue> {
        let shown = self.shown();
        let string = if shown.formatted_payload().is_some() { None } else { shown.selected_string() };
        if string.is_none() {
            self.fold_payload(FoldCommand::Toggle);
        }
        string
    }

    /// A click on a row of the payload.
    pub(in crate::app::detail) fn click_payload(&mut self, row: usize) {
        let page = self.shown().payload_height();
        if let Some(view) = self.formatted_payload_mut() {
            view.click(row, page);
        } else if let Some(tree) = self.payload_tree_mut() {
            tree.click(row);
        }
    }

    /// Shows the search hit at this byte of the payload: its line in the formatted view, else its row in the JSON tree.
    pub(in crate::app) fn reveal_in_payload(&mut self, byte: usize) {
        if let Some(tree) = self.payload_tree_mut() {
            tree.reveal(byte);
        }
        self.finish_jobs_now();
        let page = self.shown().payload_height();
        let Some((hit, finder)) = self.shown().count_hits_before(byte) else { return };
        let Some(view) = self.formatted_payload_mut() else { return };
        match flowed_text::hit_line(&view.document, &finder, hit) {
            Some((section, line)) => view.reveal(section, line, page),
            // Only the JSON contains the hit.
            None => self.keep_raw(),
        }
    }

    /// Shows this payload as JSON in any mode.
    fn keep_raw(&mut self) {
        if let Some(payload) = self.selected_payload_mut() {
            payload.is_kept_raw = true;
        }
    }
}

/// Whether a span is a model call with an input.
fn is_model_call(span: &Span) -> bool {
    span.operation == "COMPLETION" && !span.input.is_empty()
}
