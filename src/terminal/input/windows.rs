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

/// Reads events from the terminal.
#[derive(Debug)]
pub struct InputReader {
    runtime: Handle,
    events: Sender<io::Result<Event>>,
    task: Option<JoinHandle<()>>,
}

impl InputReader {
    /// Creates a reader that starts immediately and sends to `events`. Consoles do not report their background.
    pub fn start(
        runtime: Handle,
        events: Sender<io::Result<Event>>,
        _background_until: Option<Instant>,
    ) -> Self {
        let mut reader = Self::paused(runtime, events);
        reader.resume();
        reader
    }

    /// Creates a paused reader.
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

/// Forwards the events of the stream, which only one task may poll, as it keeps only its last waker. A paste arrives as
/// single keys.
async fn forward_events(events: Sender<io::Result<Event>>) {
    let (mut stream, mut burst) = (EventStream::new(), Burst::default());
    while let Some(event) = stream.next().await {
        match event {
            Ok(raw) => {
                burst.start_input(Instant::now());
                if let Some(event) = translate(raw)
                    && events.send(Ok(burst.mark(event))).await.is_err()
                {
                    return;
                }
            }
            Err(error) => {
                let _ = events.send(Err(error)).await;
                return;
            }
        }
    }
}
