//! Whole frames: a key, its effects and the drawing, in every tab, with few and with very many messages. Allocations are
//! counted too.

mod stage;

use divan::{AllocProfiler, Bencher};
use stage::{TestApp, bench_prepare};
use unspool::testing::domain::Timestamp;
use unspool::testing::event::Event;
use unspool::testing::keymap::{Chord, Key};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// The numbers of messages in the list; a frame must take the same time with both.
const SIZES: [usize; 2] = [20, 200_000];

fn main() {
    divan::main();
}

/// Returns a turn with a few paragraphs, spans and feedback.
fn turn(index: usize) -> String {
    let second = index % 60;
    let span = |name: &str, at: usize, parent: &str| {
        format!(
            r#"{{"id":"s-{name}","node_id":"{name}","operation_type":"COMPLETION","operation_status":"SUCCESS","operation_input":{{"prompt":"Why \"so\"?"}},"operation_output":{{"text":"Because."}},"start_timestamp":"2025-01-06T08:00:{second:02}.{at:03}Z","duration_ms":200,"parent_id":{parent}}}"#
        )
    };
    let spans =
        [span("plan", 0, "null"), span("ask", 100, "\"s-plan\""), span("answer", 300, "null")].join(",");
    let text = "Prose with **emphasis** and `code`, 漢字 and a [link](https://example.com).\\n\\n- one\\n- two\\n\\n";
    format!(
        r#"{{"entry":{{"id":"e-{index}","input":{{"query":"question {index}"}},"output":{{"response":"{}"}},"operation_status":"SUCCESS","start_timestamp":"2025-01-06T08:00:{second:02}Z","duration_ms":700}},"spans":[{spans}],"feedback":{{"id":"f","sentiment":"positive","description":"good"}}}}"#,
        text.repeat(6)
    )
}

/// Returns an application with a thread of this many turns, in this tab.
fn test_app(messages: usize, tab: char) -> Option<TestApp> {
    let turns: Vec<String> = (0..messages).map(turn).collect();
    let mut app = TestApp::new(&turns.join(","))?;
    app.press(Key::Char(tab));
    Some(app)
}

/// Moves down and up again, so that every frame shows a different message.
fn draw_frames(bencher: Bencher<'_, '_>, messages: usize, tab: char) {
    let Some(mut test_app) = test_app(messages, tab) else { return };
    let mut keys = ['j', 'j', 'j', 'k', 'k', 'k'].into_iter().cycle();
    bencher.bench_local(|| keys.next().map(|key| test_app.press(Key::Char(key))));
}

/// Draws frames like [`draw_frames`], with highlighted search hits.
fn draw_frames_with_search(bencher: Bencher<'_, '_>, messages: usize) {
    let Some(mut test_app) = test_app(messages, '1') else { return };
    for key in "/code".chars() {
        test_app.press(Key::Char(key));
    }
    test_app.app.update(Event::Key(Chord::plain(Key::Enter)), Timestamp(0));
    let mut keys = ['j', 'k'].into_iter().cycle();
    bencher.bench_local(|| keys.next().map(|key| test_app.press(Key::Char(key))));
}

#[divan::bench(args = SIZES)]
fn message(bencher: Bencher<'_, '_>, messages: usize) {
    draw_frames(bencher, messages, '1');
}

#[divan::bench(args = SIZES)]
fn spans(bencher: Bencher<'_, '_>, messages: usize) {
    draw_frames(bencher, messages, '2');
}

#[divan::bench(args = SIZES)]
fn feedback(bencher: Bencher<'_, '_>, messages: usize) {
    draw_frames(bencher, messages, '3');
}

#[divan::bench(args = SIZES)]
fn metadata(bencher: Bencher<'_, '_>, messages: usize) {
    draw_frames(bencher, messages, '4');
}

#[divan::bench(args = SIZES)]
fn raw(bencher: Bencher<'_, '_>, messages: usize) {
    draw_frames(bencher, messages, '5');
}

#[divan::bench(args = SIZES)]
fn search(bencher: Bencher<'_, '_>, messages: usize) {
    draw_frames_with_search(bencher, messages);
}

/// Prepares a message with this many KB of Markdown.
#[divan::bench(args = [2, 8, 32, 96])]
fn prepare_prose(bencher: Bencher<'_, '_>, kilobytes: usize) {
    let prose = "Some **prose** of a model, with `code`, and a [link](https://example.com) in it.\\n\\n- one\\n- two\\n\\n";
    let text = prose.repeat(kilobytes * 1024 / prose.len());
    bench_prepare(bencher, turn(0).replacen("Prose with", &text, 1));
}

/// Prepares a message with this many KB of spans.
#[divan::bench(args = [2, 8, 32, 96])]
fn prepare_spans(bencher: Bencher<'_, '_>, kilobytes: usize) {
    let whole = turn(0);
    let Some((before, after)) = whole.split_once("\"spans\":[") else { return };
    let Some((span, _)) = after.split_once("},{") else { return };
    let spans = format!("{span}}},").repeat(kilobytes * 1024 / span.len());
    bench_prepare(bencher, format!("{before}\"spans\":[{spans}{after}"));
}

/// Draws a frame without changes.
#[divan::bench(args = SIZES)]
fn redraw_unchanged_frame(bencher: Bencher<'_, '_>, messages: usize) {
    let Some(mut test_app) = test_app(messages, '1') else { return };
    bencher.bench_local(|| test_app.draw_frame());
}
