//! The start screen, and threads that are loading.

use std::time::Duration;

use unspool::testing::domain::{BodySummary, FetchProgress, Origin, RequestId};
use unspool::testing::event::{Event, FetchUpdate};

use crate::assert_screen;
use crate::scene::{NOON, Scene, demo, recent_threads, recorded_events};

fn loading_scene() -> (Scene, RequestId) {
    let mut scene = Scene::sized(100, 30);
    let request = scene.asks_for("sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a");
    (scene, request)
}

#[test]
fn the_start_screen() {
    let mut scene = Scene::sized(100, 30);
    scene.happens(Event::RecentThreads(recent_threads()));
    assert_screen!("idle", scene);
    scene.types("<Down><Down>");
    assert_screen!("idle-chosen", scene);
    scene.types("camelai:17");
    assert_screen!("idle-typed", scene);
    scene.types("x<Enter>");
    assert_screen!("idle-refused", scene);
}

#[test]
fn a_thread_is_loading() {
    let (scene, _) = loading_scene();
    assert_screen!("opening", scene);
}

#[test]
fn a_retry_wait_is_shown() {
    let (mut scene, request) = loading_scene();
    let why = "service.example: HTTP 429 (Too Many Requests)".to_owned();
    scene.hears(
        request,
        FetchUpdate::Progress(FetchProgress::RetryScheduled {
            attempt: 2,
            max_attempts: 3,
            delay: Duration::from_secs(8),
            reason: why,
        }),
    );
    assert_screen!("waiting-for-retry", scene);
}

#[test]
fn bytes_are_received_before_the_first_message() {
    let (mut scene, request) = loading_scene();
    scene.hears(request, FetchUpdate::Started { origin: Origin::Network { host: "service.example".into() } });
    scene.hears(request, FetchUpdate::Progress(FetchProgress::Receiving { bytes: 812_000, total: None }));
    assert_screen!("receiving", scene);
}

/// Returns a scene in which the first half of the support chat has arrived.
fn half_loaded(body_summary: Option<BodySummary>) -> Scene {
    let (mut scene, request) = loading_scene();
    for event in recorded_events(request, &demo("sgp-lamp-order.json")) {
        match event {
            Event::Fetch { update: FetchUpdate::Summaries(summaries), .. } => {
                let first = summaries.into_iter().take(5).collect();
                scene.hears(request, FetchUpdate::Summaries(first));
                scene.hears(
                    request,
                    FetchUpdate::Progress(FetchProgress::Receiving { bytes: 70_000, total: Some(188_782) }),
                );
                break;
            }
            other => scene.happens(other),
        }
    }
    if let Some(body_summary) = body_summary {
        scene.hears(request, FetchUpdate::Ended(body_summary));
    }
    scene
}

#[test]
fn the_first_messages_are_shown_while_loading() {
    assert_screen!("partial", half_loaded(None));
}

#[test]
fn a_stalled_service_is_reported() {
    let (mut scene, _) = loading_scene();
    scene.lets_pass(12);
    assert_screen!("asking-long", scene);
    let mut scene = half_loaded(None);
    scene.lets_pass(12);
    assert_screen!("silent", scene);
}

#[test]
fn a_truncated_body_is_reported() {
    let warnings = vec!["the body is truncated after 70000 bytes".to_owned()];
    assert_screen!(
        "broken-off",
        half_loaded(Some(BodySummary {
            bytes: 70_000,
            warnings,
            is_partial: true,
            ..BodySummary::default()
        }))
    );
}

#[test]
fn loading_was_stopped() {
    let (mut scene, _) = loading_scene();
    scene.types("<Esc>");
    assert_screen!("stopped", scene);
}

#[test]
fn a_stopped_thread_is_marked_as_incomplete() {
    let mut scene = half_loaded(None);
    scene.types("<Esc>j");
    assert!(scene.picture().contains("Stopped after 3 messages"), "{}", scene.picture());
}

#[test]
fn an_empty_thread() {
    assert_screen!("empty-sgp", Scene::with(100, 30, "sgp:demo-empty", "sgp-empty.json"));
    assert_screen!("empty-camelai", Scene::with(100, 30, "camelai:1003", "camelai-empty.json"));
}

#[test]
fn a_cached_copy_shows_its_age() {
    let (mut scene, request) = loading_scene();
    let fetched_at = NOON.plus_millis(-3 * 3_600_000);
    for event in recorded_events(request, &demo("sgp-lamp-order.json")) {
        match event {
            Event::Fetch { update: FetchUpdate::Started { .. }, .. } => {
                scene.hears(request, FetchUpdate::Started { origin: Origin::Cache { fetched_at } });
            }
            other => scene.happens(other),
        }
    }
    assert_screen!("old-copy", scene);
}
