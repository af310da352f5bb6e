//! A thread over HTTP: the body into the intake and beside it into the copy, the details, and failures in words.

use std::time::Duration;

use tokio::task::spawn_blocking;

use crate::domain::Stamp;
use crate::event::{Failure, News, Origin};
use crate::provider::AccessError;
use crate::runtime::cache::Extent;
use crate::runtime::http::{Answer, Fault, FetchError, Flow, Notice, Receiver};
use crate::runtime::intake::{Finished, Intake};
use crate::runtime::source::{Bringing, Service, Teller, now};
use crate::runtime::store::{Part, Scribe, Writing};

impl Bringing {
    /// Asks the service, and returns why nothing came. Comes back when the copy of it is on the disk.
    pub(super) async fn answer(&self) -> Option<Failure> {
        if self.control.is_cancelled() {
            return None;
        }
        if self.locked.is_some() {
            return self.locked.clone();
        }
        let service = &self.service;
        let wanted = match service.provider.messages_request(&self.thread.id, &service.access) {
            Ok(wanted) => wanted,
            Err(error) => return Some(no_access(&error, service)),
        };
        let host = wanted.url.host_str().unwrap_or_default().to_owned();
        tracing::info!(service = service.provider.service(), host, "asking");
        let mut receiver = BodyReceiver {
            service: service.clone(),
            teller: self.teller.clone(),
            origin: Origin::Network { host },
            intake: None,
            scribe: self.shelf.as_ref().and_then(|shelf| shelf.scribe(Part::Messages)),
            total: None,
        };
        let details = tokio::spawn(self.clone().details());
        let outcome = service.client.get(&wanted, &mut receiver, &self.control).await;
        if outcome.as_ref().is_err_and(|error| *error.fault == Fault::Cancelled) {
            details.abort();
            return None;
        }
        let ended = receiver.end(outcome.err());
        let _ = details.await;
        match ended {
            Ok(writing) => {
                let _ = spawn_blocking(|| writing.map(Writing::wait)).await;
                None
            }
            Err(unanswered) => {
                let (failure, told) = *unanswered;
                // Nothing of the body may be told after its failure.
                let _ = spawn_blocking(|| told.map(Finished::wait)).await;
                tracing::warn!(service = service.provider.service(), what = failure.what, "nothing came");
                Some(failure)
            }
        }
    }

    /// The title and its company, where the service has them behind another address. The thread can be read without
    /// them, so a failure is a remark.
    async fn details(self) {
        let service = &self.service;
        let Some(wanted) = service.provider.details_request(&self.thread.id, &service.access) else { return };
        let mut whole = Whole(Vec::new());
        if let Err(error) = service.client.get(&wanted, &mut whole, &self.control).await {
            if *error.fault != Fault::Cancelled {
                let what = failure(&error, service).what;
                let remark = format!("the title could not be had from {}: {what}", error.origin);
                self.teller.tell(News::Remark(remark)).await;
            }
            return;
        }
        self.teller.tell(News::Details(whole.0.clone())).await;
        let shelf = self.shelf.filter(|_| is_object(&whole.0));
        if let Some(mut scribe) = shelf.and_then(|shelf| shelf.scribe(Part::Details)) {
            scribe.take(&whole.0);
            let writing = scribe.finish(Some(Extent::Whole));
            let _ = spawn_blocking(|| writing.wait()).await;
        }
    }
}

/// A web page instead of details must not take the place of a copy.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

/// A small body, kept whole.
struct Whole(Vec<u8>);

/// More of a thread's details than this is not kept, in bytes.
pub(super) const DETAILS: usize = 1 << 20;

impl Receiver for Whole {
    fn begin(&mut self, _answer: &Answer) {
        self.0.clear();
    }

    async fn chunk(&mut self, bytes: &[u8]) -> Flow {
        self.0.extend_from_slice(bytes);
        if self.0.len() > DETAILS { Flow::Stop } else { Flow::More }
    }
}

