//! The reader of Unix terminals: a thread that waits for bytes, scans them and sends events.

use std::io::{self, PipeReader, PipeWriter};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossterm::terminal;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

use super::assembler::EventAssembler;
use crate::event::Event;
use crate::platform::{TtyInput, Wakeup};
use crate::terminal::background;
use crate::terminal::forced_exit::{self, InterruptWatch};

/// The maximum number of bytes to read at once.
const BUFFER_BYTES: usize = 4096;

/// The pause before another attempt to send to a full queue.
const FULL_QUEUE_PAUSE: Duration = Duration::from_millis(5);

/// Reads events from the terminal.
#[derive(Debug)]
pub struct InputReader {
    events: Sender<io::Result<Event>>,
    interrupts: InterruptWatch,
    running: Option<RunningReader>,
    /// The time until which a reply about the background is accepted; only for the first reader.
    background_until: Option<Instant>,
}

#[derive(Debug)]
struct RunningReader {
    thread: JoinHandle<()>,
    /// The thread stops when this end is closed.
    stop: PipeWriter,
}

impl InputReader {
    /// Creates a reader that starts immediately and sends to `events`; a reply about the background is accepted until
    /// `background_until`.
    pub fn start(
        runtime: Handle,
        events: Sender<io::Result<Event>>,
        background_until: Option<Instant>,
    ) -> Self {
        runtime.spawn(forward_resizes(events.clone()));
        let interrupts = InterruptWatch::start(&runtime, events.clone());
        let mut reader = Self { background_until, interrupts, ..Self::paused(runtime, events) };
        reader.resume();
        reader
    }

    /// Creates a paused reader.
    pub fn paused(_runtime: Handle, events: Sender<io::Result<Event>>) -> Self {
        Self { events, interrupts: InterruptWatch::default(), running: None, background_until: None }
    }

    /// Stops reading until resumed: the input belongs to another program.
    pub fn pause(&mut self) {
        if let Some(running) = self.running.take() {
            drop(running.stop);
            // A panic in the thread ends it too.
            let _stopped = running.thread.join().is_ok();
        }
    }

    /// Resumes reading.
    pub fn resume(&mut self) {
        self.pause();
        let queue = Queue { events: self.events.clone(), interrupts: self.interrupts.clone() };
        let until = self.background_until.take();
        match io::pipe().and_then(|(stopped, stop)| Ok((TtyInput::open()?, stopped, stop))) {
            Ok((tty, stopped, stop)) => {
                let thread = thread::spawn(move || Reader::new(tty, stopped, queue, until).run());
                self.running = Some(RunningReader { thread, stop });
            }
            Err(error) => {
                let _ = self.events.try_send(Err(error));
            }
        }
    }
}

/// Wakes the loop when the terminal was resized. The size is read before each frame, so a full queue needs no event.
async fn forward_resizes(events: Sender<io::Result<Event>>) {
    let Ok(mut resizes) = signal(SignalKind::window_change()) else { return };
    while resizes.recv().await.is_some() && !events.is_closed() {
        if let Ok((width, height)) = terminal::size() {
            let _ = events.try_send(Ok(Event::Resize { width, height }));
        }
    }
}

/// The receiver is gone, or the reader was stopped.
struct Stopped;

/// The queue of the event loop, whose interrupts are watched.
struct Queue {
    events: Sender<io::Result<Event>>,
    interrupts: InterruptWatch,
}

struct Reader {
    tty: TtyInput,
    stopped: PipeReader,
    queue: Queue,
    assembler: EventAssembler,
}

impl Reader {
    fn new(tty: TtyInput, stopped: PipeReader, queue: Queue, background_until: Option<Instant>) -> Self {
        let mut assembler = EventAssembler::default();
        assembler.expect_background(background_until);
        Self { tty, stopped, queue, assembler }
    }

    fn run(mut self) {
        if let Err(error) = self.forward_input() {
            let _ = self.send(Err(error));
        }
    }

    /// Reads until stopped.
    ///
    /// # Errors
    /// The terminal is gone.
    fn forward_input(&mut self) -> io::Result<()> {
        let mut buffer = [0; BUFFER_BYTES];
        loop {
            let timeout = self.assembler.deadline().map(|at| at.saturating_duration_since(Instant::now()));
            match self.tty.wait(&self.stopped, timeout)? {
                Wakeup::Stopped => return Ok(()),
                Wakeup::Timeout => self.assembler.on_timeout(Instant::now()),
                Wakeup::Input => {
                    let len = self.tty.read(&mut buffer)?;
                    let was_expecting = self.assembler.is_expecting_background();
                    self.assembler.feed(buffer.get(..len).unwrap_or_default(), Instant::now());
                    if was_expecting && !self.assembler.is_expecting_background() {
                        background::note_answer();
                    }
                }
            }
            if self.send_events().is_err() {
                return Ok(());
            }
        }
    }

    fn send_events(&mut self) -> Result<(), Stopped> {
        self.assembler.take().into_iter().try_for_each(|event| self.send(Ok(event)))
    }

    /// Waits while the queue is full, but not longer than until the reader is stopped.
    fn send(&self, event: io::Result<Event>) -> Result<(), Stopped> {
        let is_interrupt = forced_exit::is_interrupt(&event);
        let mut unsent = event;
        loop {
            let sent = self.queue.events.try_send(unsent);
            if is_interrupt {
                self.queue.interrupts.note();
            }
            match sent {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(_)) => return Err(Stopped),
                Err(TrySendError::Full(event)) => unsent = event,
            }
            if TtyInput::is_stopped_within(&self.stopped, FULL_QUEUE_PAUSE) {
                return Err(Stopped);
            }
        }
    }
}
