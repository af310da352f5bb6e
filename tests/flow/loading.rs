//! What happens between asking for a thread and having it.

use unspool::domain::Stamp;
use unspool::effect::{Effect, Freshness, RequestId};
use unspool::event::{Ending, News, Origin};

use crate::story::{Story, heads};

#[tokio::test(start_paused = true)]
async fn the_screen_is_drawn_and_keys_answer_while_a_fetch_hangs() {
    let story = Story::begin();
    story.opens("sgp:lamp").await;
    story.sees("waiting for an answer").await;
    story.types("?");
    story.sees("move half a page down").await;
    story.types("<Esc>");
    story.sees("Opening sgp:lamp").await;
}

#[tokio::test(start_paused = true)]
async fn the_first_message_is_there_before_the_body_has_ended() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives(request, &["first"]).await;
    story.sees("The answer to first.").await;
    story.hears(request, News::Receiving { bytes: 3 << 20, total: Some(12 << 20) }).await;
    story.sees("3.1 MB of 13 MB").await;
    story.hears(request, News::Heads(heads(&["second"]))).await;
    story.sees("Messages 1/2").await;
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_does_not_replace_the_open_thread() {
    let story = Story::begin();
    let slow = story.opens("sgp:slow").await;
    let fast = story.opens("sgp:fast").await;
    story.receives_all(fast, &["quick"]).await;
    story.sees("The answer to quick.").await;
    story.receives_all(slow, &["late"]).await;
    story.refuses(slow, "the slow one failed").await;
    story.does_not_see("late").await;
    story.does_not_see("failed").await;
    story.sees("The answer to quick.").await;
}

#[tokio::test(start_paused = true)]
async fn the_latest_of_many_requests_wins_and_the_others_are_cancelled() {
    let story = Story::begin();
    let first = story.opens("sgp:one").await;
    let second = story.opens("sgp:two").await;
    let third = story.opens("sgp:three").await;
    let cancelled: Vec<RequestId> = story
        .effects()
        .into_iter()
        .filter_map(|effect| if let Effect::Cancel(request) = effect { Some(request) } else { None })
        .collect();
    assert_eq!(cancelled, [first, second]);
    story.receives_all(second, &["two"]).await;
    story.receives_all(third, &["three"]).await;
    story.receives_all(first, &["one"]).await;
    story.sees("The answer to three.").await;
    story.does_not_see("The answer to one.").await;
    story.does_not_see("The answer to two.").await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_reload_keeps_the_thread() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["kept"]).await;
    story.sees("The answer to kept.").await;
    story.types("r");
    story.waits_for(|story| story.openings().len() == 2, "a second request").await;
    let (again, source, freshness) = story.openings().pop().unwrap();
    assert_eq!((source.typed().as_str(), freshness), ("sgp:lamp", Freshness::Fresh));
    story.sees("The answer to kept.").await;
    story.refuses(again, "the line is dead").await;
    story.sees("the line is dead").await;
    story.sees("The answer to kept.").await;
}

#[tokio::test(start_paused = true)]
async fn a_reload_keeps_the_selected_message_wherever_it_went() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one", "two", "three"]).await;
    story.sees("The answer to one.").await;
    story.types("j");
    story.sees("The answer to two.").await;
    story.types("r");
    story.waits_for(|story| story.openings().len() == 2, "a second request").await;
    let known = |effect: &Effect| matches!(effect, Effect::Know(heads) if heads.len() == 3);
    assert!(story.effects().iter().any(known), "what has not changed would be read again");
    let again = story.latest_request().unwrap();
    story.receives_all(again, &["new", "one", "two", "three"]).await;
    story.sees("Messages 3/4").await;
    story.sees("The answer to two.").await;
}

#[tokio::test(start_paused = true)]
async fn esc_stops_an_opening_and_what_still_comes_is_not_shown() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.sees("Opening").await;
    story.types("<Esc>");
    story.sees("Stopped").await;
    assert!(story.effects().iter().any(|effect| matches!(effect, Effect::Cancel(of) if *of == request)));
    story.receives_all(request, &["unwanted"]).await;
    story.does_not_see("unwanted").await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_says_what_happened_in_whose_words_and_what_to_do() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.refuses(request, "the service answered 403").await;
    story.sees("Could not open sgp:lamp").await;
    story.sees("the service answered 403").await;
    story.sees("“No.”").await;
    story.sees("Ask.").await;
}

