//! Checks of the terminal, from the environment only: some terminals never respond to queries.

use std::io::{self, IsTerminal};

use super::Check;
use crate::config::Config;
use crate::settings::env_var;
use crate::terminal::{background, clipboard};

/// The minimum number of columns for two panes.
const MIN_TWO_PANE_WIDTH: u16 = 60;

pub(super) fn checks(config: &Config) -> Vec<Check> {
    let mut checks = vec![check_term(), check_locale()];
    if io::stdout().is_terminal() {
        checks.extend(check_size());
    } else {
        checks.push(Check::ok("output", "not a terminal; the browser needs one, show and export do not"));
    }
    checks.push(check_colors(config));
    let mouse = if config.mouse.value { "captured; hold Shift to select text" } else { "not captured" };
    checks.push(Check::ok("mouse", mouse));
    checks
        .push(Check::ok("clipboard", format!("by {}", clipboard::describe_routes(&config.clipboard.value))));
    if env_var("TMUX").is_some() {
        checks.push(Check::ok("tmux", "copies to tmux buffers; `set -g set-clipboard on` forwards them"));
    }
    if env_var("SSH_TTY").or(env_var("SSH_CONNECTION")).is_some() {
        checks.push(Check::ok("SSH", "copies go to the local terminal"));
    }
    checks
}

fn check_term() -> Check {
    match env_var("TERM").as_deref() {
        None if cfg!(windows) => Check::ok("TERM", "not set, as is usual on Windows"),
        None => Check::warn("TERM", "not set", "Set it to your terminal's type, such as xterm-256color."),
        Some("dumb") => Check::warn("TERM", "dumb: only --plain works", "Set it to your terminal's type."),
        Some(term) => Check::ok("TERM", term),
    }
}

/// Checks for UTF-8, because borders and bars are not ASCII.
fn check_locale() -> Check {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env_var(name));
    let locale = locale.unwrap_or_else(|| "none".to_owned());
    let lower = locale.to_ascii_lowercase();
    if lower.contains("utf-8") || lower.contains("utf8") || cfg!(any(target_os = "macos", windows)) {
        Check::ok("locale", locale)
    } else {
        let finding = format!("{locale}, which is not UTF-8");
        Check::warn("locale", finding, "If borders look wrong, set LANG to a UTF-8 locale, such as C.UTF-8.")
    }
}

fn check_size() -> Option<Check> {
    let (width, height) = crossterm::terminal::size().ok()?;
    let finding = format!("{width} × {height}");
    Some(if width < MIN_TWO_PANE_WIDTH || height < 10 {
        Check::warn("size", finding, "Enlarge the terminal to see two panes.")
    } else {
        Check::ok("size", finding)
    })
}

fn check_colors(config: &Config) -> Check {
    let theme = &config.theme;
    let is_truecolor = background::has_rgb_colours();
    let has_256 = env_var("TERM").is_some_and(|term| term.contains("256"));
    let colors = match (is_truecolor, has_256) {
        (true, _) => "RGB colours",
        (false, true) => "256 colours",
        (false, false) => "probably 16 colours",
    };
    let finding = format!("theme {} ({}); the terminal has {colors}", theme.value, theme.origin);
    if matches!(theme.value.as_str(), "dark" | "light") && !is_truecolor {
        let hint = "If colours look wrong, use the theme ansi16, or set COLORTERM=truecolor.";
        Check::warn("colours", finding, hint)
    } else {
        Check::ok("colours", finding)
    }
}
