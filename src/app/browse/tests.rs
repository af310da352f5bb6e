//! The page while a large account arrives: its rows, marks, search and states.

mod other_accounts;

use std::sync::Arc;

use super::*;
use crate::action::Action;
use crate::app::{App, Prefs};
use crate::app_loop::arrange::arrange_threads;
use crate::domain::{BodySummary, KeptAccount, ListedThread, Origin, Source};
use crate::effect::LibrarySubject;
use crate::event::{Event, FetchUpdate, FoundMessage, FoundThread, FoundThreads, Mouse, MouseKind};
use crate::keymap::{Chord, Key};

fn thread(number: u64) -> ListedThread {
    ListedThread {
        id: format!("{number:032x}"),
        title: format!("A question about order {number}"),
        user: Some(format!("user-{}", number % 900)),
        updated_at: Some(Timestamp(((number * 7_919) % 50_000) as i64)),
        ..ListedThread::default()
    }
}

fn lines(app: &App) -> OverlayList {
    app.browse.list_in_view(&app.browse_context())
}

/// Opens the page and applies one update of its listing.
fn page_with(threads: Vec<ListedThread>) -> App {
    let mut app = App::new(Prefs::default(), 120, 40);
    app.perform(Action::Browse, None, Timestamp(0));
    let effects = app.update(Event::PrepareFrame, Timestamp(0));
    let Some(Effect::List { id, .. }) = effects.first() else { panic!("{effects:?}") };
    app.update(Event::Listed { id: *id, update: ListUpdate::Threads(threads) }, Timestamp(0));
    arrange(&mut app);
    app
}

/// Performs the arranging that a frame requests; returns the effects of its end.
fn arrange(app: &mut App) -> Effects {
    let mut effects = Vec::new();
    for effect in app.update(Event::PrepareFrame, Timestamp(0)) {
        if let Effect::Arrange(request) = effect {
            let arrangement = Arc::new(arrange_threads(&request, &Default::default()).unwrap());
            effects.extend(app.update(Event::Arranged { id: request.id, arrangement }, Timestamp(0)));
        }
    }
    effects
}

fn type_keys(app: &mut App, keys: &str) -> Effects {
    let keys = keys.chars().map(|key| if key == '\n' { Key::Enter } else { Key::Char(key) });
    keys.flat_map(|key| app.update(Event::Key(Chord::plain(key)), Timestamp(0))).collect()
}

fn opened_id(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::Open { source: Source::Thread(thread), .. } => Some(thread.id.as_str()),
        _ => None,
    })
}

#[test]
fn keys_typed_ahead_wait_for_the_rows_that_they_are_for() {
    let mut app = page_with((0..9).map(thread).collect());
    // The latest thread does not have the words.
    assert!(opened_id(&type_keys(&mut app, "/order 3\n\n")).is_none());
    let effects = arrange(&mut app);
    assert_eq!(opened_id(&effects), Some(thread(3).id.as_str()));
    let mut app = page_with((0..9).map(thread).collect());
    type_keys(&mut app, "snj j\n");
    assert_eq!(opened_id(&arrange(&mut app)), Some(thread(3).id.as_str()));
}

#[test]
fn esc_drops_the_keys_typed_ahead() {
    let mut app = page_with((0..9).map(thread).collect());
    type_keys(&mut app, "sn\n");
    app.update(Event::Key(Chord::plain(Key::Esc)), Timestamp(0));
    assert!(!app.browse.is_open && opened_id(&arrange(&mut app)).is_none());
}

