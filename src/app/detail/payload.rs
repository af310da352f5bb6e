//! The lower half of the spans tab: the reading view of the selected span's payload or its JSON tree, with what the user
//! did to them. One key goes from one to the other.

use std::sync::Arc;

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::detail::json_tree::TreeView;
use crate::app::{App, scroll};
use crate::domain::{Message, Raw, Span, SpanPart};
use crate::layout::Direction;
use crate::search::Finder;
use crate::text::{Line, number};
use crate::theme::Role;
use crate::view::document::{Body, Document, Fold, Section};
use crate::view::flowed_text;
use crate::view::payload::{PayloadJob, PayloadResult};

/// How payloads are shown where both ways exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PayloadMode {
    #[default]
    Formatted,
    Raw,
}

/// Reading views that are kept for one message.
const MAX_CACHED: usize = 16;

/// A payload up to this size, in bytes, is laid out between two key presses; a larger one in a task.
const MAX_INLINE_BYTES: usize = 32 * 1024;

/// Messages before the selected one that are searched for an earlier model call, and their largest size in bytes.
const MAX_LOOKBACK_MESSAGES: usize = 4;
const MAX_LOOKBACK_BYTES: usize = 128 * 1024;

/// The reading view of one payload; `None` inside if there is none.
#[derive(Debug)]
pub struct FormattedPayload {
    key: (u32, SpanPart),
    width: usize,
    document: Option<Document>,
    pub offset: usize,
    /// Whether JSON is shown all the same, as a search found something that only JSON has.
    is_kept_raw: bool,
    /// Whether a task is making it.
    in_progress: bool,
}

impl FormattedPayload {
    /// The node whose payload it shows.
    pub(in crate::app::detail) fn node(&self) -> u32 {
        self.key.0
    }

    /// Shows this one from now on, folded as the one before it.
    fn replace(&mut self, document: Option<Document>) {
        let before = std::mem::replace(&mut self.document, document);
        if let Some((document, before)) = self.document.as_mut().zip(before) {
            document.copy_folds_from(&before);
        }
    }
}

/// The reading views of a message, the latest first.
#[derive(Debug, Default)]
pub struct PayloadCache(Vec<FormattedPayload>);

/// What the payload's pane shows.
#[derive(Debug)]
pub enum PayloadView<'a> {
    Formatted {
        document: &'a Document,
        offset: usize,
    },
    Tree(&'a TreeView),
    /// The span has no such payload.
    Absent,
}

impl PayloadCache {
    fn get(&self, key: (u32, SpanPart)) -> Option<&FormattedPayload> {
        self.0.iter().find(|reading| reading.key == key)
    }

    fn get_mut(&mut self, key: (u32, SpanPart)) -> Option<&mut FormattedPayload> {
        self.0.iter_mut().find(|reading| reading.key == key)
    }

    /// What tasks are making is made anew: their answers will be for another copy of the message.
    pub(in crate::app::detail) fn invalidate_in_progress(&mut self) {
        for reading in self.0.iter_mut().filter(|reading| reading.in_progress) {
            reading.width = 0;
        }
    }

    /// Takes all out.
    pub(in crate::app::detail) fn take_all(&mut self) -> Vec<FormattedPayload> {
        std::mem::take(&mut self.0)
    }

    /// Takes one over for a node in a fresh copy of the message; it is made anew when it is looked at.
    pub(in crate::app::detail) fn restore(&mut self, reading: FormattedPayload, node: u32) {
        self.insert(FormattedPayload { key: (node, reading.key.1), width: 0, in_progress: false, ..reading });
    }

    fn insert(&mut self, reading: FormattedPayload) {
        self.0.retain(|old| old.key != reading.key);
        self.0.insert(0, reading);
        self.0.truncate(MAX_CACHED);
    }
}

/// Stands for a reading view that is being made.
fn placeholder(size: usize) -> Document {
    let line = Line::styled(&format!("reading {} …", number::bytes(size as u64)), Role::Dim);
    Document::new(vec![Section::text(Body::Lines(vec![line]), Role::Dim)])
}

