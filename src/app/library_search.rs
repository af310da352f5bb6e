//! The page that searches everything in the library while one types. Its hits come from a task. Drawn by
//! `ui/library_search`.

use crate::action::Motion;
use crate::app::deep_link::DeepLink;
use crate::app::help::motion_of;
use crate::app::line_editor::LineEditor;
use crate::app::{App, Effects, Overlay, scroll};
use crate::domain::{Source, ThreadRef, Timestamp};
use crate::effect::Effect;
use crate::event::{FoundMessage, LibraryResults};
use crate::keymap::{Chord, Key};
use crate::provider;

/// The most characters of a query.
const MAX_QUERY_CHARS: usize = 200;

/// The state of the page.
#[derive(Clone, Debug)]
pub struct LibrarySearchPage {
    pub query: LineEditor,
    /// The number of the query whose hits are awaited.
    awaited: u64,
    /// The hits of the last query that was answered.
    pub hits: Vec<FoundMessage>,
    /// Why there are no hits, in a sentence; empty with hits.
    pub message: String,
    /// Whether the hits are those of the typed query.
    pub is_current: bool,
    pub selected: usize,
    pub offset: usize,
}

impl Default for LibrarySearchPage {
    fn default() -> Self {
        Self {
            query: LineEditor::new("", MAX_QUERY_CHARS),
            awaited: 0,
            hits: Vec::new(),
            message: String::new(),
            is_current: true,
            selected: 0,
            offset: 0,
        }
    }
}

impl LibrarySearchPage {
    /// The query changed: the hits on the screen are those of an earlier one until new ones arrive.
    fn request(&mut self) -> Effect {
        self.awaited += 1;
        self.is_current = false;
        Effect::SearchLibrary { id: self.awaited, text: self.query.text().to_owned() }
    }

    fn move_by(&mut self, motion: Motion, page: usize) {
        self.selected = scroll::motion_target(motion, None, self.selected, self.hits.len(), page);
        self.offset = scroll::into_view(self.selected, self.offset, page, self.hits.len());
    }
}

impl App {
    /// Opens the page as it was left. The first request also adds new threads to the index.
    pub(super) fn open_library_search(&mut self) -> Effects {
        let mut page = self.library_search.take().unwrap_or_default();
        let effect = page.request();
        self.overlay = Some(Overlay::LibrarySearch(page));
        vec![effect]
    }

    /// Handles a key on the page: letters belong to the query.
    pub(super) fn on_key_in_library_search(&mut self, chord: Chord, now: Timestamp) -> Effects {
        let height = self.overlay_list().map_or(1, |list| usize::from(list.area.height).max(1));
        let Some(Overlay::LibrarySearch(page)) = self.overlay.as_mut() else { return Vec::new() };
        let is_text_motion = matches!(chord.key, Key::Home | Key::End | Key::Char(_));
        if let Some(motion) = motion_of(chord, true).filter(|_| !is_text_motion) {
            page.move_by(motion, height);
            return Vec::new();
        }
        match chord.key {
            Key::Esc => self.close_library_search(),
            Key::Char('c' | 'g') if chord.ctrl => self.close_library_search(),
            Key::Char('n') if chord.ctrl => page.move_by(Motion::Down, height),
            Key::Char('p') if chord.ctrl => page.move_by(Motion::Up, height),
            Key::Enter => return self.open_found(now),
            _ => {
                let before = page.query.text().to_owned();
                page.query.on_key(chord);
                if page.query.text() != before {
                    return vec![page.request()];
                }
            }
        }
        Vec::new()
    }

    /// Pasted text belongs to the query. Returns none if the page is not open.
    pub(super) fn paste_into_library_search(&mut self, text: &str) -> Option<Effects> {
        let Some(Overlay::LibrarySearch(page)) = self.overlay.as_mut() else { return None };
        page.query.paste(text);
        Some(vec![page.request()])
    }

    /// Shows hits; those of an earlier query are dropped.
    pub(super) fn on_library_searched(&mut self, results: LibraryResults) {
        let open = match self.overlay.as_mut() {
            Some(Overlay::LibrarySearch(page)) => Some(page),
            Some(_) | None => self.library_search.as_mut(),
        };
        if let Some(page) = open.filter(|page| page.awaited == results.id) {
            (page.hits, page.message) = (results.hits, results.message);
            (page.is_current, page.selected, page.offset) = (true, 0, 0);
        }
    }

    fn close_library_search(&mut self) {
        if let Some(Overlay::LibrarySearch(page)) = self.overlay.take() {
            self.library_search = Some(page);
        }
    }

    /// Opens the thread of the selected hit at its message, with the words as its search.
    pub(super) fn open_found(&mut self, now: Timestamp) -> Effects {
        let Some(Overlay::LibrarySearch(page)) = self.overlay.as_ref() else { return Vec::new() };
        let Some(hit) = page.hits.get(page.selected).cloned() else { return Vec::new() };
        let Some(provider) = provider::by_id(&hit.service) else { return Vec::new() };
        self.close_library_search();
        let link =
            DeepLink { message: Some(hit.message_id).filter(|id| !id.is_empty()), ..DeepLink::default() };
        self.panes().follow_deep_link(link);
        self.places.query_on_arrival = hit.snippet.get(hit.hit).map(str::to_owned);
        let thread = ThreadRef { service: provider.id(), id: hit.thread_id };
        self.open_and_focus(Source::Thread(thread), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Prefs;

    fn typed(app: &mut App, text: &str) -> Effects {
        let keys = text.chars().map(|c| if c == '\n' { Key::Enter } else { Key::Char(c) });
        keys.fold(Vec::new(), |_, key| app.on_key_in_library_search(Chord::plain(key), Timestamp(0)))
    }

    fn hit(id: &str) -> FoundMessage {
        FoundMessage {
            service: "sgp".to_owned(),
            thread_id: id.to_owned(),
            message_id: "m1".to_owned(),
            snippet: "a refund".to_owned(),
            hit: 2..8,
            ..FoundMessage::default()
        }
    }

    fn searched_id(effects: &[Effect]) -> u64 {
        match effects {
            [Effect::SearchLibrary { id, .. }] => *id,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_letter_searches_and_only_the_last_query_is_shown() {
        let mut app = App::new(Prefs::default(), 100, 30);
        app.open_library_search();
        let first = searched_id(&typed(&mut app, "r"));
        let second = searched_id(&typed(&mut app, "e"));
        let answer =
            |id, thread: &str| LibraryResults { id, hits: vec![hit(thread)], message: String::new() };
        app.on_library_searched(answer(first, "old"));
        let shown = |app: &App| match &app.overlay {
            Some(Overlay::LibrarySearch(page)) => page.hits.clone(),
            other => panic!("{other:?}"),
        };
        assert!(shown(&app).is_empty());
        app.on_library_searched(answer(second, "new"));
        assert_eq!(shown(&app), [hit("new")]);
        let opened = typed(&mut app, "\n");
        assert!(app.overlay.is_none());
        let is_open = |effect: &Effect| matches!(effect, Effect::Open { source: Source::Thread(thread), .. } if thread.id == "new");
        assert!(opened.iter().any(is_open), "{opened:?}");
        // The page comes back as it was.
        app.open_library_search();
        assert_eq!(shown(&app), [hit("new")]);
    }
}
