//! `unspool doctor`: diagnoses the terminal, the configuration, the network and the stored data, with a hint for each
//! problem. Of secrets, only the origin is shown.

mod library;
mod network;
mod storage;
mod terminal;

use tokio::runtime::Runtime;

use crate::cli::ServiceArgs;
use crate::commands::maintenance::print;
use crate::commands::runner;
use crate::config::Config;
use crate::credentials::resolve::ResolvedAccess;
use crate::credentials::resolve::resolve_access;
use crate::domain::ExitCode;
use crate::provider;
use crate::settings::Settings;
use crate::text::Safe;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CheckStatus {
    Ok,
    /// A function may be degraded.
    Warn,
    /// A function does not work.
    Fail,
}

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    status: CheckStatus,
    /// The checked item, in a word or two.
    subject: String,
    finding: String,
    /// The next step; may be empty.
    hint: String,
}

impl Check {
    fn new(
        status: CheckStatus,
        subject: impl Into<String>,
        finding: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { status, subject: subject.into(), finding: finding.into(), hint: hint.into() }
    }

    fn ok(subject: impl Into<String>, finding: impl Into<String>) -> Self {
        Self::new(CheckStatus::Ok, subject, finding, "")
    }

    fn warn(subject: impl Into<String>, finding: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(CheckStatus::Warn, subject, finding, hint)
    }

    fn fail(subject: impl Into<String>, finding: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(CheckStatus::Fail, subject, finding, hint)
    }
}

/// Prints the report; returns an error code if a check fails.
pub fn run(args: &ServiceArgs, runtime: &Runtime) -> ExitCode {
    let settings = Settings::load();
    let services = match resolve_access(&settings, args) {
        Ok(services) => services,
        Err(error) => return runner::print_error(&error, None),
    };
    let mut report = format!("unspool {}\n", crate::cli::version());
    let mut failed = false;
    let mut add_section = |title: &str, checks: Vec<Check>| {
        failed |= checks.iter().any(|check| check.status == CheckStatus::Fail);
        report.push_str(&format_section(title, &checks));
    };
    add_section("Terminal", terminal::checks(&settings.config));
    add_section("Configuration", check_configuration(&settings));
    for provider in provider::all() {
        if let Some(resolved) = services.get(provider.id()) {
            let checks = runtime.block_on(network::check_service(*provider, resolved, (&settings, args)));
            add_section(provider.display_name(), [check_profile(resolved), checks].concat());
        }
    }
    add_section("Network", network::check_environment());
    add_section("Stored data", [library::checks(&settings), storage::checks(&settings)].concat());
    let written = print(&report);
    if failed { ExitCode::Failure } else { written }
}

fn check_profile(resolved: &ResolvedAccess) -> Vec<Check> {
    resolved.profile.iter().map(|name| Check::ok("profile", name)).collect()
}

fn format_section(title: &str, checks: &[Check]) -> String {
    let mut text = format!("\n{title}\n");
    for check in checks {
        let status = match check.status {
            CheckStatus::Ok => "ok  ",
            CheckStatus::Warn => "warn",
            CheckStatus::Fail => "FAIL",
        };
        text.push_str(&format!(
            "  {status}  {}: {}\n",
            Safe::line(&check.subject),
            Safe::line(&check.finding)
        ));
        if !check.hint.is_empty() {
            text.push_str(&format!("        {}\n", Safe::line(&check.hint)));
        }
    }
    text
}

fn check_configuration(settings: &Settings) -> Vec<Check> {
    let Some(file) = settings.config_path() else {
        let hint = "Set HOME, or UNSPOOL_HOME to a folder.";
        return vec![Check::warn("home", "none: nothing is read or stored", hint)];
    };
    let path = file.display().to_string();
    if !settings.errors.is_empty() {
        let hint = "Run `unspool config sample` for all settings.";
        return settings.errors.iter().map(|error| Check::fail("configuration", error, hint)).collect();
    }
    if !file.exists() {
        return vec![Check::ok("configuration", format!("{path} does not exist; using defaults"))];
    }
    if !settings.warnings.is_empty() {
        let hint = "The other keys work; run `unspool config sample` for the names of actions.";
        return settings.warnings.iter().map(|warning| Check::warn("configuration", warning, hint)).collect();
    }
    let is_default = settings.config == Config::default();
    let finding = if is_default { "loaded; all defaults" } else { "loaded" };
    vec![Check::ok("configuration", format!("{path}, {finding}"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_lines_show_status_and_hint() {
        let checks = [
            Check::ok("a", "fine"),
            Check::warn("b", "odd\u{1b}[31m", "Look."),
            Check::fail("c", "gone", "Run."),
        ];
        let text = format_section("Title", &checks);
        assert!(text.starts_with("\nTitle\n  ok    a: fine\n  warn  b: odd"), "{text}");
        assert!(text.ends_with("  FAIL  c: gone\n        Run.\n"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
