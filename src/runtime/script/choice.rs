//! Which messages of a thread leave the program, and what is masked in them.

use std::collections::HashSet;

use super::trouble;
use crate::cli::ChoiceArgs;
use crate::domain::{Head, Heads};
use crate::event::Failure;
use crate::export::Redactor;
use crate::filter::Filter;
use crate::json::Value;
use crate::provider::Provider;
use crate::runtime::tasks::Redaction;
use crate::text::number;

/// The exit code for wrong usage.
const USAGE: u8 = 2;
/// The exit code for what is not there.
const NOT_FOUND: u8 = 5;

/// Which messages are wanted.
pub struct Wanted {
    ids: HashSet<String>,
    filter: Filter,
}

impl Wanted {
    /// What the arguments say.
    ///
    /// # Errors
    /// A filter that means nothing.
    pub fn read(args: &ChoiceArgs) -> Result<Self, Failure> {
        let filter = Filter::new(args.filter.as_deref().unwrap_or_default())
            .map_err(|error| trouble(error.to_string(), "", USAGE))?;
        Ok(Self { ids: args.message.iter().cloned().collect(), filter })
    }

    /// Whether a message is wanted.
    pub fn keeps(&self, head: &Head, provider: &dyn Provider) -> bool {
        let named = self.ids.is_empty() || self.ids.contains(&id(head));
        named && (self.filter.is_empty() || self.filter.passes(head, provider))
    }

    /// Every id that was asked for must be there.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self, heads: &Heads) -> Result<(), Failure> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let found: HashSet<String> = heads.iter().map(id).filter(|id| self.ids.contains(id)).collect();
        match self.ids.iter().find(|id| !found.contains(*id)) {
            Some(missing) => Err(trouble(
                format!("the thread has no message {missing}"),
                "unspool show THREAD lists the ids of its messages.",
                NOT_FOUND,
            )),
            None => Ok(()),
        }
    }
}

fn id(head: &Head) -> String {
    Value::of(head.raw.piece(head.id)).text().into_owned()
}

/// What masks secrets, if that is asked for.
///
/// # Errors
/// A pattern that cannot be read.
pub fn redactor(args: &ChoiceArgs, wanted: &Redaction) -> Result<Option<Redactor>, Failure> {
    if !args.redact && args.redact_pattern.is_empty() && !wanted.always {
        return Ok(None);
    }
    let patterns = [wanted.patterns.as_slice(), &args.redact_pattern].concat();
    Redactor::new(&patterns).map(Some).map_err(|error| trouble(error.to_string(), "", USAGE))
}

/// What was masked, by kind and count.
pub fn masked(redactor: &Redactor) -> String {
    if redactor.counts().is_empty() {
        return "nothing had to be masked".to_owned();
    }
    let kinds = redactor
        .counts()
        .iter()
        .map(|(kind, count)| format!("{} {kind} ({})", count.values, number::counted(count.places, "place")));
    format!("masked: {}", kinds.collect::<Vec<_>>().join(", "))
}
