//! The file, section by section.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::section::{Section, boolean, line, one_of, string, strings};
use super::{Clipboard, Config, Origin, Problem, Setting, nearest, profile, quantity};
use crate::action::{Action, TABLE};
use crate::keymap::Keymap;
use crate::text::time::Hours;
use crate::theme::{Role, Theme};

pub(super) fn parse(text: &str) -> Result<Config, Vec<Problem>> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let what = format!("this is not TOML: {}", error.message().lines().collect::<Vec<_>>().join(" "));
        vec![Problem { line: line(text, at), what }]
    })?;
    let mut root = Section::root(text, table.get_ref());
    let mut config = Config::default();
    top(&mut root, &mut config);
    sections(&mut root, &mut config);
    profiles(&mut root, &mut config);
    colors(&mut root, &mut config);
    keys(&mut root, &mut config);
    let mut problems = root.finish();
    problems.sort();
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

fn top(root: &mut Section<'_>, config: &mut Config) {
    root.take("profile", &mut config.profile, strings);
    root.take("theme", &mut config.theme, |value| one_of(value, Config::THEMES));
    root.take("mouse", &mut config.mouse, boolean);
    root.take("clipboard", &mut config.clipboard, clipboard);
    root.take("reveal_hidden", &mut config.reveal_hidden, boolean);
    root.take("log", &mut config.log, |value| one_of(value, Config::LEVELS));
}

fn sections(root: &mut Section<'_>, config: &mut Config) {
    let mut time = root.section("time");
    time.take("zone", &mut config.zone, string);
    time.take("clock", &mut config.hours, |value| {
        one_of(value, &["24h", "12h"])
            .map(|name| if name == "12h" { Hours::Twelve } else { Hours::TwentyFour })
    });
    root.absorb(time.finish());
    let mut network = root.section("network");
    network.take("max_body", &mut config.max_body, size);
    network.take("connect_timeout", &mut config.connect_timeout, duration);
    network.take("answer_timeout", &mut config.answer_timeout, duration);
    network.take("idle_timeout", &mut config.idle_timeout, duration);
    root.absorb(network.finish());
    let mut cache = root.section("cache");
    cache.take("enabled", &mut config.cache_enabled, boolean);
    cache.take("limit", &mut config.cache_limit, size);
    root.absorb(cache.finish());
    let mut redact = root.section("redact");
    redact.take("always", &mut config.redact_always, boolean);
    let mut patterns = redact.section("patterns");
    for (name, line, value) in patterns.entries() {
        match string(value.get_ref()) {
            Ok(pattern) => {
                config
                    .redact_patterns
                    .push(Setting { value: (name, pattern), origin: Origin::File { line } });
            }
            Err(_) => patterns.object(value, format!("the pattern `{name}` has to be a text in quotes")),
        }
    }
    redact.absorb(patterns.problems);
    root.absorb(redact.finish());
}

fn clipboard(value: &DeValue<'_>) -> Result<Clipboard, String> {
    let wanted = || "\"auto\", \"osc52\", or a list of a program and its arguments".to_owned();
    match value.as_str() {
        Some("auto") => Ok(Clipboard::Auto),
        Some("osc52") => Ok(Clipboard::Osc52),
        Some(_) => Err(wanted()),
        None => {
            strings(value).ok().filter(|words| !words.is_empty()).map(Clipboard::Command).ok_or_else(wanted)
        }
    }
}

fn size(value: &DeValue<'_>) -> Result<u64, String> {
    let wanted = || "a size such as \"500 MB\" or \"2 GiB\"".to_owned();
    value.as_str().and_then(quantity::size).filter(|size| *size > 0).ok_or_else(wanted)
}

fn duration(value: &DeValue<'_>) -> Result<Duration, String> {
    let wanted = || "a duration such as \"30 s\" or \"500 ms\"".to_owned();
    value.as_str().and_then(quantity::time).filter(|time| !time.is_zero()).ok_or_else(wanted)
}

