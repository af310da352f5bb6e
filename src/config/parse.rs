//! Parses the file, section by section.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::section::{Section, boolean, did_you_mean, line_number, one_of, string, strings};
use super::{Clipboard, Config, ConfigError, Setting, SettingOrigin, profile, units};
use crate::action::{ACTION_TABLE, Action};
use crate::keymap::Keymap;
use crate::text::time::Clock;
use crate::theme::{Role, Theme};

pub(super) fn parse(text: &str) -> Result<Config, Vec<ConfigError>> {
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let message = format!("invalid TOML: {}", error.message().lines().collect::<Vec<_>>().join(" "));
        vec![ConfigError { line: line_number(text, offset), message }]
    })?;
    let mut root = Section::root(text, table.get_ref());
    let mut config = Config::default();
    read_top_level(&mut root, &mut config);
    read_sections(&mut root, &mut config);
    read_profiles(&mut root, &mut config);
    read_colors(&mut root, &mut config);
    read_key_bindings(&mut root, &mut config);
    let mut errors = root.finish();
    errors.sort();
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

fn read_top_level(root: &mut Section<'_>, config: &mut Config) {
    root.read_into("profile", &mut config.default_profiles, strings);
    root.read_into("theme", &mut config.theme, |value| one_of(value, Config::THEMES));
    root.read_into("mouse", &mut config.mouse, boolean);
    root.read_into("clipboard", &mut config.clipboard, parse_clipboard);
    root.read_into("reveal_hidden", &mut config.reveal_hidden, boolean);
    root.read_into("log", &mut config.log_level, |value| one_of(value, Config::LOG_LEVELS));
}

fn read_sections(root: &mut Section<'_>, config: &mut Config) {
    let mut time = root.section("time");
    time.read_into("zone", &mut config.time_zone, string);
    time.read_into("clock", &mut config.clock, |value| {
        one_of(value, &["24h", "12h"])
            .map(|name| if name == "12h" { Clock::Twelve } else { Clock::TwentyFour })
    });
    root.add_errors(time.finish());
    let mut network = root.section("network");
    network.read_into("max_body", &mut config.max_body, parse_size);
    network.read_into("connect_timeout", &mut config.connect_timeout, parse_duration);
    network.read_into("answer_timeout", &mut config.answer_timeout, parse_duration);
    network.read_into("idle_timeout", &mut config.idle_timeout, parse_duration);
    root.add_errors(network.finish());
    let mut cache = root.section("cache");
    cache.read_into("enabled", &mut config.cache_enabled, boolean);
    cache.read_into("limit", &mut config.cache_limit, parse_size);
    root.add_errors(cache.finish());
    let mut redact = root.section("redact");
    redact.read_into("always", &mut config.redact_always, boolean);
    let mut patterns = redact.section("patterns");
    for (name, line, value) in patterns.entries() {
        match string(value.get_ref()) {
            Ok(pattern) => {
                config
                    .redact_patterns
                    .push(Setting { value: (name, pattern), origin: SettingOrigin::File { line } });
            }
            Err(expected) => patterns.add_error(value, format!("the pattern `{name}` must be {expected}")),
        }
    }
    redact.add_errors(patterns.errors);
    root.add_errors(redact.finish());
}

fn parse_clipboard(value: &DeValue<'_>) -> Result<Clipboard, String> {
    let expected = || "\"auto\", \"osc52\", or a list of a program and its arguments".to_owned();
    match value.as_str() {
        Some("auto") => Ok(Clipboard::Auto),
        Some("osc52") => Ok(Clipboard::Osc52),
        Some(_) => Err(expected()),
        None => {
            let words = strings(value).ok().filter(|words| !words.is_empty());
            words.map(Clipboard::Command).ok_or_else(expected)
        }
    }
}

fn parse_size(value: &DeValue<'_>) -> Result<u64, String> {
    let expected = || "a size such as \"500 MB\" or \"2 GiB\"".to_owned();
    value.as_str().and_then(units::parse_size).filter(|size| *size > 0).ok_or_else(expected)
}

fn parse_duration(value: &DeValue<'_>) -> Result<Duration, String> {
    let expected = || "a duration such as \"30 s\" or \"500 ms\"".to_owned();
    value.as_str().and_then(units::parse_duration).filter(|time| !time.is_zero()).ok_or_else(expected)
}

