//! Token counts and costs.

/// Tokens and cost of a model call; unknown numbers are `None`. A parent's numbers already include those of its children,
/// so never add the two.
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
    /// Returns the reported total, else the sum of input and output.
    pub fn total(&self) -> Option<i64> {
        self.total_tokens.or(match (self.input_tokens, self.output_tokens) {
            (None, None) => None,
            (input, output) => Some(input.unwrap_or(0).saturating_add(output.unwrap_or(0))),
        })
    }

    /// Adds another usage, each kind of number by itself. Negative numbers and non-finite costs are ignored.
    pub fn add(&mut self, more: &Self) {
        add_tokens(&mut self.input_tokens, more.input_tokens);
        add_tokens(&mut self.output_tokens, more.output_tokens);
        add_tokens(&mut self.cached_tokens, more.cached_tokens);
        add_tokens(&mut self.reasoning_tokens, more.reasoning_tokens);
        add_tokens(&mut self.total_tokens, more.total());
        let cost = more.cost_usd.filter(|usd| usd.is_finite() && *usd >= 0.0);
        self.cost_usd = cost.map(|cost| cost + self.cost_usd.unwrap_or(0.0)).or(self.cost_usd);
    }

    /// Returns whether no number is larger than that of `whole`; unknown numbers are 0.
    pub fn is_within(&self, whole: &Self) -> bool {
        let is_within = |part: Option<i64>, whole: Option<i64>| part.unwrap_or(0) <= whole.unwrap_or(0);
        is_within(self.input_tokens, whole.input_tokens)
            && is_within(self.output_tokens, whole.output_tokens)
            && is_within(self.cached_tokens, whole.cached_tokens)
            && is_within(self.reasoning_tokens, whole.reasoning_tokens)
            && is_within(self.total(), whole.total())
            && self.cost_usd.unwrap_or(0.0) <= whole.cost_usd.unwrap_or(0.0)
    }

    /// Subtracts a part of this usage; numbers that become 0 are unknown.
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        let rest = |whole: Option<i64>, part: Option<i64>| match part {
            None => whole,
            Some(part) => whole.map(|whole| whole.saturating_sub(part)).filter(|rest| *rest > 0),
        };
        let rest = Self {
            input_tokens: rest(self.input_tokens, part.input_tokens),
            output_tokens: rest(self.output_tokens, part.output_tokens),
            cached_tokens: rest(self.cached_tokens, part.cached_tokens),
            reasoning_tokens: rest(self.reasoning_tokens, part.reasoning_tokens),
            total_tokens: rest(self.total(), part.total()),
            cost_usd: match part.cost_usd {
                None => self.cost_usd,
                Some(part) => self.cost_usd.map(|whole| whole - part).filter(|rest| *rest > 0.0),
            },
        };
        // Without a total, the sum of input and output would be taken for it.
        let needs_total = rest.total_tokens.is_none() && rest.total().is_some();
        Self { total_tokens: if needs_total { Some(0) } else { rest.total_tokens }, ..rest }
    }

    /// Returns whether no number is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn add_tokens(sum: &mut Option<i64>, more: Option<i64>) {
    let more = more.filter(|count| *count >= 0);
    *sum = more.map(|more| more.saturating_add(sum.unwrap_or(0))).or(*sum);
}