fn profiles(root: &mut Section<'_>, config: &mut Config) {
    let mut all = root.section("profiles");
    for (name, line, mut section) in all.sections() {
        if !profile::is_name(&name) {
            let what = "a profile's name has letters, digits, - and _ only".to_owned();
            section.absorb(vec![Problem { line, what }]);
        }
        let before = section.problems.len();
        match profile::read(&mut section) {
            Some(profile) => {
                let origin = Origin::File { line };
                config.profiles.insert(name, Setting { value: profile, origin });
            }
            None if section.problems.len() == before => {
                let what = format!("the profile `{name}` has to say its `service`");
                section.absorb(vec![Problem { line, what }]);
            }
            None => {}
        }
        all.absorb(section.finish_with(profile::hint));
    }
    root.absorb(all.problems);
    chosen(root, config);
}

/// The profiles to use by themselves have to be there, one for each service.
fn chosen(root: &mut Section<'_>, config: &Config) {
    let Origin::File { line } = config.profile.origin else { return };
    let mut services: BTreeMap<&str, &str> = BTreeMap::new();
    for name in &config.profile.value {
        let what = match config.profiles.get(name) {
            None => {
                let like = nearest(name, config.profiles.keys().map(String::as_str));
                let like = like.map(|like| format!("; did you mean `{like}`?")).unwrap_or_default();
                format!("there is no profile `{name}`{like}")
            }
            Some(profile) => match services.insert(profile.value.service, name) {
                Some(other) => format!("`{other}` and `{name}` are both of {}", profile.value.service),
                None => continue,
            },
        };
        root.absorb(vec![Problem { line, what }]);
    }
}

fn colors(root: &mut Section<'_>, config: &mut Config) {
    let mut section = root.section("colors");
    let mut theme = Theme::default();
    for (name, line, value) in section.entries() {
        let set = string(value.get_ref()).and_then(|spec| match theme.set(&name, &spec) {
            Ok(()) => Ok(spec),
            Err(error) => Err(error.to_string()),
        });
        match set {
            Ok(spec) => config.colors.push(Setting { value: (name, spec), origin: Origin::File { line } }),
            Err(reason) => {
                let like =
                    nearest(&name, Role::ALL.iter().map(|role| role.name())).filter(|like| *like != name);
                let like = like.map(|like| format!("; did you mean `{like}`?")).unwrap_or_default();
                section.object(value, format!("`colors.{name}`: {reason}{like}"));
            }
        }
    }
    root.absorb(section.problems);
}

fn keys(root: &mut Section<'_>, config: &mut Config) {
    let mut section = root.section("keys");
    let mut map = Keymap::default();
    let mut lines: Vec<(&str, usize)> = Vec::new();
    for (name, line, value) in section.entries() {
        let Some(action) = Action::named(&name) else {
            let like = nearest(&name, TABLE.iter().map(|row| row.name));
            let like = like.map(|like| format!("; did you mean `{like}`?")).unwrap_or_default();
            section.problems.push(Problem { line, what: format!("there is no action `{name}`{like}") });
            continue;
        };
        let bound =
            strings(value.get_ref()).map_err(|_| "has to be a list of keys such as [\"g g\"]".to_owned());
        let bound = bound.and_then(|keys| match map.rebind(action, &keys) {
            Ok(()) => Ok(keys),
            Err(error) => Err(format!("cannot be bound to {:?}, which is no key", error.text)),
        });
        match bound {
            Ok(keys) => {
                lines.extend(action.row().map(|row| (row.name, line)));
                config.keys.push(Setting { value: (action, keys), origin: Origin::File { line } });
            }
            Err(reason) => section.object(value, format!("`keys.{name}` {reason}")),
        }
    }
    for conflict in map.conflicts() {
        let ours = |name: &str| lines.iter().find(|(bound, _)| *bound == name).map(|(_, line)| *line);
        let line = ours(conflict.second).or(ours(conflict.first)).unwrap_or(1);
        let what =
            format!("`{}` is wanted by both `{}` and `{}`", conflict.keys, conflict.first, conflict.second);
        section.problems.push(Problem { line, what });
    }
    root.absorb(section.problems);
}
