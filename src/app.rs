//! All state, and the one place where it changes: [`App::update`]. Synchronous and total: no clock, no I/O, no panic,
//! whatever comes in whatever order. Each pane's part lives in `app/<pane>` and is drawn by `ui/<pane>`.

mod actions;
pub mod analysis;
pub mod changes;
pub mod commands;
pub mod compare;
pub mod copy;
pub mod deep_link;
pub mod detail;
pub mod export_menu;
pub mod filter;
pub mod follow;
pub mod help;
pub mod jumps;
pub mod keys;
pub mod loading;
pub mod messages;
mod mouse;
pub mod overlay;
pub mod profiles;
pub mod prompt;
pub mod scroll;
pub mod search;
pub mod text_page;
pub mod thread_box;

pub use text_page::TextPage;

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::action::Scope;
use crate::app::analysis::AnalysisState;
use crate::app::deep_link::DeepLink;
use crate::app::detail::Detail;
use crate::app::export_menu::ExportMenu;
use crate::app::filter::ActiveFilter;
use crate::app::follow::Follow;
use crate::app::keys::{KeyOutcome, PendingKeys};
use crate::app::loading::{Loading, PaneContent};
use crate::app::messages::MessageList;
use crate::app::profiles::Profiles;
use crate::app::prompt::{Prompt, PromptOutcome, Purpose};
use crate::app::search::Search;
use crate::app::thread_box::{BoxOutcome, ThreadBox};
use crate::domain::{Source, Timestamp};
use crate::effect::{Effect, Freshness};
use crate::event::Event;
use crate::keymap::{Chord, Key, Keymap, Lookup};
use crate::layout::{self, Frame, LayoutInput, Pane};
use crate::text::time::TimeFormat;
use crate::view::Clip;
use crate::view::changes::Changes;
use crate::view::compare::ComparedMessage;
use crate::view::message::HiddenText;
use crate::view::thread::OpenThread;

/// Effects of an update, in order.
pub type Effects = Vec<Effect>;

/// A sentence for the bottom line; gone with the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub tone: Tone,
    /// What the next key can have written to a file, if it is `w`.
    pub save_offer: Option<Clip>,
}

/// How a notice is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Warning,
}

/// What covers the panes; one at a time.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The keys, scrolled by so many rows.
    Help { offset: usize },
    /// The profile of the whole thread.
    Analysis { selected: usize, offset: usize },
    /// The profiles to choose from.
    Profiles { selected: usize, offset: usize },
    /// What to export, and how.
    Export(ExportMenu),
    /// A text with a title, scrolled by so many rows: what a command printed.
    Text(Box<TextPage>),
}

/// Settings that do not change while the program runs, or rarely.
#[derive(Clone, Debug)]
pub struct Prefs {
    pub keymap: Keymap,
    /// Where and how times are told.
    pub time_format: TimeFormat,
    /// Said on the empty screen: how to begin.
    pub welcome: Vec<String>,
    /// Whether zero-width and tag characters are shown.
    pub hidden_text: HiddenText,
    /// The profiles there are and those in use.
    pub profiles: Profiles,
}

impl Default for Prefs {
    fn default() -> Self {
        Self {
            keymap: Keymap::default(),
            time_format: TimeZone::UTC.into(),
            welcome: Vec::new(),
            hidden_text: HiddenText::Counted,
            profiles: Profiles::default(),
        }
    }
}

/// Everything the screen shows.
#[derive(Debug)]
pub struct App {
    pub width: u16,
    pub height: u16,
    pub focus: Pane,
    pub zoomed: bool,
    pub thread_box: ThreadBox,
    /// The thread that was read last; see [`App::showing`].
    pub thread: Option<OpenThread>,
    pub loading: Loading,
    pub list: MessageList,
    pub detail: Detail,
    pub search: Option<Search>,
    last_search_id: u64,
    pub filter: Option<ActiveFilter>,
    last_filter_id: u64,
    pub analysis: AnalysisState,
    pub follow: Option<Follow>,
    last_timer_id: u64,
    /// What a deep link wants to see, until it is shown.
    pub deep_link: Option<DeepLink>,
    /// What waits for a shell command to be typed.
    pending_pipe: Option<Clip>,
    /// Whether the terminal has the mouse.
    pub mouse_released: bool,
    pub prompt: Option<Prompt>,
    pub overlay: Option<Overlay>,
    /// Counts pages over the panes.
    last_page_id: u64,
    /// The message that others are compared with.
    pub comparison_base: Option<ComparedMessage>,
    /// What the last reload brought.
    changes: Option<Arc<Changes>>,
    pub notice: Option<Notice>,
    pub pending_keys: PendingKeys,
    pub prefs: Prefs,
    /// The time of the last event; what is drawn depends on no other clock.
    pub now: Timestamp,
    /// Turns while something is under way.
    pub spinner_frame: u64,
}

