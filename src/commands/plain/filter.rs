//! The filter of messages in the plain mode.

use std::sync::Arc;

use super::{PlainSession, print_sanitized};
use crate::filter::Filter;
use crate::layout::Direction;
use crate::text::{number, to_sentence};

impl PlainSession<'_> {
    /// Sets the filter of the messages to step through. An empty expression removes it.
    pub(super) fn set_filter(&mut self, expression: &str) {
        if expression.is_empty() {
            self.filter = None;
            return print_sanitized("Showing all messages.");
        }
        let filter = match Filter::new(expression) {
            Ok(filter) => filter,
            Err(error) => return print_sanitized(&to_sentence(&error.to_string())),
        };
        let (Some(loaded), Some(provider)) = (&self.thread, self.provider()) else {
            return print_sanitized("No thread is open.");
        };
        let filter = filter.with_notes(Arc::clone(&loaded.notes));
        let count = loaded.summaries.iter().filter(|summary| filter.matches(summary, provider)).count();
        let all = number::pluralize(loaded.summaries.len(), "message");
        print_sanitized(&format!("{count} of {all} match."));
        if count == 0 {
            return;
        }
        let is_here = self.summary(self.position).is_some_and(|summary| filter.matches(summary, provider));
        self.filter = Some(filter);
        if is_here {
            return self.print_message();
        }
        let direction = match self.find_from(Direction::Forward, |_| true) {
            Some(_) => Direction::Forward,
            None => Direction::Backward,
        };
        self.step(direction);
    }
}