impl App {
    /// What the lower half of the spans tab shows.
    pub fn payload_view(&self) -> PayloadView<'_> {
        if let Some((document, offset)) = self.formatted_payload() {
            return PayloadView::Formatted { document, offset };
        }
        match self.payload_tree() {
            Some(tree) if !tree.is_absent() => PayloadView::Tree(tree),
            _ => PayloadView::Absent,
        }
    }

    /// The reading view in front, if the payload has one and it is wanted.
    pub fn formatted_payload(&self) -> Option<(&Document, usize)> {
        if self.detail.payload_mode == PayloadMode::Raw {
            return None;
        }
        let spans = &self.message_state()?.spans;
        let reading = spans.payload_cache.get((spans.selected_node()?, spans.part))?;
        if reading.is_kept_raw {
            return None;
        }
        Some((reading.document.as_ref()?, reading.offset))
    }

    fn formatted_payload_mut(&mut self) -> Option<(&mut Document, &mut usize)> {
        if self.detail.payload_mode == PayloadMode::Raw {
            return None;
        }
        let spans = &mut self.message_state_mut()?.spans;
        let key = (spans.selected_node()?, spans.part);
        let reading = spans.payload_cache.get_mut(key).filter(|reading| !reading.is_kept_raw)?;
        Some((reading.document.as_mut()?, &mut reading.offset))
    }

    /// Makes the reading view that the next frame shows, or has it made.
    pub(in crate::app::detail) fn prepare_payload(&mut self) {
        let Some(wish) = self.payload_job() else { return };
        let key = (wish.node, wish.part);
        let size = wish.payload_size();
        let Some(shown) = self.message_state_mut() else { return };
        let old = shown.spans.payload_cache.get(key);
        if old.is_some_and(|reading| reading.width == wish.width) {
            return;
        }
        let (offset, before) = old.map_or((0, None), |old| (old.offset, old.document.clone()));
        let stays_json = old.is_some_and(|old| old.is_kept_raw);
        let mut reading = FormattedPayload {
            key,
            width: wish.width,
            document: before,
            offset,
            is_kept_raw: stays_json,
            in_progress: false,
        };
        if size <= MAX_INLINE_BYTES {
            reading.replace(wish.build_document());
        } else {
            reading.document.get_or_insert_with(|| placeholder(size));
            reading.in_progress = true;
            self.detail.payload_jobs.push(wish);
        }
        if let Some(shown) = self.message_state_mut() {
            shown.spans.payload_cache.insert(reading);
        }
    }

    /// The reading view of the selected payload.
    fn payload_job(&self) -> Option<PayloadJob> {
        let width = self.text_width();
        let shown = self.message_state().filter(|_| self.detail.payload_mode == PayloadMode::Formatted)?;
        let (node, part) = (shown.spans.selected_node()?, shown.spans.part);
        let prepared = &shown.view;
        let span = prepared.forest.span(&prepared.message.spans, node)?;
        let is_known = shown.spans.payload_cache.get((node, part)).is_some_and(|known| known.width == width);
        if is_known {
            return None;
        }
        let earlier = self.previous_call(&prepared.message, &shown.raw, span, part);
        let (message, prepared, raw) = (shown.key, Arc::clone(prepared), shown.raw.clone());
        Some(PayloadJob { message, node, part, width, prepared, raw, previous_call: earlier })
    }

    /// Takes in a reading view; one that nobody waits for any more is dropped.
    pub(in crate::app) fn on_payload_ready(&mut self, answer: PayloadResult) {
        let shown = self.detail.cache.iter_mut().find(|shown| shown.key == answer.message);
        let reading = shown.and_then(|shown| shown.spans.payload_cache.get_mut(answer.key));
        if let Some(reading) = reading.filter(|reading| reading.width == answer.width) {
            reading.replace(answer.document);
            reading.in_progress = false;
        }
    }

    /// Makes at once what was to be made in a task: it is needed now.
    fn finish_jobs_now(&mut self) {
        for wish in std::mem::take(&mut self.detail.payload_jobs) {
            self.on_payload_ready(wish.run());
        }
    }

    /// The input of the model call before this one: of the same turn, else the last one of a turn before it.
    fn previous_call(
        &self,
        message: &Message,
        raw: &Raw,
        span: &Span,
        part: SpanPart,
    ) -> Option<(String, Raw)> {
        if part != SpanPart::Input || !is_model_call(span) {
            return None;
        }
        let before = message.spans.iter().filter(|other| {
            is_model_call(other)
                && (other.start, other.raw.start) < (span.start, span.raw.start)
                && other.id != span.id
        });
        if let Some(found) = before.max_by_key(|other| (other.start, other.raw.start)) {
            return Some((found.name.clone(), raw.slice(found.input)));
        }
        let thread = self.shown_thread()?;
        let provider = thread.provider()?;
        let here = self.thread_index_at(self.list.selected)?;
        (here.saturating_sub(MAX_LOOKBACK_MESSAGES)..here).rev().find_map(|place| {
            let head = thread.summaries.get(place).filter(|head| head.span_count > 0)?;
            if head.raw.len() > MAX_LOOKBACK_BYTES {
                return None;
            }
            let message = provider.read_message(head.raw.bytes());
            let calls = message.spans.iter().filter(|span| is_model_call(span));
            let last = calls.max_by_key(|span| (span.start, span.raw.start))?;
            Some((format!("{} of message {}", last.name, place + 1), head.raw.slice(last.input)))
        })
    }

    /// From reading to JSON and back.
    pub(in crate::app) fn toggle_payload_mode(&mut self) {
        if self.detail.tab != Tab::Spans {
            self.notify("payloads are in the spans tab: 2 shows it");
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
        if self.detail.payload_mode == PayloadMode::Formatted && self.formatted_payload().is_none() {
            self.notify("this payload has no reading view: it stays JSON");
        }
    }

    /// Takes back that this payload alone stays JSON; returns whether it did.
    fn clear_raw_override(&mut self) -> bool {
        let Some(shown) = self.message_state_mut() else { return false };
        let key = shown.spans.selected_node().map(|node| (node, shown.spans.part));
        let reading = key.and_then(|key| shown.spans.payload_cache.get_mut(key));
        reading.is_some_and(|reading| std::mem::take(&mut reading.is_kept_raw))
    }

    fn payload_height(&self) -> usize {
        usize::from(self.spans_areas().payload.height)
    }

    /// A motion in the payload.
    pub(in crate::app::detail) fn move_in_payload(&mut self, action: Action, count: Option<usize>) {
        let page = self.payload_height();
        if let Some((document, offset)) = self.formatted_payload_mut() {
            let positions = document.len().saturating_sub(page) + 1;
            if let Some(to) =
                scroll::motion_target(action, count, (*offset).min(positions - 1), positions, page)
            {
                *offset = to;
            }
        } else if let Some(tree) = self.payload_tree_mut() {
            tree.move_selection(action, count, page);
        }
    }

    /// Folding in the payload.
    pub(in crate::app::detail) fn fold_payload(&mut self, action: Action, level: usize) {
        let page = self.payload_height();
        if let Some((document, offset)) = self.formatted_payload_mut() {
            document.fold(action, offset, page);
        } else if let Some(tree) = self.payload_tree_mut() {
            let all = tree.fold(action, level);
            self.notify_unless_all_unfolded(all);
        }
    }

    /// Enter in the payload: a long string gets a page of its own, anything else folds.
    pub(in crate::app) fn enter_in_payload(&mut self) {
        if self.formatted_payload().is_some() || !self.open_selected_string() {
            self.fold_payload(Action::ToggleFold, 1);
        }
    }

    /// A click on a row of the payload.
    pub(in crate::app::detail) fn click_payload(&mut self, row: usize) {
        if let Some((document, offset)) = self.formatted_payload_mut() {
            let at = *offset + row;
            let section = document.section_at(at);
            if document.section_start(section) == at {
                document.toggle(section);
            }
        } else if let Some(tree) = self.payload_tree_mut() {
            tree.click(row);
        }
    }

    /// Shows what a search found at this byte of the payload: the line that has it in the reading view, else the row
    /// of the JSON tree.
    pub(in crate::app) fn reveal_in_payload(&mut self, at: usize) {
        if let Some(tree) = self.payload_tree_mut() {
            tree.reveal(at);
        }
        self.finish_jobs_now();
        let page = self.payload_height();
        let Some((place, finder)) = self.count_hits_before(at) else { return };
        let Some((document, offset)) = self.formatted_payload_mut() else { return };
        match flowed_text::hit_line(document, &finder, place) {
            Some((section, line)) => {
                let row = document.reveal(section, line);
                if row < *offset || row >= offset.saturating_add(page) {
                    *offset = row.saturating_sub(page / 3);
                }
            }
            // Only the JSON has it.
            None => self.keep_raw(),
        }
    }

    /// Shows this payload as JSON, whatever the others are shown as.
    fn keep_raw(&mut self) {
        let Some(shown) = self.message_state_mut() else { return };
        let key = shown.spans.selected_node().map(|node| (node, shown.spans.part));
        if let Some(reading) = key.and_then(|key| shown.spans.payload_cache.get_mut(key)) {
            reading.is_kept_raw = true;
        }
    }

    /// How many hits the payload has before this byte.
    fn count_hits_before(&self, at: usize) -> Option<(usize, Finder)> {
        let finder = self.search.as_ref()?.finder.clone();
        let bytes = self.payload_tree()?.tree().bytes();
        let before = finder.hits(bytes.get(..at)?, 1000).len();
        Some((before, finder))
    }
}

