//! What a key costs while a large account arrives.

use std::sync::Arc;

use super::*;
use crate::action::Action;
use crate::app::Prefs;
use crate::app_loop::arrange::arrange_threads;
use crate::domain::ListedThread;
use crate::event::Event;
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

/// The page with one update of its listing applied.
fn page_with(threads: Vec<ListedThread>) -> App {
    let mut app = App::new(Prefs::default(), 120, 40);
    app.perform(Action::Browse, None, Timestamp(0));
    let effects = app.update(Event::PrepareFrame, Timestamp(0));
    let Some(Effect::List { id, .. }) = effects.first() else { panic!("{effects:?}") };
    app.update(Event::Listed { id: *id, update: ListUpdate::Threads(threads) }, Timestamp(0));
    arrange(&mut app);
    app
}

/// Performs the arranging that a frame asks for; returns the effects of its end.
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
    // The latest thread is not the one with the words.
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
    assert_eq!(app.browse_list().len, 50_000);
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
    assert!(notice(&app).contains("under way"), "{}", notice(&app));
    app.update(Event::ArchiveProgress("Archiving: 1 of 2 threads".to_owned()), Timestamp(0));
    assert!(notice(&app).contains("1 of 2"));
    app.update(end("Archived: 1 saved", false), Timestamp(0));
    assert_eq!(notice(&app), "Archived: 1 saved");
    // A late progress is dropped; marks are taken in the order of the list, also those that it does not show.
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
