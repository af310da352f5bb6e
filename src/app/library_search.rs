//! The page that searches everything in the library while one types. Its hits come from a task. Drawn by
//! `ui/library_search`.

use crate::action::Motion;
use crate::app::deep_link::DeepLink;
use crate::app::help::motion_of;
use crate::app::line_editor::LineEditor;
use crate::app::{App, Effects, Overlay, scroll};
use crate::domain::{SavedSearch, Source, ThreadRef, Timestamp};
use crate::effect::{Effect, LibrarySubject, SearchScope};
use crate::event::{FoundMessage, LibraryResults};
use crate::keymap::{Chord, Key};
use crate::layout::Rect;
use crate::provider;

/// Narrower pages have no preview.
const MIN_PREVIEW_PAGE_COLUMNS: u16 = 140;

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchRow {
    /// The thread of the hits below, by the index of its first hit.
    Thread(usize),
    Hit(usize),
    /// A saved search.
    Saved(usize),
}

/// The state of the page.
#[derive(Clone, Debug)]
pub struct LibrarySearchPage {
    pub query: LineEditor,
    pub scope: SearchScope,
    /// The number of the query whose hits are awaited.
    awaited: u64,
    /// The hits of the last query that was answered.
    pub hits: Vec<FoundMessage>,
    /// That query.
    answered: Option<(String, SearchScope)>,
    /// Without a query, the saved searches.
    pub saved: Vec<SavedSearch>,
    pub rows: Vec<SearchRow>,
    /// The total number of hits, or the progress of the search, as text.
    pub progress: String,
    /// Why there are no hits, in a sentence; empty with hits.
    pub message: String,
    /// Whether the hits are those of the typed query.
    pub is_current: bool,
    /// Whether more hits may arrive.
    pub is_running: bool,
    /// The name under which the query is being saved.
    pub name: Option<LineEditor>,
    /// The selected row: never that of a thread.
    pub selected: usize,
    pub offset: usize,
}

impl Default for LibrarySearchPage {
    fn default() -> Self {
        Self {
            query: LineEditor::new("", SavedSearch::MAX_QUERY_CHARS),
            scope: SearchScope::default(),
            awaited: 0,
            hits: Vec::new(),
            answered: None,
            saved: Vec::new(),
            rows: Vec::new(),
            progress: String::new(),
            message: String::new(),
            is_current: true,
            is_running: false,
            name: None,
            selected: 0,
            offset: 0,
        }
    }
}

/// The areas of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchAreas {
    pub list: Rect,
    /// Empty on narrow pages.
    pub preview: Rect,
}

/// Splits the inside of the page below the line of the query and a blank one.
pub fn areas(inside: Rect) -> SearchAreas {
    let head = inside.height.min(2);
    let below = Rect { y: inside.y + head, height: inside.height - head, ..inside };
    if inside.width < MIN_PREVIEW_PAGE_COLUMNS {
        return SearchAreas { list: below, preview: Rect::default() };
    }
    let preview = below.width * 2 / 5;
    let list = Rect { width: below.width - preview - 2, ..below };
    SearchAreas { list, preview: Rect { x: list.right() + 2, width: preview, ..below } }
}

impl LibrarySearchPage {
    /// The query changed: the hits on the screen are those of an earlier one until new ones arrive.
    fn request(&mut self) -> Effect {
        self.awaited += 1;
        (self.is_current, self.is_running) = (false, true);
        Effect::SearchLibrary { id: self.awaited, text: self.query.text().to_owned(), scope: self.scope }
    }

    fn is_empty(&self) -> bool {
        self.query.text().trim().is_empty()
    }

    /// Shows results: those of another query from the first, those of the same one at the selected hit.
    fn show(&mut self, results: LibraryResults) {
        let query = (self.query.text().to_owned(), self.scope);
        let selected = self.selected_hit().filter(|_| self.answered.as_ref() == Some(&query)).cloned();
        if results.is_continued {
            self.hits.extend(results.hits);
        } else {
            (self.hits, self.saved, self.message) = (results.hits, results.saved, results.message);
            (self.is_current, self.answered) = (true, Some(query));
            if selected.is_none() {
                (self.selected, self.offset) = (0, 0);
            }
        }
        (self.progress, self.is_running) = (results.progress, results.is_running);
        self.rows.clear();
        let mut last: Option<&FoundMessage> = None;
        for (index, hit) in self.hits.iter().enumerate() {
            if last.is_none_or(|last| (&last.service, &last.thread_id) != (&hit.service, &hit.thread_id)) {
                self.rows.push(SearchRow::Thread(index));
            }
            self.rows.push(SearchRow::Hit(index));
            last = Some(hit);
        }
        self.rows.extend((0..self.saved.len()).map(SearchRow::Saved));
        let row = selected.and_then(|selected| self.row_of(&selected)).unwrap_or(self.selected);
        self.selected = self.selectable_row(row.min(self.rows.len().saturating_sub(1)), false);
    }

