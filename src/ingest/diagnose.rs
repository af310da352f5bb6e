//! How a body ended, in words: every oddity that the splitter can tell becomes a sentence, and a body without a thread
//! becomes a failure that says what it is instead.

mod file_signature;

use crate::decode::{BodyEnd, NoMessages, Outcome};
use crate::domain::{ExitCode, BodySummary, Origin, UserError};
use crate::json::{Kind, Value};
use crate::provider::Provider;

/// Whether there is a thread to show, and what is odd about it.
///
/// # Errors
/// A failure in sentences, if there is none.
pub fn diagnose(
    outcome: &Outcome,
    provider: Option<&'static dyn Provider>,
    heads: u32,
    broke_off: Option<String>,
) -> Result<BodySummary, UserError> {
    let truncated = matches!(outcome.end, BodyEnd::Truncated { .. });
    if heads == 0 && (truncated || broke_off.is_some()) {
        let what = broke_off.unwrap_or_else(|| "the body ends before its first message does".to_owned());
        return Err(parse_error(what, "Fetch it again, or check that the file is complete."));
    }
    if let Some(what) = missing_thread_reason(outcome) {
        return Err(UserError {
            service_messages: error_messages(&outcome.envelope),
            ..parse_error(what, &hint(outcome))
        });
    }
    if provider.is_none() {
        let what = "this is JSON, but not a thread of a service that this program knows";
        let services = crate::provider::display_names();
        let hint = format!("Open the body of a messages request of {services}, or pass --provider.");
        return Err(parse_error(what.to_owned(), &hint));
    }
    let partial = truncated || broke_off.is_some();
    Ok(BodySummary {
        bytes: outcome.byte_len,
        warnings: warnings(outcome, broke_off),
        is_partial: partial,
        is_unreadable: false,
    })
}

/// What to say where not one message could be read. Of a body that is said to be one service's and looks like another's,
/// both are given, in this order.
pub fn provider_mismatch(claim: Option<(&dyn Provider, &dyn Provider)>, from: Option<&Origin>) -> String {
    let Some((said, seems)) = claim else {
        return "not one of its messages could be read; what came is there as raw JSON".to_owned();
    };
    let (said, name, service) = (said.display_name(), seems.display_name(), seems.id());
    let advice = match from {
        Some(Origin::Network { .. } | Origin::Cache { .. }) => {
            format!("check the base URL, or open it as {service}:ID")
        }
        Some(Origin::File { .. }) | None => {
            format!("run with --provider {service}, or leave --provider away")
        }
    };
    format!("this body looks like {name}'s, and not one of its messages could be read as {said}'s: {advice}")
}

fn parse_error(what: String, advice: &str) -> UserError {
    UserError {
        message: what,
        service_messages: Vec::new(),
        hint: advice.to_owned(),
        exit_code: ExitCode::NotUnderstood,
    }
}

/// Why there are no messages at all.
fn missing_thread_reason(outcome: &Outcome) -> Option<String> {
    let text = match &outcome.end {
        BodyEnd::Empty => "the body is empty".to_owned(),
        BodyEnd::NotJson { is_html: true, .. } => "the body is a web page, not a thread".to_owned(),
        BodyEnd::NotJson { prefix: head, .. } => {
            format!(
                "the body is {}",
                file_signature::detect(head).map_or("not JSON", |disguise| disguise.description)
            )
        }
        BodyEnd::NoMessages(NoMessages::Absent) => "the body is JSON without messages".to_owned(),
        BodyEnd::NoMessages(NoMessages::Null) => "the body's messages are null".to_owned(),
        BodyEnd::NoMessages(NoMessages::NotAnArray(kind)) => {
            format!("the body's messages are not a list but {}", describe_kind(*kind))
        }
        BodyEnd::NoMessages(NoMessages::Nested(key)) => {
            format!("the messages are not at the top of the body but inside {key:?}")
        }
        BodyEnd::NoMessages(NoMessages::NotAnObject(kind)) => {
            format!("the body is {}, not a thread", describe_kind(*kind))
        }
        BodyEnd::Complete
        | BodyEnd::Truncated { .. }
        | BodyEnd::TrailingGarbage { .. }
        | BodyEnd::SecondValue { .. }
        | BodyEnd::TooLarge { .. } => return None,
    };
    (outcome.message_count == 0).then_some(text)
}

