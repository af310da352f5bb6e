//! Decoding bytes to messages: skipping values, iterating over members, splitting a body, indexing a tree.
//! `UNSPOOL_BENCH_BODY` sets a saved body to measure instead of the generated one.

use std::io::Read;

use divan::Bencher;
use divan::counter::BytesCount;
use unspool::testing::decode::Splitter;
use unspool::testing::domain::Raw;
use unspool::testing::json::tree::{PathStep, Tree};
use unspool::testing::json::{Kind, Value, skip_value};

fn main() {
    divan::main();
}

/// Returns a thread of 50 MB with spans, or the body set in the environment.
fn body() -> Vec<u8> {
    if let Some(path) = std::env::var_os("UNSPOOL_BENCH_BODY") {
        return std::fs::read(path).unwrap_or_default();
    }
    let span = r#"{"id":"s-1","node_id":"n","operation_type":"COMPLETION","operation_status":"SUCCESS","operation_input":{"prompt":"Why is \"this\" so?\nBecause.","k":[1,2,3]},"operation_output":{"text":"Prose of some length, with \u00e4 and 漢字, as models write it; it goes on for a while and then it ends."},"start_timestamp":"2025-01-06T08:00:00Z","duration_ms":1200,"parent_id":null}"#;
    let spans = vec![span; 60].join(",");
    let turn = format!(
        r#"{{"entry":{{"id":"e-1","input":{{"query":"hello"}},"output":{{"response":"world"}},"duration_ms":7}},"spans":[{spans}],"feedback":null}}"#
    );
    let turns = vec![turn.as_str(); 50_000_000 / turn.len()].join(",");
    format!(r#"{{"thread":{{"id":"t","title":"x"}},"messages":[{turns}],"application_spec_id":"a"}}"#)
        .into_bytes()
}

#[divan::bench]
fn skip_whole_body(bencher: Bencher<'_, '_>) {
    let body = body();
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| skip_value(&body, 0));
}

#[divan::bench]
fn read_members_of_each_message(bencher: Bencher<'_, '_>) {
    let body = body();
    let messages = Value::of(&body).get("messages").map(Value::raw).unwrap_or_default();
    let messages: Vec<_> = Value::of(messages).elements().collect();
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| {
        let mut count = 0;
        for message in &messages {
            let [entry, _, feedback] = message.get_many(["entry", "spans", "feedback"]);
            let [id, input, output] =
                entry.map(|entry| entry.get_many(["id", "input", "output"])).unwrap_or_default();
            count += [id, input, output, feedback]
                .iter()
                .flatten()
                .filter(|value| value.kind() == Kind::String)
                .count();
        }
        count
    });
}

#[divan::bench]
fn split_into_messages(bencher: Bencher<'_, '_>) {
    let body = body();
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| {
        let mut splitter = Splitter::default();
        let mut file = body.as_slice();
        let mut messages = 0;
        loop {
            let count = file.read(splitter.spare()).unwrap_or_default();
            if count == 0 {
                break;
            }
            splitter.advance(count);
            while let Some(batch) = splitter.next_batch() {
                messages += batch.elements.len();
            }
        }
        (splitter.finish(), messages)
    });
}

#[divan::bench]
fn index_tree(bencher: Bencher<'_, '_>) {
    let body = body();
    let raw = Raw::owned(body.clone());
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| {
        let mut tree = Tree::new(raw.clone());
        tree.reveal(&[PathStep::Key("messages".to_owned()), PathStep::Index(0)]);
        tree.index_step(usize::MAX);
        tree.len()
    });
}

#[divan::bench]
fn draw_rows_in_the_middle_of_a_million_elements(bencher: Bencher<'_, '_>) {
    let list = format!("[{}]", vec![r#"{"id":1,"text":"some text"}"#; 1_000_000].join(","));
    let mut tree = Tree::new(Raw::owned(list.into_bytes()));
    tree.index_step(usize::MAX);
    bencher.bench_local(|| tree.rows(divan::black_box(500_000)..500_050));
}
