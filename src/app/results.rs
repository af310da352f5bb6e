//! The page of all hits of the search, in the messages that match the filter. Its rows are counted, not built: only the
//! lines near the screen are read, by a task. Drawn by `ui/results`.

use std::ops::Range;

use crate::action::Action;
use crate::app::messages::MessageList;
use crate::app::pending_navigation::PendingNavigation;
use crate::app::search::Search;
use crate::app::{App, Effects, Overlay};
use crate::effect::Effect;
use crate::layout::Direction;
use crate::view::hit_lines::{HitLine, HitLines, HitListVersion, HitRequest};

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub struct ResultsPage {
    pub selected: usize,
    /// The first visible row.
    pub offset: usize,
    /// The first row of each message with hits, and its thread index.
    messages: Vec<(usize, u32)>,
    /// The number of rows.
    pub len: usize,
    /// The number of hits in messages that the filter hides.
    pub hidden: usize,
    /// The search and the filter when the rows were counted.
    counted: Option<HitListVersion>,
    /// The rows that were requested last.
    requested: Range<usize>,
    /// The row of the first loaded line.
    first_read: usize,
    lines: Vec<HitLine>,
}

impl ResultsPage {
    /// Counts the rows once for every part of the results and every filter.
    fn count(&mut self, search: &Search, list: &MessageList) {
        let filter = match &list.filter {
            // Until its result arrives, the messages are those of the previous filter.
            Some(active) => active.applied().or(self.counted.and_then(|counted| counted.filter)),
            None => None,
        };
        let version = HitListVersion { search: search.id, searched: search.searched_messages, filter };
        if self.counted == Some(version) {
            return;
        }
        let selected = self.message_at(self.selected);
        *self = Self { offset: self.offset, counted: Some(version), ..Self::default() };
        let matching = list.matching.as_deref();
        for (index, count) in &search.hits {
            if matching.is_none_or(|matching| matching.binary_search(index).is_ok()) {
                self.messages.push((self.len, *index));
                self.len += *count as usize;
            } else {
                self.hidden += *count as usize;
            }
        }
        if let Some((index, hit)) = selected {
            self.selected = self.first_row_of(index) + hit;
        }
        self.selected = self.selected.min(self.len.saturating_sub(1));
    }

    /// Returns the first row of a message, or of the next one with hits.
    fn first_row_of(&self, index: u32) -> usize {
        let at = self.messages.partition_point(|(_, other)| *other < index);
        self.messages.get(at).or(self.messages.last()).map_or(0, |(row, _)| *row)
    }

    /// Returns the thread index of the message in a row, and the number of the hit in it, from 0.
    pub fn message_at(&self, row: usize) -> Option<(u32, usize)> {
        let after = self.messages.partition_point(|(first, _)| *first <= row);
        let (first, index) = self.messages.get(after.checked_sub(1)?)?;
        (row < self.len).then_some((*index, row - first))
    }

    /// Returns the line of a row, once loaded.
    pub fn line(&self, row: usize) -> Option<&HitLine> {
        self.lines.get(row.checked_sub(self.first_read)?)
    }
}

impl App {
    /// Shows all hits of the search, from the selected message on.
    pub(super) fn show_results(&mut self) {
        let Some(search) = self.search.as_ref() else {
            return self.notify("No search yet; press /");
        };
        let mut page = ResultsPage::default();
        page.count(search, &self.list);
        if page.len + page.hidden == 0 {
            return self.notify(if search.is_done() { "No hits" } else { "No hits yet" });
        }
        page.selected = page.first_row_of(self.shown().selected_thread_index().unwrap_or(0));
        self.overlay = Some(Overlay::Results(Box::new(page)));
    }

    /// Counts the rows of the page, and requests the lines around the screen unless they were read or requested.
    pub(super) fn request_hit_lines(&mut self) -> Option<Effect> {
        let Some(Overlay::Results(page)) = self.overlay.as_mut() else { return None };
        let search = self.search.as_ref()?;
        page.count(search, &self.list);
        let list = self.overlay_list()?;
        let height = usize::from(list.area.height);
        let in_view = list.offset..(list.offset + height).min(list.len);
        let Some(Overlay::Results(page)) = self.overlay.as_mut() else { return None };
        if in_view.start >= page.requested.start && in_view.end <= page.requested.end {
            return None;
        }
        let wanted = in_view.start.saturating_sub(height)..(in_view.end + height).min(page.len);
        page.requested = wanted.clone();
        let search = self.search.as_ref()?;
        let thread = self.loading.shown_thread()?;
        let mut messages = Vec::new();
        let mut row = wanted.start;
        while let Some((index, hit)) = page.message_at(row).filter(|_| row < wanted.end) {
            let in_message = search.hits.get(&index).map_or(0, |count| *count as usize);
            let count = in_message.saturating_sub(hit).clamp(1, wanted.end - row);
            messages.push((thread.summaries.get(index as usize)?.raw.clone(), hit..hit + count));
            row += count;
        }
        let request = HitRequest {
            version: page.counted?,
            finder: search.finder.clone(),
            service: thread.service?,
            rows: wanted,
            messages,
        };
        Some(Effect::ReadHits(Box::new(request)))
    }

    /// Fills the page; lines of an earlier request are dropped.
    pub(super) fn on_hits_read(&mut self, hits: HitLines) {
        if let Some(Overlay::Results(page)) = self.overlay.as_mut()
            && page.counted == Some(hits.version)
            && page.requested == hits.rows
        {
            (page.first_read, page.lines) = (hits.rows.start, hits.lines);
        }
    }

    /// Handles a key: Enter goes to the selected hit; the filter of the list narrows the page, too.
    pub(super) fn perform_in_results(&mut self, page: Box<ResultsPage>, action: Action) -> Effects {
        if action == Action::Filter {
            self.overlay = Some(Overlay::Results(page));
            self.open_list_filter_prompt();
            return Vec::new();
        }
        let target = page.message_at(page.selected).filter(|_| action == Action::Enter);
        let Some((index, _)) = target else {
            self.overlay = Some(Overlay::Results(page));
            return Vec::new();
        };
        self.panes().select_thread_index(index as usize);
        let offset = page.line(page.selected).and_then(|line| line.offset);
        self.detail.pending_navigation =
            Some(offset.map_or(PendingNavigation::Hit(Direction::Forward), PendingNavigation::HitAt));
        Vec::new()
    }
}
