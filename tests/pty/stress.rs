//! Stress from terminals and users: huge pastes, split mouse reports, sizes of every kind, unrequested terminal replies, and
//! crashing external programs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::session::Session;

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

#[test]
fn pasting_a_megabyte_is_harmless() {
    let mut session = Session::with_thread();
    let before = session.screen();
    let line = "\u{1b}]0;owned\u{7}\u{202e}日本語 e\u{301}\u{301}\t\u{0}a\u{200b}b ";
    let text = line.repeat((1 << 20) / line.len());
    // In every kind of prompt.
    for keys in ["i", "/", "f", ":"] {
        session.types(keys);
        session.types(&format!("\u{1b}[200~{text}\u{1b}[201~"));
        session.types("\u{15}\u{1b}");
    }
    session.types("i\u{15}\u{1b}[200~still here\u{1b}[201~");
    session.sees("still here");
    session.types("\u{1b}\t");
    session.settles();
    assert!(session.screen().contains("Messages 1/12"), "{before}\n{}", session.screen());
    session.ends_well();
}

#[test]
fn mouse_reports_may_be_split() {
    for (first, rest) in
        [("\x1b[<0;5;", "6M"), ("\x1b[<", "0;5;6M"), ("\x1b[", "<0;5;6M"), ("\x1b[<0;5;6", "M")]
    {
        let mut session = Session::with_thread();
        session.types(&format!("j{first}"));
        session.sees("Messages 2/12");
        session.types(rest);
        session.types("\x1b[<0;5;6m");
        session.sees("Messages 3/12");
        session.ends_well();
    }
}

#[test]
fn invalid_mouse_reports_are_harmless() {
    let mut session = Session::with_thread();
    for report in [
        "\x1b[<0;99999;99999M",
        "\x1b[<255;1;1M",
        "\x1b[<99999999999999999999;1;1M",
        "\x1b[<;;M",
        "\x1b[M\x20\x21\x21",
        "\x1b[32;1;1M",
        "\x1b[<0;0;0M",
        "\x1b[<0;0;10M",
        "\x1b[<64;5;0M",
        "\x1b[32;0;0M",
        "\x1b[M\x20\x20\x20",
        "\x1b[0;0R",
    ] {
        session.types(&report.repeat(50));
        session.settles();
    }
    session.types("\x1b[<64;5;10M".repeat(5000).as_str());
    session.ends_well();
}

/// Late replies of the terminal to a previous program.
#[test]
fn unrequested_terminal_replies_are_harmless() {
    for reply in ["\x1b[?62;22c", "\x1b[12;40R", "\x1b[?1u", "\x1b[I\x1b[O", "\x1b[8;30;100t"] {
        let mut session = Session::with_thread();
        let before = session.screen();
        session.types(&reply.repeat(20));
        session.settles();
        session.waits_for("the screen as before", |screen| screen == before);
        session.ends_well();
    }
}

#[test]
fn many_resizes_end_with_the_original_screen() {
    let mut session = Session::with_thread();
    session.types("2");
    session.sees("tool:get_order");
    session.settles();
    let before = session.screen();
    let sizes = [(1, 1), (1000, 300), (2, 1), (1, 300), (1000, 1), (20, 5), (100, 2), (3, 90), (101, 31)];
    for round in 0..20 {
        for (cols, rows) in sizes {
            session.resizes(cols, rows);
            if round % 4 == 0 {
                session.types("jk");
            }
        }
    }
    session.resizes(100, 30);
    session.waits_for("the screen as before", |screen| screen == before);
    session.ends_well();
}

#[test]
fn tiny_and_huge_terminals_work() {
    let mut session = Session::with_thread();
    session.resizes(1, 1);
    session.types("jj\r2zRG\x1b\x1b?\x1b:\x1b/x\r\x1b");
    session.resizes(1000, 300);
    session.waits_for("a wide screen", |screen| {
        screen.lines().count() > 290 && screen.lines().any(|line| line.chars().count() > 900)
    });
    session.types("1");
    session.ends_well();
}

#[test]
fn a_crashing_external_program_leaves_no_terminal_modes_behind() {
    let home = tempfile::tempdir().unwrap();
    let pager = home.path().join("pager");
    let mess = "printf '\\033[?1049h\\033[?1000h\\033[?1003h\\033[?1004h\\033[?25l\\033[3;5r\\033[31m'";
    fs::write(&pager, format!("#!/bin/sh\n{mess}\nstty raw -echo\nkill -SEGV $$\n")).unwrap();
    fs::set_permissions(&pager, Permissions::from_mode(0o700)).unwrap();
    let pager = pager.to_str().unwrap();
    for (keys, variable) in [("v", "PAGER"), ("E", "VISUAL")] {
        let mut session = Session::start_with(&["--demo", LAMP], &[(variable, pager)]);
        session.sees("Messages 1/12");
        session.types(keys);
        session.sees("signal: 11");
        session.types("j");
        session.sees("Messages 2/12");
        session.types("q");
        let ended = session.ends();
        assert_eq!(ended.code, Ok(0));
        ended.assert_terminal_restored();
        let written = String::from_utf8_lossy(&ended.bytes);
        let (_, after) = written.rsplit_once("\x1b[?1003h").unwrap();
        assert!(after.contains("\x1b[?1003l") && after.contains("\x1b[?1004l") && after.contains("\x1b[r"));
    }
}
