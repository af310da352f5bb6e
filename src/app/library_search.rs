//! The page that searches the library while a query is typed. A task finds the hits. Drawn by `ui/library_search`.

use crate::action::Motion;
use crate::app::deep_link::DeepLink;
use crate::app::help::motion_of;
use crate::app::line_editor::LineEditor;
use crate::app::{App, Effects, Overlay, scroll};
use crate::domain::{SavedSearch, ThreadRef, Timestamp};
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
    /// The number of the query whose hits are pending.
    awaited: u64,
    /// The hits of the last query with results.
    pub hits: Vec<FoundMessage>,
    /// That query.
    answered: Option<(String, SearchScope)>,
    /// Without a query, the saved searches.
    pub saved: Vec<SavedSearch>,
    pub rows: Vec<SearchRow>,
    /// The total number of hits, or the progress of the search, as text.
    pub progress: String,
    /// The reason for missing hits, as a sentence; empty with hits.
    pub message: String,
    /// Whether the hits are those of the typed query.
    pub is_current: bool,
    /// Whether more hits may arrive.
    pub is_running: bool,
    /// The name under which the query is being saved.
    pub name: Option<LineEditor>,
    /// The selected row, which is never the heading of a thread.
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
    /// Requests the hits of the typed query. Those on the screen are of an earlier one until they arrive.
    fn request(&mut self) -> Effect {
        self.awaited += 1;
        (self.is_current, self.is_running) = (false, true);
        Effect::SearchLibrary { id: self.awaited, text: self.query.text().to_owned(), scope: self.scope }
    }

    /// Searches again, if threads that were added to the index may have the hits that are missing.
    fn search_again(&mut self) -> Option<Effect> {
        let may_lack_hits = !self.is_current || self.hits.is_empty();
        let is_wanted = may_lack_hits && !self.is_empty() && self.scope == SearchScope::Texts;
        is_wanted.then(|| self.request())
    }

    fn is_empty(&self) -> bool {
        self.query.text().trim().is_empty()
    }

    /// Shows results: those of another query from the first hit, those of the same query at the selected hit.
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
            if last.is_none_or(|last| !last.is_of_same_thread(hit)) {
                self.rows.push(SearchRow::Thread(index));
            }
            self.rows.push(SearchRow::Hit(index));
            last = Some(hit);
        }
        self.rows.extend((0..self.saved.len()).map(SearchRow::Saved));
        let row = selected.and_then(|selected| self.row_of(&selected)).unwrap_or(self.selected);
        self.selected = self.selectable_row(row.min(self.rows.len().saturating_sub(1)), false);
    }

    /// Returns the row of the same hit.
    fn row_of(&self, hit: &FoundMessage) -> Option<usize> {
        self.rows.iter().position(|row| match row {
            // Messages and spans without an id differ in their text.
            SearchRow::Hit(index) => self.hits.get(*index) == Some(hit),
            SearchRow::Thread(_) | SearchRow::Saved(_) => false,
        })
    }

    /// Returns the row itself, or an adjacent one if it is the heading of a thread.
    pub fn selectable_row(&self, row: usize, is_upward: bool) -> usize {
        match self.rows.get(row) {
            Some(SearchRow::Thread(_)) if is_upward && row > 0 => row - 1,
            Some(SearchRow::Thread(_)) => row + 1,
            Some(SearchRow::Hit(_) | SearchRow::Saved(_)) | None => row,
        }
    }

    /// Returns the selected hit.
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
        // The heading above the first hit is scrolled into view with it.
        let shown = if self.selected == 1 { 0 } else { self.selected };
        self.offset = scroll::into_view(shown, self.offset, page, self.rows.len());
        self.offset = scroll::into_view(self.selected, self.offset, page, self.rows.len());
    }
}

impl App {
    /// Opens the page in its last state, and searches again.
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

    /// Handles a key on the page.
    pub(super) fn on_key_in_library_search(&mut self, chord: Chord, now: Timestamp) -> Effects {
        let height = self.overlay_list().map_or(1, |list| usize::from(list.area.height).max(1));
        let Some(Overlay::LibrarySearch(page)) = self.overlay.as_mut() else { return Vec::new() };
        let outcome = page.on_key(chord, height);
        self.apply_search_outcome(outcome, now)
    }

