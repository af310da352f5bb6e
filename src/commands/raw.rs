//! A body byte for byte, as it comes, with a copy kept beside it. A body that the network interrupts is taken up where it
//! stopped if what was written can be taken back or comes again unchanged.

mod cache_tee;

use std::io::{self, Read, Write};
use std::sync::Arc;

use crc32fast::Hasher;
use tokio::task::spawn_blocking;

use crate::app_loop::effects::{Context, NetworkMode};
use crate::commands::output::{Output, write_error};
use crate::commands::progress::Progress;
use crate::domain::{ExitCode, Source, ThreadRef, UserError};
use crate::event::FetchUpdate;
use crate::ingest::fetch::{self, ServiceClient};
use crate::net::{BodySink, Client, ControlFlow, FetchControl, FetchErrorKind, FetchProgress, ResponseHead};
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BodyKind, CacheScope};
use crate::text::Safe;
use cache_tee::CacheTee;

/// Bytes read in one go.
const READ_BUFFER_BYTES: usize = 256 << 10;

/// Who sees the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// A program or a file: every byte as it came.
    Bytes,
    /// A person at a terminal: through the gate.
    SanitizedText,
}

/// Writes a body; returns the exit code of a part of it, 0 for all.
///
/// # Errors
/// Nothing came, or nothing could be written.
pub async fn write(
    source: Source,
    world: &Context,
    client: &Arc<Client>,
    (output, viewer): (Output, OutputKind),
    progress: &mut Progress,
) -> Result<ExitCode, UserError> {
    let mut sink = BodyWriter { output, kind: viewer, pending: Vec::new(), has_written: false };
    let code = match source {
        Source::Thread(thread) => {
            let service = world
                .service_client(thread.service, Arc::clone(client))
                .ok_or_else(|| UserError::new("there is no such service", "", ExitCode::Usage))?;
            match world.network_mode {
                NetworkMode::Offline => copy_from_cache(&thread, &service, CacheScope::AnyOwner, &mut sink)?,
                NetworkMode::Online => {
                    let service = service.with_key().await?;
                    match fetch(&service, &thread, &mut sink, progress).await {
                        Err(failure) if failure.exit_code == ExitCode::Network && !sink.has_written => {
                            fall_back_to_cache(failure, &thread, &service, &mut sink, progress)?
                        }
                        fetched => fetched?,
                    }
                }
            }
        }
        Source::File(path) => {
            let (file, _) = fetch::open_file(&fetch::expand_home(&path))?;
            copy(file, &mut sink)?
        }
        Source::Stdin => copy(io::stdin().lock(), &mut sink)?,
    };
    sink.finish().map_err(|error| write_error(&error))?;
    sink.output.finish()?;
    Ok(code)
}

fn copy(mut input: impl Read, sink: &mut BodyWriter) -> Result<ExitCode, UserError> {
    let mut buffer = vec![0; READ_BUFFER_BYTES];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(ExitCode::Success),
            Ok(count) => {
                sink.write(buffer.get(..count).unwrap_or_default()).map_err(|error| write_error(&error))?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(UserError::new(format!("reading stopped: {error}"), "", ExitCode::Failure)),
        }
    }
}

/// The kept copy, as the service cannot be reached; ends with the failure's exit code all the same.
fn fall_back_to_cache(
    failure: UserError,
    thread: &ThreadRef,
    service: &ServiceClient,
    sink: &mut BodyWriter,
    progress: &mut Progress,
) -> Result<ExitCode, UserError> {
    if copy_from_cache(thread, service, CacheScope::SameOwner, sink).is_err() {
        return Err(failure);
    }
    progress.clear();
    let advice = format!("What is written is the copy that was kept. {}", failure.hint);
    Ok(crate::commands::runner::print_error(&UserError { hint: advice, ..failure }, None))
}

/// The kept copy, block by block.
fn copy_from_cache(
    thread: &ThreadRef,
    service: &ServiceClient,
    owner: CacheScope,
    sink: &mut BodyWriter,
) -> Result<ExitCode, UserError> {
    let entry = fetch::cache_entry(thread, service).and_then(|shelf| shelf.open(BodyKind::Messages, owner));
    let mut entry = entry.ok_or_else(|| fetch::no_cached_copy_error(service.cache.is_some()))?;
    let code = match entry.completeness() {
        BodyCompleteness::Complete => ExitCode::Success,
        BodyCompleteness::Partial => ExitCode::Network,
    };
    loop {
        match entry.next_chunk() {
            Ok(Some(bytes)) => sink.write(bytes).map_err(|error| write_error(&error))?,
            Ok(None) => return Ok(code),
            Err(damaged) => return Err(UserError::new(damaged.to_string(), "Fetch the thread again.", ExitCode::NotUnderstood)),
        }
    }
}

