//! Diagnosis of bodies: each irregularity that the splitter reports becomes a warning, and a body without a thread becomes
//! an error that names its actual content.

mod file_signature;

use crate::decode::{BodyEnd, NoMessages, Outcome};
use crate::domain::{BodySummary, ExitCode, Origin, ThreadRef, UserError};
use crate::json::{Kind, Value};
use crate::provider::{self, Provider};

/// The source of a body, which determines the hints about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodySource {
    /// A file, or a pipe.
    #[default]
    Local,
    /// A response, or the cached copy of one.
    Service,
}

/// Summarizes a body of `message_count` messages; `interruption` is the error that ended it early.
///
/// # Errors
/// The body contains no thread.
pub fn diagnose(
    outcome: &Outcome,
    provider: Option<&'static dyn Provider>,
    message_count: u32,
    interruption: Option<String>,
    source: BodySource,
) -> Result<BodySummary, UserError> {
    let is_partial = is_truncated(outcome) || interruption.is_some();
    if message_count == 0 && is_partial {
        let message = interruption.unwrap_or_else(|| "the body ends within its first message".to_owned());
        let hint = match source {
            BodySource::Local => "Fetch it again, or check that the file is complete.",
            BodySource::Service => {
                "Try again; if it keeps happening, ask the operator of the service or proxy."
            }
        };
        return Err(parse_error(message, hint));
    }
    if let Some(message) = missing_thread_reason(outcome) {
        let service_messages = error_messages(&outcome.envelope);
        return Err(UserError { service_messages, ..parse_error(message, hint(outcome, source)) });
    }
    if provider.is_none() {
        let services = provider::display_names();
        return Err(parse_error(
            "this is JSON, but not a thread of a supported service",
            format!("Open the response to a request for messages of {services}, or pass --provider."),
        ));
    }
    Ok(BodySummary {
        bytes: outcome.byte_len,
        warnings: warnings(outcome, interruption),
        is_partial,
        is_unreadable: false,
        is_other_thread: false,
    })
}

/// Returns the warning for a body that belongs to another thread than the requested one; `None` if it names no other.
pub fn other_thread(named: Option<&str>, requested: &ThreadRef) -> Option<String> {
    const MAX_ID_LENGTH: usize = 80;
    let named = named.map(str::trim).filter(|named| !named.eq_ignore_ascii_case(requested.id.trim()))?;
    let named: String = named.chars().take(MAX_ID_LENGTH).collect();
    Some(format!("the response is thread {named}, not {}; it is not cached", requested.id))
}

/// Returns the warning for a body without a readable message. `mismatch` holds the expected and the detected provider.
pub fn provider_mismatch(
    mismatch: Option<(&dyn Provider, &dyn Provider)>,
    origin: Option<&Origin>,
) -> String {
    let Some((expected, detected)) = mismatch else {
        return "none of the messages could be parsed; see their raw JSON".to_owned();
    };
    let (expected, name, service) = (expected.display_name(), detected.display_name(), detected.id());
    let hint = match origin {
        Some(Origin::Network { .. } | Origin::Cache { .. }) => {
            format!("check the base URL, or open it as {service}:ID")
        }
        Some(Origin::File { .. }) | None => {
            format!("run with --provider {service}, or without --provider")
        }
    };
    format!("this body looks like a {name} thread; no message could be parsed as {expected}: {hint}")
}

fn parse_error(message: impl Into<String>, hint: impl Into<String>) -> UserError {
    UserError::new(message, hint, ExitCode::NotUnderstood)
}

