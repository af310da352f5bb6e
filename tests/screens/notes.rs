//! Notes: writing one, its marks, and the page that lists them.

use std::sync::Arc;

use unspool::testing::domain::{ListedNote, Note, NotePlace, ThreadNotes, ThreadRef, Timestamp};
use unspool::testing::event::Event;

use crate::assert_screen;
use crate::scene::Scene;

const THREAD: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn note(message: &str, span: Option<&str>, text: &str) -> Note {
    Note {
        place: NotePlace { message_id: message.to_owned(), span_id: span.map(str::to_owned) },
        text: text.to_owned(),
        excerpt: "How long does a refund take?".to_owned(),
        written_at: Timestamp::parse("2026-09-15T09:30:00Z").unwrap(),
    }
}

/// Returns a thread with a note on its first and its second message, and a bookmark on a span of the second.
fn noted(width: u16, height: u16) -> Scene {
    let mut scene = Scene::with(width, height, &format!("sgp:{THREAD}"), "sgp-lamp-order.json");
    let thread = scene.app.loading.shown_thread().unwrap();
    let message = |index| {
        let summary = thread.summaries.get(index).unwrap();
        thread.provider().unwrap().read_message(summary.raw.bytes())
    };
    let (first, second) = (message(0), message(1));
    let span = second.spans.get(1).unwrap().id.clone();
    let notes = ThreadNotes::new([
        note(&first.id, None, "Cites the policy of 2024 \u{1b}[31m although there is a newer one; ask Ana"),
        note(&second.id, None, ""),
        note(&second.id, Some(&span), "slow"),
    ]);
    let thread = ThreadRef::new("sgp", THREAD);
    scene.happens(Event::NotesRead { thread, notes: Arc::new(notes) });
    scene
}

#[test]
fn notes_are_marked_in_the_list_the_headings_and_the_spans() {
    for (width, height) in [(160, 48), (80, 24), (40, 12)] {
        assert_screen!(format!("notes-marked-{width}x{height}"), noted(width, height));
    }
    let mut scene = noted(120, 30);
    scene.types("j2");
    assert_screen!("notes-spans", scene);
    let mut scene = noted(100, 30);
    scene.types("fnoted:policy<enter>");
    assert_screen!("notes-filtered", scene);
}

#[test]
fn the_prompt_has_the_text_of_the_note() {
    let mut scene = noted(100, 30);
    scene.types("a");
    assert_screen!("notes-prompt", scene);
    scene.types("<esc>jja");
    assert_screen!("notes-prompt-new", scene);
}

#[test]
fn the_page_lists_the_notes_of_the_thread_first() {
    let listed = |thread: &str, title: &str, note: Note| ListedNote {
        service: "sgp".to_owned(),
        account: None,
        thread_id: thread.to_owned(),
        title: title.to_owned(),
        note,
    };
    let notes = vec![
        listed("other", "Another \u{202e}thread", note("m", None, "compare with 4471")),
        listed(THREAD, "A wrong answer: lamp order 4471", note("m1", Some("s1"), "")),
        listed(THREAD, "A wrong answer: lamp order 4471", note("m2", None, "Wrong \u{1b}]0;x\u{7} policy")),
    ];
    for (width, height) in [(160, 48), (80, 24), (40, 12)] {
        let mut scene = noted(width, height);
        scene.types("'");
        scene.happens(Event::NotesListed(Ok(notes.clone())));
        scene.types("<down>");
        assert_screen!(format!("notes-page-{width}x{height}"), scene);
    }
    let mut scene = noted(80, 24);
    scene.types("'");
    scene.happens(Event::NotesListed(Ok(Vec::new())));
    assert_screen!("notes-page-empty", scene);
}
