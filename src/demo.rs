//! The built-in demo: both services on loopback, over real HTTP, with threads worth looking at and answers worth
//! surviving. It serves only what is compiled into the program and listens on 127.0.0.1 alone; it knows nothing of the
//! client's side.

mod camelai;
mod catalogue;
mod generated;
mod response;
mod sgp;
mod streaming;

use std::{io, net::Ipv4Addr, net::SocketAddr};

use axum::{Router, extract::State, http::Uri, response::Response};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use catalogue::{DemoThread, catalogue};

/// A key that both services accept, as they accept any that is not empty.
pub const DEMO_KEY: &str = "demo-key";
/// A key that both services refuse with 401.
pub const REFUSED_KEY: &str = "demo-key-refused";
/// The account that owns every SGP thread of the demo; requests need not name one, but for `demo-needs-account`.
pub const DEMO_ACCOUNT: &str = "65f1c9b2a7d4e01c22b9f3aa";
/// An account that SGP refuses with 403, whatever is asked for.
pub const REFUSED_ACCOUNT: &str = "demo-account-refused";
/// The SGP application variant whose threads can be listed.
pub const DEMO_VARIANT: &str = "3f8a2c54-6e0b-4a19-b1f7-7c2d9e8a5b01";

/// A demo server at work. Dropping it ends the listening; answers under way may still finish.
#[derive(Debug)]
pub struct DemoServer {
    /// Where it listens: 127.0.0.1 and the port.
    pub addr: SocketAddr,
    task: JoinHandle<io::Result<()>>,
    _stop: oneshot::Sender<()>,
}

impl DemoServer {
    /// The base URL for either service, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The base URL under the path prefix that SGP also answers under.
    pub fn prefixed_url(&self) -> String {
        format!("http://{}/public", self.addr)
    }

    /// Waits until the server ends by itself, which it does only by a failure.
    ///
    /// # Errors
    /// The failure.
    pub async fn wait(mut self) -> io::Result<()> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

/// What handlers need to know of the server they run in.
#[derive(Clone, Copy)]
struct ServerState {
    addr: SocketAddr,
}

/// Starts the server on 127.0.0.1, on a free port if none is given, as a task of the current tokio runtime.
///
/// # Errors
/// The port cannot be had.
pub async fn start(port: Option<u16>) -> io::Result<DemoServer> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
    let addr = listener.local_addr()?;
    let app = routes(ServerState { addr });
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let dropped = async {
            let _sender_gone = stopped.await;
        };
        axum::serve(listener, app).with_graceful_shutdown(dropped).await
    });
    Ok(DemoServer { addr, task, _stop: stop })
}

fn routes(site: ServerState) -> Router {
    Router::new()
        .merge(sgp::routes())
        .nest("/public", sgp::routes())
        .merge(camelai::routes())
        .fallback(not_found)
        .with_state(site)
}

async fn not_found(State(_): State<ServerState>, uri: Uri) -> Response {
    if uri.path().starts_with("/api/") { camelai::path_not_found() } else { sgp::path_not_found() }
}
