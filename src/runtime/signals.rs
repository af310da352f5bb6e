//! Signals that end the program, and the end of the terminal itself.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for a signal that ends the program; comes back with its number.
pub async fn ending() -> i32 {
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit()];
    let mut waits = Vec::new();
    for kind in kinds {
        if let Ok(mut stream) = signal(kind) {
            waits.push(Box::pin(async move {
                stream.recv().await;
                kind.as_raw_value()
            }));
        }
    }
    if waits.is_empty() {
        return std::future::pending().await;
    }
    futures_util::future::select_all(waits).await.0
}
