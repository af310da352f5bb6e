//! `unspool config`: prints the effective settings and their origins. Of API keys, only the origin is shown.

use crate::cli::{ConfigArgs, ConfigCommand};
use crate::commands::maintenance::{format_columns, no_home_error, print, redact_url};
use crate::commands::runner;
use crate::config::{SAMPLE, SettingOrigin};
use crate::credentials::resolve::ResolvedAccess;
use crate::credentials::resolve::resolve_access;
use crate::domain::{ExitCode, UserError};
use crate::provider;
use crate::settings::Settings;
use crate::text::Safe;

/// Runs the command; returns the exit code.
pub fn run(args: &ConfigArgs) -> ExitCode {
    match args.command {
        Some(ConfigCommand::Sample) => print(SAMPLE),
        Some(ConfigCommand::Path) => match Settings::load().config_path() {
            Some(path) => print(&format!("{}\n", Safe::line(&path.display().to_string()))),
            None => runner::print_error(&no_home_error(), None),
        },
        None => print_effective_settings(args).unwrap_or_else(|error| runner::print_error(&error, None)),
    }
}

fn print_effective_settings(args: &ConfigArgs) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    settings.warnings.iter().for_each(|warning| runner::Verbosity::Normal.print_notice(warning));
    let mut text = format_paths(&settings);
    let services = resolve_access(&settings, &args.service)?;
    let mut rows = Vec::new();
    for provider in provider::all() {
        let service = provider.id();
        rows.extend(services.get(service).iter().flat_map(|resolved| access_rows(service, resolved)));
    }
    rows.push([String::new(), String::new(), String::new()]);
    let settled = settings.config.effective_settings().into_iter();
    rows.extend(settled.map(|row| [row.name, row.value, format!("# {}", row.origin)]));
    text.push_str(&format_columns(&rows));
    Ok(print(&text))
}

fn format_paths(settings: &Settings) -> String {
    let Some(folders) = &settings.folders else {
        return "no home directory: nothing is read or stored\n\n".to_owned();
    };
    let describe = |path: &std::path::Path| {
        let suffix = if path.exists() { "" } else { " (missing)" };
        format!("{}{suffix}", path.display())
    };
    let file = settings.config_path().unwrap_or_default();
    format_columns(&[
        ["configuration".to_owned(), describe(&file)],
        ["history and log".to_owned(), describe(&folders.state)],
        ["cache".to_owned(), describe(&folders.cache)],
    ]) + "\n"
}

/// Returns the rows of a service: base URL, account and key origin.
fn access_rows(service: &str, resolved: &ResolvedAccess) -> Vec<[String; 3]> {
    let row = |name: &str, value: String, origin: &SettingOrigin| {
        [format!("{service}.{name}"), value, format!("# {origin}")]
    };
    let mut rows = vec![row("base_url", redact_url(&resolved.access.base_url), &resolved.base_url_origin)];
    if let Some(account) = &resolved.access.account_id {
        rows.push(row("account", account.clone(), &resolved.account_origin));
    }
    let source = resolved.key_sources.origin();
    let key = source.map_or_else(|| "none".to_owned(), |source| format!("from {source}"));
    let profile = resolved.profile.clone().map_or(SettingOrigin::Default, SettingOrigin::Profile);
    rows.push(row("key", key, &profile));
    rows
}
