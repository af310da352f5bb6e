use super::*;
use crate::app::Prefs;
use crate::domain::{KeptAccount, Source};
use crate::event::Event;

/// Presses keys; returns the effects of the last one.
fn typed(app: &mut App, text: &str) -> Effects {
    let key = |c| match c {
        '\n' => Chord::plain(Key::Enter),
        '\t' => Chord::plain(Key::Tab),
        '\u{13}' => Chord { ctrl: true, ..Chord::plain(Key::Char('s')) },
        '\u{15}' => Chord { ctrl: true, ..Chord::plain(Key::Char('u')) },
        '\u{18}' => Chord { ctrl: true, ..Chord::plain(Key::Char('x')) },
        '↓' => Chord::plain(Key::Down),
        '↑' => Chord::plain(Key::Up),
        c => Chord::plain(Key::Char(c)),
    };
    text.chars().map(key).fold(Vec::new(), |_, chord| app.on_key_in_library_search(chord, Timestamp(0)))
}

fn hit(id: &str) -> FoundMessage {
    FoundMessage {
        service: "sgp".to_owned(),
        thread_id: id.to_owned(),
        message_id: "m1".to_owned(),
        snippet: "a refund".to_owned(),
        hit: 2..8,
        ..FoundMessage::default()
    }
}

fn searched(effects: &[Effect]) -> (u64, SearchScope) {
    match effects {
        [Effect::SearchLibrary { id, scope, .. }] => (*id, *scope),
        other => panic!("{other:?}"),
    }
}

fn page(app: &App) -> &LibrarySearchPage {
    match &app.overlay {
        Some(Overlay::LibrarySearch(page)) => page,
        other => panic!("{other:?}"),
    }
}

fn open_app() -> App {
    let mut app = App::new(Prefs::default(), 100, 30);
    app.open_library_search();
    app
}

fn answer(app: &mut App, effects: &[Effect], threads: &[&str]) {
    let hits = threads.iter().map(|thread| hit(thread)).collect();
    app.on_library_searched(LibraryResults { id: searched(effects).0, hits, ..LibraryResults::default() });
}

#[test]
fn each_letter_searches_and_only_the_last_query_is_shown() {
    let mut app = open_app();
    let first = typed(&mut app, "r");
    let second = typed(&mut app, "e");
    answer(&mut app, &first, &["old"]);
    assert!(page(&app).hits.is_empty());
    answer(&mut app, &second, &["new"]);
    assert_eq!(page(&app).hits, [hit("new")]);
    let opened = typed(&mut app, "\n");
    assert!(app.overlay.is_none());
    let is_open = |effect: &Effect| matches!(effect, Effect::Open { source: Source::Thread(thread), .. } if thread.id == "new");
    assert!(opened.iter().any(is_open), "{opened:?}");
    // The page returns in its last state.
    app.open_library_search();
    assert_eq!(page(&app).hits, [hit("new")]);
}

#[test]
fn hits_stand_below_their_thread_and_the_selection_skips_threads() {
    let mut app = open_app();
    let effects = typed(&mut app, "re");
    answer(&mut app, &effects, &["a", "a", "b"]);
    let rows =
        [SearchRow::Thread(0), SearchRow::Hit(0), SearchRow::Hit(1), SearchRow::Thread(2), SearchRow::Hit(2)];
    assert_eq!(page(&app).rows, rows);
    let mut selected = vec![page(&app).selected];
    for key in ["↓", "↓", "↓", "↑", "↑", "↑"] {
        typed(&mut app, key);
        selected.push(page(&app).selected);
    }
    assert_eq!(selected, [1, 2, 4, 4, 2, 1, 1]);
}

#[test]
fn an_empty_result_leads_to_the_payloads_whose_hits_arrive_one_after_another() {
    let mut app = open_app();
    let effects = typed(&mut app, "re");
    answer(&mut app, &effects, &[]);
    let effects = typed(&mut app, "\n");
    let (id, scope) = searched(&effects);
    assert_eq!(scope, SearchScope::Payloads);
    answer(&mut app, &effects, &[]);
    for (thread, progress) in [("a", "1 of 2 threads"), ("b", "2 of 2 threads")] {
        app.on_library_searched(LibraryResults {
            id,
            hits: vec![hit(thread)],
            is_continued: true,
            is_running: thread == "a",
            progress: progress.to_owned(),
            ..LibraryResults::default()
        });
    }
    assert_eq!((page(&app).hits.len(), page(&app).progress.as_str()), (2, "2 of 2 threads"));
    assert!(!page(&app).is_running);
    // A further letter, and an empty line, search messages again.
    assert_eq!(searched(&typed(&mut app, "f")).1, SearchScope::Texts);
    assert_eq!(searched(&typed(&mut app, "\t")).1, SearchScope::Payloads);
    assert_eq!(searched(&typed(&mut app, "\u{15}")).1, SearchScope::Texts);
    assert_eq!(page(&app).query.text(), "");
}

