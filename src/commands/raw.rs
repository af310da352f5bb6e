//! Writes a body verbatim while it arrives, and caches it. After an interruption, the retry continues the output if the
//! written bytes can be discarded or arrive again unchanged.

mod cache_tee;

use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use crc32fast::Hasher;
use tokio::task::spawn_blocking;

use crate::app_loop::context::{Context, NetworkMode};
use crate::app_loop::failure::unknown_service_error;
use crate::commands::progress::Progress;
use crate::commands::runner::{Verbosity, print_error};
use crate::domain::{ExitCode, FetchProgress, Source, ThreadRef, UserError};
use crate::ingest::fetch::{self, ServiceClient};
use crate::net::{BodySink, Client, FetchControl, FetchErrorKind, ResponseHead};
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::output::{Output, write_error};
use crate::storage::thread_cache::{BodyKind, CacheScope, PendingWrite};
use crate::text::Safe;
use cache_tee::CacheTee;

/// The size of the read buffer.
const READ_BUFFER_BYTES: usize = 256 << 10;

/// The form of the written bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// Verbatim, for a program or a file.
    Bytes,
    /// Sanitized, for a terminal.
    SanitizedText,
}

/// Writes a body; returns success, or the exit code for an incomplete body.
///
/// # Errors
/// A body that cannot be loaded, or an output that cannot be written.
pub async fn write(
    source: Source,
    context: &Context,
    client: &Arc<Client>,
    (output, kind): (Output, OutputKind),
    progress: &mut Progress,
) -> Result<ExitCode, UserError> {
    let mut sink = BodyWriter { output, kind, pending: Vec::new(), has_written: false };
    let code = match source {
        Source::Thread(thread) => {
            let service = context
                .service_client(thread.service, Arc::clone(client))
                .ok_or_else(|| unknown_service_error(thread.service))?;
            match context.network_mode {
                NetworkMode::Offline => copy_from_cache(&thread, &service, CacheScope::AnyOwner, &mut sink)?,
                NetworkMode::Online => {
                    let service = service.with_key().await?;
                    match fetch(&service, &thread, &mut sink, progress).await {
                        Err(error) if error.exit_code == ExitCode::Network && !sink.has_written => {
                            fall_back_to_cache(error, &thread, &service, &mut sink, progress)?
                        }
                        result => result?,
                    }
                }
            }
        }
        Source::File(path) => {
            let (file, _) = fetch::open_file(&crate::storage::files::expand_home(&path))?;
            copy((file, &path.display().to_string()), &mut sink)?
        }
        Source::Stdin => copy((io::stdin().lock(), "standard input"), &mut sink)?,
    };
    sink.finish().map_err(|error| write_error(&error))?;
    sink.output.finish()?;
    Ok(code)
}

fn copy((mut input, name): (impl Read, &str), sink: &mut BodyWriter) -> Result<ExitCode, UserError> {
    let mut buffer = vec![0; READ_BUFFER_BYTES];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(ExitCode::Success),
            Ok(count) => {
                sink.write(buffer.get(..count).unwrap_or_default()).map_err(|error| write_error(&error))?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(UserError::new(format!("cannot read {name}: {error}"), "", ExitCode::Failure));
            }
        }
    }
}

/// Writes the cached copy after a network error; returns the exit code of that error.
fn fall_back_to_cache(
    error: UserError,
    thread: &ThreadRef,
    service: &ServiceClient,
    sink: &mut BodyWriter,
    progress: &mut Progress,
) -> Result<ExitCode, UserError> {
    if copy_from_cache(thread, service, CacheScope::SameOwner, sink).is_err() {
        return Err(error);
    }
    progress.clear();
    let hint = format!("The output is the cached copy. {}", error.hint);
    Ok(print_error(&UserError { hint, ..error }, None))
}

/// Writes the cached copy, block by block.
fn copy_from_cache(
    thread: &ThreadRef,
    service: &ServiceClient,
    scope: CacheScope,
    sink: &mut BodyWriter,
) -> Result<ExitCode, UserError> {
    let entry = fetch::cache_entry(thread, service).and_then(|entry| entry.open(BodyKind::Messages, scope));
    if entry.is_none()
        && let Some(library) = &service.library
        && let Some(kept) = library.find_copy(thread, &service.access, scope)?
    {
        return copy((kept.open()?, &kept.revision.path), sink);
    }
    let mut entry = entry.ok_or_else(|| fetch::no_cached_copy_error(service.cache.is_some()))?;
    let code = match entry.completeness() {
        BodyCompleteness::Complete => ExitCode::Success,
        BodyCompleteness::Partial => ExitCode::Network,
    };
    loop {
        match entry.next_chunk() {
            Ok(Some(bytes)) => sink.write(bytes).map_err(|error| write_error(&error))?,
            Ok(None) => return Ok(code),
            Err(damaged) => {
                return Err(UserError::new(
                    damaged.to_string(),
                    "Fetch the thread again.",
                    ExitCode::NotUnderstood,
                ));
            }
        }
    }
}

