//! Ends the program even if the event loop is busy: a signal or Ctrl-C takes effect within a second. Normally the loop ends
//! by itself long before.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Handle, Runtime};
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep};

use crate::domain::ExitCode;
use crate::event::Event;
use crate::keymap::Key;
use crate::terminal::signals::{INTERRUPT, Signals};
use crate::terminal::{self, foreground};

/// The time that an orderly exit has before the forced one.
const GRACE: Duration = Duration::from_millis(600);

/// The time to restore the terminal.
const RESTORE_TIMEOUT: Duration = Duration::from_millis(300);

/// The time between two checks of the loop's queue.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Exits if the program is still running some time after a signal to end.
pub fn watch_signals(runtime: &Runtime) {
    let mut signals = Signals::listen_for_end(runtime);
    runtime.spawn(async move {
        let signal = signals.next().await;
        sleep(GRACE).await;
        exit(signal);
    });
}

/// Exits if the event loop does not receive a Ctrl-C in time.
#[derive(Clone, Debug, Default)]
pub struct InterruptWatch(Arc<Notify>);

impl InterruptWatch {
    /// Starts to watch the queue of the loop's input.
    pub fn start(runtime: &Handle, queue: Sender<io::Result<Event>>) -> Self {
        let watch = Self::default();
        let noted = Arc::clone(&watch.0);
        runtime.spawn(async move {
            loop {
                noted.notified().await;
                let is_emptied = is_emptied_by(&queue, Instant::now() + GRACE).await;
                // While another program has the terminal, Ctrl-C is for that program.
                if !is_emptied && !queue.is_closed() && terminal::is_entered() {
                    exit(INTERRUPT);
                }
            }
        });
        watch
    }

    /// Notes a Ctrl-C that is in the queue, or waits for space in it.
    pub fn note(&self) {
        self.0.notify_one();
    }
}

/// Returns whether an event is a Ctrl-C.
pub fn is_interrupt(event: &io::Result<Event>) -> bool {
    matches!(event, Ok(Event::Key(chord)) if chord.ctrl && !chord.alt && chord.key == Key::Char('c'))
}

/// Waits until the loop has received all events of the queue; false if that takes too long.
async fn is_emptied_by(queue: &Sender<io::Result<Event>>, deadline: Instant) -> bool {
    while queue.capacity() < queue.max_capacity() {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(POLL_INTERVAL).await;
    }
    true
}

fn exit(signal: i32) {
    terminal::close();
    // The loop may hang in a write, which holds the lock on the terminal.
    let (restored, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        foreground::take_back();
        terminal::restore();
        let _ = restored.send(());
    });
    let _ = waiting.recv_timeout(RESTORE_TIMEOUT);
    std::process::exit(i32::from(ExitCode::Signal(u8::try_from(signal).unwrap_or(0)).code()));
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_event_counts_as_received_only_when_the_queue_is_empty() {
        let (queue, mut loop_end) = mpsc::channel(2);
        let deadline = || Instant::now() + GRACE;
        assert!(is_emptied_by(&queue, deadline()).await);
        for _ in 0..2 {
            queue.try_send(Ok(Event::Tick)).unwrap();
            assert!(!is_emptied_by(&queue, deadline()).await);
        }
        let (is_emptied, ()) = tokio::join!(is_emptied_by(&queue, deadline()), async {
            for _ in 0..2 {
                let _ = loop_end.recv().await;
            }
        });
        assert!(is_emptied);
    }
}
