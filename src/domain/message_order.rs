//! Orders of a thread's messages other than that of the thread. A question and its replies stay together: they sort as
//! one, by the sum of their values.

use std::cmp::Ordering;
use std::ops::Range;

/// The value to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// The order of the thread.
    Time,
    Duration,
    Tokens,
    Cost,
}

/// A value to sort by, and the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortOrder {
    pub key: SortKey,
    pub is_descending: bool,
}

/// The messages of a thread in another order, as thread indices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SortedMessages {
    /// The value of each message, by thread index; a question has the value of its group in `groups`.
    values: Vec<Option<f64>>,
    /// The first message of each group, and the value of the group; empty without groups.
    groups: Vec<(u32, Option<f64>)>,
    /// The messages in order, without groups.
    pub single: Vec<u32>,
    /// The groups in order, their messages in the order of the thread; empty without groups.
    grouped: Vec<u32>,
    /// The largest value in the list.
    pub largest: f64,
}

impl SortedMessages {
    /// Sorts messages by their values; messages without a value come last. `group_value` computes the value of a group from
    /// the indices of its messages.
    pub fn new(
        values: Vec<Option<f64>>,
        questions: &[u32],
        is_descending: bool,
        group_value: impl Fn(&[Option<f64>], Range<usize>) -> Option<f64>,
    ) -> Self {
        let len = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let mut single: Vec<u32> = (0..len).collect();
        let value_at = |index: u32| values.get(index as usize).copied().flatten();
        single.sort_by(|a, b| compare(value_at(*a), value_at(*b), is_descending));
        let groups: Vec<(Range<u32>, Option<f64>)> = group_ranges(questions, len)
            .map(|range| {
                let value = group_value(&values, range.start as usize..range.end as usize);
                (range, value)
            })
            .collect();
        let mut ordered: Vec<&(Range<u32>, Option<f64>)> = groups.iter().collect();
        ordered.sort_by(|(_, a), (_, b)| compare(*a, *b, is_descending));
        let grouped = ordered.iter().flat_map(|(range, _)| range.clone()).collect();
        let groups: Vec<_> = groups.into_iter().map(|(range, value)| (range.start, value)).collect();
        let all = groups.iter().map(|(_, value)| value).chain(&values);
        let largest = all.flatten().copied().fold(0.0, f64::max);
        Self { values, groups, single, grouped, largest }
    }

    /// Returns whether no message has a value.
    pub fn is_empty(&self) -> bool {
        self.groups.iter().map(|(_, value)| value).chain(&self.values).all(Option::is_none)
    }

    /// Returns the order of a list with questions and their replies.
    pub fn grouped(&self) -> &[u32] {
        if self.groups.is_empty() { &self.single } else { &self.grouped }
    }

    /// Returns the value of a message; of its whole group if it is a question and the list is grouped.
    pub fn value(&self, index: u32, is_grouped: bool) -> Option<f64> {
        let group = self.groups.binary_search_by_key(&index, |(first, _)| *first).ok();
        match group.filter(|_| is_grouped).and_then(|group| self.groups.get(group)) {
            Some((_, value)) => *value,
            None => self.values.get(index as usize).copied().flatten(),
        }
    }
}

/// Returns the questions with their replies, and the messages before the first question; no ranges without questions.
fn group_ranges(questions: &[u32], len: u32) -> impl Iterator<Item = Range<u32>> + '_ {
    let first = questions.first().copied().unwrap_or(0);
    let before = (first > 0).then_some(0..first);
    let ends = questions.iter().skip(1).copied().chain([len]);
    before.into_iter().chain(questions.iter().copied().zip(ends).map(|(start, end)| start..end))
}

fn compare(a: Option<f64>, b: Option<f64>, is_descending: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if is_descending => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(values: &[Option<f64>], range: Range<usize>) -> Option<f64> {
        values[range].iter().flatten().copied().reduce(|a, b| a + b)
    }

    #[test]
    fn messages_sort_stably_and_those_without_a_value_are_last() {
        let values = vec![Some(2.0), None, Some(5.0), Some(2.0)];
        let sorted = SortedMessages::new(values.clone(), &[], true, sum);
        assert_eq!((sorted.grouped(), sorted.largest), (&[2, 0, 3, 1][..], 5.0));
        assert_eq!(SortedMessages::new(values, &[], false, sum).grouped(), [0, 3, 2, 1]);
        assert!(SortedMessages::new(vec![None], &[0], false, sum).is_empty());
    }

    #[test]
    fn questions_and_their_replies_sort_as_one() {
        let values = vec![None, None, Some(1.0), None, Some(9.0), None];
        let sorted = SortedMessages::new(values, &[1, 3, 5], true, sum);
        assert_eq!(sorted.grouped(), [3, 4, 1, 2, 0, 5]);
        assert_eq!((sorted.value(3, true), sorted.value(3, false)), (Some(9.0), None));
        assert_eq!(sorted.single[..2], [4, 2]);
    }

    proptest! {
        #[test]
        fn every_message_is_in_each_order_once(
            values in proptest::collection::vec(proptest::option::of(0.0f64..9.0), 0..40),
            questions in proptest::collection::btree_set(0u32..40, 0..6),
            is_descending: bool,
        ) {
            let all: Vec<u32> = (0..values.len() as u32).collect();
            let questions: Vec<u32> = questions.into_iter().filter(|at| *at < all.len() as u32).collect();
            let sorted = SortedMessages::new(values, &questions, is_descending, sum);
            for order in [sorted.grouped(), &sorted.single] {
                let mut order = order.to_vec();
                order.sort_unstable();
                prop_assert_eq!(&order, &all);
            }
        }
    }
}
