use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Skips a value one byte at a time, as the reference for the fast implementation.
fn skip_value_naive(bytes: &[u8], at: usize) -> Option<usize> {
    let start = skip_whitespace(bytes, at);
    let rest = bytes.get(start..)?;
    let (mut depth, mut inside, mut escaped) = (0_u32, false, false);
    match rest.first()? {
        b',' | b']' | b'}' => return None,
        b'{' | b'[' | b'"' => {}
        _ => return Some(start + rest.iter().position(|&b| is_token_end(b)).unwrap_or(rest.len())),
    }
    for (n, &byte) in rest.iter().enumerate() {
        if inside {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => inside = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => inside = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        if depth == 0 && !inside {
            return Some(start + n + 1);
        }
    }
    None
}

fn bracket_soup() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => Just(b'"'),
        3 => Just(b'\\'),
        2 => Just(b'{'),
        2 => Just(b'['),
        1 => Just(b'}'),
        1 => Just(b']'),
        1 => Just(b','),
        1 => Just(b' '),
        8 => Just(b'a'),
        1 => any::<u8>(),
    ];
    vec(byte, 0..400)
}

proptest! {
    #[test]
    fn agrees_with_a_bytewise_scanner(bytes in bracket_soup(), at in 0_usize..20) {
        prop_assert_eq!(skip_value(&bytes, at), skip_value_naive(&bytes, at));
    }

    #[test]
    fn string_with_many_backslashes_ends_at_its_closing_quote(runs in vec((0_usize..9, 0_usize..70), 0..12)) {
        let mut text = b"[\"".to_vec();
        for (slashes, letters) in runs {
            text.extend(vec![b'\\'; slashes * 2]);
            text.extend(b"\\\"");
            text.extend(vec![b'x'; letters]);
        }
        text.extend(b"\"]");
        prop_assert_eq!(skip_value(&text, 0), Some(text.len()));
        prop_assert_eq!(skip_value(&text, 1), Some(text.len() - 1));
    }

    #[test]
    fn finds_the_same_end_for_any_chunking(bytes in bracket_soup(), cuts in vec(1_usize..70, 1..40)) {
        let Some(&first) = bytes.first() else { return Ok(()) };
        let rest = &bytes[1..];
        let whole = Scan::starting_with(first).read(rest);
        let (mut scan, mut at, mut end) = (Scan::starting_with(first), 0, None);
        for cut in cuts.iter().cycle().take(500) {
            let to = (at + cut).min(rest.len());
            end = scan.read(&rest[at..to]).map(|length| at + length);
            if end.is_some() || to == rest.len() {
                break;
            }
            at = to;
        }
        prop_assert_eq!(end, whole);
    }
}

#[test]
fn a_million_nested_brackets_use_no_stack() {
    let deep = ["[".repeat(1_000_000), "]".repeat(1_000_000)].concat();
    assert_eq!(skip_value(deep.as_bytes(), 0), Some(2_000_000));
    assert_eq!(skip_value(&deep.as_bytes()[..1_999_999], 0), None);
}

#[test]
fn non_json_tokens_end_at_the_next_delimiter() {
    assert_eq!(skip_value(b" NaN ,1", 0), Some(4));
    assert_eq!(skip_value(b"-Infinity]", 0), Some(9));
    assert_eq!(skip_value(b"12", 0), Some(2));
    assert_eq!(skip_value(b" ,", 0), None);
    assert_eq!(skip_value(b"", 3), None);
    assert_eq!(skip_value(b"\"cut", 0), None);
}

#[test]
fn trim_removes_whitespace_and_the_byte_order_mark() {
    assert_eq!(trim(b"\xEF\xBB\xBF \n{} \r\n"), b"{}");
    assert_eq!(trim(b" \n "), b"");
}

#[test]
fn inverted_quotes_are_reported_as_lost_sync() {
    let scan_result = |value: &str| {
        let (first, rest) = value.as_bytes().split_first().unwrap();
        let mut scan = Scan::starting_with(*first);
        (scan.read(rest).is_some(), scan.has_lost_sync())
    };
    assert_eq!(scan_result(r#"{"a":"b \" c \\","d":["\\\""]}"#), (true, false));
    // The quote after `b` is missing: inside and outside are swapped until `\"` restores them.
    assert_eq!(scan_result(r#"{"a":"b,"c":"d \" e"}"#), (true, true));
}
