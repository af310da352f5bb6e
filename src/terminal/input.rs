//! Terminal input: a task that translates the terminal library's events, and pauses while another program has the
//! terminal.

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

/// Reads events from the terminal.
#[derive(Debug)]
pub struct InputReader {
    runtime: Handle,
    events: Sender<io::Result<Event>>,
    task: Option<JoinHandle<()>>,
}

impl InputReader {
    /// A reader that starts at once and sends to `events`.
    pub fn start(runtime: Handle, events: Sender<io::Result<Event>>) -> Self {
        let mut reader = Self::paused(runtime, events);
        reader.resume();
        reader
    }

    /// A reader that waits to be resumed.
    pub fn paused(runtime: Handle, events: Sender<io::Result<Event>>) -> Self {
        Self { runtime, events, task: None }
    }

    /// Stops reading until resumed: the input belongs to another program.
    pub fn pause(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }

    /// Resumes reading.
    pub fn resume(&mut self) {
        self.pause();
        self.task = Some(self.runtime.spawn(forward_events(self.events.clone())));
    }
}

/// A flood can leave unread input behind; this long after its last event, the reader checks for it.
const UNREAD_CHECK_INTERVAL: Duration = Duration::from_millis(5);

/// The next event. While `is_busy`, input may wait without a notification; an idle program does not check for it.
async fn next_event(
    stream: &mut EventStream,
    pending: &PendingInput,
    is_busy: &mut bool,
) -> Option<io::Result<Raw>> {
    while *is_busy {
        match timeout(UNREAD_CHECK_INTERVAL, stream.next()).await {
            Ok(event) => return event,
            Err(_) => *is_busy = pending.wake(),
        }
    }
    let event = stream.next().await;
    *is_busy = true;
    event
}

/// Only this task may poll the stream, which keeps only its last waker.
async fn forward_events(events: Sender<io::Result<Event>>) {
    let mut stream = EventStream::new();
    // Input typed before this task started is not notified either.
    let (pending, mut is_busy) = (PendingInput::open(), true);
    while let Some(event) = next_event(&mut stream, &pending, &mut is_busy).await {
        let sent = match event {
            Ok(raw) => match translate(raw) {
                Some(event) => events.send(Ok(event)).await,
                None => continue,
            },
            Err(error) => {
                let _ = events.send(Err(error)).await;
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Translates an event; `None` if the program ignores it.
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
    let translated = match key.code {
        KeyCode::Char(c) => {
            // The character already includes Shift, except on terminals that report it beside a lower-case letter.
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

/// A report of cell 0, which is invalid, as reports count from 1.
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
