//! Reading the terminal: a task that turns the terminal library's events into ours, and can be put to rest while
//! somebody else has the terminal.

use std::io;
use std::time::Duration;

use crossterm::event::{
    Event as Raw, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};

use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::event::{Event, Mouse, MouseKind};
use crate::keymap::{Chord, Key};
use crate::platform::PendingInput;

/// What reads the terminal.
#[derive(Debug)]
pub struct InputReader {
    runtime: Handle,
    events: Sender<io::Result<Event>>,
    task: Option<JoinHandle<()>>,
}

impl InputReader {
    /// Reads from now on and sends what comes to `keys`.
    pub fn start(runtime: Handle, keys: Sender<io::Result<Event>>) -> Self {
        let mut reader = Self::paused(runtime, keys);
        reader.resume();
        reader
    }

    /// Leaves the terminal alone until it is resumed.
    pub fn paused(runtime: Handle, keys: Sender<io::Result<Event>>) -> Self {
        Self { runtime, events: keys, task: None }
    }

    /// Reads no more until it is resumed: what is typed belongs to somebody else.
    pub fn pause(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }

    /// Reads again.
    pub fn resume(&mut self) {
        self.pause();
        self.task = Some(self.runtime.spawn(forward_events(self.events.clone())));
    }
}

/// A flood can leave input unread behind it, which is looked for this long after its last event.
const UNREAD_CHECK_INTERVAL: Duration = Duration::from_millis(5);

/// The next event. After a `busy` while input may wait that nobody is told of; an idle program does not look for it.
async fn next_event(
    stream: &mut EventStream,
    unread: &PendingInput,
    busy: &mut bool,
) -> Option<io::Result<Raw>> {
    while *busy {
        match timeout(UNREAD_CHECK_INTERVAL, stream.next()).await {
            Ok(event) => return event,
            Err(_) => *busy = unread.wake(),
        }
    }
    let event = stream.next().await;
    *busy = true;
    event
}

/// The stream keeps the last waker that it was asked with, so nobody but this task may ask it.
async fn forward_events(keys: Sender<io::Result<Event>>) {
    let mut stream = EventStream::new();
    // What was typed before this began to read is not told of either.
    let (unread, mut busy) = (PendingInput::open(), true);
    while let Some(event) = next_event(&mut stream, &unread, &mut busy).await {
        let told = match event {
            Ok(raw) => match translate(raw) {
                Some(event) => keys.send(Ok(event)).await,
                None => continue,
            },
            Err(error) => {
                let _ = keys.send(Err(error)).await;
                return;
            }
        };
        if told.is_err() {
            return;
        }
    }
}

/// The event, if it means anything to us.
pub fn translate(raw: Raw) -> Option<Event> {
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
    let code = match key.code {
        KeyCode::Char(c) => {
            // Shift is in the character already, but for terminals that report it beside a small letter.
            let upper = shift && c.is_ascii_lowercase();
            shift = false;
            Key::Char(if upper { c.to_ascii_uppercase() } else { c })
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
    // Windows reports AltGr, which many keyboards need for brackets and braces, as both of these.
    let is_typed = cfg!(windows) && ctrl && alt && matches!(code, Key::Char(_));
    Some(Chord { key: code, ctrl: ctrl && !is_typed, alt: alt && !is_typed, shift })
}

/// What a report of the cell 0, which is none, comes to: they count from 1.
const INVALID_CELL: u16 = u16::MAX;

fn to_mouse(mouse: MouseEvent) -> Option<Mouse> {
    if mouse.column == INVALID_CELL || mouse.row == INVALID_CELL {
        return None;
    }
    let kind = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        _ => return None,
    };
    Some(Mouse { kind, column: mouse.column, row: mouse.row })
}
