//! The clipboard, written only on a key press and never read: through the terminal (OSC 52), which works over SSH, or
//! through the desktop's clipboard command. A notice names the route and the size.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config::Clipboard;
use crate::platform;
use crate::terminal::{self, external_program};
use crate::text::number;
use crate::view::Clip;

/// The maximum number of bytes that all common terminals accept by OSC 52.
const MAX_OSC52_BYTES: usize = 74_000;

/// The maximum number of bytes in one control string: screen's oldest versions keep 256.
const MAX_SCREEN_BYTES: usize = 240;

const WSL_COMMAND: &str = "clip.exe";

/// The time limit of a clipboard command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);
const COMMAND_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A route to the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Osc52,
    /// OSC 52 wrapped for GNU screen, which would not pass it on otherwise.
    Screen,
    /// tmux stores the text as a buffer and passes it to the outer terminal.
    Tmux,
    Command(Vec<String>),
    /// The clipboard command of Windows, called from its Linux subsystem.
    Wsl,
    /// The clipboard of Windows.
    #[cfg(windows)]
    System,
}

impl Route {
    /// Returns the name in notices.
    fn label(&self) -> &str {
        match self {
            Self::Osc52 => "OSC 52",
            Self::Screen => "OSC 52, screen",
            Self::Wsl => WSL_COMMAND,
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
        if matches!(route, Route::Osc52 | Route::Screen) && clip.text.len() > MAX_OSC52_BYTES {
            return Err(format!("The {} is too large for the terminal's clipboard ({size})", clip.label));
        }
        if send(&route, &clip.text) {
            return Ok(format!("Copied {} ({size}, {})", clip.label, route.label()));
        }
    }
    Err("No clipboard is available".to_owned())
}

/// Returns the routes in their order, for the user.
pub fn describe_routes(setting: &Clipboard) -> String {
    routes(setting).iter().map(Route::label).collect::<Vec<_>>().join(", then ")
}

fn routes(setting: &Clipboard) -> Vec<Route> {
    match setting {
        Clipboard::Auto => detect_routes(&is_set),
        Clipboard::Osc52 => vec![terminal_route(&is_set)],
        Clipboard::Command(words) => vec![Route::Command(words.clone())],
    }
}

fn command_route(words: &[&str]) -> Route {
    Route::Command(words.iter().map(|word| (*word).to_owned()).collect())
}

/// Chooses the route through the terminal. (zellij handles OSC 52 itself and passes it on.)
fn terminal_route(is_set: &dyn Fn(&str) -> bool) -> Route {
    // If both are set, tmux is more often the inner one.
    if is_set("STY") && !is_set("TMUX") { Route::Screen } else { Route::Osc52 }
}

/// Returns the routes of an environment with these variables, preferred one first. Over SSH, the desktop's clipboard would
/// be that of another machine.
fn detect_routes(is_set: &dyn Fn(&str) -> bool) -> Vec<Route> {
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
        if is_set("WSL_DISTRO_NAME") || is_set("WSL_INTEROP") {
            routes.push(Route::Wsl);
        }
    }
    routes.push(terminal_route(is_set));
    routes
}

fn send(route: &Route, text: &str) -> bool {
    match route {
        Route::Osc52 => terminal::write(osc52(text).as_bytes()).is_ok(),
        Route::Screen => terminal::write(&wrap_for_screen(&osc52(text))).is_ok(),
        Route::Tmux => {
            pipe_to_command(&["tmux", "load-buffer", "-w", "-"].map(str::to_owned), text.as_bytes())
        }
        Route::Command(words) => pipe_to_command(words, text.as_bytes()),
        Route::Wsl => pipe_to_command(&[WSL_COMMAND.to_owned()], &encode_for_windows(text)),
        #[cfg(windows)]
        Route::System => clipboard_win::set_clipboard_string(text).is_ok(),
    }
}

fn osc52(text: &str) -> String {
    format!("\x1b]52;c;{}\x07", STANDARD.encode(text))
}

/// Wraps a sequence in control strings that screen passes on to its terminal, each short enough for its buffer.
fn wrap_for_screen(sequence: &str) -> Vec<u8> {
    let wrap = |chunk: &[u8]| [b"\x1bP", chunk, b"\x1b\\"].concat();
    sequence.as_bytes().chunks(MAX_SCREEN_BYTES).flat_map(wrap).collect()
}

/// Encodes text as the Windows command reads it: ASCII, or UTF-16 in little-endian order.
fn encode_for_windows(text: &str) -> Vec<u8> {
    if text.is_ascii() {
        return text.as_bytes().to_vec();
    }
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Returns whether the command accepted the text and succeeded in time: a desktop that does not respond must not delay
/// later copies.
fn pipe_to_command(words: &[String], text: &[u8]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    external_program::remove_api_keys(&mut command);
    platform::keep_from_terminal(&mut command);
    let Ok(mut child) = command.spawn() else { return false };
    let (input, text) = (child.stdin.take(), text.to_vec());
    let written = thread::spawn(move || input.is_some_and(|mut input| input.write_all(&text).is_ok()));
    let deadline = Instant::now() + COMMAND_TIMEOUT;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(COMMAND_POLL_INTERVAL),
            Ok(None) | Err(_) => {
                let _killed = child.kill().is_ok() && child.wait().is_ok();
                return false;
            }
        }
    };
    status.success() && written.join().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    fn labels(variables: &[&str]) -> String {
        let routes = detect_routes(&|name| variables.contains(&name));
        routes.iter().map(Route::label).collect::<Vec<_>>().join(" > ")
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_environment_selects_the_route() {
        for (variables, expected) in [
            (&[][..], "OSC 52"),
            (&["STY"], "OSC 52, screen"),
            (&["TMUX", "DISPLAY"], "tmux > OSC 52"),
            (&["ZELLIJ"], "OSC 52"),
            (&["WAYLAND_DISPLAY", "ZELLIJ"], "wl-copy > OSC 52"),
            (&["WSL_DISTRO_NAME"], "clip.exe > OSC 52"),
            (&["SSH_TTY", "DISPLAY", "STY"], "OSC 52, screen"),
        ] {
            assert_eq!(labels(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn screen_gets_the_sequence_in_short_control_strings() {
        let wrapped = String::from_utf8(wrap_for_screen(&osc52(&"long ".repeat(400)))).unwrap();
        let chunks: Vec<&str> =
            wrapped.split_terminator("\x1b\\").map(|chunk| chunk.strip_prefix("\x1bP").unwrap()).collect();
        assert!(chunks.len() > 10 && chunks.iter().all(|chunk| chunk.len() <= MAX_SCREEN_BYTES));
        assert_eq!(chunks.concat(), osc52(&"long ".repeat(400)));
    }

    #[test]
    fn windows_gets_utf_16_unless_the_text_is_ascii() {
        assert_eq!(encode_for_windows("ab"), b"ab");
        assert_eq!(encode_for_windows("é"), [0xe9, 0]);
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_fails_or_does_not_exist_is_no_route() {
        let words = |line: &str| ["sh", "-c", line].map(str::to_owned);
        assert!(pipe_to_command(&words("cat >/dev/null"), b"text"));
        assert!(!pipe_to_command(&words("cat >/dev/null; exit 1"), b"text"));
        assert!(!pipe_to_command(&["/nowhere".to_owned()], b"text"));
    }
}