fn read_profiles(root: &mut Section<'_>, config: &mut Config) {
    let mut all = root.section("profiles");
    for (name, line, mut section) in all.sections() {
        if !profile::is_valid_name(&name) {
            let message = "a profile name may contain only letters, digits, - and _".to_owned();
            section.errors.push(ConfigError { line, message });
        }
        let error_count = section.errors.len();
        match profile::read(&mut section) {
            Some(profile) => {
                let origin = SettingOrigin::File { line };
                config.profiles.insert(name, Setting { value: profile, origin });
            }
            None if section.errors.len() == error_count => {
                let message = format!("the profile `{name}` needs a `service`");
                section.errors.push(ConfigError { line, message });
            }
            None => {}
        }
        all.add_errors(section.finish_with(profile::misplaced_key_hint));
    }
    root.add_errors(all.errors);
    check_default_profiles(root, config);
}

/// Checks that the default profiles exist, at most one per service.
fn check_default_profiles(root: &mut Section<'_>, config: &Config) {
    let SettingOrigin::File { line } = config.default_profiles.origin else { return };
    let mut services: BTreeMap<&str, &str> = BTreeMap::new();
    for name in &config.default_profiles.value {
        let message = match config.profiles.get(name) {
            None => {
                let suggestion = did_you_mean(name, config.profiles.keys().map(String::as_str));
                format!("unknown profile `{name}`{suggestion}")
            }
            Some(profile) => match services.insert(profile.value.service, name) {
                Some(other) => format!("`{other}` and `{name}` are both for {}", profile.value.service),
                None => continue,
            },
        };
        root.errors.push(ConfigError { line, message });
    }
}

fn read_colors(root: &mut Section<'_>, config: &mut Config) {
    let mut section = root.section("colors");
    let mut theme = Theme::default();
    for (name, line, value) in section.entries() {
        let spec = string(value.get_ref());
        let checked = spec.and_then(|spec| match theme.set(&name, &spec) {
            Ok(()) => Ok(spec),
            Err(error) => Err(error.to_string()),
        });
        match checked {
            Ok(spec) => {
                config.colors.push(Setting { value: (name, spec), origin: SettingOrigin::File { line } })
            }
            Err(reason) => {
                let is_known = Role::ALL.iter().any(|role| role.name() == name);
                let names = Role::ALL.iter().filter(|_| !is_known).map(|role| role.name());
                let suggestion = did_you_mean(&name, names);
                section.add_error(value, format!("`colors.{name}`: {reason}{suggestion}"));
            }
        }
    }
    root.add_errors(section.errors);
}

fn read_key_bindings(root: &mut Section<'_>, config: &mut Config) {
    let mut section = root.section("keys");
    let mut map = Keymap::default();
    let mut lines: Vec<(&str, usize)> = Vec::new();
    for (name, line, value) in section.entries() {
        let Some(action) = Action::from_name(&name) else {
            let suggestion = did_you_mean(&name, ACTION_TABLE.iter().map(|row| row.name));
            section
                .errors
                .push(ConfigError { line, message: format!("unknown action `{name}`{suggestion}") });
            continue;
        };
        let keys =
            strings(value.get_ref()).map_err(|_| "must be a list of keys such as [\"g g\"]".to_owned());
        let bound_keys = keys.and_then(|keys| match map.rebind(action, &keys) {
            Ok(()) => Ok(keys),
            Err(error) => Err(format!("cannot be bound to {:?}: not a key", error.text)),
        });
        match bound_keys {
            Ok(keys) => {
                lines.push((action.row().name, line));
                config
                    .key_bindings
                    .push(Setting { value: (action, keys), origin: SettingOrigin::File { line } });
            }
            Err(reason) => section.add_error(value, format!("`keys.{name}` {reason}")),
        }
    }
    for conflict in map.conflicts() {
        let line_of = |name: &str| lines.iter().find(|(bound, _)| *bound == name).map(|(_, line)| *line);
        let line = line_of(conflict.second).or(line_of(conflict.first)).unwrap_or(1);
        let message =
            format!("`{}` is bound to both `{}` and `{}`", conflict.keys, conflict.first, conflict.second);
        section.errors.push(ConfigError { line, message });
    }
    root.add_errors(section.errors);
}
