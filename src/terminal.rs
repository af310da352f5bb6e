//! The terminal: taken over once, given back on every way out. Frames are written in one piece, inside the marks of a
//! synchronized update, so that nothing tears.

mod backend;
pub mod clipboard;
mod encoder;
pub mod external_program;
pub mod input;
mod modes;
pub mod panics;
pub mod signals;
mod style_state;
pub mod suspend;
pub mod watchdog;

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::{cursor, execute, terminal};
use ratatui::Terminal;

use crate::effect::MouseOwner;
use crate::platform;

pub use backend::Tty;

const FRAME_BEGIN: &[u8] = b"\x1b[?2026h";
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// Whether the terminal is ours now; what gives it back looks here, so that it happens once.
static IS_ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether clicks and the wheel are reported to us.
static MOUSE_PREFERENCE: AtomicBool = AtomicBool::new(true);

/// The screen as the loop draws on it.
pub type Screen = Terminal<Tty>;

/// Why there is no screen.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    #[error("standard output is not a terminal")]
    NotATerminal,
    #[error("there is no terminal to read keys from")]
    NoInput,
    #[error("TERM is {0:?}: this terminal cannot move its cursor")]
    Dumb(String),
    #[error("the terminal cannot be set up: {0}")]
    SetupFailed(#[from] io::Error),
}

/// Looks, before anything is changed, whether there is a terminal to work with.
///
/// # Errors
/// What is missing.
pub fn check() -> Result<(), TerminalError> {
    if !io::stdout().is_terminal() {
        return Err(TerminalError::NotATerminal);
    }
    match std::env::var("TERM") {
        Ok(term) if term == "dumb" => return Err(TerminalError::Dumb(term)),
        _ => {}
    }
    if !io::stdin().is_terminal() && std::fs::File::open(platform::TERMINAL_DEVICE).is_err() {
        return Err(TerminalError::NoInput);
    }
    Ok(())
}

/// Takes the terminal over.
///
/// # Errors
/// What the terminal refused; nothing is left changed then.
pub fn enter() -> Result<Screen, TerminalError> {
    check()?;
    set_modes().inspect_err(|_| restore())?;
    Ok(Terminal::new(Tty::new()?)?)
}

fn set_modes() -> io::Result<()> {
    modes::check()?;
    IS_ENTERED.store(true, Ordering::SeqCst);
    terminal::enable_raw_mode()?;
    let mut out = io::stdout().lock();
    execute!(out, terminal::EnterAlternateScreen, cursor::Hide)?;
    modes::paste_on(&mut out)?;
    if is_mouse_wanted() {
        modes::mouse_on(&mut out)?;
    }
    out.flush()
}

/// Takes the terminal again after it was given back for a while.
///
/// # Errors
/// What the terminal refused.
pub fn re_enter() -> io::Result<()> {
    set_modes()
}

/// What a program that ended badly may have left on: colours, a part of the screen that scrolls, reports of motion and
/// of focus.
const RESET_SEQUENCES: &[u8] = b"\x1b[m\x1b[r\x1b[?1003l\x1b[?1004l";

/// Puts things back that a program has left otherwise: at our own end we would leave them so.
pub fn reset_line_mode(before: &platform::TtyState) {
    before.restore();
    let _ = write(RESET_SEQUENCES);
}

/// Gives the terminal back as it was. May be called at any time and from any thread; only the first call does it.
pub fn restore() {
    if !IS_ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout().lock();
    // Errors have nobody to be told to: the terminal may be gone.
    let _ = out.write_all(FRAME_END);
    let _ = modes::mouse_off(&mut out);
    let _ = modes::paste_off(&mut out);
    let _ = execute!(out, terminal::LeaveAlternateScreen, cursor::Show);
    let _ = terminal::disable_raw_mode();
}

/// Writes a sequence of ours between two frames.
///
/// # Errors
/// The terminal does not take it.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Says, before the terminal is taken, whether the mouse is to be ours.
pub fn set_mouse_preference(wanted: bool) {
    MOUSE_PREFERENCE.store(wanted, Ordering::SeqCst);
}

/// Whether the mouse is to be ours.
pub fn is_mouse_wanted() -> bool {
    MOUSE_PREFERENCE.load(Ordering::SeqCst)
}

/// Turns mouse reports on or off.
pub fn set_mouse_owner(mouse: MouseOwner) {
    set_mouse_preference(mouse == MouseOwner::Program);
    let mut out = io::stdout().lock();
    let set = match mouse {
        MouseOwner::Program => modes::mouse_on(&mut out),
        MouseOwner::Terminal => modes::mouse_off(&mut out),
    };
    let _ = set.and_then(|()| out.flush());
}
