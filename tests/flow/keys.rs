//! Keys, pastes and the mouse, from the event to the screen.

use std::time::Duration;

use tokio::time::sleep;
use unspool::testing::domain::RecentThread;
use unspool::testing::event::{Event, Mouse, MouseKind};

use crate::story::Story;

async fn story_with_thread(questions: &[&str]) -> Story {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, questions).await;
    story.sees(&format!("Messages 1/{}", questions.len())).await;
    story
}

#[tokio::test(start_paused = true)]
async fn digits_switch_tabs_and_show_their_content() {
    let story = story_with_thread(&["one"]).await;
    for (key, seen) in [("2", "no spans"), ("4", "duration_ms"), ("5", "entry"), ("1", "The answer to one.")]
    {
        story.types(key);
        story.sees(seen).await;
        // Two digits in quick succession would be a count.
        sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pasted_id_goes_to_the_thread_box_from_anywhere() {
    let story = story_with_thread(&["one"]).await;
    story.input(Event::Paste("  camelai:42\n".into()));
    story.sees("camelai:42").await;
    story.types("<Enter>");
    story.waits_for(|story| story.openings().len() == 2, "a second request").await;
    assert_eq!(story.openings().pop().unwrap().1.to_input(), "camelai:42");
}

#[tokio::test(start_paused = true)]
async fn an_invalid_id_is_rejected_without_a_request() {
    let story = Story::begin();
    story.types("camelai:banana<Enter>");
    story.sees("number").await;
    assert_eq!(story.openings(), []);
}

fn recent_threads(count: usize) -> Vec<RecentThread> {
    let visit = |number| RecentThread {
        input: format!("sgp:thread-{number}"),
        title: format!("Talk {number}"),
        service: "sgp".into(),
        profile: None,
        opened_at: None,
        note: String::new(),
        place: None,
    };
    (0..count).map(visit).collect()
}

#[tokio::test(start_paused = true)]
async fn a_click_below_the_box_opens_the_visible_row() {
    let story = Story::begin();
    story.happens(Event::RecentThreads(recent_threads(30))).await;
    story.sees("Talk 15").await;
    for _ in 0..19 {
        story.input(Event::Key("down".parse().unwrap()));
    }
    // After nineteen rows down, the first visible row is the fifth.
    story.sees("Talk 19").await;
    story.no_longer_sees("Talk 3 ").await;
    story.input(Event::Mouse(Mouse { kind: MouseKind::Press, column: 5, row: 3 }));
    story.waits_for(|story| !story.openings().is_empty(), "a request").await;
    assert_eq!(story.openings().pop().unwrap().1.to_input(), "sgp:thread-4");
}

#[tokio::test(start_paused = true)]
async fn a_key_right_after_escape_is_a_separate_key() {
    let story = story_with_thread(&["one", "two"]).await;
    story.types("?");
    story.sees("─ Keys ─").await;
    story.input(Event::Key("alt-j".parse().unwrap()));
    story.no_longer_sees("─ Keys ─").await;
    story.sees("Messages 2/2").await;
    story.types("/something");
    story.input(Event::Key("alt-k".parse().unwrap()));
    story.no_longer_sees("something").await;
    story.sees("Messages 1/2").await;
}

#[tokio::test(start_paused = true)]
async fn a_click_selects_and_the_wheel_scrolls() {
    let questions: Vec<String> = (0..50).map(|number| format!("question {number}")).collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
    let story = story_with_thread(&questions).await;
    story.input(Event::Mouse(Mouse { kind: MouseKind::Press, column: 5, row: 5 }));
    story.no_longer_sees("Messages 1/50").await;
    story.sees("Messages 3/50").await;
    for _ in 0..30 {
        story.input(Event::Mouse(Mouse { kind: MouseKind::WheelDown, column: 5, row: 9 }));
    }
    story.sees("question 49").await;
}

#[tokio::test(start_paused = true)]
async fn with_a_single_pane_a_tab_key_shows_the_tab_and_escape_the_list() {
    let story = Story::begin_sized(40, 12);
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one", "two", "three", "four"]).await;
    story.sees("Messages 1/4").await;
    story.types("2");
    story.sees("no spans").await;
    sleep(Duration::from_secs(1)).await;
    story.types("<Esc>");
    story.sees("Messages 1/4").await;
    story.types("2j");
    story.sees("Messages 3/4").await;
}
