//! The terminal: what it says of itself. Nothing is asked of it, as some never answer.

use std::io::{self, IsTerminal};

use super::Check;
use crate::config::Config;
use crate::settings::env_var;
use crate::terminal::clipboard;

/// Fewer columns than this show one pane at a time.
const MIN_TWO_PANE_WIDTH: u16 = 60;

pub(super) fn checks(config: &Config) -> Vec<Check> {
    let mut checks = vec![check_term(), check_locale()];
    if io::stdout().is_terminal() {
        checks.extend(check_size());
    } else {
        checks.push(Check::ok("output", "not a terminal now; the browser needs one, show and export do not"));
    }
    checks.push(check_colors(config));
    let mouse = if config.mouse.value {
        "clicks and the wheel are used; with Shift the terminal selects"
    } else {
        "left to the terminal"
    };
    checks.push(Check::ok("mouse", mouse));
    checks
        .push(Check::ok("clipboard", format!("by {}", clipboard::describe_routes(&config.clipboard.value))));
    if env_var("TMUX").is_some() {
        checks
            .push(Check::ok("tmux", "copies go into its buffers; `set -g set-clipboard on` passes them on"));
    }
    if env_var("SSH_TTY").or(env_var("SSH_CONNECTION")).is_some() {
        checks.push(Check::ok("SSH", "copies travel to your own terminal"));
    }
    checks
}

fn check_term() -> Check {
    match env_var("TERM").as_deref() {
        None if cfg!(windows) => Check::ok("TERM", "not set, as is usual on Windows"),
        None => Check::warn("TERM", "not set", "Set it to what the terminal is, such as xterm-256color."),
        Some("dumb") => {
            Check::warn("TERM", "dumb: only --plain works here", "Set it to what the terminal is.")
        }
        Some(term) => Check::ok("TERM", term),
    }
}

/// Borders and bars are not ASCII.
fn check_locale() -> Check {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env_var(name));
    let locale = set.unwrap_or_else(|| "none".to_owned());
    let lower = locale.to_ascii_lowercase();
    if lower.contains("utf-8") || lower.contains("utf8") || cfg!(any(target_os = "macos", windows)) {
        Check::ok("letters", locale)
    } else {
        let found = format!("the locale is {locale}, which is not said to be UTF-8");
        Check::warn("letters", found, "If borders look wrong, set LANG to one with UTF-8, such as C.UTF-8.")
    }
}

fn check_size() -> Option<Check> {
    let (width, height) = crossterm::terminal::size().ok()?;
    let found = format!("{width} × {height}");
    Some(if width < MIN_TWO_PANE_WIDTH || height < 10 {
        Check::warn("size", found, "It works, a pane at a time; more room shows more.")
    } else {
        Check::ok("size", found)
    })
}

fn check_colors(config: &Config) -> Check {
    let theme = &config.theme;
    let exact = env_var("COLORTERM").is_some_and(|said| matches!(said.as_str(), "truecolor" | "24bit"));
    let many = env_var("TERM").is_some_and(|term| term.contains("256") || term.contains("direct"));
    let says = match (exact, many) {
        (true, _) => "exact colours",
        (false, true) => "256 colours",
        (false, false) => "perhaps 16 colours",
    };
    let found = format!("theme {} ({}); the terminal says {says}", theme.value, theme.origin);
    if matches!(theme.value.as_str(), "dark" | "light") && !exact {
        Check::warn(
            "colours",
            found,
            "If colours look wrong, take the theme ansi16, or set COLORTERM=truecolor.",
        )
    } else {
        Check::ok("colours", found)
    }
}
