//! All state, and the one place where it changes: [`App::update`]. Synchronous and total: no clock, no I/O, no panic,
//! whatever comes in whatever order. Each pane's part lives in `app/<pane>` and is drawn by `ui/<pane>`.

pub mod changes;
pub mod commands;
pub mod compare;
pub mod detail;
pub mod document;
pub mod exporting;
pub mod filtering;
pub mod find;
pub mod follow;
pub mod help;
pub mod hits;
pub mod insight;
pub mod jumps;
pub mod keys;
pub mod loading;
pub mod messages;
pub mod overlay;
pub mod page;
mod perform;
mod pointing;
pub mod profiles;
pub mod prompt;
pub mod recognise;
pub mod running;
pub mod scroll;
pub mod take;
pub mod target;
pub mod thread;
pub mod thread_box;

pub use detail::Prepared;
pub use page::TextPage;

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::action::Scope;
use crate::app::changes::Changes;
use crate::app::compare::Marked;
use crate::app::detail::Detail;
use crate::app::detail::compose::HiddenText;
use crate::app::exporting::ExportMenu;
use crate::app::filtering::Filtering;
use crate::app::find::Find;
use crate::app::follow::Follow;
use crate::app::insight::Insights;
use crate::app::keys::{Outcome, Pending};
use crate::app::loading::{Loading, Showing};
use crate::app::messages::MessageList;
use crate::app::profiles::Profiles;
use crate::app::prompt::{Prompt, PromptOutcome, Purpose};
use crate::app::take::Taken;
use crate::app::target::Target;
use crate::app::thread::OpenThread;
use crate::app::thread_box::{BoxOutcome, ThreadBox};
use crate::domain::Stamp;
use crate::effect::{Effect, Freshness, Source};
use crate::event::Event;
use crate::keymap::{Chord, Code, Keymap, Lookup};
use crate::layout::{self, Arrangement, Frame, Pane};
use crate::text::time::Calendar;

/// Effects of an update, in order.
pub type Effects = Vec<Effect>;

/// A sentence for the bottom line; gone with the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub tone: Tone,
    /// What the next key can have written to a file, if it is `w`.
    pub offer: Option<Taken>,
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
    Profile { selected: usize, offset: usize },
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
    pub zone: Calendar,
    /// Said on the empty screen: how to begin.
    pub welcome: Vec<String>,
    /// Whether zero-width and tag characters are shown.
    pub hidden: HiddenText,
    /// The profiles there are and those in use.
    pub profiles: Profiles,
}

impl Default for Prefs {
    fn default() -> Self {
        Self {
            keymap: Keymap::default(),
            zone: TimeZone::UTC.into(),
            welcome: Vec::new(),
            hidden: HiddenText::Counted,
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
    pub find: Option<Find>,
    last_search: u64,
    pub filtering: Option<Filtering>,
    last_filter: u64,
    pub insights: Insights,
    pub follow: Option<Follow>,
    follows: u64,
    /// What a deep link wants to see, until it is shown.
    pub target: Option<Target>,
    /// What waits for a shell command to be typed.
    piped: Option<Taken>,
    /// Whether the terminal has the mouse.
    pub mouse_released: bool,
    pub prompt: Option<Prompt>,
    pub overlay: Option<Overlay>,
    /// Counts pages over the panes.
    pages: u64,
    /// The message that others are compared with.
    pub marked: Option<Marked>,
    /// What the last reload brought.
    changes: Option<Arc<Changes>>,
    pub notice: Option<Notice>,
    pub pending: Pending,
    pub prefs: Prefs,
    /// The time of the last event; what is drawn depends on no other clock.
    pub now: Stamp,
    /// Turns while something is under way.
    pub beat: u64,
}

impl App {
    /// The state before anything happened.
    pub fn new(prefs: Prefs, width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            focus: Pane::ThreadBox,
            zoomed: false,
            thread_box: ThreadBox::preferring(prefs.profiles.preferred),
            thread: None,
            loading: Loading::default(),
            list: MessageList::default(),
            detail: Detail::default(),
            find: None,
            last_search: 0,
            filtering: None,
            last_filter: 0,
            insights: Insights::default(),
            follow: None,
            follows: 0,
            target: None,
            piped: None,
            mouse_released: false,
            prompt: None,
            overlay: None,
            pages: 0,
            marked: None,
            changes: None,
            notice: None,
            pending: Pending::default(),
            prefs,
            now: Stamp::default(),
            beat: 0,
        }
    }

    /// The areas of the screen as it is.
    pub fn frame(&self) -> Frame {
        layout::areas(&Arrangement {
            width: self.width,
            height: self.height,
            focus: self.focus,
            zoomed: self.zoomed && self.focus != Pane::ThreadBox,
        })
    }

    /// Whether something on the screen moves by itself.
    pub fn is_animated(&self) -> bool {
        self.loading.is_active()
    }

    /// Says something in the bottom line.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), tone: Tone::Plain, offer: None });
    }

