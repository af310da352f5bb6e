//! Searching on both cores: chunks of messages are taken in turn from the selected one on, and what they hold is told in
//! that order, so that the nearest hits come first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tokio::sync::mpsc::Sender as Outbox;

use crate::domain::{Head, Heads};
use crate::effect::SearchId;
use crate::event::{Event, Findings};
use crate::search::Finder;

/// Threads that search.
const SEARCHERS: usize = 2;

/// Messages that are searched as one piece.
const PIECE: usize = 256;

/// Hits counted in one message; more are shown as this many.
const MOST: usize = 9999;

/// What is told next, and what waits for it.
#[derive(Default)]
struct Turns {
    next: usize,
    waiting: BTreeMap<usize, Found>,
    searched: usize,
}

/// The hits of one piece.
struct Found {
    hits: Vec<(u32, u32)>,
    len: usize,
}

/// What is searched for, and where.
#[derive(Debug)]
pub struct Hunt {
    pub id: SearchId,
    pub heads: Heads,
    pub finder: Finder,
    /// The message to begin with; the search goes around the end.
    pub from: usize,
}

/// Searches all messages.
pub fn run(hunt: &Hunt, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let Hunt { id, heads, finder, from } = hunt;
    let (id, from) = (*id, *from);
    let len = heads.len();
    let pieces = pieces(len, from);
    if pieces.is_empty() {
        let _ = outbox.blocking_send(Event::Found(Findings { id, hits: Vec::new(), searched: 0 }));
        return;
    }
    let next = AtomicUsize::new(0);
    let turns = Mutex::new(Turns::default());
    thread::scope(|scope| {
        for _ in 0..SEARCHERS {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&(start, end)) = pieces.get(turn) else { return };
                    let hits = hits_of(heads, finder, start..end, stop);
                    tell(&turns, turn, Found { hits, len: end - start }, id, outbox);
                }
            });
        }
    });
}

/// Runs of places: from the selected one to the end, then from the start.
fn pieces(len: usize, from: usize) -> Vec<(usize, usize)> {
    let from = from.min(len);
    let cut =
        |start: usize, end: usize| (start..end).step_by(PIECE).map(move |at| (at, (at + PIECE).min(end)));
    cut(from, len).chain(cut(0, from)).collect()
}

fn hits_of(
    heads: &Heads,
    finder: &Finder,
    places: std::ops::Range<usize>,
    stop: &AtomicBool,
) -> Vec<(u32, u32)> {
    let count = |place: usize| {
        let head: &Head = heads.get(place).filter(|_| !stop.load(Ordering::Relaxed))?;
        let hits = finder.count(head.raw.bytes(), MOST);
        (hits > 0).then_some((u32::try_from(place).ok()?, u32::try_from(hits).unwrap_or(u32::MAX)))
    };
    places.filter_map(count).collect()
}

fn tell(turns: &Mutex<Turns>, turn: usize, found: Found, id: SearchId, outbox: &Outbox<Event>) {
    let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
    turns.waiting.insert(turn, found);
    let mut hits = Vec::new();
    loop {
        let next = turns.next;
        let Some(found) = turns.waiting.remove(&next) else { break };
        turns.next += 1;
        turns.searched += found.len;
        hits.extend(found.hits);
    }
    let searched = turns.searched;
    let _ = outbox.blocking_send(Event::Found(Findings { id, hits, searched }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_go_around_the_end_and_cover_everything_once() {
        for (len, from) in [(0, 0), (1, 0), (1000, 700), (1000, 5000), (256, 0)] {
            let mut seen: Vec<usize> =
                pieces(len, from).into_iter().flat_map(|(start, end)| start..end).collect();
            assert_eq!(
                seen.first().copied(),
                (len > 0).then_some(from % len.max(1)).filter(|_| from < len).or((len > 0).then_some(0))
            );
            seen.sort_unstable();
            assert_eq!(seen, (0..len).collect::<Vec<_>>());
        }
    }
}
