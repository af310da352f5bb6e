//! Reads the messages of a kept body one after another, so that a body is never in memory as a whole.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::{KeptThread, LibraryError, LibraryReader};
use crate::decode::{Completeness, Splitter};

/// The number of bytes that are unpacked at once.
const READ_BYTES: usize = 256 << 10;

/// Calls `visit` with the index and the JSON of each whole message, until it breaks. A damaged body is read as far as it can
/// be.
pub(super) fn visit_body<E>(
    mut body: impl Read,
    mut visit: impl FnMut(u32, &[u8]) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    let mut splitter = Splitter::default();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = body.read(&mut buffer).unwrap_or(0);
        if count == 0 {
            splitter.finish();
        } else {
            splitter.push(buffer.get(..count).unwrap_or_default());
        }
        while let Some(batch) = splitter.next_batch() {
            for (index, raw, completeness) in batch.raw_messages() {
                if completeness == Completeness::Whole && visit(index, raw.bytes())?.is_break() {
                    return Ok(());
                }
            }
        }
        if count == 0 {
            return Ok(());
        }
    }
}

/// Calls `visit` with the index and the JSON of each whole message in the newest body of a thread, until it breaks.
///
/// # Errors
/// The body cannot be opened, or the server fails while it is read.
pub fn visit_messages(
    library: &dyn LibraryReader,
    thread: &KeptThread,
    visit: &mut dyn FnMut(u32, &[u8]) -> ControlFlow<()>,
) -> Result<(), LibraryError> {
    let Some(body) = library.open_body(thread)? else { return Ok(()) };
    let mut error = None;
    visit_body(ObservedBody { body, error: &mut error }, |index, raw| {
        Ok::<_, LibraryError>(visit(index, raw))
    })?;
    // A failed server does not mean that the body is damaged.
    error.and_then(|error| error.downcast::<LibraryError>().ok()).map_or(Ok(()), Err)
}

/// A body that ends at its first error, which is kept.
struct ObservedBody<'a> {
    body: Box<dyn Read + Send>,
    error: &'a mut Option<io::Error>,
}

impl Read for ObservedBody<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer).or_else(|error| {
            *self.error = Some(error);
            Ok(0)
        })
    }
}
