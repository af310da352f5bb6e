//! Search on two cores: workers take chunks of messages from the selected one on, and send the hits in that order, so
//! that the nearest ones come first.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc::Sender as Outbox;

use crate::domain::{MessageSummaries, SearchId};
use crate::event::{Event, SearchResults};
use crate::search::Finder;

/// Worker threads of a search.
const WORKERS: usize = 2;

/// Messages in a chunk.
const CHUNK_SIZE: usize = 256;

/// The most hits counted in one message.
const MAX_HITS_PER_MESSAGE: usize = 9999;

/// Puts the hits of chunks back in order.
#[derive(Default)]
struct ReorderBuffer {
    next: usize,
    pending: BTreeMap<usize, ChunkHits>,
    searched: usize,
}

/// The hits of one chunk.
struct ChunkHits {
    hits: Vec<(u32, u32)>,
    len: usize,
}

/// A query and the messages to search.
#[derive(Debug)]
pub struct SearchJob {
    pub id: SearchId,
    pub summaries: MessageSummaries,
    pub finder: Finder,
    /// The index of the first message to search; the search wraps around the end.
    pub start: usize,
}

/// Searches all messages.
pub fn run(job: &SearchJob, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let chunks = chunk_ranges(job.summaries.len(), job.start);
    if chunks.is_empty() {
        let results = SearchResults { id: job.id, hits: Vec::new(), searched: 0 };
        let _ = outbox.blocking_send(Event::SearchResults(results));
        return;
    }
    let next = AtomicUsize::new(0);
    let buffer = Mutex::new(ReorderBuffer::default());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(range) = chunks.get(index) else { return };
                    let chunk = ChunkHits { hits: count_hits(job, range.clone(), stop), len: range.len() };
                    send_in_order(&buffer, index, chunk, job.id, outbox);
                }
            });
        }
    });
}

/// Chunks of message indices: from the first message to search to the end, then from the start.
fn chunk_ranges(len: usize, first: usize) -> Vec<Range<usize>> {
    let first = first.min(len);
    let chunks = |range: Range<usize>| {
        let end = range.end;
        range.step_by(CHUNK_SIZE).map(move |start| start..(start + CHUNK_SIZE).min(end))
    };
    chunks(first..len).chain(chunks(0..first)).collect()
}

/// The indices of the messages with hits, and the number of hits.
fn count_hits(job: &SearchJob, range: Range<usize>, stop: &AtomicBool) -> Vec<(u32, u32)> {
    let count = |index: usize| {
        let summary = job.summaries.get(index).filter(|_| !stop.load(Ordering::Relaxed))?;
        let hits = job.finder.count_hits(summary.raw.bytes(), MAX_HITS_PER_MESSAGE);
        (hits > 0).then_some((u32::try_from(index).ok()?, u32::try_from(hits).unwrap_or(u32::MAX)))
    };
    range.filter_map(count).collect()
}

/// Adds the hits of a chunk, and sends those of all chunks that are complete up to here.
fn send_in_order(
    buffer: &Mutex<ReorderBuffer>,
    index: usize,
    chunk: ChunkHits,
    id: SearchId,
    outbox: &Outbox<Event>,
) {
    let mut buffer = buffer.lock().unwrap_or_else(PoisonError::into_inner);
    buffer.pending.insert(index, chunk);
    let mut hits = Vec::new();
    loop {
        let next = buffer.next;
        let Some(chunk) = buffer.pending.remove(&next) else { break };
        buffer.next += 1;
        buffer.searched += chunk.len;
        hits.extend(chunk.hits);
    }
    let searched = buffer.searched;
    let _ = outbox.blocking_send(Event::SearchResults(SearchResults { id, hits, searched }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_ranges_wrap_around_and_cover_everything_once() {
        for (len, first) in [(0, 0), (1, 0), (1000, 700), (1000, 5000), (256, 0)] {
            let mut indices: Vec<usize> = chunk_ranges(len, first).into_iter().flatten().collect();
            let expected = if first < len { first } else { 0 };
            assert_eq!(indices.first().copied(), (len > 0).then_some(expected));
            indices.sort_unstable();
            assert_eq!(indices, (0..len).collect::<Vec<_>>());
        }
    }
}