/// Why nothing could be asked, in words.
pub fn no_access(error: &AccessError, service: &Service) -> Failure {
    let (advice, exit_code) = match error {
        AccessError::NoKey { variable, .. } => {
            let service = service.provider.service();
            (format!("Set {variable}, run unspool login --provider {service}, or look at unspool --demo."), 4)
        }
        AccessError::BadBaseUrl { .. } => ("Check the base URL.".to_owned(), 2),
        AccessError::BadId { .. } => ("Check the id.".to_owned(), 2),
        AccessError::BadHeader { .. } => ("Check where the key and the account are set.".to_owned(), 2),
    };
    Failure { what: error.to_string(), said: Vec::new(), advice, exit_code }
}

/// Takes the body of a thread and tells how it goes.
struct BodyReceiver {
    service: Service,
    teller: Teller,
    origin: Origin,
    intake: Option<Intake>,
    /// Will write the body down; the intake's as soon as there is one.
    scribe: Option<Scribe>,
    total: Option<u64>,
}

impl BodyReceiver {
    fn intake(&mut self) -> Intake {
        let intake = Intake::new(self.teller.request, Some(self.service.provider), &self.teller.outbox);
        intake.copied_by(self.scribe.take()).knowing(self.service.known.clone())
    }

    /// Ends the body; the copy may still be on its way to the disk.
    fn end(mut self, error: Option<FetchError>) -> Result<Option<Writing>, Box<(Failure, Option<Finished>)>> {
        let finished = match (error, self.intake.take()) {
            (None, Some(intake)) => intake.finish(None),
            (Some(error), Some(intake)) if intake.heads() > 0 => intake.finish(Some(error.to_string())),
            (Some(error), intake) => {
                return Err(Box::new((failure(&error, &self.service), intake.map(Intake::abandon))));
            }
            (None, None) => self.intake().finish(None),
        };
        Ok(finished.writing)
    }
}

impl Receiver for BodyReceiver {
    fn begin(&mut self, answer: &Answer) {
        match self.intake.as_mut() {
            Some(intake) => intake.restart(),
            None => {
                let mut intake = self.intake();
                intake.tell(News::Began { origin: self.origin.clone() });
                self.intake = Some(intake);
            }
        }
        self.total = answer.declared;
    }

    async fn chunk(&mut self, bytes: &[u8]) -> Flow {
        if self.teller.outbox.is_closed() {
            return Flow::Stop;
        }
        if let Some(intake) = self.intake.as_mut() {
            intake.push(bytes, self.total);
        }
        Flow::More
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Connecting => self.teller.mention(News::Asking),
            Notice::Waiting { attempt, of, wait, why } => {
                self.teller.mention(News::Waiting { attempt, of, until: later(wait), why });
            }
            // The intake tells what it takes in; this comes when no more of that does for now.
            Notice::Receiving { total, .. } => {
                if let Some(intake) = self.intake.as_mut() {
                    intake.settle(total);
                }
            }
        }
    }
}

fn later(wait: Duration) -> Stamp {
    now().plus_millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

/// An error in words: the service's own where it answered, ours where it did not.
pub fn failure(error: &FetchError, service: &Service) -> Failure {
    let mut failure = Failure {
        what: error.to_string(),
        said: Vec::new(),
        advice: error.advice(),
        exit_code: error.exit_code(),
    };
    if let Fault::Status { status, body, retry_after, .. } = &*error.fault {
        let access = &service.access;
        let body = access.without_key(&String::from_utf8_lossy(body)).into_owned();
        let refusal = service.provider.explain(*status, body.as_bytes(), access);
        // Once more, because the body may spell the key with escapes.
        failure.said = refusal.said.iter().map(|said| access.without_key(said).into_owned()).collect();
        if *status != 429 || retry_after.is_none() {
            failure.advice = refusal.advice;
        }
    }
    failure
}
