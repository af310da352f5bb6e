//! Reads files, pipes and standard input, plain or compressed, and sends their fetch updates.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc::Sender as Outbox;

use super::decompress::{Input, decompress};
use crate::domain::{ExitCode, Origin, RequestId, UserError};
use crate::event::{Event, FetchUpdate};
use crate::ingest::body_reader::{BodyReader, KnownMessages, UPDATE_INTERVAL};
use crate::platform::PipePoll;
use crate::provider::Provider;
use crate::storage::files::expand_home;

/// The bytes of the first read: few, so that the first messages appear immediately. Each further read may take twice as
/// many as the one before.
const FIRST_READ_SIZE: usize = 64 << 10;
const MAX_READ_SIZE: usize = 1 << 20;

/// A request to read a file or a pipe.
#[derive(Clone)]
pub struct FileRequest {
    pub request: RequestId,
    /// The service that the body belongs to; `None` to detect it.
    pub provider: Option<&'static dyn Provider>,
    /// The maximum number of bytes of a pipe or of a decompressed file (setting `max_body`).
    pub max_bytes: u64,
    /// Summaries of an earlier version.
    pub known_messages: KnownMessages,
}

/// Reads a file of any service, plain or compressed with gzip or zstd. It blocks, so it needs its own thread; `stop` ends
/// it early.
pub fn read_file(file_request: FileRequest, path: &Path, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let FileRequest { request, provider, max_bytes, known_messages } = file_request;
    let mut reader = BodyReader::new(request, provider, outbox).with_known_messages(known_messages);
    match open_file(&expand_home(path)) {
        Ok((file, size)) => {
            reader.send(FetchUpdate::Started { origin: Origin::File { size } });
            let pipe_poll = if size.is_none() { PipePoll::file(&file) } else { None };
            let name = path.display().to_string();
            read_to_end(decompress(file, size, max_bytes), pipe_poll, (reader, &name), stop);
        }
        Err(error) => reader.send(FetchUpdate::Failed(error)),
    }
}

/// Reads standard input to its end.
pub fn read_stdin(file_request: FileRequest, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let FileRequest { request, provider, max_bytes, .. } = file_request;
    let mut reader = BodyReader::new(request, provider, outbox);
    reader.send(FetchUpdate::Started { origin: Origin::File { size: None } });
    read_to_end(
        decompress(io::stdin(), None, max_bytes),
        PipePoll::stdin(),
        (reader, "standard input"),
        stop,
    );
}

/// Opens a file and returns its size; `None` for a pipe or device.
///
/// # Errors
/// The file does not exist, is a folder, or cannot be read.
pub fn open_file(path: &Path) -> Result<(File, Option<u64>), UserError> {
    let to_user_error = |error: io::Error| {
        let path = path.display();
        let (message, exit_code) = match error.kind() {
            io::ErrorKind::NotFound => (format!("file not found: {path}"), ExitCode::NotFound),
            io::ErrorKind::PermissionDenied => (format!("permission denied: {path}"), ExitCode::NotAllowed),
            _ => (format!("cannot read {path}: {error}"), ExitCode::Failure),
        };
        UserError::new(message, "Check the path.", exit_code)
    };
    let file = File::open(path).map_err(to_user_error)?;
    let metadata = file.metadata().map_err(to_user_error)?;
    if metadata.is_dir() {
        let message = format!("{} is a folder", path.display());
        return Err(UserError::new(message, "Pass a file in it.", ExitCode::Failure));
    }
    Ok((file, metadata.is_file().then_some(metadata.len())))
}

/// Reads the input to its end. `pipe_poll` detects pauses of a source that can pause; `name` names the source in errors.
fn read_to_end(
    Input { mut bytes, total }: Input,
    pipe_poll: Option<PipePoll>,
    (mut reader, name): (BodyReader, &str),
    stop: &AtomicBool,
) {
    let mut read_size = FIRST_READ_SIZE;
    while !stop.load(Ordering::Relaxed) {
        if reader.has_unreported_bytes()
            && pipe_poll.as_ref().is_some_and(|pipe_poll| pipe_poll.is_idle_for(UPDATE_INTERVAL))
        {
            reader.flush_on_pause(total);
        }
        let spare = reader.spare();
        let room = spare.len().min(read_size);
        match bytes.read(spare.get_mut(..room).unwrap_or_default()) {
            Ok(0) => {
                reader.finish(None);
                return;
            }
            Ok(count) => reader.advance(count, total),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                reader.finish(Some(format!("cannot read {name}: {error}")));
                return;
            }
        }
        read_size = (read_size * 2).min(MAX_READ_SIZE);
    }
}
