//! The application state and the one function that changes it, [`App::update`]. It is synchronous and total: no clock,
//! no I/O, no panic, for any events in any order. The state of a pane lives in `app/<pane>`; `ui/<pane>` draws it.

mod actions;
pub mod analysis;
pub mod browse;
pub mod changes;
pub mod commands;
pub mod compare;
pub mod copy;
pub mod deep_link;
pub mod detail;
mod evidence;
pub mod export_menu;
pub mod filter;
pub mod follow;
pub mod header;
pub mod help;
pub mod hints;
pub mod ids;
pub mod jumps;
pub mod library_analysis;
pub mod library_search;
pub mod line_editor;
pub mod links;
pub mod loading;
pub mod messages;
mod mouse;
pub mod notes;
pub mod notice;
pub mod open_threads;
pub mod overlay;
pub mod palette;
pub mod panes;
pub mod pending_keys;
pub mod pending_navigation;
pub mod places;
pub mod prefs;
pub mod profiles;
pub mod prompt;
pub mod results;
mod screen;
pub mod scroll;
pub mod search;
pub mod text_page;
pub mod thread_box;
mod window_title;

pub use notice::{Notice, Tone};
pub use prefs::Prefs;
pub use screen::Screen;
pub use text_page::TextPage;

use crate::app::analysis::{AnalysisPage, AnalysisState};
use crate::app::browse::Browse;
use crate::app::compare::Comparison;
use crate::app::deep_link::DeepLink;
use crate::app::detail::Detail;
use crate::app::export_menu::ExportMenu;
use crate::app::follow::Follow;
use crate::app::help::HelpPage;
use crate::app::ids::Ids;
use crate::app::library_analysis::LibraryAnalysisPage;
use crate::app::library_search::LibrarySearchPage;
use crate::app::links::LinkMenu;
use crate::app::loading::Loading;
use crate::app::messages::MessageList;
use crate::app::notes::{NotesPage, NotesState};
use crate::app::open_threads::OpenThreadsPage;
use crate::app::pending_keys::{KeyOutcome, PendingKeys};
use crate::app::places::Places;
use crate::app::prompt::Prompt;
use crate::app::results::ResultsPage;
use crate::app::search::Search;
use crate::app::thread_box::ThreadBox;
use crate::config::Profiles;
use crate::domain::{RecentThread, Source, ThreadRef, Timestamp};
use crate::effect::{Effect, Freshness};
use crate::event::Event;
use crate::keymap::{Chord, Key, Lookup};
use crate::layout::{ListLayout, Pane};

/// Effects of an update, in order.
pub type Effects = Vec<Effect>;

/// A page over the panes. Only one is open at a time.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The keys and symbols.
    Help(HelpPage),
    /// The analysis of the whole thread.
    Analysis(AnalysisPage),
    /// The list of profiles.
    Profiles { selected: usize, offset: usize },
    /// The export menu.
    Export(ExportMenu),
    /// The web addresses of a message.
    Links(LinkMenu),
    /// The threads that were opened since the start.
    OpenThreads(OpenThreadsPage),
    /// Statistics of many kept threads.
    LibraryAnalysis(Box<LibraryAnalysisPage>),
    /// The search through the library.
    LibrarySearch(Box<LibrarySearchPage>),
    /// The notes of the thread and of all others.
    Notes(NotesPage),
    /// All hits of the search.
    Results(Box<ResultsPage>),
    /// A text with a title: command output, a long value, a comparison.
    Text(Box<TextPage>),
}

/// The whole application state.
#[derive(Debug)]
pub struct App {
    pub screen: Screen,
    pub thread_box: ThreadBox,
    pub loading: Loading,
    pub list: MessageList,
    pub detail: Detail,
    pub search: Option<Search>,
    pub analysis: AnalysisState,
    pub follow: Follow,
    pub comparison: Comparison,
    pub browse: Browse,
    /// The page of the search through the library, while it is closed.
    pub library_search: Option<Box<LibrarySearchPage>>,
    pub notes: NotesState,
    pub places: Places,
    pub prompt: Option<Prompt>,
    pub overlay: Option<Overlay>,
    pub notice: Option<Notice>,
    pub pending_keys: PendingKeys,
    /// The title that the window shows, if it was set.
    shown_title: Option<String>,
    ids: Ids,
    pub prefs: Prefs,
    /// The time of the last event; drawing uses no other clock.
    pub now: Timestamp,
}

impl App {
    /// Creates the initial state.
    pub fn new(prefs: Prefs, width: u16, height: u16) -> Self {
        Self {
            screen: Screen {
                width,
                height,
                focus: Pane::ThreadBox,
                zoomed: false,
                list: ListLayout::default(),
                is_resizing: false,
            },
            thread_box: ThreadBox::new(prefs.profiles.preferred_service, prefs.offers_demo),
            loading: Loading::default(),
            list: MessageList::default(),
            detail: Detail::default(),
            search: None,
            analysis: AnalysisState::default(),
            follow: Follow::default(),
            comparison: Comparison::default(),
            browse: Browse::default(),
            library_search: None,
            notes: NotesState::default(),
            places: Places::default(),
            prompt: None,
            overlay: None,
            notice: None,
            pending_keys: PendingKeys::default(),
            shown_title: None,
            ids: Ids::default(),
            prefs,
            now: Timestamp::default(),
        }
    }

