use proptest::prelude::*;

use super::*;
use crate::text::{Graphemes, Safe, width};

fn rows(text: &str, cols: usize) -> Vec<&str> {
    WrapIndex::build(text, cols).rows(text, 0..usize::MAX).into_iter().map(|row| row.slice(text)).collect()
}

fn prose() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,12} {0,3}",
        "[a-z]{30,60}",
        " {0,12}",
        "\n{1,3}",
        "[日本語한글、。]{1,9}",
        "\\PC{0,4}",
        "(é|e\u{301}|👩‍👩‍👧|🇩🇪){1,4}",
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| Safe::text(&pieces.concat()).into_string())
}

#[test]
fn rows_break_at_spaces_and_inside_overlong_words() {
    assert_eq!(rows("the quick brown fox", 10), ["the quick", "brown fox"]);
    assert_eq!(rows("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
    assert_eq!(rows("ab   cd", 4), ["ab", "cd"]);
    assert_eq!(rows("abcd   \nef", 4), ["abcd", "ef"]);
    assert_eq!(rows("  indented text", 10), ["  indented", "text"]);
    assert_eq!(rows("        x", 4), ["    ", "x"]);
    assert_eq!(rows("\na\n\nb\n", 4), ["", "a", "", "b"]);
    assert_eq!(rows("", 4), [""; 0]);
}

#[test]
fn wide_characters_are_never_split_and_break_anywhere() {
    assert_eq!(rows("日本語日本語", 5), ["日本", "語日", "本語"]);
    assert_eq!(rows("see 日本語、です", 10), ["see 日本", "語、です"]);
    assert_eq!(rows("日a", 1), ["日", "a"]);
}

#[test]
fn indic_words_break_at_spaces_only() {
    // Hindi, Bengali, Tamil, Telugu: conjuncts and vowel signs of several columns.
    for text in ["हिन्दी विश्व की भाषा है", "বাংলা ভাষার ক্ষেত্রে কাজ", "தமிழ் மொழியின் சொற்கள்", "తెలుగు భాషలో క్షేత్రం"]
    {
        let words: Vec<&str> = text.split(' ').collect();
        let longest = words.iter().map(|word| width::columns(word)).max().unwrap();
        for cols in longest..24 {
            assert_eq!(rows(text, cols).join(" "), text, "{cols}");
        }
    }
}

#[test]
fn words_of_southeast_asia_are_not_split() {
    // "Prices of goods rose recently" in Thai, "the weather is very fine today" in Lao and Khmer.
    for words in [
        &["ราคา", "สินค้า", "เพิ่ม", "ขึ้น", "เมื่อ", "เร็ว"][..],
        &["ມື້ນີ້", "ອາກາດ", "ດີ", "ຫຼາຍ"],
        &["ថ្ងៃនេះ", "អាកាសធាតុ", "ល្អ", "ណាស់"],
    ] {
        let text = words.concat();
        let longest = words.iter().map(|word| width::columns(word)).max().unwrap();
        let ends: Vec<usize> = words
            .iter()
            .scan(0, |end, word| {
                Some({
                    *end += word.len();
                    *end
                })
            })
            .collect();
        for cols in longest..30 {
            let wrap = WrapIndex::build(&text, cols);
            for row in wrap.rows(&text, 0..usize::MAX) {
                assert!(ends.contains(&row.end), "{cols}: {:?}", row.slice(&text));
            }
        }
    }
}

#[test]
fn no_row_starts_with_a_small_kana_or_a_mark() {
    let text = "コンピューターのキャッシュ「データ」を、きょうちょっと見る。";
    for cols in 6..40 {
        for row in rows(text, cols) {
            let first = row.chars().next().unwrap();
            assert!(!"ーャュョッゃゅょっ」、。".contains(first), "{cols}: {row}");
            assert!(!row.ends_with('「'), "{cols}: {row}");
        }
    }
}

#[test]
fn ascii_and_unicode_rows_break_alike() {
    let ascii = "lorem ipsum  dolor sit amet,   consectetur\n  adipiscing elitsed do";
    for cols in 1..20 {
        let other = ascii.replace('o', "ø");
        let expected: Vec<String> = rows(ascii, cols).iter().map(|row| row.replace('o', "ø")).collect();
        assert_eq!(rows(&other, cols), expected, "{cols}");
    }
}

proptest! {
    #[test]
    fn rows_keep_everything_but_spaces_at_breaks_and_fit(text in prose(), cols in 1usize..30) {
        let wrap = WrapIndex::build(&text, cols);
        let mut at = 0;
        for row in wrap.rows(&text, 0..wrap.row_count()) {
            let gap = text.get(at..row.start).unwrap();
            prop_assert!(gap.trim_matches(' ').is_empty() || gap.trim_matches(' ') == "\n", "{:?}", gap);
            let inside = row.slice(&text);
            prop_assert!(!inside.contains('\n'));
            prop_assert!(width::columns(inside) <= cols || Graphemes::new(inside).count() == 1, "{:?}", inside);
            at = row.end;
        }
        prop_assert!(text.get(at..).unwrap().trim_matches(' ').trim_matches('\n').is_empty());
    }

    #[test]
    fn a_window_is_a_slice_of_all_rows_regardless_of_index_steps(
        text in prose(), times in 1usize..20, cols in 1usize..12, budget in 1usize..50, from in 0usize..300, len in 0usize..100
    ) {
        let text = text.repeat(times);
        let mut wrap = WrapIndex::new(cols);
        while !wrap.step(&text, budget) {}
        let whole: Vec<Row> = line_break::rows_from(&text, 0, cols).collect();
        prop_assert_eq!(wrap.row_count(), whole.len());
        let from = from.min(whole.len());
        let to = (from + len).min(whole.len());
        prop_assert_eq!(wrap.rows(&text, from..to), whole.get(from..to).unwrap());
    }

    #[test]
    fn wrapping_any_text_terminates(text in ".*", cols in 0usize..9) {
        prop_assert!(WrapIndex::build(&text, cols).row_count() <= text.len());
    }
}

#[test]
fn a_space_with_a_combining_mark_is_not_split_from_it() {
    for text in ["ab  \u{65d}c", "é  \u{301}c", "ab \u{301}c", "日本   \u{301}\u{301}"] {
        for width in 1..6 {
            let rows = WrapIndex::build(text, width).rows(text, 0..usize::MAX);
            let alone = rows.iter().any(|row| row.slice(text).starts_with(['\u{65d}', '\u{301}']));
            assert!(!alone, "{text:?} at {width}: {rows:?}");
        }
    }
}
