//! Nothing blocks the keyboard: unrequested replies of the terminal, unfinished sequences and pastes, and pastes without
//! brackets.

use crate::session::Session;

#[test]
fn complete_replies_are_not_acted_on_and_the_next_key_works() {
    let mut session = Session::with_thread();
    let before = session.screen();
    for reply in [
        "\x1b[?2026;2$y",
        "\x1b[?997;1n",
        "\x1b[?1;0;1024S",
        "\x1b[?1u",
        "\x1b[?62;22c",
        "\x1b[>0;276;0c",
        "\x1b[=0c",
        "\x1b[?1;2R",
        "\x1b[0n",
        "\x1b[4;1$y",
        "\x1bP1$r2 q\x1b\\",
        "\x1bP1+r544e=71\x1b\\",
        "\x1b]lq\x1b\\",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        "\x1b]52;c;cSBxIHE=\x1b\\",
        "\x1b_Gi=31;q\x1b\\",
        "\x1b^q\x1b\\",
        "\x1bXq\x1b\\",
        "\u{9d}lq\x07",
    ] {
        session.types(&reply.repeat(3));
        session.settles();
        assert_eq!(session.screen(), before, "{reply:?}");
        // One byte at a time, as over a slow line.
        for c in reply.chars() {
            session.types(&c.to_string());
        }
        session.settles();
        assert_eq!(session.screen(), before, "{reply:?} in pieces");
        // A key directly after the reply acts.
        session.types(&format!("{reply}?"));
        session.sees("esc close");
        session.types("\x1b");
        session.no_longer_sees("esc close");
    }
    session.ends_well();
}

#[test]
fn unfinished_input_is_given_up_and_keys_work_again() {
    for start in [
        "\x1b[200~",
        "\x1b[200~half a paste",
        "\x1b[200~half a paste\x1b[201",
        "\x1b[1;2",
        "\x1b[?2026;2$",
        "\x1b[<0;5;",
        "\x1b[M ",
        "\x1b[[",
        "\x1bO",
        "\x1b]",
        "\x1b]lq",
        "\x1bP1$r2 q",
        "\x1b_Gq",
        "\x1b^q",
        "\x1bXq",
    ] {
        let mut session = Session::with_thread();
        let before = session.screen();
        session.types(start);
        session.types_until("?", "esc close");
        session.types("\x1b");
        session.no_longer_sees("esc close");
        assert_eq!(session.screen(), before, "{start:?}");
        session.ends_well();
    }
}

#[test]
fn ctrl_c_ends_the_program_after_any_unfinished_input() {
    for start in ["\x1b[200~", "\x1b[1;2", "\x1b[?2026;2$", "\x1b]", "\x1bP"] {
        let mut session = Session::with_thread();
        session.types(start);
        let ended = session.types_until_the_end("\x03");
        assert_eq!(ended.code, Ok(0), "{start:?}");
        ended.assert_terminal_restored();
    }
}

#[test]
fn a_paste_without_brackets_runs_no_command() {
    let mut session = Session::with_thread();
    let mark = session.home().join("ran");
    // The letters before the bar are keys; the bar opens the prompt of a shell command.
    session.types(&format!("||touch {}\r", mark.display()));
    session.sees("press Enter to run it");
    session.types("\x1b");
    session.no_longer_sees("press Enter");
    session.types(":quit\r");
    session.sees("press Enter to run it");
    session.types("\x1b");
    session.no_longer_sees(":quit");
    session.types("|");
    session.waits_for("a prompt", |screen| screen.lines().last().is_some_and(|line| line.starts_with('|')));
    session.types(&format!("touch {}\r\rq\r", mark.display()));
    session.sees("press Enter to run it");
    assert!(!mark.exists());
    session.types("\x15\x1b");
    session.ends_well();
}
