//! `unspool doctor`: looks at everything that can be wrong outside the program, and says what to do about it. Secrets are
//! told by their source alone.

mod network;
mod storage;
mod terminal;

use tokio::runtime::Runtime;

use crate::domain::ExitCode;
use crate::cli::ServiceArgs;
use crate::commands::maintenance::print;
use crate::commands::runner;
use crate::config::Config;
use crate::credentials::resolve::ResolvedAccess;
use crate::provider;
use crate::settings::Settings;
use crate::text::Safe;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CheckStatus {
    Ok,
    /// Something may be missed.
    Warn,
    /// Something will not work.
    Fail,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    status: CheckStatus,
    /// What was looked at, in a word or two.
    subject: String,
    finding: String,
    /// What to do; empty where there is nothing.
    hint: String,
}

impl Check {
    fn new(
        state: CheckStatus,
        about: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { status: state, subject: about.into(), finding: found.into(), hint: advice.into() }
    }

    fn ok(about: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(CheckStatus::Ok, about, found, "")
    }

    fn warn(about: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(CheckStatus::Warn, about, found, advice)
    }

    fn fail(about: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(CheckStatus::Fail, about, found, advice)
    }
}

/// Looks at everything; returns 1 if something will not work.
pub fn run(args: &ServiceArgs, runtime: &Runtime) -> ExitCode {
    let settings = Settings::load();
    let approaches = match settings.resolve_access(args) {
        Ok(approaches) => approaches,
        Err(failure) => return runner::print_error(&failure, None),
    };
    let mut report = format!("unspool {}\n", crate::cli::version());
    let mut failed = false;
    let mut tell = |title: &str, checks: Vec<Check>| {
        failed |= checks.iter().any(|check| check.status == CheckStatus::Fail);
        report.push_str(&format_section(title, &checks));
    };
    tell("Terminal", terminal::checks(&settings.config));
    tell("Configuration", check_configuration(&settings));
    for provider in provider::all() {
        if let Some(approach) = approaches.get(provider.id()) {
            let looked = runtime.block_on(network::check_service(*provider, approach, (&settings, args)));
            tell(provider.display_name(), [check_profile(approach), looked].concat());
        }
    }
    tell("Network", network::check_environment());
    tell("What is kept", storage::checks(&settings));
    let written = print(&report);
    if failed { ExitCode::Failure } else { written }
}

fn check_profile(approach: &ResolvedAccess) -> Vec<Check> {
    approach.profile.iter().map(|name| Check::ok("profile", name)).collect()
}

fn format_section(title: &str, checks: &[Check]) -> String {
    let mut text = format!("\n{title}\n");
    for check in checks {
        let state = match check.status {
            CheckStatus::Ok => "ok  ",
            CheckStatus::Warn => "warn",
            CheckStatus::Fail => "FAIL",
        };
        text.push_str(&format!(
            "  {state}  {}: {}\n",
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
        let advice = "Set HOME, or UNSPOOL_HOME to a folder.";
        return vec![Check::warn("home", "there is none: nothing is read or kept", advice)];
    };
    let path = file.display().to_string();
    if !settings.errors.is_empty() {
        let advice = "Correct it; unspool config sample tells what it can say.";
        let told = settings.errors.iter();
        return told.map(|problem| Check::fail("configuration", problem, advice)).collect();
    }
    if !file.exists() {
        return vec![Check::ok(
            "configuration",
            format!("{path} is not there, so everything is as by default"),
        )];
    }
    let other = settings.config != Config::default();
    let found = if other { "read" } else { "read; it changes nothing" };
    vec![Check::ok("configuration", format!("{path}, {found}"))]
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
