//! The conversation of the Message tab: scrolling through all messages, synchronized with the list.

use proptest::prelude::*;
use unspool::testing::event::{Event, FetchUpdate};

use crate::assert_screen;
use crate::scene::{Scene, demo, recorded_events};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn lamp(width: u16, height: u16) -> Scene {
    Scene::with(width, height, LAMP, "sgp-lamp-order.json")
}

fn analysis(width: u16, height: u16) -> Scene {
    Scene::with(width, height, "camelai:1001", "camelai-margin.json")
}

/// Returns the position and the first visible row of the message at the top of the pane.
fn place(scene: &Scene) -> (usize, usize) {
    let top = scene.app.shown().visible_messages()[0];
    (top.position, top.first_row)
}

/// Returns the row of a message's document at the top of the pane.
fn top_line(scene: &Scene) -> Option<String> {
    let top = scene.app.shown().visible_messages()[0];
    let document = &scene.app.shown().message_state_at(top.position)?.text.document;
    let row = top.first_row.checked_sub(1)?;
    Some(document.window(row..row + 1).first()?.line.plain_text())
}

#[test]
fn the_conversation_at_all_sizes() {
    for (width, height) in [(160, 48), (100, 30), (80, 24), (40, 12)] {
        let mut scene = lamp(width, height);
        scene.types("jj<Enter>");
        assert_screen!(format!("conversation-{width}x{height}"), scene);
    }
}

#[test]
fn questions_fold_their_replies() {
    let mut scene = analysis(100, 30);
    scene.types("jjjjzM");
    assert_screen!("questions-folded", scene);
    assert_eq!(scene.app.shown().list_len(), 8);
    scene.types(")l");
    let shown = scene.app.shown();
    assert_eq!((shown.list_len(), shown.thread_index_at(shown.list.selected)), (11, Some(14)));
    // A jump unfolds the rows that hide its target.
    scene.types("]e");
    assert_eq!(scene.app.shown().thread_index_at(scene.app.list.selected), Some(20));
    scene.types("h");
    assert_eq!(scene.app.shown().thread_index_at(scene.app.list.selected), Some(18));
    scene.types("zR");
    assert_eq!(scene.app.shown().list_len(), 29);
}

#[test]
fn a_jump_to_an_error_shows_the_call_above_its_result() {
    let mut scene = analysis(100, 34);
    scene.types("]e");
    let picture = scene.picture();
    for text in ["FROM web_event", "Table default.web_event does", "run_federated_query ━"] {
        assert!(picture.contains(text), "{text}\n{picture}");
    }
}

#[test]
fn an_outdated_source_is_in_sight_below_the_answer_that_cites_it() {
    let mut scene = lamp(100, 30);
    scene.types("]d");
    let picture = scene.picture();
    assert!(picture.contains("Returns policy (2024 edition).pdf  superseded"), "{picture}");
    assert!(picture.contains("Your website says 60 days and free returns"), "{picture}");
}

#[test]
fn calls_and_results_at_all_sizes() {
    for (width, height) in [(160, 48), (80, 24)] {
        let mut scene = analysis(width, height);
        scene.types("jjjj<Enter>");
        assert_screen!(format!("conversation-calls-{width}x{height}"), scene);
    }
}

#[test]
fn scrolling_crosses_messages_and_the_list_follows() {
    let mut scene = lamp(100, 30);
    scene.types("<Tab>");
    let mut before = place(&scene);
    assert_eq!(before, (0, 0));
    for _ in 0..200 {
        scene.types("j");
        let now = place(&scene);
        assert!(now >= before, "{now:?} after {before:?}");
        assert!(now.0 <= scene.app.list.selected);
        before = now;
    }
    assert_eq!(scene.app.list.selected, 11, "the last message is selected at the end");
    for _ in 0..200 {
        scene.types("k");
    }
    assert_eq!((place(&scene), scene.app.list.selected), ((0, 0), 0));
    scene.types("<PageDown>");
    assert_eq!(place(&scene).0, scene.app.list.selected);
    assert!(scene.app.list.selected > 0);
}

#[test]
fn selecting_in_the_list_scrolls_the_conversation() {
    let mut scene = lamp(100, 30);
    scene.types("jjj");
    assert_eq!(place(&scene), (3, 0));
    scene.types("<Tab>J");
    assert_eq!((place(&scene), scene.app.list.selected), ((4, 0), 4));
    scene.types("KK");
    assert_eq!((place(&scene), scene.app.list.selected), ((2, 0), 2));
    scene.types("G");
    assert_eq!(scene.app.list.selected, 11);
    scene.types("gg");
    assert_eq!((place(&scene), scene.app.list.selected), ((0, 0), 0));
}

