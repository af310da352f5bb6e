//! The steps with the most self time.

use std::cmp::Reverse;

use crate::event::SlowStep;

/// The number of steps to keep.
const MAX_STEPS: usize = 10;

/// The steps with the most self time so far, in descending order; equal ones in the order of the thread.
#[derive(Debug, Default)]
pub struct TopSteps {
    steps: Vec<SlowStep>,
}

impl TopSteps {
    /// Adds a step with this self time, unless enough others took longer.
    pub fn add(&mut self, micros: i64, step: impl FnOnce() -> SlowStep) {
        let is_full = self.steps.len() >= MAX_STEPS;
        if micros <= 0 || is_full && self.steps.last().is_some_and(|last| last.example.micros > micros) {
            return;
        }
        let step = step();
        let rank = |step: &SlowStep| (Reverse(step.example.micros), step.example.turn, step.example.span);
        let at = self.steps.partition_point(|other| rank(other) <= rank(&step));
        self.steps.insert(at, step);
        self.steps.truncate(MAX_STEPS);
    }

    /// Adds the steps of another part of the thread.
    pub fn merge(&mut self, other: Self) {
        for step in other.steps {
            self.add(step.example.micros, || step);
        }
    }

    pub fn into_steps(self) -> Vec<SlowStep> {
        self.steps
    }
}