/// Returns why there are no messages at all.
fn missing_thread_reason(outcome: &Outcome) -> Option<String> {
    let reason = match &outcome.end {
        BodyEnd::Empty => "the body is empty".to_owned(),
        BodyEnd::NotJson { is_html: true, .. } => "the body is a web page, not a thread".to_owned(),
        BodyEnd::NotJson { prefix, .. } => {
            let format = file_signature::detect(prefix).map_or("not JSON", |format| format.description);
            format!("the body is {format}")
        }
        BodyEnd::NoMessages(NoMessages::Absent) => "the body is JSON without messages".to_owned(),
        BodyEnd::NoMessages(NoMessages::Null) => "the messages are null".to_owned(),
        BodyEnd::NoMessages(NoMessages::NotAnArray(kind)) => {
            format!("the messages are {}, not an array", describe_kind(*kind))
        }
        BodyEnd::NoMessages(NoMessages::Nested(key)) => {
            format!("the messages are inside {key:?}, not at the top level")
        }
        BodyEnd::NoMessages(NoMessages::EmptyArray) => "the body is an empty list, not a thread".to_owned(),
        BodyEnd::NoMessages(NoMessages::NotAnObject(kind)) => {
            format!("the body is {}, not a thread", describe_kind(*kind))
        }
        BodyEnd::Complete | BodyEnd::TrailingGarbage { .. } | BodyEnd::SecondValue { .. }
            if outcome.skipped_bytes > 0 =>
        {
            "the list of messages contains only unrecognized data".to_owned()
        }
        BodyEnd::Complete
        | BodyEnd::Truncated { .. }
        | BodyEnd::TrailingGarbage { .. }
        | BodyEnd::SecondValue { .. }
        | BodyEnd::TooLarge { .. }
        | BodyEnd::OutOfMemory { .. } => return None,
    };
    (outcome.message_count == 0).then_some(reason)
}

fn describe_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "a boolean",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::Array => "an array",
        Kind::Object => "an object",
        Kind::Invalid => "not JSON",
    }
}

const DEFAULT_HINT: &str = "Open the body of GET …/threads/ID/messages.";

fn hint(outcome: &Outcome, source: BodySource) -> &'static str {
    match source {
        BodySource::Local => file_hint(outcome),
        BodySource::Service => response_hint(outcome),
    }
}

/// Returns the next step for a response, which the user cannot convert like a file.
fn response_hint(outcome: &Outcome) -> &'static str {
    match &outcome.end {
        BodyEnd::NotJson { is_html: true, .. } => {
            "Check the base URL: the response may come from a login page or a proxy."
        }
        BodyEnd::Empty => "Try again; if it stays empty, check the base URL, the account and any proxies.",
        BodyEnd::NoMessages(NoMessages::Null) => {
            "The service has no messages for this thread: check the thread id and the account."
        }
        BodyEnd::NotJson { .. }
        | BodyEnd::NoMessages(_)
        | BodyEnd::Complete
        | BodyEnd::Truncated { .. }
        | BodyEnd::TrailingGarbage { .. }
        | BodyEnd::SecondValue { .. }
        | BodyEnd::OutOfMemory { .. }
        | BodyEnd::TooLarge { .. } => {
            "Check the base URL and proxies: the response may come from another server or version."
        }
    }
}

fn file_hint(outcome: &Outcome) -> &'static str {
    match &outcome.end {
        BodyEnd::NotJson { is_html: true, .. } => {
            "Check the base URL: the response may come from a login page or a proxy."
        }
        BodyEnd::NotJson { prefix, .. } => {
            file_signature::detect(prefix).map_or(DEFAULT_HINT, |format| format.hint)
        }
        BodyEnd::Empty => "Check the file, or the command that writes it.",
        BodyEnd::NoMessages(NoMessages::Nested(_)) => "Extract that part, for example with jq, and open it.",
        BodyEnd::NoMessages(_)
        | BodyEnd::Complete
        | BodyEnd::Truncated { .. }
        | BodyEnd::TrailingGarbage { .. }
        | BodyEnd::SecondValue { .. }
        | BodyEnd::TooLarge { .. }
        | BodyEnd::OutOfMemory { .. } => DEFAULT_HINT,
    }
}

