//! The facts of messages and their spans, part by part.

use crate::app_loop::analysis::messages::MessageFacts;
use crate::app_loop::analysis::top_steps::TopSteps;
use crate::domain::{Message, MessageSummary, SpanKind, Usage};
use crate::event::SlowStep;
use crate::provider::{Provider, read_facts};
use crate::trace::{
    Flags, Forest, KindTimes, OperationAnalysis, SlowExample, Step, TurnSample, message_usage_with,
    own_usage, self_times,
};

/// Statistics of consecutive messages.
#[derive(Default)]
pub struct ChunkAnalysis {
    pub operations: OperationAnalysis,
    pub models: OperationAnalysis,
    pub usage: Usage,
    pub slowest: TopSteps,
    pub messages: Vec<MessageFacts>,
}

impl ChunkAnalysis {
    pub fn of(chunk: &[MessageSummary], provider: &dyn Provider) -> Self {
        let mut analysis = Self::default();
        for summary in chunk {
            analysis.add(summary, provider);
        }
        analysis
    }

    fn add(&mut self, summary: &MessageSummary, provider: &dyn Provider) {
        if summary.read_error.is_some() {
            self.messages.push(MessageFacts::of_summary(summary));
            return;
        }
        let message = read_facts(provider, summary.raw.bytes());
        let forest = Forest::new(&message.spans);
        let usage = message_usage_with(&message, &forest);
        self.usage.add(&usage);
        self.operations.add_forest(summary.index, &message.spans, &forest);
        let kind_micros = self.add_spans(summary.index, &message, &forest);
        let mut facts = MessageFacts::of(summary, &message, &usage);
        facts.sample.kind_micros = kind_micros;
        self.messages.push(facts);
    }

    /// Adds the models and the slow steps of a turn; returns its self time by kind.
    fn add_spans(&mut self, turn: u32, message: &Message, forest: &Forest) -> KindTimes {
        let mut kind_micros = KindTimes::default();
        let usages = own_usage(forest, &message.spans);
        for ((at, node), own) in (0u32..).zip(forest.nodes()).zip(self_times(forest)) {
            let Some(span) = message.spans.get(node.span as usize) else { continue };
            let is_timed = !node.flags.intersects(Flags::UNFINISHED | Flags::ENDS_BEFORE_START);
            let own = if is_timed { own.max(0) } else { 0 };
            let kind = SpanKind::of_operation(&span.operation);
            if let Some(sum) = kind_micros.get_mut(kind as usize) {
                *sum = sum.saturating_add(own);
            }
            let example = SlowExample { turn, span: Some(node.span), micros: own };
            self.slowest.add(own, || SlowStep {
                kind,
                operation: span.operation.clone(),
                name: span.name.clone(),
                example,
            });
            // A parent that names the model of its child would count the call twice.
            let is_repeated =
                |child| forest.span(&message.spans, child).is_some_and(|s| !s.models.is_empty());
            if let Some(model) = span.models.first().filter(|_| !forest.children(at).any(is_repeated)) {
                let unknown = Usage::default();
                let step = Step {
                    turn,
                    span: Some(node.span),
                    micros: span.duration_micros().filter(|_| is_timed),
                    is_failed: span.is_failed(),
                    usage: usages.get(at as usize).unwrap_or(&unknown),
                };
                self.models.add_step(model, &step);
            }
        }
        kind_micros
    }

    /// Appends the statistics of the messages that follow.
    pub fn append(&mut self, other: Self) {
        self.operations.merge(other.operations);
        self.models.merge(other.models);
        self.usage.add(&other.usage);
        self.slowest.merge(other.slowest);
        self.messages.extend(other.messages);
    }
}

/// Returns the turns of a thread with spans: each message is one.
pub fn turn_samples(messages: Vec<MessageFacts>) -> Vec<TurnSample> {
    let numbered = (0u32..).zip(messages);
    numbered.map(|(at, facts)| facts.into_turn(at)).collect()
}
