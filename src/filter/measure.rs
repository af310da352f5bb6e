//! Conditions on the numbers of a message, for searches: `duration>5s tokens>2k cost>0.01`.

use super::parse::FilterError;
use super::term::Comparison;
use super::vocabulary::{parse_comparison, parse_count, parse_millis, parse_number};

/// A number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The duration in milliseconds.
    Duration,
    Tokens,
    /// The cost in US dollars.
    Cost,
}

/// A condition on a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    pub quantity: Quantity,
    comparison: Comparison,
    limit: f64,
}

impl Measure {
    /// Parses a condition; `None` if the text is not one.
    ///
    /// # Errors
    /// The value is not a number.
    pub fn parse(text: &str) -> Option<Result<Self, FilterError>> {
        let lower = text.to_lowercase();
        let names =
            [("duration", Quantity::Duration), ("tokens", Quantity::Tokens), ("cost", Quantity::Cost)];
        let (name, quantity, rest) = names
            .into_iter()
            .find_map(|(name, quantity)| Some((name, quantity, lower.strip_prefix(name)?)))?;
        let value = rest.trim_start_matches([':', '<', '>', '=']);
        let operator = rest.strip_suffix(value).unwrap_or_default();
        let comparison = parse_comparison(operator).filter(|_| !operator.is_empty())?;
        let limit = match quantity {
            Quantity::Duration => parse_millis(value).map(|ms| ms as f64),
            Quantity::Tokens => parse_count(value).map(|count| count as f64),
            Quantity::Cost => parse_number(value.trim_start_matches('$')),
        };
        let example = match quantity {
            Quantity::Duration => "duration>5s or duration<200ms",
            Quantity::Tokens => "tokens>2000 or tokens>2k",
            Quantity::Cost => "cost>0.01",
        };
        let measure = limit.map(|limit| Self { quantity, comparison, limit });
        Some(measure.ok_or(FilterError::NotANumber { name, example }))
    }

    /// Returns the operator in SQL.
    pub fn operator(self) -> &'static str {
        self.comparison.operator()
    }

    /// Returns the number to compare with; it is finite.
    pub fn limit(self) -> f64 {
        self.limit
    }

    /// Returns whether a number matches; an unknown one does not.
    pub fn matches(self, number: Option<f64>) -> bool {
        number.is_some_and(|number| self.comparison.matches(number, self.limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, number: f64) -> bool {
        Measure::parse(text).unwrap().unwrap().matches(Some(number))
    }

    #[test]
    fn conditions_have_units_and_operators() {
        assert!(matches("duration>5s", 5001.0) && !matches("duration>5s", 5000.0));
        assert!(matches("duration<=200ms", 200.0) && matches("Duration:3", 3000.0));
        assert!(matches("tokens>2k", 2001.0) && !matches("tokens<100", 100.0));
        assert!(matches("cost>=$0.01", 0.01) && matches("cost<1", 0.5));
        assert!(!Measure::parse("cost>0").unwrap().unwrap().matches(None));
        for error in ["cost>much", "tokens>", "duration>5x"] {
            assert!(Measure::parse(error).unwrap().is_err(), "{error}");
        }
        for text in ["costs", "cost", "tokens-per-second", "refund>5", "duration"] {
            assert!(Measure::parse(text).is_none(), "{text}");
        }
    }
}
