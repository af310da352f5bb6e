//! How a body ended, in words: every oddity that the splitter can tell becomes a sentence, and a body without a thread
//! becomes a failure that says what it is instead.

mod disguise;

use crate::decode::{End, NoMessages, Outcome};
use crate::event::{Ending, Failure, Origin};
use crate::json::{Kind, Value};
use crate::provider::Provider;

/// The exit code for an answer that could not be understood.
const NOT_UNDERSTOOD: u8 = 7;

/// Whether there is a thread to show, and what is odd about it.
///
/// # Errors
/// A failure in sentences, if there is none.
pub fn verdict(
    outcome: &Outcome,
    provider: Option<&'static dyn Provider>,
    heads: u32,
    broke_off: Option<String>,
) -> Result<Ending, Failure> {
    let truncated = matches!(outcome.end, End::Truncated { .. });
    if heads == 0 && (truncated || broke_off.is_some()) {
        let what = broke_off.unwrap_or_else(|| "the body ends before its first message does".to_owned());
        return Err(failure(what, "Fetch it again, or check that the file is complete."));
    }
    if let Some(what) = no_thread(outcome) {
        return Err(Failure { said: said(&outcome.envelope), ..failure(what, &advice(outcome)) });
    }
    if provider.is_none() {
        let what = "this is JSON, but not a thread of a service that this program knows";
        let advice = "Open the body of a messages request of Scale SGP or camelAI, or say --provider.";
        return Err(failure(what.to_owned(), advice));
    }
    let partial = truncated || broke_off.is_some();
    Ok(Ending { bytes: outcome.bytes, oddities: oddities(outcome, broke_off), partial, unreadable: false })
}

/// What to say where not one message could be read. Of a body that is said to be one service's and looks like another's,
/// both are given, in this order.
pub fn unread(claim: Option<(&dyn Provider, &dyn Provider)>, from: Option<&Origin>) -> String {
    let Some((said, seems)) = claim else {
        return "not one of its messages could be read; what came is there as raw JSON".to_owned();
    };
    let (said, name, service) = (said.name(), seems.name(), seems.service());
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

fn failure(what: String, advice: &str) -> Failure {
    Failure { what, said: Vec::new(), advice: advice.to_owned(), exit_code: NOT_UNDERSTOOD }
}

/// Why there are no messages at all.
fn no_thread(outcome: &Outcome) -> Option<String> {
    let text = match &outcome.end {
        End::Empty => "the body is empty".to_owned(),
        End::NotJson { html: true, .. } => "the body is a web page, not a thread".to_owned(),
        End::NotJson { head, .. } => {
            format!("the body is {}", disguise::of(head).map_or("not JSON", |disguise| disguise.what))
        }
        End::NoMessages(NoMessages::Absent) => "the body is JSON without messages".to_owned(),
        End::NoMessages(NoMessages::Null) => "the body's messages are null".to_owned(),
        End::NoMessages(NoMessages::NotAnArray(kind)) => {
            format!("the body's messages are not a list but {}", named(*kind))
        }
        End::NoMessages(NoMessages::Nested(key)) => {
            format!("the messages are not at the top of the body but inside {key:?}")
        }
        End::NoMessages(NoMessages::NotAnObject(kind)) => {
            format!("the body is {}, not a thread", named(*kind))
        }
        End::Complete
        | End::Truncated { .. }
        | End::TrailingGarbage { .. }
        | End::SecondValue { .. }
        | End::TooLarge { .. } => return None,
    };
    (outcome.messages == 0).then_some(text)
}

fn named(kind: Kind) -> &'static str {
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
const OPEN: &str = "Open the body of GET …/threads/ID/messages.";

fn advice(outcome: &Outcome) -> String {
    match &outcome.end {
        End::NotJson { html: true, .. } => "Check the base URL: a login page or a proxy may have answered.",
        End::NotJson { head, .. } => disguise::of(head).map_or(OPEN, |disguise| disguise.advice),
        End::Empty => "Nothing came: check the file, or the command that was to write it.",
        End::NoMessages(NoMessages::Nested(_)) => "Cut that part out (with jq, for example) and open it.",
        _ => OPEN,
    }
    .to_owned()
}

/// An error body says what is wrong itself.
fn said(envelope: &[u8]) -> Vec<String> {
    let body = Value::of(envelope);
    ["error", "detail", "message"]
        .iter()
        .filter_map(|key| body.get(key)?.as_str())
        .map(|text| text.chars().take(500).collect())
        .collect()
}

/// Whether the body ended before its list of messages did.
fn broke_off_within(outcome: &Outcome) -> bool {
    matches!(outcome.end, End::Truncated { .. })
}

fn oddities(outcome: &Outcome, broke_off: Option<String>) -> Vec<String> {
    let mut found: Vec<String> = broke_off.into_iter().collect();
    match &outcome.end {
        End::Truncated { offset } if found.is_empty() => {
            found.push(format!("the body breaks off after {offset} bytes"))
        }
        End::TrailingGarbage { offset } => {
            found.push(format!("something that is not JSON follows at byte {offset}"))
        }
        End::SecondValue { offset } => {
            found.push(format!("a second JSON value follows at byte {offset}; it is not shown"))
        }
        End::TooLarge { offset } => {
            found.push(format!("the message at byte {offset} is too large; what follows is not shown"))
        }
        End::Complete | End::Truncated { .. } | End::NoMessages(_) | End::Empty | End::NotJson { .. } => {}
    }
    // Where the body broke off, the message that it broke off in and the fields behind it are no oddities of their own.
    let cut_off = !found.is_empty() && broke_off_within(outcome);
    match outcome.broken.saturating_sub(u32::from(cut_off)) {
        0 => {}
        1 => found.push("one of its messages is broken".to_owned()),
        broken => found.push(format!("{broken} of its messages are broken")),
    }
    if outcome.repeated_messages {
        found.push("it has more than one list of messages; they are shown one after another".to_owned());
    }
    if outcome.noise > 0 {
        found.push(format!("{} bytes between its messages mean nothing", outcome.noise));
    }
    if outcome.envelope_cut && !broke_off_within(outcome) {
        found.push("the fields of the thread are too large to be kept whole".to_owned());
    }
    if let Some(declared) = outcome.declared.filter(|declared| *declared != i64::from(outcome.messages)) {
        found.push(format!("it says {declared} messages and has {}", outcome.messages));
    }
    found
}
