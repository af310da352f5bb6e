//! Signals that end the program, and the console events of Windows that correspond to them.

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::terminal::{self, foreground};

#[cfg(unix)]
use unix::{Signal, listen};
#[cfg(windows)]
use windows::{Signal, listen};

/// Signal numbers of Unix, from which the exit code is derived.
const HANGUP: i32 = 1;
pub const INTERRUPT: i32 = 2;
const QUIT: i32 = 3;
const TERMINATE: i32 = 15;

/// A listener for signals. It must be created before the terminal is entered, so that no signal can end the program without
/// restoring the terminal.
#[derive(Debug)]
pub struct Signals(Vec<(i32, Signal)>);

impl Signals {
    /// Starts to listen for every signal that ends the program.
    pub fn listen(runtime: &Runtime) -> Self {
        Self::listen_to(runtime, &[TERMINATE, INTERRUPT, HANGUP, QUIT])
    }

    /// Starts to listen for requests to end. Without a terminal, the system handles hangups, as `nohup` expects.
    pub fn listen_for_script(runtime: &Runtime) -> Self {
        Self::listen_to(runtime, &[TERMINATE, INTERRUPT])
    }

    /// Starts to listen for the signals that are not meant for another program in the terminal.
    pub fn listen_for_end(runtime: &Runtime) -> Self {
        Self::listen_to(runtime, &[TERMINATE, HANGUP])
    }

    fn listen_to(runtime: &Runtime, numbers: &[i32]) -> Self {
        let _guard = runtime.enter();
        Self(numbers.iter().filter_map(|number| Some((*number, listen(*number)?))).collect())
    }

    /// Handles signals from now on, also while the loop waits for an external program: that program alone receives those
    /// from the keyboard; the others ask it to end and are also sent to the receiver.
    pub fn share_with_children(mut self, runtime: &Runtime) -> mpsc::Receiver<i32> {
        let (sender, receiver) = mpsc::channel(4);
        runtime.spawn(async move {
            loop {
                let number = self.next().await;
                if matches!(number, INTERRUPT | QUIT) && foreground::has_keyboard_signals() {
                    continue;
                }
                terminal::close();
                foreground::end_child(number);
                if sender.send(number).await.is_err() {
                    return;
                }
            }
        });
        receiver
    }

    /// Waits for a signal and returns its number.
    pub async fn next(&mut self) -> i32 {
        if self.0.is_empty() {
            return std::future::pending().await;
        }
        let signals = self.0.iter_mut().map(|(number, signal)| {
            Box::pin(async move {
                signal.recv().await;
                *number
            })
        });
        futures_util::future::select_all(signals).await.0
    }
}

#[cfg(unix)]
mod unix {
    pub(crate) use tokio::signal::unix::Signal;

    use tokio::signal::unix::{SignalKind, signal};

    use super::{HANGUP, INTERRUPT, QUIT, TERMINATE};

    pub(crate) fn listen(number: i32) -> Option<Signal> {
        let kind = match number {
            TERMINATE => SignalKind::terminate(),
            INTERRUPT => SignalKind::interrupt(),
            HANGUP => SignalKind::hangup(),
            QUIT => SignalKind::quit(),
            _ => return None,
        };
        signal(kind).ok()
    }
}

#[cfg(windows)]
mod windows {
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
    };

    use super::{HANGUP, INTERRUPT, QUIT, TERMINATE};

    /// A console event.
    #[derive(Debug)]
    pub(crate) enum Signal {
        C(CtrlC),
        Break(CtrlBreak),
        /// The window is closed; the system waits a few seconds for the program to end.
        Close(CtrlClose),
        /// The machine shuts down; only services receive this.
        Shutdown(CtrlShutdown),
    }

    pub(crate) fn listen(number: i32) -> Option<Signal> {
        match number {
            INTERRUPT => ctrl_c().ok().map(Signal::C),
            QUIT => ctrl_break().ok().map(Signal::Break),
            HANGUP => ctrl_close().ok().map(Signal::Close),
            TERMINATE => ctrl_shutdown().ok().map(Signal::Shutdown),
            _ => None,
        }
    }

    impl Signal {
        pub(crate) async fn recv(&mut self) -> Option<()> {
            match self {
                Self::C(signal) => signal.recv().await,
                Self::Break(signal) => signal.recv().await,
                Self::Close(signal) => signal.recv().await,
                Self::Shutdown(signal) => signal.recv().await,
            }
        }
    }
}
