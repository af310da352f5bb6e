//! The theme fits the background that the terminal reports, and no reply is harmful.

use crate::session::Session;

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// The reply about the features of a terminal.
const ATTRIBUTES: &str = "\x1b[?62;22c";

/// Secondary text in the themes for dark and light backgrounds.
const DARK_DIM: (u8, u8, u8) = (0x8b, 0x93, 0xa1);
const LIGHT_DIM: (u8, u8, u8) = (0x62, 0x69, 0x75);

/// The number of attempts, since a machine under load may exceed the time limit for the reply.
const MAX_TRIES: usize = 8;

/// Returns the demo with a thread open, in a terminal of RGB colours with this reply to the request for its background.
fn session_with_reply(reply: &str, variables: &[(&str, &str)]) -> Session {
    let variables = [&[("COLORTERM", "truecolor")], variables].concat();
    let mut session = Session::start_with(&["--demo", LAMP], &variables);
    session.types(reply);
    session.sees("Messages 1/12");
    session.settles();
    session
}

#[test]
fn the_theme_fits_the_background() {
    for (reply, expected) in
        [("\x1b]11;rgb:ffff/ffff/ffff\x1b\\", LIGHT_DIM), ("\x1b]11;rgb:1e1e/1e1e/2e2e\x07", DARK_DIM)]
    {
        let fits = (0..MAX_TRIES).any(|_| {
            let session = session_with_reply(&format!("{reply}{ATTRIBUTES}"), &[]);
            let fits = session.foregrounds().contains(&expected);
            session.ends_well();
            fits
        });
        assert!(fits, "{reply:?}");
    }
}

#[test]
fn without_a_usable_reply_in_time_the_colours_are_those_of_the_terminal() {
    for reply in [
        "",
        ATTRIBUTES,
        "\x1b]11;rgb:zz/00/00\x07\x1b[?1c",
        "\x1b]11;?\x1b\\\x1b]11;\x07\x1b[?62c",
        "\x1b[?62;22c\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
    ] {
        let mut session = session_with_reply(reply, &[]);
        assert!(session.foregrounds().is_empty(), "{reply:?}");
        let before = session.screen();
        session.types("\x1b[?62;22c\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
        session.settles();
        assert_eq!((session.screen(), session.foregrounds().len()), (before, 0), "late after {reply:?}");
        session.ends_well();
    }
}

#[test]
fn no_background_is_requested_without_rgb_colours_or_with_no_color() {
    let asks = |variables: &[(&str, &str)]| {
        let mut session = Session::start_with(&["--demo"], variables);
        session.sees("unspool");
        session.types("\x03");
        session.ends().bytes.windows(5).any(|window| window == b"\x1b]11;")
    };
    assert!(asks(&[("COLORTERM", "truecolor")]));
    assert!(!asks(&[]));
    assert!(!asks(&[("COLORTERM", "truecolor"), ("NO_COLOR", "1")]));
    let mut plain = Session::start_with(&["--demo", "--plain"], &[("COLORTERM", "truecolor")]);
    plain.types("q\r");
    assert!(!plain.ends().bytes.contains(&0x1b));
}

#[test]
fn quitting_before_the_reply_ends_well() {
    let mut session = Session::start_with(&["--demo"], &[("COLORTERM", "truecolor")]);
    session.sees("unspool");
    session.types("\x03");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    ended.assert_terminal_restored();
}
