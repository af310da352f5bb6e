//! The settings: defaults, overridden by `config.toml`, overridden by the environment. Every value records its origin.
//! Other modules read the file and apply the settings.

mod effective;
mod parse;
mod profile;
mod profiles;
mod section;
mod units;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::action::Action;
use crate::keymap::Keymap;
use crate::text::time::Clock;
use crate::theme::{Theme, ThemeChoice};

pub use profile::{KeySource, LibraryServer, Profile};
pub use profiles::{
    ActiveAccess, LinkAccess, ProfileChoice, Profiles, link_host_warning, link_profile_notice,
};

/// The commented sample file; its values are the defaults.
pub const SAMPLE: &str = include_str!("../assets/config.toml");

/// The origin of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SettingOrigin {
    #[default]
    Default,
    /// The configuration file; lines count from 1.
    File { line: usize },
    /// The environment variable with this name.
    Environment(String),
    /// The command-line flag with this name.
    Flag(&'static str),
    /// The profile with this name.
    Profile(String),
}

/// A value and its origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: SettingOrigin,
}

impl<T> Setting<T> {
    /// Creates a default.
    pub fn new(value: T) -> Self {
        Self { value, origin: SettingOrigin::Default }
    }

    /// Replaces the value.
    pub fn set(&mut self, value: T, origin: SettingOrigin) {
        *self = Self { value, origin };
    }
}

/// The way to the clipboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Clipboard {
    /// Chosen from the environment.
    #[default]
    Auto,
    /// Through the terminal.
    Osc52,
    /// To the standard input of this program with these arguments.
    Command(Vec<String>),
}

/// A theme of the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserTheme {
    /// The name of the built-in theme that it modifies.
    pub base: String,
    /// Styles of single roles: name and spec.
    pub styles: Vec<(String, String)>,
}

impl UserTheme {
    fn build(&self) -> Theme {
        let mut theme = Theme::from_name(&self.base).unwrap_or_default();
        for (name, spec) in &self.styles {
            // Name and spec were checked when the file was parsed.
            let _ = theme.set(name, spec);
        }
        theme
    }
}

/// An invalid name or value in the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ConfigError {
    /// The line, from 1.
    pub line: usize,
    pub message: String,
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The profiles in use unless the user names another; at most one per service.
    pub default_profiles: Setting<Vec<String>>,
    pub profiles: BTreeMap<String, Setting<Profile>>,
    /// The theme: one of [`ThemeChoice::BUILT_IN`] or of `user_themes`.
    pub theme: Setting<String>,
    pub user_themes: BTreeMap<String, Setting<UserTheme>>,
    /// Styles of single roles, over those of the theme: name and spec.
    pub colors: Vec<Setting<(String, String)>>,
    pub mouse: Setting<bool>,
    /// Whether the window shows the title of the thread.
    pub window_title: Setting<bool>,
    /// Whether web addresses are links of the terminal.
    pub links: Setting<bool>,
    pub clipboard: Setting<Clipboard>,
    /// Whether invisible characters are shown.
    pub reveal_hidden: Setting<bool>,
    /// Whether a thread that is opened for the first time shows its first problem.
    pub open_at_problem: Setting<bool>,
    /// One of [`Config::LOG_LEVELS`].
    pub log_level: Setting<String>,
    /// `system`, `utc`, or a name such as `Europe/Vienna`.
    pub time_zone: Setting<String>,
    pub clock: Setting<Clock>,
    pub max_body: Setting<u64>,
    pub connect_timeout: Setting<Duration>,
    pub answer_timeout: Setting<Duration>,
    pub idle_timeout: Setting<Duration>,
    pub cache_enabled: Setting<bool>,
    /// The maximum number of bytes on the disk.
    pub cache_limit: Setting<u64>,
    /// The age after which archive runs remove unchanged threads; `None` to keep all.
    pub library_keep: Setting<Option<Duration>>,
    /// Whether exports and pushes are masked without `--redact`.
    pub redact_always: Setting<bool>,
    /// Named regular expressions of the user. They are compiled, and checked, on use.
    pub redact_patterns: Vec<Setting<(String, String)>>,
    pub key_bindings: Vec<Setting<(Action, Vec<String>)>>,
    /// Warnings about ignored keys. An invalid key does not invalidate the configuration.
    pub warnings: Vec<ConfigError>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            default_profiles: Setting::default(),
            profiles: BTreeMap::new(),
            theme: Setting::new(ThemeChoice::AUTO.to_owned()),
            user_themes: BTreeMap::new(),
            colors: Vec::new(),
            mouse: Setting::new(true),
            window_title: Setting::new(true),
            links: Setting::new(true),
            clipboard: Setting::default(),
            reveal_hidden: Setting::new(false),
            open_at_problem: Setting::new(true),
            log_level: Setting::new("warn".to_owned()),
            time_zone: Setting::new("system".to_owned()),
            clock: Setting::default(),
            max_body: Setting::new(2 << 30),
            connect_timeout: Setting::new(Duration::from_secs(10)),
            answer_timeout: Setting::new(Duration::from_secs(60)),
            idle_timeout: Setting::new(Duration::from_secs(30)),
            cache_enabled: Setting::new(true),
            cache_limit: Setting::new(1 << 30),
            library_keep: Setting::new(None),
            redact_always: Setting::new(false),
            redact_patterns: Vec::new(),
            key_bindings: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl Config {
    /// The levels of the log.
    pub const LOG_LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

    /// Parses the file over the defaults.
    ///
    /// # Errors
    /// All invalid names and values, in the order of their lines.
    pub fn parse(text: &str) -> Result<Self, Vec<ConfigError>> {
        parse::parse(text)
    }

    /// Applies environment variables; `lookup` returns the value of a variable.
    pub fn apply_environment(&mut self, lookup: &dyn Fn(&str) -> Option<String>) {
        let set = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        if set("NO_COLOR").is_some() {
            self.theme.set("plain".to_owned(), SettingOrigin::Environment("NO_COLOR".to_owned()));
            self.colors.clear();
        }
        if let Some(level) = set("UNSPOOL_LOG") {
            self.log_level
                .set(level.trim().to_ascii_lowercase(), SettingOrigin::Environment("UNSPOOL_LOG".to_owned()));
        }
    }

    /// Builds the choice of themes, with the styles of single roles.
    pub fn theme_choice(&self) -> ThemeChoice {
        let user = self.user_themes.iter().map(|(name, theme)| (name.clone(), theme.value.build())).collect();
        let colors = self.colors.iter().map(|color| color.value.clone()).collect();
        ThemeChoice::new(&self.theme.value, user, colors)
    }

    /// Builds the keymap.
    pub fn keymap(&self) -> Keymap {
        let mut map = Keymap::default();
        for binding in &self.key_bindings {
            // Checked when the file was parsed.
            let _ = map.rebind(binding.value.0, &binding.value.1);
        }
        map
    }
}

impl fmt::Display for SettingOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { line } => write!(f, "config.toml, line {line}"),
            Self::Environment(name) => write!(f, "variable {name}"),
            Self::Flag(name) => f.write_str(name),
            Self::Profile(name) => write!(f, "profile {name}"),
        }
    }
}

#[cfg(test)]
mod tests;
