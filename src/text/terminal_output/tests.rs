use proptest::prelude::*;

use super::*;
use crate::text::Safe;

fn cleaned(output: &str) -> (String, usize, usize) {
    let Cleaned { text, removed, .. } = clean(output);
    (text.into_owned(), removed.sequences + removed.colours, removed.states)
}

#[test]
fn colours_links_and_titles_are_removed_and_counted() {
    assert_eq!(cleaned("\u{1b}[1;32m✓\u{1b}[0m ok\r\n"), ("✓ ok\n".to_owned(), 2, 0));
    let link = "\u{1b}]8;id=1;https://ci.example/1\u{1b}\\log\u{1b}]8;;\u{7}.";
    assert_eq!(cleaned(link), ("log.".to_owned(), 2, 0));
    assert_eq!(cleaned("\u{1b}]0;title\u{7}a\u{1b}(Bb\u{9b}31mc\u{1b}7\u{7}"), ("abc".to_owned(), 5, 0));
    assert_eq!(cleaned("a\u{1b}[?25lb\u{1b}P1$r q\u{1b}\\c"), ("abc".to_owned(), 2, 0));
}

#[test]
fn line_keeps_its_last_state() {
    assert_eq!(cleaned("\r 10%|█   |\r100%|████|\ndone"), ("100%|████|\ndone".to_owned(), 0, 1));
    let spinner = "\u{1b}[2K\u{1b}[1G- a\u{1b}[2K\u{1b}[1G+ b\u{1b}[2K\u{1b}[1Gc\n";
    assert_eq!(cleaned(spinner), ("c\n".to_owned(), 6, 2));
    assert_eq!(cleaned("loading\r\u{1b}[Kdone"), ("done".to_owned(), 1, 1));
    assert_eq!(cleaned("long text\rlo"), ("long text".to_owned(), 0, 0), "nothing was lost");
    assert_eq!(cleaned("a\u{1b}[5Cb\u{1b}[2Dc"), ("a    cb".to_owned(), 2, 0));
}

#[test]
fn letters_of_manual_pages_are_kept_once() {
    assert_eq!(cleaned("N\u{8}NA\u{8}A _\u{8}u b\u{8}_"), ("NA u b".to_owned(), 4, 0));
    assert_eq!(cleaned("12\u{8}3"), ("13".to_owned(), 1, 1));
}

#[test]
fn other_text_is_not_touched() {
    for text in ["a\tb\r\n  c\n", "[31m not a sequence", "日本\u{301}\u{200d}x", "\u{0}\u{c}", ""] {
        assert_eq!(Safe::text(&clean(text).text), Safe::text(text));
        assert_eq!(clean(text).removed, Removed::default());
    }
    assert!(matches!(clean("plain\n").text, Cow::Borrowed(_)));
}

#[test]
fn unfinished_sequence_hides_no_text() {
    assert_eq!(cleaned("a\u{1b}]8;;http://x\nb\u{7}").0, "a8;;http://x\nb");
    assert_eq!(cleaned("a\u{1b}[12\nb").0, "a12\nb");
    assert_eq!(cleaned("a\u{1b}").0, "a");
}

#[test]
fn colours_last_over_lines_and_stay_with_the_letters_that_remain() {
    let cleaned =
        clean("\u{1b}[31mred\nstill \u{1b}[1;32mgreen\u{1b}[m text\r\u{1b}[33mS\u{1b}[0m\u{1b}[48;5;1m!");
    let mut start = 0;
    let runs: Vec<(&str, Role)> = cleaned
        .styles
        .iter()
        .map(|(end, role)| (cleaned.text.get(std::mem::replace(&mut start, *end)..*end).unwrap(), *role))
        .collect();
    assert_eq!(
        runs,
        [
            ("red\n", Role::Error),
            ("S", Role::Warn),
            ("!", Role::Text),
            ("ill ", Role::Error),
            ("green", Role::Ok),
            (" text", Role::Text)
        ]
    );
    assert_eq!(cleaned.removed, Removed { sequences: 1, colours: 5, states: 1 });
}

proptest! {
    #[test]
    fn no_control_sequence_remains(output in "(\\PC|[\u{1b}\u{9b}\u{9d}\r\n\u{8}\t\u{7}]|\\[|\\]8;;|[0-9;]{1,4}|[mGKCD]|日本){0,60}") {
        let text = clean(&output).text.into_owned();
        prop_assert!(!text.contains(|c: char| matches!(c, '\u{1b}' | '\u{8}' | '\r' | '\u{80}'..='\u{9f}')), "{:?}", text);
    }

    /// Without a cursor movement, every letter stays in its place.
    #[test]
    fn letters_outside_sequences_are_kept(parts in proptest::collection::vec("[a-z 日é]{0,6}", 0..12)) {
        let coloured: String = parts.iter().map(|part| format!("\u{1b}[3{}m{part}\u{1b}[0m", part.len() % 8)).collect();
        let cleaned = clean(&coloured);
        let expected = parts.concat();
        prop_assert_eq!(cleaned.text.trim_end(), expected.trim_end());
        prop_assert_eq!(cleaned.removed, Removed { colours: parts.len() * 2, ..Removed::default() });
    }
}