#[test]
fn one_message_only_is_a_choice_that_stays() {
    let mut scene = lamp(100, 30);
    scene.types("jjj<Tab>jjj");
    let line = top_line(&scene);
    scene.types("c");
    let state = scene.app.shown().message_state().unwrap();
    let row = state.text.offset;
    assert_eq!(Some(state.text.document.window(row..row + 1)[0].line.plain_text()), line);
    assert_screen!("one-message-only", scene);
    scene.types("<Esc>k");
    assert!(!scene.app.shown().shows_conversation());
    scene.types("jc");
    assert!(scene.app.shown().shows_conversation());
    assert_eq!(top_line(&scene), line, "the line at the top stays");
}

#[test]
fn a_search_hit_is_scrolled_into_view() {
    let mut scene = lamp(100, 30);
    scene.types("/black one<Enter>");
    assert!(scene.picture().contains("we send the black one."), "{}", scene.picture());
}

#[test]
fn a_click_selects_the_message_below_the_mouse() {
    let mut scene = lamp(160, 48);
    let second = scene.app.shown().visible_messages()[1];
    let inner = scene.app.screen.frame().detail.inner;
    let row = inner.y + u16::try_from(second.top).unwrap() + 1;
    scene.clicks(inner.x + 5, row);
    assert_eq!((place(&scene), scene.app.list.selected), ((0, 0), 1));
}

#[test]
fn the_place_stays_when_messages_arrive_and_when_the_thread_is_reloaded() {
    let mut scene = lamp(100, 30);
    scene.types("jjj<Tab>jjjj");
    let (before, line) = (place(&scene), top_line(&scene));
    scene.types("r");
    let request = scene.app.loading.request;
    let body = std::fs::read_to_string(demo("sgp-lamp-order.json")).unwrap();
    let mut thread: serde_json::Value = serde_json::from_str(&body).unwrap();
    let messages = thread.pointer_mut("/messages").unwrap().as_array_mut().unwrap();
    let mut more = messages[0].clone();
    *more.pointer_mut("/entry/id").unwrap() = "one-more".into();
    messages.push(more);
    scene.receives_body(request, &thread.to_string());
    assert_eq!(scene.app.shown().list_len(), 13);
    // The new message has the time of the first one, so it is above.
    assert_eq!((place(&scene), top_line(&scene)), ((before.0 + 1, before.1), line));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn the_line_at_the_top_stays_while_messages_arrive(
        first in 2usize..8,
        rest in prop::collection::vec(1usize..4, 1..6),
        down in 0usize..40,
        in_list: bool,
    ) {
        let mut scene = Scene::sized(100, 30);
        let request = scene.asks_for(LAMP);
        let mut sizes = [first].into_iter().chain(rest);
        for event in recorded_events(request, &demo("sgp-lamp-order.json")) {
            let Event::Fetch { update: FetchUpdate::Summaries(mut summaries), .. } = event else {
                scene.happens(event);
                continue;
            };
            let mut known = None;
            while !summaries.is_empty() {
                let count = sizes.next().unwrap_or(usize::MAX).min(summaries.len());
                let more = summaries.split_off(count);
                scene.hears(request, FetchUpdate::Summaries(std::mem::replace(&mut summaries, more)));
                match known {
                    None => {
                        scene.types(if in_list { "" } else { "<Tab>" });
                        scene.types(&"j".repeat(if in_list { down.min(first - 1) } else { down }));
                        known = Some((place(&scene), top_line(&scene), scene.app.list.selected, scene.app.list.offset));
                    }
                    Some(ref known) => {
                        let here = (place(&scene), top_line(&scene), scene.app.list.selected, scene.app.list.offset);
                        prop_assert_eq!(&here, known);
                    }
                }
            }
        }
    }
}

#[test]
fn a_large_message_among_small_ones_is_read_by_a_task() {
    let body = std::fs::read_to_string(demo("sgp-lamp-order.json")).unwrap();
    let mut thread: serde_json::Value = serde_json::from_str(&body).unwrap();
    let text = "A long line of a long answer.\n\n".repeat(9000);
    *thread.pointer_mut("/messages/2/entry/output/response").unwrap() = text.into();
    let mut scene = Scene::with_body(100, 30, LAMP, &thread.to_string());
    assert_eq!(scene.app.shown().visible_messages()[0].position, 0);
    scene.types("jjj<Tab>");
    let before = place(&scene);
    assert_eq!(before, (3, 0));
    scene.types("k");
    let (position, row) = place(&scene);
    let rows = scene.app.shown().visible_messages()[0].rows;
    assert_eq!((position, row), (2, rows - 1), "the end of the large message, not its start");
    assert!(rows > 9000);
}

