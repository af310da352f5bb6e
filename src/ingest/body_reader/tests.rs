use tokio::sync::mpsc;

use super::*;
use crate::domain::{BodySummary, Message, MessageSummaries, Origin, Thread};
use crate::provider::{
    AccessError, ApiError, Capabilities, EnvVariable, ListScope, Listing, ParsedThreadId, Request,
    ServiceAccess,
};

/// A provider that panics on a message that contains "boom".
#[derive(Debug)]
struct PanickingProvider;

impl Provider for PanickingProvider {
    fn id(&self) -> &'static str {
        "sgp"
    }
    fn display_name(&self) -> &'static str {
        "Panicking"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities { no_spans_reason: None, no_feedback_reason: None, has_turns: true, is_ordered: true }
    }
    fn parse_thread_id(&self, _: &str) -> Option<ParsedThreadId> {
        None
    }
    fn check_id(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn env_variables(&self) -> &'static [EnvVariable] {
        &[]
    }
    fn access_from_env(&self, _: &dyn Fn(&str) -> Option<String>) -> ServiceAccess {
        ServiceAccess { base_url: String::new(), api_key: None, account_id: None, fetch_by_account: true }
    }
    fn messages_request(&self, _: &str, _: &ServiceAccess) -> Result<Request, AccessError> {
        Err(AccessError::BadId { reason: String::new() })
    }
    fn details_request(&self, _: &str, _: &ServiceAccess) -> Option<Request> {
        None
    }
    fn start_listing(&self, _: &ServiceAccess, _: &ListScope) -> Result<Box<dyn Listing>, AccessError> {
        Err(AccessError::BadId { reason: String::new() })
    }
    fn matches_body(&self, _: &[u8], _: Option<&[u8]>) -> bool {
        true
    }
    fn read_summary(&self, raw: Raw, index: u32) -> MessageSummary {
        assert!(!raw.bytes().windows(4).any(|word| word == b"boom"), "cannot parse this");
        MessageSummary::blank(raw, index)
    }
    fn read_message(&self, _: &[u8]) -> Message {
        Message::default()
    }
    fn read_thread(&self, _: &[u8]) -> Thread {
        Thread::default()
    }
    fn add_details(&self, _: &mut Thread, _: &[u8]) {}
    fn explain_error(&self, _: u16, _: &[u8], _: &ServiceAccess) -> ApiError {
        ApiError { messages: Vec::new(), hint: String::new() }
    }
}

