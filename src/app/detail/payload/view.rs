//! The lower half of the spans tab: the reading view of the selected span's payload or its JSON tree, with what the user
//! did to them. One key goes from one to the other.

use std::sync::Arc;

use crate::action::Action;
use crate::app::detail::payload::{Earlier, Look, document};
use crate::app::detail::spans::Part;
use crate::app::detail::tree_view::TreeView;
use crate::app::detail::{Prepared, Tab};
use crate::app::document::{Body, Document, Fold, Section};
use crate::app::messages::Direction;
use crate::app::{App, running, scroll};
use crate::domain::{Message, Raw, Span};
use crate::event::MessageKey;
use crate::search::Finder;
use crate::text::{Line, number};
use crate::theme::Role;

/// How payloads are shown where both ways exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    #[default]
    Reading,
    Json,
}

/// Reading views that are kept for one message.
const KEPT: usize = 16;

/// A payload up to this size, in bytes, is laid out between two key presses; a larger one in a task.
const INLINE: usize = 32 * 1024;

/// Messages before the selected one that are searched for an earlier model call, and their largest size in bytes.
const BACK: usize = 4;
const BACK_BYTES: usize = 128 * 1024;

/// The reading view of one payload; `None` inside if there is none.
#[derive(Debug)]
pub struct Reading {
    key: (u32, Part),
    width: usize,
    document: Option<Document>,
    pub offset: usize,
    /// Whether JSON is shown all the same, as a search found something that only JSON has.
    stays_json: bool,
    /// Whether a task is making it.
    awaited: bool,
}

impl Reading {
    /// The node whose payload it shows.
    pub(in crate::app::detail) fn node(&self) -> u32 {
        self.key.0
    }

    /// Shows this one from now on, folded as the one before it.
    fn renew(&mut self, document: Option<Document>) {
        let before = std::mem::replace(&mut self.document, document);
        if let Some((document, before)) = self.document.as_mut().zip(before) {
            document.fold_like(&before);
        }
    }
}

/// A reading view to be made, and all that it takes.
#[derive(Clone, Debug)]
pub struct Wish {
    message: MessageKey,
    node: u32,
    part: Part,
    width: usize,
    prepared: Arc<Prepared>,
    raw: Raw,
    earlier: Option<(String, Raw)>,
}

impl Wish {
    /// Makes it. Pure; takes as long as the payload is large, within bounds.
    pub fn answer(&self) -> Answer {
        let Self { message, node, part, width, .. } = *self;
        Answer { message, key: (node, part), width, document: self.document() }
    }

    fn document(&self) -> Option<Document> {
        let message = &self.prepared.message;
        let span = self.prepared.forest.span(&message.spans, self.node)?;
        let earlier = self.earlier.as_ref().map(|(name, input)| Earlier { name, input: input.bytes() });
        let (part, width) = (self.part, self.width);
        document(&Look { message, raw: self.raw.bytes(), span, part, width, earlier })
    }

    fn size(&self) -> usize {
        let span = self.prepared.forest.span(&self.prepared.message.spans, self.node);
        span.map_or(0, |span| self.part.piece(span).of(self.raw.bytes()).len())
    }
}

/// A reading view that was made.
#[derive(Clone, Debug)]
pub struct Answer {
    message: MessageKey,
    key: (u32, Part),
    width: usize,
    /// None if the payload has none.
    document: Option<Document>,
}

/// The reading views of a message, the latest first.
#[derive(Debug, Default)]
pub struct Readings(Vec<Reading>);

/// What the payload's pane shows.
#[derive(Debug)]
pub enum PayloadView<'a> {
    Reading {
        document: &'a Document,
        offset: usize,
    },
    Tree(&'a TreeView),
    /// The span has no such payload.
    Nothing,
}

impl Readings {
    fn find(&self, key: (u32, Part)) -> Option<&Reading> {
        self.0.iter().find(|reading| reading.key == key)
    }

