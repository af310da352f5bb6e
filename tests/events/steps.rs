//! For a hostile message, no key causes a long update or frame. Work is counted in steps, about one for each processed
//! byte, because a clock would depend on the machine.

use ratatui::{Terminal, backend::TestBackend};
use unspool::testing::decode::{Outcome, Splitter};
use unspool::testing::domain::{MessageSummary, Origin, Source, Timestamp, take_steps};
use unspool::testing::effect::Effect;
use unspool::testing::event::{Event, FetchUpdate};
use unspool::testing::keymap::{Chord, Key};
use unspool::testing::theme::Theme;
use unspool::testing::{provider, ui};

use crate::run::Player;

/// About 50 ms of work for an optimised program.
const MAX_STEPS: usize = 40_000_000;

/// Returns a turn whose question, answer and span hold this value.
fn body(value: &str) -> String {
    format!(
        r#"{{"messages":[{{"entry":{{"id":"a","input":{{"query":"q","x":{value}}},"output":{{"response":"r","y":{value}}}}},
        "spans":[{{"id":"s","name":"n","input":{value},"output":{value}}}]}}],"thread":{{"id":"t"}}}}"#
    )
}

/// About half a second of work for an optimised program.
const MAX_TASK_STEPS: usize = 10 * MAX_STEPS;

/// Words of a few random letters, without long repetitions.
fn random_words(seed: u64, vocabulary: u64, bytes: usize) -> String {
    let (mut text, mut state) = (String::new(), seed);
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("{:x} ", (state >> 33) % vocabulary));
    }
    text
}