#[test]
fn a_message_that_panics_the_provider_is_unreadable_and_the_request_still_ends() {
    let (outbox, mut inbox) = mpsc::channel(64);
    let mut reader = BodyReader::new(RequestId(1), Some(&PanickingProvider), &outbox);
    reader.push(br#"{"messages":[{"a":1},{"a":"boom"},{"a":3}]}"#, None);
    reader.finish(None).wait();
    drop(outbox);
    let (mut is_unreadable, mut ended) = (Vec::new(), false);
    while let Some(Event::Fetch { update, .. }) = inbox.blocking_recv() {
        match update {
            FetchUpdate::Summaries(summaries) => {
                is_unreadable.extend(summaries.into_iter().map(|summary| summary.read_error.is_some()))
            }
            FetchUpdate::Ended(_) => ended = true,
            _ => {}
        }
    }
    assert_eq!((is_unreadable, ended), (vec![false, true, false], true));
}

#[test]
fn a_pause_flushes_everything_received_before_it() {
    let (outbox, mut inbox) = mpsc::channel(64);
    let mut reader = BodyReader::new(RequestId(1), Some(&PanickingProvider), &outbox);
    let parts = [r#"{"messages":[{"a":1},"#, r#"{"a":2},{"a":3},"#, r#"{"a":4},{"#];
    for part in parts {
        reader.push(part.as_bytes(), None);
    }
    assert!(reader.has_unreported_bytes());
    reader.flush_on_pause(None);
    assert!(!reader.has_unreported_bytes());
    reader.abandon().wait();
    drop(outbox);
    let (mut count, mut reported_bytes) = (0, 0);
    while let Some(Event::Fetch { update, .. }) = inbox.blocking_recv() {
        match update {
            FetchUpdate::Summaries(more) => count += more.len(),
            FetchUpdate::Progress(FetchProgress::Receiving { bytes, .. }) => reported_bytes = bytes,
            _ => {}
        }
    }
    assert_eq!((count, reported_bytes), (4, parts.concat().len() as u64));
}

#[test]
fn updates_of_the_first_attempt_are_sent_before_the_restart() {
    let (outbox, mut inbox) = mpsc::channel(4096);
    let mut reader = BodyReader::new(RequestId(1), Some(&PanickingProvider), &outbox);
    for _ in 0..200 {
        reader.push(br#"{"messages":[{"a":1},{"a":2},"#, None);
        reader.restart();
    }
    reader.push(br#"{"messages":[{"a":1}]}"#, None);
    reader.finish(None).wait();
    drop(outbox);
    let (mut count, mut restarts) = (0, 0);
    while let Some(Event::Fetch { update, .. }) = inbox.blocking_recv() {
        match update {
            FetchUpdate::Summaries(more) => count += more.len(),
            FetchUpdate::Restarted => (count, restarts) = (0, restarts + 1),
            _ => {}
        }
    }
    assert_eq!((count, restarts), (1, 200));
}

#[test]
fn only_changed_messages_of_a_reloaded_thread_are_read() {
    let known = |text: &str, index| MessageSummary {
        span_count: 77,
        ..MessageSummary::blank(Raw::owned(text.as_bytes().to_vec()), index)
    };
    let mut summaries = MessageSummaries::default();
    summaries.extend([known(r#"{"a":"boom"}"#, 0), known(r#"{"a":"was else"}"#, 1)]);
    let (outbox, mut inbox) = mpsc::channel(64);
    let mut reader = BodyReader::new(RequestId(1), Some(&PanickingProvider), &outbox)
        .with_known_messages(KnownMessages::new(summaries));
    reader.push(br#"{"messages":[{"a":"boom"},{"a":"is so"},{"a":3}]}"#, None);
    reader.finish(None).wait();
    drop(outbox);
    let mut received = Vec::new();
    while let Some(Event::Fetch { update, .. }) = inbox.blocking_recv() {
        if let FetchUpdate::Summaries(summaries) = update {
            received.extend(
                summaries
                    .into_iter()
                    .map(|summary| (summary.index, summary.span_count, summary.read_error.is_some())),
            );
        }
    }
    // Reading the first one again would have panicked.
    assert_eq!(received, [(0, 77, false), (1, 0, false), (2, 0, false)]);
}

/// Returns the summary of a body read for this provider.
fn body_summary(provider: &'static str, origin: Origin, parts: &[&str]) -> BodySummary {
    let (outbox, mut inbox) = mpsc::channel(4096);
    let mut reader = BodyReader::new(RequestId(1), provider::by_id(provider), &outbox);
    reader.send(FetchUpdate::Started { origin });
    for part in parts {
        reader.push(part.as_bytes(), None);
    }
    reader.finish(None).wait();
    drop(outbox);
    let mut ended = None;
    while let Some(Event::Fetch { update, .. }) = inbox.blocking_recv() {
        if let FetchUpdate::Ended(summary) = update {
            ended = Some(summary);
        }
    }
    ended.unwrap()
}

#[test]
fn a_body_of_another_service_names_that_service_and_suggests_a_fix() {
    let body = [r#"{"messages":[{"role":"user","content":"#, r#""a"},{"role":"user","content":"b"}]}"#];
    let file = body_summary("sgp", Origin::File { size: None }, &body);
    assert!(
        file.is_unreadable
            && file.warnings[0].ends_with("run with --provider camelai, or without --provider")
    );
    let network = body_summary("sgp", Origin::Network { host: "h".to_owned() }, &body);
    assert!(network.warnings[0].contains("camelAI") && network.warnings[0].contains("check the base URL"));
    assert_eq!(
        body_summary("camelai", Origin::File { size: None }, &body),
        BodySummary { bytes: file.bytes, ..BodySummary::default() }
    );
}

#[test]
fn one_readable_message_is_enough() {
    let body = [r#"{"messages":[{"role":"user"},"#, r#"{"entry":{"id":"a"}}]}"#];
    let ended = body_summary("sgp", Origin::File { size: None }, &body);
    assert!(!ended.is_unreadable && ended.warnings.is_empty(), "{ended:?}");
}
