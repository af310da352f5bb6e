//! The search through the whole thread: the query, the messages with hits, and the motions between hits. A task searches
//! the bytes; its results stream in.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::detail::{MAX_INLINE_BYTES, Tab};
use crate::app::messages::{Chip, ChipKind};
use crate::app::panes::{Panes, Shown};
use crate::app::pending_navigation::PendingNavigation;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::{MessageKey, SearchId};
use crate::effect::Effect;
use crate::event::SearchResults;
use crate::layout::{Direction, Pane};
use crate::search::{Finder, Query};
use crate::text::Safe;
use crate::view::search_hits::{Hit, HitJob, HitResult, HitTarget};

/// A search and its results so far.
#[derive(Clone, Debug)]
pub struct Search {
    pub id: SearchId,
    pub typed: String,
    pub finder: Finder,
    /// The number of hits per message, by thread index.
    pub hits: BTreeMap<u32, u32>,
    pub searched_messages: usize,
    pub total_messages: usize,
    /// Whether the first result selects its message.
    jumps_to_first_hit: bool,
    /// The hits of the message that the last jump went to.
    pub message_hits: Option<MessageHits>,
    /// The message in which a task finds the hits.
    pending_message: Option<MessageKey>,
}

/// The hits in one message, and the current one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHits {
    key: MessageKey,
    hits: Vec<Hit>,
    current: usize,
}

impl Search {
    fn new(id: SearchId, typed: &str, finder: Finder, total_messages: usize) -> Self {
        Self {
            id,
            typed: typed.to_owned(),
            finder,
            hits: BTreeMap::new(),
            searched_messages: 0,
            total_messages,
            jumps_to_first_hit: true,
            message_hits: None,
            pending_message: None,
        }
    }

    /// Returns whether all messages have been searched.
    pub fn is_done(&self) -> bool {
        self.searched_messages >= self.total_messages
    }

    /// Returns whether no hit was found yet, but may be.
    pub fn is_awaiting_hit(&self) -> bool {
        self.jumps_to_first_hit && !self.is_done()
    }

    /// Returns the number of hits in all messages.
    pub fn total_hits(&self) -> u64 {
        self.hits.values().map(|count| u64::from(*count)).sum()
    }

    /// Returns the message with hits that is `count` steps away, by thread index, and whether the search wrapped around.
    fn step_to_message(&self, from: u32, direction: Direction, count: usize) -> Option<(u32, bool)> {
        let mut index = from;
        let mut wrapped = false;
        for _ in 0..count {
            let (next, around) = match direction {
                Direction::Forward => {
                    (self.hits.range(index.saturating_add(1)..).next(), self.hits.first_key_value())
                }
                Direction::Backward => (self.hits.range(..index).next_back(), self.hits.last_key_value()),
            };
            wrapped |= next.is_none();
            (index, _) = next.or(around).map(|(index, count)| (*index, *count))?;
        }
        Some((index, wrapped))
    }

    /// Returns the hits of a message, if a jump went there.
    fn hits_of(&mut self, key: Option<MessageKey>) -> Option<&mut MessageHits> {
        self.message_hits.as_mut().filter(|hits| Some(hits.key) == key)
    }

    /// Returns the number of the current hit among all hits, from 1; `None` before a jump.
    fn current_hit(&self, index: u32, key: Option<MessageKey>) -> Option<u64> {
        let hits = self.message_hits.as_ref().filter(|hits| Some(hits.key) == key)?;
        let before: u64 = self.hits.range(..index).map(|(_, count)| u64::from(*count)).sum();
        // The raw JSON can have more hits than the views of the message, and vice versa.
        let here = u64::from(self.hits.get(&index).copied().unwrap_or(0));
        Some(before + (hits.current as u64 + 1).min(here.max(1)))
    }
}

impl MessageHits {
    /// Moves to the hit `count` steps away, if there is one.
    fn step(&mut self, direction: Direction, count: usize) -> Option<Hit> {
        let next = match direction {
            Direction::Forward => self.current.checked_add(count),
            Direction::Backward => self.current.checked_sub(count),
        };
        let (next, hit) = next.and_then(|next| Some((next, *self.hits.get(next)?)))?;
        self.current = next;
        Some(hit)
    }
}

impl App {
    /// Opens the search prompt.
    pub(super) fn open_search_prompt(&mut self) {
        if self.loading.shown_thread().is_some() {
            self.prompt = Some(Prompt::new(Purpose::Search, ""));
        }
    }
}

