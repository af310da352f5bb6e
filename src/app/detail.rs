//! The detail pane: which tab, and what is prepared for the selected message. What was looked at lately is kept, with its
//! folds and scroll positions, within a budget of bytes. Drawn by `ui/detail`.

mod carry;
pub mod chunks;
pub mod compose;
pub mod feedback;
pub mod fields;
pub mod payload;
mod pointing;
pub mod spans;
pub mod tree_view;

use std::sync::Arc;

use crate::action::Action;
use crate::app::document::Document;
use crate::app::jumps::Wanted;
use crate::app::messages::Direction;
use crate::app::{App, Effects, scroll};
use crate::domain::{Message, Raw};
use crate::effect::Effect;
use crate::event::{MessageKey, ReadMessage};
use crate::layout::{self, Pane};
use crate::provider::{self, Provider};
use crate::trace::Forest;

use carry::Resume;
use compose::HiddenText;
use feedback::FeedbackView;
use payload::view::Manner;
use spans::SpansView;
use tree_view::TreeView;

/// The tabs of the detail pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    Message,
    Spans,
    Feedback,
    Metadata,
    Raw,
}

impl Tab {
    /// In their order on the screen.
    pub const ALL: [Self; 5] = [Self::Message, Self::Spans, Self::Feedback, Self::Metadata, Self::Raw];

    /// The name in the title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Message => "Message",
            Self::Spans => "Spans",
            Self::Feedback => "Feedback",
            Self::Metadata => "Metadata",
            Self::Raw => "Raw",
        }
    }

    /// The tab beside this one, around the end.
    pub fn neighbour(self, direction: Direction) -> Self {
        let step = match direction {
            Direction::Forward => 1,
            Direction::Backward => Self::ALL.len() - 1,
        };
        Self::ALL.get((self as usize + step) % Self::ALL.len()).copied().unwrap_or_default()
    }
}

/// A message up to this size, in bytes, is read between two key presses; a larger one in a task.
const INLINE: usize = 96 * 1024;

/// Bytes of raw messages whose prepared state is kept.
const BUDGET: usize = 24 << 20;

/// At most so many messages are kept prepared.
const MOST: usize = 32;

/// A message as read for the pane: made wherever it does not hold up the loop, as large as the message is.
#[derive(Debug)]
pub struct Prepared {
    pub message: Message,
    pub forest: Forest,
    /// The Message tab, wrapped to a width.
    pub text: Document,
    /// The rows of the Spans tab.
    spans: SpansView,
}

impl Prepared {
    /// Reads a message and wraps its text to `width` columns. Pure; takes as long as the message is large.
    pub fn new(provider: &dyn Provider, raw: &Raw, width: usize, hidden: HiddenText) -> Self {
        let message = provider.message(raw.bytes());
        let text = compose::message(&message, raw.bytes(), width, hidden);
        Self::of(message, text)
    }

    /// The same, unless nobody wants it any more, which is asked between the steps.
    pub fn unless(
        is_stopped: &dyn Fn() -> bool,
        provider: &dyn Provider,
        raw: &Raw,
        (width, hidden): (usize, HiddenText),
    ) -> Option<Self> {
        let wanted = || (!is_stopped()).then_some(());
        wanted()?;
        let message = provider.message(raw.bytes());
        wanted()?;
        let text = compose::message(&message, raw.bytes(), width, hidden);
        wanted()?;
        Some(Self::of(message, text))
    }

    fn of(message: Message, text: Document) -> Self {
        let forest = Forest::new(&message.spans);
        let spans = SpansView::new(&forest);
        Self { message, forest, text, spans }
    }
}

/// What is prepared for one message, with what the user did to it.
#[derive(Debug)]
pub struct Shown {
    pub key: MessageKey,
    pub raw: Raw,
    /// Columns that texts are wrapped to.
    pub width: usize,
    pub prepared: Arc<Prepared>,
    pub text: Document,
    pub text_offset: usize,
    pub spans: SpansView,
    pub metadata: Option<Document>,
    pub metadata_offset: usize,
    pub json: Option<TreeView>,
}

impl Shown {
    fn new(key: MessageKey, raw: Raw, width: usize, mut prepared: Arc<Prepared>) -> Self {
        // Nobody else looks at it yet, so that what changes here is taken out rather than made once more.
        let taken = Arc::get_mut(&mut prepared)
            .map(|own| (std::mem::take(&mut own.text), std::mem::take(&mut own.spans)));
        let (text, spans) =
            taken.unwrap_or_else(|| (prepared.text.clone(), SpansView::new(&prepared.forest)));
        Self {
            key,
            raw,
            width,
            text,
            text_offset: 0,
            spans,
            metadata: None,
            metadata_offset: 0,
            json: None,
            prepared,
        }
    }
}

