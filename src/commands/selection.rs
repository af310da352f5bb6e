//! Which messages of a thread leave the program, and what is masked in them.

use std::collections::HashSet;

use crate::app_loop::effects::Redaction;
use crate::cli::{FailOn, SelectionArgs};
use crate::commands::load::LoadedThread;
use crate::commands::runner::print_error;
use crate::domain::{ExitCode, Message, MessageSummaries, MessageSummary, Sentiment, Status, UserError};
use crate::export::Redactor;
use crate::filter::Filter;
use crate::json::Value;
use crate::provider::Provider;
use crate::text::number;

/// Which messages are wanted.
pub struct MessageSelection {
    ids: HashSet<String>,
    filter: Filter,
}

impl MessageSelection {
    /// What the arguments say.
    ///
    /// # Errors
    /// A filter that means nothing.
    pub fn from_args(args: &SelectionArgs) -> Result<Self, UserError> {
        let filter = Filter::new(args.filter.as_deref().unwrap_or_default())
            .map_err(|error| UserError::new(error.to_string(), "", ExitCode::Usage))?;
        Ok(Self { ids: args.message.iter().cloned().collect(), filter })
    }

    /// Whether a message is wanted.
    pub fn matches(&self, head: &MessageSummary, provider: &dyn Provider) -> bool {
        let named = self.ids.is_empty() || self.ids.contains(&message_id(head));
        named && (self.filter.is_empty() || self.filter.matches(head, provider))
    }

    /// Every id that was asked for must be there.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_ids(&self, heads: &MessageSummaries) -> Result<(), UserError> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let found: HashSet<String> =
            heads.iter().map(message_id).filter(|id| self.ids.contains(id)).collect();
        match self.ids.iter().find(|id| !found.contains(*id)) {
            Some(missing) => Err(UserError::new(
                format!("the thread has no message {missing}"),
                "unspool show THREAD lists the ids of its messages.",
                ExitCode::NotFound,
            )),
            None => Ok(()),
        }
    }
}

fn message_id(head: &MessageSummary) -> String {
    Value::of(head.raw.bytes_in(head.id)).text().into_owned()
}

/// What a script may fail on, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailConditions {
    /// Messages and spans that failed.
    pub errors: usize,
    /// Pieces of negative feedback.
    pub negative_feedback: usize,
}

impl FailConditions {
    /// The exit code for a thread of which the wanted messages were written; reads them only if something is asked for.
    pub fn check_thread(loaded: &LoadedThread, wanted: &MessageSelection, fail_on: &[FailOn]) -> ExitCode {
        let (ExitCode::Success, Ok(provider), [_, ..]) = (loaded.exit_code, loaded.provider(), fail_on) else {
            return loaded.exit_code;
        };
        let mut found = Self::default();
        for head in loaded.summaries.iter().filter(|head| wanted.matches(head, provider)) {
            found.count(&provider.read_message(head.raw.bytes()));
        }
        found.exit_code(fail_on)
    }

    /// Counts in a message.
    pub fn count(&mut self, message: &Message) {
        let failed = message.status == Status::Error || message.error.is_some();
        self.errors += usize::from(failed) + message.spans.iter().filter(|span| span.is_failed()).count();
        let negative = message.feedback.iter().filter(|one| one.sentiment == Sentiment::Negative);
        self.negative_feedback += negative.count();
    }

    /// The exit code, and a line on standard error if it is not 0.
    pub fn exit_code(self, fail_on: &[FailOn]) -> ExitCode {
        let told = |wish, count: usize, noun: &str| {
            (fail_on.contains(&wish) && count > 0).then(|| number::pluralize(count, noun))
        };
        let what = [
            told(FailOn::Error, self.errors, "error"),
            told(FailOn::Negative, self.negative_feedback, "negative opinion"),
        ];
        let what: Vec<String> = what.into_iter().flatten().collect();
        if what.is_empty() {
            ExitCode::Success
        } else {
            print_error(&UserError::new(format!("found {}", what.join(" and ")), "", ExitCode::Failure), None)
        }
    }
}

/// What masks secrets, if that is asked for.
///
/// # Errors
/// A pattern that cannot be read.
pub fn redactor(args: &SelectionArgs, wanted: &Redaction) -> Result<Option<Redactor>, UserError> {
    if !args.redact && args.redact_pattern.is_empty() && !wanted.always {
        return Ok(None);
    }
    let patterns = [wanted.patterns.as_slice(), &args.redact_pattern].concat();
    Redactor::new(&patterns).map(Some).map_err(|error| UserError::new(error.to_string(), "", ExitCode::Usage))
}

/// What was masked, by kind and count.
pub fn redaction_summary(redactor: &Redactor) -> String {
    if redactor.counts().is_empty() {
        return "nothing had to be masked".to_owned();
    }
    let kinds = redactor.counts().iter().map(|(kind, count)| {
        format!("{} {kind} ({})", count.distinct_values, number::pluralize(count.occurrences, "place"))
    });
    format!("masked: {}", kinds.collect::<Vec<_>>().join(", "))
}