impl Panes<'_> {
    /// Starts a search; without a query, goes to the next hit of the current one.
    pub(super) fn start_search(&mut self, typed: &str) -> Effects {
        if typed.is_empty() {
            if self.search.is_some() {
                self.go_to_hit(Direction::Forward, None);
            }
            return Vec::new();
        }
        let finder = match Finder::new(&Query::new(typed)) {
            Ok(finder) => finder,
            Err(error) => {
                self.warn(error.to_string());
                return Vec::new();
            }
        };
        let Some(summaries) = self.thread.map(|thread| thread.summaries.clone()) else {
            return Vec::new();
        };
        let from = self.shown().thread_index_at(self.list.selected).unwrap_or(0);
        let id = self.ids.next_search();
        *self.search = Some(Search::new(id, typed, finder.clone(), summaries.len()));
        vec![Effect::Search { id, summaries, finder, from }]
    }

    /// Repeats the search after the thread has grown or been replaced.
    pub(super) fn restart_search(&mut self) -> Effects {
        let typed = self.search.as_ref().map(|search| search.typed.clone());
        typed.map_or_else(Vec::new, |typed| self.search_in_place(&typed))
    }

    /// Starts a search without moving the selection.
    pub(super) fn search_in_place(&mut self, typed: &str) -> Effects {
        let effects = self.start_search(typed);
        if let Some(search) = self.search.as_mut() {
            search.jumps_to_first_hit = false;
        }
        effects
    }

    /// Ends the search and its highlights.
    pub(super) fn end_search(&mut self) -> Effects {
        match self.search.take() {
            Some(search) if !search.is_done() => vec![Effect::StopSearch],
            Some(_) | None => Vec::new(),
        }
    }

    /// Adds results of the current search; drops those of an older one.
    pub(super) fn on_search_results(&mut self, results: SearchResults) {
        let Some(search) = self.search.as_mut().filter(|search| search.id == results.id) else { return };
        search.hits.extend(results.hits);
        search.searched_messages = results.searched;
        if search.is_done() && search.hits.is_empty() {
            self.search_shown_message();
        } else if search.jumps_to_first_hit {
            self.jump_to_first_hit();
        }
    }

    /// Searches the shown message for words that only the screen has, such as titles and formatted numbers, before it
    /// reports that no message contains the text.
    fn search_shown_message(&mut self) {
        self.go_to_hit_of_message(HitTarget::First);
        if self.search.as_ref().is_some_and(|search| search.pending_message.is_none()) {
            self.count_shown_hits();
        }
    }

    /// Counts the hits that only the screen has; without any, reports that no message contains the text.
    fn count_shown_hits(&mut self) {
        let index = self.shown().selected_thread_index();
        let Some(search) = self.search.as_mut() else { return };
        let hits = search.message_hits.as_ref().map_or(0, |shown| shown.hits.len());
        match index.filter(|_| hits > 0) {
            Some(index) => {
                search.jumps_to_first_hit = false;
                search.hits.insert(index, u32::try_from(hits).unwrap_or(u32::MAX));
            }
            None => {
                let text = format!("No message contains \"{}\"", search.typed);
                self.warn(text);
            }
        }
    }

    /// Selects the first message with hits at or after the selected one. The search starts there, so the first results
    /// are the nearest.
    fn jump_to_first_hit(&mut self) {
        let from = self.shown().selected_thread_index().unwrap_or(0);
        let Some(search) = self.search.as_mut() else { return };
        let nearest = search.hits.range(from..).next().or_else(|| search.hits.first_key_value());
        if let Some(index) = nearest.map(|(index, _)| *index) {
            search.jumps_to_first_hit = false;
            self.detail.pending_navigation = Some(PendingNavigation::Hit(Direction::Forward));
            self.select_thread_index(index as usize);
        }
    }

    /// Goes to another hit: of the selected message first, then of other messages.
    pub(super) fn go_to_hit(&mut self, direction: Direction, count: Option<usize>) {
        let from = self.shown().selected_thread_index().unwrap_or(0);
        let key = self.shown().selected_key();
        let count = count.unwrap_or(1);
        let Some(search) = self.search.as_mut() else {
            return self.notify("No search yet; press /");
        };
        if let Some(hit) = search.hits_of(key).and_then(|hits| hits.step(direction, count)) {
            return self.show_hit(hit);
        }
        if search.pending_message.is_some() && search.pending_message == key {
            return self.notify("Still searching this message");
        }
        let is_done = search.is_done();
        let Some((index, wrapped)) = search.step_to_message(from, direction, count) else {
            return self.notify(if is_done { "No hits" } else { "No hits yet" });
        };
        if !self.select_thread_index(index as usize) {
            return self.notify("The filter hides the next hit");
        }
        self.detail.pending_navigation = Some(PendingNavigation::Hit(direction));
        if wrapped {
            self.notify("Search wrapped");
        }
    }

    /// Finds the hits of the selected message and goes to one of them: at once if the message is small, else by a task.
    pub(super) fn go_to_hit_of_message(&mut self, target: HitTarget) {
        let Some((shown, search)) = self.shown().message_state().zip(self.search.as_ref()) else { return };
        let job = HitJob {
            search: search.id,
            message: shown.key,
            raw: shown.raw.clone(),
            view: Arc::clone(&shown.view),
            text: shown.text.document.clone(),
            finder: search.finder.clone(),
            target,
        };
        if shown.raw.len() <= MAX_INLINE_BYTES {
            return self.show_found_hits(job.run());
        }
        if let Some(search) = self.search.as_mut() {
            search.pending_message = Some(job.message);
        }
        self.detail.hit_jobs.push(job);
    }

    /// Goes to the hit that a task found, unless another search or another message was chosen meanwhile.
    pub(super) fn on_hits_found(&mut self, found: HitResult) {
        let key = self.shown().selected_key();
        let Some(search) = self.search.as_mut().filter(|search| search.id == found.search) else { return };
        search.pending_message.take_if(|pending| *pending == found.message);
        let has_no_hits = search.is_done() && search.hits.is_empty();
        if key == Some(found.message) {
            self.show_found_hits(found);
        }
        if has_no_hits {
            self.count_shown_hits();
        }
    }

    fn show_found_hits(&mut self, found: HitResult) {
        let hit = found.hits.get(found.target).copied();
        if let Some(search) = self.search.as_mut() {
            let (key, hits, current) = (found.message, found.hits, found.target);
            search.message_hits = Some(MessageHits { key, hits, current });
        }
        if let Some(hit) = hit {
            self.show_hit(hit);
        }
    }

    /// Brings a hit into view: its tab, its fold and its row.
    fn show_hit(&mut self, hit: Hit) {
        let page = self.shown().detail_height();
        self.detail.tab = match hit {
            Hit::Text { .. } => Tab::Message,
            Hit::Span { .. } | Hit::Payload { .. } => Tab::Spans,
            Hit::Feedback => Tab::Feedback,
            Hit::Raw { .. } => Tab::Raw,
        };
        if self.screen.focus == Pane::Payload && !matches!(hit, Hit::Payload { .. }) {
            self.screen.focus = Pane::Detail;
        }
        let is_conversation = self.shown().shows_conversation();
        let Some(shown) = self.message_state_mut() else { return };
        match hit {
            Hit::Text { section, line } if is_conversation => {
                let row = shown.text.document.reveal(section, line);
                self.reveal_in_conversation(row);
            }
            Hit::Text { section, line } => shown.text.reveal(section, line, page),
            Hit::Span { node } => shown.spans.select_node(&shown.view.forest, node),
            Hit::Payload { node, part, .. } => {
                shown.spans.select_node(&shown.view.forest, node);
                shown.spans.part = part;
            }
            Hit::Feedback | Hit::Raw { .. } => {}
        }
        self.prepare_tab();
        match hit {
            Hit::Payload { offset, .. } => self.reveal_in_payload(offset),
            Hit::Raw { offset } => {
                if let Some(tree) = self.message_state_mut().and_then(|shown| shown.json.as_mut()) {
                    tree.reveal(offset);
                }
            }
            Hit::Text { .. } | Hit::Span { .. } | Hit::Feedback => {}
        }
        self.prepare_tab();
    }
}

