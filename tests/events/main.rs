//! Random events of every kind, with frames of every size between them: nothing panics, the selection stays in the list,
//! and no cell contains control characters.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part fails the test"
)]

mod run;
#[cfg(debug_assertions)]
mod steps;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_breaks_the_app(data in prop::collection::vec(any::<u8>(), 0..192)) {
        run::play(&data);
    }
}
