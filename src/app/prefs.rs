//! Settings that change rarely or never while the program runs, and the functions that switch them. Each returns the notice
//! about the switch.

use jiff::tz::TimeZone;

use crate::app::Notice;
use crate::config::Profiles;
use crate::domain::{Message, Timestamp};
use crate::effect::{Effect, MouseOwner};
use crate::keymap::Keymap;
use crate::text::time::TimeFormat;
use crate::theme::ThemeChoice;
use crate::view::message::{HiddenText, TextMode, TextOptions};
use crate::view::metadata::TimeContext;

/// Settings that change rarely or never while the program runs.
#[derive(Clone, Debug)]
pub struct Prefs {
    pub keymap: Keymap,
    /// The time zone and clock of displayed times.
    pub time_format: TimeFormat,
    /// Getting-started lines for the empty screen.
    pub welcome: Vec<String>,
    /// The service whose threads are listed first, if only one has a key.
    pub listed_service: Option<&'static str>,
    /// Whether a thread that is opened for the first time shows its first problem.
    pub opens_at_problem: bool,
    /// Whether the demo can be started inside the running program.
    pub offers_demo: bool,
    /// Whether texts are rendered, and whether hidden characters are shown.
    pub text_options: TextOptions,
    /// Whether the window shows the title of the thread.
    pub sets_window_title: bool,
    /// Whether the terminal handles the mouse instead of the program.
    pub mouse_released: bool,
    /// The configured profiles and the active ones.
    pub profiles: Profiles,
    pub theme: ThemeChoice,
}

impl Prefs {
    /// Returns the format of times, with the time that ages refer to.
    pub fn time_context(&self, now: Timestamp) -> TimeContext<'_> {
        TimeContext { time_format: &self.time_format, now }
    }

    /// Chooses a theme by its name, or lists the names.
    pub(super) fn choose_theme(&mut self, name: &str) -> Notice {
        if self.theme.choose(name) {
            return Notice::plain(format!("Theme {name}"));
        }
        let names = self.theme.names().collect::<Vec<_>>().join(", ");
        let start = if name.is_empty() { String::new() } else { format!("No theme {name}. ") };
        Notice::warning(format!("{start}Themes: {names}"))
    }

    /// Gives the mouse to the terminal, or takes it back.
    pub(super) fn toggle_mouse(&mut self) -> (Notice, Effect) {
        self.mouse_released = !self.mouse_released;
        let (text, owner) = if self.mouse_released {
            ("Mouse off: select text with the terminal", MouseOwner::Terminal)
        } else {
            ("Mouse on", MouseOwner::Program)
        };
        (Notice::plain(text), Effect::SetMouseOwner(owner))
    }

    /// Switches texts between rendered and source; `shown` is the message whose text should change.
    pub(super) fn toggle_text_mode(&mut self, shown: Option<&Message>) -> Notice {
        let mode = self.text_options.mode;
        let next = match shown {
            Some(message) => mode.next(message),
            None if mode == TextMode::BySpeaker => TextMode::Source,
            None => TextMode::BySpeaker,
        };
        self.text_options.mode = next;
        Notice::plain(match next {
            TextMode::BySpeaker => "Answers rendered, other text verbatim",
            TextMode::Source => "All text as source",
            TextMode::Rendered => "All text rendered as Markdown",
        })
    }

    /// Shows or hides zero-width and tag characters, and the control sequences of tools.
    pub(super) fn toggle_hidden_text(&mut self) -> Notice {
        let (hidden, text) = match self.text_options.hidden {
            HiddenText::Counted => (HiddenText::Shown, "Hidden characters shown"),
            HiddenText::Shown => (HiddenText::Counted, "Hidden characters omitted"),
        };
        self.text_options.hidden = hidden;
        Notice::plain(text)
    }
}

impl Default for Prefs {
    fn default() -> Self {
        Self {
            keymap: Keymap::default(),
            time_format: TimeZone::UTC.into(),
            welcome: Vec::new(),
            listed_service: None,
            opens_at_problem: false,
            offers_demo: false,
            text_options: TextOptions::default(),
            sets_window_title: false,
            mouse_released: false,
            profiles: Profiles::default(),
            theme: ThemeChoice::default(),
        }
    }
}
