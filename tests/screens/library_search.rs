//! The page that searches the library.

use unspool::testing::domain::Timestamp;
use unspool::testing::event::{Event, FoundMessage, LibraryResults};

use crate::assert_screen;
use crate::scene::Scene;

fn found(thread: &str, title: &str, place: &'static str, snippet: &str, word: &str) -> FoundMessage {
    let start = snippet.find(word).unwrap();
    FoundMessage {
        service: "sgp".to_owned(),
        thread_id: thread.to_owned(),
        title: title.to_owned(),
        message_id: "m1".to_owned(),
        at: Timestamp::parse("2026-09-14T13:31:55Z"),
        place,
        snippet: snippet.to_owned(),
        hit: start..start + word.len(),
        preview: format!("{}\n{snippet}\n{}", "Words before it. ".repeat(30), "Words after it. ".repeat(30)),
        preview_hit: 481 + start..481 + start + word.len(),
        ..FoundMessage::default()
    }
}

fn searched(width: u16, height: u16, id: u64, hits: Vec<FoundMessage>, message: &str) -> Scene {
    let mut scene = Scene::sized(width, height);
    scene.types("<esc>S");
    scene.types("refund");
    let results = LibraryResults { id, hits, message: message.to_owned(), ..LibraryResults::default() };
    scene.happens(Event::LibrarySearched(Box::new(results)));
    scene
}

/// The page's first query is empty, and each letter is one more.
const LAST_QUERY: u64 = 7;

#[test]
fn hits_are_below_their_thread_with_the_word_in_view() {
    let long = format!("…{} the refund takes two weeks", "words before it ".repeat(6));
    let hits = vec![
        found("a", "A wrong answer: lamp order 4471", "user", "How long does a refund take?", "refund"),
        found("a", "A wrong answer: lamp order 4471", "assistant", &long, "refund"),
        found("b", "", "feedback", "the refund never came", "refund"),
        found("c", "Hostile \u{1b}]0;x\u{7} \u{202e}title", "tools", "\u{1b}[31m refund \u{202e}", "refund"),
    ];
    for (width, height) in [(160, 48), (100, 30), (80, 24), (40, 12)] {
        let mut scene = searched(width, height, LAST_QUERY, hits.clone(), "");
        scene.types("<down>");
        assert_screen!(format!("library-search-{width}x{height}"), scene);
    }
}

#[test]
fn an_empty_result_names_the_searched_parts_and_a_late_one_is_not_shown() {
    let empty = searched(80, 24, LAST_QUERY, Vec::new(), "No hit. Texts of spans are not searched.");
    assert_screen!("library-search-empty", empty);
    assert_screen!("library-search-waiting", searched(80, 24, LAST_QUERY - 1, Vec::new(), "Late"));
}
