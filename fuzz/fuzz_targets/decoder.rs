//! Bodies in pieces of any size: the decoder finds the same messages however the bytes arrive, and whatever it finds,
//! both services read without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use unspool::decode::{Condition, Limits, Outcome, Splitter};
use unspool::domain::Raw;
use unspool::provider;

type Found = Vec<(u32, Vec<u8>, Condition)>;

fn take(splitter: &mut Splitter, found: &mut Found) {
    while let Some(batch) = splitter.next_batch() {
        found.extend(batch.raws().map(|(index, raw, condition)| (index, raw.bytes().to_vec(), condition)));
    }
}

fn split(body: &[u8], limits: Limits, mut sizes: impl Iterator<Item = u8>) -> (Found, Outcome) {
    let mut splitter = Splitter::new(limits);
    let mut found = Found::new();
    let mut rest = body;
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(u8::MAX);
        let (now, later) = rest.split_at(rest.len().min(usize::from(size % 97) + 1));
        splitter.push(now);
        if size % 5 == 0 {
            splitter.flush();
        }
        take(&mut splitter, &mut found);
        rest = later;
    }
    let outcome = splitter.finish();
    take(&mut splitter, &mut found);
    (found, outcome)
}

fn read(found: &Found, outcome: &Outcome) {
    let first = found.first().map(|(_, bytes, _)| bytes.as_slice());
    for service in provider::all() {
        for (index, bytes, _) in found {
            let head = service.head(Raw::owned(bytes.clone()), *index);
            assert_eq!(head.raw.bytes(), bytes);
            let message = service.message(bytes);
            assert!(head.fault.is_none() || !message.faults.is_empty(), "a row tells why it cannot be read");
            service.feedback(bytes);
        }
        service.fits(&outcome.envelope, first);
        let mut thread = service.thread(&outcome.envelope);
        service.add_details(&mut thread, &outcome.envelope);
        service.explain(500, &outcome.envelope, &service.access(&|_| None));
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&steps, data)) = data.split_first() else { return };
    let Some((sizes, body)) = data.split_at_checked(usize::from(steps % 16)) else { return };
    let small = Limits { first_segment: 64, segment: 256, ..Limits::default() };
    let (found, outcome) = split(body, small, sizes.iter().copied().cycle().take(4096));
    let (whole, at_once) = split(body, Limits::default(), std::iter::empty());
    assert_eq!(found, whole, "the pieces make no difference");
    assert_eq!(outcome, at_once);
    assert_eq!(outcome.bytes, body.len() as u64);
    assert_eq!(found.len(), outcome.messages as usize);
    assert!(found.iter().enumerate().all(|(place, (index, _, _))| place == *index as usize));
    read(&found, &outcome);
});