#[test]
fn one_arranging_at_a_time_runs_for_rows_that_arrive_and_a_key_does_not_wait_for_it() {
    let mut app = App::new(Prefs::default(), 120, 40);
    let now = Timestamp(0);
    app.perform(Action::Browse, None, now);
    let effects = app.update(Event::PrepareFrame, now);
    let Some(Effect::List { id, .. }) = effects.first() else { panic!("{effects:?}") };
    let mut requests = Vec::new();
    for batch in 0..50 {
        let threads = (batch * 1000..(batch + 1) * 1000).map(thread).collect();
        app.update(Event::Listed { id: *id, update: ListUpdate::Threads(threads) }, now);
        for effect in app.update(Event::PrepareFrame, now) {
            if let Effect::Arrange(request) = effect {
                requests.push(request);
            }
        }
    }
    assert_eq!(requests.len(), 1);
    app.update(Event::Key(Chord::plain(Key::Char('j'))), now);
    app.update(Event::Key(Chord::plain(Key::Char('s'))), now);
    app.update(Event::Key(Chord::plain(Key::Char('n'))), now);
    let effects = app.update(Event::PrepareFrame, now);
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Arrange(request) => Some(request),
        _ => None,
    });
    let request = request.unwrap();
    let arrangement = Arc::new(arrange_threads(request, &Default::default()).unwrap());
    app.update(Event::Arranged { id: request.id, arrangement }, now);
    assert_eq!(lines(&app).len, 50_000);
    assert!(app.update(Event::PrepareFrame, now).iter().all(|effect| !matches!(effect, Effect::Arrange(_))));
}

fn archived_ids(effects: &[Effect]) -> Vec<String> {
    let mut ids = Vec::new();
    for effect in effects {
        if let Effect::Archive(request) = effect {
            let rows = request.indices.iter().map(|index| request.table.get(*index).unwrap());
            ids.extend(rows.map(|row| row.thread.id.clone()));
        }
    }
    ids
}

fn notice(app: &App) -> &str {
    app.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn one_archive_run_at_a_time_takes_the_marked_threads_or_the_selected_one() {
    let end = |text: &str, is_warning| Event::ArchiveEnded { text: text.to_owned(), is_warning };
    let mut app = page_with((0..9).map(thread).collect());
    let selected = app.browse.list().unwrap().selected().unwrap().thread.id.clone();
    assert_eq!(archived_ids(&type_keys(&mut app, "A")), [selected]);
    assert_eq!(notice(&app), "Archiving 1 thread");
    assert!(archived_ids(&type_keys(&mut app, "jA")).is_empty());
    assert!(notice(&app).contains("in progress"), "{}", notice(&app));
    app.update(Event::ArchiveProgress("Archiving: 1 of 2 threads".to_owned()), Timestamp(0));
    assert!(notice(&app).contains("1 of 2"));
    app.update(end("Archived: 1 saved", false), Timestamp(0));
    assert_eq!(notice(&app), "Archived: 1 saved");
    // Late progress is dropped; marked threads are used in the order of the list, then those that it does not show.
    app.update(Event::ArchiveProgress("late".to_owned()), Timestamp(0));
    assert_eq!(notice(&app), "Archived: 1 saved");
    type_keys(&mut app, "*/order 3\n");
    arrange(&mut app);
    let ids = archived_ids(&type_keys(&mut app, "A"));
    assert_eq!((ids.len(), &ids[0]), (9, &thread(3).id));
    app.update(end("Not archived: no key", true), Timestamp(0));
    app.update(Event::ArchiveProgress("late".to_owned()), Timestamp(0));
    assert_eq!(notice(&app), "Not archived: no key");
}

#[test]
fn without_a_thread_nothing_is_archived() {
    let mut app = page_with(Vec::new());
    assert!(archived_ids(&type_keys(&mut app, "A")).is_empty());
    assert_eq!(notice(&app), "No thread to archive here");
}

/// Returns the number and the words of the last search that a frame requests.
fn requested_search(effects: &[Effect]) -> Option<(u64, String)> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::FindThreads(request) => Some((request.id, request.words.clone())),
        _ => None,
    })
}

/// Performs the arranging that a frame requests; returns the search.
fn arrange_and_search(app: &mut App) -> Option<(u64, String)> {
    let effects = app.update(Event::PrepareFrame, Timestamp(0));
    for effect in &effects {
        if let Effect::Arrange(request) = effect {
            let arrangement = Arc::new(arrange_threads(request, &Default::default()).unwrap());
            app.update(Event::Arranged { id: request.id, arrangement }, Timestamp(0));
        }
    }
    requested_search(&effects)
}