impl<'a> Shown<'a> {
    /// Returns the number of hits in the message with this thread index.
    pub fn hits_at(self, index: usize) -> u32 {
        let hits = self.search.as_ref().and_then(|search| search.hits.get(&u32::try_from(index).ok()?));
        hits.copied().unwrap_or(0)
    }

    /// Returns the number of hits in a span of the selected message, if a jump went there.
    pub fn hits_in_span(self, node: u32) -> usize {
        let hits = self.search.as_ref().and_then(|search| search.message_hits.as_ref());
        let Some(hits) = hits.filter(|hits| Some(hits.key) == self.selected_key()) else { return 0 };
        let is_in_span = |hit: &&Hit| match hit {
            Hit::Span { node: other } | Hit::Payload { node: other, .. } => *other == node,
            Hit::Text { .. } | Hit::Feedback | Hit::Raw { .. } => false,
        };
        hits.hits.iter().filter(is_in_span).count()
    }

    /// Returns the query and the counts for the title of the list: `/warranty` and `3/16`, with the progress while it runs.
    pub(super) fn search_chip(self) -> Option<Chip> {
        let search = self.search.as_ref()?;
        let index = self.selected_thread_index().unwrap_or(0);
        let current = search.current_hit(index, self.selected_key()).filter(|_| search.total_hits() > 0);
        let current = current.map(|hit| format!("{hit}/"));
        let progress = if search.is_done() { String::new() } else { " searching…".to_owned() };
        let counts = format!("{}{}{progress}", current.unwrap_or_default(), search.total_hits());
        let text = format!("/{}", Safe::line(&search.typed).as_str());
        Some(Chip { kind: ChipKind::Search, label: "", text, counts })
    }
}
