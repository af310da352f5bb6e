//! The feedback tab: what was said about the selected message, and the feedback of the whole thread, which can be narrowed
//! down, with the turn that the selected entry is about. Only the rows in view are read. Drawn by `ui/detail/feedback`.

pub mod sift;

use std::collections::HashMap;

use crate::action::Action;
use crate::app::detail::compose::{self, GUTTER};
use crate::app::document::{Body, Document, Section};
use crate::app::messages::Direction;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, scroll};
use crate::domain::{Feedback, Head, Heads, Sentiment};
use crate::json;
use crate::layout::{self, FeedbackAreas, Pane};
use crate::search::{Finder, Query};
use crate::text::{Line, Run, Safe, number, plain, time};
use crate::theme::Role;
use sift::{Kind, Sift};

/// Lines that one entry of the list takes.
pub const ENTRY: usize = 2;

/// Entries that are kept read.
const KEPT: usize = 512;

/// Lines of one feedback's words above the list.
const WORDS: usize = 8;

/// Bytes of a large message's text beside the list; smaller ones are shown whole.
const BEGINNING: usize = 16 * 1024;

/// The tab's state; it belongs to the thread, not to one message.
#[derive(Clone, Debug, Default)]
pub struct FeedbackView {
    /// How many messages have feedback, a thumb down, a thumb up.
    pub counts: [usize; 3],
    counted: usize,
    pub sift: Sift,
    pub selected: usize,
    pub offset: usize,
    read: HashMap<u32, Vec<Feedback>>,
    /// The turn of the selected entry, laid out.
    pub turn: Option<Turn>,
    /// The selected message when the list was last brought to it.
    followed: Option<usize>,
}

/// A turn beside the list.
#[derive(Clone, Debug)]
pub struct Turn {
    place: u32,
    width: usize,
    pub document: Document,
    pub offset: usize,
}

