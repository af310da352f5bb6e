//! Selects the messages to write, and what to mask in them.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::app_loop::analysis::filter_messages;
use crate::app_loop::context::Redaction;
use crate::cli::{FailOn, RedactArgs, SelectionArgs};
use crate::commands::load::LoadedThread;
use crate::commands::runner::print_error;
use crate::domain::{
    ExitCode, Message, MessageSummaries, MessageSummary, Sentiment, Span, Status, UserError,
};
use crate::export::Redactor;
use crate::filter::{Filter, SpanFilter, ThreadFilter};
use crate::json::Value;
use crate::platform;
use crate::text::number;

/// The hint of an invalid filter.
const FILTER_HINT: &str = "Run unspool help filter for the language.";

/// The messages to write.
pub struct MessageSelection {
    ids: HashSet<String>,
    filter: Filter,
    /// The neighbours on each side that are selected, too.
    around: usize,
}

impl MessageSelection {
    /// Parses the arguments.
    ///
    /// # Errors
    /// An invalid filter.
    pub fn from_args(args: &SelectionArgs) -> Result<Self, UserError> {
        Ok(Self {
            ids: args.message.iter().cloned().collect(),
            filter: parse_filter(args.filter.as_deref())?,
            around: 0,
        })
    }

    /// Also selects this many messages before and after each selected one.
    #[must_use]
    pub fn with_neighbours(self, around: usize) -> Self {
        Self { around, ..self }
    }

    /// Finds the selected messages of a thread.
    ///
    /// # Errors
    /// A body of an unknown service.
    pub fn find(&self, loaded: &LoadedThread) -> Result<SelectedMessages, UserError> {
        let selected = SelectedMessages::find(loaded, &self.filter)?;
        Ok(self.find_ids(loaded, selected).with_neighbours(loaded, self.around))
    }

    fn find_ids(&self, loaded: &LoadedThread, selected: SelectedMessages) -> SelectedMessages {
        if self.ids.is_empty() {
            return selected;
        }
        let has_id = |summary: &&MessageSummary| self.ids.contains(&message_id(summary));
        let found = loaded.summaries.iter().filter(|summary| selected.contains(summary)).filter(has_id);
        SelectedMessages(Some(found.map(|summary| summary.index).collect()))
    }

    /// Returns the notice that the filter matches none of a number of messages; `None` without a filter.
    pub fn describe_no_match(&self, messages: usize) -> Option<String> {
        let counts = FilterCounts { messages, ..FilterCounts::default() };
        (!self.filter.is_empty()).then(|| counts.describe_no_message(self.filter.expression()))
    }

    /// Checks that the thread has every message whose id was passed.
    ///
    /// # Errors
    /// A missing message.
    pub fn check_ids(&self, summaries: &MessageSummaries) -> Result<(), UserError> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let found: HashSet<String> =
            summaries.iter().map(message_id).filter(|id| self.ids.contains(id)).collect();
        match self.ids.iter().find(|id| !found.contains(*id)) {
            Some(missing) => Err(UserError::new(
                format!("the thread has no message {missing}"),
                "Run unspool show THREAD for the ids of its messages.",
                ExitCode::NotFound,
            )),
            None => Ok(()),
        }
    }
}

/// The selected messages of one thread.
pub struct SelectedMessages(
    /// Their positions in the body; `None` if all are selected.
    Option<HashSet<u32>>,
);

impl SelectedMessages {
    /// Applies a filter on all cores.
    ///
    /// # Errors
    /// A body of an unknown service.
    pub fn find(loaded: &LoadedThread, filter: &Filter) -> Result<Self, UserError> {
        if filter.is_empty() {
            return Ok(Self(None));
        }
        let filter = filter.clone().with_notes(Arc::clone(&loaded.notes));
        // Nothing stops it.
        let places = filter_messages(&loaded.summaries, &filter, loaded.provider()?, &AtomicBool::new(false))
            .unwrap_or_default();
        let found = places.iter().filter_map(|place| loaded.summaries.get(*place as usize));
        Ok(Self(Some(found.map(|summary| summary.index).collect())))
    }

    /// Also selects the neighbours on each side, in the order of the browser.
    fn with_neighbours(self, loaded: &LoadedThread, around: usize) -> Self {
        let Self(Some(selected)) = &self else { return self };
        let order: Vec<u32> = loaded.summaries.iter().map(|summary| summary.index).collect();
        let mut all = HashSet::new();
        // The end of the neighbours so far: each message is visited once, for any number of neighbours.
        let mut end = 0;
        for (at, _) in order.iter().enumerate().filter(|(_, index)| selected.contains(index)) {
            let start = at.saturating_sub(around).max(end);
            end = at.saturating_add(around).saturating_add(1).min(order.len());
            all.extend(order.get(start..end).unwrap_or_default());
        }
        Self(Some(all))
    }

