//! A thread over HTTP: the body for the reader and the cache, the details, and errors for the user.

use std::ops::ControlFlow;

use tokio::task::spawn_blocking;

use super::FetchJob;
use super::ServiceClient;
use super::UpdateSender;
use crate::domain::{ExitCode, FetchProgress, Origin, Thread, ThreadRef, UserError};
use crate::event::{Event, FetchUpdate};
use crate::ingest::body_reader::{BodyReader, FinishedBody};
use crate::ingest::diagnose::{self, BodySource};
use crate::net::{BodySink, FetchError, FetchErrorKind, ResponseHead};
use crate::provider::AccessError;
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BackgroundWriter, BodyKind, PendingWrite, ThreadCache};

impl FetchJob {
    /// Fetches the thread and returns the error if nothing arrived. Returns once the cached copy is on disk.
    pub(super) async fn fetch_from_network(&self) -> Option<UserError> {
        if self.control.is_cancelled() {
            return None;
        }
        if self.key_error.is_some() {
            return self.key_error.clone();
        }
        let service = &self.service;
        let request = match service.provider.messages_request(&self.thread.id, &service.access) {
            Ok(request) => request,
            Err(error) => return Some(access_error(&error, service)),
        };
        let host = request.url.host_str().unwrap_or_default().to_owned();
        tracing::info!(service = service.provider.id(), host, "fetching");
        let mut sink = ThreadBodySink {
            thread: self.thread.clone(),
            service: service.clone(),
            updates: self.updates.clone(),
            origin: Origin::Network { host },
            reader: None,
            cache_writer: self.cache_entry.as_ref().and_then(|entry| entry.start_writer(BodyKind::Messages)),
            total: None,
        };
        let details = tokio::spawn(self.clone().fetch_details());
        let result = service.client.get(&request, &mut sink, &self.control).await;
        if result.as_ref().is_err_and(|error| *error.kind == FetchErrorKind::Cancelled) {
            details.abort();
            return None;
        }
        let finished = sink.finish(result.err());
        let _ = details.await;
        match finished {
            Ok(pending_write) => {
                let _ = spawn_blocking(|| pending_write.map(PendingWrite::wait)).await;
                self.report_missing_copy();
                None
            }
            Err(failed) => {
                let (error, body) = *failed;
                // No update of the body may follow its error.
                let _ = spawn_blocking(|| body.map(FinishedBody::wait)).await;
                tracing::warn!(service = service.provider.id(), error = error.message, "fetch failed");
                Some(error)
            }
        }
    }

    /// Warns the user once that copies cannot be stored, so that nothing can be shown offline.
    fn report_missing_copy(&self) {
        let reason = self.service.cache.as_ref().and_then(ThreadCache::take_failure);
        if let Some(reason) = reason {
            // If the queue is full, the log still has the warning.
            let _ =
                self.updates.outbox.try_send(Event::warning(format!("The response is not cached: {reason}")));
        }
    }

    /// Fetches the title and related fields if the service has a separate address for them. The thread is readable
    /// without them, so an error is only a warning.
    async fn fetch_details(self) {
        let service = &self.service;
        let Some(request) = service.provider.details_request(&self.thread.id, &service.access) else {
            return;
        };
        let mut body = SmallBody(Vec::new());
        if let Err(error) = service.client.get(&request, &mut body, &self.control).await {
            if *error.kind != FetchErrorKind::Cancelled {
                let warning = format!("cannot load the title: {error}");
                self.updates.send(FetchUpdate::Warning(warning)).await;
            }
            return;
        }
        let mut details_thread = Thread::default();
        service.provider.add_details(&mut details_thread, &body.0);
        if let Some(warning) = diagnose::other_thread(details_thread.id.as_deref(), &self.thread) {
            self.updates.send(FetchUpdate::Warning(format!("no title: {warning}"))).await;
            return;
        }
        self.updates.send(FetchUpdate::Details(body.0.clone())).await;
        let cache_entry = self.cache_entry.filter(|_| is_object(&body.0));
        if let Some(mut writer) = cache_entry.and_then(|entry| entry.start_writer(BodyKind::Details)) {
            writer.write(&body.0);
            let pending_write = writer.finish(Some(BodyCompleteness::Complete));
            let _ = spawn_blocking(|| pending_write.wait()).await;
        }
    }
}

/// Returns whether a body is a JSON object: a web page instead of details must not replace a cached copy.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

/// A small body in memory.
struct SmallBody(Vec<u8>);

/// The maximum number of bytes in a thread's details.
pub(super) const MAX_DETAILS_SIZE: usize = 1 << 20;