async fn fetch(
    service: &ServiceClient,
    thread: &ThreadRef,
    sink: &mut BodyWriter,
    progress: &mut Progress,
) -> Result<ExitCode, UserError> {
    let request = service
        .provider
        .messages_request(&thread.id, &service.access)
        .map_err(|error| fetch::access_error(&error, service))?;
    let (cached_thread, cached_service) = (thread.clone(), service.clone());
    let cache_tee = spawn_blocking(move || CacheTee::start(&cached_thread, &cached_service)).await.ok();
    let mut body = DownloadSink {
        writer: sink,
        progress,
        cache_tee,
        bytes_written: 0,
        checksum: Hasher::new(),
        resume_check: None,
        error: None,
    };
    let outcome = service.client.get(&request, &mut body, &FetchControl::none()).await;
    if let Some(cache_tee) = body.cache_tee.take() {
        let interruption = outcome.as_ref().err().map(ToString::to_string);
        let (pending_write, warning) = cache_tee.finish(interruption);
        if let Some(warning) = warning {
            body.progress.clear();
            // Printed even if quiet.
            Verbosity::Normal.print_notice(&warning);
        }
        let _ = spawn_blocking(|| pending_write.map(PendingWrite::wait)).await;
    }
    if let Some(error) = body.error {
        return Err(error);
    }
    match outcome {
        Ok(_) if body.resume_check.is_some() => Err(body_changed_error()),
        Ok(_) => Ok(ExitCode::Success),
        Err(error) if body.bytes_written > 0 && *error.kind != FetchErrorKind::Cancelled => {
            body.progress.clear();
            print_error(&fetch::user_error(&error, service), None);
            Ok(error.exit_code())
        }
        Err(error) => Err(fetch::user_error(&error, service)),
    }
}

fn body_changed_error() -> UserError {
    let message = "the connection dropped and the retry returned different data";
    UserError::new(message, "Write to a file with -o, which can be restarted.", ExitCode::Network)
}

/// A retry, compared with the bytes already written.
struct ResumeCheck {
    bytes_seen: u64,
    checksum: Hasher,
}

struct DownloadSink<'a> {
    writer: &'a mut BodyWriter,
    progress: &'a mut Progress,
    /// Writes the cached copy.
    cache_tee: Option<CacheTee>,
    bytes_written: u64,
    checksum: Hasher,
    resume_check: Option<ResumeCheck>,
    error: Option<UserError>,
}

impl DownloadSink<'_> {
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), UserError> {
        if let Some(check) = &mut self.resume_check {
            let missing = usize::try_from(self.bytes_written - check.bytes_seen).unwrap_or(usize::MAX);
            let (known, new) = bytes.split_at(missing.min(bytes.len()));
            check.checksum.update(known);
            check.bytes_seen += known.len() as u64;
            bytes = new;
            if check.bytes_seen == self.bytes_written {
                if check.checksum.clone().finalize() != self.checksum.clone().finalize() {
                    return Err(body_changed_error());
                }
                self.resume_check = None;
            }
        }
        self.checksum.update(bytes);
        self.bytes_written += bytes.len() as u64;
        self.writer.write(bytes).map_err(|error| write_error(&error))
    }
}

impl BodySink for DownloadSink<'_> {
    fn begin(&mut self, _response: &ResponseHead) {
        if let Some(cache_tee) = &mut self.cache_tee {
            cache_tee.restart();
        }
        if self.bytes_written == 0 {
            return;
        }
        match self.writer.output.restart() {
            Ok(true) => {
                self.bytes_written = 0;
                self.checksum = Hasher::new();
            }
            Ok(false) => self.resume_check = Some(ResumeCheck { bytes_seen: 0, checksum: Hasher::new() }),
            Err(error) => self.error = Some(write_error(&error)),
        }
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if self.error.is_none() {
            if let Some(cache_tee) = &mut self.cache_tee {
                cache_tee.write(bytes);
            }
            self.error = self.write(bytes).err();
        }
        if self.error.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn report_progress(&mut self, progress: FetchProgress) {
        match progress {
            FetchProgress::Receiving { .. } => self.progress.show(&progress),
            FetchProgress::Connecting | FetchProgress::RetryScheduled { .. } => {}
        }
    }
}

/// Writes body bytes, sanitized if the output is a terminal.
struct BodyWriter {
    output: Output,
    kind: OutputKind,
    /// The start of an incomplete character.
    pending: Vec<u8>,
    has_written: bool,
}

impl BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.has_written |= !bytes.is_empty();
        if self.kind == OutputKind::Bytes {
            return self.output.write_all(bytes);
        }
        self.pending.extend_from_slice(bytes);
        let complete_len = match std::str::from_utf8(&self.pending) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.pending.len(),
        };
        let incomplete = self.pending.split_off(complete_len);
        let complete = std::mem::replace(&mut self.pending, incomplete);
        self.write_sanitized(&complete)
    }

    fn write_sanitized(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(Safe::text(&String::from_utf8_lossy(bytes)).as_bytes())
    }

    fn finish(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.pending);
        self.write_sanitized(&rest)
    }
}
