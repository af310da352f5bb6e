//! `unspool config`: what is in effect and where it comes from. Keys are told by their source alone.

use crate::cli::{ConfigArgs, ConfigCommand};
use crate::commands::maintenance::{format_columns, print};
use crate::commands::runner;
use crate::config::{SAMPLE, SettingOrigin};
use crate::credentials::resolve::ResolvedAccess;
use crate::domain::{ExitCode, UserError};
use crate::provider;
use crate::settings::Settings;
use crate::text::Safe;

/// Does what was asked; returns the exit code.
pub fn run(args: &ConfigArgs) -> ExitCode {
    match args.command {
        Some(ConfigCommand::Sample) => print(SAMPLE),
        Some(ConfigCommand::Path) => match Settings::load().config_path() {
            Some(path) => print(&format!("{}\n", Safe::line(&path.display().to_string()))),
            None => runner::print_error(&crate::commands::maintenance::no_home_error(), None),
        },
        None => print_effective_settings(args).unwrap_or_else(|failure| runner::print_error(&failure, None)),
    }
}

fn print_effective_settings(args: &ConfigArgs) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let mut text = format_paths(&settings);
    let approaches = settings.resolve_access(&args.service)?;
    let mut rows = Vec::new();
    for provider in provider::all() {
        let service = provider.id();
        rows.extend(approaches.get(service).iter().flat_map(|approach| access_rows(service, approach)));
    }
    rows.push([String::new(), String::new(), String::new()]);
    let settled = settings.config.effective_settings().into_iter();
    rows.extend(settled.map(|row| [row.name, row.value, format!("# {}", row.origin)]));
    text.push_str(&format_columns(&rows));
    Ok(print(&text))
}

fn format_paths(settings: &Settings) -> String {
    let Some(folders) = &settings.folders else { return "no home: nothing is read or kept\n\n".to_owned() };
    let told = |path: &std::path::Path| {
        let missing = if path.exists() { "" } else { " (not there)" };
        format!("{}{missing}", path.display())
    };
    let file = settings.config_path().unwrap_or_default();
    format_columns(&[
        ["configuration".to_owned(), told(&file)],
        ["history and log".to_owned(), told(&folders.state)],
        ["copies".to_owned(), told(&folders.cache)],
    ]) + "\n"
}

/// How a service is reached.
fn access_rows(service: &str, approach: &ResolvedAccess) -> Vec<[String; 3]> {
    let row = |name: &str, value: String, origin: &SettingOrigin| {
        [format!("{service}.{name}"), value, format!("# {origin}")]
    };
    let mut rows = vec![row(
        "base_url",
        crate::commands::maintenance::redact_url(&approach.access.base_url),
        &approach.base_url_origin,
    )];
    if let Some(account) = &approach.access.account_id {
        rows.push(row("account", account.clone(), &approach.account_origin));
    }
    let source = approach.key_sources.origin();
    let key = source.map_or_else(|| "none".to_owned(), |source| format!("from {source}"));
    let profile = approach.profile.clone().map_or(SettingOrigin::Default, SettingOrigin::Profile);
    rows.push(row("key", key, &profile));
    rows
}
