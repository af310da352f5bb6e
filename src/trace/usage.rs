//! Token counts and costs over a tree, in which a parent's numbers already include its children's.

use super::{Flags, Forest};
use crate::domain::{Message, Span, Usage};

/// Returns the usage of a message: the numbers that it reports itself, else those of its spans (see [`total_usage`]). Each
/// kind of number is independent.
pub fn message_usage(message: &Message) -> Usage {
    if message.usage.is_none() && message.spans.iter().all(|span| span.usage.is_none()) {
        return Usage::default();
    }
    message_usage_with(message, &Forest::new(&message.spans))
}

/// Returns [`message_usage`] with an existing forest of the spans.
pub fn message_usage_with(message: &Message, forest: &Forest) -> Usage {
    let of_spans = total_usage(forest, &message.spans);
    let Some(own) = &message.usage else { return of_spans };
    let tokens = |read: fn(&Usage) -> Option<i64>| valid_tokens(read(own)).or(read(&of_spans));
    Usage {
        input_tokens: tokens(|usage| usage.input_tokens),
        output_tokens: tokens(|usage| usage.output_tokens),
        cached_tokens: tokens(|usage| usage.cached_tokens),
        reasoning_tokens: tokens(|usage| usage.reasoning_tokens),
        total_tokens: tokens(Usage::total),
        cost_usd: valid_cost(own.cost_usd).or(of_spans.cost_usd),
    }
}

/// Returns the usage of all spans together. A number that a span reports includes everything below it, so numbers of the
/// same kind from its descendants are not added, unless they are larger together; each kind of number is independent.
/// Duplicate spans, negative numbers and non-finite costs are ignored. `total_tokens` is the sum of [`Usage::total`], so
/// that it is also known where spans report only input and output.
pub fn total_usage(forest: &Forest, spans: &[Span]) -> Usage {
    UsageSplit::new(forest, spans).map(|shares| shares.total).unwrap_or_default()
}

/// Returns the own usage of each node: its numbers less those of the nearest reporting spans below it, at least 0. Empty if
/// no span reports anything. The sum is [`total_usage`].
pub fn own_usage(forest: &Forest, spans: &[Span]) -> Vec<Usage> {
    UsageSplit::new(forest, spans).map(|shares| shares.own).unwrap_or_default()
}

/// A kind of token: how to read and to write its count.
type TokenField = (fn(&Usage) -> Option<i64>, fn(&mut Usage) -> &mut Option<i64>);

const TOKENS: [TokenField; 5] = [
    (|usage| usage.input_tokens, |usage| &mut usage.input_tokens),
    (|usage| usage.output_tokens, |usage| &mut usage.output_tokens),
    (|usage| usage.cached_tokens, |usage| &mut usage.cached_tokens),
    (|usage| usage.reasoning_tokens, |usage| &mut usage.reasoning_tokens),
    (Usage::total, |usage| &mut usage.total_tokens),
];

struct UsageSplit {
    own: Vec<Usage>,
    total: Usage,
}

impl UsageSplit {
    /// `None` if no span reports anything.
    fn new(forest: &Forest, spans: &[Span]) -> Option<Self> {
        if spans.iter().all(|span| span.usage.is_none()) {
            return None;
        }
        let count = forest.len();
        let mut shares = Self { own: vec![Usage::default(); count], total: Usage::default() };
        for (read, write) in TOKENS {
            shares.split(forest, spans, |usage| valid_tokens(read(usage)), write);
        }
        shares.split(forest, spans, |usage| valid_cost(usage.cost_usd), |usage| &mut usage.cost_usd);
        Some(shares)
    }

    /// Fills in one kind of number, from the last node to the first.
    fn split<N: Number>(
        &mut self,
        forest: &Forest,
        spans: &[Span],
        read: impl Fn(&Usage) -> Option<N>,
        write: fn(&mut Usage) -> &mut Option<N>,
    ) {
        // For each node: the sum of the nearest reporting spans below it.
        let mut below: Vec<Option<N>> = vec![None; forest.len()];
        let mut total = None;
        for (at, node) in forest.nodes().iter().enumerate().rev() {
            let inside = below.get(at).copied().flatten();
            let counts = !node.flags.contains(Flags::DUPLICATE);
            let usage = spans.get(node.span as usize).filter(|_| counts).and_then(|span| span.usage.as_ref());
            let reported = usage.and_then(&read);
            if let Some(own) = self.own.get_mut(at) {
                *write(own) = reported.map(|reported| reported.minus(inside));
            }
            let sum = match node.parent {
                Some(parent) => below.get_mut(parent as usize),
                None => Some(&mut total),
            };
            // Children that report more than their parent were not included in its number.
            let inclusive = reported.map(|reported| reported.at_least(inside)).or(inside);
            if let (Some(sum), Some(more)) = (sum, inclusive) {
                *sum = Some(more.plus(*sum));
            }
        }
        *write(&mut self.total) = total;
    }
}

fn valid_tokens(count: Option<i64>) -> Option<i64> {
    count.filter(|count| *count >= 0)
}

fn valid_cost(usd: Option<f64>) -> Option<f64> {
    usd.filter(|usd| usd.is_finite() && *usd >= 0.0)
}

/// A number that can be summed; `None` counts as 0.
trait Number: Copy {
    fn plus(self, other: Option<Self>) -> Self;
    /// Returns the larger number.
    fn at_least(self, other: Option<Self>) -> Self;
    /// Returns the difference, at least 0.
    fn minus(self, other: Option<Self>) -> Self;
}

impl Number for i64 {
    fn plus(self, other: Option<Self>) -> Self {
        self.saturating_add(other.unwrap_or(0))
    }

    fn at_least(self, other: Option<Self>) -> Self {
        self.max(other.unwrap_or(self))
    }

    fn minus(self, other: Option<Self>) -> Self {
        self.saturating_sub(other.unwrap_or(0)).max(0)
    }
}

impl Number for f64 {
    fn plus(self, other: Option<Self>) -> Self {
        self + other.unwrap_or(0.0)
    }

    fn at_least(self, other: Option<Self>) -> Self {
        self.max(other.unwrap_or(self))
    }

    fn minus(self, other: Option<Self>) -> Self {
        (self - other.unwrap_or(0.0)).max(0.0)
    }
}
