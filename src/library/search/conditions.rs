//! The conditions of a query on messages, besides its words.

use super::LibraryQuery;
use super::hit::PLACES;
use crate::domain::Timestamp;
use crate::filter::{Measure, Quantity};
use crate::library::index::{MessageTexts, flags};

impl LibraryQuery {
    /// Returns whether the query has conditions besides words.
    pub fn has_conditions(&self) -> bool {
        self.is_negative
            || self.is_positive
            || self.is_failed
            || self.since.is_some()
            || self.before.is_some()
            || !self.measures.is_empty()
            || !self.regexes.is_empty()
    }

    /// Returns whether every regular expression matches one of the texts.
    pub fn matches_regexes(&self, texts: &MessageTexts) -> bool {
        let parts = || PLACES.into_iter().zip(texts.parts()).filter(|(place, _)| self.includes(*place));
        self.regexes.iter().all(|finder| parts().any(|(_, text)| !finder.text_hits(text, 1).is_empty()))
    }

    /// Returns whether the texts of messages must match a regular expression.
    pub fn has_regex(&self) -> bool {
        !self.regexes.is_empty()
    }

    /// Returns the conditions on duration, tokens and cost.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// Returns the flags that a message must have.
    pub fn required_flags(&self) -> i64 {
        let wanted = [
            (self.is_negative, flags::NEGATIVE),
            (self.is_positive, flags::POSITIVE),
            (self.is_failed, flags::FAILED),
        ];
        wanted.into_iter().filter(|(is_wanted, _)| *is_wanted).fold(0, |all, (_, flag)| all | flag)
    }

    /// Returns whether a message's own values meet the conditions. The numbers are its duration in milliseconds, tokens and
    /// cost.
    pub(super) fn accepts(
        &self,
        message_flags: i64,
        at: Option<Timestamp>,
        numbers: [Option<f64>; 3],
    ) -> bool {
        let [duration, tokens, cost] = numbers;
        let number_of = |quantity| match quantity {
            Quantity::Duration => duration,
            Quantity::Tokens => tokens,
            Quantity::Cost => cost,
        };
        let is_in_time = self.since.is_none_or(|since| at.is_some_and(|at| at >= since))
            && self.before.is_none_or(|before| at.is_some_and(|at| at < before));
        is_in_time
            && self.measures.iter().all(|measure| measure.matches(number_of(measure.quantity)))
            && message_flags & self.required_flags() == self.required_flags()
    }
}