impl FeedbackView {
    /// The feedback on the message at this place, once it is read.
    pub fn of(&self, place: u32) -> &[Feedback] {
        self.read.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The same list of another copy of the thread: what is wanted stays, what was read does not.
    #[must_use]
    pub fn renewed(&self) -> Self {
        let mut sift = self.sift.clone();
        sift.begin_again();
        let Self { selected, offset, followed, .. } = *self;
        Self { sift, selected, offset, followed, ..Self::default() }
    }

    fn count(&mut self, heads: &Heads) {
        if heads.len() < self.counted {
            *self = self.renewed();
        }
        for place in self.counted..heads.len() {
            let sentiment = heads.get(place).and_then(|head| head.sentiment);
            let [all, negative, positive] = &mut self.counts;
            *all += usize::from(sentiment.is_some());
            *negative += usize::from(sentiment == Some(Sentiment::Negative));
            *positive += usize::from(sentiment == Some(Sentiment::Positive));
        }
        self.counted = heads.len();
    }

    /// When another message was selected, the list goes to its entry.
    fn follow(&mut self, place: Option<usize>) {
        if self.followed == place {
            return;
        }
        self.followed = place;
        let place = place.and_then(|place| u32::try_from(place).ok());
        if let Some(at) = place.and_then(|place| self.sift.passing.binary_search(&place).ok()) {
            self.selected = at;
        }
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

/// The colour of a sentiment.
pub fn style(sentiment: Sentiment) -> Role {
    match sentiment {
        Sentiment::Positive => Role::Ok,
        Sentiment::Negative => Role::Error,
        Sentiment::Other => Role::Warn,
    }
}

/// The words of a feedback; that there are none is said, too.
pub fn words(feedback: &Feedback) -> &str {
    if feedback.description.is_empty() { "(no words)" } else { &feedback.description }
}

impl App {
    /// Where the parts of the tab are.
    pub fn feedback_areas(&self) -> FeedbackAreas {
        let inner = self.frame().detail.inner;
        let width = self.text_width();
        let rows = |feedback: &Feedback| 2 + plain(words(feedback), width, Role::Text).len().min(WORDS);
        let own = self.shown().map_or(1, |shown| shown.prepared.message.feedback.iter().map(rows).sum());
        layout::feedback_split(inner, own)
    }

    /// Finds the messages with feedback, reads those in view, and lays out the turn of the selected one; returns whether
    /// there is more to do.
    pub(super) fn prepare_feedback(&mut self) -> bool {
        let areas = self.feedback_areas();
        let page = page_of(&areas);
        let Some(thread) = self.shown_thread() else { return false };
        let Some(provider) = thread.provider() else { return false };
        let heads = thread.heads.clone();
        let here = self.place_of(self.list.selected);
        let view = &mut self.detail.feedback;
        view.count(&heads);
        let more = view.sift.step(&heads, provider);
        view.follow(here);
        let len = view.sift.passing.len();
        view.selected = view.selected.min(len.saturating_sub(1));
        view.offset = scroll::into_view(view.selected, view.offset, page, len);
        if view.read.len() > KEPT {
            view.read.clear();
        }
        let in_view: Vec<u32> = view.sift.passing.iter().skip(view.offset).take(page).copied().collect();
        for place in in_view {
            if let Some(head) = heads.get(place as usize) {
                view.read.entry(place).or_insert_with(|| provider.feedback(head.raw.bytes()));
            }
        }
        self.prepare_turn(usize::from(areas.turn.width).saturating_sub(GUTTER), &heads);
        more
    }

    fn prepare_turn(&mut self, width: usize, heads: &Heads) {
        let view = &self.detail.feedback;
        let place = view.sift.passing.get(view.selected).copied().filter(|_| width > 0);
        let Some(place) = place else {
            self.detail.feedback.turn = None;
            return;
        };
        if view.turn.as_ref().is_some_and(|turn| (turn.place, turn.width) == (place, width)) {
            return;
        }
        let Some(head) = heads.get(place as usize) else { return };
        let document = self.turn_document(place, head, width);
        self.detail.feedback.turn = Some(Turn { place, width, document, offset: 0 });
    }

    /// What was said about a turn, then the turn.
    fn turn_document(&self, place: u32, head: &Head, width: usize) -> Document {
        let mut sections: Vec<Section> =
            self.detail.feedback.of(place).iter().map(|one| self.said(one, width)).collect();
        sections.push(Section::text(Body::Lines(vec![Line::default()]), Role::Dim));
        let provider = self.shown_thread().and_then(|thread| thread.provider());
        match provider.filter(|_| head.raw.len() <= super::INLINE) {
            Some(provider) => {
                let message = provider.message(head.raw.bytes());
                let text = compose::message(&message, head.raw.bytes(), width, self.prefs.hidden);
                sections.extend(text.sections().iter().cloned());
            }
            None => {
                let text = json::decode_prefix(head.raw.piece(head.preview), BEGINNING);
                sections.push(Section::text(Body::Lines(plain(&text, width, Role::Text)), Role::Dim));
            }
        }
        Document::new(sections)
    }

    fn said(&self, feedback: &Feedback, width: usize) -> Section {
        let style = style(feedback.sentiment);
        let sentiment = Safe::line(&feedback.sentiment_text);
        let title = Line {
            spans: vec![
                Run::new(&format!("{} {}", thumb(feedback.sentiment), sentiment.as_str()), style),
                Run::new(&format!("  {}", self.when(feedback)), Role::Dim),
            ],
        };
        Section::headed(title, Body::Lines(plain(words(feedback), width, Role::Text)), style)
    }

    /// When feedback was given: the time and how long ago that is.
    pub fn when(&self, feedback: &Feedback) -> String {
        match feedback.created_at {
            Some(at) => format!("{}  ({})", time::full(at, &self.prefs.zone), number::age(at, self.now)),
            None => Safe::line(&feedback.created_text).as_str().to_owned(),
        }
    }

    /// A motion over the thread's feedback.
    pub(super) fn move_in_feedback(&mut self, action: Action, count: Option<usize>) {
        let page = page_of(&self.feedback_areas());
        let view = &mut self.detail.feedback;
        if let Some(to) = scroll::target(action, count, view.selected, view.sift.passing.len(), page) {
            view.selected = to;
        }
    }

    /// Scrolls the turn beside the list.
    pub(super) fn scroll_turn(&mut self, action: Action, count: Option<usize>) {
        let page = usize::from(self.feedback_areas().turn.height);
        let Some(turn) = self.detail.feedback.turn.as_mut() else { return };
        let positions = turn.document.len().saturating_sub(page) + 1;
        let at = turn.offset.min(positions - 1);
        turn.offset = scroll::target(action, count, at, positions, page).unwrap_or(at);
    }

    /// Goes to the message that the selected feedback is about.
    pub(super) fn go_to_feedback(&mut self) {
        let view = &self.detail.feedback;
        let Some(place) = view.sift.passing.get(view.selected).copied() else { return };
        if self.select_place(place as usize) {
            self.detail.tab = super::Tab::Message;
            self.focus = Pane::Messages;
        } else {
            self.say("the filter hides this message");
        }
    }

    /// The kinds of feedback with their numbers, as the line above the list has them.
    pub fn feedback_labels(&self) -> [(Kind, String); 4] {
        let [all, negative, positive] = self.detail.feedback.counts;
        Kind::ALL.map(|kind| {
            let label = match kind {
                Kind::All => format!("All {all}"),
                Kind::Negative => format!("▼ {negative}"),
                Kind::Positive => format!("▲ {positive}"),
                Kind::Words => "with text".to_owned(),
            };
            (kind, label)
        })
    }

    /// Lists the next or previous kind.
    pub(super) fn turn_kind(&mut self, direction: Direction) {
        let step = match direction {
            Direction::Forward => 1,
            Direction::Backward => Kind::ALL.len() - 1,
        };
        let sift = &mut self.detail.feedback.sift;
        let next = Kind::ALL.get((sift.kind as usize + step) % Kind::ALL.len());
        sift.set_kind(next.copied().unwrap_or_default());
        self.detail.feedback.selected = 0;
    }

    /// Asks for a phrase that the listed feedback must have.
    pub(in crate::app) fn ask_phrase(&mut self) {
        self.prompt = Some(Prompt::new(Purpose::Feedback, &self.detail.feedback.sift.typed));
    }

    /// Lists the feedback that has this phrase; an empty one lists all.
    pub(in crate::app) fn list_feedback_with(&mut self, typed: &str) {
        let finder = match typed {
            "" => None,
            typed => match Finder::new(&Query::new(typed)) {
                Ok(finder) => Some(finder),
                Err(error) => return self.warn(error.to_string()),
            },
        };
        self.detail.feedback.sift.set_phrase(typed, finder);
        self.detail.feedback.selected = 0;
    }

    /// A click in the tab: a kind, or an entry; a second one on the entry goes there.
    pub(super) fn click_feedback(&mut self, row: u16, column: u16) {
        let (areas, inner) = (self.feedback_areas(), self.frame().detail.inner);
        let (x, y) = (inner.x.saturating_add(column), inner.y.saturating_add(row));
        if y == areas.bar.y && areas.bar.height > 0 {
            return self.click_kind(usize::from(column));
        }
        if !areas.list.contains((x, y).into()) {
            return;
        }
        let view = &mut self.detail.feedback;
        let at = view.offset + usize::from(y - areas.list.y) / ENTRY;
        if at >= view.sift.passing.len() {
            return;
        }
        if view.selected == at {
            self.go_to_feedback();
        } else {
            view.selected = at;
        }
    }

    fn click_kind(&mut self, column: usize) {
        let mut at = 0;
        for (kind, label) in self.feedback_labels() {
            let width = label.chars().count();
            if column >= at && column < at + width {
                self.detail.feedback.sift.set_kind(kind);
                self.detail.feedback.selected = 0;
            }
            at += width + 3;
        }
    }

    /// Whether this cell of the detail pane belongs to the turn beside the list.
    pub(super) fn is_on_turn(&self, row: u16, column: u16) -> bool {
        let inner = self.frame().detail.inner;
        let cell = (inner.x.saturating_add(column), inner.y.saturating_add(row));
        self.feedback_areas().turn.contains(cell.into())
    }
}

/// Entries of the list that fit.
fn page_of(areas: &FeedbackAreas) -> usize {
    (usize::from(areas.list.height) / ENTRY).max(1)
}

#[cfg(test)]
mod tests;
