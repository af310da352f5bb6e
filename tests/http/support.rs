//! A client with limits for tests, and a receiver that writes down all it is told.

use std::time::Duration;

use secrecy::SecretString;
use unspool::{
    provider::{HeaderText, Request},
    runtime::http::{
        Answer, Client, Control, Done, FetchError, Flow, Handle, Limits, Notice, Receiver, control,
    },
};
use url::Url;

pub const KEY: &str = "canary-3f9a7c";

/// The usual limits, but without waits between tries.
pub fn limits() -> Limits {
    Limits { backoff: Duration::ZERO, seed: Some(1), ..Limits::default() }
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
pub type Moment = fn(&Notice) -> bool;

#[derive(Default)]
pub struct Heard {
    pub bytes: Vec<u8>,
    pub answers: Vec<Answer>,
    pub notices: Vec<Notice>,
    /// Stops once so many bytes are there.
    pub enough: Option<usize>,
    /// Cuts every wait short.
    pub impatient: Option<Handle>,
    /// Cancels when it is told of this.
    pub cancel_on: Option<(Moment, Handle)>,
}

impl Heard {
    /// Every wait that was announced.
    pub fn waits(&self) -> Vec<Duration> {
        self.notices
            .iter()
            .filter_map(|notice| match notice {
                Notice::Waiting { wait, .. } => Some(*wait),
                _ => None,
            })
            .collect()
    }
}

impl Receiver for Heard {
    fn begin(&mut self, answer: &Answer) {
        self.bytes.clear();
        self.answers.push(answer.clone());
    }

    async fn chunk(&mut self, bytes: &[u8]) -> Flow {
        self.bytes.extend_from_slice(bytes);
        if self.enough.is_some_and(|enough| self.bytes.len() >= enough) { Flow::Stop } else { Flow::More }
    }

    fn notice(&mut self, notice: Notice) {
        if let (Some(handle), Notice::Waiting { .. }) = (&self.impatient, &notice) {
            handle.skip_wait();
        }
        if let Some((when, handle)) = &self.cancel_on
            && when(&notice)
        {
            handle.cancel();
        }
        self.notices.push(notice);
    }
}

pub async fn fetch_with(limits: Limits, url: &str) -> (Result<Done, FetchError>, Heard) {
    let mut heard = Heard::default();
    let outcome = Client::new(limits).get(&request(url), &mut heard, &Control::none()).await;
    (outcome, heard)
}

pub async fn fetch(url: &str) -> (Result<Done, FetchError>, Heard) {
    fetch_with(limits(), url).await
}

/// Skips every wait, whatever its length.
pub async fn fetch_impatiently(limits: Limits, url: &str) -> (Result<Done, FetchError>, Heard) {
    let (handle, control) = control();
    let mut heard = Heard { impatient: Some(handle), ..Heard::default() };
    let outcome = Client::new(limits).get(&request(url), &mut heard, &control).await;
    (outcome, heard)
}
