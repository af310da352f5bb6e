//! `unspool config`: what is in effect and where it comes from. Keys are told by their source alone.

use super::{columns, print};
use crate::cli::{ConfigArgs, ConfigCommand};
use crate::config::{Origin, SAMPLE};
use crate::event::Failure;
use crate::provider;
use crate::runtime::approach::Approach;
use crate::runtime::script;
use crate::runtime::settings::Settings;
use crate::text::Safe;

/// Does what was asked; returns the exit code.
pub fn run(args: &ConfigArgs) -> u8 {
    match args.command {
        Some(ConfigCommand::Sample) => print(SAMPLE),
        Some(ConfigCommand::Path) => match Settings::load().file() {
            Some(path) => print(&format!("{}\n", Safe::line(&path.display().to_string()))),
            None => script::tell(&super::no_home(), None),
        },
        None => effective(args).unwrap_or_else(|failure| script::tell(&failure, None)),
    }
}

fn effective(args: &ConfigArgs) -> Result<u8, Failure> {
    let settings = Settings::load().sound()?;
    let mut text = paths(&settings);
    let approaches = settings.approaches(&args.service)?;
    let mut rows = Vec::new();
    for provider in provider::all() {
        let service = provider.service();
        rows.extend(approaches.get(service).iter().flat_map(|approach| reach(service, approach)));
    }
    rows.push([String::new(), String::new(), String::new()]);
    let settled = settings.config.rows().into_iter();
    rows.extend(settled.map(|row| [row.name, row.value, format!("# {}", row.origin)]));
    text.push_str(&columns(&rows));
    Ok(print(&text))
}

fn paths(settings: &Settings) -> String {
    let Some(folders) = &settings.folders else { return "no home: nothing is read or kept\n\n".to_owned() };
    let told = |path: &std::path::Path| {
        let missing = if path.exists() { "" } else { " (not there)" };
        format!("{}{missing}", path.display())
    };
    let file = settings.file().unwrap_or_default();
    columns(&[
        ["configuration".to_owned(), told(&file)],
        ["history and log".to_owned(), told(&folders.state)],
        ["copies".to_owned(), told(&folders.cache)],
    ]) + "\n"
}

/// How a service is reached.
fn reach(service: &str, approach: &Approach) -> Vec<[String; 3]> {
    let row = |name: &str, value: String, origin: &Origin| {
        [format!("{service}.{name}"), value, format!("# {origin}")]
    };
    let mut rows = vec![row("base_url", super::address(&approach.access.base_url), &approach.base_from)];
    if let Some(account) = &approach.access.account {
        rows.push(row("account", account.clone(), &approach.account_from));
    }
    let source = approach.sources.named();
    let key = source.map_or_else(|| "none".to_owned(), |source| format!("from {source}"));
    let profile = approach.profile.clone().map_or(Origin::Default, Origin::Profile);
    rows.push(row("key", key, &profile));
    rows
}