#[tokio::test(start_paused = true)]
async fn esc_goes_back_from_a_failure_to_the_thread_before() {
    let story = Story::begin();
    let request = story.opens("sgp:good").await;
    story.receives_all(request, &["good"]).await;
    story.sees("The answer to good.").await;
    let bad = story.opens("sgp:bad").await;
    story.refuses(bad, "no such thread").await;
    story.sees("Could not open sgp:bad").await;
    story.types("<Esc>");
    story.sees("The answer to good.").await;
}

#[tokio::test(start_paused = true)]
async fn a_wait_before_a_retry_is_told_and_a_key_ends_it() {
    let story = Story::begin();
    let request = story.opens("sgp:busy").await;
    let why = "too many requests".to_owned();
    let until = Stamp(1_790_000_020_000_000);
    story.hears(request, News::Waiting { attempt: 2, of: 3, until, why }).await;
    story.sees("too many requests").await;
    story.types("r");
    let skips = |effect: &Effect| matches!(effect, Effect::SkipWait(of) if *of == request);
    story.waits_for(|story| story.effects().iter().any(skips), "the wait skipped").await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_shown_as_far_as_it_came() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives(request, &["half"]).await;
    let ending = Ending {
        bytes: 900,
        oddities: vec!["the body breaks off".into()],
        partial: true,
        ..Ending::default()
    };
    story.hears(request, News::Ended(ending)).await;
    story.sees("broke off").await;
    story.sees("The answer to half.").await;
}

#[tokio::test(start_paused = true)]
async fn a_retry_in_the_middle_of_a_body_does_not_show_its_messages_twice() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives(request, &["one", "two"]).await;
    story.sees("Messages 1/2").await;
    story.hears(request, News::Restarted).await;
    story.hears(request, News::Heads(heads(&["one", "two", "three"]))).await;
    story.hears(request, News::Ended(Ending::default())).await;
    story.sees("Messages 1/3").await;
}

#[tokio::test(start_paused = true)]
async fn an_old_copy_is_shown_at_once_and_the_fresh_one_replaces_it() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    let fetched_at = Stamp(1_789_999_000_000_000);
    story.hears(request, News::Began { origin: Origin::Cache { fetched_at } }).await;
    story.hears(request, News::Heads(heads(&["old"]))).await;
    story.hears(request, News::Ended(Ending::default())).await;
    story.sees("The answer to old.").await;
    story.receives_all(request, &["fresh"]).await;
    story.sees("The answer to fresh.").await;
}

#[tokio::test(start_paused = true)]
async fn offline_the_copy_is_all_there_is_and_nothing_moves() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    let fetched_at = Stamp(1_790_000_000_000_000 - 7_200_000_000);
    story.hears(request, News::Began { origin: Origin::Cache { fetched_at } }).await;
    story.hears(request, News::Heads(heads(&["old"]))).await;
    story.hears(request, News::Ended(Ending::default())).await;
    story.hears(request, News::NotAsked).await;
    story.sees("offline: this was saved 2 h ago").await;
    story.does_not_see("asking").await;
}

#[tokio::test(start_paused = true)]
async fn a_fresh_body_that_breaks_off_does_not_take_the_place_of_a_whole_copy() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one", "two"]).await;
    story.sees("Messages 1/2").await;
    story.types("r");
    story.waits_for(|story| story.openings().len() == 2, "a second request").await;
    let again = story.latest_request().unwrap();
    story.receives(again, &["one"]).await;
    story.hears(again, News::Ended(Ending { partial: true, ..Ending::default() })).await;
    story.sees("broke off; the old copy stays").await;
    story.sees("Messages 1/2").await;
}

#[tokio::test(start_paused = true)]
async fn a_fresh_body_of_which_nothing_can_be_read_does_not_take_the_place_of_a_copy_that_can() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one", "two"]).await;
    story.sees("Messages 1/2").await;
    story.types("r");
    story.waits_for(|story| story.openings().len() == 2, "a second request").await;
    let again = story.latest_request().unwrap();
    story.receives(again, &["strange"]).await;
    story.hears(again, News::Ended(Ending { unreadable: true, ..Ending::default() })).await;
    story.sees("not one message of the fresh body could be read; the old copy stays").await;
    story.sees("Messages 1/2").await;
}