#[test]
fn closing_the_page_stops_its_search_and_keeps_its_query() {
    let mut app = open_app();
    typed(&mut app, "re");
    let effects = app.on_key_in_library_search(Chord::plain(Key::Esc), Timestamp(0));
    assert!(matches!(effects.as_slice(), [Effect::StopLibrarySearch]), "{effects:?}");
    assert!(app.overlay.is_none());
    app.open_library_search();
    assert_eq!(page(&app).query.text(), "re");
}

#[test]
fn a_search_is_saved_under_a_name_and_run_again() {
    let mut app = open_app();
    typed(&mut app, "is:negative");
    let saved = typed(&mut app, "\u{13}wrong\n");
    let is_saved = |effect: &Effect| matches!(effect, Effect::SaveSearch { name, query: Some(query) } if name == "wrong" && query == "is:negative");
    assert!(saved.iter().all(is_saved) && saved.len() == 1, "{saved:?}");
    let mut app = open_app();
    let search = SavedSearch { name: "wrong".to_owned(), query: "is:negative".to_owned() };
    let id = page(&app).awaited;
    let results = LibraryResults { id, saved: vec![search], ..LibraryResults::default() };
    app.on_library_searched(results.clone());
    let run = typed(&mut app, "\n");
    assert!(matches!(run.as_slice(), [Effect::SearchLibrary { text, .. }] if text == "is:negative"));
    let mut app = open_app();
    app.on_library_searched(results);
    let removed = typed(&mut app, "\u{18}");
    assert!(matches!(removed.as_slice(), [Effect::SaveSearch { query: None, .. }]), "{removed:?}");
    assert!(page(&app).rows.is_empty());
}

#[test]
fn the_selected_hit_stays_when_the_same_query_is_searched_again() {
    let mut app = open_app();
    let effects = typed(&mut app, "re");
    answer(&mut app, &effects, &["a", "b", "c"]);
    typed(&mut app, "↓↓");
    assert_eq!(page(&app).selected_hit().map(|hit| hit.thread_id.as_str()), Some("c"));
    app.close_page();
    let effects = app.open_library_search();
    answer(&mut app, &effects, &["new", "a", "b", "c"]);
    assert_eq!(page(&app).selected_hit().map(|hit| hit.thread_id.as_str()), Some("c"));
    let effects = typed(&mut app, "f");
    answer(&mut app, &effects, &["b", "c"]);
    assert_eq!(page(&app).selected_hit().map(|hit| hit.thread_id.as_str()), Some("b"));
}

#[test]
fn hits_without_an_id_are_told_apart_when_the_same_query_is_searched_again() {
    let mut app = open_app();
    let said = |text: &str| FoundMessage { message_id: String::new(), snippet: text.to_owned(), ..hit("a") };
    let results = |app: &mut App, effects: &[Effect]| {
        let hits = ["one refund", "two refunds"].map(said).to_vec();
        app.on_library_searched(LibraryResults {
            id: searched(effects).0,
            hits,
            ..LibraryResults::default()
        });
    };
    let effects = typed(&mut app, "re");
    results(&mut app, &effects);
    typed(&mut app, "↓");
    assert_eq!(page(&app).selected_hit(), Some(&said("two refunds")));
    app.close_page();
    let effects = app.open_library_search();
    results(&mut app, &effects);
    assert_eq!(page(&app).selected_hit(), Some(&said("two refunds")));
}

#[test]
fn hits_of_another_account_have_their_own_thread_and_open_it_there() {
    let account = KeptAccount { base: "https://other.example".to_owned(), id: None };
    let mut app = open_app();
    let (id, _) = searched(&typed(&mut app, "refund"));
    let hits = vec![hit("a"), FoundMessage { account: Some(account.clone()), ..hit("a") }];
    app.on_library_searched(LibraryResults { id, hits, ..LibraryResults::default() });
    let threads = page(&app).rows.iter().filter(|row| matches!(row, SearchRow::Thread(_))).count();
    assert_eq!(threads, 2);
    let effects = typed(&mut app, "↓\n");
    let opened = effects.iter().find_map(|effect| match effect {
        Effect::Open { source, .. } => source.thread(),
        _ => None,
    });
    assert_eq!(opened.unwrap().account, Some(account));
}

#[test]
fn threads_that_are_added_to_the_index_are_searched_while_hits_may_be_missing() {
    let mut app = open_app();
    let indexed = |app: &mut App| app.update(Event::LibraryIndexed, Timestamp(0));
    assert!(indexed(&mut app).is_empty(), "no query");
    let typed = typed(&mut app, "r");
    let again = indexed(&mut app);
    assert!(searched(&again).0 > searched(&typed).0, "the search may have begun before");
    answer(&mut app, &again, &[]);
    let again = indexed(&mut app);
    answer(&mut app, &again, &["a"]);
    assert_eq!(page(&app).hits.len(), 1);
    assert!(indexed(&mut app).is_empty(), "hits are there");
}
