//! The reader of Windows consoles: a task that forwards the events of the terminal library, which reads records instead of
//! bytes.

use std::io;
use std::time::Instant;

use crossterm::event::EventStream;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use super::burst::Burst;
use super::translate;
use crate::event::Event;
use crate::terminal::forced_exit::{self, InterruptWatch};

/// Reads events from the terminal.
#[derive(Debug)]
pub struct InputReader {
    runtime: Handle,
    events: Sender<io::Result<Event>>,
    interrupts: InterruptWatch,
    task: Option<JoinHandle<()>>,
}

impl InputReader {
    /// Creates a reader that starts immediately and sends to `events`. Consoles do not report their background.
    pub fn start(
        runtime: Handle,
        events: Sender<io::Result<Event>>,
        _background_until: Option<Instant>,
    ) -> Self {
        let interrupts = InterruptWatch::start(&runtime, events.clone());
        let mut reader = Self { interrupts, ..Self::paused(runtime, events) };
        reader.resume();
        reader
    }

    /// Creates a paused reader.
    pub fn paused(runtime: Handle, events: Sender<io::Result<Event>>) -> Self {
        Self { runtime, events, interrupts: InterruptWatch::default(), task: None }
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
        self.task = Some(self.runtime.spawn(forward_events(self.events.clone(), self.interrupts.clone())));
    }
}

/// Forwards the events of the stream, which only one task may poll, as it keeps only its last waker. A paste arrives as
/// single keys.
async fn forward_events(events: Sender<io::Result<Event>>, interrupts: InterruptWatch) {
    let (mut stream, mut burst) = (EventStream::new(), Burst::default());
    while let Some(event) = stream.next().await {
        match event {
            Ok(raw) => {
                burst.start_input(Instant::now());
                let Some(event) = translate(raw) else { continue };
                let event = Ok(burst.mark(event));
                let is_interrupt = forced_exit::is_interrupt(&event);
                // A full queue would delay the note after it.
                if is_interrupt && events.capacity() == 0 {
                    interrupts.note();
                }
                if events.send(event).await.is_err() {
                    return;
                }
                if is_interrupt {
                    interrupts.note();
                }
            }
            Err(error) => {
                let _ = events.send(Err(error)).await;
                return;
            }
        }
    }
}
