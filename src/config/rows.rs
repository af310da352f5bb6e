//! The settings as they are in effect, for `unspool config`. No secret is among them: keys are not settings.

use super::{Clipboard, Config, KeySource, Origin, Setting, quantity};
use crate::text::time::Hours;

/// A setting as it would stand in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// With its section: `network.max_body`.
    pub name: String,
    pub value: String,
    pub origin: Origin,
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn row<T>(name: impl Into<String>, setting: &Setting<T>, write: impl FnOnce(&T) -> String) -> Row {
    Row { name: name.into(), value: write(&setting.value), origin: setting.origin.clone() }
}

fn clipboard(clipboard: &Clipboard) -> String {
    match clipboard {
        Clipboard::Auto => quoted("auto"),
        Clipboard::Osc52 => quoted("osc52"),
        Clipboard::Command(words) => list(words),
    }
}

fn hours(hours: &Hours) -> String {
    quoted(match hours {
        Hours::TwentyFour => "24h",
        Hours::Twelve => "12h",
    })
}

impl Config {
    /// Every setting, those with sections after those without; lists of the user's own last.
    pub fn rows(&self) -> Vec<Row> {
        let text = |text: &String| quoted(text);
        let size = |bytes: &u64| quoted(&quantity::write_size(*bytes));
        let time = |time: &std::time::Duration| quoted(&quantity::write_time(*time));
        let mut rows = vec![
            row("profile", &self.profile, |names| list(names)),
            row("theme", &self.theme, text),
            row("mouse", &self.mouse, bool::to_string),
            row("clipboard", &self.clipboard, clipboard),
            row("reveal_hidden", &self.reveal_hidden, bool::to_string),
            row("log", &self.log, text),
            row("time.zone", &self.zone, text),
            row("time.clock", &self.hours, hours),
            row("network.max_body", &self.max_body, size),
            row("network.connect_timeout", &self.connect_timeout, time),
            row("network.answer_timeout", &self.answer_timeout, time),
            row("network.idle_timeout", &self.idle_timeout, time),
            row("cache.enabled", &self.cache_enabled, bool::to_string),
            row("cache.limit", &self.cache_limit, size),
            row("redact.always", &self.redact_always, bool::to_string),
        ];
        self.own_rows(&mut rows);
        rows
    }

    /// What has names of the user's.
    fn own_rows(&self, rows: &mut Vec<Row>) {
        for pattern in &self.redact_patterns {
            rows.push(row(format!("redact.patterns.{}", pattern.value.0), pattern, |(_, regex)| {
                quoted(regex)
            }));
        }
        for color in &self.colors {
            rows.push(row(format!("colors.{}", color.value.0), color, |(_, spec)| quoted(spec)));
        }
        for keys in &self.keys {
            let name = keys.value.0.row().map_or("", |row| row.name);
            rows.push(row(format!("keys.{name}"), keys, |(_, keys)| list(keys)));
        }
        for (name, profile) in &self.profiles {
            let mut add = |field: &str, value: String| {
                let name = format!("profiles.{name}.{field}");
                rows.push(Row { name, value, origin: profile.origin.clone() });
            };
            let profile = &profile.value;
            add("service", quoted(profile.service));
            profile.base_url.iter().for_each(|url| add("base_url", quoted(url)));
            profile.account.iter().for_each(|account| add("account", quoted(account)));
            profile.by_account.iter().for_each(|by| add("by_account", by.to_string()));
            match &profile.key {
                Some(KeySource::Environment(name)) => add("key_env", quoted(name)),
                // Arguments may be nobody's business.
                Some(KeySource::Command(words)) => {
                    add("key_command", list(words.get(..1).unwrap_or_default()))
                }
                Some(KeySource::File(path)) => add("key_file", quoted(path)),
                None => {}
            }
        }
    }
}
