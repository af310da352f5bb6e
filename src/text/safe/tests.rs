use std::borrow::Cow;

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;
use crate::text::grapheme::is_standalone;
use crate::text::sanitize::HiddenChars;
use crate::text::scan_hidden;

/// Text full of characters that the text gate must handle.
fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,6}",
        "\\PC{0,4}",
        "[\u{0}-\u{9f}]{0,3}",
        "[\u{300}-\u{36f}]{0,40}",
        "[\u{1100}-\u{11ff}]{0,40}",
        "[\u{600}-\u{605}\u{70f}\u{8e2}]{0,20}",
        "[\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{ad}\u{61c}]{0,3}",
        "[\u{e0020}-\u{e007f}]{0,9}",
        "🏴[\u{e0061}-\u{e0067}]{2,7}\u{e007f}",
        "(👩|❤|🏽|\u{200d}|\u{fe0f}){0,30}",
        "[🇦-🇿]{0,3}",
        "[\u{905}-\u{94d}\u{200c}\u{200d}]{0,20}",
        "[\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]{0,3}",
        "(\r\n|\r|\n|\t|中|한|\u{1f3f4}|1\u{fe0f}\u{20e3}){0,4}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn is_harmless(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    })
}

#[test]
fn clean_text_is_not_copied() {
    for text in ["", "plain ~ text", "two\nlines", "größer, 日本語, “quoted” — 👍"] {
        assert!(matches!(Safe::text(text).0, Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn control_characters_are_made_visible() {
    assert_eq!(Safe::text("a\r\nb\rc\x1b[31m\x7f\u{9b}0m\u{85}").as_str(), "a\nb␍c␛[31m␡\\u{9b}0m\\u{85}");
    assert_eq!(Safe::text("x\u{202e}evil\u{2028}").as_str(), "x‹U+202E›evil‹U+2028›");
    assert_eq!(Safe::line("a\r\nb").as_str(), "a⏎b");
}

#[test]
fn tabs_expand_to_the_next_tab_stop() {
    assert_eq!(Safe::text("a\tb\n日\tc\td").as_str(), "a   b\n日  c   d");
    assert_eq!(Safe::line("\t|").as_str(), "    |");
}

#[test]
fn invisible_characters_are_removed_counted_and_revealed_on_demand() {
    let text = "pay\u{200b}pal\u{e0048}\u{e0069} a\u{fe0f}\u{3164}";
    assert_eq!(Safe::text(text).as_str(), "paypal a");
    assert_eq!(scan_hidden(text), HiddenChars { count: 5, tags: "Hi".into() });
    assert_eq!(Safe::revealed_text(text).as_str(), "pay‹U+200B›pal‹U+E0048›‹U+E0069› a‹U+FE0F›‹U+3164›");
}

#[test]
fn emoji_and_scripts_keep_the_invisible_characters_they_need() {
    for text in ["👩‍👩‍👧 ❤️‍🔥 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ 👍🏽 🇩🇪", "می‌خواهم", "क्‍ष", "ガ ｶﾞ", "👨🏻‍👩🏻‍👧🏻‍👦🏻", "辻󠄀"]
    {
        assert_eq!(Safe::text(text).as_str(), text);
        assert_eq!(scan_hidden(text).count, 0, "{text}");
    }
}

#[test]
fn oversized_and_lone_clusters_are_limited() {
    let marks = |count| "\u{301}".repeat(count);
    assert_eq!(Safe::text(&format!("Z{}!", marks(500))).as_str(), format!("Z{}…!", marks(13)));
    assert_eq!(Safe::text("\u{301}a\n\u{302}b").as_str(), "◌\u{301}a\n◌\u{302}b");
    assert_eq!(Safe::line("\u{1161}").as_str(), "‹U+1161›");
}

#[test]
fn a_cluster_is_truncated_beyond_sixteen_characters_including_its_dotted_circle() {
    // Four bytes each, so that a cluster of sixteen takes 64.
    let marks = |count| "\u{1d165}".repeat(count);
    for (text, shown) in [
        (format!("Z{}", marks(15)), format!("Z{}", marks(15))),
        (format!("Z{}", marks(16)), format!("Z{}…", marks(13))),
        (marks(15), format!("◌{}", marks(15))),
        (marks(16), format!("◌{}…", marks(14))),
    ] {
        assert_eq!(Safe::line(&text).as_str(), shown);
    }
}

#[test]
fn every_standalone_character_is_visible() {
    for c in (' '..=char::MAX).filter(|c| is_standalone(*c) && !c.is_control()) {
        assert!(width::of_grapheme(c.encode_utf8(&mut [0; 4])) > 0, "{c:?}");
    }
}

proptest! {
    #[test]
    fn nothing_harmful_passes_the_text_gate(text in hostile_text()) {
        for safe in [Safe::text(&text), Safe::revealed_text(&text)] {
            prop_assert!(is_harmless(&safe), "{:?}", safe);
        }
        let line = Safe::line(&text);
        prop_assert!(is_harmless(&line) && !line.contains('\n'), "{:?}", line);
    }

    #[test]
    fn clusters_are_small_and_visible(text in hostile_text()) {
        for cluster in Safe::text(&text).graphemes(true).filter(|c| *c != "\n") {
            prop_assert!(cluster.chars().count() <= 16 && cluster.len() <= 64, "{:?}", cluster);
            prop_assert!(width::of_grapheme(cluster) > 0, "{:?}", cluster);
        }
    }

    #[test]
    fn sanitizing_twice_changes_nothing(text in hostile_text()) {
        for once in [Safe::text(&text), Safe::line(&text), Safe::revealed_text(&text)] {
            let twice = Safe::text(&once);
            prop_assert_eq!(&twice, &once);
            prop_assert_eq!(scan_hidden(&once).count, 0);
        }
        let line = Safe::line(&text);
        let twice = Safe::line(&line);
        prop_assert_eq!(&twice, &line);
    }
}

#[test]
fn tags_after_a_black_flag_are_kept_for_existing_flags_only() {
    let flag = |region: &str| -> String {
        let tags = region.chars().map(|c| char::from_u32(0xe0000 + u32::from(c)).unwrap());
        std::iter::once('\u{1f3f4}').chain(tags).chain(['\u{e007f}']).collect()
    };
    for region in ["gbeng", "gbsct", "gbwls"] {
        assert_eq!(Safe::text(&flag(region)).as_str(), flag(region));
    }
    for region in ["hidden", "gbengx", "gben", "ignore", "us", "abc", ""] {
        assert_eq!(Safe::text(&flag(region)).as_str(), "\u{1f3f4}", "{region}");
    }
}