fn found(number: u64) -> FoundThread {
    let message = FoundMessage {
        service: "sgp".to_owned(),
        thread_id: thread(number).id,
        message_id: "m7".to_owned(),
        snippet: "said it".to_owned(),
        hit: 0..4,
        ..FoundMessage::default()
    };
    FoundThread { thread: thread(number), saved: SavedState::Saved, message }
}

fn find(app: &mut App, id: u64, numbers: &[u64]) {
    let threads = numbers.iter().map(|number| found(*number)).collect();
    let found = FoundThreads { id, threads, ..FoundThreads::default() };
    app.update(Event::ThreadsFound(Box::new(found)), Timestamp(0));
}

/// Returns the number and the line on the screen of the selected thread.
fn selected(app: &App) -> (u64, usize) {
    let selected = app.browse.selected().unwrap().thread.id.clone();
    let view = lines(app);
    (u64::from_str_radix(&selected, 16).unwrap(), view.selected - view.offset)
}

#[test]
fn threads_found_in_what_was_said_stand_below_the_list_each_once() {
    let mut app = page_with((0..9).map(thread).collect());
    type_keys(&mut app, "/order 3\n");
    let (id, words) = arrange_and_search(&mut app).unwrap();
    assert_eq!(words, "order 3");
    // The title of 3 has the words, so it is in the list; 77 is not.
    find(&mut app, id, &[3, 5, 77, 8]);
    assert_eq!((lines(&app).len, selected(&app)), (1 + 1 + 3 * 2, (3, 0)));
    let mut seen = vec![selected(&app)];
    for _ in 0..3 {
        type_keys(&mut app, "j");
        seen.push(selected(&app));
    }
    assert_eq!(seen, [(3, 0), (5, 2), (77, 4), (8, 6)]);
    type_keys(&mut app, "gg");
    assert_eq!(selected(&app), (3, 0));
    type_keys(&mut app, "Gk");
    assert_eq!(selected(&app), (77, 4));
    let effects = type_keys(&mut app, "\n");
    assert_eq!(opened_id(&effects), Some(thread(77).id.as_str()));
    assert!(app.detail.pending_navigation.is_some());
    // Its neighbours are those of the list.
    assert_eq!(opened_id(&type_keys(&mut app, "]t")), Some(thread(8).id.as_str()));
    assert_eq!(opened_id(&type_keys(&mut app, "[t[t[t")), Some(thread(77).id.as_str()));
}

#[test]
fn an_empty_search_for_what_was_said_is_repeated_when_threads_were_indexed() {
    let mut app = page_with((0..9).map(thread).collect());
    type_keys(&mut app, "/lamp\n");
    let (id, _) = arrange_and_search(&mut app).unwrap();
    let problem = "No hit in messages yet; 1 thread to index".to_owned();
    let found = FoundThreads { id, problem, ..FoundThreads::default() };
    app.update(Event::ThreadsFound(Box::new(found)), Timestamp(0));
    assert_eq!(arrange_and_search(&mut app), None);
    app.update(Event::LibraryIndexed, Timestamp(0));
    let (id, words) = arrange_and_search(&mut app).unwrap();
    assert_eq!(words, "lamp");
    find(&mut app, id, &[77]);
    app.update(Event::LibraryIndexed, Timestamp(0));
    assert_eq!(arrange_and_search(&mut app), None, "it found something");
}

