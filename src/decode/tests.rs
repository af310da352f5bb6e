//! Properties of the splitter over random bodies, and its memory use.

mod broken;
mod marked;
mod outcomes;
mod runs;
mod segments;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Small sizes, so that short bodies fill many segments.
const SMALL_LIMITS: Limits = Limits {
    first_segment: 16,
    segment: 200,
    message: usize::MAX,
    envelope: 1 << 20,
    element_cost: 1 << 20,
    tiny_in_sequence: u32::MAX,
};

/// Returns the usual sizes, but nothing is counted as a run.
fn list_all() -> Limits {
    Limits { tiny_in_sequence: u32::MAX, ..Limits::default() }
}

/// Splits a body fed in chunks of these sizes; zero flushes.
fn split(body: &[u8], limits: Limits, chunk_sizes: &[usize]) -> (Vec<(Vec<u8>, Completeness)>, Outcome) {
    let mut splitter = Splitter::new(limits);
    splitter.start_recording();
    let mut rest = body;
    let mut sizes = chunk_sizes.iter().cycle();
    let mut messages = Vec::new();
    while !rest.is_empty() {
        match sizes.next() {
            Some(0) => splitter.flush(),
            size => {
                let size = size.map_or(rest.len(), |&size| size.min(rest.len()));
                splitter.push(&rest[..size]);
                rest = &rest[size..];
            }
        }
        if let Some(size) = splitter.wanted_segment() {
            splitter.supply_segment(crate::domain::Segment::with_capacity(size));
        }
        collect_batches(&mut splitter, &mut messages);
    }
    let outcome = splitter.finish();
    collect_batches(&mut splitter, &mut messages);
    assert_eq!(next_index(&messages), outcome.message_count as usize);
    let chunks = std::iter::from_fn(|| splitter.next_body_chunk());
    let recorded: Vec<u8> = chunks.flat_map(|chunk| chunk.bytes().to_vec()).collect();
    assert!(recorded == body, "the recorded chunks differ from the body");
    (messages, outcome)
}

/// Returns the number of elements so far, those in runs included.
fn next_index(messages: &[(Vec<u8>, Completeness)]) -> usize {
    let count = |completeness: &Completeness| match completeness {
        Completeness::Run(count) => *count as usize,
        Completeness::Whole | Completeness::Broken | Completeness::CutOff => 1,
    };
    messages.iter().map(|(_, completeness)| count(completeness)).sum()
}

fn collect_batches(splitter: &mut Splitter, messages: &mut Vec<(Vec<u8>, Completeness)>) {
    while let Some(batch) = splitter.next_batch() {
        assert_eq!(batch.first_index as usize, next_index(messages));
        messages
            .extend(batch.raw_messages().map(|(_, raw, completeness)| (raw.bytes().to_vec(), completeness)));
    }
}

/// Splits a body fed in one chunk, after checking that small chunks give the same result.
fn split_whole(body: &str) -> (Vec<(String, Completeness)>, Outcome) {
    let (messages, outcome) = split(body.as_bytes(), list_all(), &[]);
    if body.len() < 1000 {
        assert_eq!(split(body.as_bytes(), SMALL_LIMITS, &[7]), (messages.clone(), outcome.clone()), "{body}");
    }
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (messages.into_iter().map(|(bytes, completeness)| (text(bytes), completeness)).collect(), outcome)
}

fn whitespace() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\n    "), 1 => Just("\r\n\t")]
}

fn tricky_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\"\\\\{}\\[\\],:a]{0,40}", Just("x".repeat(300))]
}

fn message() -> impl Strategy<Value = String> {
    (any::<u16>(), tricky_text(), tricky_text(), whitespace(), vec(tricky_text(), 0..4)).prop_map(|(id, role, content, gap, artifacts)| {
        let list = artifacts.iter().map(|text| serde_json::json!({ "id": id, "title": text })).collect::<Vec<_>>();
        let quote = |text: &String| serde_json::to_string(text).unwrap();
        let (role, content) = (quote(&role), quote(&content));
        let list = serde_json::to_string(&list).unwrap();
        format!("{{{gap}\"id\":{gap}{id},{gap}\"role\":{role},\"content\":[{content}],{gap}\"artifacts\":{list}}}")
    })
}

/// Returns a body and the messages in it.
fn thread() -> impl Strategy<Value = (String, Vec<String>)> {
    (vec(message(), 0..12), whitespace(), whitespace(), tricky_text(), 0_u8..4).prop_map(
        |(messages, a, b, title, form)| {
            let title = serde_json::to_string(&title).unwrap();
            let list = messages.join(&format!("{a},{b}"));
            let body = match form {
                0 => format!("{a}[{b}{list}{a}]{b}"),
                1 => {
                    format!("\u{feff}{{\"messages\"{a}:{b}[{a}{list}{b}],\"thread\":{{\"title\":{title}}}}}")
                }
                2 if messages.len() > 1 => messages.join("\n"),
                _ => format!(
                    "{{{a}\"thread\":{{\"title\":{title},\"messages\":[1]}},{b}\"messages\":[{a}{list}]}}{b}"
                ),
            };
            (body, messages)
        },
    )
}

