//! What is known already when a thread comes again: a message whose bytes are the same need not be read again.

use std::sync::{Arc, OnceLock};

use crate::domain::{Head, Heads, Raw};

/// The heads of an earlier copy.
#[derive(Clone, Debug, Default)]
pub struct Known {
    heads: Heads,
    /// Where in `heads` the message at each place of the body is; found out when it is first asked for.
    positions: Arc<OnceLock<Vec<u32>>>,
}

/// No message is there.
const NOWHERE: u32 = u32::MAX;

impl Known {
    /// These heads, in whatever order.
    pub fn new(heads: Heads) -> Self {
        Self { heads, positions: Arc::default() }
    }

    /// The head for these bytes at this place of the body, if the same bytes were there before.
    pub fn head(&self, raw: &Raw, index: u32) -> Option<Head> {
        if self.heads.is_empty() {
            return None;
        }
        let positions = self.positions.get_or_init(|| positions(&self.heads));
        let position = positions.get(index as usize)?;
        let old = self.heads.get(*position as usize)?;
        (old.fault.is_none() && old.raw.bytes() == raw.bytes())
            .then(|| Head { raw: raw.clone(), ..old.clone() })
    }
}

fn positions(heads: &Heads) -> Vec<u32> {
    let mut positions = vec![NOWHERE; heads.len()];
    for position in 0..heads.len() {
        let index = heads.get(position).map(|head| head.index as usize);
        if let Some(slot) = index.and_then(|index| positions.get_mut(index)) {
            *slot = u32::try_from(position).unwrap_or(NOWHERE);
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
    fn head(text: &str, index: u32) -> Head {
        Head { spans: 77, ..Head::blank(raw(text), index) }
    }

    #[test]
    fn the_same_bytes_at_the_same_place_are_known_in_whatever_order_the_list_is() {
        let mut heads = Heads::default();
        heads.extend([head("b", 1), head("a", 0), Head::unreadable(raw("c"), 2, "broken")]);
        let known = Known::new(heads);
        assert_eq!(known.head(&raw("a"), 0), Some(head("a", 0)));
        assert_eq!(known.head(&raw("b"), 1), Some(head("b", 1)));
        for (text, index) in [("a", 1), ("changed", 0), ("c", 2), ("d", 3)] {
            assert_eq!(known.head(&raw(text), index), None, "{text}");
        }
        assert_eq!(Known::default().head(&raw("a"), 0), None);
    }
}
