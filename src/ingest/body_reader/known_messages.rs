//! What is known already when a thread comes again: a message whose bytes are the same need not be read again.

use std::sync::{Arc, OnceLock};

use crate::domain::{MessageSummaries, MessageSummary, Raw};

/// The heads of an earlier copy.
#[derive(Clone, Debug, Default)]
pub struct KnownMessages {
    summaries: MessageSummaries,
    /// Where in `heads` the message at each place of the body is; found out when it is first asked for.
    positions: Arc<OnceLock<Vec<u32>>>,
}

/// No message is there.
const NO_POSITION: u32 = u32::MAX;

impl KnownMessages {
    /// These heads, in whatever order.
    pub fn new(heads: MessageSummaries) -> Self {
        Self { summaries: heads, positions: Arc::default() }
    }

    /// The head for these bytes at this place of the body, if the same bytes were there before.
    pub fn summary_for(&self, raw: &Raw, index: u32) -> Option<MessageSummary> {
        if self.summaries.is_empty() {
            return None;
        }
        let positions = self.positions.get_or_init(|| positions_by_index(&self.summaries));
        let position = positions.get(index as usize)?;
        let old = self.summaries.get(*position as usize)?;
        (old.read_error.is_none() && old.raw.bytes() == raw.bytes())
            .then(|| MessageSummary { raw: raw.clone(), ..old.clone() })
    }
}

fn positions_by_index(heads: &MessageSummaries) -> Vec<u32> {
    let mut positions = vec![NO_POSITION; heads.len()];
    for position in 0..heads.len() {
        let index = heads.get(position).map(|head| head.index as usize);
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

    /// A head that no reader would make of these bytes, so that it can be told from one that was read.
    fn known_summary(text: &str, index: u32) -> MessageSummary {
        MessageSummary { span_count: 77, ..MessageSummary::blank(raw(text), index) }
    }

    #[test]
    fn identical_bytes_at_the_same_index_are_known_in_any_list_order() {
        let mut heads = MessageSummaries::default();
        heads.extend([
            known_summary("b", 1),
            known_summary("a", 0),
            MessageSummary::unreadable(raw("c"), 2, "broken"),
        ]);
        let known = KnownMessages::new(heads);
        assert_eq!(known.summary_for(&raw("a"), 0), Some(known_summary("a", 0)));
        assert_eq!(known.summary_for(&raw("b"), 1), Some(known_summary("b", 1)));
        for (text, index) in [("a", 1), ("changed", 0), ("c", 2), ("d", 3)] {
            assert_eq!(known.summary_for(&raw(text), index), None, "{text}");
        }
        assert_eq!(KnownMessages::default().summary_for(&raw("a"), 0), None);
    }
}