#[test]
fn found_threads_and_new_rows_leave_the_selected_thread_on_its_line() {
    let mut app = page_with((0..9).map(thread).collect());
    let listing = app.browse.list().unwrap().listing;
    type_keys(&mut app, "/order\n");
    let (id, _) = arrange_and_search(&mut app).unwrap();
    type_keys(&mut app, "jjj");
    let before = selected(&app);
    find(&mut app, id, &[100, 101, 102]);
    assert_eq!(selected(&app), before);
    type_keys(&mut app, "Gk");
    let before = selected(&app);
    assert_eq!(before.0, 101);
    // The first rows have fewer rows above them than fit on the screen; after them, the line stays.
    let more = (200..240).map(thread).collect();
    app.update(Event::Listed { id: listing, update: ListUpdate::Threads(more) }, Timestamp(0));
    assert!(arrange_and_search(&mut app).is_none());
    let line = selected(&app);
    assert_eq!(line.0, 101);
    let more = (300..320).map(thread).collect();
    app.update(Event::Listed { id: listing, update: ListUpdate::Threads(more) }, Timestamp(0));
    arrange(&mut app);
    assert_eq!(selected(&app), line);
    // A found thread that arrives in the list is not shown twice.
    let len = lines(&app).len;
    app.update(Event::Listed { id: listing, update: ListUpdate::Threads(vec![thread(101)]) }, Timestamp(0));
    arrange(&mut app);
    assert_eq!((selected(&app).0, lines(&app).len), (101, len - 1));
}

#[test]
fn each_change_of_the_words_is_searched_once_and_a_late_answer_is_dropped() {
    let mut app = page_with((0..9).map(thread).collect());
    assert!(arrange_and_search(&mut app).is_none());
    type_keys(&mut app, "/or");
    let (first, _) = arrange_and_search(&mut app).unwrap();
    type_keys(&mut app, "d");
    let (second, words) = arrange_and_search(&mut app).unwrap();
    assert!(first != second && words == "ord");
    assert!(arrange_and_search(&mut app).is_none());
    find(&mut app, first, &[50]);
    assert_eq!(lines(&app).len, 9);
    find(&mut app, second, &[51]);
    assert_eq!(lines(&app).len, 9 + 1 + 2);
    // No words, no search.
    type_keys(&mut app, "\n");
    app.update(Event::Key(Chord::plain(Key::Esc)), Timestamp(0));
    let effects = app.update(Event::PrepareFrame, Timestamp(0));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::StopFindingThreads)), "{effects:?}");
    arrange(&mut app);
    assert_eq!(lines(&app).len, 9);
}

#[test]
fn found_threads_are_marked_copied_and_scrolled_like_others() {
    let mut app = page_with((0..9).map(thread).collect());
    type_keys(&mut app, "/order 3\n");
    let (id, _) = arrange_and_search(&mut app).unwrap();
    let numbers: Vec<u64> = (0..9).chain(100..140).collect();
    find(&mut app, id, &numbers);
    let copied = |effects: &[Effect]| match effects {
        [Effect::Copy(clip)] => clip.text.clone(),
        other => panic!("{other:?}"),
    };
    type_keys(&mut app, "j");
    assert_eq!(copied(&type_keys(&mut app, "yi")), format!("sgp:{}", thread(0).id));
    // Only threads that were listed can be marked.
    type_keys(&mut app, "  ");
    assert_eq!(copied(&type_keys(&mut app, "yi")).lines().count(), 2);
    type_keys(&mut app, "**");
    assert_eq!(app.browse.list().unwrap().marks.len(), 0);
    type_keys(&mut app, "*");
    assert_eq!(app.browse.list().unwrap().marks.len(), 9);
    let view = lines(&app);
    for kind in [MouseKind::WheelDown, MouseKind::WheelUp] {
        for _ in 0..60 {
            app.update(Event::Mouse(Mouse { kind, column: 80, row: 10 }), Timestamp(0));
            let view = lines(&app);
            assert!(
                view.selected >= view.offset && view.selected < view.offset + usize::from(view.area.height)
            );
        }
    }
    assert_eq!(lines(&app).offset, 0);
    // A click on either line of a found thread selects it; a second one opens it.
    let mut click = |line: u16| {
        let (column, row) = (view.area.x + 5, view.area.y + line);
        app.update(Event::Mouse(Mouse { kind: MouseKind::Press, column, row }), Timestamp(0))
    };
    assert!(opened_id(&click(5)).is_none());
    assert_eq!(opened_id(&click(4)), Some(thread(1).id.as_str()));
}

