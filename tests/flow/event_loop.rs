//! The event loop: drawing, idling, ending.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use unspool::testing::app_loop::event_loop::Exit;
use unspool::testing::domain::{FetchProgress, MessageKey, Raw, RequestId, SearchId};
use unspool::testing::effect::Effect;
use unspool::testing::event::{
    Event, FetchUpdate, FoundMessage, LibraryResults, LoadedMessage, SearchResults,
};
use unspool::testing::view::message::TextOptions;

use crate::story::{Story, summaries};

#[tokio::test(start_paused = true)]
async fn an_idle_program_neither_draws_nor_wakes_up() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one"]).await;
    story.sees("The answer to one.").await;
    story.settles().await;
    let (frames, wakeups) = (story.screen.frames(), story.wakeups());
    sleep(Duration::from_secs(3600)).await;
    assert_eq!((story.screen.frames(), story.wakeups()), (frames, wakeups));
}

#[tokio::test(start_paused = true)]
async fn the_screen_is_animated_during_a_fetch() {
    let story = Story::begin();
    story.opens("sgp:lamp").await;
    story.settles().await;
    let before = story.screen.text();
    sleep(Duration::from_secs(2)).await;
    assert_ne!(story.screen.text(), before);
}

#[tokio::test(start_paused = true)]
async fn a_search_hit_is_shown_without_waiting_for_the_next_frame() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    let questions: Vec<String> = (0..40).map(|number| format!("question {number}")).collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
    story.receives_all(request, &questions).await;
    story.sees("Messages 1/40").await;
    story.settles().await;
    story.types("/question<Enter>");
    let search_id = |effect| if let Effect::Search { id, .. } = effect { Some(id) } else { None };
    story.waits_for(|story| story.effects().into_iter().find_map(search_id).is_some(), "a search").await;
    let id = story.effects().into_iter().find_map(search_id).unwrap();
    story.settles().await;
    // An update with only progress uses the frame.
    let frames = story.screen.frames();
    story.happens(Event::SearchResults(SearchResults { id, hits: Vec::new(), searched: 1 })).await;
    story.waits_for(|story| story.screen.frames() > frames, "a frame").await;
    let sent_at = Instant::now();
    story.happens(Event::SearchResults(SearchResults { id, hits: vec![(30, 1)], searched: 40 })).await;
    story.sees("31/40 /question 1/1").await;
    // The test checks every millisecond of its paused time; the next frame would be tens of milliseconds later.
    assert!(sent_at.elapsed() <= Duration::from_millis(2), "{:?}", sent_at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_hits_of_a_typed_letter_are_drawn_immediately_after_the_earlier_count() {
    let story = Story::begin();
    story.types("<Esc>S");
    story.sees("Search the library").await;
    story.types("r");
    story.settles().await;
    let last_search = || {
        let search = |effect| if let Effect::SearchLibrary { id, .. } = effect { Some(id) } else { None };
        story.effects().into_iter().filter_map(search).last().unwrap()
    };
    let hit = |id: u64, snippet: &str| {
        let hits = vec![FoundMessage { snippet: snippet.to_owned(), ..FoundMessage::default() }];
        let results = LibraryResults { id, hits, is_running: true, ..LibraryResults::default() };
        Event::LibrarySearched(Box::new(results))
    };
    let first = last_search();
    story.happens(hit(first, "one refund")).await;
    story.sees("one refund").await;
    story.settles().await;
    let progress = "7 in 3 threads".to_owned();
    let count = LibraryResults { id: first, is_continued: true, progress, ..LibraryResults::default() };
    story.happens(Event::LibrarySearched(Box::new(count))).await;
    story.sees("7 in 3 threads").await;
    story.types("e");
    story.waits_for(|_| last_search() != first, "a search").await;
    let sent_at = Instant::now();
    story.happens(hit(last_search(), "two refunds")).await;
    story.sees("two refunds").await;
    assert!(sent_at.elapsed() <= Duration::from_millis(2), "{:?}", sent_at.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_keys_is_drawn_once() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    let questions: Vec<String> = (0..800).map(|number| format!("question {number}")).collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
    story.receives_all(request, &questions).await;
    story.sees("Messages 1/800").await;
    story.settles().await;
    let frames = story.screen.frames();
    story.types(&"j".repeat(500));
    story.sees("Messages 501/800").await;
    assert_eq!(story.screen.frames(), frames + 1);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_updates_delays_neither_keys_nor_drawing() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives(request, &["one"]).await;
    for number in 0..5000_u64 {
        story
            .hears(
                request,
                FetchUpdate::Progress(FetchProgress::Receiving { bytes: number << 10, total: None }),
            )
            .await;
        if number == 2000 {
            story.types("?");
        }
    }
    story.sees("─ Keys ─").await;
    assert!(story.screen.frames() < 100, "{} frames", story.screen.frames());
}

#[tokio::test(start_paused = true)]
async fn unrequested_events_are_ignored() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one"]).await;
    story.sees("The answer to one.").await;
    story.settles().await;
    let before = story.screen.text();
    let raw = Raw::owned(br#"{"entry":{"output":"unasked"}}"#.to_vec());
    let sgp = unspool::testing::provider::by_id("sgp").unwrap();
    let view =
        std::sync::Arc::new(unspool::testing::view::MessageView::new(sgp, &raw, 40, TextOptions::default()));
    let key = MessageKey { generation: 77, index: 9 };
    story.happens(Event::MessageReady(LoadedMessage { key, width: 40, raw, view })).await;
    story
        .happens(Event::SearchResults(SearchResults {
            id: SearchId(99),
            hits: vec![(0, 1), (5000, 2)],
            searched: 9,
        }))
        .await;
    story.hears(RequestId(99), FetchUpdate::Summaries(summaries(&["unknown"]))).await;
    story.hears(RequestId(0), FetchUpdate::Progress(FetchProgress::Connecting)).await;
    story.hears(request, FetchUpdate::Summaries(summaries(&["after the end"]))).await;
    story.happens(Event::Tick).await;
    story.happens(Event::Resumed).await;
    story.settles().await;
    assert_eq!(story.screen.text(), before);
}

#[tokio::test(start_paused = true)]
async fn jumping_to_the_end_of_a_message_works_while_it_is_being_read() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    let long = format!("{}finis", "word ".repeat(30_000));
    story.receives_all(request, &[&long]).await;
    story.sees("Loading 450 kB").await;
    story.types("<Enter>G");
    story.settles().await;
    let request = story.effects().into_iter().find_map(|effect| match effect {
        Effect::ReadMessage { key, service, raw, width, options } => {
            Some((key, service, raw, width, options))
        }
        _ => None,
    });
    let (key, service, raw, width, options) = request.unwrap();
    let provider = unspool::testing::provider::by_id(service).unwrap();
    let view = std::sync::Arc::new(unspool::testing::view::MessageView::new(provider, &raw, width, options));
    story.happens(Event::MessageReady(LoadedMessage { key, width, raw, view })).await;
    story.sees("finis.").await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_task_is_reported_and_the_thread_stays() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one"]).await;
    story
        .happens(Event::TaskFailed { message: "Internal error (search). Details are in the log.".into() })
        .await;
    story.sees("Internal error (search). Details are in the log.").await;
    story.sees("The answer to one.").await;
}

#[tokio::test(start_paused = true)]
async fn resizing_redraws_and_is_reversible() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one", "two"]).await;
    story.sees("The answer to one.").await;
    let before = story.screen.text();
    for (width, height) in [(20, 5), (1, 1), (200, 60), (100, 30)] {
        story.screen.resize(width, height);
        story.input(Event::Resize { width, height });
        story.settles().await;
    }
    assert_eq!(story.screen.text(), before);
}

#[tokio::test(start_paused = true)]
async fn the_screen_is_restored_after_suspending() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one"]).await;
    story.sees("The answer to one.").await;
    story.types("i");
    story.settles().await;
    let before = story.screen.text();
    story.types("<ctrl-z>");
    story.waits_for(|story| story.suspended() == 1, "the suspension").await;
    story.settles().await;
    assert_eq!(story.screen.text(), before);
}

#[tokio::test(start_paused = true)]
async fn the_program_quits_on_its_keys_and_when_the_terminal_is_gone() {
    for keys in ["<Esc>q", "<Esc><ctrl-c>", "<ctrl-c>"] {
        let story = Story::begin();
        story.types(keys);
        assert_eq!(story.ends().await, Exit::Quit, "{keys}");
    }
    let mut story = Story::begin();
    story.opens("sgp:lamp").await;
    story.hang_up();
    assert_eq!(story.ends().await, Exit::InputClosed);
}
