//! Searching on both cores: chunks of messages are taken in turn from the selected one on, and what they hold is told in
//! that order, so that the nearest hits come first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc::Sender as Outbox;

use crate::domain::{MessageSummaries, MessageSummary, SearchId};
use crate::event::{Event, SearchResults};
use crate::search::Finder;

/// Threads that search.
const WORKERS: usize = 2;

/// Messages that are searched as one piece.
const CHUNK_SIZE: usize = 256;

/// Hits counted in one message; more are shown as this many.
const MAX_HITS_PER_MESSAGE: usize = 9999;

/// What is told next, and what waits for it.
#[derive(Default)]
struct ReorderBuffer {
    next: usize,
    pending: BTreeMap<usize, ChunkHits>,
    searched: usize,
}

/// The hits of one piece.
struct ChunkHits {
    hits: Vec<(u32, u32)>,
    len: usize,
}

/// What is searched for, and where.
#[derive(Debug)]
pub struct SearchJob {
    pub id: SearchId,
    pub summaries: MessageSummaries,
    pub finder: Finder,
    /// The message to begin with; the search goes around the end.
    pub start: usize,
}

/// Searches all messages.
pub fn run(hunt: &SearchJob, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let SearchJob { id, summaries: heads, finder, start: from } = hunt;
    let (id, from) = (*id, *from);
    let len = heads.len();
    let pieces = chunk_ranges(len, from);
    if pieces.is_empty() {
        let _ =
            outbox.blocking_send(Event::SearchResults(SearchResults { id, hits: Vec::new(), searched: 0 }));
        return;
    }
    let next = AtomicUsize::new(0);
    let turns = Mutex::new(ReorderBuffer::default());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&(start, end)) = pieces.get(turn) else { return };
                    let hits = count_hits(heads, finder, start..end, stop);
                    send_in_order(&turns, turn, ChunkHits { hits, len: end - start }, id, outbox);
                }
            });
        }
    });
}

/// Runs of places: from the selected one to the end, then from the start.
fn chunk_ranges(len: usize, from: usize) -> Vec<(usize, usize)> {
    let from = from.min(len);
    let cut = |start: usize, end: usize| {
        (start..end).step_by(CHUNK_SIZE).map(move |at| (at, (at + CHUNK_SIZE).min(end)))
    };
    cut(from, len).chain(cut(0, from)).collect()
}

fn count_hits(
    heads: &MessageSummaries,
    finder: &Finder,
    places: std::ops::Range<usize>,
    stop: &AtomicBool,
) -> Vec<(u32, u32)> {
    let count = |place: usize| {
        let head: &MessageSummary = heads.get(place).filter(|_| !stop.load(Ordering::Relaxed))?;
        let hits = finder.count_hits(head.raw.bytes(), MAX_HITS_PER_MESSAGE);
        (hits > 0).then_some((u32::try_from(place).ok()?, u32::try_from(hits).unwrap_or(u32::MAX)))
    };
    places.filter_map(count).collect()
}

fn send_in_order(
    turns: &Mutex<ReorderBuffer>,
    turn: usize,
    found: ChunkHits,
    id: SearchId,
    outbox: &Outbox<Event>,
) {
    let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
    turns.pending.insert(turn, found);
    let mut hits = Vec::new();
    loop {
        let next = turns.next;
        let Some(found) = turns.pending.remove(&next) else { break };
        turns.next += 1;
        turns.searched += found.len;
        hits.extend(found.hits);
    }
    let searched = turns.searched;
    let _ = outbox.blocking_send(Event::SearchResults(SearchResults { id, hits, searched }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_ranges_wrap_around_and_cover_everything_once() {
        for (len, from) in [(0, 0), (1, 0), (1000, 700), (1000, 5000), (256, 0)] {
            let mut seen: Vec<usize> =
                chunk_ranges(len, from).into_iter().flat_map(|(start, end)| start..end).collect();
            assert_eq!(
                seen.first().copied(),
                (len > 0).then_some(from % len.max(1)).filter(|_| from < len).or((len > 0).then_some(0))
            );
            seen.sort_unstable();
            assert_eq!(seen, (0..len).collect::<Vec<_>>());
        }
    }
}