#[test]
fn words_that_name_no_thread_select_the_first_found_one() {
    let mut app = page_with((0..9).map(thread).collect());
    type_keys(&mut app, "/zzyzx\n");
    let (id, _) = arrange_and_search(&mut app).unwrap();
    find(&mut app, id, &[5, 6]);
    assert_eq!(selected(&app), (5, 1));
    assert_eq!(lines(&app).offset, 0);
    type_keys(&mut app, "Ggg");
    assert_eq!((selected(&app), lines(&app).offset), ((5, 1), 0));
    assert_eq!(opened_id(&type_keys(&mut app, "\n")), Some(thread(5).id.as_str()));
}

#[test]
fn a_filter_by_notes_selects_anew_when_a_note_changes() {
    let note_changes = |app: &mut App| {
        let thread = ThreadRef::new("sgp", thread(3).id);
        app.update(Event::NotesRead { thread, notes: Arc::default() }, Timestamp(0));
        let effects = app.update(Event::PrepareFrame, Timestamp(0));
        effects.iter().any(|effect| matches!(effect, Effect::Arrange(_)))
    };
    let mut app = page_with((0..9).map(thread).collect());
    assert!(!note_changes(&mut app));
    type_keys(&mut app, "fnoted:yes\n");
    arrange(&mut app);
    assert_eq!(lines(&app).len, 0);
    assert!(note_changes(&mut app));
}

#[test]
fn marked_threads_are_exported_and_kept_ones_are_not_fetched() {
    let mut app = page_with((0..4).map(thread).collect());
    let states = vec![(thread(2).id, SavedState::Saved), (thread(1).id, SavedState::Read)];
    app.update(Event::SavedStates { service: app.browse.service().unwrap(), states }, Timestamp(0));
    arrange(&mut app);
    let effects = type_keys(&mut app, "*xj\n");
    let exports: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::ExportThreads(export) => Some(export),
            _ => None,
        })
        .collect();
    let [export] = exports.as_slice() else { panic!("{effects:?}") };
    let kept: Vec<_> =
        export.threads.iter().filter(|thread| thread.is_kept).map(|to| to.thread.id.clone()).collect();
    assert_eq!((export.threads.len(), kept), (4, vec![thread(2).id]));
    assert_eq!(export.format, crate::export::ExportFormat::ALL[1]);
    assert!(notice(&app).contains("4 threads"), "{}", notice(&app));
    let mut empty = page_with(Vec::new());
    type_keys(&mut empty, "x");
    assert!(empty.overlay.is_none() && notice(&empty) == "No thread to export here");
}

