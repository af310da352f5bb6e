//! One request for a thread's body: packed and checked while it arrives.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::domain::{FetchProgress, Thread, ThreadRef, UserError};
use crate::ingest::body_check::BodyCheck;
use crate::ingest::fetch::{ServiceClient, access_error, user_error};
use crate::library::{BodyFacts, BodyWriter, LibraryError, PackedBody};
use crate::net::{BodySink, FetchControl, FetchError, FetchErrorKind, ResponseHead};

/// A whole body.
pub(super) struct Download {
    pub body: PackedBody,
    pub facts: BodyFacts,
    /// The thread's own fields.
    pub thread: Thread,
    /// A sentence about an anomaly of the body.
    pub note: Option<String>,
}

/// The error of a download that has no whole body.
pub(super) enum DownloadError {
    /// A later request may succeed.
    Retry {
        reason: String,
        retry_after: Option<Duration>,
        is_throttled: bool,
    },
    /// The key is not allowed to read it.
    Refused(String),
    Gone,
    /// The response is not the requested thread.
    Failed(String),
    Library(LibraryError),
    /// No request can succeed.
    Stop(Box<UserError>),
}

/// Fetches a thread's body.
pub(super) async fn download(
    service: &ServiceClient,
    id: &str,
    writer: BodyWriter,
    control: &FetchControl,
) -> Result<Download, DownloadError> {
    let request = service.provider.messages_request(id, &service.access);
    let request = request.map_err(|error| match service.provider.check_id(id) {
        Err(reason) => DownloadError::Failed(reason),
        Ok(()) => DownloadError::Stop(Box::new(access_error(&error, service))),
    })?;
    let thread = ThreadRef::new(service.provider.id(), id);
    let check = BodyCheck::new(service.provider, &thread).reading_messages();
    let mut sink = ArchiveSink { writer, check, error: None };
    let result = service.client.get(&request, &mut sink, control).await;
    if let Some(error) = sink.error {
        return Err(error.into());
    }
    if let Err(error) = result {
        return Err(classify(&error, service));
    }
    let checked = sink.check.finish(None);
    if let Some(warning) = checked.other_thread {
        return Err(DownloadError::Failed(warning.replace("; it is not cached", "")));
    }
    let summary = checked.summary.map_err(|error| DownloadError::Failed(error.message))?;
    if summary.is_partial {
        let reason = summary.warnings.into_iter().next().unwrap_or_default();
        return Err(DownloadError::Retry { reason, retry_after: None, is_throttled: false });
    }
    let facts = BodyFacts {
        message_count: checked.message_count.into(),
        unreadable_count: checked.unreadable_count.into(),
        has_spans: checked.has_spans,
    };
    let body = sink.writer.finish()?;
    Ok(Download { body, facts, thread: checked.thread, note: summary.warnings.into_iter().next() })
}

fn classify(error: &FetchError, service: &ServiceClient) -> DownloadError {
    let reason = || user_error(error, service).message;
    match &*error.kind {
        FetchErrorKind::Status { status: 404 | 410, .. } => DownloadError::Gone,
        FetchErrorKind::Status { status: 401..=403, .. } => DownloadError::Refused(reason()),
        FetchErrorKind::Status { status, body, retry_after, .. } => {
            let is_throttled = matches!(status, 429 | 503);
            let retry_after =
                retry_after.or_else(|| service.provider.requested_delay(body).filter(|_| is_throttled));
            if is_throttled || matches!(status, 408 | 409 | 500..=599) {
                DownloadError::Retry { reason: reason(), retry_after, is_throttled }
            } else {
                DownloadError::Failed(reason())
            }
        }
        FetchErrorKind::Dns { .. }
        | FetchErrorKind::Connect { .. }
        | FetchErrorKind::Proxy { .. }
        | FetchErrorKind::ConnectionLost { .. }
        | FetchErrorKind::InvalidResponse { .. } => {
            DownloadError::Retry { reason: reason(), retry_after: None, is_throttled: false }
        }
        // A server that is too slow gets fewer requests.
        FetchErrorKind::Timeout { .. } => {
            DownloadError::Retry { reason: reason(), retry_after: None, is_throttled: true }
        }
        FetchErrorKind::Redirect { .. }
        | FetchErrorKind::TooLarge { .. }
        | FetchErrorKind::SuspiciousRatio { .. } => DownloadError::Failed(reason()),
        FetchErrorKind::InvalidAddress(_)
        | FetchErrorKind::InvalidHeader(_)
        | FetchErrorKind::Tls { .. }
        | FetchErrorKind::Certificates { .. }
        | FetchErrorKind::Cancelled
        | FetchErrorKind::ClientSetup { .. } => DownloadError::Stop(Box::new(user_error(error, service))),
    }
}

/// Writes and checks a body.
struct ArchiveSink {
    writer: BodyWriter,
    check: BodyCheck,
    /// The error of the disk, which ends the request.
    error: Option<LibraryError>,
}

impl BodySink for ArchiveSink {
    fn begin(&mut self, _response: &ResponseHead) {
        self.check.restart();
        self.error = self.writer.restart().err();
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if self.error.is_none() {
            self.error = self.writer.write(bytes).err();
        }
        if self.error.is_some() {
            return ControlFlow::Break(());
        }
        self.check.push(bytes);
        ControlFlow::Continue(())
    }

    fn report_progress(&mut self, _progress: FetchProgress) {}
}
