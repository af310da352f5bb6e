//! Streamed response bodies: at full speed, paced, or truncated.

use std::{convert::Infallible, io, time::Duration};

use axum::{body::Body, http::StatusCode, response::Response};
use futures_util::{StreamExt, stream};

use super::response;

/// The delay before a connection breaks.
const DISCONNECT_DELAY: Duration = Duration::from_millis(100);

/// The end of a body after its chunks.
#[derive(Clone, Copy, Debug)]
pub enum StreamEnd {
    /// The body is complete.
    Complete,
    /// No more data, while the connection stays open.
    Stall,
    /// The connection breaks.
    Disconnect,
}

/// Returns a body of unknown length whose chunks are generated as fast as the client reads them.
pub fn stream_unpaced<I>(chunks: I) -> Response
where
    I: Iterator<Item = String> + Send + 'static,
{
    let chunks = stream::iter(chunks.map(Ok::<_, Infallible>));
    response::json_text(StatusCode::OK, Body::from_stream(chunks))
}

/// Returns a body of unknown length with a pause before each chunk but the first.
pub fn stream_paced<I>(chunks: I, pause: Duration, end: StreamEnd) -> Response
where
    I: Iterator<Item = String> + Send + 'static,
{
    let chunks = stream::iter(chunks.enumerate()).then(move |(index, chunk)| async move {
        if index > 0 {
            tokio::time::sleep(pause).await;
        }
        Ok::<_, io::Error>(chunk)
    });
    let body = match end {
        StreamEnd::Complete => Body::from_stream(chunks),
        StreamEnd::Stall => Body::from_stream(chunks.chain(stream::pending())),
        StreamEnd::Disconnect => {
            // The chunks must be sent before the break, or the client receives none of them.
            let cut = async {
                tokio::time::sleep(DISCONNECT_DELAY).await;
                Err(io::Error::other("the demo truncates this body"))
            };
            Body::from_stream(chunks.chain(stream::once(cut)))
        }
    };
    response::json_text(StatusCode::OK, body)
}