    /// The row of the same hit.
    fn row_of(&self, hit: &FoundMessage) -> Option<usize> {
        self.rows.iter().position(|row| match row {
            // Messages and spans without an id differ in their text.
            SearchRow::Hit(index) => self.hits.get(*index) == Some(hit),
            SearchRow::Thread(_) | SearchRow::Saved(_) => false,
        })
    }

    /// The row itself, or one beside it if it is that of a thread.
    pub fn selectable_row(&self, row: usize, is_upward: bool) -> usize {
        match self.rows.get(row) {
            Some(SearchRow::Thread(_)) if is_upward && row > 0 => row - 1,
            Some(SearchRow::Thread(_)) => row + 1,
            Some(SearchRow::Hit(_) | SearchRow::Saved(_)) | None => row,
        }
    }

    /// The selected hit.
    pub fn selected_hit(&self) -> Option<&FoundMessage> {
        match self.rows.get(self.selected)? {
            SearchRow::Hit(index) => self.hits.get(*index),
            SearchRow::Thread(_) | SearchRow::Saved(_) => None,
        }
    }

    fn selected_search(&self) -> Option<&SavedSearch> {
        match self.rows.get(self.selected)? {
            SearchRow::Saved(index) => self.saved.get(*index),
            SearchRow::Thread(_) | SearchRow::Hit(_) => None,
        }
    }

    fn move_by(&mut self, motion: Motion, page: usize) {
        let before = self.selected;
        let row = scroll::motion_target(motion, None, before, self.rows.len(), page);
        self.selected = self.selectable_row(row, row < before);
        // The heading above the first hit comes into view with it.
        let shown = if self.selected == 1 { 0 } else { self.selected };
        self.offset = scroll::into_view(shown, self.offset, page, self.rows.len());
        self.offset = scroll::into_view(self.selected, self.offset, page, self.rows.len());
    }
}

impl App {
    /// Opens the page as it was left, and searches again.
    pub(super) fn open_library_search(&mut self) -> Effects {
        let mut page = self.library_search.take().unwrap_or_default();
        page.name = None;
        let effect = page.request();
        self.overlay = Some(Overlay::LibrarySearch(page));
        vec![effect]
    }

    /// Opens the page with a query.
    pub(super) fn search_library_for(&mut self, text: &str) -> Effects {
        let mut page = self.library_search.take().unwrap_or_default();
        page.query.set_text(text);
        page.scope = SearchScope::Texts;
        self.library_search = Some(page);
        self.open_library_search()
    }

    /// Handles a key on the page: letters belong to the query.
    pub(super) fn on_key_in_library_search(&mut self, chord: Chord, now: Timestamp) -> Effects {
        let height = self.overlay_list().map_or(1, |list| usize::from(list.area.height).max(1));
        let Some(Overlay::LibrarySearch(page)) = self.overlay.as_mut() else { return Vec::new() };
        if page.name.is_some() {
            return page.on_key_in_name(chord);
        }
        let is_text_motion = matches!(chord.key, Key::Home | Key::End | Key::Char(_));
        if let Some(motion) = motion_of(chord, true).filter(|_| !is_text_motion) {
            page.move_by(motion, height);
            return Vec::new();
        }
        match chord.key {
            Key::Esc => return self.close_page(),
            Key::Char('c' | 'g') if chord.ctrl => return self.close_page(),
            Key::F(1) => {
                let effects = self.close_page();
                self.open_help();
                return effects;
            }
            Key::Char('n') if chord.ctrl => page.move_by(Motion::Down, height),
            Key::Char('p') if chord.ctrl => page.move_by(Motion::Up, height),
            Key::Char('s') if chord.ctrl => {
                if !page.is_empty() {
                    page.name = Some(LineEditor::new("", SavedSearch::MAX_NAME_CHARS));
                }
            }
            Key::Char('x') if chord.ctrl => return page.remove_saved(),
            Key::Char('u') if chord.ctrl => {
                page.query.set_text("");
                page.scope = SearchScope::Texts;
                return vec![page.request()];
            }
            Key::Tab => return page.switch_scope(),
            Key::Char('t') if chord.ctrl => {
                let subject = LibrarySubject::Query(page.query.text().to_owned());
                let mut effects = self.close_page();
                effects.extend(self.analyse_library(subject));
                return effects;
            }
            Key::Enter => return self.open_found(now),
            _ => {
                let before = page.query.text().to_owned();
                page.query.on_key(chord);
                if page.query.text() != before {
                    page.scope = SearchScope::Texts;
                    return vec![page.request()];
                }
            }
        }
        Vec::new()
    }

