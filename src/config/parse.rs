//! Parses the file, section by section.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::section::{Section, boolean, did_you_mean, line_number, one_of, string, strings};
use super::{Clipboard, Config, ConfigError, Setting, SettingOrigin, UserTheme, profile, units};
use crate::action::{ACTION_TABLE, Action};
use crate::domain::parse_age;
use crate::keymap::Keymap;
use crate::text::time::Clock;
use crate::theme::{Role, Theme, ThemeChoice};

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
    read_themes(&mut root, &mut config);
    read_colors(&mut root, &mut config);
    read_key_bindings(&mut root, &mut config);
    let mut errors = root.finish();
    errors.sort();
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

fn read_top_level(root: &mut Section<'_>, config: &mut Config) {
    root.read_into("profile", &mut config.default_profiles, strings);
    root.read_into("theme", &mut config.theme, string);
    root.read_into("mouse", &mut config.mouse, boolean);
    root.read_into("window_title", &mut config.window_title, boolean);
    root.read_into("links", &mut config.links, boolean);
    root.read_into("clipboard", &mut config.clipboard, parse_clipboard);
    root.read_into("reveal_hidden", &mut config.reveal_hidden, boolean);
    root.read_into("open_at_problem", &mut config.open_at_problem, boolean);
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
    let mut library = root.section("library");
    library.read_into("keep", &mut config.library_keep, parse_retention);
    root.add_errors(library.finish());
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

fn parse_retention(value: &DeValue<'_>) -> Result<Option<Duration>, String> {
    let expected = || "\"forever\", or an age such as \"3y\" or \"90d\"".to_owned();
    match value.as_str().map(str::trim) {
        Some("forever") => Ok(None),
        text => text.and_then(parse_age).filter(|age| !age.is_zero()).map(Some).ok_or_else(expected),
    }
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
    for (line, style) in read_styles(&mut section, "colors") {
        config.colors.push(Setting { value: style, origin: SettingOrigin::File { line } });
    }
    root.add_errors(section.errors);
}

/// Reads the styles of single roles, with their lines.
fn read_styles(section: &mut Section<'_>, prefix: &str) -> Vec<(usize, (String, String))> {
    let mut theme = Theme::default();
    let mut styles = Vec::new();
    for (name, line, value) in section.entries().into_iter().filter(|(name, ..)| name != BASE) {
        let spec = string(value.get_ref());
        let checked = spec.and_then(|spec| match theme.set(&name, &spec) {
            Ok(()) => Ok(spec),
            Err(error) => Err(error.to_string()),
        });
        match checked {
            Ok(spec) => styles.push((line, (name, spec))),
            Err(reason) => {
                let is_known = Role::ALL.iter().any(|role| role.name() == name);
                let names = Role::ALL.iter().filter(|_| !is_known).map(|role| role.name());
                let suggestion = did_you_mean(&name, names);
                section.add_error(value, format!("`{prefix}.{name}`: {reason}{suggestion}"));
            }
        }
    }
    styles
}

/// The field of a user's theme that is not a role.
const BASE: &str = "base";

/// Reads the user's themes, then checks that the chosen one exists.
fn read_themes(root: &mut Section<'_>, config: &mut Config) {
    let mut all = root.section("themes");
    for (name, line, mut section) in all.sections() {
        if !profile::is_valid_name(&name) || ThemeChoice::BUILT_IN.contains(&name.as_str()) {
            let message = "a theme needs an unused name of letters, digits, - and _".to_owned();
            section.errors.push(ConfigError { line, message });
        }
        let base = section.read(BASE, |value| one_of(value, &["ansi16", "plain", "dark", "light"]));
        let styles = read_styles(&mut section, &format!("themes.{name}"));
        let styles = styles.into_iter().map(|(_, style)| style).collect();
        let base = base.map_or_else(|| "ansi16".to_owned(), |(base, _)| base);
        let origin = SettingOrigin::File { line };
        config.user_themes.insert(name, Setting { value: UserTheme { base, styles }, origin });
        all.add_errors(section.errors);
    }
    root.add_errors(all.errors);
    let SettingOrigin::File { line } = config.theme.origin else { return };
    let names: Vec<&str> =
        ThemeChoice::BUILT_IN.iter().copied().chain(config.user_themes.keys().map(String::as_str)).collect();
    if let Err(expected) = one_of(&DeValue::String(config.theme.value.as_str().into()), &names) {
        root.errors.push(ConfigError { line, message: format!("`theme` must be {expected}") });
    }
}

/// The keys of an action in the file.
struct FileBinding {
    action: Action,
    line: usize,
    keys: Vec<String>,
}

/// Reads the section of keys. An invalid key is only ignored, with a warning.
fn read_key_bindings(root: &mut Section<'_>, config: &mut Config) {
    let section = root.section("keys");
    let mut bindings: Vec<FileBinding> = Vec::new();
    for (name, line, value) in section.entries() {
        let mut warn = |message| config.warnings.push(ConfigError { line, message });
        let Some(action) = Action::from_name(&name) else {
            let suggestion = did_you_mean(&name, ACTION_TABLE.iter().map(|row| row.name));
            warn(format!("unknown action `{name}`{suggestion}"));
            continue;
        };
        let Ok(all) = strings(value.get_ref()) else {
            warn(format!("`keys.{name}` must be a list of keys such as [\"g g\"]"));
            continue;
        };
        let mut keys = Vec::new();
        for key in &all {
            match Keymap::normalize(key) {
                Ok(_) => keys.push(key.clone()),
                Err(error) => warn(format!("`keys.{name}`: {error}")),
            }
        }
        // An empty list unbinds the action; a list of invalid keys does not.
        if !keys.is_empty() || all.is_empty() {
            bindings.push(FileBinding { action, line, keys });
        }
    }
    remove_conflicts(&mut bindings, &mut config.warnings);
    config.warnings.sort();
    for FileBinding { action, line, keys } in bindings {
        let origin = SettingOrigin::File { line };
        config.key_bindings.push(Setting { value: (action, keys), origin });
    }
    root.add_errors(section.errors);
}

/// Removes each key that another action also has; of two actions in the file, from the later one. An action that loses all
/// its keys gets its default keys.
fn remove_conflicts(bindings: &mut Vec<FileBinding>, warnings: &mut Vec<ConfigError>) {
    loop {
        let mut map = Keymap::default();
        for binding in bindings.iter() {
            // Each key has been parsed before.
            let _ = map.rebind(binding.action, &binding.keys);
        }
        let in_file = |name: &str| bindings.iter().rposition(|binding| binding.action.row().name == name);
        let found = map.conflicts().into_iter().find_map(|conflict| {
            let (first, second) = (in_file(conflict.first), in_file(conflict.second));
            let index = first.max(second)?;
            let keys = if Some(index) == second { &conflict.second_keys } else { &conflict.first_keys };
            Some((index, keys.clone(), conflict))
        });
        let Some((index, lost, conflict)) = found else { return };
        let Some(binding) = bindings.get_mut(index) else { return };
        let name = binding.action.row().name;
        binding.keys.retain(|key| Keymap::normalize(key).as_ref() != Ok(&lost));
        let message = format!(
            "`{}` is bound to both `{}` and `{}`; `{name}` does not get it",
            conflict.keys, conflict.first, conflict.second
        );
        warnings.push(ConfigError { line: binding.line, message });
        if binding.keys.is_empty() {
            bindings.remove(index);
        }
    }
}
