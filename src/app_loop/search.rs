//! Search on all cores, in two passes over the messages, from the selected one on. The first finds the messages that have
//! the query in its plain spelling, at memory speed; the second looks thoroughly at the others, for words broken by
//! markup, other characters that look the same, and escapes. Workers take chunks of messages, and the hits are sent in
//! their order, so that the nearest ones come first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc::Sender as Outbox;

use crate::app_loop::analysis::worker_count;
use crate::domain::{MessageSummaries, SearchId};
use crate::event::{Event, SearchResults};
use crate::platform;
use crate::search::Finder;

/// Messages in the first chunk; each one is twice as large as the one before it, so that the nearest hits come soon.
const FIRST_CHUNK_SIZE: usize = 8;

/// The maximum number of messages in a chunk.
const MAX_CHUNK_SIZE: usize = 256;

/// The maximum number of hits counted in one message.
const MAX_HITS_PER_MESSAGE: usize = 9999;

/// A query and the messages to search.
#[derive(Debug)]
pub struct SearchJob {
    pub id: SearchId,
    pub summaries: MessageSummaries,
    pub finder: Finder,
    /// The index of the first message to search; the search wraps around the end.
    pub start: usize,
}

/// What one pass over messages found out about a chunk of them.
#[derive(Default)]
struct ChunkResults {
    /// The indices of the messages with hits, and the number of hits.
    hits: Vec<(u32, u32)>,
    /// The indices of the messages that the next pass has to look at.
    undecided: Vec<u32>,
    /// The number of the other ones.
    searched: usize,
}

/// Puts the results of chunks back in order.
struct ReorderBuffer {
    next: usize,
    pending: BTreeMap<usize, ChunkResults>,
    searched: usize,
    undecided: Vec<u32>,
}

/// Searches all messages.
pub fn run(job: &SearchJob, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let plain = |raw: &[u8]| job.finder.count_if_plain(raw, MAX_HITS_PER_MESSAGE);
    let thorough = |raw: &[u8]| Some(job.finder.count_hits(raw, MAX_HITS_PER_MESSAGE));
    let all = indices(job.summaries.len(), job.start);
    let undecided = search((job, outbox, stop), &all, 0, plain, || {});
    if !stop.load(Ordering::Relaxed) {
        let searched = all.len() - undecided.len();
        // The first hits are drawn meanwhile.
        search((job, outbox, stop), &undecided, searched, thorough, platform::yield_to_other_threads);
    }
}

/// Returns the indices of all messages: from the first one to search to the end, then from the start.
fn indices(len: usize, first: usize) -> Vec<u32> {
    let end = u32::try_from(len).unwrap_or(u32::MAX);
    let first = u32::try_from(first).unwrap_or(u32::MAX).min(end);
    (first..end).chain(0..first).collect()
}

/// Returns the chunks of messages, in order.
fn chunks(mut indices: &[u32]) -> Vec<&[u32]> {
    let mut size = FIRST_CHUNK_SIZE;
    let next_chunk = || {
        let (chunk, rest) = indices.split_at_checked(size).unwrap_or((indices, &[]));
        indices = rest;
        size = (size * 2).min(MAX_CHUNK_SIZE);
        (!chunk.is_empty()).then_some(chunk)
    };
    std::iter::from_fn(next_chunk).collect()
}

/// Counts the hits in messages where `count` can; sends these, and returns the other ones. `searched` messages were
/// searched before. Each thread calls `prepare` first.
fn search(
    (job, outbox, stop): (&SearchJob, &Outbox<Event>, &AtomicBool),
    indices: &[u32],
    searched: usize,
    count: impl Fn(&[u8]) -> Option<usize> + Sync,
    prepare: impl Fn() + Sync,
) -> Vec<u32> {
    let chunks = chunks(indices);
    let next = AtomicUsize::new(0);
    let buffer =
        Mutex::new(ReorderBuffer { next: 0, pending: BTreeMap::new(), searched, undecided: Vec::new() });
    let work = || {
        prepare();
        while !stop.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = chunks.get(index) else { return };
            let results = search_chunk(job, chunk, stop, &count);
            buffer
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .send_in_order(index, results, job.id, outbox);
        }
    };
    thread::scope(|scope| (0..worker_count().min(chunks.len())).for_each(|_| drop(scope.spawn(work))));
    let buffer = buffer.into_inner().unwrap_or_else(PoisonError::into_inner);
    if indices.is_empty() {
        let results = SearchResults { id: job.id, hits: Vec::new(), searched };
        let _ = outbox.blocking_send(Event::SearchResults(results));
    }
    buffer.undecided
}

