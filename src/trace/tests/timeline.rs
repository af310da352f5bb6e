//! Tests of buckets of turns.

use proptest::prelude::*;

use crate::trace::{Timeline, TurnSample};

/// `count` turns of 1, 2, 3 … seconds, of which every `failing`-th one failed.
fn samples(count: u32, failing: u32) -> Vec<TurnSample> {
    (0..count)
        .map(|at| TurnSample {
            first: at,
            end: at + 1,
            failed_at: at.is_multiple_of(failing).then_some(at),
            micros: Some(i64::from(at + 1) * 1_000_000),
            tokens: Some(10),
            ..TurnSample::default()
        })
        .collect()
}

#[test]
fn a_bucket_has_the_share_of_failures_and_percentiles() {
    let timeline = Timeline::new(&samples(5000, 41));
    let buckets = timeline.buckets(130);
    assert_eq!(buckets.len(), 128);
    assert!(buckets.iter().all(|bucket| bucket.failed_share() < 0.06), "122 of 5,000 are few everywhere");
    assert_eq!(buckets.iter().map(|bucket| bucket.failed).sum::<u32>(), 122);
    let first = &buckets[0];
    assert_eq!((first.turns, first.first_turn, first.failed_at, first.slowest), (39, 1, Some(0), 38));
    assert_eq!((first.p50, first.p95, first.max), (Some(20_000_000), Some(38_000_000), Some(39_000_000)));
    assert_eq!((timeline.whole.turns, timeline.whole.tokens), (5000, Some(50_000)));
}

#[test]
fn a_short_thread_has_a_bucket_for_each_turn() {
    let timeline = Timeline::new(&samples(12, 5));
    assert_eq!(timeline.buckets(100).len(), 12);
    assert_eq!(timeline.buckets(11).len(), 8);
    assert_eq!(timeline.buckets(1).len(), 8, "the fewest there are");
    assert!(Timeline::new(&[]).buckets(100).is_empty());
}

proptest! {
    #[test]
    fn every_turn_is_in_one_bucket(count in 0u32..3000, columns in 0usize..400) {
        let timeline = Timeline::new(&samples(count, 7));
        let buckets = timeline.buckets(columns);
        prop_assert!(buckets.len() <= columns.max(8));
        prop_assert_eq!(buckets.iter().map(|bucket| bucket.turns).sum::<u32>(), count);
        let mut next = 0;
        for bucket in buckets {
            prop_assert_eq!((bucket.first, bucket.first_turn), (next, next + 1));
            prop_assert!(bucket.turns > 0 && bucket.contains(bucket.slowest));
            next = bucket.end;
        }
        prop_assert_eq!(next, count);
    }
}
