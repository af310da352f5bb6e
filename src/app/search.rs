//! The search over the whole thread: what is looked for, which messages hit, and going from hit to hit. The bytes are
//! searched by a task; its findings stream in.

use std::collections::BTreeMap;

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects};
use crate::domain::{MessageKey, SearchId};
use crate::effect::Effect;
use crate::event::SearchResults;
use crate::layout::{Direction, Pane};
use crate::search::{Finder, Query};
use crate::view::search_hits::{self, Hit};

/// A search and what it found.
#[derive(Clone, Debug)]
pub struct Search {
    pub id: SearchId,
    pub typed: String,
    pub finder: Finder,
    /// Hits per message, by its place in the thread.
    pub hits: BTreeMap<u32, u32>,
    /// Messages looked through, of so many.
    pub searched_messages: usize,
    pub total_messages: usize,
    /// Go to the first hit from here on as soon as it is known.
    pending_jump: Option<Direction>,
    /// Where to land in the selected message once it is prepared.
    land_on: Option<LandOn>,
    /// The hits of the message that was landed in, and which of them is current.
    pub message_hits: MessageHits,
}

/// Which hit of a message to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LandOn {
    First,
    Last,
}

/// The hits inside one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageHits {
    pub key: Option<MessageKey>,
    pub hits: Vec<Hit>,
    pub current: usize,
}

impl Search {
    /// Whether every message was looked through.
    pub fn is_done(&self) -> bool {
        self.searched_messages >= self.total_messages
    }

    /// Hits in all.
    pub fn total_hits(&self) -> u64 {
        self.hits.values().map(|count| u64::from(*count)).sum()
    }
}

impl App {
    /// Search actions.
    pub(super) fn perform_search(&mut self, action: Action, count: Option<usize>) -> Effects {
        match action {
            Action::Search => {
                if self.shown_thread().is_some() {
                    self.prompt = Some(Prompt::new(Purpose::Search, ""));
                }
                Vec::new()
            }
            Action::SearchNext => self.go_to_hit(Direction::Forward, count),
            Action::SearchPrevious => self.go_to_hit(Direction::Backward, count),
            _ => Vec::new(),
        }
    }

    /// Starts a search; an earlier one is given up.
    pub(super) fn start_search(&mut self, typed: &str) -> Effects {
        if typed.is_empty() {
            return self.repeat_search();
        }
        let finder = match Finder::new(&Query::new(typed)) {
            Ok(finder) => finder,
            Err(error) => {
                self.warn(error.to_string());
                return Vec::new();
            }
        };
        let id = SearchId(self.search.as_ref().map_or(self.last_search_id, |find| find.id.0) + 1);
        self.last_search_id = id.0;
        let Some(thread) = self.shown_thread() else { return Vec::new() };
        let heads = thread.summaries.clone();
        let from = self.thread_index_at(self.list.selected).unwrap_or(0);
        self.search = Some(Search {
            id,
            typed: typed.to_owned(),
            finder: finder.clone(),
            hits: BTreeMap::new(),
            searched_messages: 0,
            total_messages: heads.len(),
            pending_jump: Some(Direction::Forward),
            land_on: None,
            message_hits: MessageHits::default(),
        });
        vec![Effect::Search { id, summaries: heads, finder, from }]
    }

    /// Searches again for the same: after the thread grew or was replaced.
    pub(super) fn restart_search(&mut self) -> Effects {
        let Some(typed) = self.search.as_ref().map(|find| find.typed.clone()) else { return Vec::new() };
        let effects = self.start_search(&typed);
        if let Some(find) = self.search.as_mut() {
            find.pending_jump = None;
        }
        effects
    }

    fn repeat_search(&mut self) -> Effects {
        if self.search.is_some() { self.go_to_hit(Direction::Forward, None) } else { Vec::new() }
    }

    /// Ends the search and its marks.
    pub(super) fn end_search(&mut self) -> Effects {
        let Some(find) = self.search.take() else { return Vec::new() };
        self.last_search_id = find.id.0;
        if find.is_done() { Vec::new() } else { vec![Effect::StopSearch(find.id)] }
    }

    /// Takes in findings of the search under way; those of an older one are dropped.
    pub(super) fn on_search_results(&mut self, findings: SearchResults) -> Effects {
        let Some(find) = self.search.as_mut().filter(|find| find.id == findings.id) else {
            return Vec::new();
        };
        find.hits.extend(findings.hits);
        find.searched_messages = findings.searched;
        if let Some(direction) = find.pending_jump {
            self.jump_to_first_hit(direction);
        }
        if let Some(find) = self.search.as_ref().filter(|find| find.is_done() && find.hits.is_empty()) {
            let text = format!("{} is nowhere in this thread", find.typed);
            self.warn(text);
        }
        Vec::new()
    }

    /// Findings stream in from the selected message on, so the first ones are the nearest.
    fn jump_to_first_hit(&mut self, direction: Direction) {
        let from =
            self.thread_index_at(self.list.selected).and_then(|place| u32::try_from(place).ok()).unwrap_or(0);
        let Some(find) = self.search.as_mut() else { return };
        let here = match direction {
            Direction::Forward => find.hits.range(from..).next().or_else(|| find.hits.iter().next()),
            Direction::Backward => {
                find.hits.range(..=from).next_back().or_else(|| find.hits.iter().next_back())
            }
        };
        if let Some(place) = here.map(|(place, _)| *place) {
            find.pending_jump = None;
            find.land_on = Some(LandOn::First);
            self.select_thread_index(place as usize);
        }
    }

