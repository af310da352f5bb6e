//! Before there is a thread, and while one comes.

use unspool::effect::RequestId;
use unspool::event::{Ending, Event, News, Origin};

use crate::looks;
use crate::scene::{NOON, Scene, demo, told, visits};

fn opening() -> (Scene, RequestId) {
    let mut scene = Scene::sized(100, 30);
    let request = scene.asks_for("sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a");
    (scene, request)
}

#[test]
fn nothing_is_open_yet() {
    let mut scene = Scene::sized(100, 30);
    scene.happens(Event::Visits(visits()));
    looks!("idle", scene);
    scene.types("<Down><Down>");
    looks!("idle-chosen", scene);
    scene.types("camelai:17");
    looks!("idle-typed", scene);
    scene.types("x<Enter>");
    looks!("idle-refused", scene);
}

#[test]
fn a_thread_is_asked_for() {
    let (scene, _) = opening();
    looks!("opening", scene);
}

#[test]
fn a_retry_is_waited_for() {
    let (mut scene, request) = opening();
    let why = "service.example: the answer was 429 (Too Many Requests)".to_owned();
    scene.hears(request, News::Waiting { attempt: 2, of: 3, until: NOON.plus_millis(8000), why });
    looks!("waiting-for-retry", scene);
}

#[test]
fn bytes_come_but_no_message_yet() {
    let (mut scene, request) = opening();
    scene.hears(request, News::Began { origin: Origin::Network { host: "service.example".into() } });
    scene.hears(request, News::Receiving { bytes: 812_000, total: None });
    looks!("receiving", scene);
}

/// The first half of the support chat is there.
fn half(ending: Option<Ending>) -> Scene {
    let (mut scene, request) = opening();
    for event in told(request, &demo("sgp-lamp-order.json")) {
        match event {
            Event::Fetch { news: News::Heads(heads), .. } => {
                let first = heads.into_iter().take(5).collect();
                scene.hears(request, News::Heads(first));
                scene.hears(request, News::Receiving { bytes: 70_000, total: Some(188_782) });
                break;
            }
            other => scene.happens(other),
        }
    }
    if let Some(ending) = ending {
        scene.hears(request, News::Ended(ending));
    }
    scene
}

#[test]
fn the_first_messages_are_there_while_the_rest_comes() {
    looks!("partial", half(None));
}

#[test]
fn a_service_that_falls_silent_is_not_waited_for_in_silence() {
    let (mut scene, _) = opening();
    scene.lets_pass(12);
    looks!("asking-long", scene);
    let mut scene = half(None);
    scene.lets_pass(12);
    looks!("silent", scene);
}

#[test]
fn the_body_broke_off() {
    let oddities = vec!["the body breaks off after 70000 bytes".to_owned()];
    looks!("broken-off", half(Some(Ending { bytes: 70_000, oddities, partial: true, ..Ending::default() })));
}

#[test]
fn an_opening_was_stopped() {
    let (mut scene, _) = opening();
    scene.types("<Esc>");
    looks!("stopped", scene);
}

#[test]
fn what_was_stopped_half_way_does_not_look_whole() {
    let mut scene = half(None);
    scene.types("<Esc>j");
    assert!(scene.picture().contains("stopped after 3"), "{}", scene.picture());
}

#[test]
fn a_thread_has_no_messages() {
    looks!("empty-sgp", Scene::with(100, 30, "sgp:demo-empty", "sgp-empty.json"));
    looks!("empty-camelai", Scene::with(100, 30, "camelai:1003", "camelai-empty.json"));
}

#[test]
fn an_old_copy_says_how_old_it_is() {
    let (mut scene, request) = opening();
    let fetched_at = NOON.plus_millis(-3 * 3_600_000);
    for event in told(request, &demo("sgp-lamp-order.json")) {
        match event {
            Event::Fetch { news: News::Began { .. }, .. } => {
                scene.hears(request, News::Began { origin: Origin::Cache { fetched_at } });
            }
            other => scene.happens(other),
        }
    }
    looks!("old-copy", scene);
}
