use proptest::prelude::*;

use super::*;

/// Replies and reports of every form, complete.
const REPLIES: &[&[u8]] = &[
    b"\x1b[?2026;2$y",
    b"\x1b[4;1$y",
    b"\x1b[?997;1n",
    b"\x1b[?1;0;1024S",
    b"\x1b[?1u",
    b"\x1b[?62;22c",
    b"\x1b[>0;276;0c",
    b"\x1b[>1;2;3m",
    b"\x1b[=1;2c",
    b"\x1b[?12;40R",
    b"\x1b[?15$q",
    b"\x1b[1;2 q",
    b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    b"\x1b]lq\x1b\\",
    b"\x1b]52;c;cSBxIHE=\x1b\\",
    "\x1b]l✜q œ\x07".as_bytes(),
    b"\x1bP1$r2 q\x1b\\",
    b"\x1bP1+r544e=71\x1b\\",
    b"\x1bP!|00000000\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b^q\x1b\\",
    b"\x1bXq\x07q\x1b\\",
    b"\x9b?2026;2$y",
    b"\x90q\x1b\\",
    "\u{9d}lq\x07".as_bytes(),
    "\u{9b}?62c".as_bytes(),
];

/// Pieces that never end.
const UNFINISHED: &[&[u8]] = &[
    b"\x1b[",
    b"\x1b[?",
    b"\x1b[?2026;2$",
    b"\x1b[1;2",
    b"\x1b[<0;5;",
    b"\x1b[M ",
    b"\x1b[[",
    b"\x1bO",
    b"\x1b]",
    b"\x1b]11;rgb:",
    b"\x1bP",
    b"\x1bP1$r2 ",
    b"\x1b_G",
    b"\x1b^",
    b"\x1bX",
    b"\x1b]l\x1b",
    b"\x1b[200~",
    b"\x1b[200~some text",
    b"\x1b[200~text\x1b[201",
    b"\xe6\x97",
    b"\x9b",
    b"\xc2",
];

fn key(c: char) -> Token {
    Token::Char { c, alt: false }
}

/// Feeds chunks, one per millisecond.
fn scan(chunks: &[&[u8]]) -> (Scanner, Vec<Token>, Instant) {
    let (mut scanner, mut now, mut tokens) = (Scanner::new(), Instant::now(), Vec::new());
    for chunk in chunks {
        now += Duration::from_millis(1);
        tokens.extend(scanner.feed(chunk, now));
    }
    (scanner, tokens, now)
}

fn is_report(token: &Token) -> bool {
    matches!(token, Token::Csi { .. } | Token::Background(_) | Token::DeviceAttributes)
}

#[test]
fn complete_replies_are_no_keys_however_they_are_split() {
    let keys = |tokens: Vec<Token>| -> Vec<Token> {
        tokens
            .into_iter()
            .filter(|token| !matches!(token, Token::Background(_) | Token::DeviceAttributes))
            .collect()
    };
    for reply in REPLIES {
        let (_, tokens, _) = scan(&[reply, b"x"]);
        assert_eq!(keys(tokens), [key('x')], "{}", reply.escape_ascii());
        let bytes: Vec<&[u8]> = reply.chunks(1).chain([b"x".as_slice()]).collect();
        let (_, tokens, _) = scan(&bytes);
        assert_eq!(keys(tokens), [key('x')], "{} byte by byte", reply.escape_ascii());
    }
}

#[test]
fn the_background_and_the_attributes_are_passed_on_and_overlong_ones_are_dropped() {
    for end in ["\x07", "\x1b\\"] {
        let reply = format!("\x1b]11;rgb:1e1e/1e1e/1e1e{end}\x1b[?62;22c");
        let expected = [Token::Background("rgb:1e1e/1e1e/1e1e".to_owned()), Token::DeviceAttributes];
        assert_eq!(scan(&[reply.as_bytes()]).1, expected);
        let bytes: Vec<&[u8]> = reply.as_bytes().chunks(1).collect();
        assert_eq!(scan(&bytes).1, expected);
    }
    let overlong = format!("\x1b]11;{}\x07", "1".repeat(100));
    for other in ["\x1b]10;rgb:0/0/0\x07", "\x1b]11\x07", &overlong, "\x1b[>0;1c", "\x1b]11;rgb:1e1e\x1b[A"] {
        let tokens = scan(&[other.as_bytes()]).1;
        assert!(!tokens.iter().any(|token| matches!(token, Token::Background(_))), "{other:?}");
    }
}

#[test]
fn unfinished_input_is_given_up_and_the_next_key_works() {
    for start in UNFINISHED {
        let (mut scanner, tokens, now) = scan(&[start]);
        assert_eq!(tokens, [], "{}", start.escape_ascii());
        let due = scanner.deadline().unwrap();
        assert!(due - now <= MAX_PAUSE);
        assert_eq!(scanner.give_up(), None);
        assert_eq!(
            scanner.feed(b"x", due + Duration::from_millis(1)),
            [key('x')],
            "{}",
            start.escape_ascii()
        );
        assert_eq!(scanner.deadline(), None);
    }
}