    /// Pasted text belongs to the query. Returns none if the page is not open.
    pub(super) fn paste_into_library_search(&mut self, text: &str) -> Option<Effects> {
        let Some(Overlay::LibrarySearch(page)) = self.overlay.as_mut() else { return None };
        if let Some(name) = page.name.as_mut() {
            name.paste(text);
            return Some(Vec::new());
        }
        page.query.paste(text);
        page.scope = SearchScope::Texts;
        Some(vec![page.request()])
    }

    /// Shows hits; those of an earlier query are dropped.
    pub(super) fn on_library_searched(&mut self, results: LibraryResults) {
        let open = match self.overlay.as_mut() {
            Some(Overlay::LibrarySearch(page)) => Some(page),
            Some(_) | None => self.library_search.as_mut(),
        };
        if let Some(page) = open.filter(|page| page.awaited == results.id) {
            page.show(results);
        }
    }

    /// Opens the thread of the selected hit at its message, with the words as its search; or runs the selected saved search.
    pub(super) fn open_found(&mut self, now: Timestamp) -> Effects {
        let Some(Overlay::LibrarySearch(page)) = self.overlay.as_mut() else { return Vec::new() };
        if let Some(SavedSearch { query, .. }) = page.selected_search().cloned() {
            page.query.set_text(&query);
            return vec![page.request()];
        }
        let Some(hit) = page.selected_hit().cloned() else {
            let is_offered = page.is_current && page.scope == SearchScope::Texts && !page.is_empty();
            return if is_offered { page.switch_scope() } else { Vec::new() };
        };
        let mut effects = self.close_page();
        effects.extend(self.open_hit(hit, now));
        effects
    }

    /// Opens the thread of a hit at its message, with the words as its search.
    pub(super) fn open_hit(&mut self, hit: FoundMessage, now: Timestamp) -> Effects {
        let Some(provider) = provider::by_id(&hit.service) else { return Vec::new() };
        let link = DeepLink {
            message: Some(hit.message_id).filter(|id| !id.is_empty()),
            span: hit.span_id,
            ..DeepLink::default()
        };
        self.panes().follow_deep_link(link);
        let thread = ThreadRef { service: provider.id(), id: hit.thread_id };
        let effects = self.open_and_focus(Source::Thread(thread), now);
        let found = hit.snippet.get(hit.hit).map(str::to_lowercase);
        // It would be a regular expression.
        self.places.query_on_arrival = found.filter(|found| !found.starts_with("re:"));
        effects
    }
}

impl LibrarySearchPage {
    /// Switches between messages and the payloads of spans.
    fn switch_scope(&mut self) -> Effects {
        if self.is_empty() {
            return Vec::new();
        }
        self.scope = match self.scope {
            SearchScope::Texts => SearchScope::Payloads,
            SearchScope::Payloads => SearchScope::Texts,
        };
        vec![self.request()]
    }

    /// Saves the query under the typed name.
    fn on_key_in_name(&mut self, chord: Chord) -> Effects {
        let Some(name) = self.name.as_mut() else { return Vec::new() };
        match chord.key {
            Key::Esc => self.name = None,
            Key::Char('c' | 'g') if chord.ctrl => self.name = None,
            Key::Enter if name.text().trim().is_empty() => {}
            Key::Enter => {
                let name = name.text().trim().to_owned();
                let query = self.query.text().trim().to_owned();
                self.name = None;
                self.progress = format!("saved as {name}");
                return vec![Effect::SaveSearch { name, query: Some(query) }];
            }
            _ => drop(name.on_key(chord)),
        }
        Vec::new()
    }

    /// Removes the selected saved search.
    fn remove_saved(&mut self) -> Effects {
        let Some(SavedSearch { name, .. }) = self.selected_search().cloned() else { return Vec::new() };
        self.saved.retain(|search| search.name != name);
        self.rows = (0..self.saved.len()).map(SearchRow::Saved).collect();
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
        vec![Effect::SaveSearch { name, query: None }]
    }
}

#[cfg(test)]
mod tests;