    /// Returns whether a message is selected.
    pub fn contains(&self, summary: &MessageSummary) -> bool {
        self.0.as_ref().is_none_or(|indices| indices.contains(&summary.index))
    }
}

/// Parses the argument of `--filter`.
///
/// # Errors
/// An invalid filter.
pub fn parse_filter(text: Option<&str>) -> Result<Filter, UserError> {
    Filter::new(text.unwrap_or_default())
        .map_err(|error| UserError::new(error.to_string(), FILTER_HINT, ExitCode::Usage))
}

/// Parses a filter of spans.
///
/// # Errors
/// An invalid filter, or one with terms of messages.
pub fn parse_span_filter(text: Option<&str>) -> Result<SpanFilter, UserError> {
    SpanFilter::new(text.unwrap_or_default())
        .map_err(|error| UserError::new(error.to_string(), FILTER_HINT, ExitCode::Usage))
}

/// Parses a filter of listed threads; without one, every thread matches.
///
/// # Errors
/// An invalid filter.
pub fn parse_thread_filter(text: Option<&str>) -> Result<ThreadFilter, UserError> {
    ThreadFilter::new(text.unwrap_or_default(), platform::now())
        .map_err(|error| UserError::new(error.to_string(), FILTER_HINT, ExitCode::Usage))
}

/// The counts of a report: all messages and spans, and the selected ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilterCounts {
    pub messages: usize,
    pub selected_messages: usize,
    /// The spans of the selected messages.
    pub spans: usize,
    pub selected_spans: usize,
}

impl FilterCounts {
    /// Returns the notice that no message matches.
    pub fn describe_no_message(self, expression: &str) -> String {
        format!("no match for {expression} in {}", number::pluralize(self.messages, "message"))
    }

    /// Returns the notice that no span matches.
    pub fn describe_no_span(self, expression: &str) -> String {
        let spans = number::pluralize(self.spans, "span");
        format!(
            "no match for {expression} in {spans} of {}",
            number::pluralize(self.selected_messages, "message")
        )
    }
}

fn message_id(summary: &MessageSummary) -> String {
    Value::of(summary.raw.bytes_in(summary.id)).text().into_owned()
}

/// Counts of what `--fail-on` looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailConditions {
    /// Failed messages and spans.
    pub errors: usize,
    /// Negative feedback.
    pub negative_feedback: usize,
}

impl FailConditions {
    /// Returns the exit code for a written thread. The selected messages are read only if there is a condition.
    pub fn check_thread(loaded: &LoadedThread, selected: &SelectedMessages, fail_on: &[FailOn]) -> ExitCode {
        let (ExitCode::Success, Ok(provider), [_, ..]) = (loaded.exit_code, loaded.provider(), fail_on)
        else {
            return loaded.exit_code;
        };
        let mut counts = Self::default();
        for summary in loaded.summaries.iter().filter(|summary| selected.contains(summary)) {
            counts.count(&provider.read_message(summary.raw.bytes()));
        }
        counts.exit_code(fail_on)
    }

    /// Adds a message to the counts.
    pub fn count(&mut self, message: &Message) {
        let failed = message.status == Status::Error || message.error.is_some();
        self.errors += usize::from(failed) + message.spans.iter().filter(|span| span.is_failed()).count();
        self.count_feedback(message);
    }

    /// Adds spans to the counts.
    pub fn count_spans(&mut self, spans: &[Span]) {
        self.errors += spans.iter().filter(|span| span.is_failed()).count();
    }

    fn count_feedback(&mut self, message: &Message) {
        let main = message.main_feedback().map(|feedback| feedback.sentiment);
        self.negative_feedback += usize::from(main == Some(Sentiment::Negative));
    }

    /// Returns the exit code; unless it is success, prints the number of matching messages.
    pub fn exit_code(self, fail_on: &[FailOn]) -> ExitCode {
        let describe = |condition, count: usize, noun: &str| {
            (fail_on.contains(&condition) && count > 0).then(|| number::pluralize(count, noun))
        };
        let met = [
            describe(FailOn::Error, self.errors, "error"),
            describe(FailOn::Negative, self.negative_feedback, "negative rating"),
        ];
        let met: Vec<String> = met.into_iter().flatten().collect();
        if met.is_empty() {
            ExitCode::Success
        } else {
            print_error(&UserError::new(format!("found {}", met.join(" and ")), "", ExitCode::Failure), None)
        }
    }
}

/// Creates the redactor, if flags or configuration enable redaction.
///
/// # Errors
/// An invalid pattern.
pub fn redactor(args: &RedactArgs, redaction: &Redaction) -> Result<Option<Redactor>, UserError> {
    if !args.is_set() && !redaction.always {
        return Ok(None);
    }
    let patterns = [redaction.patterns.as_slice(), &args.redact_pattern].concat();
    Redactor::new(&patterns).map(Some).map_err(|error| UserError::new(error.to_string(), "", ExitCode::Usage))
}
