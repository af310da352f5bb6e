//! The effective settings, for `unspool config`. They contain no secrets: keys are not settings.

use super::{Clipboard, Config, KeySource, LibraryServer, Setting, SettingOrigin, units};
use crate::domain::format_age;
use crate::text::time::Clock;

/// A setting in the form of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSetting {
    /// The name with its section: `network.max_body`.
    pub name: String,
    /// The value in TOML.
    pub value: String,
    pub origin: SettingOrigin,
}

/// Formats a string in TOML.
fn toml_string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn toml_list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| toml_string(text)).collect::<Vec<_>>().join(", "))
}

fn effective_setting<T>(
    name: impl Into<String>,
    setting: &Setting<T>,
    write: impl FnOnce(&T) -> String,
) -> EffectiveSetting {
    EffectiveSetting { name: name.into(), value: write(&setting.value), origin: setting.origin.clone() }
}

fn clipboard_value(clipboard: &Clipboard) -> String {
    match clipboard {
        Clipboard::Auto => toml_string("auto"),
        Clipboard::Osc52 => toml_string("osc52"),
        Clipboard::Command(words) => toml_list(words),
    }
}

fn clock_value(clock: &Clock) -> String {
    toml_string(match clock {
        Clock::TwentyFour => "24h",
        Clock::Twelve => "12h",
    })
}

/// Adds the source of a secret.
fn add_key_source(prefix: &str, source: &KeySource, add: &mut dyn FnMut(&str, String)) {
    match source {
        KeySource::Environment(name) => add(&format!("{prefix}_env"), toml_string(name)),
        // The arguments may be secret.
        KeySource::Command(words) => {
            add(&format!("{prefix}_command"), toml_list(words.get(..1).unwrap_or_default()));
        }
        KeySource::File(path) => add(&format!("{prefix}_file"), toml_string(path)),
    }
}

fn retention_value(age: &Option<std::time::Duration>) -> String {
    toml_string(&age.map_or_else(|| "forever".to_owned(), format_age))
}

impl Config {
    /// Lists every setting: those without a section, those with one, then those with names chosen by the user.
    pub fn effective_settings(&self) -> Vec<EffectiveSetting> {
        let text = |text: &String| toml_string(text);
        let size = |bytes: &u64| toml_string(&units::format_size(*bytes));
        let duration = |duration: &std::time::Duration| toml_string(&units::format_duration(*duration));
        let mut rows = vec![
            effective_setting("profile", &self.default_profiles, |names| toml_list(names)),
            effective_setting("theme", &self.theme, text),
            effective_setting("mouse", &self.mouse, bool::to_string),
            effective_setting("window_title", &self.window_title, bool::to_string),
            effective_setting("links", &self.links, bool::to_string),
            effective_setting("clipboard", &self.clipboard, clipboard_value),
            effective_setting("reveal_hidden", &self.reveal_hidden, bool::to_string),
            effective_setting("open_at_problem", &self.open_at_problem, bool::to_string),
            effective_setting("log", &self.log_level, text),
            effective_setting("time.zone", &self.time_zone, text),
            effective_setting("time.clock", &self.clock, clock_value),
            effective_setting("network.max_body", &self.max_body, size),
            effective_setting("network.connect_timeout", &self.connect_timeout, duration),
            effective_setting("network.answer_timeout", &self.answer_timeout, duration),
            effective_setting("network.idle_timeout", &self.idle_timeout, duration),
            effective_setting("cache.enabled", &self.cache_enabled, bool::to_string),
            effective_setting("cache.limit", &self.cache_limit, size),
            effective_setting("library.keep", &self.library_keep, retention_value),
            effective_setting("redact.always", &self.redact_always, bool::to_string),
        ];
        self.push_user_named_settings(&mut rows);
        rows
    }

    /// Adds the settings with names chosen by the user.
    fn push_user_named_settings(&self, rows: &mut Vec<EffectiveSetting>) {
        for pattern in &self.redact_patterns {
            rows.push(effective_setting(
                format!("redact.patterns.{}", pattern.value.0),
                pattern,
                |(_, regex)| toml_string(regex),
            ));
        }
        for color in &self.colors {
            rows.push(effective_setting(format!("colors.{}", color.value.0), color, |(_, spec)| {
                toml_string(spec)
            }));
        }
        for (name, theme) in &self.user_themes {
            let mut add = |field: &str, value: &str| {
                let name = format!("themes.{name}.{field}");
                rows.push(EffectiveSetting { name, value: toml_string(value), origin: theme.origin.clone() });
            };
            add("base", &theme.value.base);
            theme.value.styles.iter().for_each(|(role, spec)| add(role, spec));
        }
        for binding in &self.key_bindings {
            let name = binding.value.0.row().name;
            rows.push(effective_setting(format!("keys.{name}"), binding, |(_, keys)| toml_list(keys)));
        }
        for (name, profile) in &self.profiles {
            let mut add = |field: &str, value: String| {
                let name = format!("profiles.{name}.{field}");
                rows.push(EffectiveSetting { name, value, origin: profile.origin.clone() });
            };
            let profile = &profile.value;
            add("service", toml_string(profile.service));
            profile.base_url.iter().for_each(|url| add("base_url", toml_string(url)));
            profile.account.iter().for_each(|account| add("account", toml_string(account)));
            profile.by_account.iter().for_each(|by| add("by_account", by.to_string()));
            profile.key_source.iter().for_each(|source| add_key_source("key", source, &mut add));
            if let Some(LibraryServer { address, user, password_source }) = &profile.library {
                add("library", toml_string(address));
                user.iter().for_each(|user| add("library_user", toml_string(user)));
                let source = password_source.iter();
                source.for_each(|source| add_key_source("library_password", source, &mut add));
            }
        }
    }
}
