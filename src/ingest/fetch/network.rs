//! A thread over HTTP: the body into the intake and beside it into the copy, the details, and failures in words.

use std::time::Duration;

use tokio::task::spawn_blocking;

use super::FetchJob;
use super::ServiceClient;
use super::UpdateSender;
use super::now;
use crate::domain::{ExitCode, Origin, Timestamp, UserError};
use crate::event::FetchUpdate;
use crate::ingest::body_reader::{BodyReader, FinishedBody};
use crate::net::{BodySink, ControlFlow, FetchError, FetchErrorKind, FetchProgress, ResponseHead};
use crate::provider::AccessError;
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BackgroundWriter, BodyKind, PendingWrite};

impl FetchJob {
    /// Asks the service, and returns why nothing came. Comes back when the copy of it is on the disk.
    pub(super) async fn fetch_from_network(&self) -> Option<UserError> {
        if self.control.is_cancelled() {
            return None;
        }
        if self.key_error.is_some() {
            return self.key_error.clone();
        }
        let service = &self.service;
        let wanted = match service.provider.messages_request(&self.thread.id, &service.access) {
            Ok(wanted) => wanted,
            Err(error) => return Some(access_error(&error, service)),
        };
        let host = wanted.url.host_str().unwrap_or_default().to_owned();
        tracing::info!(service = service.provider.id(), host, "asking");
        let mut receiver = ThreadBodySink {
            service: service.clone(),
            updates: self.updates.clone(),
            origin: Origin::Network { host },
            reader: None,
            cache_writer: self.cache_entry.as_ref().and_then(|shelf| shelf.start_writer(BodyKind::Messages)),
            total: None,
        };
        let details = tokio::spawn(self.clone().fetch_details());
        let outcome = service.client.get(&wanted, &mut receiver, &self.control).await;
        if outcome.as_ref().is_err_and(|error| *error.kind == FetchErrorKind::Cancelled) {
            details.abort();
            return None;
        }
        let ended = receiver.finish(outcome.err());
        let _ = details.await;
        match ended {
            Ok(writing) => {
                let _ = spawn_blocking(|| writing.map(PendingWrite::wait)).await;
                None
            }
            Err(unanswered) => {
                let (failure, told) = *unanswered;
                // Nothing of the body may be told after its failure.
                let _ = spawn_blocking(|| told.map(FinishedBody::wait)).await;
                tracing::warn!(service = service.provider.id(), what = failure.message, "nothing came");
                Some(failure)
            }
        }
    }

    /// The title and its company, where the service has them behind another address. The thread can be read without
    /// them, so a failure is a remark.
    async fn fetch_details(self) {
        let service = &self.service;
        let Some(wanted) = service.provider.details_request(&self.thread.id, &service.access) else { return };
        let mut whole = SmallBody(Vec::new());
        if let Err(error) = service.client.get(&wanted, &mut whole, &self.control).await {
            if *error.kind != FetchErrorKind::Cancelled {
                let what = user_error(&error, service).message;
                let remark = format!("the title could not be had from {}: {what}", error.origin);
                self.updates.send(FetchUpdate::Warning(remark)).await;
            }
            return;
        }
        self.updates.send(FetchUpdate::Details(whole.0.clone())).await;
        let shelf = self.cache_entry.filter(|_| is_object(&whole.0));
        if let Some(mut scribe) = shelf.and_then(|shelf| shelf.start_writer(BodyKind::Details)) {
            scribe.write(&whole.0);
            let writing = scribe.finish(Some(BodyCompleteness::Complete));
            let _ = spawn_blocking(|| writing.wait()).await;
        }
    }
}

/// A web page instead of details must not take the place of a copy.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

/// A small body, kept whole.
struct SmallBody(Vec<u8>);

/// More of a thread's details than this is not kept, in bytes.
pub(super) const MAX_DETAILS_SIZE: usize = 1 << 20;

