//! Reading bodies: chunk by chunk into the receiver, with the cap, the idle timeout and the pace; and the short
//! bodies of errors.

use std::{pin::pin, time::Duration};

use reqwest::{Response, header::CONTENT_ENCODING};
use tokio::{
    task::coop::consume_budget,
    time::{Instant, timeout},
};

use super::{Answer, Fault, Flow, Limits, Notice, Pending, Receiver, classify, pace::Pace};

/// What outlives a try.
#[derive(Debug, Default)]
pub(super) struct SoFar {
    pub(super) tries: u32,
    /// Bytes that the receiver holds.
    pub(super) received: u64,
}

/// Reads the whole body; returns the number of its bytes.
pub(super) async fn stream<R: Receiver>(
    mut response: Response,
    answer: &Answer,
    limits: &Limits,
    receiver: &mut R,
    so_far: &mut SoFar,
) -> Result<u64, Fault> {
    refuse_early(&response, answer, limits)?;
    receiver.begin(answer);
    so_far.received = 0;
    let mut pace = Pace::new(limits.pace_window, limits.pace_bytes);
    let mut told = None::<(Instant, u64)>;
    loop {
        let asked = Instant::now();
        let untold = told
            .filter(|(_, bytes)| *bytes != so_far.received)
            .map(|_| Notice::Receiving { bytes: so_far.received, total: answer.declared });
        let Some(chunk) = next(&mut response, limits, receiver, untold).await? else { break };
        let chunk = chunk.as_ref();
        let length = chunk.len() as u64;
        let keeps_up = pace.keeps_up(asked.elapsed(), length);
        let room = limits.max_body.saturating_sub(so_far.received);
        let fits = usize::try_from(room).ok().and_then(|room| chunk.get(..room)).unwrap_or(chunk);
        if receiver.chunk(fits).await == Flow::Stop {
            return Err(Fault::Cancelled);
        }
        so_far.received = so_far.received.saturating_add(fits.len() as u64);
        if length > room {
            return Err(Fault::TooLarge { limit: limits.max_body, declared: answer.declared });
        }
        if !keeps_up {
            return Err(Fault::Timeout { pending: Pending::Pace, limit: limits.pace_window });
        }
        if told.is_none_or(|(last, _)| last.elapsed() >= limits.notice_every) {
            told = Some((Instant::now(), so_far.received));
            receiver.notice(Notice::Receiving { bytes: so_far.received, total: answer.declared });
        }
        // A small packed body can unpack for seconds without a single wait; cancelling has to get its turn.
        consume_budget().await;
    }
    receiver.notice(Notice::Receiving { bytes: so_far.received, total: answer.declared });
    Ok(so_far.received)
}

/// The next chunk, or none at the end. If the service pauses before it, the receiver is told what it was not yet.
async fn next<R: Receiver>(
    response: &mut Response,
    limits: &Limits,
    receiver: &mut R,
    untold: Option<Notice>,
) -> Result<Option<impl AsRef<[u8]> + use<R>>, Fault> {
    let mut chunk = pin!(timeout(limits.idle, response.chunk()));
    let came = match timeout(limits.notice_every, chunk.as_mut()).await {
        Ok(came) => came,
        Err(_) => {
            untold.into_iter().for_each(|notice| receiver.notice(notice));
            chunk.await
        }
    };
    match came {
        Err(_) => Err(Fault::Timeout { pending: Pending::Chunk, limit: limits.idle }),
        Ok(Err(error)) => Err(classify::in_body(&error)),
        Ok(Ok(chunk)) => Ok(chunk),
    }
}

/// What can be refused before the first byte: a packing that we did not ask for, a declared length past the cap.
fn refuse_early(response: &Response, answer: &Answer, limits: &Limits) -> Result<(), Fault> {
    if let Some(packed) = response.headers().get(CONTENT_ENCODING)
        && !packed.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(Fault::Garbled { reason: "it is packed in a way that was not asked for".into() });
    }
    if answer.declared.is_some_and(|length| length > limits.max_body) {
        return Err(Fault::TooLarge { limit: limits.max_body, declared: answer.declared });
    }
    Ok(())
}

/// As much of an error's body as is worth reading; what goes wrong meanwhile is of no interest.
pub(super) async fn short(mut response: Response, limits: &Limits) -> Vec<u8> {
    const PATIENCE: Duration = Duration::from_secs(5);
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
    let _in_time = timeout(limits.idle.min(PATIENCE), reading).await.is_ok();
    body
}
