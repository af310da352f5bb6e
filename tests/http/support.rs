//! A client with limits for tests, and a body sink that records everything.

use std::ops::ControlFlow;
use std::time::Duration;

use secrecy::SecretString;
use unspool::testing::domain::FetchProgress;
use unspool::testing::net::{
    BodySink, Client, FetchControl, FetchError, FetchHandle, FetchedBody, Limits, ResponseHead, fetch_control,
};
use unspool::testing::provider::{HeaderText, Request};
use url::Url;

pub const KEY: &str = "canary-3f9a7c";

/// Returns the default limits, without waits between attempts.
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

/// Selects a progress update.
pub type ProgressPredicate = fn(&FetchProgress) -> bool;

#[derive(Default)]
pub struct RecordingSink {
    pub bytes: Vec<u8>,
    pub responses: Vec<ResponseHead>,
    pub progress: Vec<FetchProgress>,
    /// Stops the fetch after this many bytes.
    pub stop_after: Option<usize>,
    /// Skips every wait.
    pub skip_waits: Option<FetchHandle>,
    /// Cancels the fetch at a matching progress update.
    pub cancel_on: Option<(ProgressPredicate, FetchHandle)>,
}

impl RecordingSink {
    /// Returns the announced retry delays.
    pub fn waits(&self) -> Vec<Duration> {
        self.progress
            .iter()
            .filter_map(|progress| match progress {
                FetchProgress::RetryScheduled { delay, .. } => Some(*delay),
                _ => None,
            })
            .collect()
    }
}

impl BodySink for RecordingSink {
    fn begin(&mut self, head: &ResponseHead) {
        self.bytes.clear();
        self.responses.push(head.clone());
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.bytes.extend_from_slice(bytes);
        if self.stop_after.is_some_and(|limit| self.bytes.len() >= limit) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn report_progress(&mut self, progress: FetchProgress) {
        if let (Some(handle), FetchProgress::RetryScheduled { .. }) = (&self.skip_waits, &progress) {
            handle.skip_wait();
        }
        if let Some((matches, handle)) = &self.cancel_on
            && matches(&progress)
        {
            handle.cancel();
        }
        self.progress.push(progress);
    }
}

pub async fn fetch_with(limits: Limits, url: &str) -> (Result<FetchedBody, FetchError>, RecordingSink) {
    let mut sink = RecordingSink::default();
    let outcome = Client::new(limits).get(&request(url), &mut sink, &FetchControl::none()).await;
    (outcome, sink)
}

pub async fn fetch(url: &str) -> (Result<FetchedBody, FetchError>, RecordingSink) {
    fetch_with(limits(), url).await
}

/// Fetches and skips every wait.
pub async fn fetch_skipping_waits(
    limits: Limits,
    url: &str,
) -> (Result<FetchedBody, FetchError>, RecordingSink) {
    let (handle, control) = fetch_control();
    let mut sink = RecordingSink { skip_waits: Some(handle), ..RecordingSink::default() };
    let outcome = Client::new(limits).get(&request(url), &mut sink, &control).await;
    (outcome, sink)
}