    /// Says that something is wrong.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), tone: Tone::Warning, offer: None });
    }

    /// Opens a thread by command line or choice and shows it.
    pub fn start_with(&mut self, source: Source, now: Stamp) -> Effects {
        self.thread_box.show(&source.typed());
        self.focus = Pane::Messages;
        self.open(source, Freshness::CachedFirst, now)
    }

    /// Takes in one fact. The same state and the same event give the same state and the same effects.
    pub fn update(&mut self, event: Event, now: Stamp) -> Effects {
        self.now = now;
        match event {
            Event::Key(chord) => self.press(chord, now),
            Event::Paste(text) => self.paste(&text),
            Event::Mouse(mouse) => self.point(mouse, now),
            Event::Resize { width, height } => {
                self.resize(width, height);
                Vec::new()
            }
            Event::Fetch { request, news } => self.hear(request, news, now),
            Event::Read(read) => {
                self.take_read(read);
                Vec::new()
            }
            Event::PayloadRead(answer) => {
                self.take_answer(*answer);
                Vec::new()
            }
            Event::Laid(laid) => {
                self.take_laid(*laid);
                Vec::new()
            }
            Event::Found(findings) => self.take_findings(findings),
            Event::Filtered { id, visible } => {
                self.take_filtered(id, visible);
                Vec::new()
            }
            Event::Analysed { generation, insight } => {
                self.take_insight(generation, insight);
                Vec::new()
            }
            Event::Piped(piped) => {
                self.show_piped(&piped);
                Vec::new()
            }
            Event::Told { text, warning } => {
                if warning {
                    self.warn(text)
                } else {
                    self.say(text)
                }
                Vec::new()
            }
            Event::NotCopied { taken, why } => self.offer_file(taken, &why),
            Event::Due { number } => self.follow_due(number, now),
            Event::Visits(visits) => {
                self.thread_box.visits = visits;
                Vec::new()
            }
            Event::Tick => {
                self.beat = self.beat.wrapping_add(1);
                Vec::new()
            }
            Event::Settle => self.settle(),
            Event::Resumed => Vec::new(),
            Event::TaskFailed { what } => {
                self.warn(what);
                Vec::new()
            }
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height);
        self.select(self.list.selected);
    }

    fn paste(&mut self, text: &str) -> Effects {
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
        self.pending.clear();
        self.thread_box.begin();
    }

    fn press(&mut self, chord: Chord, now: Stamp) -> Effects {
        let offer = self.notice.take().and_then(|notice| notice.offer);
        if let Some(taken) = offer.filter(|_| chord == Chord::plain(Code::Char('w')) && !self.is_typing()) {
            return vec![Effect::Save(taken)];
        }
        if let Some(letter) = self.letter_after_escape(chord) {
            let mut effects = self.press(Chord::plain(Code::Esc), now);
            effects.extend(self.press(letter, now));
            return effects;
        }
        if self.focus == Pane::ThreadBox && self.overlay.is_none() {
            return self.press_in_box(chord, now);
        }
        if self.prompt.is_some() {
            return self.press_in_prompt(chord, now);
        }
        let scopes = self.scopes();
        let before = (self.detail.tab, self.focus);
        let outcome = self.pending.press(chord, &scopes, &self.prefs.keymap, now);
        match outcome {
            Outcome::Act { action, count } => {
                self.detail.before = before;
                self.perform(action, count, now)
            }
            Outcome::TakeBackAndAct { action, count } => {
                (self.detail.tab, self.focus) = self.detail.before;
                self.perform(action, count, now)
            }
            Outcome::TakeBack => {
                (self.detail.tab, self.focus) = self.detail.before;
                Vec::new()
            }
            Outcome::More | Outcome::Nothing => Vec::new(),
        }
    }

    /// Whether letters are text.
    fn is_typing(&self) -> bool {
        (self.focus == Pane::ThreadBox && self.overlay.is_none()) || self.prompt.is_some()
    }

    /// Terminals send Alt and a letter as escape and the letter. Where that is bound to nothing, somebody pressed Esc and
    /// was quick with the next key.
    fn letter_after_escape(&self, chord: Chord) -> Option<Chord> {
        let letter = Chord { alt: false, ..chord };
        let is_typing = self.is_typing();
        let unbound = || match letter.code {
            // Words back, forth and away.
            Code::Char('b' | 'f' | 'd') if is_typing => false,
            _ if is_typing => true,
            _ => {
                let keys: Vec<Chord> = self.pending.chords.iter().copied().chain([chord]).collect();
                self.prefs.keymap.lookup(&self.scopes(), &keys) == Lookup::Nothing
            }
        };
        (chord.alt && letter.typed().is_some() && unbound()).then_some(letter)
    }

    /// The scopes in which a key is looked up, innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        vec![Scope::Global]
    }

    fn press_in_prompt(&mut self, chord: Chord, now: Stamp) -> Effects {
        if chord.code == Code::Tab {
            self.complete_prompt();
            return Vec::new();
        }
        let Some(prompt) = self.prompt.as_mut() else { return Vec::new() };
        match prompt.press(chord) {
            PromptOutcome::Edited => Vec::new(),
            PromptOutcome::Given => {
                self.prompt = None;
                Vec::new()
            }
            PromptOutcome::Accepted(text) => {
                let purpose = prompt.purpose;
                self.prompt = None;
                match purpose {
                    Purpose::Search => self.search(&text),
                    Purpose::Filter => self.filter_by(&text),
                    Purpose::Feedback => {
                        self.list_feedback_with(&text);
                        Vec::new()
                    }
                    Purpose::Pipe => self.pipe(text),
                    Purpose::Command => self.run_command(&text, now),
                }
            }
        }
    }

    fn press_in_box(&mut self, chord: Chord, now: Stamp) -> Effects {
        match chord.code {
            Code::Char('c') if chord.ctrl => return vec![Effect::Quit],
            Code::Char('z') if chord.ctrl => return vec![Effect::Suspend],
            Code::Char('o') if chord.ctrl => {
                self.ask_profile();
                return Vec::new();
            }
            _ => {}
        }
        if chord.code == Code::Tab {
            self.leave_box();
            return Vec::new();
        }
        let outcome = self.thread_box.press(chord);
        self.finish_box(outcome, now)
    }

    fn finish_box(&mut self, outcome: BoxOutcome, now: Stamp) -> Effects {
        match outcome {
            BoxOutcome::Edited => Vec::new(),
            BoxOutcome::Open(source) => self.start_with(source, now),
            BoxOutcome::Again { source, profile } => self.open_by(source, &profile, now),
            BoxOutcome::Refused(reason) => {
                self.warn(reason);
                Vec::new()
            }
            BoxOutcome::Leave => {
                self.leave_box();
                if self.loading.is_active() && self.shown_thread().is_none() {
                    self.stop()
                } else {
                    Vec::new()
                }
            }
        }
    }

    /// Leaves the box for the messages; what was typed is forgotten for what is open.
    fn leave_box(&mut self) {
        if matches!(self.showing(), Showing::Idle) {
            self.thread_box.chosen = None;
        } else {
            let open = match self.showing() {
                Showing::Thread(thread) => thread.source.typed(),
                Showing::Opening(source) | Showing::Failed(source, _) | Showing::Stopped(source) => {
                    source.typed()
                }
                Showing::Idle => String::new(),
            };
            self.thread_box.show(&open);
        }
        self.focus = Pane::Messages;
    }
}