#[test]
fn keys_typed_one_by_one_do_not_keep_a_string_or_a_paste_alive() {
    for start in [b"\x1b]l".as_slice(), b"\x1b[200~", b"\x1b[1;"] {
        let (mut scanner, _, start_at) = scan(&[start]);
        let due = scanner.deadline().unwrap();
        assert_eq!(scanner.feed(b"1", start_at + Duration::from_millis(40)), []);
        assert_eq!(scanner.feed(b"1", start_at + Duration::from_millis(80)), []);
        assert_eq!(scanner.deadline(), Some(due));
    }
}

#[test]
fn a_long_reply_or_paste_may_take_its_time_while_it_flows() {
    let (mut scanner, mut now) = (Scanner::new(), Instant::now());
    for chunk in [b"\x1b[200~".as_slice(), b"many", b"more", b"words", b"\x1b[201~x"] {
        now += Duration::from_millis(80);
        assert!(scanner.deadline().is_none_or(|due| due > now));
        let tokens = scanner.feed(chunk, now);
        if chunk.ends_with(b"x") {
            assert_eq!(tokens, [Token::Paste("manymorewords".into()), key('x')]);
        }
    }
}

#[test]
fn a_stalled_paste_continues_with_its_text_but_not_with_a_key() {
    let stalled = || {
        let (mut scanner, _, now) = scan(&[b"\x1b[200~one "]);
        assert_eq!(scanner.give_up(), None);
        (scanner, now + Duration::from_millis(500))
    };
    let (mut scanner, now) = stalled();
    assert_eq!(scanner.feed(b"two q", now), []);
    assert_eq!(scanner.feed(b"\x1b[201~", now), [Token::Paste("one two q".into())]);
    let (mut scanner, now) = stalled();
    assert_eq!(scanner.feed(b"q", now), [key('q')]);
    assert_eq!(scanner.feed(b"q", now), [key('q')]);
    let (mut scanner, now) = stalled();
    assert_eq!(scanner.feed(b"\x1b[A", now), [Token::Csi { parameters: String::new(), end: b'A' }]);
    let (mut scanner, now) = stalled();
    assert_eq!(scanner.feed(b"jj", now + MAX_PASTE_STALL), [key('j'), key('j')]);
}

#[test]
fn escape_alone_is_a_key_after_a_moment_and_alt_with_a_character() {
    let (mut scanner, tokens, now) = scan(&[b"\x1b"]);
    assert_eq!(tokens, []);
    assert!(scanner.deadline().unwrap() - now < MAX_PAUSE);
    assert_eq!(scanner.give_up(), Some(Token::Esc));
    let (_, tokens, _) = scan(&["\x1bx\x1bé".as_bytes()]);
    assert_eq!(tokens, [Token::Char { c: 'x', alt: true }, Token::Char { c: 'é', alt: true }]);
    let (_, tokens, _) = scan(&[b"\x1b\x1b[A"]);
    assert_eq!(tokens, [Token::Esc, Token::Csi { parameters: String::new(), end: b'A' }]);
}

#[test]
fn control_keys_end_an_unfinished_sequence() {
    let (_, tokens, _) = scan(&[b"\x1b[1;2\x03"]);
    assert_eq!(tokens, [key('\x03')]);
}

#[test]
fn text_around_a_paste_is_typed_and_the_paste_is_unchanged() {
    let (_, tokens, _) = scan(&["é\x1b[200~a\rb\x1b[Aü\x1b[201~日".as_bytes()]);
    assert_eq!(tokens, [key('é'), Token::Paste("a\rb\x1b[Aü".into()), key('日')]);
}

proptest! {
    #[test]
    fn splitting_changes_nothing(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::sample::select(REPLIES).prop_map(<[u8]>::to_vec),
                prop::sample::select(UNFINISHED).prop_map(<[u8]>::to_vec),
                "[a-z]{1,3}|日|é|\u{1b}\\[A|\u{1b}OP|\u{1b}\\[<0;5;10M".prop_map(String::into_bytes),
            ],
            0..6,
        ),
    ) {
        let bytes = pieces.concat();
        let (_, whole, _) = scan(&[&bytes]);
        let singles: Vec<&[u8]> = bytes.chunks(1).collect();
        let (_, split, _) = scan(&singles);
        prop_assert_eq!(whole, split);
    }

    #[test]
    fn after_any_input_the_next_key_works(chunks in prop::collection::vec(any::<Vec<u8>>(), 0..8)) {
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let (mut scanner, _, now) = scan(&chunks);
        if let Some(due) = scanner.deadline() {
            prop_assert!(due <= now + MAX_PAUSE);
            scanner.give_up();
        }
        prop_assert_eq!(scanner.feed(b"x", now + MAX_PAUSE * 2), [key('x')]);
    }

    #[test]
    fn replies_never_become_keys(prefix in "[ -~]{0,20}", at in 0..REPLIES.len()) {
        let reply = REPLIES[at];
        let (_, tokens, _) = scan(&[b"\x1b]", prefix.as_bytes(), b"\x07", reply]);
        prop_assert!(tokens.iter().all(is_report), "{:?}", tokens);
    }
}
