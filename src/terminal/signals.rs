//! Signals that end the program, and what Windows sends to a console in their stead.

use tokio::runtime::Runtime;

#[cfg(unix)]
use unix::{Signal, listen};
#[cfg(windows)]
use windows::{Signal, listen};

/// What shells call them, so that the exit code tells what ended the program.
const HANGUP: i32 = 1;
const INTERRUPT: i32 = 2;
const QUIT: i32 = 3;
const TERMINATE: i32 = 15;

/// Listens from the moment it is made: made before the terminal is taken, there is no moment at which a signal could end
/// the program without giving it back.
#[derive(Debug)]
pub struct Signals(Vec<(i32, Signal)>);

impl Signals {
    /// Begins to listen.
    pub fn listen(runtime: &Runtime) -> Self {
        Self::listen_to(runtime, &[TERMINATE, INTERRUPT, HANGUP, QUIT])
    }

    /// Listens only for what asks to end: without a terminal a hangup is the system's business, as `nohup` wants it.
    pub fn listen_for_script(runtime: &Runtime) -> Self {
        Self::listen_to(runtime, &[TERMINATE, INTERRUPT])
    }

    fn listen_to(runtime: &Runtime, numbers: &[i32]) -> Self {
        let _inside = runtime.enter();
        Self(numbers.iter().filter_map(|number| Some((*number, listen(*number)?))).collect())
    }

    /// Waits for a signal; comes back with its number.
    pub async fn next(&mut self) -> i32 {
        if self.0.is_empty() {
            return std::future::pending().await;
        }
        let waits = self.0.iter_mut().map(|(number, signal)| {
            Box::pin(async move {
                signal.recv().await;
                *number
            })
        });
        futures_util::future::select_all(waits).await.0
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

    /// What a console can send.
    #[derive(Debug)]
    pub(crate) enum Signal {
        C(CtrlC),
        Break(CtrlBreak),
        /// The window is closed; the system waits a few seconds for the program's end.
        Close(CtrlClose),
        /// The machine goes down; only services hear of it.
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
