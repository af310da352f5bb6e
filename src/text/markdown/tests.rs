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
        "docs (https://a.example/x) https://b.example [image: a cat] (c.png) <b>x</b>\ny [^1]\n\n[^1] note";
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

#[test]
fn code_with_dollars_and_backslashes_is_shown_once_as_written() {
    for (text, expected) in [
        ("escape as `\\[` and `\\]`, or `\\(` and `\\)`.", "escape as \\[ and \\], or \\( and \\)."),
        ("write `$$HOME`, not `$HOME`; `$$` and `$$$$`", "write $$HOME, not $HOME; $$ and $$$$"),
        ("```bash\necho $$\n```\nThe PID is `$$` here.", "bash\n  echo $$\n\nThe PID is $$ here."),
        ("`$$`\n\n$$\na+b\n$$", "$$\n\n$$\na+b\n$$"),
    ] {
        assert_eq!(rendered(text, 80), expected);
    }
}

#[test]
fn addresses_keep_their_stars_and_underscores() {
    for (text, expected) in [
        (
            "see https://h.example/pkg/__init__.py and _that_",
            "see https://h.example/pkg/__init__.py and that",
        ),
        ("**https://h.example/o?a=*b*&c=7*2** ok", "https://h.example/o?a=*b*&c=7*2 ok"),
        (
            "**https://h.example/a** and ~~https://h.example/~~b~~",
            "https://h.example/a and https://h.example/~~b",
        ),
        ("`https://h.example/__a__`", "https://h.example/__a__"),
    ] {
        assert_eq!(rendered(text, 80), expected);
    }
}

#[test]
fn formulas_follow_the_rule_of_pandoc() {
    for (text, expected) in [
        (
            "$a*b*c = \\{x\\}$ and $f_{i}*g_{j}$, $7*2=14$ and $64*2$",
            "$a*b*c = \\{x\\}$ and $f_{i}*g_{j}$, $7*2=14$ and $64*2$",
        ),
        ("It costs $5 and $10, or \\$3 *now*.", "It costs $5 and $10, or $3 now."),
        ("\\[\nx_{1}*y_{1}*z\n\n+ 2\n\\]\nend", "\\[\nx_{1}*y_{1}*z\n\n+ 2\n\\]\nend"),
        ("- item $$\n  E=m*c*2\n  $$\n- b", "• item $$\n  E=m*c*2\n  $$\n• b"),
        ("> $$\n> a*b*c\n> $$", "│ $$\n│ a*b*c\n│ $$"),
        ("**$x_1$** and _a_$5", "$x_1$ and a$5"),
        (
            "| f | g |\n|---|---|\n| $\\|x\\|$ | $a*b*c$ |",
            "┌─────────┬─────────┐\n│ f       │ g       │\n├─────────┼─────────┤\n│ $\\|x\\|$ │ $a*b*c$ │\n└─────────┴─────────┘",
        ),
        ("|a|b|\n|-|-|\n|$5|x$|", "┌────┬────┐\n│  a │ b  │\n├────┼────┤\n│ $5 │ x$ │\n└────┴────┘"),
        ("\u{e000}0\u{e000} $x$", "\u{e000}0\u{e000} $x$"),
        ("https://h.example/o?$a=1&$c and $a_1*b*c$", "https://h.example/o?$a=1&$c and $a_1*b*c$"),
    ] {
        assert_eq!(rendered(text, 80), expected);
    }
}

#[test]
fn lists_keep_their_numbers() {
    assert_eq!(rendered("1. a\n3. b\n3. c\n007) d\n8) e", 40), "1. a\n3. b\n3. c\n\n007) d\n8) e");
    assert_eq!(rendered("0. a\n   10. b", 40), "0. a\n   10. b");
    let deep = (0..9).map(|depth| format!("{}{}. x\n", "    ".repeat(depth), depth + 1)).collect::<String>();
    for number in 1..=9 {
        assert!(rendered(&deep, 20).contains(&format!("{number}. x")), "{}", rendered(&deep, 20));
    }
}

#[test]
fn products_and_ranges_are_no_markup() {
    assert_eq!(
        rendered("7*2=14 and 6*3=18, 2**10**2, 3~5 and 6~8, ~x~, ~~y~~", 80),
        "7*2=14 and 6*3=18, 2**10**2, 3~5 and 6~8, ~x~, y"
    );
}

#[test]
fn cells_beyond_the_header_are_shown() {
    let text = "| a | b |\n|---|---|\n| 1 | 2 | 3 | **4** |\n| 5 |";
    assert_eq!(
        rendered(text, 80),
        "┌───┬───┬───┬───┐\n│ a │ b │   │   │\n├───┼───┼───┼───┤\n│ 1 │ 2 │ 3 │ 4 │\n│ 5 │   │   │   │\n└───┴───┴───┴───┘"
    );
    assert!(rendered("a | b\n--|--\n1 | 2 | x", 80).contains("│ 1 │ 2 │ x │"));
}

#[test]
fn targets_and_definitions_are_not_lost() {
    let text = "[a](u \"t\") ![p](i.png) [b][r]\n\n[r]: /x 'y'\n[unused]: /z\n[r]: /again";
    let expected = "a (u \"t\") [image: p] (i.png) b (/x \"y\")\n\n[unused]: /z\n[r]: /again";
    assert_eq!(rendered(text, 80), expected);
    assert_eq!(
        rendered("```sh title=x\ny\n```\n\n[^a-long-footnote-label]\n\n[^a-long-footnote-label]: n", 60),
        "sh title=x\n  y\n\n[^a-long-footnote-label]\n\n[^a-long-footnote-label] n"
    );
}

/// Pieces of Markdown whose words are numbered, so that each can be found again.
fn markdown_pieces() -> impl Strategy<Value = Vec<&'static str>> {
    let pieces = vec![
        "W ",
        "W\n",
        "\n\n",
        "*W* ",
        "**W** ",
        "`W` ",
        "``W` $`` ",
        "$W*W$ ",
        "$W ",
        "\\(W\\) ",
        "\\[W\n\nW\\]",
        "\n$$\nW\n$$\n",
        "\n- W\n",
        "\n3. W\n",
        "\n  2) W\n",
        "\n> W\n",
        "\n```W\nW\n```\n",
        "\n# W\n",
        "\n|W|W|\n|-|-|\n|W|W|W|\n",
        "[W](/W 'W') ",
        "![W](/W) ",
        "[W][r] ",
        "\n\n[r]: /W 'W'\n\n",
        "\n\n[s]: /W\n",
        "[^f] ",
        "\n\n[^f]: W\n\n",
        "<W> ",
        "<b>W</b> ",
        "~~W~~ ",
        "~W ",
        "&amp;W ",
        "\\*W ",
        "\n    W\n",
        "W\n===\n",
        "\n---\n",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 1..30)
}

proptest! {
    #[test]
    fn every_word_is_on_the_screen_once(pieces in markdown_pieces(), width in 24usize..80) {
        let mut count = 0;
        let mut text = String::new();
        for part in pieces.concat().split_inclusive('W') {
            match part.strip_suffix('W') {
                Some(before) => {
                    count += 1;
                    text.push_str(&format!("{before}q{count:03}z"));
                }
                None => text.push_str(part),
            }
        }
        let screen: String = render(&text, width).iter().map(|line| line.plain_text().trim().to_owned()).collect();
        for number in 1..=count {
            let word = format!("q{number:03}z");
            prop_assert!(screen.contains(&word), "{} of {:?} in {:?}", word, text, screen);
        }
    }
}
