//! The analysis of a whole thread: its chart of turns, its rows, and their targets.

use unspool::testing::app::Overlay;
use unspool::testing::domain::{RequestId, Role};
use unspool::testing::event::{Event, FetchUpdate, ThreadAnalysis};

use crate::scene::{Scene, demo, recorded_events};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
const SIZES: [(u16, u16); 4] = [(160, 48), (100, 30), (80, 24), (40, 12)];

fn assert_named_screen(name: &str, scene: &Scene) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, scene.picture());
    });
}

fn margin(width: u16, height: u16) -> Scene {
    Scene::with(width, height, "camelai:1001", "camelai-margin.json")
}

fn analysis(scene: &Scene) -> &ThreadAnalysis {
    scene.app.current_analysis().unwrap()
}

/// 5,000 turns, of which every 41st failed.
fn long_thread() -> String {
    let turns: Vec<String> = (0..5000)
        .map(|at| {
            let (hour, minute, second) = (at / 3600, at / 60 % 60, at % 60);
            let time = format!("2026-01-01T{hour:02}:{minute:02}:{second:02}Z");
            let status = if at % 41 == 0 { "ERROR" } else { "SUCCESS" };
            let duration = 1000 + at % 17 * 100;
            format!(
                r#"{{"entry":{{"id":"m{at}","input":{{"query":"q"}},"output":{{"response":"a"}},"operation_status":"{status}",
                "duration_ms":{duration},"created_at":"{time}"}},"spans":[{{"id":"s{at}","node_id":"n","operation_type":"COMPLETION",
                "operation_status":"SUCCESS","start_timestamp":"{time}","duration_ms":{duration}}}]}}"#
            )
        })
        .collect();
    format!(r#"{{"thread":{{"id":"t"}},"messages":[{}]}}"#, turns.join(","))
}

#[test]
fn a_thread_with_spans_is_analysed_at_every_size() {
    for (width, height) in SIZES {
        let mut scene = Scene::with(width, height, LAMP, "sgp-lamp-order.json");
        scene.types("pj");
        assert_named_screen(&format!("thread-analysis-spans-{width}x{height}"), &scene);
    }
}

#[test]
fn a_thread_without_spans_is_analysed_by_its_tool_calls_and_questions() {
    for (width, height) in SIZES {
        let mut scene = margin(width, height);
        scene.types("pl");
        assert_named_screen(&format!("thread-analysis-tools-{width}x{height}"), &scene);
    }
    let mut scene = margin(100, 30);
    scene.types("p");
    let summaries = &scene.app.shown().thread.unwrap().summaries;
    let questions = summaries.iter().filter(|summary| summary.role == Role::User).count();
    let found = analysis(&scene);
    assert_eq!(found.timeline.whole.turns as usize, questions);
    assert!(found.timeline.whole.failed >= 1 && found.timeline.whole.tokens_p50.is_some());
    let tool = |name: &str| found.operations.iter().find(|row| row.operation == name).unwrap();
    let sql = tool("run_query");
    assert_eq!((sql.count, sql.errors, sql.p50, sql.p95), (3, 0, Some(1_337_974), Some(1_461_325)));
    assert_eq!(tool("run_federated_query").errors, 1);
    assert!(found.waits.iter().any(|row| row.operation == "before questions"));
    assert_eq!(found.models.len(), 3);
}

#[test]
fn a_few_failures_among_many_turns_do_not_colour_every_bar() {
    let mut scene = Scene::with_body(160, 48, "sgp:t", &long_thread());
    scene.types("p");
    assert_named_screen("thread-analysis-long-160x48", &scene);
    let whole = &analysis(&scene).timeline.whole;
    assert_eq!((whole.turns, whole.failed), (5000, 122));
}

#[test]
fn the_cursor_of_the_chart_opens_the_turns_of_a_bucket() {
    let mut scene = Scene::with_body(160, 48, "sgp:t", &long_thread());
    scene.types("plllllllll<Enter>");
    assert!(scene.app.overlay.is_none());
    let at_failure = scene.app.list.selected;
    assert_eq!(at_failure % 41, 0, "the first failed turn of the bucket");
    assert!((300..400).contains(&at_failure), "{at_failure}");
    scene.types("p");
    let Some(Overlay::Analysis(page)) = &scene.app.overlay else { panic!() };
    assert_eq!(page.position as usize, at_failure, "the page opens at the selected message");
    scene.types("hhhh");
    let Some(Overlay::Analysis(page)) = &scene.app.overlay else { panic!() };
    assert!(page.is_on_chart && (page.position as usize) < at_failure);
    scene.types("j<Enter>");
    assert!(scene.app.overlay.is_none(), "Enter acts on the row again");
}

#[test]
fn headings_between_the_rows_are_passed() {
    for keys in ["j", "k"] {
        let mut scene = margin(160, 48);
        scene.types(if keys == "j" { "p" } else { "pG" });
        for _ in 0..60 {
            scene.types(keys);
            let list = scene.app.overlay_list().unwrap();
            let (line, _) = list.rows().find(|(_, row)| *row == list.selected).unwrap();
            let picture = scene.picture();
            let line = picture.lines().nth(usize::from(line.y)).unwrap().to_owned();
            for heading in ["time between messages", "slowest steps", "models"] {
                assert!(!line.contains(heading), "{line}");
            }
        }
        let list = scene.app.overlay_list().unwrap();
        assert_eq!(list.selected, if keys == "j" { list.len - 1 } else { 0 });
    }
}

#[test]
fn an_analysis_opened_while_messages_arrive_covers_all_of_them() {
    let mut scene = Scene::sized(100, 30);
    let request: RequestId = scene.asks_for(LAMP);
    let events = recorded_events(request, &demo("sgp-lamp-order.json"));
    let mut is_asked = false;
    for event in events {
        let is_first_part = matches!(&event, Event::Fetch { update: FetchUpdate::Summaries(_), .. });
        scene.happens(event);
        if is_first_part && !std::mem::replace(&mut is_asked, true) {
            scene.types("p");
        }
    }
    assert!(is_asked);
    assert_eq!(analysis(&scene).message_count, scene.app.shown().thread.unwrap().summaries.len());
}