impl BodySink for SmallBody {
    fn begin(&mut self, _response: &ResponseHead) {
        self.0.clear();
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.0.extend_from_slice(bytes);
        if self.0.len() > MAX_DETAILS_SIZE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Converts an error that prevented the request.
pub fn access_error(error: &AccessError, service: &ServiceClient) -> UserError {
    let (hint, exit_code) = match error {
        AccessError::NoKey { variable, .. } => {
            let service = service.provider.id();
            let hint =
                format!("Set {variable}, run unspool login --provider {service}, or try unspool --demo.");
            (hint, ExitCode::NotAllowed)
        }
        AccessError::BadBaseUrl { .. } => ("Check the base URL.".to_owned(), ExitCode::Usage),
        AccessError::BadId { .. } => ("Check the id.".to_owned(), ExitCode::Usage),
        AccessError::BadHeader { .. } => ("Check the key and the account.".to_owned(), ExitCode::Usage),
        AccessError::NoSuchList { .. } => ("List its threads instead.".to_owned(), ExitCode::Usage),
    };
    let headline = match error {
        AccessError::NoKey { service, .. } => format!("There is no API key for {service}."),
        AccessError::BadBaseUrl { .. } => "The base URL is invalid.".to_owned(),
        AccessError::BadId { .. } => "The id is invalid.".to_owned(),
        AccessError::BadHeader { .. } => "The key or the account has an invalid character.".to_owned(),
        AccessError::NoSuchList { service, list } => format!("{service} does not list {list}."),
    };
    UserError::new(error.to_string(), hint, exit_code).with_headline(headline)
}

/// Returns the key and the account of a request that the service refused.
fn access_facts(status: u16, service: &ServiceClient) -> Box<[String]> {
    if !matches!(status, 401..=404) {
        return Box::default();
    }
    let key = service.api_key.origin().map(|origin| format!("Key from {origin}"));
    let account = service.access.account_id.as_ref().map(|account| format!("Requested account: {account}"));
    key.into_iter().chain(account).collect()
}

/// Passes the body of a thread to a reader and sends progress.
struct ThreadBodySink {
    thread: ThreadRef,
    service: ServiceClient,
    updates: UpdateSender,
    origin: Origin,
    reader: Option<BodyReader>,
    /// Moves to the reader once that exists.
    cache_writer: Option<BackgroundWriter>,
    total: Option<u64>,
}

impl ThreadBodySink {
    fn new_reader(&mut self) -> BodyReader {
        BodyReader::new(self.updates.request, Some(self.service.provider), &self.updates.outbox)
            .with_body_source(BodySource::Service)
            .with_cache_writer(self.cache_writer.take())
            .with_known_messages(self.service.known_messages.clone())
            .with_requested_thread(&self.thread)
    }

    /// Ends the body; the cached copy may still be in progress.
    fn finish(
        mut self,
        error: Option<FetchError>,
    ) -> Result<Option<PendingWrite>, Box<(UserError, Option<FinishedBody>)>> {
        let finished = match (error, self.reader.take()) {
            (None, Some(reader)) => reader.finish(None),
            (Some(error), Some(reader)) if reader.message_count() > 0 => {
                reader.finish(Some(error.to_string()))
            }
            (Some(error), reader) => {
                return Err(Box::new((user_error(&error, &self.service), reader.map(BodyReader::abandon))));
            }
            (None, None) => self.new_reader().finish(None),
        };
        Ok(finished.pending_write)
    }
}

impl BodySink for ThreadBodySink {
    fn begin(&mut self, response: &ResponseHead) {
        match self.reader.as_mut() {
            Some(reader) => reader.restart(),
            None => {
                let mut reader = self.new_reader();
                reader.send(FetchUpdate::Started { origin: self.origin.clone() });
                self.reader = Some(reader);
            }
        }
        self.total = response.content_length;
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if self.updates.outbox.is_closed() {
            return ControlFlow::Break(());
        }
        if let Some(reader) = self.reader.as_mut() {
            reader.push(bytes, self.total);
        }
        ControlFlow::Continue(())
    }

    fn report_progress(&mut self, progress: FetchProgress) {
        match progress {
            FetchProgress::Connecting | FetchProgress::RetryScheduled { .. } => {
                self.updates.try_send(FetchUpdate::Progress(progress));
            }
            // The reader itself reports progress while bytes arrive; this report means that the body pauses.
            FetchProgress::Receiving { total, .. } => {
                if let Some(reader) = self.reader.as_mut() {
                    reader.flush_on_pause(total);
                }
            }
        }
    }
}

/// Converts a fetch error. If the service responded, its messages and the provider's hint are added.
pub fn user_error(error: &FetchError, service: &ServiceClient) -> UserError {
    let mut user_error =
        UserError::new(error.to_string(), error.hint(), error.exit_code()).with_headline(error.headline());
    user_error.retry_after =
        error.retry_after().map(|wait| u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX));
    if let FetchErrorKind::Status { status, body, retry_after, .. } = &*error.kind {
        let access = &service.access;
        user_error.facts = access_facts(*status, service);
        let body = access.mask_key(&String::from_utf8_lossy(body)).into_owned();
        let api_error = service.provider.explain_error(*status, body.as_bytes(), access);
        // Masked again, because the body may contain the key with escapes.
        user_error.service_messages =
            api_error.messages.iter().map(|message| access.mask_key(message).into_owned()).collect();
        // The wait that the service states is more useful than a general hint.
        if retry_after.is_none() || !matches!(*status, 429 | 500..=599) {
            user_error.hint = api_error.hint;
        }
    }
    user_error
}
