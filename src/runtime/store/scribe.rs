//! Writing a copy beside the fetch: on a thread of its own, fed through a queue. What is shared with the messages on the
//! screen may wait there for as long as the disk takes, as it costs no memory; the queue is bounded by all other bytes.
//! Above that there is no new copy, and the fetch does not notice; the old copy stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use crate::decode::Passage;
use crate::domain::Stamp;
use crate::runtime::cache::{Cache, Extent, Key};
use crate::runtime::files::FileError;
use crate::text::Safe;

/// Bytes of their own that may wait for the disk.
const MOST_WAITING: usize = 64 << 20;

enum Piece {
    Passage(Passage),
    Restart,
    /// The second tells whether anything of the body could be read.
    Commit(Extent, Option<Receiver<bool>>),
}

/// Takes a body as it comes. Dropped without [`Scribe::finish`] it leaves no trace.
#[derive(Debug)]
pub struct Scribe {
    /// None once it has given up.
    pieces: Option<Sender<Piece>>,
    waiting: Arc<AtomicUsize>,
    most: usize,
    thread: JoinHandle<()>,
}

/// A copy whose last bytes are on their way to the disk.
#[derive(Debug)]
pub struct Writing(JoinHandle<()>);

impl Writing {
    /// Waits until it is there, or is known not to come.
    pub fn wait(self) {
        if self.0.join().is_err() {
            tracing::error!("the writer of a copy panicked");
        }
    }
}

impl Scribe {
    pub(super) fn start(cache: Cache, key: Key, fetched: Stamp) -> Self {
        Self::start_with(cache, key, fetched, MOST_WAITING)
    }

    pub(super) fn start_with(cache: Cache, key: Key, fetched: Stamp, most: usize) -> Self {
        let (pieces, queue) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        let thread = thread::spawn(move || {
            if let Err(error) = write(&cache, &key, fetched, (&queue, &counter)) {
                tracing::warn!("a copy was not written: {}", Safe::line(&error.to_string()));
            }
        });
        Self { pieces: Some(pieces), waiting, most, thread }
    }

    /// The next bytes; never waits.
    pub fn take(&mut self, bytes: &[u8]) {
        self.take_passage(Passage::Loose(bytes.to_vec()));
    }

    /// The next bytes, shared with the messages where they are in one; never waits.
    pub fn take_passage(&mut self, passage: Passage) {
        let Some(pieces) = &self.pieces else { return };
        let waiting = self.waiting.fetch_add(own(&passage), Ordering::Relaxed);
        let kept_up = waiting <= self.most;
        if !kept_up {
            tracing::warn!("a copy was given up: the disk is slower than the network");
        }
        if !kept_up || pieces.send(Piece::Passage(passage)).is_err() {
            self.pieces = None;
        }
    }

    /// The body begins again.
    pub fn restart(&mut self) {
        if let Some(pieces) = &self.pieces {
            let _ = pieces.send(Piece::Restart);
        }
    }

    /// Whether nothing will come of the copy.
    pub fn has_given_up(&self) -> bool {
        self.pieces.is_none()
    }

    /// The body is over; without an extent it is not worth keeping.
    pub fn finish(self, extent: Option<Extent>) -> Writing {
        self.end(extent, None)
    }

    /// As [`Scribe::finish`], but what comes out of `readable` decides whether an old copy may be replaced: a body of
    /// which nothing can be read is kept only where there is none. If nothing comes out, it may.
    pub fn finish_if(self, extent: Option<Extent>, readable: Receiver<bool>) -> Writing {
        self.end(extent, Some(readable))
    }

    fn end(self, extent: Option<Extent>, readable: Option<Receiver<bool>>) -> Writing {
        if let (Some(pieces), Some(extent)) = (&self.pieces, extent) {
            let _ = pieces.send(Piece::Commit(extent, readable));
        }
        Writing(self.thread)
    }
}

/// The memory that a passage takes for itself, in bytes.
fn own(passage: &Passage) -> usize {
    match passage {
        Passage::Shared(_) => 0,
        Passage::Loose(bytes) => bytes.len(),
    }
}

fn write(
    cache: &Cache,
    key: &Key,
    fetched: Stamp,
    (pieces, waiting): (&Receiver<Piece>, &AtomicUsize),
) -> Result<(), FileError> {
    let mut writer = cache.write(key, fetched)?;
    let mut length = 0_u64;
    for piece in pieces {
        match piece {
            Piece::Passage(passage) => {
                writer.push(passage.bytes())?;
                length = length.saturating_add(passage.bytes().len() as u64);
                waiting.fetch_sub(own(&passage), Ordering::Relaxed);
            }
            Piece::Restart => {
                writer.restart()?;
                length = 0;
            }
            Piece::Commit(extent, readable) => {
                let is_readable = readable.is_none_or(|told| told.recv().unwrap_or(true));
                if is_better(cache, key, extent, length) && (is_readable || cache.read(key).is_none()) {
                    writer.commit(extent)?;
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A body that broke off never takes the place of a whole one, nor of a longer one.
fn is_better(cache: &Cache, key: &Key, extent: Extent, length: u64) -> bool {
    match extent {
        Extent::Whole => true,
        Extent::Partial => {
            cache.read(key).is_none_or(|old| old.extent() == Extent::Partial && old.len() <= length)
        }
    }
}
