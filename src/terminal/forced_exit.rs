//! Ends the program even if the event loop is busy: a signal or Ctrl-C takes effect within a second. Normally the loop ends
//! by itself long before.

use std::io;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep, timeout_at};

use crate::domain::ExitCode;
use crate::event::Event;
use crate::keymap::{Chord, Key};
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

/// Forwards input to the loop. Exits if the loop does not receive a Ctrl-C in time.
pub fn watch_input(
    runtime: &Runtime,
    mut input: Receiver<io::Result<Event>>,
    capacity: usize,
) -> Receiver<io::Result<Event>> {
    let (queue, watched) = mpsc::channel(capacity);
    runtime.spawn(async move {
        while let Some(event) = input.recv().await {
            let is_interrupt = matches!(&event, Ok(Event::Key(chord)) if is_interrupt(*chord));
            let is_taken = match is_interrupt {
                true => is_taken_within(&queue, event, Instant::now() + GRACE).await,
                false => queue.send(event).await.is_ok(),
            };
            // While another program has the terminal, Ctrl-C is for that program.
            if is_interrupt && !is_taken && !queue.is_closed() && terminal::is_entered() {
                exit(INTERRUPT);
            }
        }
    });
    watched
}

fn is_interrupt(chord: Chord) -> bool {
    chord.ctrl && !chord.alt && chord.key == Key::Char('c')
}

/// Sends an event and waits until the loop has received it and all earlier ones; false if that takes too long.
async fn is_taken_within(
    queue: &Sender<io::Result<Event>>,
    event: io::Result<Event>,
    deadline: Instant,
) -> bool {
    if !matches!(timeout_at(deadline, queue.send(event)).await, Ok(Ok(()))) {
        return false;
    }
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
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_event_counts_as_taken_only_when_the_loop_has_received_it() {
        let (queue, mut loop_end) = mpsc::channel(2);
        let deadline = || Instant::now() + GRACE;
        assert!(!is_taken_within(&queue, Ok(Event::Tick), deadline()).await);
        assert!(!is_taken_within(&queue, Ok(Event::Tick), deadline()).await);
        assert!(!is_taken_within(&queue, Ok(Event::Tick), deadline()).await, "the queue is full");
        let (is_taken, ()) = tokio::join!(is_taken_within(&queue, Ok(Event::Tick), deadline()), async {
            for _ in 0..3 {
                let _ = loop_end.recv().await;
            }
        });
        assert!(is_taken);
    }
}