    fn find_mut(&mut self, key: (u32, Part)) -> Option<&mut Reading> {
        self.0.iter_mut().find(|reading| reading.key == key)
    }

    /// What tasks are making is made anew: their answers will be for another copy of the message.
    pub(in crate::app::detail) fn ask_again(&mut self) {
        for reading in self.0.iter_mut().filter(|reading| reading.awaited) {
            reading.width = 0;
        }
    }

    /// Takes all out.
    pub(in crate::app::detail) fn take(&mut self) -> Vec<Reading> {
        std::mem::take(&mut self.0)
    }

    /// Takes one over for a node in a fresh copy of the message; it is made anew when it is looked at.
    pub(in crate::app::detail) fn adopt(&mut self, reading: Reading, node: u32) {
        self.keep(Reading { key: (node, reading.key.1), width: 0, awaited: false, ..reading });
    }

    fn keep(&mut self, reading: Reading) {
        self.0.retain(|old| old.key != reading.key);
        self.0.insert(0, reading);
        self.0.truncate(KEPT);
    }
}

/// Stands for a reading view that is being made.
fn waiting(size: usize) -> Document {
    let line = Line::styled(&format!("reading {} …", number::bytes(size as u64)), Role::Dim);
    Document::new(vec![Section::text(Body::Lines(vec![line]), Role::Dim)])
}

