//! Bodies in chunks of any size: the decoder finds the same messages for any chunking, and both providers read them
//! without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use unspool::testing::decode::{Completeness, Limits, Outcome, Splitter};
use unspool::testing::domain::Raw;
use unspool::testing::provider;

type Messages = Vec<(u32, Vec<u8>, Completeness)>;

fn collect_batches(splitter: &mut Splitter, messages: &mut Messages) {
    while let Some(batch) = splitter.next_batch() {
        messages.extend(
            batch
                .raw_messages()
                .map(|(index, raw, completeness)| (index, raw.bytes().to_vec(), completeness)),
        );
    }
}

fn split(body: &[u8], limits: Limits, mut sizes: impl Iterator<Item = u8>) -> (Messages, Outcome) {
    let mut splitter = Splitter::new(limits);
    let mut messages = Messages::new();
    let mut rest = body;
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(u8::MAX);
        let (now, later) = rest.split_at(rest.len().min(usize::from(size % 97) + 1));
        splitter.push(now);
        if size % 5 == 0 {
            splitter.flush();
        }
        collect_batches(&mut splitter, &mut messages);
        rest = later;
    }
    let outcome = splitter.finish();
    collect_batches(&mut splitter, &mut messages);
    (messages, outcome)
}

fn read(messages: &Messages, outcome: &Outcome) {
    let first = messages.first().map(|(_, bytes, _)| bytes.as_slice());
    for provider in provider::all() {
        for (index, bytes, _) in messages {
            let summary = provider.read_summary(Raw::owned(bytes.clone()), *index);
            assert_eq!(summary.raw.bytes(), bytes);
            let message = provider.read_message(bytes);
            assert!(
                summary.read_error.is_none() || !message.read_errors.is_empty(),
                "an unreadable message has no reason"
            );
            provider.read_feedback(bytes);
        }
        provider.matches_body(&outcome.envelope, first);
        let mut thread = provider.read_thread(&outcome.envelope);
        provider.add_details(&mut thread, &outcome.envelope);
        provider.explain_error(500, &outcome.envelope, &provider.access_from_env(&|_| None));
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&steps, data)) = data.split_first() else { return };
    let Some((sizes, body)) = data.split_at_checked(usize::from(steps % 16)) else { return };
    let usual = Limits { tiny_in_sequence: u32::MAX, ..Limits::default() };
    let small = Limits { first_segment: 64, segment: 256, ..usual };
    let (messages, outcome) = split(body, small, sizes.iter().copied().cycle().take(4096));
    let (expected_messages, expected_outcome) = split(body, usual, std::iter::empty());
    assert_eq!(messages, expected_messages, "the chunking changed the messages");
    assert_eq!(outcome, expected_outcome);
    assert_eq!(outcome.byte_len, body.len() as u64);
    assert_eq!(messages.len(), outcome.message_count as usize);
    assert!(messages.iter().enumerate().all(|(position, (index, _, _))| position == *index as usize));
    read(&messages, &outcome);
});
