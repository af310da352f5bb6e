//! Reading bodies: chunk by chunk into the receiver, with the cap, the idle timeout and the pace; and the short
//! bodies of errors.

use std::{pin::pin, time::Duration};

use reqwest::{Response, header::CONTENT_ENCODING};
use tokio::{
    task::coop::consume_budget,
    time::{Instant, timeout},
};

use super::{
    BodySink, ControlFlow, FetchErrorKind, FetchProgress, Limits, ResponseHead, TimeoutStage, classify,
    min_throughput::ThroughputMonitor,
};

/// What outlives a try.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) attempts: u32,
    /// Bytes that the receiver holds.
    pub(super) bytes: u64,
}

/// Reads the whole body; returns the number of its bytes.
pub(super) async fn stream_body<R: BodySink>(
    mut response: Response,
    answer: &ResponseHead,
    limits: &Limits,
    receiver: &mut R,
    so_far: &mut Received,
) -> Result<u64, FetchErrorKind> {
    check_headers(&response, answer, limits)?;
    receiver.begin(answer);
    so_far.bytes = 0;
    let mut pace = ThroughputMonitor::new(limits.throughput_window, limits.min_window_bytes);
    let mut told = None::<(Instant, u64)>;
    loop {
        let asked = Instant::now();
        let untold = told
            .filter(|(_, bytes)| *bytes != so_far.bytes)
            .map(|_| FetchProgress::Receiving { bytes: so_far.bytes, total: answer.content_length });
        let Some(chunk) = next_chunk(&mut response, limits, receiver, untold).await? else { break };
        let chunk = chunk.as_ref();
        let length = chunk.len() as u64;
        let keeps_up = pace.record_chunk(asked.elapsed(), length);
        let room = limits.max_body.saturating_sub(so_far.bytes);
        let fits = usize::try_from(room).ok().and_then(|room| chunk.get(..room)).unwrap_or(chunk);
        if receiver.push_chunk(fits).await == ControlFlow::Break {
            return Err(FetchErrorKind::Cancelled);
        }
        so_far.bytes = so_far.bytes.saturating_add(fits.len() as u64);
        if length > room {
            return Err(FetchErrorKind::TooLarge {
                limit: limits.max_body,
                content_length: answer.content_length,
            });
        }
        if !keeps_up {
            return Err(FetchErrorKind::Timeout {
                stage: TimeoutStage::Throughput,
                limit: limits.throughput_window,
            });
        }
        if told.is_none_or(|(last, _)| last.elapsed() >= limits.progress_interval) {
            told = Some((Instant::now(), so_far.bytes));
            receiver.report_progress(FetchProgress::Receiving {
                bytes: so_far.bytes,
                total: answer.content_length,
            });
        }
        // A small packed body can unpack for seconds without a single wait; cancelling has to get its turn.
        consume_budget().await;
    }
    receiver.report_progress(FetchProgress::Receiving { bytes: so_far.bytes, total: answer.content_length });
    Ok(so_far.bytes)
}

/// The next chunk, or none at the end. If the service pauses before it, the receiver is told what it was not yet.
async fn next_chunk<R: BodySink>(
    response: &mut Response,
    limits: &Limits,
    receiver: &mut R,
    untold: Option<FetchProgress>,
) -> Result<Option<impl AsRef<[u8]> + use<R>>, FetchErrorKind> {
    let mut chunk = pin!(timeout(limits.idle, response.chunk()));
    let came = match timeout(limits.progress_interval, chunk.as_mut()).await {
        Ok(came) => came,
        Err(_) => {
            untold.into_iter().for_each(|notice| receiver.report_progress(notice));
            chunk.await
        }
    };
    match came {
        Err(_) => Err(FetchErrorKind::Timeout { stage: TimeoutStage::Chunk, limit: limits.idle }),
        Ok(Err(error)) => Err(classify::classify_body_error(&error)),
        Ok(Ok(chunk)) => Ok(chunk),
    }
}

/// What can be refused before the first byte: a packing that we did not ask for, a declared length past the cap.
fn check_headers(response: &Response, answer: &ResponseHead, limits: &Limits) -> Result<(), FetchErrorKind> {
    if let Some(packed) = response.headers().get(CONTENT_ENCODING)
        && !packed.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(FetchErrorKind::InvalidResponse {
            reason: "it is packed in a way that was not asked for".into(),
        });
    }
    if answer.content_length.is_some_and(|length| length > limits.max_body) {
        return Err(FetchErrorKind::TooLarge {
            limit: limits.max_body,
            content_length: answer.content_length,
        });
    }
    Ok(())
}

/// As much of an error's body as is worth reading; what goes wrong meanwhile is of no interest.
pub(super) async fn read_error_body(mut response: Response, limits: &Limits) -> Vec<u8> {
    const MAX_WAIT: Duration = Duration::from_secs(5);
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = limits.max_error_body.saturating_sub(body.len());
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if body.len() >= limits.max_error_body {
                break;
            }
            consume_budget().await;
        }
    };
    // Whether it ended in time or not, what is there is there.
    let _in_time = timeout(limits.idle.min(MAX_WAIT), reading).await.is_ok();
    body
}
