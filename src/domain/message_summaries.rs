//! All heads of a thread, in chunks that tasks can share: a clone costs a pointer per thousand messages.

use std::sync::Arc;

use super::MessageSummary;

/// How many heads a chunk holds.
const CHUNK_LEN: usize = 1024;

/// The list of heads. Appending never copies more than one chunk, even while a task reads a clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageSummaries {
    chunks: Vec<Arc<Vec<MessageSummary>>>,
    len: usize,
}

impl MessageSummaries {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The head at this place.
    pub fn get(&self, index: usize) -> Option<&MessageSummary> {
        self.chunks.get(index / CHUNK_LEN)?.get(index % CHUNK_LEN)
    }

    /// Appends heads in their order.
    pub fn extend(&mut self, heads: impl IntoIterator<Item = MessageSummary>) {
        for head in heads {
            let full = self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK_LEN);
            if full {
                self.chunks.push(Arc::new(Vec::with_capacity(CHUNK_LEN.min(self.len.max(16)))));
            }
            if let Some(last) = self.chunks.last_mut() {
                Arc::make_mut(last).push(head);
                self.len += 1;
            }
        }
    }

    /// From the first to the last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &MessageSummary> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The chunks, for tasks that share the work; all but the last are of equal size.
    pub fn chunks(&self) -> &[Arc<Vec<MessageSummary>>] {
        &self.chunks
    }

    /// Puts the heads in the order of their times; those without one stay behind their predecessor. Stable, and
    /// nothing moves if the order was right. Returns whether anything moved.
    pub fn sort_by_time(&mut self) -> bool {
        let mut latest = None;
        let mut keys = Vec::with_capacity(self.len);
        let mut sorted = true;
        for head in self.iter() {
            let key = head.time.or(latest);
            sorted &= key >= latest;
            latest = key;
            keys.push(key);
        }
        if sorted {
            return false;
        }
        let mut order: Vec<usize> = (0..self.len).collect();
        order.sort_by_key(|index| keys.get(*index).copied().flatten());
        let heads: Vec<MessageSummary> =
            order.into_iter().filter_map(|index| self.get(index).cloned()).collect();
        *self = heads.into_iter().collect();
        true
    }
}

impl FromIterator<MessageSummary> for MessageSummaries {
    fn from_iter<I: IntoIterator<Item = MessageSummary>>(heads: I) -> Self {
        let mut all = Self::default();
        all.extend(heads);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Raw, Timestamp};

    fn summary(index: u32, time: Option<i64>) -> MessageSummary {
        MessageSummary { time: time.map(Timestamp), ..MessageSummary::blank(Raw::default(), index) }
    }

    #[test]
    fn sorting_keeps_untimed_summaries_behind_their_predecessor() {
        let mut heads: MessageSummaries =
            [summary(0, Some(9)), summary(1, None), summary(2, Some(3)), summary(3, None)]
                .into_iter()
                .collect();
        assert!(heads.sort_by_time());
        assert_eq!(heads.iter().map(|head| head.index).collect::<Vec<_>>(), [2, 3, 0, 1]);
        assert!(!heads.sort_by_time());
    }

    #[test]
    fn appending_does_not_change_a_clone() {
        let mut heads: MessageSummaries = (0..3000).map(|index| summary(index, None)).collect();
        let before = heads.clone();
        heads.extend([summary(3000, None)]);
        assert_eq!((before.len(), heads.len()), (3000, 3001));
        assert_eq!(heads.get(3000).map(|head| head.index), Some(3000));
        assert_eq!(heads.iter().next_back().map(|head| head.index), Some(3000));
    }
}
