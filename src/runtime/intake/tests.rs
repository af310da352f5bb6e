use tokio::sync::mpsc;

use super::*;
use crate::domain::{Heads, Message, Thread};
use crate::event::{Ending, Origin};
use crate::provider::{Access, AccessError, Capabilities, Recognised, Refusal, Request, Variable};

/// A service whose reader dies of a message that has "boom" in it.
#[derive(Debug)]
struct Fragile;

impl Provider for Fragile {
    fn service(&self) -> &'static str {
        "sgp"
    }
    fn name(&self) -> &'static str {
        "Fragile"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities { no_spans: None, no_feedback: None, turns: true, ordered: true }
    }
    fn recognise(&self, _: &str) -> Option<Recognised> {
        None
    }
    fn check_id(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn variables(&self) -> &'static [Variable] {
        &[]
    }
    fn access(&self, _: &dyn Fn(&str) -> Option<String>) -> Access {
        Access { base_url: String::new(), key: None, account: None, by_account: true }
    }
    fn messages_request(&self, _: &str, _: &Access) -> Result<Request, AccessError> {
        Err(AccessError::BadId { reason: String::new() })
    }
    fn details_request(&self, _: &str, _: &Access) -> Option<Request> {
        None
    }
    fn fits(&self, _: &[u8], _: Option<&[u8]>) -> bool {
        true
    }
    fn head(&self, raw: Raw, index: u32) -> Head {
        assert!(!raw.bytes().windows(4).any(|word| word == b"boom"), "cannot read this");
        Head::blank(raw, index)
    }
    fn message(&self, _: &[u8]) -> Message {
        Message::default()
    }
    fn thread(&self, _: &[u8]) -> Thread {
        Thread::default()
    }
    fn add_details(&self, _: &mut Thread, _: &[u8]) {}
    fn explain(&self, _: u16, _: &[u8], _: &Access) -> Refusal {
        Refusal { said: Vec::new(), advice: String::new() }
    }
}

#[test]
fn a_message_that_kills_its_reader_costs_itself_and_the_request_still_ends() {
    let (outbox, mut inbox) = mpsc::channel(64);
    let mut intake = Intake::new(RequestId(1), Some(&Fragile), &outbox);
    intake.push(br#"{"messages":[{"a":1},{"a":"boom"},{"a":3}]}"#, None);
    intake.finish(None).wait();
    drop(outbox);
    let (mut faults, mut ended) = (Vec::new(), false);
    while let Some(Event::Fetch { news, .. }) = inbox.blocking_recv() {
        match news {
            News::Heads(heads) => faults.extend(heads.into_iter().map(|head| head.fault.is_some())),
            News::Ended(_) => ended = true,
            _ => {}
        }
    }
    assert_eq!((faults, ended), (vec![false, true, false], true));
}

#[test]
fn a_pause_holds_back_nothing_that_came_before_it() {
    let (outbox, mut inbox) = mpsc::channel(64);
    let mut intake = Intake::new(RequestId(1), Some(&Fragile), &outbox);
    for part in [r#"{"messages":[{"a":1},"#, r#"{"a":2},{"a":3},"#, r#"{"a":4},{"#] {
        intake.push(part.as_bytes(), None);
    }
    assert!(intake.is_behind());
    intake.settle(None);
    assert!(!intake.is_behind());
    let came = intake.bytes();
    intake.abandon().wait();
    drop(outbox);
    let (mut heads, mut told) = (0, 0);
    while let Some(Event::Fetch { news, .. }) = inbox.blocking_recv() {
        match news {
            News::Heads(more) => heads += more.len(),
            News::Receiving { bytes, .. } => told = bytes,
            _ => {}
        }
    }
    assert_eq!((heads, told), (4, came));
}

#[test]
fn what_came_of_a_body_that_comes_again_is_told_before_it_begins_again() {
    let (outbox, mut inbox) = mpsc::channel(4096);
    let mut intake = Intake::new(RequestId(1), Some(&Fragile), &outbox);
    for _ in 0..200 {
        intake.push(br#"{"messages":[{"a":1},{"a":2},"#, None);
        intake.restart();
    }
    intake.push(br#"{"messages":[{"a":1}]}"#, None);
    intake.finish(None).wait();
    drop(outbox);
    let (mut heads, mut restarts) = (0, 0);
    while let Some(Event::Fetch { news, .. }) = inbox.blocking_recv() {
        match news {
            News::Heads(more) => heads += more.len(),
            News::Restarted => (heads, restarts) = (0, restarts + 1),
            _ => {}
        }
    }
    assert_eq!((heads, restarts), (1, 200));
}

#[test]
fn only_what_is_new_in_a_thread_that_comes_again_is_read() {
    let known =
        |text: &str, index| Head { spans: 77, ..Head::blank(Raw::owned(text.as_bytes().to_vec()), index) };
    let mut heads = Heads::default();
    heads.extend([known(r#"{"a":"boom"}"#, 0), known(r#"{"a":"was else"}"#, 1)]);
    let (outbox, mut inbox) = mpsc::channel(64);
    let mut intake = Intake::new(RequestId(1), Some(&Fragile), &outbox).knowing(Known::new(heads));
    intake.push(br#"{"messages":[{"a":"boom"},{"a":"is so"},{"a":3}]}"#, None);
    intake.finish(None).wait();
    drop(outbox);
    let mut told = Vec::new();
    while let Some(Event::Fetch { news, .. }) = inbox.blocking_recv() {
        if let News::Heads(heads) = news {
            told.extend(heads.into_iter().map(|head| (head.index, head.spans, head.fault.is_some())));
        }
    }
    // The reader would have died of the first.
    assert_eq!(told, [(0, 77, false), (1, 0, false), (2, 0, false)]);
}

/// How a body ended that came from there and is said to be of this service.
fn ending(said: &'static str, origin: Origin, parts: &[&str]) -> Ending {
    let (outbox, mut inbox) = mpsc::channel(4096);
    let mut intake = Intake::new(RequestId(1), provider::named(said), &outbox);
    intake.tell(News::Began { origin });
    for part in parts {
        intake.push(part.as_bytes(), None);
    }
    intake.finish(None).wait();
    drop(outbox);
    let mut ended = None;
    while let Some(Event::Fetch { news, .. }) = inbox.blocking_recv() {
        if let News::Ended(ending) = news {
            ended = Some(ending);
        }
    }
    ended.unwrap()
}

#[test]
fn a_body_of_another_service_says_whose_it_is_and_what_to_do_where_it_came_from() {
    let body = [r#"{"messages":[{"role":"user","content":"#, r#""a"},{"role":"user","content":"b"}]}"#];
    let file = ending("sgp", Origin::File { size: None }, &body);
    assert!(
        file.unreadable
            && file.oddities[0].ends_with("run with --provider camelai, or leave --provider away")
    );
    let network = ending("sgp", Origin::Network { host: "h".to_owned() }, &body);
    assert!(network.oddities[0].contains("camelAI's") && network.oddities[0].contains("check the base URL"));
    assert_eq!(
        ending("camelai", Origin::File { size: None }, &body),
        Ending { bytes: file.bytes, ..Ending::default() }
    );
}

#[test]
fn one_message_that_can_be_read_is_enough() {
    let body = [r#"{"messages":[{"role":"user"},"#, r#"{"entry":{"id":"a"}}]}"#];
    let ended = ending("sgp", Origin::File { size: None }, &body);
    assert!(!ended.unreadable && ended.oddities.is_empty(), "{ended:?}");
}
