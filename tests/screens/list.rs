//! The list of messages: its order, its title, and its rows while a filter is typed.

use proptest::prelude::*;
use unspool::testing::action::Action;
use unspool::testing::app::Overlay;
use unspool::testing::domain::Timestamp;
use unspool::testing::effect::Effect;
use unspool::testing::event::Event;

use crate::assert_screen;
use crate::scene::{Scene, fixture};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn lamp(width: u16, height: u16, keys: &str) -> Scene {
    let mut scene = Scene::with(width, height, LAMP, "sgp-lamp-order.json");
    scene.types(keys);
    scene
}

fn margin(width: u16, height: u16, keys: &str) -> Scene {
    let mut scene = Scene::with(width, height, "camelai:1001", "camelai-margin.json");
    scene.types(keys);
    scene
}

/// Returns the durations of the rows, from the first to the last.
fn sorted_durations(scene: &Scene) -> Vec<Option<i64>> {
    let shown = scene.app.shown();
    let rows = 0..shown.list_len();
    rows.map(|row| shown.summary_at(shown.position_at(row)).and_then(|summary| summary.duration_ms)).collect()
}

#[test]
fn the_list_sorts_by_duration_and_the_selection_stays_on_its_message() {
    let mut scene = lamp(100, 30, "jj");
    let selected = scene.app.list.selected;
    scene.types("sd");
    let mut expected = sorted_durations(&scene);
    expected.sort_by_key(|ms| std::cmp::Reverse(*ms));
    assert_eq!(sorted_durations(&scene), expected);
    assert_eq!(scene.app.list.selected, selected);
    scene.types("sd");
    expected.sort_unstable();
    assert_eq!(sorted_durations(&scene), expected);
    scene.types("ss");
    assert!(scene.app.list.order.is_none());
    assert_eq!(scene.app.list.selected, selected);
    scene.types("ssgg");
    assert_eq!(scene.app.list.selected, scene.app.shown().list_len() - 1, "the latest message is at the top");
}

#[test]
fn motions_and_clicks_follow_the_sorted_rows_and_the_conversation_that_of_the_thread() {
    let mut scene = lamp(100, 30, "sdgg");
    let slowest = scene.app.shown().position_at(0);
    assert_eq!(scene.app.list.selected, slowest);
    scene.types("j");
    assert_eq!(scene.app.list.selected, scene.app.shown().position_at(1));
    scene.clicks(3, 3);
    assert_eq!(scene.app.list.selected, slowest);
    scene.types("lJ");
    assert_eq!(scene.app.list.selected, slowest + 1, "the conversation is in the order of the thread");
}

#[test]
fn a_filter_keeps_the_order_and_jumps_leave_it() {
    let mut scene = lamp(100, 30, "sdffeedback:positive<Enter>");
    let durations = sorted_durations(&scene);
    assert!(durations.len() > 2 && durations.windows(2).all(|pair| pair[0] >= pair[1]), "{durations:?}");
    scene.types("<Esc>]d");
    assert!(scene.app.shown().selected_summary().unwrap().has_negative_feedback());
    assert!(scene.app.list.order.is_some());
}

#[test]
fn questions_and_their_replies_sort_as_one() {
    let mut scene = margin(100, 30, "sd");
    let shown = scene.app.shown();
    let rows: Vec<usize> = (0..shown.list_len()).map(|row| shown.position_at(row)).collect();
    assert!(!rows.is_sorted());
    let breaks = rows.windows(2).filter(|pair| pair[1] != pair[0] + 1);
    assert!(breaks.clone().count() <= 6, "{rows:?}");
    let starts_group = |index: usize| index == 0 || shown.question_fold(index).is_some();
    assert!(breaks.into_iter().all(|pair| starts_group(pair[1])), "{rows:?}");
    scene.types("zM");
    assert_screen!("list-questions-by-duration", scene);
}

#[test]
fn without_values_to_sort_by_the_order_stays() {
    let body = std::fs::read_to_string(fixture("camelai_thread_minimal.json")).unwrap();
    let mut scene = Scene::with_body(100, 30, "camelai:1", &body);
    scene.types("sc");
    assert!(scene.app.list.order.is_none());
    assert!(scene.app.notice.as_ref().unwrap().text.contains("cost"));
}

