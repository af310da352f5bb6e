//! The clipboard, written only on a key press and never read: through the terminal (OSC 52), which works over SSH, or
//! through the desktop's clipboard command. A notice names the route and the size.

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config::Clipboard;
use crate::terminal::{self, external_program};
use crate::text::number;
use crate::view::Clip;

/// The most bytes that all common terminals accept by OSC 52.
const MAX_OSC52_BYTES: usize = 74_000;

/// A route to the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Osc52,
    /// tmux stores the text as a buffer and passes it to the outer terminal.
    Tmux,
    Command(Vec<String>),
    /// The clipboard of Windows.
    #[cfg(windows)]
    System,
}

impl Route {
    /// The name in notices.
    fn label(&self) -> &str {
        match self {
            Self::Osc52 => "OSC 52",
            Self::Tmux => "tmux",
            Self::Command(words) => words.first().map_or("command", String::as_str),
            #[cfg(windows)]
            Self::System => "Windows clipboard",
        }
    }
}

/// Clipboard commands of desktops, with the variable that is set on such a desktop.
const DESKTOP_COMMANDS: &[(&str, &[&str])] = &[
    ("WAYLAND_DISPLAY", &["wl-copy"]),
    ("DISPLAY", &["xclip", "-selection", "clipboard"]),
    ("DISPLAY", &["xsel", "--clipboard", "--input"]),
];

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Copies by the first route that works; returns a notice.
///
/// # Errors
/// The reason, in a sentence without its full stop.
pub fn copy(clip: &Clip, setting: &Clipboard) -> Result<String, String> {
    let size = number::bytes(clip.text.len() as u64);
    for route in routes(setting) {
        if route == Route::Osc52 && clip.text.len() > MAX_OSC52_BYTES {
            return Err(format!("The {} is too large for the terminal's clipboard ({size})", clip.label));
        }
        if send(&route, &clip.text) {
            return Ok(format!("Copied {} ({size}, {})", clip.label, route.label()));
        }
    }
    Err("No clipboard is available".to_owned())
}

/// The routes in their order, for the user.
pub fn describe_routes(setting: &Clipboard) -> String {
    routes(setting).iter().map(Route::label).collect::<Vec<_>>().join(", then ")
}

fn routes(setting: &Clipboard) -> Vec<Route> {
    match setting {
        Clipboard::Auto => detect_routes(),
        Clipboard::Osc52 => vec![Route::Osc52],
        Clipboard::Command(words) => vec![Route::Command(words.clone())],
    }
}

fn command_route(words: &[&str]) -> Route {
    Route::Command(words.iter().map(|word| (*word).to_owned()).collect())
}

/// The routes of this environment, preferred one first. Over SSH, a desktop would be the wrong one.
fn detect_routes() -> Vec<Route> {
    let is_remote = is_set("SSH_TTY") || is_set("SSH_CONNECTION");
    let mut routes = Vec::new();
    if is_set("TMUX") {
        routes.push(Route::Tmux);
    } else if !is_remote {
        if cfg!(target_os = "macos") {
            routes.push(command_route(&["pbcopy"]));
        }
        #[cfg(windows)]
        routes.push(Route::System);
        let available = DESKTOP_COMMANDS.iter().filter(|(variable, _)| is_set(variable));
        routes.extend(available.map(|(_, words)| command_route(words)));
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
    let Ok(mut child) = command.spawn() else { return false };
    let is_written = child.stdin.take().is_some_and(|mut input| input.write_all(text.as_bytes()).is_ok());
    is_written && child.wait().is_ok_and(|status| status.success())
}
