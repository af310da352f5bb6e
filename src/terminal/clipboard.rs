//! The clipboard, on a key only and never read: by OSC 52 through the terminal, which works over SSH, or by the desktop's
//! own command where there is a desktop. Says by which way and how many bytes.

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config::Clipboard;
use crate::terminal::{self, external_program};
use crate::text::number;
use crate::view::Clip;

/// More than this many terminals do not take by OSC 52, in bytes.
const MAX_OSC52_BYTES: usize = 74_000;

/// How a text gets to the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Osc52,
    /// tmux keeps it as a buffer and passes it to the terminal around it.
    Tmux,
    Command(Vec<String>),
    /// The system's own.
    #[cfg(windows)]
    System,
}

impl Route {
    /// For people.
    fn label(&self) -> &str {
        match self {
            Self::Osc52 => "the terminal (OSC 52)",
            Self::Tmux => "tmux",
            Self::Command(words) => words.first().map_or("a command", String::as_str),
            #[cfg(windows)]
            Self::System => "the system",
        }
    }
}

/// Programs of desktops, by the variable that says that one is there.
const DESKTOP_COMMANDS: &[(&str, &[&str])] = &[
    ("WAYLAND_DISPLAY", &["wl-copy"]),
    ("DISPLAY", &["xclip", "-selection", "clipboard"]),
    ("DISPLAY", &["xsel", "--clipboard", "--input"]),
];

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Copies by the way that the user has chosen; returns what to say.
///
/// # Errors
/// Why it is not in any clipboard, in a sentence without its full stop.
pub fn copy(taken: &Clip, wanted: &Clipboard) -> Result<String, String> {
    let size = number::bytes(taken.text.len() as u64);
    for route in routes(wanted) {
        if route == Route::Osc52 && taken.text.len() > MAX_OSC52_BYTES {
            return Err(format!("{} has {size}: too much for a terminal's clipboard", taken.label));
        }
        if send(&route, &taken.text) {
            return Ok(format!("copied {}: {size} through {}", taken.label, route.label()));
        }
    }
    Err("nothing could take it to the clipboard".to_owned())
}

/// A route for people.
pub fn describe_routes(wanted: &Clipboard) -> String {
    routes(wanted).iter().map(Route::label).collect::<Vec<_>>().join(", else ")
}

fn routes(wanted: &Clipboard) -> Vec<Route> {
    match wanted {
        Clipboard::Auto => detect_routes(),
        Clipboard::Osc52 => vec![Route::Osc52],
        Clipboard::Command(words) => vec![Route::Command(words.clone())],
    }
}

fn command_route(words: &[&str]) -> Route {
    Route::Command(words.iter().map(|word| (*word).to_owned()).collect())
}

/// Ways in the order in which they are tried. Over SSH the desktop, if any, is the wrong one.
fn detect_routes() -> Vec<Route> {
    let remote = is_set("SSH_TTY") || is_set("SSH_CONNECTION");
    let mut routes = Vec::new();
    if is_set("TMUX") {
        routes.push(Route::Tmux);
    } else if !remote {
        if cfg!(target_os = "macos") {
            routes.push(command_route(&["pbcopy"]));
        }
        #[cfg(windows)]
        routes.push(Route::System);
        let there = DESKTOP_COMMANDS.iter().filter(|(variable, _)| is_set(variable));
        routes.extend(there.map(|(_, words)| command_route(words)));
    }
    routes.push(Route::Osc52);
    routes
}

fn send(route: &Route, text: &str) -> bool {
    match route {
        Route::Osc52 => {
            terminal::write(format!("\x1b]52;c;{}\x07", STANDARD.encode(text)).as_bytes()).is_ok()
        }
        Route::Tmux => pipe_to_command(&["tmux", "load-buffer", "-w", "-"].map(str::to_owned), text),
        Route::Command(words) => pipe_to_command(words, text),
        #[cfg(windows)]
        Route::System => clipboard_win::set_clipboard_string(text).is_ok(),
    }
}

fn pipe_to_command(words: &[String], text: &str) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    external_program::remove_api_keys(&mut command);
    let Ok(mut running) = command.spawn() else { return false };
    let fed = running.stdin.take().is_some_and(|mut input| input.write_all(text.as_bytes()).is_ok());
    fed && running.wait().is_ok_and(|status| status.success())
}