/// The pane's state.
#[derive(Debug, Default)]
pub struct Detail {
    pub tab: Tab,
    /// The tab, and the pane in focus, before the last key, for digits that turn out to be counts.
    pub before: (Tab, Pane),
    /// Most recently shown first.
    shown: Vec<Shown>,
    /// The message a task is reading.
    pub waiting: Option<(MessageKey, usize)>,
    pub feedback: FeedbackView,
    /// Whether payloads are shown as what they are or as JSON.
    pub manner: Manner,
    /// A way to an end of what is not read yet, to be gone as soon as it is.
    deferred: Option<Action>,
    /// Reading views that tasks are to make.
    wishes: Vec<payload::view::Wish>,
    /// What to select in the Spans tab as soon as the message is prepared.
    pub wanted: Option<Wanted>,
    /// What was done to messages that changed in a fresh copy of the thread, until they are looked at again.
    resumes: Vec<Resume>,
}

impl Detail {
    /// Forgets what was prepared: another thread is on the screen.
    pub fn forget(&mut self) {
        self.resumes.clear();
        self.shown.clear();
        self.waiting = None;
        self.feedback = FeedbackView::default();
    }

    /// Texts are made anew, as another setting wants them.
    pub fn forget_texts(&mut self) {
        self.shown.clear();
        self.waiting = None;
    }

    /// Fields of the thread changed: the Metadata tab is built anew when it is looked at.
    pub fn forget_metadata(&mut self) {
        for shown in &mut self.shown {
            shown.metadata = None;
        }
    }

    /// What is prepared for this message, if it is the one in front.
    pub fn front(&self, key: MessageKey) -> Option<&Shown> {
        self.shown.first().filter(|shown| shown.key == key)
    }

    fn bring_to_front(&mut self, key: MessageKey, width: usize) -> bool {
        let found = self.shown.iter().position(|shown| shown.key == key && shown.width == width);
        if let Some(window) = found.and_then(|index| self.shown.get_mut(..=index)) {
            window.rotate_right(1);
        }
        found.is_some()
    }

    fn push_front(&mut self, mut shown: Shown) {
        if let Some(index) = self.shown.iter().position(|old| old.key == shown.key) {
            // Only the width changed: folds, selection and the place in the text stay.
            let old = self.shown.remove(index);
            shown.spans = old.spans;
            shown.json = old.json;
            shown.text.fold_like(&old.text);
            shown.text_offset = shown.text.row_like(&old.text, old.text_offset);
        }
        self.shown.insert(0, shown);
        let mut bytes = 0usize;
        let mut kept = 0;
        self.shown.retain(|shown| {
            bytes = bytes.saturating_add(shown.raw.len());
            kept += 1;
            kept == 1 || (bytes <= BUDGET && kept <= MOST)
        });
    }

    /// Anything but the message that is waited for is dropped.
    fn take_read(&mut self, read: ReadMessage) {
        if self.waiting == Some((read.key, read.width)) {
            self.waiting = None;
            self.push_front(Shown::new(read.key, read.raw, read.width, read.prepared));
        }
    }
}

impl App {
    /// The key of the selected message.
    pub fn selected_key(&self) -> Option<MessageKey> {
        let generation = self.shown_thread()?.generation;
        Some(MessageKey { generation, index: self.selected_head()?.index })
    }

    /// What is prepared for the selected message.
    pub fn shown(&self) -> Option<&Shown> {
        self.detail.front(self.selected_key()?)
    }

    /// The same, to be changed.
    pub fn shown_mut(&mut self) -> Option<&mut Shown> {
        let key = self.selected_key()?;
        self.detail.shown.first_mut().filter(|shown| shown.key == key)
    }

    /// What somebody waits to see: the selected message, and whether it can be read already.
    pub fn looked_at(&self) -> (Option<MessageKey>, bool) {
        (self.selected_key(), self.shown().is_some())
    }

