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
use crate::keymap::{Chord, Code};
use crate::runtime::platform::Unread;

/// What reads the terminal.
#[derive(Debug)]
pub struct Reader {
    runtime: Handle,
    keys: Sender<io::Result<Event>>,
    task: Option<JoinHandle<()>>,
}

impl Reader {
    /// Reads from now on and sends what comes to `keys`.
    pub fn start(runtime: Handle, keys: Sender<io::Result<Event>>) -> Self {
        let mut reader = Self::resting(runtime, keys);
        reader.resume();
        reader
    }

    /// Leaves the terminal alone until it is resumed.
    pub fn resting(runtime: Handle, keys: Sender<io::Result<Event>>) -> Self {
        Self { runtime, keys, task: None }
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
        self.task = Some(self.runtime.spawn(forward(self.keys.clone())));
    }
}

/// A flood can leave input unread behind it, which is looked for this long after its last event.
const PAUSE: Duration = Duration::from_millis(5);

/// The next event. After a `busy` while input may wait that nobody is told of; an idle program does not look for it.
async fn next(stream: &mut EventStream, unread: &Unread, busy: &mut bool) -> Option<io::Result<Raw>> {
    while *busy {
        match timeout(PAUSE, stream.next()).await {
            Ok(event) => return event,
            Err(_) => *busy = unread.rouse(),
        }
    }
    let event = stream.next().await;
    *busy = true;
    event
}

/// The stream keeps the last waker that it was asked with, so nobody but this task may ask it.
async fn forward(keys: Sender<io::Result<Event>>) {
    let mut stream = EventStream::new();
    // What was typed before this began to read is not told of either.
    let (unread, mut busy) = (Unread::watch(), true);
    while let Some(event) = next(&mut stream, &unread, &mut busy).await {
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
        Raw::Key(key) if key.kind != KeyEventKind::Release => chord(key).map(Event::Key),
        Raw::Key(_) | Raw::FocusGained | Raw::FocusLost => None,
        Raw::Mouse(mouse) => pointed(mouse).map(Event::Mouse),
        Raw::Paste(text) => Some(Event::Paste(text)),
        Raw::Resize(width, height) => Some(Event::Resize { width, height }),
    }
}

fn chord(key: KeyEvent) -> Option<Chord> {
    let mut shift = key.modifiers.contains(KeyModifiers::SHIFT);
    let code = match key.code {
        KeyCode::Char(c) => {
            // Shift is in the character already, but for terminals that report it beside a small letter.
            let upper = shift && c.is_ascii_lowercase();
            shift = false;
            Code::Char(if upper { c.to_ascii_uppercase() } else { c })
        }
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => {
            shift = true;
            Code::Tab
        }
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::F(number) => Code::F(number),
        _ => return None,
    };
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    // Windows reports AltGr, which many keyboards need for brackets and braces, as both of these.
    let is_typed = cfg!(windows) && ctrl && alt && matches!(code, Code::Char(_));
    Some(Chord { code, ctrl: ctrl && !is_typed, alt: alt && !is_typed, shift })
}

/// What a report of the cell 0, which is none, comes to: they count from 1.
const NOWHERE: u16 = u16::MAX;

fn pointed(mouse: MouseEvent) -> Option<Mouse> {
    if mouse.column == NOWHERE || mouse.row == NOWHERE {
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
