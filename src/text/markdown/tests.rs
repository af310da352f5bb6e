use proptest::prelude::*;

use super::*;
use crate::theme::Role;

fn plain(text: &str, width: usize) -> String {
    let lines: Vec<String> =
        render(text, width).iter().map(|line| line.plain().trim_end().to_owned()).collect();
    lines.join("\n")
}

fn role_of(text: &str, part: &str) -> Option<Role> {
    let lines = render(text, 80);
    let mut runs = lines.iter().flat_map(|line| &line.spans);
    runs.find(|run| run.text.contains(part)).map(|run| run.style)
}

#[test]
fn blocks_stand_apart_and_soft_breaks_stay() {
    let text =
        "# Title\nfirst\nsecond\n\n* one\n* two\n  1. deep\n  2. deeper\n\n> quoted\n> text\n\n---\nend";
    let wanted = "# Title\n\nfirst\nsecond\n\n• one\n• two\n  1. deep\n  2. deeper\n\n│ quoted\n│ text\n\n────────────\n\nend";
    assert_eq!(plain(text, 12), wanted);
}

#[test]
fn loose_items_stand_apart_and_lists_in_items_do_not() {
    let text = "1. first\n2. second\n   - nested\n     - deeper\n\n     more of nested\n3. third";
    let wanted = "1. first\n2. second\n   ◦ nested\n     • deeper\n\n     more of nested\n\n3. third";
    assert_eq!(plain(text, 40), wanted);
    assert_eq!(plain("- a\n\n- b\n\n  - c", 40), "• a\n\n• b\n  ◦ c");
}

#[test]
fn long_text_wraps_behind_its_marks() {
    assert_eq!(plain("- aaa bbb ccc ddd", 9), "• aaa bbb\n  ccc ddd");
    assert_eq!(plain("> - x yyyyyy zz\n>\n> - b", 12), "│ • x yyyyyy\n│   zz\n│\n│ • b");
    assert_eq!(plain("- [x] done\n- [ ] open\n-", 20), "• [x] done\n• [ ] open\n•");
}

#[test]
fn code_has_its_label_and_colours() {
    let text = "see\n```sql\nSELECT 1;\n\n  x\n```\nafter `let x` it";
    assert_eq!(plain(text, 40), "see\n\nsql\n  SELECT 1;\n\n    x\n\nafter let x it");
    assert_eq!(role_of(text, "SELECT"), Some(Role::Keyword));
    assert_eq!(role_of(text, "let x"), Some(Role::Code));
}

#[test]
fn links_images_and_html() {
    let text =
        "[docs](https://a.example/x) <https://b.example> ![a cat](c.png) <b>x</b><br>y [^1]\n\n[^1]: note";
    let wanted = "docs (https://a.example/x) https://b.example [image: a cat] <b>x</b>\ny [^1]\n\n[^1] note";
    assert_eq!(plain(text, 80), wanted);
    assert_eq!(role_of("**b** *e* ~~s~~", "s"), Some(Role::Strike));
    assert_eq!(role_of("# a **b**", "b"), Some(Role::Heading));
}

#[test]
fn formulas_stay_as_they_were_written() {
    let text =
        "so \\(a_1 * b * \\{x\\}\\) and \\[ \\frac{1}{2} \\\\ y \\] or $$ *z* $$ end *e* $$1$$ \\* \\(";
    assert_eq!(
        plain(text, 200),
        "so \\(a_1 * b * \\{x\\}\\) and \\[ \\frac{1}{2} \\\\ y \\] or $$ *z* $$ end e $$1$$ * ("
    );
}

#[test]
fn tables_are_drawn_inside_what_they_stand_in() {
    let text = "> | a | b |\n> |---|--:|\n> | x | `1` |";
    assert_eq!(plain(text, 40), "│ ┌───┬───┐\n│ │ a │ b │\n│ ├───┼───┤\n│ │ x │ 1 │\n│ └───┴───┘");
}

#[test]
fn entities_pass_the_gate() {
    assert_eq!(plain("a&#27;[31m&#x202e;b", 80), "a␛[31m‹U+202E›b");
}

#[test]
fn hostile_text_ends() {
    let deep: String = (0..2000).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
    let pieces =
        [">", "[", "- ", "*a_", "`", "<", "![", "\\(", "|", "$$", "1. > ", "[^a]: ", "~~", "&", "<!--"];
    let texts = pieces.iter().map(|piece| piece.repeat(100_000 / piece.len()));
    let nested = (0..300).map(|_| format!("{}x\n\n", ">".repeat(300))).collect();
    let table = format!("{}\n{}\n{}", "|a".repeat(3000), "|-".repeat(3000), "|\n".repeat(20_000));
    for text in texts.chain([deep, nested, table]) {
        for line in render(&text, 30) {
            assert!(line.width() <= 30);
        }
    }
}

#[test]
fn the_language_of_a_code_block_is_cut_after_it_passed_the_gate() {
    for line in render("|\n> ```word&#27;word", 8) {
        assert!(line.width() <= 8, "{:?}", line.plain());
    }
}

proptest! {
    #[test]
    fn every_line_fits_and_passes_the_gate(
        text in "(\\PC|[\u{300}-\u{303}\u{200d}\u{1b}\u{202e}]|\n|> |- |1\\. |\\*|_|`|```|\\||-|#|\\[|\\]\\(|\\)|&#27;|  |word|日本){0,80}",
        width in 2usize..40,
    ) {
        for line in render(&text, width) {
            prop_assert!(line.width() <= width.max(8), "{:?}", line.plain());
            let plain = line.plain();
            prop_assert!(!plain.chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", plain);
        }
    }
}
