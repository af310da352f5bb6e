use super::*;

fn recent_thread(typed: &str, title: &str) -> RecentThread {
    RecentThread {
        input: typed.to_owned(),
        title: title.to_owned(),
        service: "sgp".to_owned(),
        profile: None,
        opened_at: None,
        note: String::new(),
        place: None,
    }
}

fn box_with(threads: &[(&str, &str)]) -> ThreadBox {
    let mut created = ThreadBox::new(None, false);
    created.set_recent_threads(threads.iter().map(|(typed, title)| recent_thread(typed, title)).collect());
    created
}

fn type_text(input: &mut ThreadBox, text: &str) {
    for c in text.chars() {
        input.on_key(Chord::plain(Key::Char(c)));
    }
}

fn press(input: &mut ThreadBox, key: Key) -> BoxOutcome {
    input.on_key(Chord::plain(key))
}

fn open_outcome(typed: &str) -> BoxOutcome {
    BoxOutcome::Open(parse_source(typed, None).unwrap())
}

#[test]
fn typing_replaces_the_open_thread_and_finds_recent_threads() {
    let mut input = box_with(&[("sgp:aaa", "Lamp"), ("sgp:bbb", "Revenue")]);
    input.name_thread(&parse_source("sgp:aaa", None).unwrap());
    // The threads, and the row that lists all.
    assert_eq!(input.rows.len(), 3);
    type_text(&mut input, "rev");
    assert_eq!(input.text(), "rev");
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:bbb"));
}

#[test]
fn enter_in_an_empty_box_opens_the_first_row() {
    let mut input = box_with(&[("sgp:aaa", "Lamp"), ("sgp:bbb", "Revenue")]);
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:aaa"));
    press(&mut input, Key::Down);
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:bbb"));
}

#[test]
fn a_word_opens_the_best_match_and_is_an_id_only_on_purpose() {
    let mut input = box_with(&[("sgp:aaa", "Marginal notes"), ("camelai:7", "Why did margin fall?")]);
    type_text(&mut input, "margin");
    assert_eq!(press(&mut input, Key::Enter), open_outcome("camelai:7"), "a whole word fits better");
    press(&mut input, Key::Down);
    press(&mut input, Key::Down);
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:margin"));
    let mut input = box_with(&[("sgp:aaa", "Lamp")]);
    type_text(&mut input, "margin");
    assert!(matches!(press(&mut input, Key::Enter), BoxOutcome::Rejected(_)));
    press(&mut input, Key::Down);
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:margin"));
}

#[test]
fn ids_links_and_paths_open_as_typed_despite_other_matches() {
    for text in ["44", "camelai:44", "sgp:order", "./order.json", "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"] {
        let mut input =
            box_with(&[("sgp:44", "order 44"), ("sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "Lamp")]);
        type_text(&mut input, text);
        assert_eq!(press(&mut input, Key::Enter), open_outcome(text));
    }
}

#[test]
fn a_pasted_word_is_an_id_unless_it_matches() {
    let mut input = box_with(&[("sgp:aaa", "Lamp")]);
    input.paste("thread-17");
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:thread-17"));
    input.start_input();
    input.paste("Lamp");
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:aaa"));
}

#[test]
fn title_words_in_any_order_open_a_recent_thread() {
    let mut input = box_with(&[("sgp:aaa", "Lamp, order 44"), ("sgp:bbb", "A word of revenue")]);
    type_text(&mut input, "revenue word");
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:bbb"));
}

#[test]
fn enter_rejects_text_that_matches_nothing() {
    let mut input = box_with(&[("sgp:aaa", "Lamp")]);
    input.paste("no such words");
    assert!(matches!(press(&mut input, Key::Enter), BoxOutcome::Rejected(_)));
}

#[test]
fn pasted_id_is_trimmed() {
    let mut input = ThreadBox::default();
    input.paste("  8c5e1a70-93d2\u{1b}[2J \nsecond line");
    assert_eq!(input.text(), "8c5e1a70-93d2[2J");
}

#[test]
fn the_demo_is_offered_without_threads_and_by_its_name() {
    let mut input = ThreadBox::new(None, true);
    assert_eq!(press(&mut input, Key::Enter), BoxOutcome::StartDemo);
    type_text(&mut input, "dem");
    assert_eq!(press(&mut input, Key::Enter), BoxOutcome::StartDemo);
    input.show_demo(vec![recent_thread("sgp:aaa", "Lamp")]);
    assert_eq!(input.text(), "");
    assert_eq!(press(&mut input, Key::Enter), open_outcome("sgp:aaa"));
}
