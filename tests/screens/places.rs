//! Places: the first problem of a new thread, the last place of a thread that is opened again, jumps, the previous thread.

use unspool::testing::domain::{ReadingPlace, RecentThread};
use unspool::testing::event::Event;

use crate::assert_screen;
use crate::scene::{NOON, Scene, demo, recent_threads};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn scene_with(recent: Vec<RecentThread>) -> Scene {
    let mut scene = Scene::sized(100, 30);
    scene.app.prefs.opens_at_problem = true;
    scene.happens(Event::RecentThreads(recent));
    scene
}

fn opens(scene: &mut Scene, typed: &str, asset: &str) {
    let request = scene.asks_for(typed);
    scene.receives(request, &demo(asset));
}

fn notice(scene: &Scene) -> &str {
    scene.app.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn a_thread_that_is_opened_for_the_first_time_shows_its_first_problem() {
    let mut scene = scene_with(Vec::new());
    opens(&mut scene, LAMP, "sgp-lamp-order.json");
    assert_eq!(scene.app.list.selected, 2);
    assert_eq!(notice(&scene), "3 of 12: negative feedback · gg for the start");
    scene.types("gg");
    assert_eq!((scene.app.list.selected, notice(&scene)), (0, ""));
    opens(&mut scene, LAMP, "sgp-lamp-order.json");
    assert_eq!(scene.app.list.selected, 0, "a reload does not jump");
}

#[test]
fn a_failed_call_that_is_the_first_problem_is_shown_above_its_error() {
    let mut scene = scene_with(Vec::new());
    opens(&mut scene, "camelai:1001", "camelai-margin.json");
    let picture = scene.picture();
    for text in ["run_federated_query", "Table default.web_event does", "21 of 29: error"] {
        assert!(picture.contains(text), "{text}\n{picture}");
    }
    assert!(picture.contains("ORDER BY 1"), "the end of the call\n{picture}");
}

#[test]
fn a_key_during_loading_keeps_the_selection() {
    let mut scene = scene_with(Vec::new());
    let request = scene.asks_for(LAMP);
    scene.types("2");
    scene.receives(request, &demo("sgp-lamp-order.json"));
    assert_eq!(scene.app.list.selected, 0);
}

#[test]
fn a_thread_that_was_opened_before_starts_at_the_top_without_a_place() {
    let seen = RecentThread {
        input: LAMP.into(),
        title: String::new(),
        service: "sgp".into(),
        profile: None,
        opened_at: Some(NOON.plus_millis(-60_000)),
        note: String::new(),
        place: None,
    };
    let mut scene = scene_with(vec![seen]);
    opens(&mut scene, LAMP, "sgp-lamp-order.json");
    assert_eq!((scene.app.list.selected, notice(&scene)), (0, ""));
}

#[test]
fn a_thread_that_is_opened_again_returns_to_its_place() {
    let mut first = scene_with(Vec::new());
    opens(&mut first, "camelai:1001", "camelai-margin.json");
    first.types("/margin<Enter>ggzM");
    first.types("jj4");
    let visit = first.app.visit().unwrap();
    let place = visit.place.clone().unwrap();
    assert_eq!((place.tab.as_str(), place.query.as_str(), place.is_folded), ("Metadata", "margin", true));
    let mut again = scene_with(vec![visit]);
    opens(&mut again, "camelai:1001", "camelai-margin.json");
    assert_eq!(again.app.visit().unwrap().place, Some(place));
    assert_eq!(again.app.list.selected, first.app.list.selected);
    assert_eq!(again.app.search.as_ref().unwrap().hits, first.app.search.as_ref().unwrap().hits);
    assert!(notice(&again).ends_with("where you left · gg for the start"), "{}", notice(&again));
}

#[test]
fn a_place_is_kept_while_another_thread_is_open() {
    let mut scene = scene_with(Vec::new());
    opens(&mut scene, LAMP, "sgp-lamp-order.json");
    scene.types("7G");
    let visit = RecentThread { opened_at: Some(NOON), ..scene.app.visit().unwrap() };
    scene.happens(Event::RecentThreads(vec![RecentThread { place: None, ..visit }]));
    opens(&mut scene, "camelai:1001", "camelai-margin.json");
    scene.types("<ctrl-6>");
    let request = scene.app.loading.request;
    scene.receives(request, &demo("sgp-lamp-order.json"));
    assert_eq!(scene.app.loading.thread.as_ref().unwrap().source.to_input(), LAMP);
    assert_eq!(scene.app.list.selected, 6);
    scene.types("<ctrl-6>");
    assert_eq!(scene.app.loading.source.as_ref().unwrap().to_input(), "camelai:1001");
}

#[test]
fn jumps_go_back_and_forth() {
    let mut scene = Scene::with(100, 30, "sgp:lamp", "sgp-lamp-order.json");
    scene.types("<ctrl-o>");
    assert_eq!(notice(&scene), "No earlier place in this thread");
    scene.types("jj]dG");
    let end = scene.app.list.selected;
    scene.types("<ctrl-o>");
    let disliked = scene.app.list.selected;
    assert!(disliked != 2 && disliked != end);
    scene.types("<ctrl-o>");
    assert_eq!(scene.app.list.selected, 2, "steps leave no place, jumps do");
    scene.types("gf");
    assert_eq!(scene.app.list.selected, disliked);
    scene.types("gf");
    assert_eq!(scene.app.list.selected, end);
    scene.types("]egb");
    assert_eq!(scene.app.list.selected, end);
    assert_eq!(scene.app.detail.tab.title(), "Message", "the tab comes back as well");
}

#[test]
fn the_threads_of_this_session_are_a_list_with_their_places() {
    let mut scene = scene_with(Vec::new());
    opens(&mut scene, LAMP, "sgp-lamp-order.json");
    scene.types("gt");
    assert_eq!(notice(&scene), "No other thread has been opened yet");
    scene.types("ggjjjj2");
    opens(&mut scene, "camelai:1001", "camelai-margin.json");
    opens(&mut scene, "sgp:stock", "sgp-stock-agent.json");
    scene.types("gt");
    assert_screen!("open-threads", scene);
    scene.types("j");
    let effects = scene.outside_effects;
    scene.types("<Enter>");
    assert!(scene.app.overlay.is_none() && scene.outside_effects > effects);
    assert_eq!(scene.app.loading.source.as_ref().unwrap().to_input(), LAMP);
    let request = scene.app.loading.request;
    scene.receives(request, &demo("sgp-lamp-order.json"));
    scene.types("gt<Enter>");
    assert_eq!(
        scene.app.loading.source.as_ref().unwrap().to_input(),
        "sgp:stock",
        "the last one is selected"
    );
    scene.receives(scene.app.loading.request, &demo("sgp-stock-agent.json"));
    let place = ReadingPlace { tab: "Spans".to_owned(), query: "lamp".to_owned(), ..ReadingPlace::default() };
    let seen = |input: &str, place| RecentThread {
        place,
        ..RecentThread { input: input.to_owned(), service: "sgp".to_owned(), ..first_recent_thread() }
    };
    scene
        .happens(Event::RecentThreads(vec![seen(LAMP, Some(place.clone())), seen("sgp:other", Some(place))]));
    scene.types("i<Down>");
    assert!(scene.picture().contains("left in the Spans tab, /lamp"), "{}", scene.picture());
    scene.types("<Up>");
    assert!(scene.picture().contains("12 messages 5▲ 2▼ · left at 3, Spans, /lamp"), "{}", scene.picture());
}

fn first_recent_thread() -> RecentThread {
    recent_threads().swap_remove(0)
}