    fn go_to_hit(&mut self, direction: Direction, count: Option<usize>) -> Effects {
        let here =
            self.thread_index_at(self.list.selected).and_then(|place| u32::try_from(place).ok()).unwrap_or(0);
        if self.step_to_hit_in_message(direction, count) {
            return Vec::new();
        }
        let Some(find) = self.search.as_mut() else {
            self.notify("nothing was searched for yet: / begins a search");
            return Vec::new();
        };
        let mut at = here;
        let mut wrapped = false;
        find.land_on = Some(match direction {
            Direction::Forward => LandOn::First,
            Direction::Backward => LandOn::Last,
        });
        for _ in 0..count.unwrap_or(1) {
            let next = match direction {
                Direction::Forward => find.hits.range(at.saturating_add(1)..).next(),
                Direction::Backward => find.hits.range(..at).next_back(),
            };
            let around = match direction {
                Direction::Forward => find.hits.iter().next(),
                Direction::Backward => find.hits.iter().next_back(),
            };
            wrapped |= next.is_none();
            let Some((place, _)) = next.or(around) else { break };
            at = *place;
        }
        if find.hits.is_empty() {
            let text = if find.is_done() { "no hits" } else { "no hits yet" };
            self.notify(text);
        } else if self.select_thread_index(at as usize) {
            if wrapped {
                self.notify("search: on from the other end");
            }
        } else {
            self.notify("the next hit is hidden by the filter");
        }
        Vec::new()
    }

    /// Goes to another hit of the same message; returns whether there was one.
    fn step_to_hit_in_message(&mut self, direction: Direction, count: Option<usize>) -> bool {
        let key = self.selected_key();
        let Some(find) = self
            .search
            .as_mut()
            .filter(|find| find.message_hits.key.is_some() && find.message_hits.key == key)
        else {
            return false;
        };
        let times = count.unwrap_or(1);
        let next = match direction {
            Direction::Forward => {
                Some(find.message_hits.current + times).filter(|at| *at < find.message_hits.hits.len())
            }
            Direction::Backward => find.message_hits.current.checked_sub(times),
        };
        let Some(hit) = next.and_then(|at| find.message_hits.hits.get(at).copied()) else { return false };
        find.message_hits.current = next.unwrap_or(0);
        self.show_hit(hit);
        true
    }

    /// Once the message to land in is prepared: finds its hits and shows the one that was asked for.
    pub(super) fn show_pending_hit(&mut self) {
        let Some(landing) = self.search.as_ref().and_then(|find| find.land_on) else { return };
        let Some(shown) = self.message_state() else { return };
        let Some(find) = self.search.as_ref() else { return };
        let key = shown.key;
        let hits = search_hits::in_message(shown, &find.finder);
        let at = match landing {
            LandOn::First => 0,
            LandOn::Last => hits.len().saturating_sub(1),
        };
        let hit = hits.get(at).copied();
        if let Some(find) = self.search.as_mut() {
            find.land_on = None;
            find.message_hits = MessageHits { key: Some(key), hits, current: at };
        }
        if let Some(hit) = hit {
            self.show_hit(hit);
        }
    }

    /// Brings a hit into view: the tab, the fold, the row.
    fn show_hit(&mut self, hit: Hit) {
        let page = self.detail_height();
        self.detail.tab = match hit {
            Hit::Text { .. } => Tab::Message,
            Hit::Span { .. } | Hit::Payload { .. } => Tab::Spans,
            Hit::Feedback => Tab::Feedback,
            Hit::Raw { .. } => Tab::Raw,
        };
        if self.focus == Pane::Payload && !matches!(hit, Hit::Payload { .. }) {
            self.focus = Pane::Detail;
        }
        let Some(shown) = self.message_state_mut() else { return };
        match hit {
            Hit::Text { section, line } => {
                let row = shown.text.reveal(section, line);
                let seen = row >= shown.text_offset && row < shown.text_offset + page;
                if !seen {
                    shown.text_offset = row.saturating_sub(page / 3);
                }
            }
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

    /// Hits of the message at this place of the thread.
    pub fn hits_at(&self, place: usize) -> u32 {
        let hits = self.search.as_ref().and_then(|find| find.hits.get(&u32::try_from(place).ok()?));
        hits.copied().unwrap_or(0)
    }

    /// Hits in a span of the selected message, once they were looked for there.
    pub fn hits_in_span(&self, node: u32) -> usize {
        let Some(find) = self.search.as_ref() else { return 0 };
        if find.message_hits.key.is_none() || find.message_hits.key != self.selected_key() {
            return 0;
        }
        let of_node = |hit: &&Hit| match hit {
            Hit::Span { node: one } | Hit::Payload { node: one, .. } => *one == node,
            Hit::Text { .. } | Hit::Feedback | Hit::Raw { .. } => false,
        };
        find.message_hits.hits.iter().filter(of_node).count()
    }

    /// A remark in the title of the list: hits, and how far the search is.
    pub fn list_status(&self) -> Option<String> {
        let Some(find) = self.search.as_ref() else { return self.filter_status() };
        let progress = if find.is_done() {
            String::new()
        } else {
            format!(" {}%", find.searched_messages.saturating_mul(100) / find.total_messages.max(1))
        };
        let typed: String = crate::text::Safe::line(&find.typed).as_str().chars().take(24).collect();
        Some(format!("{} in {}{progress} /{typed} ", find.total_hits(), find.hits.len()))
    }
}
