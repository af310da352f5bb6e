//! Threads without spans: their steps are answers and tool calls, paired with their results. A step lasts from the previous
//! message; a call lasts until its result.

use std::collections::VecDeque;

use crate::app_loop::analysis::top_steps::TopSteps;
use crate::domain::{Block, Message, MessageSummary, Role, Sentiment, SpanKind, Timestamp, Usage};
use crate::event::{SlowStep, ThreadAnalysis};
use crate::trace::{OperationAnalysis, SlowExample, Step, TurnSample};

/// The maximum number of calls of one question that may wait for their results.
const MAX_OPEN_CALLS: usize = 1000;

/// The facts of one message.
#[derive(Debug)]
pub struct MessageFacts {
    /// The message as a turn, without its positions.
    pub sample: TurnSample,
    /// The index of the message in the body.
    index: u32,
    role: Role,
    is_failed: bool,
    /// The tools and the model; `None` for a message without them.
    tools: Option<Box<ToolFacts>>,
}

/// The tools and the model of a message.
#[derive(Debug, Default)]
struct ToolFacts {
    /// The ids and names of calls.
    calls: Vec<(String, String)>,
    /// The ids of finished calls, and whether they failed.
    results: Vec<(String, bool)>,
    model: Option<String>,
    usage: Usage,
}

impl MessageFacts {
    /// Returns the facts of a message that cannot be read.
    pub fn of_summary(summary: &MessageSummary) -> Self {
        let sample = TurnSample {
            sentiment: summary.sentiment,
            time: summary.time,
            micros: summary.duration_ms.filter(|ms| *ms >= 0).map(|ms| ms.saturating_mul(1000)),
            ..TurnSample::default()
        };
        Self {
            sample,
            index: summary.index,
            role: summary.role,
            is_failed: summary.has_problem(),
            tools: None,
        }
    }

    pub fn of(summary: &MessageSummary, message: &Message, usage: &Usage) -> Self {
        let mut facts = Self::of_summary(summary);
        (facts.sample.tokens, facts.sample.cost_usd) = (usage.total(), usage.cost_usd);
        if message.spans.is_empty() {
            let mut tools = ToolFacts {
                model: message.models.first().cloned(),
                usage: usage.clone(),
                ..ToolFacts::default()
            };
            message.sides.iter().for_each(|side| tools.add_blocks(&side.blocks));
            let is_plain = tools.calls.is_empty() && tools.results.is_empty() && tools.model.is_none();
            facts.tools = (!is_plain || !usage.is_empty()).then(|| Box::new(tools));
        }
        facts
    }

    /// Returns the message as a separate turn.
    pub fn into_turn(self, position: u32) -> TurnSample {
        let failed_at = self.is_failed.then_some(position);
        TurnSample { first: position, end: position.saturating_add(1), failed_at, ..self.sample }
    }
}

impl ToolFacts {
    fn add_blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::ToolCall { id, name, .. } => self.calls.push((id.clone(), name.clone())),
                Block::ToolResult { call_id, is_error, .. } => {
                    self.results.push((call_id.clone(), *is_error))
                }
                Block::Markdown(_)
                | Block::Thinking(_)
                | Block::Chunks(_)
                | Block::Artifact(_)
                | Block::Json { .. } => {}
            }
        }
    }
}

/// A call whose result has not arrived.
struct OpenCall {
    id: String,
    name: String,
    index: u32,
    time: Option<Timestamp>,
}

/// The steps of a thread without spans.
#[derive(Default)]
pub struct Steps {
    pub operations: OperationAnalysis,
    pub models: OperationAnalysis,
    pub waits: OperationAnalysis,
    pub slowest: TopSteps,
    /// Each question with everything up to the next one; in a thread without questions, each message.
    pub questions: Vec<TurnSample>,
    open_calls: VecDeque<OpenCall>,
    previous: Option<Timestamp>,
}

impl Steps {
    pub fn of(messages: Vec<MessageFacts>) -> Self {
        let mut steps = Self::default();
        let has_questions = messages.iter().any(|facts| facts.role == Role::User);
        let mut has_begun = false;
        for (position, facts) in (0u32..).zip(messages) {
            let is_question = facts.role == Role::User;
            // Messages before the first question belong to it.
            if is_question && has_begun || steps.questions.is_empty() || !has_questions {
                steps.close_calls();
                steps.questions.push(TurnSample { first: position, ..TurnSample::default() });
            }
            has_begun |= is_question;
            steps.add(position, facts);
        }
        steps.close_calls();
        steps
    }