#[test]
fn chips_name_the_order_the_filter_and_the_search() {
    for (width, height) in [(160, 48), (100, 30), (80, 24), (40, 12)] {
        let scene = lamp(width, height, "sdffeedback:positive<Enter>/warranty<Enter>");
        assert_screen!(format!("list-chips-{width}x{height}"), scene);
    }
}

#[test]
fn the_list_narrows_while_a_filter_is_typed_and_esc_restores_it() {
    let mut scene = lamp(100, 30, "4Gffeedback:positive<Enter>");
    let (before, selected) = (scene.app.list.matching.clone(), scene.app.shown().selected_summary().cloned());
    scene.types("f<ctrl-u>label");
    let narrowed = scene.app.shown().list_len();
    assert!(narrowed > 0 && narrowed < 12, "{narrowed}");
    scene.types(" status:");
    assert_eq!(scene.app.shown().list_len(), narrowed, "a term that is not typed yet changes nothing");
    scene.types("error");
    assert!(scene.app.shown().list_len() < narrowed);
    scene.types(" (");
    assert_screen!("filter-typed", scene);
    scene.types("<Esc>");
    assert_eq!(scene.app.list.matching, before);
    assert_eq!(scene.app.shown().selected_summary().cloned(), selected);
    scene.types("f<ctrl-u>");
    assert_eq!(scene.app.shown().list_len(), 12);
    scene.types("<Esc>");
    assert_eq!(scene.app.list.matching, before);
}

#[test]
fn a_filter_without_matches_is_reported_when_it_is_accepted() {
    let mut scene = lamp(100, 30, "fnowhere at all");
    assert!(scene.app.notice.is_none());
    assert_eq!(scene.app.shown().list_len(), 0);
    scene.types("<Enter>");
    assert!(scene.app.notice.as_ref().unwrap().text.starts_with("No message matches"));
}

#[test]
fn all_hits_are_listed_with_the_text_around_them() {
    for (width, height) in [(160, 48), (100, 30), (80, 24), (40, 12)] {
        assert_screen!(format!("results-{width}x{height}"), lamp(width, height, "/warranty<Enter>g/j"));
    }
}

#[test]
fn enter_goes_to_the_hit_and_esc_returns() {
    let mut scene = lamp(100, 30, "gg/warranty<Enter>");
    let place = (scene.app.list.selected, scene.app.detail.tab);
    scene.types("g/G<Esc>");
    assert!(scene.app.overlay.is_none());
    assert_eq!((scene.app.list.selected, scene.app.detail.tab), place);
    scene.types("g/G");
    let Some(Overlay::Results(page)) = &scene.app.overlay else { panic!("no page") };
    let (index, _) = page.message_at(page.selected).unwrap();
    assert_eq!(page.selected + 1, page.len);
    scene.types("<Enter>");
    assert!(scene.app.overlay.is_none());
    assert_eq!(scene.app.shown().thread_index_at(scene.app.list.selected), Some(index as usize));
    assert_screen!("results-last-hit", scene);
    scene.types("<ctrl-o>");
    assert_eq!(scene.app.list.selected, place.0);
}

#[test]
fn only_the_lines_near_the_screen_are_read() {
    let mut scene = lamp(80, 24, "/e<Enter>");
    let effects = scene.app.perform(Action::ShowResults, None, Timestamp(0));
    assert!(effects.is_empty());
    let effects = scene.app.update(Event::PrepareFrame, Timestamp(0));
    let wanted = effects.iter().find_map(|effect| match effect {
        Effect::ReadHits(request) => Some(request.rows.clone()),
        _ => None,
    });
    let Some(Overlay::Results(page)) = &scene.app.overlay else { panic!("no page") };
    assert!(page.len > 1000, "{}", page.len);
    assert!(wanted.unwrap().len() <= 60);
    let again = scene.app.update(Event::PrepareFrame, Timestamp(0));
    assert!(!again.iter().any(|effect| matches!(effect, Effect::ReadHits(_))), "asked once");
}

#[test]
fn without_a_search_the_page_of_hits_stays_closed() {
    let scene = lamp(80, 24, "g/");
    assert!(scene.app.overlay.is_none() && scene.app.notice.is_some());
}

