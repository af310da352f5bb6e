//! Searching: a literal at memory speed, and queries over raw JSON, with case, escapes, other scripts and markup.

use divan::Bencher;
use divan::counter::BytesCount;
use unspool::testing::search::{Finder, Query};

fn main() {
    divan::main();
}

const PROSE: &str = r#"{"id":"s-1","operation_output":{"text":"Prose of some length, with \u00e4 and 漢字, \"as\" models write it.\nIt goes on."}},"#;
const CYRILLIC: &str =
    r#"{"id":"s-1","text":"Проверьте состояние заказа и сообщите срок доставки. Ошибка возникает редко."},"#;
const IDEOGRAPHS: &str =
    r#"{"id":"s-1","text":"请检查订单状态，并告知交货时间。该错误仅在重新启动服务时出现！"},"#;
const MARKUP: &str = r#"{"id":"s-1","text":"The **first** `step` of [the page](https://example.org/a_b) is <b>bold</b> &amp; _short_.\n\n- **second**: go on"},"#;

/// 50 MB of JSON as models write it, with the searched words at its end.
fn body(piece: &str) -> Vec<u8> {
    let mut body = piece.repeat(50_000_000 / piece.len());
    body.push_str(r#"{"text":"the needle 42 kingfisher"}"#);
    body.into_bytes()
}

/// Searches the body in pieces of the size of a message.
fn search(bencher: Bencher<'_, '_>, piece: &str, typed: &str) {
    let body = body(piece);
    let Ok(finder) = Finder::new(&Query::new(typed)) else { return };
    let count = || body.chunks(28_000).map(|message| finder.count_hits(message, 9999)).sum::<usize>();
    bencher.counter(BytesCount::of_slice(&body)).bench_local(count);
}

/// Measures the speed limit of memory.
#[divan::bench]
fn memmem_baseline(bencher: Bencher<'_, '_>) {
    let body = body(PROSE);
    let finder = memchr::memmem::Finder::new("needle 42");
    bencher.counter(BytesCount::of_slice(&body)).bench_local(|| finder.find(&body));
}

#[divan::bench(args = ["918273645", "kingfisher", "Needle", "needle 42", "length", "of some length", "nädel", "re:needle \\d+", "re:\\d{2} k"])]
fn search_prose(bencher: Bencher<'_, '_>, typed: &str) {
    search(bencher, PROSE, typed);
}

#[divan::bench(args = ["kingfisher", "доклад", "ошибка"])]
fn search_cyrillic(bencher: Bencher<'_, '_>, typed: &str) {
    search(bencher, CYRILLIC, typed);
}

#[divan::bench(args = ["kingfisher", "四半期", "订单"])]
fn search_ideographs(bencher: Bencher<'_, '_>, typed: &str) {
    search(bencher, IDEOGRAPHS, typed);
}

#[divan::bench(args = ["kingfisher", "needle 42", "first step"])]
fn search_markup(bencher: Bencher<'_, '_>, typed: &str) {
    search(bencher, MARKUP, typed);
}
