//! What text costs on its way to the screen: the gate and wrapping, for text that is plain, mixed and wide.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use unspool::text::wrap::Wrap;
use unspool::text::{Safe, markdown};

fn main() {
    divan::main();
}

const SIZE: usize = 4 << 20;

fn sample(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

fn samples(kind: &str) -> String {
    match kind {
        "ascii" => {
            sample("How do I return a broken lamp, and if the box is lost? The order was 4711-0815.\n")
        }
        "latin" => sample("Größere Aufträge prüfen wir während der Öffnungszeiten – “sofort”, sagt er.\n"),
        "tabs" => sample("\tfn main() {\r\n\t\tprintln();\r\n\t}\r\n"),
        "emoji" => sample("Done ✅ 👩‍👩‍👧 and thanks 👍🏽, see you at 10️⃣ 🇩🇪\n"),
        "wide" => sample("日本語のテキストは空白なしで書かれています。次の行も同じです\n"),
        "one-line" => sample("word word words wording a "),
        _ => sample("A\u{337}\u{327}\u{360} \u{202e}evil\u{202c} \u{200b}\u{1b}[31m\n"),
    }
}

#[divan::bench(args = ["ascii", "latin", "tabs", "emoji", "wide", "hostile"])]
fn gate(bencher: Bencher<'_, '_>, kind: &str) {
    let text = samples(kind);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| Safe::text(black_box(&text)).len());
}

#[divan::bench(args = ["ascii", "one-line", "latin", "emoji", "wide"])]
fn wrap(bencher: Bencher<'_, '_>, kind: &str) {
    let text = samples(kind);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| Wrap::all(black_box(&text), 80).len());
}

#[divan::bench]
fn wrap_window_at_the_end(bencher: Bencher<'_, '_>) {
    let text = samples("ascii");
    let wrap = Wrap::all(&text, 80);
    bencher.bench_local(|| wrap.rows(black_box(&text), wrap.len() - 50..wrap.len()).len());
}

#[divan::bench(args = ["chat", "ascii", "nested quotes", "nested lists", "brackets", "stars", "table", "backticks"])]
fn draw_markdown(bencher: Bencher<'_, '_>, kind: &str) {
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
