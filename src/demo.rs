//! The built-in demo: both services on loopback, over real HTTP, with sample threads and every kind of failure. It serves
//! only data that is compiled in, listens on 127.0.0.1 only, and is independent of the client code.

mod account;
mod camelai;
mod canned;
mod generated;
mod response;
mod sgp;
mod streaming;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::AtomicUsize},
};

use axum::{Router, extract::State, http::Uri, response::Response};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use canned::{DemoThread, canned_threads};

/// A key that both services accept; they accept any key that is not empty.
pub const DEMO_KEY: &str = "demo-key";
/// A key that both services reject with 401.
pub const REFUSED_KEY: &str = "demo-key-refused";
/// The account that owns every SGP thread of the demo. Only `demo-needs-account` requires it.
pub const DEMO_ACCOUNT: &str = "65f1c9b2a7d4e01c22b9f3aa";
/// An account that SGP rejects with 403 for every request.
pub const REFUSED_ACCOUNT: &str = "demo-account-refused";
/// The SGP application variant whose threads can be listed.
pub const DEMO_VARIANT: &str = "3f8a2c54-6e0b-4a19-b1f7-7c2d9e8a5b01";

/// A running demo server. Dropping it stops listening; responses in progress may still finish.
#[derive(Debug)]
pub struct DemoServer {
    /// The listening address: 127.0.0.1 and the port.
    pub addr: SocketAddr,
    task: JoinHandle<io::Result<()>>,
    _stop: oneshot::Sender<()>,
}

impl DemoServer {
    /// Returns the base URL of both services, without a trailing slash.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Waits for the server to stop by itself, which happens only on failure.
    ///
    /// # Errors
    /// The error that stopped the server.
    pub async fn wait(mut self) -> io::Result<()> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

/// The server state that handlers need.
#[derive(Clone)]
struct ServerState {
    addr: SocketAddr,
    /// The number of requests for the list that is sometimes throttled.
    throttled_requests: Arc<AtomicUsize>,
    /// The number of requests for pages after the first of camelAI's list, whose order shifts.
    later_pages: Arc<AtomicUsize>,
}

/// Starts the server on 127.0.0.1 as a task of the current tokio runtime; `None` picks a free port.
///
/// # Errors
/// The port cannot be bound.
pub async fn start(port: Option<u16>) -> io::Result<DemoServer> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
    let addr = listener.local_addr()?;
    let app = routes(ServerState { addr, throttled_requests: Arc::default(), later_pages: Arc::default() });
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let dropped = async {
            let _sender_gone = stopped.await;
        };
        axum::serve(listener, app).with_graceful_shutdown(dropped).await
    });
    Ok(DemoServer { addr, task, _stop: stop })
}

fn routes(state: ServerState) -> Router {
    Router::new()
        .merge(sgp::routes())
        .nest("/public", sgp::routes())
        .merge(camelai::routes())
        .fallback(not_found)
        .with_state(state)
}

async fn not_found(State(_): State<ServerState>, uri: Uri) -> Response {
    if uri.path().starts_with("/api/") { camelai::path_not_found() } else { sgp::path_not_found() }
}
