//! The cost of text on its way to the screen: sanitizing, wrapping and Markdown, for plain, mixed and wide text.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use unspool::testing::text::wrap::WrapIndex;
use unspool::testing::text::{Safe, markdown};

fn main() {
    divan::main();
}

const SAMPLE_BYTES: usize = 4 << 20;

fn repeat_to_size(piece: &str) -> String {
    piece.repeat(SAMPLE_BYTES / piece.len())
}

fn sample_text(kind: &str) -> String {
    match kind {
        "ascii" => repeat_to_size(
            "How do I return a broken lamp, and if the box is lost? The order was 4711-0815.\n",
        ),
        "latin" => {
            repeat_to_size("Größere Aufträge prüfen wir während der Öffnungszeiten – “sofort”, sagt er.\n")
        }
        "tabs" => repeat_to_size("\tfn main() {\r\n\t\tprintln();\r\n\t}\r\n"),
        "emoji" => repeat_to_size("Done ✅ 👩‍👩‍👧 and thanks 👍🏽, see you at 10️⃣ 🇩🇪\n"),
        "wide" => repeat_to_size("日本語のテキストは空白なしで書かれています。次の行も同じです\n"),
        "one-line" => repeat_to_size("word word words wording a "),
        _ => repeat_to_size("A\u{337}\u{327}\u{360} \u{202e}evil\u{202c} \u{200b}\u{1b}[31m\n"),
    }
}

#[divan::bench(args = ["ascii", "latin", "tabs", "emoji", "wide", "hostile"])]
fn sanitize(bencher: Bencher<'_, '_>, kind: &str) {
    let text = sample_text(kind);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| Safe::text(black_box(&text)).len());
}

#[divan::bench(args = ["ascii", "one-line", "latin", "emoji", "wide"])]
fn wrap(bencher: Bencher<'_, '_>, kind: &str) {
    let text = sample_text(kind);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| WrapIndex::build(black_box(&text), 80).row_count());
}

#[divan::bench]
fn wrap_window_at_the_end(bencher: Bencher<'_, '_>) {
    let text = sample_text("ascii");
    let wrap = WrapIndex::build(&text, 80);
    let rows = wrap.row_count();
    bencher.bench_local(|| wrap.rows(black_box(&text), rows - 50..rows).len());
}

#[divan::bench(args = ["chat", "ascii", "nested quotes", "nested lists", "brackets", "stars", "table", "backticks"])]
fn render_markdown(bencher: Bencher<'_, '_>, kind: &str) {
    let size = 1 << 20;
    let fill = |piece: &str| piece.repeat(size / piece.len());
    let text = match kind {
        "chat" => fill(
            "## Title\n\nSome *words* and `code` with a [link](https://a.example).\n\n- one\n- two **bold**\n\n```sql\nSELECT a FROM b WHERE c = 'd';\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n",
        ),
        "nested quotes" => format!("{}x\n\n", ">".repeat(10_000)).repeat(size / 10_003),
        "nested lists" => fill("- "),
        "brackets" => fill("["),
        "stars" => fill("*a_"),
        "table" => format!("{}\n{}\n{}", "|a".repeat(3000), "|-".repeat(3000), "|\n".repeat(size / 2 - 6000)),
        "backticks" => (1..1400).map(|n| format!("{}a", "`".repeat(n))).collect(),
        _ => fill("How do I return a broken lamp, and if the box is lost? The order was 4711-0815.\n"),
    };
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| markdown::render(black_box(&text), 80).len());
}
