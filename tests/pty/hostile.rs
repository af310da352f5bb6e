//! Threads with hostile text: in every view, the terminal receives only text and the program's own escape sequences.

use crate::session::Session;

/// Browses every message in every tab, from its first row to its last.
fn browse_everything(thread: &str, count: usize) {
    let mut session = Session::start(&["--demo", thread]);
    session.sees(&format!("Messages 1/{count}"));
    // In the conversation, motions continue in other messages.
    session.types("\tc");
    session.settles();
    session.types("i\t");
    for at in 1..=count {
        session.sees(&format!("Messages {at}/"));
        for tab in ["1", "2", "3", "4", "5"] {
            session.types(tab);
            session.settles();
            session.types("\rzR");
            session.settles();
            session.types("G");
            session.settles();
            session.types("i\t");
            session.settles();
        }
        session.types("j");
    }
    session.ends_well();
}

#[test]
fn hostile_turns_are_harmless_in_every_tab() {
    browse_everything("sgp:demo-hostile", 17);
}

#[test]
fn hostile_blocks_are_harmless_in_every_tab() {
    browse_everything("camelai:1666", 15);
}

#[test]
fn hostile_pastes_and_responses_are_harmless() {
    let mut session = Session::start(&["--demo"]);
    session.sees("lamp order 4471");
    session.types("\x1b[200~evil\x1b]0;owned\x07\u{202e}\u{200b}id\x1b[201~");
    session.sees("evil");
    session.types("\r");
    session.types("\x15");
    session.opens("sgp:demo-502");
    session.sees("Could not open");
    session.ends_well();
}
