//! All message summaries of a thread, in chunks that tasks can share: a clone costs one pointer per 1024 messages.

use std::sync::Arc;

use super::MessageSummary;

/// Summaries per chunk.
const CHUNK_LEN: usize = 1024;

/// The list of summaries. Appending never copies more than one chunk, even while a task reads a clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageSummaries {
    chunks: Vec<Arc<Vec<MessageSummary>>>,
    len: usize,
}

impl MessageSummaries {
    /// Returns the number of summaries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the summary at this index.
    pub fn get(&self, index: usize) -> Option<&MessageSummary> {
        self.chunks.get(index / CHUNK_LEN)?.get(index % CHUNK_LEN)
    }

    /// Appends summaries in order.
    pub fn extend(&mut self, summaries: impl IntoIterator<Item = MessageSummary>) {
        for summary in summaries {
            let is_full = self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK_LEN);
            if is_full {
                self.chunks.push(Arc::new(Vec::with_capacity(CHUNK_LEN.min(self.len.max(16)))));
            }
            if let Some(last) = self.chunks.last_mut() {
                Arc::make_mut(last).push(summary);
                self.len += 1;
            }
        }
    }

    /// Iterates from first to last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &MessageSummary> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// Returns the chunks, for tasks that split the work; all but the last are of equal size.
    pub fn chunks(&self) -> &[Arc<Vec<MessageSummary>>] {
        &self.chunks
    }

    /// Sorts by time; summaries without a time stay after their predecessor. Stable, and a no-op on a sorted list. Returns
    /// whether anything moved.
    pub fn sort_by_time(&mut self) -> bool {
        let mut latest = None;
        let mut keys = Vec::with_capacity(self.len);
        let mut is_sorted = true;
        for summary in self.iter() {
            let key = summary.time.or(latest);
            is_sorted &= key >= latest;
            latest = key;
            keys.push(key);
        }
        if is_sorted {
            return false;
        }
        let mut order: Vec<usize> = (0..self.len).collect();
        order.sort_by_key(|index| keys.get(*index).copied().flatten());
        *self = order.into_iter().filter_map(|index| self.get(index).cloned()).collect();
        true
    }
}

impl FromIterator<MessageSummary> for MessageSummaries {
    fn from_iter<I: IntoIterator<Item = MessageSummary>>(summaries: I) -> Self {
        let mut list = Self::default();
        list.extend(summaries);
        list
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
    fn sorting_keeps_untimed_summaries_after_their_predecessor() {
        let mut summaries: MessageSummaries =
            [summary(0, Some(9)), summary(1, None), summary(2, Some(3)), summary(3, None)]
                .into_iter()
                .collect();
        assert!(summaries.sort_by_time());
        assert_eq!(summaries.iter().map(|summary| summary.index).collect::<Vec<_>>(), [2, 3, 0, 1]);
        assert!(!summaries.sort_by_time());
    }

    #[test]
    fn appending_does_not_change_a_clone() {
        let mut summaries: MessageSummaries = (0..3000).map(|index| summary(index, None)).collect();
        let before = summaries.clone();
        summaries.extend([summary(3000, None)]);
        assert_eq!((before.len(), summaries.len()), (3000, 3001));
        assert_eq!(summaries.get(3000).map(|summary| summary.index), Some(3000));
        assert_eq!(summaries.iter().next_back().map(|summary| summary.index), Some(3000));
    }
}
