//! Writes a cached copy during the fetch, on a separate thread with a queue. Chunks shared with the messages on the screen
//! may queue without limit, since they cost no memory; all other bytes are limited. Above the limit the new copy is dropped
//! without slowing the fetch, and the old one stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use super::WriteFailure;
use crate::decode::BodyChunk;
use crate::domain::Timestamp;
use crate::storage::cache_file::{BodyCompleteness, Cache, CacheKey};
use crate::storage::files::FileError;
use crate::text::Safe;

/// The maximum number of unshared bytes in the queue.
const MAX_QUEUED_BYTES: usize = 64 << 20;

enum Chunk {
    Body(BodyChunk),
    Restart,
    /// The receiver yields whether any message of the body was readable.
    Commit(BodyCompleteness, Option<Receiver<bool>>),
}

/// Writes a body as it arrives. If it is dropped without [`BackgroundWriter::finish`], it leaves no trace.
#[derive(Debug)]
pub struct BackgroundWriter {
    /// The queue; `None` after giving up.
    chunks: Option<Sender<Chunk>>,
    queued_bytes: Arc<AtomicUsize>,
    max_queued_bytes: usize,
    thread: JoinHandle<()>,
}

/// A cached copy whose last bytes are still being written.
#[derive(Debug)]
pub struct PendingWrite(JoinHandle<()>);

impl PendingWrite {
    /// Waits until the copy is on disk or was dropped.
    pub fn wait(self) {
        if self.0.join().is_err() {
            tracing::error!("the cache writer panicked");
        }
    }
}

impl BackgroundWriter {
    pub(super) fn start(cache: Cache, key: CacheKey, fetched_at: Timestamp, failure: WriteFailure) -> Self {
        Self::start_with_limit(cache, key, (fetched_at, failure), MAX_QUEUED_BYTES)
    }

    pub(super) fn start_with_limit(
        cache: Cache,
        key: CacheKey,
        (fetched_at, failure): (Timestamp, WriteFailure),
        max_queued_bytes: usize,
    ) -> Self {
        let (sender, queue) = mpsc::channel();
        let queued_bytes = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&queued_bytes);
        let thread = thread::spawn(move || {
            if let Err(error) = run_writer(&cache, &key, fetched_at, (&queue, &counter)) {
                let text = Safe::line(&error.to_string()).into_string();
                tracing::warn!("a cached copy was not written: {text}");
                failure.set(text);
            }
        });
        Self { chunks: Some(sender), queued_bytes, max_queued_bytes, thread }
    }

    /// Queues the next bytes; never blocks.
    pub fn write(&mut self, bytes: &[u8]) {
        self.write_shared(BodyChunk::Copied(bytes.to_vec()));
    }

    /// Queues the next bytes, shared with the messages where possible; never blocks.
    pub fn write_shared(&mut self, chunk: BodyChunk) {
        let Some(sender) = &self.chunks else { return };
        let queued_bytes = self.queued_bytes.fetch_add(owned_size(&chunk), Ordering::Relaxed);
        let has_room = queued_bytes <= self.max_queued_bytes;
        if !has_room {
            tracing::warn!("a cached copy was dropped: the disk is slower than the network");
        }
        if !has_room || sender.send(Chunk::Body(chunk)).is_err() {
            self.chunks = None;
        }
    }

    /// Starts the body again.
    pub fn restart(&mut self) {
        if let Some(sender) = &self.chunks {
            let _ = sender.send(Chunk::Restart);
        }
    }

    /// Returns whether the copy was dropped.
    #[cfg(test)]
    pub fn has_given_up(&self) -> bool {
        self.chunks.is_none()
    }

    /// Ends the body; without a completeness the copy is dropped.
    pub fn finish(self, completeness: Option<BodyCompleteness>) -> PendingWrite {
        self.finish_with(completeness, None)
    }

    /// Ends the body like [`BackgroundWriter::finish`], but an unreadable body does not replace an old copy; it is only
    /// stored if there is none. `readable` yields whether the body was readable; if it yields nothing, the body is treated
    /// as readable.
    pub fn finish_if_readable(
        self,
        completeness: Option<BodyCompleteness>,
        readable: Receiver<bool>,
    ) -> PendingWrite {
        self.finish_with(completeness, Some(readable))
    }

    fn finish_with(
        self,
        completeness: Option<BodyCompleteness>,
        readable: Option<Receiver<bool>>,
    ) -> PendingWrite {
        if let (Some(sender), Some(completeness)) = (&self.chunks, completeness) {
            let _ = sender.send(Chunk::Commit(completeness, readable));
        }
        PendingWrite(self.thread)
    }
}

/// Returns the memory in bytes that a chunk does not share.
fn owned_size(chunk: &BodyChunk) -> usize {
    match chunk {
        BodyChunk::Shared(_) => 0,
        BodyChunk::Copied(bytes) => bytes.len(),
    }
}

fn run_writer(
    cache: &Cache,
    key: &CacheKey,
    fetched_at: Timestamp,
    (chunks, queued_bytes): (&Receiver<Chunk>, &AtomicUsize),
) -> Result<(), FileError> {
    let mut writer = cache.write(key, fetched_at)?;
    let mut length = 0_u64;
    for chunk in chunks {
        match chunk {
            Chunk::Body(chunk) => {
                writer.push(chunk.bytes())?;
                length = length.saturating_add(chunk.bytes().len() as u64);
                queued_bytes.fetch_sub(owned_size(&chunk), Ordering::Relaxed);
            }
            Chunk::Restart => {
                writer.restart()?;
                length = 0;
            }
            Chunk::Commit(completeness, readable) => {
                let is_readable = readable.is_none_or(|readable| readable.recv().unwrap_or(true));
                if should_replace(cache, key, completeness, length)
                    && (is_readable || cache.read(key).is_none())
                {
                    writer.commit(completeness)?;
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Returns whether a body may replace the current copy. A partial body replaces neither a complete nor a longer one.
fn should_replace(cache: &Cache, key: &CacheKey, completeness: BodyCompleteness, length: u64) -> bool {
    match completeness {
        BodyCompleteness::Complete => true,
        BodyCompleteness::Partial => cache
            .read(key)
            .is_none_or(|old| old.completeness() == BodyCompleteness::Partial && old.body_size() <= length),
    }
}