    /// Returns whether the screen is animated, so that ticks are needed.
    pub fn is_animated(&self) -> bool {
        self.loading.is_active()
            || self.loading.seconds_to_wait(self.now).is_some()
            || (self.browse.is_open && self.browse.is_listing())
    }

    /// Returns whether a task has yet to return the first results of a search, or the rows of a narrowed or sorted list.
    pub fn is_awaiting_results(&self) -> bool {
        let is_searching_library =
            matches!(&self.overlay, Some(Overlay::LibrarySearch(page)) if !page.is_current);
        let is_searching = self.search.as_ref().is_some_and(Search::is_awaiting_hit);
        is_searching_library || is_searching || (self.browse.is_open && self.browse.is_rearranging())
    }

    /// Opens a thread, names it in the thread box and moves the focus to its messages.
    pub fn open_and_focus(&mut self, source: Source, now: Timestamp) -> Effects {
        self.screen.focus = Pane::Messages;
        self.browse.close();
        let mut effects: Effects = self.leave_thread(&source).into_iter().collect();
        effects.extend(self.open(source, Freshness::CacheFirst, now));
        self.name_thread_in_box();
        effects
    }

    /// Opens a thread at a message.
    fn open_at(&mut self, thread: ThreadRef, link: DeepLink, now: Timestamp) -> Effects {
        let message = link.message.filter(|id| !id.is_empty());
        self.panes().follow_deep_link(DeepLink { message, ..link });
        self.open_and_focus(Source::Thread(thread), now)
    }

    /// Applies one event. The same state and event always give the same new state and effects.
    pub fn update(&mut self, event: Event, now: Timestamp) -> Effects {
        self.now = now;
        let effects = self.apply(event, now);
        self.name_thread_in_box();
        effects
    }

    fn apply(&mut self, event: Event, now: Timestamp) -> Effects {
        if matches!(event, Event::Key(_) | Event::EnterInBurst | Event::Paste(_) | Event::Mouse(_)) {
            self.places.stop_arriving();
        }
        match event {
            Event::Key(chord) => return self.on_key(chord, now),
            Event::EnterInBurst => return self.on_enter_in_burst(now),
            Event::Paste(text) => return self.on_paste(&text, now),
            Event::Mouse(mouse) => return self.on_mouse(mouse, now),
            Event::Resize { width, height } => self.resize(width, height),
            Event::Fetch { request, update } => return self.on_fetch_update(request, update, now),
            Event::MessageReady(message) => self.panes().on_message_ready(message),
            Event::PayloadReady(result) => self.panes().on_payload_ready(*result),
            Event::PageReady(page) => self.on_page_ready(*page),
            Event::HitsFound(hits) => self.panes().on_hits_found(*hits),
            Event::HitsRead(hits) => self.on_hits_read(*hits),
            Event::SearchResults(results) => self.panes().on_search_results(results),
            Event::Filtered { id, visible } => self.panes().on_filter_results(id, visible),
            Event::Sorted { id, sorted } => self.panes().on_sorted(id, sorted),
            Event::Listed { id, update } => self.browse.on_listed(id, update, now),
            Event::Arranged { id, arrangement } => return self.on_arranged(id, &arrangement, now),
            Event::Kept { id, kept } => self.browse.on_kept(id, *kept),
            Event::LibrarySearched(results) => self.on_library_searched(*results),
            Event::ThreadsFound(found) => self.browse.on_found(*found),
            Event::NotesRead { thread, notes } => return self.on_notes_read(&thread, notes),
            Event::NotesListed(notes) => self.on_notes_listed(notes),
            Event::LibraryAnalysed(update) => self.on_library_analysed(*update),
            Event::ArchiveProgress(text) => self.show_archive_progress(text),
            Event::ArchiveEnded { text, is_warning } => self.end_archive(text, is_warning),
            Event::LibraryIndexed => return self.on_library_indexed(),
            Event::SavedStates { service, states } => self.browse.on_saved_states(service, states),
            Event::Analysed { generation, analysis } => self.on_analysis_ready(generation, analysis),
            Event::CommandOutput(output) => self.show_command_output(&output),
            Event::Notify { text, is_warning: true } | Event::TaskFailed { message: text } => self.warn(text),
            Event::Notify { text, is_warning: false } => self.notify(text),
            Event::CopyFailed { clip, reason } => self.offer_save(clip, &reason),
            Event::TimerFired { id } => return self.on_timer(id, now),
            Event::Background(rgb) => self.prefs.theme.set_background(rgb),
            Event::RecentThreads(threads) => {
                self.thread_box.set_recent_threads(threads);
                return self.arrive();
            }
            Event::DemoStarted { threads } => return self.show_demo(threads),
            Event::Tick => self.loading.spinner_frame = self.loading.spinner_frame.wrapping_add(1),
            Event::PrepareFrame => return self.prepare_frame(),
            Event::Resumed => self.shown_title = None,
        }
        Vec::new()
    }

