//! All heads of a thread, in chunks that tasks can share: a clone costs a pointer per thousand messages.

use std::sync::Arc;

use super::Head;

/// How many heads a chunk holds.
const CHUNK: usize = 1024;

/// The list of heads. Appending never copies more than one chunk, even while a task reads a clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heads {
    chunks: Vec<Arc<Vec<Head>>>,
    len: usize,
}

impl Heads {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The head at this place.
    pub fn get(&self, index: usize) -> Option<&Head> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    /// Appends heads in their order.
    pub fn extend(&mut self, heads: impl IntoIterator<Item = Head>) {
        for head in heads {
            let full = self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK);
            if full {
                self.chunks.push(Arc::new(Vec::with_capacity(CHUNK.min(self.len.max(16)))));
            }
            if let Some(last) = self.chunks.last_mut() {
                Arc::make_mut(last).push(head);
                self.len += 1;
            }
        }
    }

    /// From the first to the last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Head> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The chunks, for tasks that share the work; all but the last are of equal size.
    pub fn chunks(&self) -> &[Arc<Vec<Head>>] {
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
        let heads: Vec<Head> = order.into_iter().filter_map(|index| self.get(index).cloned()).collect();
        *self = heads.into_iter().collect();
        true
    }
}

impl FromIterator<Head> for Heads {
    fn from_iter<I: IntoIterator<Item = Head>>(heads: I) -> Self {
        let mut all = Self::default();
        all.extend(heads);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Raw, Stamp};

    fn head(index: u32, time: Option<i64>) -> Head {
        Head { time: time.map(Stamp), ..Head::blank(Raw::default(), index) }
    }

    #[test]
    fn sorting_keeps_heads_without_a_time_behind_their_predecessor() {
        let mut heads: Heads =
            [head(0, Some(9)), head(1, None), head(2, Some(3)), head(3, None)].into_iter().collect();
        assert!(heads.sort_by_time());
        assert_eq!(heads.iter().map(|head| head.index).collect::<Vec<_>>(), [2, 3, 0, 1]);
        assert!(!heads.sort_by_time());
    }

    #[test]
    fn a_clone_is_not_changed_by_appending() {
        let mut heads: Heads = (0..3000).map(|index| head(index, None)).collect();
        let before = heads.clone();
        heads.extend([head(3000, None)]);
        assert_eq!((before.len(), heads.len()), (3000, 3001));
        assert_eq!(heads.get(3000).map(|head| head.index), Some(3000));
        assert_eq!(heads.iter().next_back().map(|head| head.index), Some(3000));
    }
}