fn search_chunk(
    job: &SearchJob,
    chunk: &[u32],
    stop: &AtomicBool,
    count: impl Fn(&[u8]) -> Option<usize>,
) -> ChunkResults {
    let mut results = ChunkResults::default();
    for &index in chunk {
        let summary = job.summaries.get(index as usize).filter(|_| !stop.load(Ordering::Relaxed));
        let Some(summary) = summary else { continue };
        match count(summary.raw.bytes()) {
            Some(hits) => {
                results.searched += 1;
                results.hits.extend((hits > 0).then_some((index, u32::try_from(hits).unwrap_or(u32::MAX))));
            }
            None => results.undecided.push(index),
        }
    }
    results
}

impl ReorderBuffer {
    /// Adds the results of a chunk, and sends those of all chunks that are complete up to here.
    fn send_in_order(&mut self, index: usize, chunk: ChunkResults, id: SearchId, outbox: &Outbox<Event>) {
        self.pending.insert(index, chunk);
        let (mut hits, before) = (Vec::new(), self.searched);
        while let Some(chunk) = self.pending.remove(&self.next) {
            self.next += 1;
            self.searched += chunk.searched;
            self.undecided.extend(chunk.undecided);
            hits.extend(chunk.hits);
        }
        if self.searched > before {
            let results = SearchResults { id, hits, searched: self.searched };
            let _ = outbox.blocking_send(Event::SearchResults(results));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::domain::{MessageSummary, Raw};
    use crate::search::Query;

    /// Returns the results of a search in the texts of messages, in the order in which they are sent.
    fn results(query: &str, texts: &[&str], start: usize) -> Vec<SearchResults> {
        let mut summaries = MessageSummaries::default();
        let raw = |text| Raw::owned(serde_json::to_vec(text).unwrap());
        summaries.extend(texts.iter().map(|text| MessageSummary::unreadable(raw(text), 0, "text")));
        let finder = Finder::new(&Query::new(query)).unwrap();
        let job = SearchJob { id: SearchId(1), summaries, finder, start };
        let (outbox, mut inbox) = mpsc::channel(99);
        run(&job, &outbox, &AtomicBool::new(false));
        let results = |event| if let Event::SearchResults(results) = event { Some(results) } else { None };
        std::iter::from_fn(|| inbox.try_recv().ok()).filter_map(results).collect()
    }

    #[test]
    fn indices_wrap_around_and_cover_everything_once() {
        for (len, first) in [(0, 0), (1, 0), (1000, 700), (1000, 5000), (256, 0)] {
            let mut indices: Vec<u32> = chunks(&indices(len, first)).concat();
            let expected = if first < len { first } else { 0 };
            assert_eq!(indices.first().copied(), (len > 0).then_some(expected as u32));
            indices.sort_unstable();
            assert_eq!(indices, (0..len as u32).collect::<Vec<_>>());
        }
    }

    #[test]
    fn plain_hits_come_first_and_no_hit_is_final_only_after_all_is_searched() {
        let texts = [
            "no",
            "un**believ**able",
            "unbelievable, un**believ**able",
            "Unbelievable",
            "un\u{AD}believable",
        ];
        let sent = results("unbelievable", &texts, 3);
        let hits: Vec<_> = sent.iter().map(|results| results.hits.as_slice()).collect();
        assert_eq!(hits, [[(3, 1), (2, 2)], [(4, 1), (1, 1)]]);
        let searched: Vec<usize> = sent.iter().map(|results| results.searched).collect();
        assert_eq!(searched, [2, 5], "the search ends with the second pass");
    }

    #[test]
    fn every_search_ends() {
        for texts in [&[][..], &["plain"], &["other"], &["pl**ai**n"]] {
            assert_eq!(results("plain", texts, 0).last().map(|results| results.searched), Some(texts.len()));
        }
    }
}
