//! Counts steps of work, so that tests can limit one update or one frame without a clock. Only builds with debug assertions
//! count.

/// Adds steps: about one for each byte that is read.
#[inline]
pub fn count_steps(count: usize) {
    #[cfg(debug_assertions)]
    counter::add(count);
    #[cfg(not(debug_assertions))]
    let _ = count;
}

#[cfg(debug_assertions)]
pub use counter::take_steps;

#[cfg(debug_assertions)]
mod counter {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(count: usize) {
        STEPS.with(|steps| steps.set(steps.get().saturating_add(count)));
    }

    /// Returns the steps of this operating-system thread since the last call.
    pub fn take_steps() -> usize {
        STEPS.with(Cell::take)
    }
}
