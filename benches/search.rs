//! Searching: a literal at memory speed, and queries over raw JSON, with case and escapes.

use divan::Bencher;
use divan::counter::BytesCount;
use unspool::testing::search::{Finder, Query};

fn main() {
    divan::main();
}

/// 50 MB of JSON as models write it, with the searched word at its end.
fn body() -> Vec<u8> {
    let piece = r#"{"id":"s-1","operation_output":{"text":"Prose of some length, with \u00e4 and 漢字, \"as\" models write it.\nIt goes on."}},"#;
    let mut body = piece.repeat(50_000_000 / piece.len());
    body.push_str(r#"{"text":"the needle 42"}"#);
    body.into_bytes()
}

fn search(bencher: Bencher<'_, '_>, typed: &str) {
    let body = body();
    let Ok(finder) = Finder::new(&Query::new(typed)) else { return };
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| finder.count_hits(&body, 1000));
}

/// The speed limit of memory.
#[divan::bench]
fn memmem_baseline(bencher: Bencher<'_, '_>) {
    let body = body();
    let finder = memchr::memmem::Finder::new("needle 42");
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| finder.find(&body));
}

#[divan::bench]
fn search_digits(bencher: Bencher<'_, '_>) {
    search(bencher, "918273645");
}

#[divan::bench]
fn search_word_case_insensitive(bencher: Bencher<'_, '_>) {
    search(bencher, "needle");
}

#[divan::bench]
fn search_word_case_sensitive(bencher: Bencher<'_, '_>) {
    search(bencher, "Needle");
}

#[divan::bench]
fn search_word_with_json_escapes(bencher: Bencher<'_, '_>) {
    search(bencher, "nädel");
}
