use proptest::prelude::*;

use super::*;

fn finder(query: &str) -> Finder {
    Finder::new(&Query::new(query)).unwrap()
}

fn count_hits(query: &str, raw: &str) -> usize {
    finder(query).count_hits(raw.as_bytes(), usize::MAX)
}

/// Returns the number of hits in a text, as raw JSON in both spellings, which must agree.
fn hits_of_text(query: &str, text: &str) -> usize {
    let json = serde_json::to_string(&serde_json::json!({ "text": text })).unwrap();
    let escaped: String = json
        .chars()
        .map(|c| match c.is_ascii() {
            true => c.to_string(),
            false => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        })
        .collect();
    let count = count_hits(query, &json);
    assert_eq!(count_hits(query, &escaped), count, "{query} in {escaped}");
    assert_eq!(finder(query).text_hits(text, usize::MAX).len(), count, "{query} in {text}");
    count
}

#[test]
fn a_message_with_very_many_hits_is_counted_up_to_the_limit() {
    let raw = serde_json::to_vec(&"ab".repeat(MAX_PLACES + 1)).unwrap();
    let finder = finder("ab");
    assert_eq!(finder.count_hits(&raw, 9999), 9999);
    assert_eq!(finder.hits(&raw, 3).len(), 3);
}

#[test]
fn escapes_and_plain_characters_both_match() {
    for raw in [r#""café""#, r#""caf\u00e9""#, r#""caf\u00E9""#] {
        assert_eq!(count_hits("café", raw), 1, "{raw}");
        assert_eq!(count_hits("CAFÉ", raw), 0, "{raw}");
    }
    assert_eq!(count_hits("café", r#""CAF\u00c9 Café CAFÉ""#), 3);
    assert_eq!(count_hits("👍", r#""\ud83d\udc4d 👍""#), 2);
    assert_eq!(count_hits("say \"hi\"", r#""say \"hi\"""#), 1);
    assert_eq!(count_hits("a/b", r#""a/b a\/b""#), 2);
    assert_eq!(count_hits("line\nbreak", r#""line\nbreak""#), 1);
    assert_eq!(count_hits("lamp", r#"{"lamp":1,"x":"\u006camp"}"#), 2);
}

#[test]
fn search_uses_smart_case() {
    assert_eq!(hits_of_text("refund", "Refund REFUND refund"), 3);
    assert_eq!(hits_of_text("Refund", "Refund REFUND refund"), 1);
    assert_eq!(hits_of_text("q-0001", "Q-0001 q-0001"), 2);
    assert_eq!(hits_of_text("re:\\Slamp", "aLamp"), 1, "a class is not upper case");
}

#[test]
fn hits_cross_markup() {
    for (query, text) in [
        ("brain research", "about **brain** research"),
        ("brain research", "about *brain*  `research`"),
        ("run cargo test now", "run `cargo test` now"),
        ("see the page here", "see [the page](https://example.org/a_b) here"),
        ("r&d budget", "R&amp;D budget"),
        ("a < b", "a &lt; b"),
        ("unbelievable", "un**believ**able"),
        ("unbelievable", "un[believ](https://example.org)able"),
        ("unbelievable", "un<b>believ</b>able"),
        ("snake_case", "snake\\_case"),
        ("two lines", "> two\n> lines"),
        ("really new price", "really ~~old~~ **new** price".replace("~~old~~ ", "").as_str()),
    ] {
        assert_eq!(hits_of_text(query, text), 1, "{query} in {text}");
    }
    for (query, text) in [("**brain**", "about **brain** research"), ("](https", "[a](https://b.c)")] {
        assert_eq!(hits_of_text(query, text), 1, "the source matches too: {query}");
    }
    assert_eq!(hits_of_text("one two", "**one**\n\ntwo"), 0, "another paragraph");
}

#[test]
fn equivalent_spellings_are_found() {
    for (query, text) in [
        ("it's", "It\u{2019}s here"),
        ("it\u{2019}s", "it's here"),
        ("non breaking", "non\u{A0}breaking"),
        ("abc", "ＡＢＣ"),
        ("ＡＢＣ", "ABC"),
        ("Café", "Cafe\u{301}"),
        ("Cafe\u{301}", "Café"),
        ("office", "the o\u{FB03}ce"),
        ("re-enter", "re\u{2011}enter"),
        ("unbelievable", "un\u{AD}believable"),
        ("ガス", "ｶﾞｽ"),
        ("...", "wait…"),
        ("-", "\u{2013}"),
        ("\"", "\u{201E}"),
        ("straße", "STRASSE"),
        ("①", "step 1"),
        ("ś", "`s`\u{301}"),
        ("ῲ", "ῲ"),
        ("ϒ", "ϒ"),
        ("¼", "¼"),
    ] {
        assert_eq!(hits_of_text(query, text), 1, "{query} in {text}");
    }
    assert_eq!(hits_of_text("cafe", "café"), 0);
}

#[test]
fn regular_expressions_match_decoded_lines() {
    for (query, text, count) in [
        ("re:turn \\d+", "turn 1, turn 22", 2),
        ("re:^lamp$", "a\nlamp\nb", 1),
        ("re:^lamp$", "a\r\nlamp\r\nb", 1),
        ("re:said \"hi\"", "he said \"hi\"", 1),
        ("re:a\\s+b", "a\n\tb", 1),
        ("re:x.y", "x\"y", 1),
        ("re:x.y", "xéy", 1),
        ("re:brain research$", "the **brain** research", 1),
        ("re:\\\\d", "a \\d class", 1),
        ("re:$", "text", 0),
    ] {
        assert_eq!(hits_of_text(query, text), count, "{query}");
    }
    assert!(Finder::new(&Query::new("re:(")).is_err());
    assert!(Finder::new(&Query::new("re:(a{1000}){1000}")).is_err());
    assert_eq!(count_hits("a.b", r#""a.b axb""#), 1);
}

#[test]
fn json_inside_of_strings_is_searched() {
    let arguments = serde_json::json!({ "query": "Café \"Zürich\"\n**open** now" }).to_string();
    let raw = serde_json::json!({ "arguments": arguments }).to_string();
    for query in ["café \"zürich\"", "open now", "re:^\\*\\*open"] {
        assert_eq!(count_hits(query, &raw), 1, "{query}");
        let hits = finder(query).hits(raw.as_bytes(), 9);
        assert!(hits.first().is_some_and(|hit| hit.start > 14 && hit.end < raw.len()), "{hits:?}");
    }
}

#[test]
fn hits_have_the_bytes_of_the_raw_json() {
    let raw = r#"{"a":"x caf\u00e9 **y** z","b":12.5}"#;
    let hit = |query: &str| {
        finder(query)
            .hits(raw.as_bytes(), 9)
            .into_iter()
            .map(|range| raw.get(range).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(hit("café"), [r"caf\u00e9"]);
    assert_eq!(hit("y z"), ["y** z"]);
    assert_eq!(hit("12.5"), ["12.5"]);
    assert_eq!(hit("b"), ["b"]);
}

#[test]
fn only_plain_spellings_are_found_in_the_first_pass() {
    for (query, text, is_plain) in [
        ("unbelievable", "Unbelievable", true),
        ("Unbelievable", "unbelievable", false),
        ("unbelievable", "un**believ**able", false),
        ("say \"hi\"", "he would say \"hi\"", true),
        ("привет", "Привет", true),
        ("re:turn \\d+", "Turn 22", true),
        ("re:turn \\d+", "**turn** 22", false),
    ] {
        let raw = serde_json::to_vec(text).unwrap();
        let count = finder(query).count_if_plain(&raw, 9);
        let all = if query == "Unbelievable" { 0 } else { 1 };
        assert_eq!(count, is_plain.then_some(1), "{query} in {text}");
        assert_eq!(finder(query).count_hits(&raw, 9), all, "{query} in {text}");
    }
}

#[test]
fn marks_before_another_letter_need_no_decoding() {
    for (query, text, count) in [
        ("report", "cut to repo**: a `repo` of rep* it", 0),
        ("report", "repo**rt** repo` rt ` `repo`\nrt", 2),
        ("report", "my**port re*x*port", 0),
        ("report", "re**port** re`\n`port", 1),
    ] {
        assert_eq!(hits_of_text(query, text), count, "{query} in {text}");
    }
}

proptest! {
    #[test]
    fn literal_is_found_in_its_own_json(text in "\\PC{1,12}", before in "\\PC{0,8}") {
        let whole = format!("{before}{text}");
        let json = serde_json::to_string(&whole).unwrap();
        prop_assume!(!text.starts_with("re:"));
        let finder = Finder::new(&Query::new(&text)).unwrap();
        prop_assert!(finder.count_hits(json.as_bytes(), 10) >= 1, "{text:?} in {json}");
        prop_assert!(!finder.text_hits(&whole, 10).is_empty());
    }

    #[test]
    fn quick_look_never_hides_a_hit(text in "[aAb1 éÉ\u{301}\u{AD}＊Ａｂ①ßs'’–.*`_~<>&;#\\[\\]()\"\\\\\n-]{1,24}", at in 0_usize..24, len in 1_usize..6) {
        let shown = markup::strip(&text).map_or_else(|| text.clone(), |shown| shown.text);
        let query: String = shown.chars().skip(at % shown.chars().count().max(1)).take(len).collect();
        let finder = Finder::new(&Query::new(&query)).unwrap();
        let json = serde_json::to_string(&text).unwrap();
        let in_text = finder.text_hits(&text, 99).len();
        prop_assert_eq!(finder.count_hits(json.as_bytes(), 99) > 0, in_text > 0, "{:?} in {}", query, json);
    }

    #[test]
    fn folding_is_symmetric(one in "[aAéÉe\u{301}Ａß's’ \u{A0}–-]{1,8}", other in "[aAéÉe\u{301}Ａß's’ \u{A0}–-]{1,8}") {
        let (one, other) = (one.to_lowercase(), other.to_lowercase());
        // A hit in a part of a ligature is marked as the whole; only hits of all its letters are symmetric.
        let len = |text: &str| fold::fold_text(text, Case::Insensitive).len();
        let found = |query: &str, text: &str| Finder::new(&Query::new(query)).unwrap().text_hits(text, 1).first() == Some(&(0..text.len()));
        if len(&one) == len(&other) {
            prop_assert_eq!(found(&one, &other), found(&other, &one));
        }
    }

    /// Counting without decoding gives what decoding gives.
    #[test]
    fn quick_count_equals_that_of_decoded_text(text in "(re|po|rt|report|the |\\*\\*|\\*|_|`|~~|:|x|1\\. |\\[|\\]\\(u\\)|<b>|</b>|&amp;|&#101;|\\\\|\n|\u{AD}|\u{301}|ｅ|é|期|четыре|\"| ){1,12}", query in "(report|the report|re|t r|port|e|четыре|期|r|rére)") {
        let json = serde_json::to_string(&serde_json::json!({ "x": text })).unwrap();
        let finder = Finder::new(&Query::new(&query)).unwrap();
        let in_text = finder.hits_in(&text, 99, MAX_NESTING).len();
        prop_assert_eq!(finder.count_hits(json.as_bytes(), 99), in_text, "{:?} in {}", query, json);
        prop_assert_eq!(finder.hits(json.as_bytes(), 99).len(), in_text, "{:?} in {}", query, json);
    }
}
