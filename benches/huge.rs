//! Huge single messages: 20 MB of text, half a million lines, 100,000 spans, a payload with a million numbers. Measures
//! their preparation, and a key inside them, which must take no longer than elsewhere.

mod stage;

use divan::{AllocProfiler, Bencher};
use stage::{TestApp, bench_prepare};
use unspool::testing::keymap::Key;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const BYTES: usize = 20_000_000;

const TEXTS: [&str; 4] = ["ascii", "one line", "lines", "mixed"];

fn main() {
    divan::main();
}

fn text(kind: &str) -> String {
    let piece = match kind {
        "ascii" => "Annual plans are refundable within thirty days of purchase because policy says so. \\n",
        "one line" => "Annual plans are refundable ",
        "lines" => "status ok, next one in a minute, or so\\n",
        _ => "Größere Aufträge prüfen wir, 漢字 und Привет, während der Öffnungszeiten – “sofort”.\\n",
    };
    piece.repeat(BYTES / piece.len())
}

fn turn(answer: &str, spans: &[String]) -> String {
    let spans = spans.join(",");
    format!(
        r#"{{"entry":{{"id":"e","input":{{"query":"q"}},"output":{{"response":"{answer}"}},"operation_status":"SUCCESS","start_timestamp":"2025-01-06T08:00:00Z","duration_ms":700}},"spans":[{spans}],"feedback":null}}"#
    )
}

/// Spans in sequence, ten per parent.
fn spans(count: usize) -> Vec<String> {
    let span = |at: usize| {
        let parent =
            if at.is_multiple_of(10) { "null".to_owned() } else { format!("\"s-{}\"", at - at % 10) };
        format!(
            r#"{{"id":"s-{at}","node_id":"step","operation_type":"COMPLETION","operation_status":"SUCCESS","operation_input":{{"prompt":"Why \"so\"?"}},"operation_output":{{"text":"Because."}},"start_timestamp":"2025-01-06T{:02}:{:02}:{:02}Z","duration_ms":900,"parent_id":{parent}}}"#,
            at / 3600 % 24,
            at / 60 % 60,
            at % 60
        )
    };
    (0..count).map(span).collect()
}

#[divan::bench(args = TEXTS, sample_count = 10)]
fn prepare_text(bencher: Bencher<'_, '_>, kind: &str) {
    bench_prepare(bencher, turn(&text(kind), &[]));
}

#[divan::bench(args = [10_000, 100_000], sample_count = 10)]
fn prepare_spans(bencher: Bencher<'_, '_>, count: usize) {
    bench_prepare(bencher, turn("a", &spans(count)));
}

/// Moves up and down at the end, where any work that starts from the beginning would show.
fn press_keys_at_end(bencher: Bencher<'_, '_>, turn: &str, tab: char) {
    let Some(mut test_app) = TestApp::new(turn) else { return };
    for code in [Key::Char(tab), Key::Enter, Key::Char('G')] {
        test_app.press(code);
    }
    let mut keys = ['k', 'k', 'j', 'j'].into_iter().cycle();
    bencher.bench_local(|| keys.next().map(|key| test_app.press(Key::Char(key))));
}

#[divan::bench(args = TEXTS)]
fn press_keys_at_end_of_text(bencher: Bencher<'_, '_>, kind: &str) {
    press_keys_at_end(bencher, &turn(&text(kind), &[]), '1');
}

#[divan::bench(args = [10_000, 100_000])]
fn press_keys_at_end_of_spans(bencher: Bencher<'_, '_>, count: usize) {
    press_keys_at_end(bencher, &turn("a", &spans(count)), '2');
}

/// Presses keys at the end of a span's payload, a list that is unfolded.
#[divan::bench]
fn press_keys_at_end_of_a_million_numbers(bencher: Bencher<'_, '_>) {
    let numbers: Vec<String> = (0..1_000_000).map(|number| number.to_string()).collect();
    let span = format!(r#"{{"id":"s","node_id":"n","operation_output":[{}]}}"#, numbers.join(","));
    press_keys_at_end(bencher, &turn("a", &[span]), '5');
}