#[test]
fn the_page_of_hits_shows_only_those_in_messages_that_match_the_filter() {
    let mut scene = lamp(100, 30, "/warranty<Enter>g/");
    let counts = |scene: &Scene| match &scene.app.overlay {
        Some(Overlay::Results(page)) => (page.len, page.hidden),
        other => panic!("{other:?}"),
    };
    let all = counts(&scene).0;
    assert_eq!(counts(&scene), (16, 0));
    scene.types("ftokens>1000");
    assert_eq!(counts(&scene), (3, 13), "while it is typed");
    scene.types("<Esc>");
    assert_eq!(counts(&scene), (all, 0));
    scene.types("ftokens>1000<Enter>j");
    assert_screen!("results-filtered", scene);
    scene.types("<Enter>");
    assert!(scene.app.overlay.is_none());
    assert_eq!(scene.app.shown().selected_summary().unwrap().index, 5);
    scene.types("g/f<ctrl-u>nowhere<Enter>");
    assert_eq!(counts(&scene), (0, all));
    assert!(scene.picture().contains("16 hidden by the filter nowhere"));
    scene.types("<Enter>");
    assert_eq!(counts(&scene), (0, all), "there is no hit to go to");
}

#[test]
fn a_click_on_a_count_or_a_chip_goes_to_its_messages() {
    let mut scene = lamp(120, 30, "gg");
    let click = |scene: &mut Scene, text: &str| {
        let item = scene.app.header_items().into_iter().find(|(item, _)| item.text == text);
        let (_, place) = item.unwrap_or_else(|| panic!("no {text}"));
        scene.clicks(place.x, place.y);
    };
    click(&mut scene, "2▼");
    assert!(scene.app.shown().selected_summary().unwrap().has_negative_feedback());
    click(&mut scene, "1 failed span");
    assert!(scene.app.shown().selected_summary().unwrap().has_problem());
    click(&mut scene, "5▲");
    assert!(scene.app.shown().selected_summary().unwrap().has_feedback());
    let selected = scene.app.list.selected;
    click(&mut scene, "12 messages");
    assert_eq!(scene.app.list.selected, selected);
    scene.types("ftokens>1000<Enter>/warranty<Enter>");
    let chips = scene.app.shown().list_title().unwrap().chips;
    assert_eq!(chips.len(), 2);
    scene.clicks(chips[1].area.x, chips[1].area.y);
    assert!(scene.app.prompt.is_some(), "the filter is edited");
    scene.types("<Esc>");
    scene.clicks(chips[0].area.x + 1, chips[0].area.y);
    assert!(matches!(scene.app.overlay, Some(Overlay::Results(_))));
}

/// Returns a thread of many questions.
fn long_thread(width: u16, height: u16) -> Scene {
    let message = |id: usize| format!(r#"{{"id":{id},"role":"user","content":"question {id}"}}"#);
    let messages: Vec<String> = (0..90).map(message).collect();
    let body = format!(r#"{{"messages":[{}],"thread_id":7}}"#, messages.join(","));
    Scene::with_body(width, height, "camelai:7", &body)
}

/// Returns the line of the selected message inside the list, from 0.
fn selected_line(scene: &Scene) -> usize {
    let lines = usize::from(scene.app.screen.frame().rows_per_message);
    (scene.app.shown().row_of(scene.app.list.selected) - scene.app.list.offset) * lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_line_of_the_selected_message_stays(
        down in 0usize..90,
        up in 0usize..12,
        changes in prop::collection::vec(prop::option::of(92u16..200), 1..6),
    ) {
        let mut scene = long_thread(120, 40);
        scene.types(&"j".repeat(down));
        scene.types(&"k".repeat(up));
        for change in changes {
            let before = selected_line(&scene);
            match change {
                None => scene.types("zl"),
                Some(width) => scene.happens(Event::Resize { width, height: 40 }),
            }
            let after = selected_line(&scene);
            let offset = scene.app.list.offset;
            let page = scene.app.shown().list_page();
            let is_at_an_end = offset == 0 || offset + page == scene.app.shown().list_len();
            let is_last_row = scene.app.list.selected + 1 == offset + page;
            // Half a row of two lines is not shown, so the last lines of the pane may be empty.
            prop_assert!(is_at_an_end || is_last_row || before.abs_diff(after) <= 1, "{} to {}", before, after);
            prop_assert!(after < 40 - 5, "in view");
        }
    }
}
