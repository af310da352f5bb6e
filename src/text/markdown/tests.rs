use proptest::prelude::*;

use super::*;
use crate::theme::Role;

fn rendered(text: &str, width: usize) -> String {
    let lines: Vec<String> =
        render(text, width).iter().map(|line| line.plain_text().trim_end().to_owned()).collect();
    lines.join("\n")
}

fn role_of(text: &str, part: &str) -> Option<Role> {
    let lines = render(text, 80);
    let mut runs = lines.iter().flat_map(|line| &line.spans);
    runs.find(|run| run.text.contains(part)).map(|run| run.style)
}

#[test]
fn blocks_are_separated_and_soft_breaks_kept() {
    let text =
        "# Title\nfirst\nsecond\n\n* one\n* two\n  1. deep\n  2. deeper\n\n> quoted\n> text\n\n---\nend";
    let expected = "# Title\n\nfirst\nsecond\n\n• one\n• two\n  1. deep\n  2. deeper\n\n│ quoted\n│ text\n\n────────────\n\nend";
    assert_eq!(rendered(text, 12), expected);
}

#[test]
fn loose_items_are_separated_and_nested_lists_are_not() {
    let text = "1. first\n2. second\n   - nested\n     - deeper\n\n     more of nested\n3. third";
    let expected = "1. first\n2. second\n   ◦ nested\n     • deeper\n\n     more of nested\n\n3. third";
    assert_eq!(rendered(text, 40), expected);
    assert_eq!(rendered("- a\n\n- b\n\n  - c", 40), "• a\n\n• b\n  ◦ c");
}

#[test]
fn long_text_wraps_after_its_markers() {
    assert_eq!(rendered("- aaa bbb ccc ddd", 9), "• aaa bbb\n  ccc ddd");
    assert_eq!(rendered("> - x yyyyyy zz\n>\n> - b", 12), "│ • x yyyyyy\n│   zz\n│\n│ • b");
    assert_eq!(rendered("- [x] done\n- [ ] open\n-", 20), "• [x] done\n• [ ] open\n•");
}

#[test]
fn code_blocks_have_a_label_and_are_highlighted() {
    let text = "see\n```sql\nSELECT 1;\n\n  x\n```\nafter `let x` it";
    assert_eq!(rendered(text, 40), "see\n\nsql\n  SELECT 1;\n\n    x\n\nafter let x it");
    assert_eq!(role_of(text, "SELECT"), Some(Role::Keyword));
    assert_eq!(role_of(text, "let x"), Some(Role::Code));
}

#[test]
fn links_images_and_html_are_written_as_text() {
    let text =
        "[docs](https://a.example/x) <https://b.example> ![a cat](c.png) <b>x</b><br>y [^1]\n\n[^1]: note";
    let expected =
        "docs (https://a.example/x) https://b.example [image: a cat] <b>x</b>\ny [^1]\n\n[^1] note";
    assert_eq!(rendered(text, 80), expected);
    assert_eq!(role_of("**b** *e* ~~s~~", "s"), Some(Role::Strike));
    assert_eq!(role_of("# a **b**", "b"), Some(Role::Heading));
}

#[test]
fn formulas_are_kept_verbatim() {
    let text =
        "so \\(a_1 * b * \\{x\\}\\) and \\[ \\frac{1}{2} \\\\ y \\] or $$ *z* $$ end *e* $$1$$ \\* \\(";
    assert_eq!(
        rendered(text, 200),
        "so \\(a_1 * b * \\{x\\}\\) and \\[ \\frac{1}{2} \\\\ y \\] or $$ *z* $$ end e $$1$$ * ("
    );
}

#[test]
fn tables_are_drawn_inside_their_containers() {
    let text = "> | a | b |\n> |---|--:|\n> | x | `1` |";
    assert_eq!(rendered(text, 40), "│ ┌───┬───┐\n│ │ a │ b │\n│ ├───┼───┤\n│ │ x │ 1 │\n│ └───┴───┘");
}

#[test]
fn entities_are_sanitized() {
    assert_eq!(rendered("a&#27;[31m&#x202e;b", 80), "a␛[31m‹U+202E›b");
}

#[test]
fn hostile_text_terminates() {
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
fn the_language_of_a_code_block_is_truncated_after_sanitizing() {
    for line in render("|\n> ```word&#27;word", 8) {
        assert!(line.width() <= 8, "{:?}", line.plain_text());
    }
}

proptest! {
    #[test]
    fn every_line_fits_and_is_sanitized(
        text in "(\\PC|[\u{300}-\u{303}\u{200d}\u{1b}\u{202e}]|\n|> |- |1\\. |\\*|_|`|```|\\||-|#|\\[|\\]\\(|\\)|&#27;|  |word|日本){0,80}",
        width in 2usize..40,
    ) {
        for line in render(&text, width) {
            prop_assert!(line.width() <= width.max(8), "{:?}", line.plain_text());
            let plain = line.plain_text();
            prop_assert!(!plain.chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", plain);
        }
    }
}