proptest! {
    #[test]
    fn valid_body_yields_every_message_for_any_chunking(
        (body, messages) in thread(), chunk_sizes in vec(0_usize..90, 0..20))
    {
        let chunk_sizes = if chunk_sizes.iter().all(|&size| size == 0) { vec![1] } else { chunk_sizes };
        let (found, outcome) = split(body.as_bytes(), SMALL_LIMITS, &chunk_sizes);
        let expected: Vec<_> = messages.into_iter().map(|text| (text.into_bytes(), Completeness::Whole)).collect();
        let is_empty_array = expected.is_empty() && body.trim_start_matches('\u{feff}').trim_start().starts_with('[');
        let end = if is_empty_array { BodyEnd::NoMessages(NoMessages::EmptyArray) } else { BodyEnd::Complete };
        prop_assert_eq!(found, expected);
        prop_assert_eq!(outcome.end, end);
        prop_assert!(serde_json::from_slice::<serde_json::Value>(&outcome.envelope).is_ok());
    }

    #[test]
    fn corrupted_body_is_split_the_same_for_any_chunking(
        (body, _) in thread(),
        corruptions in vec((any::<prop::sample::Index>(), 0_u8..3, corrupting_byte()), 0..6),
        chunk_sizes in vec(0_usize..60, 1..20))
    {
        let mut bytes = body.into_bytes();
        for (position, edit, byte) in corruptions {
            let at = position.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match edit {
                0 if !bytes.is_empty() => drop(bytes.remove(at)),
                1 if !bytes.is_empty() => bytes[at] = byte,
                _ => bytes.insert(at, byte),
            }
        }
        let chunk_sizes = if chunk_sizes.iter().all(|&size| size == 0) { vec![1] } else { chunk_sizes };
        prop_assert_eq!(split(&bytes, SMALL_LIMITS, &chunk_sizes), split(&bytes, list_all(), &[]));
    }

    #[test]
    fn arbitrary_bytes_are_split_the_same_for_any_chunking(
        bytes in vec(corrupting_byte(), 0..300), list in any::<bool>(), chunk_sizes in vec(1_usize..40, 1..20))
    {
        let prefix: &[u8] = if list { b"{\"messages\":[{\"id\":1},{\"id\":2" } else { b"" };
        let body = [prefix, &bytes].concat();
        let whole = split(&body, list_all(), &[]);
        prop_assert_eq!(split(&body, SMALL_LIMITS, &chunk_sizes), whole);
    }
}

fn corrupting_byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => prop::sample::select(b"\"\"{}[],:\\\n ".to_vec()),
        1 => prop::sample::select(b"0a-<\0".to_vec()),
        1 => any::<u8>(),
    ]
}

#[test]
fn flush_yields_messages_before_a_segment_is_full() {
    let mut splitter = Splitter::new(list_all());
    splitter.push(br#"{"thread":{"id":"t"}"#);
    assert_eq!(splitter.envelope(), br#"{"thread":{"id":"t"}"#);
    splitter.push(br#","messages":[{"id":1},{"id":2},{"id""#);
    assert!(splitter.next_batch().is_none());
    splitter.flush();
    let batch = splitter.next_batch().unwrap();
    assert_eq!((batch.elements.len(), batch.segment.len()), (2, 17));
    assert_eq!(splitter.envelope(), br#"{"thread":{"id":"t"},"messages":["#);
    splitter.push(br#":3}],"more":1"#);
    assert_eq!(splitter.envelope(), br#"{"thread":{"id":"t"},"messages":["#);
}

#[test]
fn envelope_excludes_trailing_and_malformed_data() {
    for (body, envelope) in [
        (r#"{"messages":[{"id":1}],{"id":2,"x":"y"},{"id":3}"#, r#"{"messages":[],"#),
        (r#"{"messages":[{"id":1}]} , {"id":2}"#, r#"{"messages":[]}"#),
        (r#"{"messages":[{"id":1}]} oops"#, r#"{"messages":[]}"#),
        (r#"{"messages":[{"id":1}]}   "#, r#"{"messages":[]}"#),
    ] {
        let mut splitter = Splitter::new(list_all());
        splitter.push(body.as_bytes());
        splitter.flush();
        assert_eq!(String::from_utf8_lossy(splitter.envelope()), envelope, "{body}");
    }
}

#[test]
fn huge_message_uses_little_more_memory_than_its_size() {
    let body =
        format!("{{\"messages\":[{{\"id\":1}},{{\"text\":\"{}\"}},{{\"id\":3}}]}}", "x".repeat(30 << 20));
    let mut splitter = Splitter::new(list_all());
    let mut largest = 0;
    for piece in body.as_bytes().chunks(100_000) {
        splitter.push(piece);
        largest = largest.max(splitter.buffer_capacity());
    }
    assert_eq!(splitter.finish().end, BodyEnd::Complete);
    let batches: Vec<_> = std::iter::from_fn(|| splitter.next_batch()).collect();
    assert_eq!(batches.iter().map(|batch| batch.elements.len()).sum::<usize>(), 3);
    assert!(largest < body.len() / 100 * 117, "{largest}");
    let total: usize = batches.iter().map(|batch| batch.segment.capacity()).sum();
    assert!(total < body.len() / 100 * 108, "{total}");
}

#[test]
fn reading_into_spare_capacity_equals_pushing() {
    use std::io::Read;
    let messages = vec![r#"{"id":1,"text":"abc"}"#; 5000].join(",");
    let body = format!("[{messages}]");
    let (mut splitter, mut file, mut messages_read) = (Splitter::new(list_all()), body.as_bytes(), 0);
    loop {
        let count = file.read(splitter.spare()).unwrap();
        if count == 0 {
            break;
        }
        splitter.advance(count);
        messages_read +=
            std::iter::from_fn(|| splitter.next_batch()).map(|batch| batch.elements.len()).sum::<usize>();
    }
    assert_eq!(splitter.finish().message_count, 5000);
    messages_read +=
        std::iter::from_fn(|| splitter.next_batch()).map(|batch| batch.elements.len()).sum::<usize>();
    assert_eq!(messages_read, 5000);
}
