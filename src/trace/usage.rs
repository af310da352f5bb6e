//! Tokens and money over a tree, where a parent's numbers are already the sum of its children's.

use super::{Flags, Forest};
use crate::domain::{Span, Usage};

/// What all spans used together. A span that reports a number stands for everything below it, so what its descendants
/// report of the same kind is not added; that is decided for each kind of number by itself. Duplicates count for
/// nothing, neither do negative numbers and costs that are not numbers. `total_tokens` is the sum of [`Usage::total`],
/// so that it is there also where spans report input and output only.
pub fn total_usage(forest: &Forest, spans: &[Span]) -> Usage {
    UsageSplit::new(forest, spans).map(|shares| shares.total).unwrap_or_default()
}

/// What each node used itself, by node: what it reports less what the nearest reporting spans below it do, at least 0.
/// Empty if no span reports anything. Added up they are [`usage_total`], unless children report more than their parent.
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

    /// Fills one kind of number, from the last node to the first.
    fn split<N: Number>(
        &mut self,
        forest: &Forest,
        spans: &[Span],
        read: fn(&Usage) -> Option<N>,
        write: fn(&mut Usage) -> &mut Option<N>,
    ) {
        // Per node: what the nearest reporting spans below it say together.
        let mut below: Vec<Option<N>> = vec![None; forest.len()];
        let mut total = None;
        for (at, node) in forest.nodes().iter().enumerate().rev() {
            let inside = below.get(at).copied().flatten();
            let counts = !node.flags.contains(Flags::DUPLICATE);
            let usage = spans.get(node.span as usize).filter(|_| counts).and_then(|span| span.usage.as_ref());
            let told = usage.and_then(read);
            if let Some(own) = self.own.get_mut(at) {
                *write(own) = told.map(|told| told.minus(inside));
            }
            let sum = match node.parent {
                Some(parent) => below.get_mut(parent as usize),
                None => Some(&mut total),
            };
            if let (Some(sum), Some(more)) = (sum, told.or(inside)) {
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

/// A kind of number that adds up; absent is nothing.
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

/// Adds a span's own usage to a sum, kind by kind.
pub(super) fn add_usage(sum: &mut Usage, more: &Usage) {
    let add = |sum: &mut Option<i64>, more: Option<i64>| *sum = more.map(|more| more.plus(*sum)).or(*sum);
    add(&mut sum.input_tokens, more.input_tokens);
    add(&mut sum.output_tokens, more.output_tokens);
    add(&mut sum.cached_tokens, more.cached_tokens);
    add(&mut sum.reasoning_tokens, more.reasoning_tokens);
    add(&mut sum.total_tokens, more.total_tokens);
    sum.cost_usd = more.cost_usd.map(|more| more.plus(sum.cost_usd)).or(sum.cost_usd);
}