/// Whether a span calls a model and says with what.
fn is_model_call(span: &Span) -> bool {
    span.operation == "COMPLETION" && !span.input.is_empty()
}

impl Document {
    /// Carries out a folding action on what is in view from `offset` on; returns whether it is one.
    pub fn fold(&mut self, action: Action, offset: &mut usize, page: usize) -> bool {
        let section = self.foldable_near(*offset, page);
        match action {
            Action::UnfoldAll => self.set_all_folds(Fold::Open),
            Action::FoldAll => self.set_all_folds(Fold::Closed),
            Action::FoldOrLeft | Action::UnfoldOrRight | Action::ToggleFold | Action::Enter => {
                let Some(section) = section else { return true };
                match action {
                    Action::FoldOrLeft => self.set_fold(section, Fold::Closed),
                    Action::UnfoldOrRight => self.set_fold(section, Fold::Open),
                    _ => self.toggle(section),
                };
            }
            Action::NextSibling | Action::PreviousSibling => {
                let forward = action == Action::NextSibling;
                let direction = if forward { Direction::Forward } else { Direction::Backward };
                if let Some(row) = self.select_foldable(direction, *offset, page) {
                    *offset = scroll::into_view(row, *offset, page, self.len());
                }
            }
            _ => return false,
        }
        true
    }
}