    /// Applies the result of a key on the page. The state of the page is kept when another page replaces it.
    pub(super) fn apply_search_outcome(&mut self, outcome: LibrarySearchOutcome, now: Timestamp) -> Effects {
        if let LibrarySearchOutcome::Perform(effects) = outcome {
            return effects;
        }
        let mut effects = self.close_page();
        match outcome {
            LibrarySearchOutcome::Perform(_) | LibrarySearchOutcome::Close => {}
            LibrarySearchOutcome::ShowHelp => self.open_help(),
            LibrarySearchOutcome::Analyse(subject) => effects.extend(self.analyse_library(subject)),
            LibrarySearchOutcome::Open(hit) => {
                let thread = provider::thread_ref(&hit.service, hit.account.as_ref(), &hit.thread_id);
                effects.extend(thread.map(|thread| self.open_hit(thread, *hit, now)).unwrap_or_default());
            }
        }
        effects
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

    /// Searches again after an update of the index, on the search page and below the list of threads.
    pub(super) fn on_library_indexed(&mut self) -> Effects {
        self.browse.on_library_indexed();
        match self.overlay.as_mut() {
            Some(Overlay::LibrarySearch(page)) => page.search_again().into_iter().collect(),
            Some(_) | None => Vec::new(),
        }
    }

    /// Opens the thread of a hit at its message, with the words as its search.
    pub(super) fn open_hit(&mut self, thread: ThreadRef, hit: FoundMessage, now: Timestamp) -> Effects {
        let link = DeepLink { message: Some(hit.message_id), span: hit.span_id, ..DeepLink::default() };
        let effects = self.open_at(thread, link, now);
        let found = hit.snippet.get(hit.hit).map(str::to_lowercase);
        // The words would be read as a regular expression.
        self.places.query_on_arrival = found.filter(|found| !found.starts_with("re:"));
        effects
    }
}

/// The result of a key on the page.
#[derive(Clone, Debug)]
pub enum LibrarySearchOutcome {
    Perform(Effects),
    Close,
    ShowHelp,
    /// Analyse the threads that the query finds.
    Analyse(LibrarySubject),
    Open(Box<FoundMessage>),
}

impl LibrarySearchPage {
    /// Handles a key: letters belong to the query.
    fn on_key(&mut self, chord: Chord, height: usize) -> LibrarySearchOutcome {
        if self.name.is_some() {
            return LibrarySearchOutcome::Perform(self.on_key_in_name(chord));
        }
        let is_text_motion = matches!(chord.key, Key::Home | Key::End | Key::Char(_));
        if let Some(motion) = motion_of(chord, true).filter(|_| !is_text_motion) {
            self.move_by(motion, height);
            return LibrarySearchOutcome::Perform(Vec::new());
        }
        let effects = match chord.key {
            Key::Esc => return LibrarySearchOutcome::Close,
            Key::Char('c' | 'g') if chord.ctrl => return LibrarySearchOutcome::Close,
            Key::F(1) => return LibrarySearchOutcome::ShowHelp,
            Key::Enter => return self.submit(),
            Key::Char('t') if chord.ctrl => {
                return LibrarySearchOutcome::Analyse(LibrarySubject::Query(self.query.text().to_owned()));
            }
            Key::Char('n') if chord.ctrl => {
                self.move_by(Motion::Down, height);
                Vec::new()
            }
            Key::Char('p') if chord.ctrl => {
                self.move_by(Motion::Up, height);
                Vec::new()
            }
            Key::Char('s') if chord.ctrl => {
                let name = || LineEditor::new("", SavedSearch::MAX_NAME_CHARS);
                self.name = (!self.is_empty()).then(name);
                Vec::new()
            }
            Key::Char('x') if chord.ctrl => self.remove_saved(),
            Key::Char('u') if chord.ctrl => {
                self.query.set_text("");
                self.request_texts()
            }
            Key::Tab => self.switch_scope(),
            _ => {
                let before = self.query.text().to_owned();
                self.query.on_key(chord);
                if self.query.text() == before { Vec::new() } else { self.request_texts() }
            }
        };
        LibrarySearchOutcome::Perform(effects)
    }

    /// Inserts pasted text into the query, or into the name under which it is being saved.
    pub(super) fn paste(&mut self, text: &str) -> Effects {
        if let Some(name) = self.name.as_mut() {
            name.paste(text);
            return Vec::new();
        }
        self.query.paste(text);
        self.request_texts()
    }

    /// Searches the messages for a query that has changed.
    fn request_texts(&mut self) -> Effects {
        self.scope = SearchScope::Texts;
        vec![self.request()]
    }

    /// Opens the selected hit, runs the selected saved search, or searches payloads if no message was found.
    pub(super) fn submit(&mut self) -> LibrarySearchOutcome {
        if let Some(SavedSearch { query, .. }) = self.selected_search().cloned() {
            self.query.set_text(&query);
            return LibrarySearchOutcome::Perform(vec![self.request()]);
        }
        match self.selected_hit() {
            Some(hit) => LibrarySearchOutcome::Open(Box::new(hit.clone())),
            None if self.is_current && self.scope == SearchScope::Texts => {
                LibrarySearchOutcome::Perform(self.switch_scope())
            }
            None => LibrarySearchOutcome::Perform(Vec::new()),
        }
    }

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
