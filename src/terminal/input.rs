//! Terminal input: a reader that sends events, and pauses while another program controls the terminal. On Unix it scans the
//! bytes itself, so that no reply of the terminal is read as keys or blocks them.

#[cfg(unix)]
mod assembler;
mod burst;
#[cfg(unix)]
mod scanner;
#[cfg(unix)]
mod sequences;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use crossterm::event::{
    Event as Raw, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::event::{Event, Mouse, MouseKind};
use crate::keymap::{Chord, Key};

#[cfg(unix)]
pub use assembler::EventAssembler;
#[cfg(unix)]
pub use unix::InputReader;
#[cfg(windows)]
pub use windows::InputReader;

/// Translates an event; `None` if the program ignores it.
fn translate(raw: Raw) -> Option<Event> {
    match raw {
        Raw::Key(key) if key.kind != KeyEventKind::Release => to_chord(key).map(Event::Key),
        Raw::Key(_) | Raw::FocusGained | Raw::FocusLost => None,
        Raw::Mouse(mouse) => to_mouse(mouse).map(Event::Mouse),
        Raw::Paste(text) => Some(Event::Paste(text)),
        Raw::Resize(width, height) => Some(Event::Resize { width, height }),
    }
}

fn to_chord(key: KeyEvent) -> Option<Chord> {
    let mut shift = key.modifiers.contains(KeyModifiers::SHIFT);
    let translated = match key.code {
        KeyCode::Char(c) => {
            // The character already includes Shift, except on terminals that report it in addition to a lower-case letter.
            let is_upper = shift && c.is_ascii_lowercase();
            shift = false;
            Key::Char(if is_upper { c.to_ascii_uppercase() } else { c })
        }
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => {
            shift = true;
            Key::Tab
        }
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::F(number) => Key::F(number),
        _ => return None,
    };
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    // Windows reports AltGr, which many keyboards need for brackets and braces, as Ctrl and Alt.
    let is_typed = cfg!(windows) && ctrl && alt && matches!(translated, Key::Char(_));
    Some(Chord { key: translated, ctrl: ctrl && !is_typed, alt: alt && !is_typed, shift })
}

fn to_mouse(mouse: MouseEvent) -> Option<Mouse> {
    let kind = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
        MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        _ => return None,
    };
    Some(Mouse { kind, column: mouse.column, row: mouse.row })
}
