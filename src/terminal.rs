//! The terminal: entered once and restored on every exit. Each frame is one write inside a synchronized update, so that
//! nothing tears.

mod backend;
pub mod background;
pub mod clipboard;
mod encoder;
pub mod external_program;
pub mod forced_exit;
pub mod foreground;
pub mod input;
mod modes;
pub mod panic_hook;
pub mod private_file;
mod restore_shell;
pub mod signals;
mod style_state;
pub mod suspend;
pub mod watchdog;

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::{cursor, execute, queue, terminal};
use ratatui::Terminal;

use crate::effect::MouseOwner;
use crate::platform;
use crate::text::{Safe, width};

pub use backend::{FrameLinks, Tty, all_cells};

const FRAME_BEGIN: &[u8] = b"\x1b[?2026h";
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// Whether the terminal is entered, so that it is restored only once.
static IS_ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether the program is ending, so that nothing but the restoring sequences may be written. Every writer checks this
/// under the lock on standard output, so that none is between the check and the write while the terminal is restored.
static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether the terminal reports the mouse to the program.
static MOUSE_PREFERENCE: AtomicBool = AtomicBool::new(true);

/// Whether the program sets the title of the window.
static TITLE_PREFERENCE: AtomicBool = AtomicBool::new(false);

/// The longest title, in columns.
const MAX_TITLE_COLUMNS: usize = 120;

/// Saves the title of the window on the terminal's stack.
const SAVE_TITLE: &[u8] = b"\x1b[22;2t";
const RESTORE_TITLE: &[u8] = b"\x1b[23;2t";

/// Whether web addresses are links.
static LINK_PREFERENCE: AtomicBool = AtomicBool::new(true);

/// The screen that the loop draws on.
pub type Screen = Terminal<Tty>;

/// A terminal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    #[error("standard output is not a terminal")]
    NotATerminal,
    #[error("no terminal to read keys from")]
    NoInput,
    #[error("TERM is {0:?}, a terminal without cursor control")]
    Dumb(String),
    #[error("cannot set up the terminal: {0}")]
    SetupFailed(#[from] io::Error),
}

/// Checks for a usable terminal without changing anything.
///
/// # Errors
/// The terminal cannot be used.
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

/// Enters the terminal and returns its screen.
///
/// # Errors
/// The terminal cannot be used or set up; its modes are then restored.
pub fn enter() -> Result<Screen, TerminalError> {
    check()?;
    set_modes().inspect_err(|_| restore())?;
    Ok(Terminal::new(Tty::new()?)?)
}

/// Sets the terminal's modes: at the start, and again after [`restore`].
///
/// # Errors
/// The terminal cannot be set up.
pub fn set_modes() -> io::Result<()> {
    modes::check()?;
    let Some(mut out) = lock_output() else { return Ok(()) };
    IS_ENTERED.store(true, Ordering::SeqCst);
    restore_shell::note_entered(restoring_sequences());
    terminal::enable_raw_mode()?;
    // Without line wrap, a cluster that is wider than expected cannot reach the next row or scroll the screen.
    execute!(out, terminal::EnterAlternateScreen, terminal::DisableLineWrap, cursor::Hide)?;
    if TITLE_PREFERENCE.load(Ordering::SeqCst) {
        out.write_all(SAVE_TITLE)?;
    }
    modes::paste_on(&mut out)?;
    if is_mouse_wanted() {
        modes::mouse_on(&mut out)?;
    }
    out.flush()
}

/// Resets modes that another program may leave on: colours, a scrolling region, reports of motion and of focus.
const RESET_SEQUENCES: &[u8] = b"\x1b[m\x1b[r\x1b[?1003l\x1b[?1004l";

/// Restores the line settings after another program used the terminal; otherwise its settings would outlive this program.
pub fn reset_line_mode(settings: &platform::TtyState) {
    settings.restore();
    let mut out = io::stdout().lock();
    let _ = out.write_all(RESET_SEQUENCES).and_then(|()| out.flush());
}

/// Locks standard output for modes and frames; `None` once the program is ending, so that nothing follows [`restore`].
fn lock_output() -> Option<io::StdoutLock<'static>> {
    let out = io::stdout().lock();
    (!IS_CLOSED.load(Ordering::SeqCst)).then_some(out)
}

/// Stops all output except that of [`restore`], because the program is about to end. Does not wait.
pub fn close() {
    IS_CLOSED.store(true, Ordering::SeqCst);
}

/// Returns whether the browser controls the terminal, and not another program.
pub fn is_entered() -> bool {
    IS_ENTERED.load(Ordering::SeqCst)
}

/// Restores the terminal. May be called at any time from any thread; only the first call has an effect. Waits for a write
/// in progress.
pub fn restore() {
    let mut out = io::stdout().lock();
    if !IS_ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // Errors cannot be reported: the terminal may be gone.
    let _ = out.write_all(&restoring_sequences()).and_then(|()| out.flush());
    let _ = terminal::disable_raw_mode();
    restore_shell::note_restored();
}

/// Returns the bytes that [`restore`] writes.
fn restoring_sequences() -> Vec<u8> {
    let mut sequences = FRAME_END.to_vec();
    if TITLE_PREFERENCE.load(Ordering::SeqCst) {
        sequences.extend(RESTORE_TITLE);
    }
    let _ = modes::mouse_off(&mut sequences);
    let _ = modes::paste_off(&mut sequences);
    let _ = queue!(sequences, terminal::EnableLineWrap, terminal::LeaveAlternateScreen, cursor::Show);
    sequences
}

/// Writes a control sequence between two frames.
///
/// # Errors
/// The write failed.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    let Some(mut out) = lock_output() else { return Ok(()) };
    out.write_all(bytes)?;
    out.flush()
}

/// Sets whether the program may set the title of the window; returns whether it will. The Linux console has no title.
pub fn set_title_preference(is_wanted: bool) -> bool {
    let is_console = std::env::var("TERM").is_ok_and(|term| term.starts_with("linux"));
    TITLE_PREFERENCE.store(is_wanted && !is_console, Ordering::SeqCst);
    is_wanted && !is_console
}

/// Sets the title of the window.
pub fn set_title(title: &str) {
    let title = Safe::line(title);
    let (cut, _) = width::ellipsize(title.as_str(), MAX_TITLE_COLUMNS);
    let _ = write(format!("\x1b]2;{cut}\x1b\\").as_bytes());
}

/// Sets whether entering the terminal turns mouse reports on.
pub fn set_mouse_preference(is_wanted: bool) {
    MOUSE_PREFERENCE.store(is_wanted, Ordering::SeqCst);
}

/// Sets whether web addresses are links.
pub fn set_link_preference(is_wanted: bool) {
    LINK_PREFERENCE.store(is_wanted, Ordering::SeqCst);
}

/// Returns whether web addresses are links; the Linux console would print the sequences.
pub fn has_links() -> bool {
    LINK_PREFERENCE.load(Ordering::SeqCst) && std::env::var_os("TERM").is_some_and(|term| term != "linux")
}

/// Returns whether mouse reports are wanted.
pub fn is_mouse_wanted() -> bool {
    MOUSE_PREFERENCE.load(Ordering::SeqCst)
}

/// Turns mouse reports on or off.
pub fn set_mouse_owner(owner: MouseOwner) {
    set_mouse_preference(owner == MouseOwner::Program);
    let Some(mut out) = lock_output() else { return };
    let result = match owner {
        MouseOwner::Program => modes::mouse_on(&mut out),
        MouseOwner::Terminal => modes::mouse_off(&mut out),
    };
    let _ = result.and_then(|()| out.flush());
}
