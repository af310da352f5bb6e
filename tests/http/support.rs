//! A client with limits for tests, and a receiver that writes down all it is told.

use std::time::Duration;

use secrecy::SecretString;
use unspool::net::{
    BodySink, Client, ControlFlow, FetchControl, FetchError, FetchHandle, FetchProgress, FetchedBody, Limits,
    ResponseHead, fetch_control,
};
use unspool::provider::{HeaderText, Request};
use url::Url;

pub const KEY: &str = "canary-3f9a7c";

/// The usual limits, but without waits between tries.
pub fn limits() -> Limits {
    Limits { backoff: Duration::ZERO, jitter_seed: Some(1), ..Limits::default() }
}

pub fn request(url: &str) -> Request {
    Request {
        url: Url::parse(url).unwrap(),
        headers: vec![
            ("x-api-key", HeaderText::Secret(SecretString::from(KEY))),
            ("accept", HeaderText::Plain("application/json".into())),
        ],
    }
}

/// Tells the notice that matters.
pub type ProgressPredicate = fn(&FetchProgress) -> bool;

#[derive(Default)]
pub struct RecordingSink {
    pub bytes: Vec<u8>,
    pub responses: Vec<ResponseHead>,
    pub progress: Vec<FetchProgress>,
    /// Stops once so many bytes are there.
    pub stop_after: Option<usize>,
    /// Cuts every wait short.
    pub skip_waits: Option<FetchHandle>,
    /// Cancels when it is told of this.
    pub cancel_on: Option<(ProgressPredicate, FetchHandle)>,
}

impl RecordingSink {
    /// Every wait that was announced.
    pub fn waits(&self) -> Vec<Duration> {
        self.progress
            .iter()
            .filter_map(|notice| match notice {
                FetchProgress::RetryScheduled { delay: wait, .. } => Some(*wait),
                _ => None,
            })
            .collect()
    }
}

impl BodySink for RecordingSink {
    fn begin(&mut self, answer: &ResponseHead) {
        self.bytes.clear();
        self.responses.push(answer.clone());
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow {
        self.bytes.extend_from_slice(bytes);
        if self.stop_after.is_some_and(|enough| self.bytes.len() >= enough) {
            ControlFlow::Break
        } else {
            ControlFlow::Continue
        }
    }

    fn report_progress(&mut self, notice: FetchProgress) {
        if let (Some(handle), FetchProgress::RetryScheduled { .. }) = (&self.skip_waits, &notice) {
            handle.skip_wait();
        }
        if let Some((when, handle)) = &self.cancel_on
            && when(&notice)
        {
            handle.cancel();
        }
        self.progress.push(notice);
    }
}

pub async fn fetch_with(limits: Limits, url: &str) -> (Result<FetchedBody, FetchError>, RecordingSink) {
    let mut heard = RecordingSink::default();
    let outcome = Client::new(limits).get(&request(url), &mut heard, &FetchControl::none()).await;
    (outcome, heard)
}

pub async fn fetch(url: &str) -> (Result<FetchedBody, FetchError>, RecordingSink) {
    fetch_with(limits(), url).await
}

/// Skips every wait, whatever its length.
pub async fn fetch_skipping_waits(
    limits: Limits,
    url: &str,
) -> (Result<FetchedBody, FetchError>, RecordingSink) {
    let (handle, control) = fetch_control();
    let mut heard = RecordingSink { skip_waits: Some(handle), ..RecordingSink::default() };
    let outcome = Client::new(limits).get(&request(url), &mut heard, &control).await;
    (outcome, heard)
}