/// Two messages, each with one of these texts as answer and as input and output of twenty spans.
fn two_messages(texts: [&str; 2]) -> String {
    let message = |id: usize, text: &str| {
        let span = |at: usize| {
            format!(r#"{{"id":"s{id}-{at}","name":"n{at}","input":{{"v":"{text}"}},"output":"{text}"}}"#)
        };
        let spans: Vec<String> = (0..20).map(span).collect();
        format!(
            r#"{{"entry":{{"id":"{id}","input":{{"query":"q"}},"output":{{"response":"{text}"}}}},"spans":[{}]}}"#,
            spans.join(",")
        )
    };
    let messages: Vec<String> = texts.iter().enumerate().map(|(id, text)| message(id, text)).collect();
    format!(r#"{{"messages":[{}],"thread":{{"id":"t"}}}}"#, messages.join(","))
}

#[test]
fn no_comparison_works_without_bound() {
    let lines = |word: &str| format!("{word}\\n").repeat(60_000);
    for (about, old, new) in [
        ("two words", random_words(1, 2, 100_000), random_words(2, 2, 100_000)),
        ("some words", random_words(1, 200, 100_000), random_words(2, 200, 100_000)),
        ("different words", random_words(1, u64::MAX, 100_000), random_words(2, u64::MAX, 100_000)),
        ("payloads", random_words(1, 30, 20_000), random_words(2, 30, 20_000)),
        ("short lines", lines("a"), lines("b")),
        ("one long word", "x".repeat(100_000), "y".repeat(100_000)),
    ] {
        let mut player = open(&two_messages([&old, &new]));
        for key in ['G', '='] {
            player.update(Event::Key(Chord::plain(Key::Char(key))));
        }
        let steps = steps_of(|| player.update(Event::PrepareFrame));
        assert!(steps < MAX_STEPS, "{about}: {steps} steps to prepare");
        let steps = steps_of(|| player.answer_effects());
        assert!(steps > old.len(), "{about}: nothing was compared");
        assert!(steps < MAX_TASK_STEPS, "{about}: {steps} steps to compare");
        let steps = steps_of(|| {
            player.update(Event::PrepareFrame);
            draw(&player);
        });
        assert!(steps < MAX_STEPS, "{about}: {steps} steps for the frame");
    }
}

fn hostile_bodies() -> Vec<(&'static str, String)> {
    let text = |text: &str| format!("\"{text}\"");
    let quoted = format!("\"{}\"", "[".repeat(2000) + &"]".repeat(2000));
    vec![
        ("nested arrays", body(&("[".repeat(60_000) + &"]".repeat(60_000)))),
        ("nested objects", body(&(r#"{"a":"#.repeat(60_000) + "1" + &"}".repeat(60_000)))),
        ("arrays that never end", body(&"[".repeat(60_000))),
        ("wide and deep", body(&format!("[{}]", vec!["[[[[1,2],[3]],[]]]"; 4_000].join(",")))),
        ("numbers", body(&format!("[{}]", vec!["1"; 50_000].join(",")))),
        ("JSON in strings", body(&format!("[{}]", vec![quoted; 40].join(",")))),
        ("one long word", body(&text(&"x".repeat(1 << 17)))),
        ("combining marks", body(&text(&"a\u{301}\u{301}\u{301}".repeat(10_000)))),
        ("spaces", body(&text(&" ".repeat(1 << 17)))),
        ("short lines", body(&text(&"a\\n".repeat(30_000)))),
    ]
}

fn read(body: &str) -> (Outcome, Vec<MessageSummary>) {
    let sgp = provider::by_id("sgp").unwrap();
    let mut splitter = Splitter::default();
    splitter.push(body.as_bytes());
    let outcome = splitter.finish();
    let batches = std::iter::from_fn(|| splitter.next_batch());
    let summaries = batches.flat_map(|batch| {
        batch.raw_messages().map(|(index, raw, _)| sgp.read_summary(raw, index)).collect::<Vec<_>>()
    });
    (outcome, summaries.collect())
}

fn open(body: &str) -> Player {
    let mut player = Player::new();
    let sgp = provider::by_id("sgp").unwrap();
    let (outcome, summaries) = read(body);
    let effects = player.app.open_and_focus(Source::Stdin, Timestamp(1));
    player.note_effects(effects);
    player.send_update(FetchUpdate::Started { origin: Origin::File { size: None } });
    player.send_update(FetchUpdate::ProviderDetected { service: "sgp" });
    player.send_update(FetchUpdate::Thread(Box::new(sgp.read_thread(&outcome.envelope))));
    player.send_update(FetchUpdate::Summaries(summaries));
    player.send_update(FetchUpdate::Ended(Default::default()));
    player
}

/// Runs one piece of work of the loop and returns its steps.
fn steps_of(work: impl FnOnce()) -> usize {
    take_steps();
    work();
    take_steps()
}

/// The keys of the main actions: tabs, folds, motions, sort, raw values, search.
const KEYS: [&str; 12] = ["\r", "zR", "G", "gg", "zM", "z3", "l", "h", "J", "K", "zR", "x"];

#[test]
fn no_key_over_a_hostile_message_computes_long() {
    for (about, body) in hostile_bodies() {
        for tab in ["1", "2", "5"] {
            let mut player = open(&body);
            for keys in [tab].into_iter().chain(KEYS) {
                for key in keys.chars() {
                    let key = if key == '\r' { Key::Enter } else { Key::Char(key) };
                    let chord = Chord { key, ctrl: false, alt: false, shift: false };
                    let steps = steps_of(|| player.update(Event::Key(chord)));
                    assert!(steps < MAX_STEPS, "{about}, tab {tab}, {keys}: {steps} steps for the key");
                }
                for _ in 0..2 {
                    let steps = steps_of(|| player.update(Event::PrepareFrame));
                    assert!(steps < MAX_STEPS, "{about}, tab {tab}, {keys}: {steps} steps to prepare");
                    player.answer_effects();
                }
                let steps = steps_of(|| draw(&player));
                assert!(steps < MAX_STEPS, "{about}, tab {tab}, {keys}: {steps} steps for the frame");
            }
        }
    }
}

#[test]
fn no_hit_in_a_long_text_is_searched_for_by_the_loop() {
    let mut player = open(&body(&format!("\"{}needle\"", "word ".repeat(3 << 20))));
    for key in [Key::Char('/')].into_iter().chain("needle".chars().map(Key::Char)).chain([Key::Enter]) {
        player.update(Event::Key(Chord { key, ctrl: false, alt: false, shift: false }));
    }
    let mut found = 0;
    for _ in 0..6 {
        let steps = steps_of(|| player.update(Event::PrepareFrame));
        assert!(steps < MAX_STEPS, "{steps} steps to prepare");
        found += player.effects.iter().filter(|effect| matches!(effect, Effect::FindHits(_))).count();
        player.answer_effects();
        let steps = steps_of(|| draw(&player));
        assert!(steps < MAX_STEPS, "{steps} steps for the frame");
    }
    assert_eq!(found, 1);
}

fn draw(player: &Player) {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(80, 24));
    let Ok(_) = terminal.draw(|frame| drop(ui::draw(&player.app, &Theme::plain(), frame.buffer_mut())));
}