#[test]
fn the_saved_threads_of_the_list_are_analysed_by_their_rows() {
    let mut app = page_with((0..9).map(thread).collect());
    assert!(type_keys(&mut app, "p").is_empty() && notice(&app).contains("None of these threads"));
    let states = [2, 5].map(|number| (thread(number).id, SavedState::Saved)).to_vec();
    app.update(Event::SavedStates { service: "sgp", states }, Timestamp(0));
    arrange(&mut app);
    let effects = type_keys(&mut app, "p");
    let [Effect::AnalyseLibrary { subject: LibrarySubject::Listed(chosen), .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!((chosen.account.service, chosen.rows().count()), ("sgp", 9));
}

#[test]
fn a_state_that_comes_before_its_thread_is_shown_with_it() {
    let mut app = page_with(vec![thread(1)]);
    let service = app.browse.service().unwrap();
    let states = vec![(thread(2).id, SavedState::Read)];
    app.update(Event::SavedStates { service, states }, Timestamp(0));
    let id = app.browse.list().unwrap().listing;
    app.update(Event::Listed { id, update: ListUpdate::Threads(vec![thread(2)]) }, Timestamp(0));
    let rows = app.browse.list().unwrap().table.shown();
    let states: Vec<_> = rows.map(|(_, row)| (row.thread.id.clone(), row.saved)).collect();
    assert_eq!(states, [(thread(1).id, SavedState::NotSaved), (thread(2).id, SavedState::Read)]);
}

#[test]
fn esc_at_the_prompt_returns_to_the_selected_thread_although_the_words_stay() {
    let mut app = page_with((0..9).map(thread).collect());
    type_keys(&mut app, "/order 3\n");
    let (id, _) = arrange_and_search(&mut app).unwrap();
    find(&mut app, id, &[5, 77, 8]);
    for moves in ["", "j", "jj"] {
        type_keys(&mut app, "gg");
        type_keys(&mut app, moves);
        let before = selected(&app);
        let message = app.browse.selected().unwrap().message.cloned();
        type_keys(&mut app, "/");
        for key in [Key::Down, Key::Esc] {
            app.update(Event::Key(Chord::plain(key)), Timestamp(0));
        }
        assert_eq!(selected(&app), before);
        assert_eq!(app.browse.selected().unwrap().message.cloned(), message);
    }
}

#[test]
fn a_list_that_is_left_for_a_neighbour_of_another_service_is_arranged_when_it_comes_back() {
    let mut app = page_with(vec![thread(1)]);
    let (first, id) = (app.browse.service().unwrap(), app.browse.list().unwrap().listing);
    let other = if first == "sgp" { "camelai" } else { "sgp" };
    app.browse.show_group(AccountRef::in_use(other), ThreadGroup::All);
    app.update(Event::PrepareFrame, Timestamp(0));
    let other_id = app.browse.list().unwrap().listing;
    app.update(
        Event::Listed { id: other_id, update: ListUpdate::Threads(vec![thread(2), thread(3)]) },
        Timestamp(0),
    );
    arrange(&mut app);
    type_keys(&mut app, "gg\n");
    app.browse.show_group(AccountRef::in_use(first), ThreadGroup::All);
    app.browse.is_open = true;
    app.update(Event::Listed { id, update: ListUpdate::Threads(vec![thread(4)]) }, Timestamp(0));
    let requests_arranging = |app: &mut App| {
        let effects = app.update(Event::PrepareFrame, Timestamp(0));
        effects.iter().any(|effect| matches!(effect, Effect::Arrange(_)))
    };
    assert!(requests_arranging(&mut app));
    app.open_neighbour(Direction::Forward, None, Timestamp(0));
    assert_eq!(app.browse.service(), Some(other));
    app.browse.show_group(AccountRef::in_use(first), ThreadGroup::All);
    assert!(requests_arranging(&mut app));
}

#[test]
fn a_kept_list_that_arrives_after_the_complete_one_has_threads_that_are_gone() {
    let mut app = page_with(vec![thread(1)]);
    let id = app.browse.list().unwrap().listing;
    let service = app.browse.service().unwrap();
    let early = vec![(thread(3).id, SavedState::Read)];
    app.update(Event::SavedStates { service, states: early }, Timestamp(0));
    let end = ListUpdate::Ended { is_complete: true, notes: Vec::new() };
    app.update(Event::Listed { id, update: end }, Timestamp(0));
    let states = [SavedState::Saved, SavedState::NotSaved, SavedState::NotSaved];
    let threads = (2..).map(thread).zip(states).collect();
    let kept = Box::new(KeptList { threads, ..KeptList::default() });
    app.update(Event::Kept { id, kept }, Timestamp(0));
    let rows = app.browse.list().unwrap().table.shown();
    let states: Vec<_> = rows.map(|(_, row)| (row.thread.id.clone(), row.saved)).collect();
    let expected = [(1, SavedState::NotSaved), (2, SavedState::Gone), (3, SavedState::Read)];
    assert_eq!(states, expected.map(|(number, state)| (thread(number).id, state)));
}

#[test]
fn a_found_thread_has_its_latest_state() {
    let mut app = page_with((0..9).map(thread).collect());
    type_keys(&mut app, "/order 3\n");
    let (id, _) = arrange_and_search(&mut app).unwrap();
    find(&mut app, id, &[5]);
    type_keys(&mut app, "j");
    assert_eq!(app.browse.selected().unwrap().saved, SavedState::Saved);
    let states = vec![(thread(5).id, SavedState::Changed)];
    app.update(Event::SavedStates { service: app.browse.service().unwrap(), states }, Timestamp(0));
    assert_eq!(app.browse.selected().unwrap().saved, SavedState::Changed);
}