    fn add(&mut self, position: u32, mut facts: MessageFacts) {
        let tools = facts.tools.take().map(|tools| *tools).unwrap_or_default();
        let wait = facts.sample.time.zip(self.previous).map(|(time, previous)| time.micros_since(previous));
        let is_failed = facts.is_failed;
        let step = Step { turn: facts.index, span: None, micros: wait, is_failed, usage: &Usage::default() };
        if self.previous.is_some() {
            self.waits.add_step(wait_name(facts.role), &step);
        }
        self.extend_question(position, &facts);
        let step = Step { usage: &tools.usage, ..step };
        if facts.role == Role::Assistant {
            self.add_step(SpanKind::Model, ThreadAnalysis::ANSWER, &step);
        }
        if let Some(model) = &tools.model {
            self.models.add_step(model, &step);
        }
        for (id, is_error) in tools.results {
            self.close_call(&id, is_error, facts.sample.time);
        }
        for (id, name) in tools.calls {
            self.open_calls.push_back(OpenCall { id, name, index: facts.index, time: facts.sample.time });
            if self.open_calls.len() > MAX_OPEN_CALLS
                && let Some(call) = self.open_calls.pop_front()
            {
                self.add_call(&call, None, false);
            }
        }
        self.previous = facts.sample.time.or(self.previous);
    }

    /// Adds a message to the current question.
    fn extend_question(&mut self, position: u32, facts: &MessageFacts) {
        let Some(question) = self.questions.last_mut() else { return };
        let sample = &facts.sample;
        question.end = position.saturating_add(1);
        question.failed_at = question.failed_at.or(facts.is_failed.then_some(position));
        if sample.sentiment == Some(Sentiment::Negative) || question.sentiment.is_none() {
            question.sentiment = sample.sentiment;
        }
        if facts.role == Role::User || question.time.is_none() {
            // System messages before the first question are not counted.
            question.time = sample.time.or(question.time);
        }
        let elapsed = sample.time.zip(question.time).map(|(time, start)| time.micros_since(start));
        let elapsed = elapsed.filter(|micros| *micros > 0 && facts.role != Role::User);
        question.micros = sample.micros.or(elapsed).or(question.micros);
        question.tokens = sum(question.tokens, sample.tokens, i64::saturating_add);
        question.cost_usd = sum(question.cost_usd, sample.cost_usd, |sum, more| sum + more);
    }

    fn add_step(&mut self, kind: SpanKind, name: &str, step: &Step<'_>) {
        self.operations.add_step(name, step);
        let Some(micros) = step.micros.filter(|micros| *micros >= 0) else { return };
        let question = self.questions.last_mut();
        if let Some(sum) = question.and_then(|question| question.kind_micros.get_mut(kind as usize)) {
            *sum = sum.saturating_add(micros);
        }
        self.slowest.add(micros, || SlowStep {
            kind,
            operation: name.to_owned(),
            name: String::new(),
            example: SlowExample { turn: step.turn, span: None, micros },
        });
    }

    /// Pairs a result with its call: by its id, or by order if it has none.
    fn close_call(&mut self, id: &str, is_error: bool, time: Option<Timestamp>) {
        let index =
            if id.is_empty() { Some(0) } else { self.open_calls.iter().position(|call| call.id == id) };
        let Some(call) = index.and_then(|index| self.open_calls.remove(index)) else { return };
        let micros = time.zip(call.time).map(|(time, start)| time.micros_since(start));
        self.add_call(&call, micros, is_error);
    }

    /// Counts the calls that got no result.
    fn close_calls(&mut self) {
        for call in std::mem::take(&mut self.open_calls) {
            self.add_call(&call, None, false);
        }
    }

    fn add_call(&mut self, call: &OpenCall, micros: Option<i64>, is_failed: bool) {
        let step = Step { turn: call.index, span: None, micros, is_failed, usage: &Usage::default() };
        self.add_step(SpanKind::Tool, &call.name, &step);
    }
}

fn wait_name(role: Role) -> &'static str {
    match role {
        Role::User => "before questions",
        Role::Assistant => "before answers",
        Role::Tool => "before tool results",
        Role::System | Role::Hidden | Role::Developer | Role::Turn | Role::Other | Role::Unknown => {
            "before others"
        }
    }
}

fn sum<T>(sum: Option<T>, more: Option<T>, add: fn(T, T) -> T) -> Option<T> {
    match (sum, more) {
        (Some(sum), Some(more)) => Some(add(sum, more)),
        (sum, more) => sum.or(more),
    }
}
