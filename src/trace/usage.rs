//! Token counts and costs over a tree, in which a parent's numbers already include its children's.

use super::{Flags, Forest};
use crate::domain::{Span, Usage};

/// The usage of all spans together. A number that a span reports includes everything below it, so numbers of the same kind
/// from its descendants are not added; each kind of number is independent. Duplicate spans, negative numbers and
/// non-finite costs are ignored. `total_tokens` is the sum of [`Usage::total`], so that it is also known where spans
/// report only input and output.
pub fn total_usage(forest: &Forest, spans: &[Span]) -> Usage {
    UsageSplit::new(forest, spans).map(|shares| shares.total).unwrap_or_default()
}

/// The own usage of each node: its numbers less those of the nearest reporting spans below it, at least 0. Empty if no
/// span reports anything. The sum is [`total_usage`], unless children report more than their parent.
pub fn own_usage(forest: &Forest, spans: &[Span]) -> Vec<Usage> {
    UsageSplit::new(forest, spans).map(|shares| shares.own).unwrap_or_default()
}

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
        shares.split(
            forest,
            spans,
            |usage| valid_tokens(usage.input_tokens),
            |usage| &mut usage.input_tokens,
        );
        shares.split(
            forest,
            spans,
            |usage| valid_tokens(usage.output_tokens),
            |usage| &mut usage.output_tokens,
        );
        shares.split(
            forest,
            spans,
            |usage| valid_tokens(usage.cached_tokens),
            |usage| &mut usage.cached_tokens,
        );
        shares.split(
            forest,
            spans,
            |usage| valid_tokens(usage.reasoning_tokens),
            |usage| &mut usage.reasoning_tokens,
        );
        shares.split(forest, spans, |usage| valid_tokens(usage.total()), |usage| &mut usage.total_tokens);
        shares.split(forest, spans, |usage| valid_cost(usage.cost_usd), |usage| &mut usage.cost_usd);
        Some(shares)
    }

    /// Fills in one kind of number, from the last node to the first.
    fn split<N: Number>(
        &mut self,
        forest: &Forest,
        spans: &[Span],
        read: fn(&Usage) -> Option<N>,
        write: fn(&mut Usage) -> &mut Option<N>,
    ) {
        // For each node: the sum of the nearest reporting spans below it.
        let mut below: Vec<Option<N>> = vec![None; forest.len()];
        let mut total = None;
        for (at, node) in forest.nodes().iter().enumerate().rev() {
            let inside = below.get(at).copied().flatten();
            let counts = !node.flags.contains(Flags::DUPLICATE);
            let usage = spans.get(node.span as usize).filter(|_| counts).and_then(|span| span.usage.as_ref());
            let reported = usage.and_then(read);
            if let Some(own) = self.own.get_mut(at) {
                *write(own) = reported.map(|reported| reported.minus(inside));
            }
            let sum = match node.parent {
                Some(parent) => below.get_mut(parent as usize),
                None => Some(&mut total),
            };
            if let (Some(sum), Some(more)) = (sum, reported.or(inside)) {
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
    /// At least 0.
    fn minus(self, other: Option<Self>) -> Self;
}

impl Number for i64 {
    fn plus(self, other: Option<Self>) -> Self {
        self.saturating_add(other.unwrap_or(0))
    }

    fn minus(self, other: Option<Self>) -> Self {
        self.saturating_sub(other.unwrap_or(0)).max(0)
    }
}

impl Number for f64 {
    fn plus(self, other: Option<Self>) -> Self {
        self + other.unwrap_or(0.0)
    }

    fn minus(self, other: Option<Self>) -> Self {
        (self - other.unwrap_or(0.0)).max(0.0)
    }
}

/// Adds a usage to a sum, each kind of number by itself. Negative numbers and non-finite costs are ignored.
pub fn add_usage(sum: &mut Usage, more: &Usage) {
    fn add<N: Number>(sum: &mut Option<N>, more: Option<N>) {
        *sum = more.map(|more| more.plus(*sum)).or(*sum);
    }
    let add_tokens = |sum: &mut Option<i64>, more| add(sum, valid_tokens(more));
    add_tokens(&mut sum.input_tokens, more.input_tokens);
    add_tokens(&mut sum.output_tokens, more.output_tokens);
    add_tokens(&mut sum.cached_tokens, more.cached_tokens);
    add_tokens(&mut sum.reasoning_tokens, more.reasoning_tokens);
    add_tokens(&mut sum.total_tokens, more.total_tokens);
    add(&mut sum.cost_usd, valid_cost(more.cost_usd));
}