impl BodySink for SmallBody {
    fn begin(&mut self, _answer: &ResponseHead) {
        self.0.clear();
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow {
        self.0.extend_from_slice(bytes);
        if self.0.len() > MAX_DETAILS_SIZE { ControlFlow::Break } else { ControlFlow::Continue }
    }
}

/// Why nothing could be asked, in words.
pub fn access_error(error: &AccessError, service: &ServiceClient) -> UserError {
    let (advice, exit_code) = match error {
        AccessError::NoKey { variable, .. } => {
            let service = service.provider.id();
            (format!("Set {variable}, run unspool login --provider {service}, or look at unspool --demo."), ExitCode::NotAllowed)
        }
        AccessError::BadBaseUrl { .. } => ("Check the base URL.".to_owned(), ExitCode::Usage),
        AccessError::BadId { .. } => ("Check the id.".to_owned(), ExitCode::Usage),
        AccessError::BadHeader { .. } => ("Check where the key and the account are set.".to_owned(), ExitCode::Usage),
    };
    UserError { message: error.to_string(), service_messages: Vec::new(), hint: advice, exit_code }
}

/// Takes the body of a thread and tells how it goes.
struct ThreadBodySink {
    service: ServiceClient,
    updates: UpdateSender,
    origin: Origin,
    reader: Option<BodyReader>,
    /// Will write the body down; the intake's as soon as there is one.
    cache_writer: Option<BackgroundWriter>,
    total: Option<u64>,
}

impl ThreadBodySink {
    fn new_reader(&mut self) -> BodyReader {
        let intake = BodyReader::new(self.updates.request, Some(self.service.provider), &self.updates.outbox);
        intake
            .with_cache_writer(self.cache_writer.take())
            .with_known_messages(self.service.known_messages.clone())
    }

    /// Ends the body; the copy may still be on its way to the disk.
    fn finish(
        mut self,
        error: Option<FetchError>,
    ) -> Result<Option<PendingWrite>, Box<(UserError, Option<FinishedBody>)>> {
        let finished = match (error, self.reader.take()) {
            (None, Some(intake)) => intake.finish(None),
            (Some(error), Some(intake)) if intake.message_count() > 0 => {
                intake.finish(Some(error.to_string()))
            }
            (Some(error), intake) => {
                return Err(Box::new((user_error(&error, &self.service), intake.map(BodyReader::abandon))));
            }
            (None, None) => self.new_reader().finish(None),
        };
        Ok(finished.pending_write)
    }
}

impl BodySink for ThreadBodySink {
    fn begin(&mut self, answer: &ResponseHead) {
        match self.reader.as_mut() {
            Some(intake) => intake.restart(),
            None => {
                let mut intake = self.new_reader();
                intake.send(FetchUpdate::Started { origin: self.origin.clone() });
                self.reader = Some(intake);
            }
        }
        self.total = answer.content_length;
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow {
        if self.updates.outbox.is_closed() {
            return ControlFlow::Break;
        }
        if let Some(intake) = self.reader.as_mut() {
            intake.push(bytes, self.total);
        }
        ControlFlow::Continue
    }

    fn report_progress(&mut self, notice: FetchProgress) {
        match notice {
            FetchProgress::Connecting => self.updates.try_send(FetchUpdate::Connecting),
            FetchProgress::RetryScheduled { attempt, max_attempts: of, delay: wait, reason: why } => {
                self.updates.try_send(FetchUpdate::RetryScheduled {
                    attempt,
                    max_attempts: of,
                    retry_at: deadline_after(wait),
                    reason: why,
                });
            }
            // The intake tells what it takes in; this comes when no more of that does for now.
            FetchProgress::Receiving { total, .. } => {
                if let Some(intake) = self.reader.as_mut() {
                    intake.flush_on_pause(total);
                }
            }
        }
    }
}

fn deadline_after(wait: Duration) -> Timestamp {
    now().plus_millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

/// An error in words: the service's own where it answered, ours where it did not.
pub fn user_error(error: &FetchError, service: &ServiceClient) -> UserError {
    let mut failure = UserError {
        message: error.to_string(),
        service_messages: Vec::new(),
        hint: error.hint(),
        exit_code: error.exit_code(),
    };
    if let FetchErrorKind::Status { status, body, retry_after, .. } = &*error.kind {
        let access = &service.access;
        let body = access.mask_key(&String::from_utf8_lossy(body)).into_owned();
        let refusal = service.provider.explain_error(*status, body.as_bytes(), access);
        // Once more, because the body may spell the key with escapes.
        failure.service_messages =
            refusal.messages.iter().map(|said| access.mask_key(said).into_owned()).collect();
        if *status != 429 || retry_after.is_none() {
            failure.hint = refusal.hint;
        }
    }
    failure
}