fn describe_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "true or false",
        Kind::Number => "a number",
        Kind::String => "a text",
        Kind::Array => "a list",
        Kind::Object => "an object",
        Kind::Invalid => "not JSON",
    }
}

/// What to do where nothing better can be said.
const DEFAULT_HINT: &str = "Open the body of GET …/threads/ID/messages.";

fn hint(outcome: &Outcome) -> String {
    match &outcome.end {
        BodyEnd::NotJson { is_html: true, .. } => {
            "Check the base URL: a login page or a proxy may have answered."
        }
        BodyEnd::NotJson { prefix: head, .. } => {
            file_signature::detect(head).map_or(DEFAULT_HINT, |disguise| disguise.hint)
        }
        BodyEnd::Empty => "Nothing came: check the file, or the command that was to write it.",
        BodyEnd::NoMessages(NoMessages::Nested(_)) => "Cut that part out (with jq, for example) and open it.",
        _ => DEFAULT_HINT,
    }
    .to_owned()
}

/// An error body says what is wrong itself.
fn error_messages(envelope: &[u8]) -> Vec<String> {
    let body = Value::of(envelope);
    ["error", "detail", "message"]
        .iter()
        .filter_map(|key| body.get(key)?.as_str())
        .map(|text| text.chars().take(500).collect())
        .collect()
}

/// Whether the body ended before its list of messages did.
fn is_truncated(outcome: &Outcome) -> bool {
    matches!(outcome.end, BodyEnd::Truncated { .. })
}

fn warnings(outcome: &Outcome, broke_off: Option<String>) -> Vec<String> {
    let mut found: Vec<String> = broke_off.into_iter().collect();
    match &outcome.end {
        BodyEnd::Truncated { offset } if found.is_empty() => {
            found.push(format!("the body breaks off after {offset} bytes"))
        }
        BodyEnd::TrailingGarbage { offset } => {
            found.push(format!("something that is not JSON follows at byte {offset}"))
        }
        BodyEnd::SecondValue { offset } => {
            found.push(format!("a second JSON value follows at byte {offset}; it is not shown"))
        }
        BodyEnd::TooLarge { offset } => {
            found.push(format!("the message at byte {offset} is too large; what follows is not shown"))
        }
        BodyEnd::Complete
        | BodyEnd::Truncated { .. }
        | BodyEnd::NoMessages(_)
        | BodyEnd::Empty
        | BodyEnd::NotJson { .. } => {}
    }
    // Where the body broke off, the message that it broke off in and the fields behind it are no oddities of their own.
    let cut_off = !found.is_empty() && is_truncated(outcome);
    match outcome.broken_count.saturating_sub(u32::from(cut_off)) {
        0 => {}
        1 => found.push("one of its messages is broken".to_owned()),
        broken => found.push(format!("{broken} of its messages are broken")),
    }
    if outcome.has_repeated_messages {
        found.push("it has more than one list of messages; they are shown one after another".to_owned());
    }
    if outcome.skipped_bytes > 0 {
        found.push(format!("{} bytes between its messages mean nothing", outcome.skipped_bytes));
    }
    if outcome.is_envelope_truncated && !is_truncated(outcome) {
        found.push("the fields of the thread are too large to be kept whole".to_owned());
    }
    if let Some(declared) =
        outcome.declared_count.filter(|declared| *declared != i64::from(outcome.message_count))
    {
        found.push(format!("it says {declared} messages and has {}", outcome.message_count));
    }
    found
}