impl App {
    /// What the lower half of the spans tab shows.
    pub fn payload_view(&self) -> PayloadView<'_> {
        if let Some((document, offset)) = self.reading() {
            return PayloadView::Reading { document, offset };
        }
        match self.payload_tree() {
            Some(tree) if !tree.is_absent() => PayloadView::Tree(tree),
            _ => PayloadView::Nothing,
        }
    }

    /// The reading view in front, if the payload has one and it is wanted.
    pub fn reading(&self) -> Option<(&Document, usize)> {
        if self.detail.manner == Manner::Json {
            return None;
        }
        let spans = &self.shown()?.spans;
        let reading = spans.readings.find((spans.node()?, spans.part))?;
        if reading.stays_json {
            return None;
        }
        Some((reading.document.as_ref()?, reading.offset))
    }

    fn reading_mut(&mut self) -> Option<(&mut Document, &mut usize)> {
        if self.detail.manner == Manner::Json {
            return None;
        }
        let spans = &mut self.shown_mut()?.spans;
        let key = (spans.node()?, spans.part);
        let reading = spans.readings.find_mut(key).filter(|reading| !reading.stays_json)?;
        Some((reading.document.as_mut()?, &mut reading.offset))
    }

    /// Makes the reading view that the next frame shows, or has it made.
    pub(in crate::app::detail) fn prepare_reading(&mut self) {
        let Some(wish) = self.wish() else { return };
        let key = (wish.node, wish.part);
        let size = wish.size();
        let Some(shown) = self.shown_mut() else { return };
        let old = shown.spans.readings.find(key);
        if old.is_some_and(|reading| reading.width == wish.width) {
            return;
        }
        let (offset, before) = old.map_or((0, None), |old| (old.offset, old.document.clone()));
        let stays_json = old.is_some_and(|old| old.stays_json);
        let mut reading =
            Reading { key, width: wish.width, document: before, offset, stays_json, awaited: false };
        if size <= INLINE {
            reading.renew(wish.document());
        } else {
            reading.document.get_or_insert_with(|| waiting(size));
            reading.awaited = true;
            self.detail.wishes.push(wish);
        }
        if let Some(shown) = self.shown_mut() {
            shown.spans.readings.keep(reading);
        }
    }

    /// The reading view of the selected payload.
    fn wish(&self) -> Option<Wish> {
        let width = self.text_width();
        let shown = self.shown().filter(|_| self.detail.manner == Manner::Reading)?;
        let (node, part) = (shown.spans.node()?, shown.spans.part);
        let prepared = &shown.prepared;
        let span = prepared.forest.span(&prepared.message.spans, node)?;
        let is_known = shown.spans.readings.find((node, part)).is_some_and(|known| known.width == width);
        if is_known {
            return None;
        }
        let earlier = self.earlier_call(&prepared.message, &shown.raw, span, part);
        let (message, prepared, raw) = (shown.key, Arc::clone(prepared), shown.raw.clone());
        Some(Wish { message, node, part, width, prepared, raw, earlier })
    }

    /// Takes in a reading view; one that nobody waits for any more is dropped.
    pub(in crate::app) fn take_answer(&mut self, answer: Answer) {
        let shown = self.detail.shown.iter_mut().find(|shown| shown.key == answer.message);
        let reading = shown.and_then(|shown| shown.spans.readings.find_mut(answer.key));
        if let Some(reading) = reading.filter(|reading| reading.width == answer.width) {
            reading.renew(answer.document);
            reading.awaited = false;
        }
    }

    /// Makes at once what was to be made in a task: it is needed now.
    fn hurry(&mut self) {
        for wish in std::mem::take(&mut self.detail.wishes) {
            self.take_answer(wish.answer());
        }
    }

    /// The input of the model call before this one: of the same turn, else the last one of a turn before it.
    fn earlier_call(&self, message: &Message, raw: &Raw, span: &Span, part: Part) -> Option<(String, Raw)> {
        if part != Part::Input || !is_call(span) {
            return None;
        }
        let before = message.spans.iter().filter(|other| {
            is_call(other) && (other.start, other.raw.at) < (span.start, span.raw.at) && other.id != span.id
        });
        if let Some(found) = before.max_by_key(|other| (other.start, other.raw.at)) {
            return Some((found.name.clone(), raw.part(found.input)));
        }
        let thread = self.shown_thread()?;
        let provider = thread.provider()?;
        let here = self.place_of(self.list.selected)?;
        (here.saturating_sub(BACK)..here).rev().find_map(|place| {
            let head = thread.heads.get(place).filter(|head| head.spans > 0)?;
            if head.raw.len() > BACK_BYTES {
                return None;
            }
            let message = provider.message(head.raw.bytes());
            let calls = message.spans.iter().filter(|span| is_call(span));
            let last = calls.max_by_key(|span| (span.start, span.raw.at))?;
            Some((format!("{} of message {}", last.name, place + 1), head.raw.part(last.input)))
        })
    }

    /// From reading to JSON and back.
    pub(in crate::app) fn toggle_manner(&mut self) {
        if self.detail.tab != Tab::Spans {
            self.say("payloads are in the spans tab: 2 shows it");
            return;
        }
        if self.read_again() {
            return;
        }
        self.detail.manner = match self.detail.manner {
            Manner::Reading => Manner::Json,
            Manner::Json => Manner::Reading,
        };
        self.prepare_tab();
        self.hurry();
        if self.detail.manner == Manner::Reading && self.reading().is_none() {
            self.say("this payload has no reading view: it stays JSON");
        }
    }

    /// Takes back that this payload alone stays JSON; returns whether it did.
    fn read_again(&mut self) -> bool {
        let Some(shown) = self.shown_mut() else { return false };
        let key = shown.spans.node().map(|node| (node, shown.spans.part));
        let reading = key.and_then(|key| shown.spans.readings.find_mut(key));
        reading.is_some_and(|reading| std::mem::take(&mut reading.stays_json))
    }

    fn payload_page(&self) -> usize {
        usize::from(self.spans_areas().payload.height)
    }

    /// A motion in the payload.
    pub(in crate::app::detail) fn move_in_payload(&mut self, action: Action, count: Option<usize>) {
        let page = self.payload_page();
        if let Some((document, offset)) = self.reading_mut() {
            let positions = document.len().saturating_sub(page) + 1;
            if let Some(to) = scroll::target(action, count, (*offset).min(positions - 1), positions, page) {
                *offset = to;
            }
        } else if let Some(tree) = self.payload_tree_mut() {
            tree.travel(action, count, page);
        }
    }

    /// Folding in the payload.
    pub(in crate::app::detail) fn fold_payload(&mut self, action: Action, level: usize) {
        let page = self.payload_page();
        if let Some((document, offset)) = self.reading_mut() {
            document.fold(action, offset, page);
        } else if let Some(tree) = self.payload_tree_mut() {
            let all = tree.fold(action, level);
            self.tell_unfolded(all);
        }
    }

    /// Enter in the payload: a long string gets a page of its own, anything else folds.
    pub(in crate::app) fn enter_in_payload(&mut self) {
        if self.reading().is_some() || !self.open_value() {
            self.fold_payload(Action::ToggleFold, 1);
        }
    }

    /// A click on a row of the payload.
    pub(in crate::app::detail) fn click_payload(&mut self, row: usize) {
        if let Some((document, offset)) = self.reading_mut() {
            let at = *offset + row;
            let section = document.section_at(at);
            if document.start_of(section) == at {
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
        self.hurry();
        let page = self.payload_page();
        let Some((place, finder)) = self.hit_number(at) else { return };
        let Some((document, offset)) = self.reading_mut() else { return };
        match line_of_hit(document, &finder, place) {
            Some((section, line)) => {
                let row = document.reveal(section, line);
                if row < *offset || row >= offset.saturating_add(page) {
                    *offset = row.saturating_sub(page / 3);
                }
            }
            // Only the JSON has it.
            None => self.stay_json(),
        }
    }

    /// Shows this payload as JSON, whatever the others are shown as.
    fn stay_json(&mut self) {
        let Some(shown) = self.shown_mut() else { return };
        let key = shown.spans.node().map(|node| (node, shown.spans.part));
        if let Some(reading) = key.and_then(|key| shown.spans.readings.find_mut(key)) {
            reading.stays_json = true;
        }
    }

    /// How many hits the payload has before this byte.
    fn hit_number(&self, at: usize) -> Option<(usize, Finder)> {
        let finder = self.find.as_ref()?.finder.clone();
        let bytes = self.payload_tree()?.tree().bytes();
        let before = finder.hits(bytes.get(..at)?, 1000).len();
        Some((before, finder))
    }
}

/// The line where the hit of this number begins. Hits go over the ends of wrapped lines.
pub(super) fn line_of_hit(document: &Document, finder: &Finder, number: usize) -> Option<(usize, usize)> {
    let lines = running::lines_of_hits(document, finder, number.saturating_add(1));
    lines.get(number).copied()
}

/// Whether a span calls a model and says with what.
fn is_call(span: &Span) -> bool {
    span.operation == "COMPLETION" && !span.input.is_empty()
}

impl Document {
    /// Carries out a folding action on what is in view from `offset` on; returns whether it is one.
    pub fn fold(&mut self, action: Action, offset: &mut usize, page: usize) -> bool {
        let section = self.foldable_from(*offset, page);
        match action {
            Action::UnfoldAll => self.set_all(Fold::Open),
            Action::FoldAll => self.set_all(Fold::Closed),
            Action::FoldOrLeft | Action::UnfoldOrRight | Action::ToggleFold | Action::Enter => {
                let Some(section) = section else { return true };
                match action {
                    Action::FoldOrLeft => self.set_open(section, Fold::Closed),
                    Action::UnfoldOrRight => self.set_open(section, Fold::Open),
                    _ => self.toggle(section),
                };
            }
            Action::NextSibling | Action::PreviousSibling => {
                let forward = action == Action::NextSibling;
                let direction = if forward { Direction::Forward } else { Direction::Backward };
                if let Some(row) = self.choose(direction, *offset, page) {
                    *offset = scroll::into_view(row, *offset, page, self.len());
                }
            }
            _ => return false,
        }
        true
    }
}
