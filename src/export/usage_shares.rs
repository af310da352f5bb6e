//! The usage of a message, split so that the sum over the message and its spans is that of the message.

use crate::domain::{Message, Usage};
use crate::trace::{Forest, message_usage_with, own_usage, total_usage};

/// The usage of the message and of each of its spans, without that of their children.
#[derive(Clone, Debug, Default)]
pub(super) struct UsageShares {
    /// The part that no span reports.
    pub message: Usage,
    /// The usage of each node of the forest, without that of the nodes below it; empty if the message reports less than its
    /// spans.
    pub nodes: Vec<Usage>,
}

impl UsageShares {
    pub(super) fn new(message: &Message, forest: &Forest) -> Self {
        let (whole, of_spans) = (message_usage_with(message, forest), total_usage(forest, &message.spans));
        if !of_spans.is_within(&whole) {
            return Self { message: whole, nodes: Vec::new() };
        }
        let mut nodes = own_usage(forest, &message.spans);
        // If the children have all of a number, the parent has none of it.
        let zero = Usage {
            input_tokens: Some(0),
            output_tokens: Some(0),
            cached_tokens: Some(0),
            reasoning_tokens: Some(0),
            total_tokens: Some(0),
            cost_usd: Some(0.0),
        };
        for (usage, _) in nodes.iter_mut().zip(forest.nodes()).filter(|(_, node)| !node.is_leaf()) {
            *usage = usage.without(&zero);
        }
        Self { message: whole.without(&of_spans), nodes }
    }

    /// Returns the share of each span, in the order of the list of spans.
    pub(super) fn by_span(&self, forest: &Forest, spans: usize) -> Vec<Usage> {
        let share = |span: usize| {
            let node = forest.node_of_span(u32::try_from(span).ok()?)?;
            self.nodes.get(node as usize).cloned()
        };
        (0..spans).map(|span| share(span).unwrap_or_default()).collect()
    }
}
