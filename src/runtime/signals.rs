//! Signals that end the program.

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens from the moment it is made: made before the terminal is taken, there is no moment at which a signal could end
/// the program without giving it back.
#[derive(Debug)]
pub struct Endings(Vec<(i32, Signal)>);

impl Endings {
    /// Begins to listen.
    pub fn listen(runtime: &Runtime) -> Self {
        let kinds =
            [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit()];
        Self::of(runtime, &kinds)
    }

    /// Listens only for what asks to end: without a terminal a hangup is the system's business, as `nohup` wants it.
    pub fn of_script(runtime: &Runtime) -> Self {
        Self::of(runtime, &[SignalKind::terminate(), SignalKind::interrupt()])
    }

    fn of(runtime: &Runtime, kinds: &[SignalKind]) -> Self {
        let _inside = runtime.enter();
        Self(kinds.iter().filter_map(|kind| Some((kind.as_raw_value(), signal(*kind).ok()?))).collect())
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