async fn fetch(
    service: &ServiceClient,
    thread: &ThreadRef,
    sink: &mut BodyWriter,
    progress: &mut Progress,
) -> Result<ExitCode, UserError> {
    let wanted = service
        .provider
        .messages_request(&thread.id, &service.access)
        .map_err(|error| fetch::access_error(&error, service))?;
    let (place, asked) = (thread.clone(), service.clone());
    let kept = spawn_blocking(move || CacheTee::start(&place, &asked)).await.ok().flatten();
    let mut body = DownloadSink {
        writer: sink,
        progress,
        cache_tee: kept,
        bytes_written: 0,
        checksum: Hasher::new(),
        resume_check: None,
        error: None,
    };
    let outcome = service.client.get(&wanted, &mut body, &FetchControl::none()).await;
    if let Some(kept) = body.cache_tee.take() {
        let broke_off = outcome.as_ref().err().map(ToString::to_string);
        let writing = kept.finish(service, broke_off);
        let _ = spawn_blocking(|| writing.wait()).await;
    }
    if let Some(failed) = body.error {
        return Err(failed);
    }
    match outcome {
        Ok(_) if body.resume_check.is_some() => Err(body_changed_error()),
        Ok(_) => Ok(ExitCode::Success),
        Err(error) if body.bytes_written > 0 && *error.kind != FetchErrorKind::Cancelled => {
            body.progress.clear();
            crate::commands::runner::print_error(&fetch::user_error(&error, service), None);
            Ok(error.exit_code())
        }
        Err(error) => Err(fetch::user_error(&error, service)),
    }
}

fn body_changed_error() -> UserError {
    let what = "the body broke off, and the second try brought another one";
    UserError::new(what, "Write to a file with -o, which can begin again.", ExitCode::Network)
}

/// A second try, held against what was written in the first.
struct ResumeCheck {
    bytes_seen: u64,
    checksum: Hasher,
}

struct DownloadSink<'a> {
    writer: &'a mut BodyWriter,
    progress: &'a mut Progress,
    /// The copy that is kept.
    cache_tee: Option<CacheTee>,
    bytes_written: u64,
    checksum: Hasher,
    resume_check: Option<ResumeCheck>,
    error: Option<UserError>,
}

impl DownloadSink<'_> {
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), UserError> {
        if let Some(again) = &mut self.resume_check {
            let missing = usize::try_from(self.bytes_written - again.bytes_seen).unwrap_or(usize::MAX);
            let (known, new) = bytes.split_at(missing.min(bytes.len()));
            again.checksum.update(known);
            again.bytes_seen += known.len() as u64;
            bytes = new;
            if again.bytes_seen == self.bytes_written {
                if again.checksum.clone().finalize() != self.checksum.clone().finalize() {
                    let what = "the body broke off, and the second try brought another one";
                    return Err(UserError::new(what, "Write to a file with -o, which can begin again.", ExitCode::Network));
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
    fn begin(&mut self, _answer: &ResponseHead) {
        if let Some(kept) = &mut self.cache_tee {
            kept.restart();
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

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow {
        if self.error.is_none() {
            if let Some(kept) = &mut self.cache_tee {
                kept.write(bytes);
            }
            self.error = self.write(bytes).err();
        }
        if self.error.is_some() { ControlFlow::Break } else { ControlFlow::Continue }
    }

    fn report_progress(&mut self, notice: FetchProgress) {
        if let FetchProgress::Receiving { bytes, total } = notice {
            self.progress.on_fetch_update(&FetchUpdate::Progress { bytes, total });
        }
    }
}

/// The output behind the gate, if a person looks at it.
struct BodyWriter {
    output: Output,
    kind: OutputKind,
    /// The start of a character whose end has not come yet, or of a line.
    pending: Vec<u8>,
    /// Whether anything came to be written.
    has_written: bool,
}

impl BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.has_written |= !bytes.is_empty();
        if self.kind == OutputKind::Bytes {
            return self.output.write_all(bytes);
        }
        self.pending.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.pending) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.pending.len(),
        };
        let later = self.pending.split_off(whole);
        let now = std::mem::replace(&mut self.pending, later);
        self.write_sanitized(&now)
    }

    fn write_sanitized(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(Safe::text(&String::from_utf8_lossy(bytes)).as_bytes())
    }

    fn finish(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.pending);
        self.write_sanitized(&rest)
    }
}
