//! Writing a copy beside the fetch: on a thread of its own, fed through a queue. What is shared with the messages on the
//! screen may wait there for as long as the disk takes, as it costs no memory; the queue is bounded by all other bytes.
//! Above that there is no new copy, and the fetch does not notice; the old copy stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use crate::decode::BodyChunk;
use crate::domain::Timestamp;
use crate::storage::cache_file::{BodyCompleteness, Cache, CacheKey};
use crate::storage::files::FileError;
use crate::text::Safe;

/// Bytes of their own that may wait for the disk.
const MAX_QUEUED_BYTES: usize = 64 << 20;

enum Chunk {
    Body(BodyChunk),
    Restart,
    /// The second tells whether anything of the body could be read.
    Commit(BodyCompleteness, Option<Receiver<bool>>),
}

/// Takes a body as it comes. Dropped without [`Scribe::finish`] it leaves no trace.
#[derive(Debug)]
pub struct BackgroundWriter {
    /// None once it has given up.
    chunks: Option<Sender<Chunk>>,
    queued_bytes: Arc<AtomicUsize>,
    max_queued_bytes: usize,
    thread: JoinHandle<()>,
}

/// A copy whose last bytes are on their way to the disk.
#[derive(Debug)]
pub struct PendingWrite(JoinHandle<()>);

impl PendingWrite {
    /// Waits until it is there, or is known not to come.
    pub fn wait(self) {
        if self.0.join().is_err() {
            tracing::error!("the writer of a copy panicked");
        }
    }
}

impl BackgroundWriter {
    pub(super) fn start(cache: Cache, key: CacheKey, fetched: Timestamp) -> Self {
        Self::start_with_limit(cache, key, fetched, MAX_QUEUED_BYTES)
    }

    pub(super) fn start_with_limit(cache: Cache, key: CacheKey, fetched: Timestamp, most: usize) -> Self {
        let (pieces, queue) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        let thread = thread::spawn(move || {
            if let Err(error) = run_writer(&cache, &key, fetched, (&queue, &counter)) {
                tracing::warn!("a copy was not written: {}", Safe::line(&error.to_string()));
            }
        });
        Self { chunks: Some(pieces), queued_bytes: waiting, max_queued_bytes: most, thread }
    }

    /// The next bytes; never waits.
    pub fn write(&mut self, bytes: &[u8]) {
        self.write_shared(BodyChunk::Copied(bytes.to_vec()));
    }

    /// The next bytes, shared with the messages where they are in one; never waits.
    pub fn write_shared(&mut self, passage: BodyChunk) {
        let Some(pieces) = &self.chunks else { return };
        let waiting = self.queued_bytes.fetch_add(owned_size(&passage), Ordering::Relaxed);
        let kept_up = waiting <= self.max_queued_bytes;
        if !kept_up {
            tracing::warn!("a copy was given up: the disk is slower than the network");
        }
        if !kept_up || pieces.send(Chunk::Body(passage)).is_err() {
            self.chunks = None;
        }
    }

    /// The body begins again.
    pub fn restart(&mut self) {
        if let Some(pieces) = &self.chunks {
            let _ = pieces.send(Chunk::Restart);
        }
    }

    /// Whether nothing will come of the copy.
    pub fn has_given_up(&self) -> bool {
        self.chunks.is_none()
    }

    /// The body is over; without an extent it is not worth keeping.
    pub fn finish(self, extent: Option<BodyCompleteness>) -> PendingWrite {
        self.finish_with(extent, None)
    }

    /// As [`Scribe::finish`], but what comes out of `readable` decides whether an old copy may be replaced: a body of
    /// which nothing can be read is kept only where there is none. If nothing comes out, it may.
    pub fn finish_if_readable(
        self,
        extent: Option<BodyCompleteness>,
        readable: Receiver<bool>,
    ) -> PendingWrite {
        self.finish_with(extent, Some(readable))
    }

    fn finish_with(self, extent: Option<BodyCompleteness>, readable: Option<Receiver<bool>>) -> PendingWrite {
        if let (Some(pieces), Some(extent)) = (&self.chunks, extent) {
            let _ = pieces.send(Chunk::Commit(extent, readable));
        }
        PendingWrite(self.thread)
    }
}

/// The memory that a passage takes for itself, in bytes.
fn owned_size(passage: &BodyChunk) -> usize {
    match passage {
        BodyChunk::Shared(_) => 0,
        BodyChunk::Copied(bytes) => bytes.len(),
    }
}

fn run_writer(
    cache: &Cache,
    key: &CacheKey,
    fetched: Timestamp,
    (pieces, waiting): (&Receiver<Chunk>, &AtomicUsize),
) -> Result<(), FileError> {
    let mut writer = cache.write(key, fetched)?;
    let mut length = 0_u64;
    for piece in pieces {
        match piece {
            Chunk::Body(passage) => {
                writer.push(passage.bytes())?;
                length = length.saturating_add(passage.bytes().len() as u64);
                waiting.fetch_sub(owned_size(&passage), Ordering::Relaxed);
            }
            Chunk::Restart => {
                writer.restart()?;
                length = 0;
            }
            Chunk::Commit(extent, readable) => {
                let is_readable = readable.is_none_or(|told| told.recv().unwrap_or(true));
                if should_replace(cache, key, extent, length) && (is_readable || cache.read(key).is_none()) {
                    writer.commit(extent)?;
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A body that broke off never takes the place of a whole one, nor of a longer one.
fn should_replace(cache: &Cache, key: &CacheKey, extent: BodyCompleteness, length: u64) -> bool {
    match extent {
        BodyCompleteness::Complete => true,
        BodyCompleteness::Partial => cache
            .read(key)
            .is_none_or(|old| old.completeness() == BodyCompleteness::Partial && old.len() <= length),
    }
}
