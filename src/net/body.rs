//! Reads bodies: chunk by chunk into the sink, with size cap, idle timeout and minimum throughput; and short bodies, such
//! as those of errors, into memory.

use std::{pin::pin, time::Duration};

use reqwest::{Response, header::CONTENT_ENCODING};
use tokio::{
    task::coop::consume_budget,
    time::{Instant, timeout},
};

use super::{
    BodySink, FetchErrorKind, Limits, ResponseHead, TimeoutStage, classify, content_encoding::ContentDecoder,
    min_throughput::ThroughputMonitor,
};
use crate::domain::FetchProgress;

/// The state that is kept across attempts.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) attempts: u32,
    /// Bytes that the sink holds.
    pub(super) bytes: u64,
}

/// Reads the whole body and returns its number of bytes.
pub(super) async fn stream_body<R: BodySink>(
    mut response: Response,
    head: &ResponseHead,
    limits: &Limits,
    sink: &mut R,
    received: &mut Received,
) -> Result<u64, FetchErrorKind> {
    check_headers(&response, head, limits)?;
    let mut decoder = ContentDecoder::new(is_gzip(&response));
    sink.begin(head);
    received.bytes = 0;
    let total = head.content_length;
    let mut throughput = ThroughputMonitor::new(limits.throughput_window, limits.min_window_bytes);
    let mut last_report = None::<(Instant, u64)>;
    loop {
        let wait_start = Instant::now();
        let pending_progress = last_report
            .filter(|(_, bytes)| *bytes != received.bytes)
            .map(|_| FetchProgress::Receiving { bytes: received.bytes, total });
        let Some(chunk) = next_chunk(&mut response, limits, sink, pending_progress).await? else { break };
        let chunk = chunk.as_ref();
        let is_fast_enough = throughput.record_chunk(wait_start.elapsed(), chunk.len() as u64);
        for piece in chunk.chunks(decoder.piece_length()) {
            let decoded = decoder.decode(piece)?;
            push(decoded.as_deref().unwrap_or(piece), head, limits, sink, received).await?;
            if last_report.is_none_or(|(at, _)| at.elapsed() >= limits.progress_interval) {
                last_report = Some((Instant::now(), received.bytes));
                sink.report_progress(FetchProgress::Receiving { bytes: received.bytes, total });
            }
            // A small compressed body can decompress for seconds without a wait; yield so that it can be cancelled.
            consume_budget().await;
        }
        if !is_fast_enough {
            return Err(FetchErrorKind::Timeout {
                stage: TimeoutStage::Throughput,
                limit: limits.throughput_window,
            });
        }
    }
    push(&decoder.finish()?, head, limits, sink, received).await?;
    sink.report_progress(FetchProgress::Receiving { bytes: received.bytes, total });
    Ok(received.bytes)
}

/// Passes bytes to the sink, up to the cap.
async fn push<R: BodySink>(
    bytes: &[u8],
    head: &ResponseHead,
    limits: &Limits,
    sink: &mut R,
    received: &mut Received,
) -> Result<(), FetchErrorKind> {
    let room = limits.max_body.saturating_sub(received.bytes);
    let accepted = usize::try_from(room).ok().and_then(|room| bytes.get(..room)).unwrap_or(bytes);
    if !accepted.is_empty() && sink.push_chunk(accepted).await.is_break() {
        return Err(FetchErrorKind::Cancelled);
    }
    received.bytes = received.bytes.saturating_add(accepted.len() as u64);
    if bytes.len() > accepted.len() {
        return Err(FetchErrorKind::TooLarge { limit: limits.max_body, content_length: head.content_length });
    }
    Ok(())
}

/// Returns whether the body is packed with gzip, the only encoding that is requested.
pub(super) fn is_gzip(response: &Response) -> bool {
    let encoding = response.headers().get(CONTENT_ENCODING).map(|value| value.as_bytes());
    encoding.is_some_and(|name| {
        [b"gzip".as_slice(), b"x-gzip"].iter().any(|gzip| name.eq_ignore_ascii_case(gzip))
    })
}

/// Returns the next chunk; `None` at the end. If the service pauses, reports the pending progress.
async fn next_chunk<R: BodySink>(
    response: &mut Response,
    limits: &Limits,
    sink: &mut R,
    pending_progress: Option<FetchProgress>,
) -> Result<Option<impl AsRef<[u8]> + use<R>>, FetchErrorKind> {
    let mut chunk = pin!(timeout(limits.idle, response.chunk()));
    let result = match timeout(limits.progress_interval, chunk.as_mut()).await {
        Ok(result) => result,
        Err(_) => {
            pending_progress.into_iter().for_each(|progress| sink.report_progress(progress));
            chunk.await
        }
    };
    match result {
        Err(_) => Err(FetchErrorKind::Timeout { stage: TimeoutStage::Chunk, limit: limits.idle }),
        Ok(Err(error)) => Err(classify::classify_body_error(&error)),
        Ok(Ok(chunk)) => Ok(chunk),
    }
}

/// Rejects a response before its first byte: an encoding that was not requested, or a declared length above the cap.
fn check_headers(response: &Response, head: &ResponseHead, limits: &Limits) -> Result<(), FetchErrorKind> {
    if let Some(encoding) = response.headers().get(CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
        && !is_gzip(response)
    {
        return Err(FetchErrorKind::InvalidResponse { reason: "unexpected Content-Encoding".into() });
    }
    if head.content_length.is_some_and(|length| length > limits.max_body) {
        return Err(FetchErrorKind::TooLarge { limit: limits.max_body, content_length: head.content_length });
    }
    Ok(())
}

/// Reads a short body, up to [`Limits::max_short_body`] bytes; errors while reading are ignored.
pub(super) async fn read_short_body(mut response: Response, limits: &Limits) -> Vec<u8> {
    const MAX_WAIT: Duration = Duration::from_secs(5);
    let mut body = Vec::new();
    let mut decoder = ContentDecoder::new(is_gzip(&response));
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            for piece in chunk.chunks(decoder.piece_length()) {
                let Ok(decoded) = decoder.decode(piece) else { return };
                let bytes = decoded.as_deref().unwrap_or(piece);
                let room = limits.max_short_body.saturating_sub(body.len());
                body.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
                if body.len() >= limits.max_short_body {
                    return;
                }
                consume_budget().await;
            }
        }
        body.extend_from_slice(&decoder.finish().unwrap_or_default());
    };
    // A timeout keeps the bytes read so far.
    let _in_time = timeout(limits.idle.min(MAX_WAIT), reading).await.is_ok();
    body.truncate(limits.max_short_body);
    body
}