/// Returns the messages of an error body.
fn error_messages(envelope: &[u8]) -> Vec<String> {
    let body = Value::of(envelope);
    ["error", "detail", "message"]
        .iter()
        .filter_map(|key| body.get(key)?.as_str())
        .map(|text| text.chars().take(MAX_MESSAGE_LENGTH).collect())
        .collect()
}

/// The maximum number of characters in a service's error message.
const MAX_MESSAGE_LENGTH: usize = 500;

/// Returns whether the body ends within its list of messages.
fn is_truncated(outcome: &Outcome) -> bool {
    matches!(outcome.end, BodyEnd::Truncated { .. })
}

fn warnings(outcome: &Outcome, interruption: Option<String>) -> Vec<String> {
    let mut warnings: Vec<String> = interruption.into_iter().collect();
    match &outcome.end {
        BodyEnd::Truncated { offset } if warnings.is_empty() => {
            warnings.push(format!("the body is truncated after {offset} bytes"))
        }
        BodyEnd::TrailingGarbage { offset } => {
            warnings.push(format!("data that is not JSON follows at byte {offset}"))
        }
        BodyEnd::SecondValue { offset } => {
            warnings.push(format!("a second JSON value at byte {offset} is not shown"))
        }
        BodyEnd::TooLarge { offset } => {
            warnings.push(format!("the message at byte {offset} is too large; the rest is not shown"))
        }
        BodyEnd::OutOfMemory { offset } => warnings.push(format!(
            "there is not enough memory for the message at byte {offset}; the rest is not shown"
        )),
        BodyEnd::Complete
        | BodyEnd::Truncated { .. }
        | BodyEnd::NoMessages(_)
        | BodyEnd::Empty
        | BodyEnd::NotJson { .. } => {}
    }
    // In a truncated body, the message that is cut off and the missing fields after it need no further warning.
    let cut_off = !warnings.is_empty() && is_truncated(outcome);
    match outcome.broken_count.saturating_sub(u32::from(cut_off)) {
        0 => {}
        1 => warnings.push("1 message has broken JSON".to_owned()),
        broken => warnings.push(format!("{broken} messages have broken JSON")),
    }
    if outcome.has_repeated_messages {
        warnings.push("the body has several lists of messages; all are shown in sequence".to_owned());
    }
    if outcome.skipped_bytes > 0 {
        let skipped = outcome.skipped_bytes;
        warnings.push(format!("skipped {skipped} bytes of unrecognized data between messages"));
    }
    if outcome.is_envelope_truncated && !is_truncated(outcome) {
        warnings.push("the thread's own fields are too large; some are missing".to_owned());
    }
    let found = outcome.message_count;
    if let Some(declared) = outcome.declared_count.filter(|declared| *declared != i64::from(found)) {
        warnings.push(format!("message_count says {declared}, found {found}"));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Splitter;

    fn hint_for(body: &[u8], source: BodySource) -> String {
        let mut splitter = Splitter::default();
        splitter.push(body);
        let outcome = splitter.finish();
        let error = diagnose(&outcome, provider::by_id("sgp"), 0, None, source).unwrap_err();
        error.hint.to_lowercase()
    }

    #[test]
    fn hints_about_a_response_never_mention_files_or_commands() {
        for body in [
            &b""[..],
            b"null",
            b"{\"messages\":null}",
            b"{\"messages\":{\"a\":1}}",
            b"{\"data\":{\"messages\":[{}]}}",
            b"{\"messages\":[{\"id\":",
            b"7",
            b"\"text\"",
            b"\x1f\x8b\x08\x00",
            b"PK\x03\x04zip",
            b"\xff\xfe{\x00",
            b"<html><title>Sign in</title></html>",
            b"plain text",
        ] {
            let hint = hint_for(body, BodySource::Service);
            let is_about_files = ["file", "jq", "command", "| unspool", "--provider", "open the body"]
                .iter()
                .any(|word| hint.contains(word));
            assert!(!hint.is_empty() && !is_about_files, "{body:?}: {hint}");
        }
        assert!(hint_for(b"", BodySource::Local).contains("file"));
    }
}
