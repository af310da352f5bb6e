//! Token counts and costs.

/// Tokens and cost of a model call; unknown numbers are `None`. A parent's numbers already include its children's:
/// never add the two.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cached_tokens: Option<i64>,
    pub reasoning_tokens: Option<i64>,
    pub total_tokens: Option<i64>,
    pub cost_usd: Option<f64>,
}

impl Usage {
    /// The reported total, else the sum of input and output.
    pub fn total(&self) -> Option<i64> {
        self.total_tokens.or(match (self.input_tokens, self.output_tokens) {
            (None, None) => None,
            (input, output) => Some(input.unwrap_or(0).saturating_add(output.unwrap_or(0))),
        })
    }

    /// Whether no number is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
