//! Summaries of an earlier version of a thread: a message with the same bytes is not read again.

use std::sync::{Arc, OnceLock};

use crate::domain::{MessageSummaries, MessageSummary, Raw};

/// The summaries of an earlier version.
#[derive(Clone, Debug, Default)]
pub struct KnownMessages {
    summaries: MessageSummaries,
    /// For each index in the body, the position in `summaries`; built on first use.
    positions: Arc<OnceLock<Vec<u32>>>,
}

/// The position of a missing message.
const NO_POSITION: u32 = u32::MAX;

impl KnownMessages {
    /// Takes summaries in any order.
    pub fn new(summaries: MessageSummaries) -> Self {
        Self { summaries, positions: Arc::default() }
    }

    /// Returns the summary of these bytes if the same bytes were at this index before.
    pub fn summary_for(&self, raw: &Raw, index: u32) -> Option<MessageSummary> {
        if self.summaries.is_empty() {
            return None;
        }
        let positions = self.positions.get_or_init(|| positions_by_index(&self.summaries));
        let position = positions.get(index as usize)?;
        let known = self.summaries.get(*position as usize)?;
        (known.read_error.is_none() && known.raw.bytes() == raw.bytes())
            .then(|| MessageSummary { raw: raw.clone(), ..known.clone() })
    }
}

fn positions_by_index(summaries: &MessageSummaries) -> Vec<u32> {
    let mut positions = vec![NO_POSITION; summaries.len()];
    for position in 0..summaries.len() {
        let index = summaries.get(position).map(|summary| summary.index as usize);
        if let Some(slot) = index.and_then(|index| positions.get_mut(index)) {
            *slot = u32::try_from(position).unwrap_or(NO_POSITION);
        }
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Raw {
        Raw::owned(text.as_bytes().to_vec())
    }

    /// Creates a summary that no provider would return for these bytes, to distinguish it from one that was read.
    fn known_summary(text: &str, index: u32) -> MessageSummary {
        MessageSummary { span_count: 77, ..MessageSummary::blank(raw(text), index) }
    }

    #[test]
    fn identical_bytes_at_the_same_index_are_known_in_any_list_order() {
        let mut summaries = MessageSummaries::default();
        summaries.extend([
            known_summary("b", 1),
            known_summary("a", 0),
            MessageSummary::unreadable(raw("c"), 2, "broken"),
        ]);
        let known = KnownMessages::new(summaries);
        assert_eq!(known.summary_for(&raw("a"), 0), Some(known_summary("a", 0)));
        assert_eq!(known.summary_for(&raw("b"), 1), Some(known_summary("b", 1)));
        for (text, index) in [("a", 1), ("changed", 0), ("c", 2), ("d", 3)] {
            assert_eq!(known.summary_for(&raw(text), index), None, "{text}");
        }
        assert_eq!(KnownMessages::default().summary_for(&raw("a"), 0), None);
    }
}