#[test]
fn a_block_that_is_shorter_in_the_conversation_stays_in_view() {
    let mut scene = lamp(112, 29);
    scene.types("<Tab>/lamp<Enter><PageDown>5jJc");
    assert!(!scene.app.shown().shows_conversation());
    scene.types("c");
    let visible = scene.app.shown().visible_messages();
    assert!(visible.iter().any(|message| message.position == scene.app.list.selected), "{visible:?}");
}

/// Returns a key or another change, for random walks.
fn step() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "j",
        "k",
        "5j",
        "<PageDown>",
        "<PageUp>",
        "<ctrl-d>",
        "<ctrl-u>",
        "G",
        "gg",
        "J",
        "K",
        "<Space>",
        ")",
        "(",
        "zM",
        "zR",
        "cc",
        "/lamp<Enter>",
        "n",
        "3G",
        "l",
        "h",
        "2",
        "1",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_selected_message_is_in_view_and_no_space_is_wasted(
        steps in prop::collection::vec((step(), 0usize..40), 1..25),
        is_analysis: bool,
    ) {
        let mut scene = if is_analysis { analysis(100, 30) } else { lamp(100, 30) };
        scene.types("<Tab>");
        for (keys, width) in steps {
            scene.types(keys);
            if width < 3 {
                scene.happens(Event::Resize { width: 92 + 20 * width as u16, height: 20 + 9 * width as u16 });
            }
            if !scene.app.shown().shows_conversation() {
                continue;
            }
            let visible = scene.app.shown().visible_messages();
            let page = scene.app.shown().detail_height();
            let (first, last) = (visible[0], visible[visible.len() - 1]);
            prop_assert!(visible.iter().any(|message| message.position == scene.app.list.selected), "{keys}");
            let end = last.top + last.rows - last.first_row;
            // The last blank row may be out of view.
            prop_assert!(end + 1 >= page || (first.position, first.first_row) == (0, 0), "{keys}: {visible:?}");
            let all_prepared =
                visible.iter().all(|message| scene.app.shown().message_state_at(message.position).is_some());
            prop_assert!(all_prepared, "{keys}");
        }
    }

    #[test]
    fn the_line_at_the_top_stays_when_widths_and_filters_change(
        down in 0usize..60,
        widths in prop::collection::vec(92u16..200, 1..5),
    ) {
        let mut scene = lamp(120, 30);
        scene.types("<Tab>");
        for _ in 0..down {
            scene.types("j");
        }
        let (position, row) = place(&scene);
        let Some(first_word) = top_line(&scene).and_then(|line| line.split_whitespace().next().map(str::to_owned))
        else {
            return Ok(());
        };
        // A table or a code block is truncated, not wrapped; and the end of the thread is at the end of the pane.
        prop_assume!(position < 9 && row > 0 && first_word.chars().all(char::is_alphanumeric));
        for width in widths {
            scene.happens(Event::Resize { width, height: 30 });
            let line = top_line(&scene).unwrap_or_default();
            prop_assert_eq!(place(&scene).0, position);
            prop_assert!(line.contains(&first_word), "{:?} lacks {:?}", line, first_word);
        }
        let before = place(&scene);
        scene.types("ffeedback:positive<Enter>");
        if scene.app.shown().list_len() < 12 && scene.app.shown().thread_index_at(scene.app.list.selected) == Some(position) {
            prop_assert_eq!(scene.app.shown().visible_messages()[0].first_row, before.1);
        }
        scene.happens(Event::Resize { width: 120, height: 30 });
    }
}

#[test]
fn copy_takes_the_block_under_the_cursor() {
    let mut scene = analysis(100, 34);
    // The failed call, then its result.
    scene.types("]ek<Enter>");
    let copied = |scene: &mut Scene| {
        scene.types("yy");
        scene.clips.last().map(|clip| (clip.label, clip.text.clone())).unwrap_or_default()
    };
    let (label, code) = copied(&mut scene);
    assert_eq!(label, "code");
    assert!(code.starts_with("SELECT date_trunc('day', order_date)"), "{code}");
    scene.types("J");
    let (label, result) = copied(&mut scene);
    assert_eq!(label, "result");
    assert!(result.starts_with("ClickHouse: Code 60."), "{result}");
}