    /// Prepares the contents of the frame.
    fn prepare_frame(&mut self) -> Effects {
        let mut effects: Effects = self.request_page_layout().into_iter().collect();
        effects.extend(self.refresh_analysis_page());
        effects.extend(self.request_hit_lines());
        effects.extend(self.notes.request(self.loading.shown_thread()));
        effects.extend(self.update_window_title());
        effects.extend(self.browse.prepare(&mut self.ids));
        effects.extend(self.time_notice());
        effects.extend(self.panes().prepare_frame());
        effects
    }

    /// Switches to the demo that was started: its threads are offered, and copied commands open it.
    fn show_demo(&mut self, threads: Vec<RecentThread>) -> Effects {
        self.prefs.profiles = Profiles::of_demo();
        self.prefs.welcome = Vec::new();
        self.thread_box.show_demo(threads);
        self.screen.focus = Pane::ThreadBox;
        self.browse.forget_all()
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.panes().change_screen(|screen| (screen.width, screen.height) = (width, height));
    }

    /// Inserts pasted text in the search of the library or the open prompt, else in the thread box.
    fn on_paste(&mut self, text: &str, now: Timestamp) -> Effects {
        if let Some(Overlay::LibrarySearch(page)) = self.overlay.as_mut() {
            return page.paste(text);
        }
        let mut effects = if self.is_prompt_in_front() { Vec::new() } else { self.close_page() };
        if let Some(prompt) = self.prompt.as_mut() {
            prompt.paste(text);
            effects.extend(self.preview_prompt(now));
            return effects;
        }
        self.browse.close();
        if self.screen.focus != Pane::ThreadBox {
            self.focus_thread_box();
        }
        self.thread_box.paste(text);
        effects
    }

    fn on_key(&mut self, chord: Chord, now: Timestamp) -> Effects {
        let offer = self.notice.take().and_then(|notice| notice.save_offer);
        if let Some(clip) = offer.filter(|_| chord == Chord::plain(Key::Char('w')) && !self.is_typing()) {
            return vec![Effect::Save(clip)];
        }
        if let Some(letter) = self.unbound_alt_letter(chord) {
            let mut effects = self.on_key(Chord::plain(Key::Esc), now);
            effects.extend(self.on_key(letter, now));
            return effects;
        }
        if matches!(self.overlay, Some(Overlay::LibrarySearch(_))) {
            return self.on_key_in_library_search(chord, now);
        }
        if matches!(self.overlay, Some(Overlay::Help(_))) {
            return self.on_key_in_help(chord, now);
        }
        if self.is_typing_in_thread_box() {
            return self.on_key_in_thread_box(chord, now);
        }
        if self.is_prompt_in_front() {
            return self.on_key_in_prompt(chord, now);
        }
        let before = (self.detail.tab, self.screen.focus);
        let outcome = self.pending_keys.on_key(chord, &self.prefs.keymap, now);
        match outcome {
            KeyOutcome::Run { action, count } => {
                self.detail.before_last_key = before;
                self.perform(action, count, now)
            }
            KeyOutcome::UndoTabAndRun { action, count } => {
                (self.detail.tab, self.screen.focus) = self.detail.before_last_key;
                self.perform(action, count, now)
            }
            KeyOutcome::UndoTab => {
                (self.detail.tab, self.screen.focus) = self.detail.before_last_key;
                Vec::new()
            }
            KeyOutcome::NeedMore | KeyOutcome::Nothing => Vec::new(),
        }
    }

    /// Returns whether letters are input for a text field rather than commands.
    fn is_typing(&self) -> bool {
        self.is_typing_in_thread_box() || self.is_prompt_in_front()
    }

    /// Returns whether a prompt is open and receives the keys: over the panes, and below the page of hits, which it
    /// filters.
    pub fn is_prompt_in_front(&self) -> bool {
        self.prompt.is_some() && matches!(self.overlay, None | Some(Overlay::Results(_)))
    }

    fn is_typing_in_thread_box(&self) -> bool {
        self.screen.focus == Pane::ThreadBox && self.overlay.is_none() && !self.browse.is_open
    }

    /// Returns the letter of an Alt chord with no binding. Terminals send Alt and a letter as Esc followed by the letter,
    /// so such a chord means that the user quickly pressed Esc and another key.
    fn unbound_alt_letter(&self, chord: Chord) -> Option<Chord> {
        let letter = Chord { alt: false, ..chord };
        let is_typing = self.is_typing();
        let unbound = || match letter.key {
            // The line editor's word motions and word deletion.
            Key::Char('b' | 'f' | 'd') if is_typing => false,
            _ if is_typing => true,
            _ => {
                let keys: Vec<Chord> = self.pending_keys.chords.iter().copied().chain([chord]).collect();
                self.prefs.keymap.lookup(&keys) == Lookup::Unbound
            }
        };
        (chord.alt && letter.typed_char().is_some() && unbound()).then_some(letter)
    }
}
