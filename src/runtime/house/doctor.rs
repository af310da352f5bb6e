//! `unspool doctor`: looks at everything that can be wrong outside the program, and says what to do about it. Secrets are
//! told by their source alone.

mod folders;
mod network;
mod terminal;

use tokio::runtime::Runtime;

use super::print;
use crate::cli::ServiceArgs;
use crate::config::Config;
use crate::provider;
use crate::runtime::approach::Approach;
use crate::runtime::script;
use crate::runtime::settings::Settings;
use crate::text::Safe;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ok,
    /// Something may be missed.
    Warn,
    /// Something will not work.
    Fail,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    state: State,
    /// What was looked at, in a word or two.
    about: String,
    found: String,
    /// What to do; empty where there is nothing.
    advice: String,
}

impl Check {
    fn new(
        state: State,
        about: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { state, about: about.into(), found: found.into(), advice: advice.into() }
    }

    fn ok(about: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(State::Ok, about, found, "")
    }

    fn warn(about: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(State::Warn, about, found, advice)
    }

    fn fail(about: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(State::Fail, about, found, advice)
    }
}

/// Looks at everything; returns 1 if something will not work.
pub fn run(args: &ServiceArgs, runtime: &Runtime) -> u8 {
    let settings = Settings::load();
    let approaches = match settings.approaches(args) {
        Ok(approaches) => approaches,
        Err(failure) => return script::tell(&failure, None),
    };
    let mut report = format!("unspool {}\n", crate::cli::version());
    let mut failed = false;
    let mut tell = |title: &str, checks: Vec<Check>| {
        failed |= checks.iter().any(|check| check.state == State::Fail);
        report.push_str(&section(title, &checks));
    };
    tell("Terminal", terminal::checks(&settings.config));
    tell("Configuration", configuration(&settings));
    for provider in provider::all() {
        if let Some(approach) = approaches.get(provider.service()) {
            let looked = runtime.block_on(network::service(*provider, approach, (&settings, args)));
            tell(provider.name(), [profile(approach), looked].concat());
        }
    }
    tell("Network", network::surroundings());
    tell("What is kept", folders::checks(&settings));
    let written = print(&report);
    if failed { 1 } else { written }
}

fn profile(approach: &Approach) -> Vec<Check> {
    approach.profile.iter().map(|name| Check::ok("profile", name)).collect()
}

fn section(title: &str, checks: &[Check]) -> String {
    let mut text = format!("\n{title}\n");
    for check in checks {
        let state = match check.state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        text.push_str(&format!("  {state}  {}: {}\n", Safe::line(&check.about), Safe::line(&check.found)));
        if !check.advice.is_empty() {
            text.push_str(&format!("        {}\n", Safe::line(&check.advice)));
        }
    }
    text
}

fn configuration(settings: &Settings) -> Vec<Check> {
    let Some(file) = settings.file() else {
        let advice = "Set HOME, or UNSPOOL_HOME to a folder.";
        return vec![Check::warn("home", "there is none: nothing is read or kept", advice)];
    };
    let path = file.display().to_string();
    if !settings.problems.is_empty() {
        let advice = "Correct it; unspool config sample tells what it can say.";
        let told = settings.problems.iter();
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
    fn a_line_says_how_bad_it_is_and_what_to_do() {
        let checks = [
            Check::ok("a", "fine"),
            Check::warn("b", "odd\u{1b}[31m", "Look."),
            Check::fail("c", "gone", "Run."),
        ];
        let text = section("Title", &checks);
        assert!(text.starts_with("\nTitle\n  ok    a: fine\n  warn  b: odd"), "{text}");
        assert!(text.ends_with("  FAIL  c: gone\n        Run.\n"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
