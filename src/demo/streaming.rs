//! Bodies that come in pieces: at once, at a pace, and with an end that is not the end of the JSON.

use std::{convert::Infallible, io, time::Duration};

use axum::{body::Body, http::StatusCode, response::Response};
use futures_util::{StreamExt, stream};

use super::response;

/// How long a connection lives on before it breaks.
const DISCONNECT_DELAY: Duration = Duration::from_millis(100);

/// How a body ends after its pieces.
#[derive(Clone, Copy, Debug)]
pub enum StreamEnd {
    /// As it should.
    Complete,
    /// Never: nothing more comes, and the connection stays open.
    Stall,
    /// The connection breaks.
    Disconnect,
}

/// A body of unknown length whose pieces are made as fast as the reader takes them.
pub fn stream_unpaced<I>(pieces: I) -> Response
where
    I: Iterator<Item = String> + Send + 'static,
{
    let pieces = stream::iter(pieces.map(Ok::<_, Infallible>));
    response::json_text(StatusCode::OK, Body::from_stream(pieces))
}

/// A body of unknown length with a pause before each piece but the first, and an ending.
pub fn stream_paced<I>(pieces: I, pause: Duration, ending: StreamEnd) -> Response
where
    I: Iterator<Item = String> + Send + 'static,
{
    let pieces = stream::iter(pieces.enumerate()).then(move |(index, piece)| async move {
        if index > 0 {
            tokio::time::sleep(pause).await;
        }
        Ok::<_, io::Error>(piece)
    });
    let body = match ending {
        StreamEnd::Complete => Body::from_stream(pieces),
        StreamEnd::Stall => Body::from_stream(pieces.chain(stream::pending())),
        StreamEnd::Disconnect => {
            // What was given out must be on its way before the break, or the reader sees none of it.
            let cut = async {
                tokio::time::sleep(DISCONNECT_DELAY).await;
                Err(io::Error::other("the demo cuts this body short"))
            };
            Body::from_stream(pieces.chain(stream::once(cut)))
        }
    };
    response::json_text(StatusCode::OK, body)
}