    /// Columns for text in the detail pane: the inside less the gutter.
    pub fn text_width(&self) -> usize {
        usize::from(self.frame().detail.inner.width).saturating_sub(compose::GUTTER).max(1)
    }

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
    pub(super) fn make_ready(&mut self) {
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
    pub(super) fn prepare_tab(&mut self) -> bool {
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

    /// Rows of the detail pane's inside.
    pub fn detail_page(&self) -> usize {
        usize::from(self.frame().detail.inner.height)
    }

    /// The heights of the two halves of the spans tab.
    pub fn spans_areas(&self) -> layout::SpansAreas {
        let rows = self.shown().map_or(0, |shown| shown.spans.len());
        layout::payload_split(self.frame().detail.inner, rows)
    }

    /// Takes in a message that a task has read, and goes where the user wanted to go in it meanwhile.
    pub(super) fn take_read(&mut self, read: ReadMessage) {
        self.detail.take_read(read);
        if self.shown().is_some()
            && let Some(action) = self.detail.deferred.take()
        {
            self.prepare_tab();
            self.move_in_detail(action, None);
        }
    }

    /// A motion in the detail pane or the payload.
    pub fn move_in_detail(&mut self, action: Action, count: Option<usize>) {
        if self.shown().is_none() && matches!(action, Action::Top | Action::Bottom) {
            self.detail.deferred = Some(action);
            return;
        }
        let page = self.detail_page();
        let spans = self.spans_areas();
        let in_payload = self.focus == Pane::Payload;
        match self.detail.tab {
            Tab::Message | Tab::Metadata => self.scroll_text(action, count, page),
            Tab::Feedback => self.move_in_feedback(action, count),
            Tab::Spans if in_payload => self.move_in_payload(action, count),
            Tab::Spans => {
                let page = usize::from(spans.tree.height);
                if let Some(shown) = self.shown_mut() {
                    shown.spans.travel(action, count, page);
                }
            }
            Tab::Raw => {
                if let Some(tree) = self.shown_mut().and_then(|shown| shown.json.as_mut()) {
                    tree.travel(action, count, page);
                }
            }
        }
    }

    /// Scrolls the detail from the list.
    pub fn scroll_detail(&mut self, action: Action, count: Option<usize>) {
        let step = match action {
            Action::ScrollDetailUp => Action::Up,
            _ => Action::Down,
        };
        if self.detail.tab == Tab::Feedback {
            return self.scroll_turn(step, count);
        }
        self.move_in_detail(step, Some(count.unwrap_or(1)));
    }

    fn scroll_text(&mut self, action: Action, count: Option<usize>, page: usize) {
        let tab = self.detail.tab;
        let Some(shown) = self.shown_mut() else { return };
        let (len, offset) = match tab {
            Tab::Metadata => (shown.metadata.as_ref().map_or(0, Document::len), &mut shown.metadata_offset),
            _ => (shown.text.len(), &mut shown.text_offset),
        };
        // The end of the text stands at the bottom of the pane, not at its top.
        let positions = len.saturating_sub(page) + 1;
        if let Some(to) = scroll::target(action, count, (*offset).min(positions - 1), positions, page) {
            *offset = to;
        }
    }

    /// Folding in whatever the detail pane shows.
    pub fn perform_fold(&mut self, action: Action, count: Option<usize>) {
        match action {
            Action::NextPart => return self.turn_part_or_kind(Direction::Forward),
            Action::PreviousPart => return self.turn_part_or_kind(Direction::Backward),
            _ => {}
        }
        if self.focus == Pane::Messages {
            match action {
                Action::UnfoldOrRight => {
                    self.focus = Pane::Detail;
                    return;
                }
                Action::FoldOrLeft => return,
                _ => {}
            }
        }
        let level = count.unwrap_or(1);
        let page = self.detail_page();
        let in_payload = self.focus == Pane::Payload;
        match self.detail.tab {
            Tab::Message | Tab::Metadata => self.fold_text(action, page),
            Tab::Feedback => {}
            Tab::Spans if in_payload => self.fold_payload(action, level),
            Tab::Spans => {
                if let Some(shown) = self.shown_mut() {
                    shown.spans.fold(action, level, &shown.prepared.forest);
                }
            }
            Tab::Raw => {
                let tree = self.shown_mut().and_then(|shown| shown.json.as_mut());
                let all = tree.is_none_or(|tree| tree.fold(action, level));
                self.tell_unfolded(all);
            }
        }
    }

    /// Says that something stayed folded, unless that is all that there is.
    pub(super) fn tell_unfolded(&mut self, all: bool) {
        if !all {
            self.say("there is more than can be unfolded at once: what is left opens one by one");
        }
    }

    fn turn_part_or_kind(&mut self, direction: Direction) {
        match self.detail.tab {
            Tab::Feedback => self.turn_kind(direction),
            Tab::Message | Tab::Spans | Tab::Metadata | Tab::Raw => self.turn_part(direction),
        }
    }

    fn fold_text(&mut self, action: Action, page: usize) {
        let tab = self.detail.tab;
        let Some(shown) = self.shown_mut() else { return };
        let (document, offset) = match tab {
            Tab::Metadata => (shown.metadata.as_mut(), &mut shown.metadata_offset),
            _ => (Some(&mut shown.text), &mut shown.text_offset),
        };
        if let Some(document) = document {
            document.fold(action, offset, page);
        }
    }

    /// Enter in the detail pane: into the payload, to the feedback's message, or a fold.
    pub fn enter_in_detail(&mut self) {
        match self.detail.tab {
            Tab::Spans => self.focus = Pane::Payload,
            Tab::Feedback => self.go_to_feedback(),
            Tab::Raw => {
                if !self.open_value() {
                    self.perform_fold(Action::ToggleFold, None);
                }
            }
            Tab::Message | Tab::Metadata => self.perform_fold(Action::ToggleFold, None),
        }
    }

    /// What a tab says in the title: its name and what it holds.
    pub fn tab_label(&self, tab: Tab) -> String {
        let head = self.selected_head();
        let count = match tab {
            Tab::Spans => head.filter(|head| head.spans > 0).map(|head| head.spans.to_string()),
            Tab::Feedback => head.and_then(|head| head.sentiment).map(|s| feedback::thumb(s).to_owned()),
            Tab::Message | Tab::Metadata | Tab::Raw => None,
        };
        count.map_or_else(|| tab.title().to_owned(), |count| format!("{} {count}", tab.title()))
    }
}
