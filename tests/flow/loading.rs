//! Loading a thread, from the request to its end.

use std::time::Duration;

use unspool::testing::domain::{BodySummary, FetchProgress, Origin, RequestId, Timestamp};
use unspool::testing::effect::{Effect, Freshness};
use unspool::testing::event::FetchUpdate;

use crate::story::{Story, summaries};

#[tokio::test(start_paused = true)]
async fn keys_work_while_a_fetch_hangs() {
    let story = Story::begin();
    story.opens("sgp:lamp").await;
    story.sees("Waiting for the server").await;
    story.types("?");
    story.sees("─ Keys ─").await;
    story.types("<Esc>");
    story.sees("Opening sgp:lamp").await;
}

#[tokio::test(start_paused = true)]
async fn the_first_message_is_shown_before_the_body_ends() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives(request, &["first"]).await;
    story.sees("The answer to first.").await;
    story
        .hears(
            request,
            FetchUpdate::Progress(FetchProgress::Receiving { bytes: 3 << 20, total: Some(12 << 20) }),
        )
        .await;
    story.sees("3.1 MB of 13 MB").await;
    story.hears(request, FetchUpdate::Summaries(summaries(&["second"]))).await;
    story.sees("Messages 1/2").await;
}

#[tokio::test(start_paused = true)]
async fn a_late_response_does_not_replace_the_open_thread() {
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
    let (reload, source, freshness) = story.openings().pop().unwrap();
    assert_eq!((source.to_input().as_str(), freshness), ("sgp:lamp", Freshness::NetworkOnly));
    story.sees("The answer to kept.").await;
    story.refuses(reload, "the line is dead").await;
    story.sees("the line is dead").await;
    story.sees("The answer to kept.").await;
}

#[tokio::test(start_paused = true)]
async fn a_reload_keeps_the_selected_message_when_it_moves() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives_all(request, &["one", "two", "three"]).await;
    story.sees("The answer to one.").await;
    story.types("j");
    story.sees("The answer to two.").await;
    story.types("r");
    story.waits_for(|story| story.openings().len() == 2, "a second request").await;
    let known = |effect: &Effect| matches!(effect, Effect::ReuseMessages(summaries) if summaries.len() == 3);
    assert!(story.effects().iter().any(known), "unchanged messages are parsed again");
    let reload = story.latest_request().unwrap();
    story.receives_all(reload, &["new", "one", "two", "three"]).await;
    story.sees("Messages 3/4").await;
    story.sees("The answer to two.").await;
}

#[tokio::test(start_paused = true)]
async fn escape_stops_loading_and_later_updates_are_ignored() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.sees("Opening").await;
    story.types("<Esc>");
    story.sees("Stopped").await;
    assert!(story.effects().iter().any(|effect| matches!(effect, Effect::Cancel(id) if *id == request)));
    story.receives_all(request, &["unwanted"]).await;
    story.does_not_see("unwanted").await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_shows_the_message_the_services_words_and_a_hint() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.refuses(request, "the service answered 403").await;
    story.sees("The service answered 403.").await;
    story.sees("sgp:lamp").await;
    story.sees("“No.”").await;
    story.sees("Ask.").await;
}

#[tokio::test(start_paused = true)]
async fn escape_returns_from_a_failure_to_the_previous_thread() {
    let story = Story::begin();
    let request = story.opens("sgp:good").await;
    story.receives_all(request, &["good"]).await;
    story.sees("The answer to good.").await;
    let bad = story.opens("sgp:bad").await;
    story.refuses(bad, "no such thread").await;
    story.sees("No such thread.").await;
    story.sees("sgp:bad").await;
    story.types("<Esc>");
    story.sees("The answer to good.").await;
}

#[tokio::test(start_paused = true)]
async fn a_retry_wait_is_shown_and_can_be_skipped() {
    let story = Story::begin();
    let request = story.opens("sgp:busy").await;
    let reason = "too many requests".to_owned();
    let delay = Duration::from_secs(20);
    let retry = FetchProgress::RetryScheduled { attempt: 2, max_attempts: 3, delay, reason };
    story.hears(request, FetchUpdate::Progress(retry)).await;
    story.sees("too many requests").await;
    story.types("r");
    let skips = |effect: &Effect| matches!(effect, Effect::SkipWait(id) if *id == request);
    story.waits_for(|story| story.effects().iter().any(skips), "the wait skipped").await;
}

#[tokio::test(start_paused = true)]
async fn a_truncated_body_is_shown_as_far_as_it_was_received() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives(request, &["half"]).await;
    let body_summary = BodySummary {
        bytes: 900,
        warnings: vec!["the body breaks off".into()],
        is_partial: true,
        ..BodySummary::default()
    };
    story.hears(request, FetchUpdate::Ended(body_summary)).await;
    story.sees("The connection was lost; the thread is incomplete").await;
    story.sees("The answer to half.").await;
}

#[tokio::test(start_paused = true)]
async fn a_retry_in_the_middle_of_a_body_does_not_duplicate_messages() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    story.receives(request, &["one", "two"]).await;
    story.sees("Messages 1/2").await;
    story.hears(request, FetchUpdate::Restarted).await;
    story.hears(request, FetchUpdate::Summaries(summaries(&["one", "two", "three"]))).await;
    story.hears(request, FetchUpdate::Ended(BodySummary::default())).await;
    story.sees("Messages 1/3").await;
}

#[tokio::test(start_paused = true)]
async fn a_cached_copy_is_shown_at_once_and_replaced_by_the_fresh_thread() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    let fetched_at = Timestamp(1_789_999_000_000_000);
    story.hears(request, FetchUpdate::Started { origin: Origin::Cache { fetched_at } }).await;
    story.hears(request, FetchUpdate::Summaries(summaries(&["old"]))).await;
    story.hears(request, FetchUpdate::Ended(BodySummary::default())).await;
    story.sees("The answer to old.").await;
    story.receives_all(request, &["fresh"]).await;
    story.sees("The answer to fresh.").await;
}

#[tokio::test(start_paused = true)]
async fn offline_only_the_cached_copy_is_shown() {
    let story = Story::begin();
    let request = story.opens("sgp:lamp").await;
    let fetched_at = Timestamp(1_790_000_000_000_000 - 7_200_000_000);
    story.hears(request, FetchUpdate::Started { origin: Origin::Cache { fetched_at } }).await;
    story.hears(request, FetchUpdate::Summaries(summaries(&["old"]))).await;
    story.hears(request, FetchUpdate::Ended(BodySummary::default())).await;
    story.hears(request, FetchUpdate::OfflineOnly).await;
    story.sees("Offline: cached 2 h ago").await;
    story.does_not_see("Waiting for server").await;
}

#[tokio::test(start_paused = true)]
async fn a_worse_reload_does_not_replace_a_better_version() {
    let truncated = BodySummary { is_partial: true, ..BodySummary::default() };
    let unreadable = BodySummary { is_unreadable: true, ..BodySummary::default() };
    for (ending, notice) in [
        (truncated, "Reload was interrupted; keeping the previous version"),
        (unreadable, "Reload returned no readable message; keeping the previous version"),
    ] {
        let story = Story::begin();
        let request = story.opens("sgp:lamp").await;
        story.receives_all(request, &["one", "two"]).await;
        story.sees("Messages 1/2").await;
        story.types("r");
        story.waits_for(|story| story.openings().len() == 2, "a second request").await;
        let reload = story.latest_request().unwrap();
        story.receives(reload, &["one"]).await;
        story.hears(reload, FetchUpdate::Ended(ending)).await;
        story.sees(notice).await;
        story.sees("Messages 1/2").await;
    }
}