impl App {
    /// The state before anything happened.
    pub fn new(prefs: Prefs, width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            focus: Pane::ThreadBox,
            zoomed: false,
            thread_box: ThreadBox::with_preferred_service(prefs.profiles.preferred_service),
            thread: None,
            loading: Loading::default(),
            list: MessageList::default(),
            detail: Detail::default(),
            search: None,
            last_search_id: 0,
            filter: None,
            last_filter_id: 0,
            analysis: AnalysisState::default(),
            follow: None,
            last_timer_id: 0,
            deep_link: None,
            pending_pipe: None,
            mouse_released: false,
            prompt: None,
            overlay: None,
            last_page_id: 0,
            comparison_base: None,
            changes: None,
            notice: None,
            pending_keys: PendingKeys::default(),
            prefs,
            now: Timestamp::default(),
            spinner_frame: 0,
        }
    }

    /// The areas of the screen as it is.
    pub fn frame(&self) -> Frame {
        layout::areas(&LayoutInput {
            width: self.width,
            height: self.height,
            focus: self.focus,
            is_zoomed: self.zoomed && self.focus != Pane::ThreadBox,
        })
    }

    /// Whether something on the screen moves by itself.
    pub fn is_animated(&self) -> bool {
        self.loading.is_active()
    }

    /// Says something in the bottom line.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), tone: Tone::Plain, save_offer: None });
    }

    /// Says that something is wrong.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), tone: Tone::Warning, save_offer: None });
    }

    /// Opens a thread by command line or choice and shows it.
    pub fn open_and_focus(&mut self, source: Source, now: Timestamp) -> Effects {
        self.thread_box.set_text(&source.to_input());
        self.focus = Pane::Messages;
        self.open(source, Freshness::CacheFirst, now)
    }

    /// Takes in one fact. The same state and the same event give the same state and the same effects.
    pub fn update(&mut self, event: Event, now: Timestamp) -> Effects {
        self.now = now;
        match event {
            Event::Key(chord) => self.on_key(chord, now),
            Event::Paste(text) => self.on_paste(&text),
            Event::Mouse(mouse) => self.on_mouse(mouse, now),
            Event::Resize { width, height } => {
                self.resize(width, height);
                Vec::new()
            }
            Event::Fetch { request, update: news } => self.on_fetch_update(request, news, now),
            Event::MessageReady(read) => {
                self.on_message_ready(read);
                Vec::new()
            }
            Event::PayloadReady(answer) => {
                self.on_payload_ready(*answer);
                Vec::new()
            }
            Event::PageReady(laid) => {
                self.on_page_ready(*laid);
                Vec::new()
            }
            Event::SearchResults(findings) => self.on_search_results(findings),
            Event::Filtered { id, visible } => {
                self.on_filter_results(id, visible);
                Vec::new()
            }
            Event::Analysed { generation, analysis: insight } => {
                self.on_analysis_ready(generation, insight);
                Vec::new()
            }
            Event::CommandOutput(piped) => {
                self.show_command_output(&piped);
                Vec::new()
            }
            Event::Notify { text, is_warning: warning } => {
                if warning {
                    self.warn(text)
                } else {
                    self.notify(text)
                }
                Vec::new()
            }
            Event::CopyFailed { clip: taken, reason: why } => self.offer_save(taken, &why),
            Event::TimerFired { id: number } => self.on_timer(number, now),
            Event::RecentThreads(visits) => {
                self.thread_box.recent_threads = visits;
                Vec::new()
            }
            Event::Tick => {
                self.spinner_frame = self.spinner_frame.wrapping_add(1);
                Vec::new()
            }
            Event::PrepareFrame => self.prepare_frame(),
            Event::Resumed => Vec::new(),
            Event::TaskFailed { message: what } => {
                self.warn(what);
                Vec::new()
            }
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height);
        self.select(self.list.selected);
    }

    fn on_paste(&mut self, text: &str) -> Effects {
        self.overlay = None;
        if let Some(prompt) = self.prompt.as_mut() {
            prompt.paste(text);
            return Vec::new();
        }
        if self.focus != Pane::ThreadBox {
            self.focus_thread_box();
        }
        self.thread_box.paste(text);
        Vec::new()
    }

    /// Goes to the thread box; its text is replaced by what is typed.
    pub fn focus_thread_box(&mut self) {
        self.focus = Pane::ThreadBox;
        self.pending_keys.clear();
        self.thread_box.start_input();
    }

    fn on_key(&mut self, chord: Chord, now: Timestamp) -> Effects {
        let offer = self.notice.take().and_then(|notice| notice.save_offer);
        if let Some(taken) = offer.filter(|_| chord == Chord::plain(Key::Char('w')) && !self.is_typing()) {
            return vec![Effect::Save(taken)];
        }
        if let Some(letter) = self.unbound_alt_letter(chord) {
            let mut effects = self.on_key(Chord::plain(Key::Esc), now);
            effects.extend(self.on_key(letter, now));
            return effects;
        }
        if self.focus == Pane::ThreadBox && self.overlay.is_none() {
            return self.on_key_in_thread_box(chord, now);
        }
        if self.prompt.is_some() {
            return self.on_key_in_prompt(chord, now);
        }
        let scopes = self.scopes();
        let before = (self.detail.tab, self.focus);
        let outcome = self.pending_keys.on_key(chord, &scopes, &self.prefs.keymap, now);
        match outcome {
            KeyOutcome::Run { action, count } => {
                self.detail.before_last_key = before;
                self.perform(action, count, now)
            }
            KeyOutcome::UndoTabAndRun { action, count } => {
                (self.detail.tab, self.focus) = self.detail.before_last_key;
                self.perform(action, count, now)
            }
            KeyOutcome::UndoTab => {
                (self.detail.tab, self.focus) = self.detail.before_last_key;
                Vec::new()
            }
            KeyOutcome::NeedMore | KeyOutcome::Nothing => Vec::new(),
        }
    }

    /// Whether letters are text.
    fn is_typing(&self) -> bool {
        (self.focus == Pane::ThreadBox && self.overlay.is_none()) || self.prompt.is_some()
    }

    /// Terminals send Alt and a letter as escape and the letter. Where that is bound to nothing, somebody pressed Esc and
    /// was quick with the next key.
    fn unbound_alt_letter(&self, chord: Chord) -> Option<Chord> {
        let letter = Chord { alt: false, ..chord };
        let is_typing = self.is_typing();
        let unbound = || match letter.key {
            // Words back, forth and away.
            Key::Char('b' | 'f' | 'd') if is_typing => false,
            _ if is_typing => true,
            _ => {
                let keys: Vec<Chord> = self.pending_keys.chords.iter().copied().chain([chord]).collect();
                self.prefs.keymap.lookup(&self.scopes(), &keys) == Lookup::Unbound
            }
        };
        (chord.alt && letter.typed_char().is_some() && unbound()).then_some(letter)
    }

    /// The scopes in which a key is looked up, innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Global]
    }

    fn on_key_in_prompt(&mut self, chord: Chord, now: Timestamp) -> Effects {
        if chord.key == Key::Tab {
            self.complete_prompt();
            return Vec::new();
        }
        let Some(prompt) = self.prompt.as_mut() else { return Vec::new() };
        match prompt.on_key(chord) {
            PromptOutcome::Edited => Vec::new(),
            PromptOutcome::Cancelled => {
                self.prompt = None;
                Vec::new()
            }
            PromptOutcome::Accepted(text) => {
                let purpose = prompt.purpose;
                self.prompt = None;
                match purpose {
                    Purpose::Search => self.start_search(&text),
                    Purpose::Filter => self.apply_filter(&text),
                    Purpose::Feedback => {
                        self.filter_feedback(&text);
                        Vec::new()
                    }
                    Purpose::Pipe => self.run_pipe(text),
                    Purpose::Command => self.run_command(&text, now),
                }
            }
        }
    }

    fn on_key_in_thread_box(&mut self, chord: Chord, now: Timestamp) -> Effects {
        match chord.key {
            Key::Char('c') if chord.ctrl => return vec![Effect::Quit],
            Key::Char('z') if chord.ctrl => return vec![Effect::Suspend],
            Key::Char('o') if chord.ctrl => {
                self.open_profile_list();
                return Vec::new();
            }
            _ => {}
        }
        if chord.key == Key::Tab {
            self.blur_thread_box();
            return Vec::new();
        }
        let outcome = self.thread_box.on_key(chord);
        self.apply_box_outcome(outcome, now)
    }

    fn apply_box_outcome(&mut self, outcome: BoxOutcome, now: Timestamp) -> Effects {
        match outcome {
            BoxOutcome::Edited => Vec::new(),
            BoxOutcome::Open(source) => self.open_and_focus(source, now),
            BoxOutcome::Reopen { source, profile } => self.open_with_profile(source, &profile, now),
            BoxOutcome::Rejected(reason) => {
                self.warn(reason);
                Vec::new()
            }
            BoxOutcome::Blur => {
                self.blur_thread_box();
                if self.loading.is_active() && self.shown_thread().is_none() {
                    self.stop()
                } else {
                    Vec::new()
                }
            }
        }
    }

    /// Leaves the box for the messages; what was typed is forgotten for what is open.
    fn blur_thread_box(&mut self) {
        if matches!(self.pane_content(), PaneContent::Idle) {
            self.thread_box.selected_row = None;
        } else {
            let open = match self.pane_content() {
                PaneContent::Thread(thread) => thread.source.to_input(),
                PaneContent::Opening(source)
                | PaneContent::Failed(source, _)
                | PaneContent::Stopped(source) => source.to_input(),
                PaneContent::Idle => String::new(),
            };
            self.thread_box.set_text(&open);
        }
        self.focus = Pane::Messages;
    }
}
