use std::fs;
use std::io::Read;

use tempfile::TempDir;

use super::run_log::UnfinishedRun;
use super::*;
use crate::domain::{ListedThread, NoteEdit, NotePlace, SavedState, ThreadRef, Timestamp};

struct Fixture {
    folder: TempDir,
    library: Library,
    account: Account,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("library")).unwrap();
    Fixture { library, folder, account: Account::new("sgp", "https://h.example", Some("acc")) }
}

fn thread(id: &str, updated_at: i64) -> ListedThread {
    ListedThread {
        id: id.to_owned(),
        title: format!("Title of {id}"),
        user: Some("ana".to_owned()),
        created_at: Timestamp::parse("2026-08-01T09:00:00Z"),
        updated_at: Some(Timestamp(updated_at)),
        ..ListedThread::default()
    }
}

fn facts(message_count: u64, unreadable_count: u64) -> BodyFacts {
    BodyFacts { message_count, unreadable_count, has_spans: Some(true) }
}

impl Fixture {
    fn keep(&mut self, thread: &ListedThread, body: &[u8], facts: BodyFacts) -> KeepOutcome {
        let mut writer = self.library.start_body().unwrap();
        writer.write(body).unwrap();
        let body = writer.finish().unwrap();
        let fetched = FetchedBody { body, facts, fetched_at: Timestamp(7) };
        self.library.keep(&self.account, thread, fetched).unwrap()
    }

    fn body_of(&self, id: &str) -> Vec<u8> {
        let kept = self.library.find(&self.account, id).unwrap().unwrap().revision.unwrap();
        let mut bytes = Vec::new();
        open_packed(&self.library.body_path(&kept)).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn record(&self, log: &mut RunLog, thread: &ListedThread, outcome: ArchiveOutcome) {
        let revision = self.library.find(&self.account, &thread.id).unwrap().unwrap().revision;
        let record = RunRecord {
            thread: thread.clone(),
            is_listed: false,
            outcome,
            at: Timestamp(7),
            reason: None,
            requests: 1,
            revision,
        };
        log.record(&record).unwrap();
    }

    fn everything(&self) -> Vec<(KeptThread, Vec<Revision>)> {
        let threads = self.library.threads(&ThreadSelection::default()).unwrap();
        let revisions =
            |thread: &KeptThread| self.library.revisions(&thread.account, &thread.listed.id).unwrap();
        threads.into_iter().map(|thread| (thread.clone(), revisions(&thread))).collect()
    }

    /// Returns the bytes of all files.
    fn all_bytes(&self) -> Vec<u8> {
        let (mut bytes, mut folders) = (Vec::new(), vec![self.folder.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    bytes.extend(fs::read(entry.path()).unwrap());
                }
            }
        }
        bytes
    }
}

#[test]
fn a_body_of_any_size_is_restored_byte_for_byte() {
    let mut fixture = fixture();
    for (index, size) in [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000].into_iter().enumerate() {
        let body: Vec<u8> = (0..size).map(|byte: usize| (byte / 3 % 251) as u8).collect();
        let id = format!("thread-{index}");
        assert!(matches!(fixture.keep(&thread(&id, 1), &body, facts(1, 0)), KeepOutcome::Saved(_)));
        assert_eq!(fixture.body_of(&id), body, "{size} bytes");
    }
    let report = fixture.library.check(CheckDepth::Content, &mut |_, _| {}).unwrap();
    assert_eq!((report.intact, report.is_clean()), (6, true));
}

#[test]
fn a_changed_body_is_a_revision_and_an_equal_or_worse_one_is_not() {
    let mut fixture = fixture();
    let first = thread("one", 1);
    assert!(matches!(fixture.keep(&first, b"first", facts(2, 0)), KeepOutcome::Saved(_)));
    assert!(matches!(fixture.keep(&first, b"first", facts(2, 0)), KeepOutcome::Unchanged(_)));
    assert!(matches!(fixture.keep(&first, b"cut", facts(1, 0)), KeepOutcome::Worse(_)));
    assert!(matches!(fixture.keep(&first, b"unreadable", facts(2, 1)), KeepOutcome::Worse(_)));
    let without_spans = BodyFacts { has_spans: Some(false), ..facts(2, 0) };
    assert!(matches!(fixture.keep(&first, b"no spans", without_spans), KeepOutcome::Worse(_)));
    assert_eq!(fixture.body_of("one"), b"first");
    assert!(matches!(fixture.keep(&thread("one", 2), b"second", facts(3, 0)), KeepOutcome::Changed(_)));
    assert_eq!(fixture.body_of("one"), b"second");
    assert_eq!(fixture.library.revisions(&fixture.account, "one").unwrap().len(), 2);
    fixture.library.prune(1).unwrap();
    assert_eq!(fixture.library.revisions(&fixture.account, "one").unwrap().len(), 1);
    assert_eq!(fixture.body_of("one"), b"second");
    assert!(fixture.library.check(CheckDepth::Content, &mut |_, _| {}).unwrap().is_clean());
}

#[test]
fn the_list_decides_whether_a_saved_thread_has_changed_or_is_gone() {
    let mut fixture = fixture();
    let state = |fixture: &Fixture| fixture.library.find(&fixture.account, "one").unwrap().unwrap().state();
    let account = fixture.account.clone();
    fixture.library.record_listed(&account, &[thread("one", 1), thread("two", 1)]).unwrap();
    assert_eq!(state(&fixture), SavedState::NotSaved);
    fixture.keep(&thread("one", 1), b"body", facts(1, 0));
    assert_eq!(state(&fixture), SavedState::Saved);
    fixture.library.record_listed(&account, &[thread("one", 2)]).unwrap();
    assert_eq!(state(&fixture), SavedState::Changed);
    // Of another user: it was never in a list.
    fixture.keep(&thread("theirs", 1), b"body", facts(1, 0));
    let gone = fixture.library.record_complete_list(&account, &|id| id == "two", Timestamp(9)).unwrap();
    assert_eq!(gone, ["one"]);
    assert_eq!(state(&fixture), SavedState::Gone);
    assert_eq!(fixture.body_of("one"), b"body");
    let kept = fixture.library.kept_list(&account).unwrap().unwrap();
    let states: Vec<_> = kept.threads.iter().map(|(thread, state)| (thread.id.as_str(), *state)).collect();
    assert_eq!(kept.listed_at, Some(Timestamp(9)));
    assert_eq!(states.len(), 3);
    assert!(states.contains(&("one", SavedState::Gone)) && states.contains(&("two", SavedState::NotSaved)));
    fixture.library.record_listed(&account, &[thread("one", 2)]).unwrap();
    assert_eq!(state(&fixture), SavedState::Changed);
}

#[test]
fn equal_ids_of_two_hosts_or_accounts_are_two_threads() {
    let mut fixture = fixture();
    for (base, id) in
        [("https://a", None), ("https://b", None), ("https://a", Some("x")), ("https://a", Some("y"))]
    {
        fixture.account = Account::new("camelai", base, id);
        let body = format!("{base} {id:?}");
        assert!(matches!(
            fixture.keep(&thread("17", 1), body.as_bytes(), facts(1, 0)),
            KeepOutcome::Saved(_)
        ));
        assert_eq!(fixture.body_of("17"), body.as_bytes());
    }
}

#[test]
fn a_lost_catalogue_is_made_again_from_the_files() {
    let mut fixture = fixture();
    let account = fixture.account.clone();
    let mut log = RunLog::start(&fixture.library, &account, Timestamp(5)).unwrap();
    for id in ["one", "two", "../three"] {
        fixture.keep(&thread(id, 1), id.as_bytes(), facts(1, 0));
        fixture.record(&mut log, &thread(id, 1), ArchiveOutcome::Saved);
    }
    fixture.keep(&thread("one", 2), b"changed", facts(2, 0));
    fixture.record(&mut log, &thread("one", 2), ArchiveOutcome::Changed);
    log.end(Timestamp(8)).unwrap();
    let before = fixture.everything();
    let folder = fixture.library.folder().to_owned();
    drop(std::mem::replace(
        &mut fixture.library,
        Library::open(&tempfile::tempdir().unwrap().keep()).unwrap(),
    ));
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("library.db") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    fixture.library = Library::open(&folder).unwrap();
    assert_eq!(fixture.everything(), before);
    assert_eq!(fixture.body_of("one"), b"changed");
}

#[test]
fn a_crash_during_archiving_loses_and_duplicates_nothing() {
    let mut fixture = fixture();
    fixture.keep(&thread("one", 1), b"one", facts(1, 0));
    let folder = fixture.library.folder().to_owned();
    // Moved into place, but not yet listed; and a line cut off while it was written.
    let manifest = folder.join("manifest-sha256.txt");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.split_at(text.len() / 2).0).unwrap();
    let library = Library::open(&folder).unwrap();
    assert_eq!(fs::read_to_string(&manifest).unwrap(), "");
    let report = library.check(CheckDepth::Content, &mut |_, _| {}).unwrap();
    assert_eq!((report.added.len(), report.intact, report.is_clean()), (1, 1, true));
    fixture.library = library;
}

#[test]
fn an_unfinished_run_is_continued_and_a_finished_one_is_not() {
    let fixture = fixture();
    let start = |at| RunLog::start(&fixture.library, &fixture.account, Timestamp(at)).unwrap();
    assert_eq!(fixture.library.unfinished_run(&fixture.account), None);
    start(1_000_000).end(Timestamp(2_000_000)).unwrap();
    assert_eq!(fixture.library.unfinished_run(&fixture.account), None);
    drop(start(3_000_000));
    drop(start(4_000_000));
    let unfinished = UnfinishedRun { started_at: Timestamp(3_000_000) };
    assert_eq!(fixture.library.unfinished_run(&fixture.account), Some(unfinished));
    let other = Account::new("sgp", "https://h.example", Some("acc-2"));
    assert_eq!(fixture.library.unfinished_run(&other), None);
    start(5_000_000).end(Timestamp(6_000_000)).unwrap();
    assert_eq!(fixture.library.unfinished_run(&fixture.account), None);
}

#[test]
fn a_forgotten_thread_leaves_no_trace_but_a_hash() {
    let mut fixture = fixture();
    let account = fixture.account.clone();
    let mut log = RunLog::start(&fixture.library, &account, Timestamp(5)).unwrap();
    let mut secret = thread("secret-thread-id", 1);
    secret.title = "Very private title".to_owned();
    fixture.keep(&secret, b"private words in the body", facts(1, 0));
    fixture.record(&mut log, &secret, ArchiveOutcome::Saved);
    fixture.keep(&thread("other", 1), b"other", facts(1, 0));
    fixture.record(&mut log, &thread("other", 1), ArchiveOutcome::Saved);
    log.end(Timestamp(8)).unwrap();
    let kept = fixture.library.find(&account, &secret.id).unwrap().unwrap();
    let report = fixture.library.forget(&[kept], Timestamp(9)).unwrap();
    assert_eq!((report.threads, report.bodies), (1, 1));
    let bytes = fixture.all_bytes();
    for phrase in ["secret-thread-id", "Very private title", "private words"] {
        assert!(memchr::memmem::find(&bytes, phrase.as_bytes()).is_none(), "{phrase}");
    }
    assert!(fixture.library.forgotten_threads().contains(&account, &secret.id));
    assert_eq!(fixture.body_of("other"), b"other");
    assert!(fixture.library.check(CheckDepth::Content, &mut |_, _| {}).unwrap().is_clean());
    let report = fixture.library.rebuild().unwrap();
    assert_eq!((report.threads, report.revisions, report.unknown_bodies), (1, 1, 0));
}

#[test]
fn damage_is_found() {
    let mut fixture = fixture();
    for id in ["one", "two", "three"] {
        fixture.keep(&thread(id, 1), id.as_bytes(), facts(1, 0));
    }
    let path_of = |fixture: &Fixture, id: &str| {
        let kept = fixture.library.find(&fixture.account, id).unwrap().unwrap();
        fixture.library.body_path(&kept.revision.unwrap())
    };
    let mut bytes = fs::read(path_of(&fixture, "one")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(path_of(&fixture, "one"), bytes).unwrap();
    fs::remove_file(path_of(&fixture, "two")).unwrap();
    let report = fixture.library.check(CheckDepth::Presence, &mut |_, _| {}).unwrap();
    assert_eq!((report.intact, report.missing.len(), report.damaged.len()), (2, 1, 0));
    let report = fixture.library.check(CheckDepth::Content, &mut |_, _| {}).unwrap();
    assert_eq!((report.intact, report.missing.len(), report.damaged.len()), (1, 1, 1));
}

#[test]
fn a_library_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bag-info.txt"), "Unspool-Library-Version: 2\n").unwrap();
    assert!(matches!(Library::open(folder.path()), Err(LibraryError::Newer(2))));
    assert!(!folder.path().join("library.db").exists());
}

#[test]
fn one_archiver_at_a_time_has_an_account() {
    let fixture = fixture();
    let held = fixture.library.lock_account(&fixture.account).unwrap();
    assert!(held.is_some());
    assert!(fixture.library.lock_account(&fixture.account).unwrap().is_none());
    let other = Account::new("camelai", "https://h.example", None);
    assert!(fixture.library.lock_account(&other).unwrap().is_some());
    drop(held);
    assert!(fixture.library.lock_account(&fixture.account).unwrap().is_some());
}

#[test]
fn unforgetting_a_thread_allows_archiving_it_again() {
    let mut fixture = fixture();
    fixture.keep(&thread("one", 1), b"body", facts(1, 0));
    fixture.keep(&thread("two", 1), b"body of two", facts(1, 0));
    let threads = fixture.library.threads(&ThreadSelection::default()).unwrap();
    fixture.library.forget(&threads, Timestamp(9)).unwrap();
    let other = Account::new("sgp", "https://h.example", Some("other"));
    assert!(fixture.library.unforget(std::slice::from_ref(&other), "one").unwrap().is_empty());
    let accounts = [other, fixture.account.clone()];
    assert_eq!(fixture.library.unforget(&accounts, "one").unwrap(), ["1970-01-01T00:00:00.000009Z"]);
    let forgotten = fixture.library.forgotten_threads();
    assert!(!forgotten.contains(&fixture.account, "one") && forgotten.contains(&fixture.account, "two"));
}

fn bookmark(thread_id: &str) -> NoteEdit {
    NoteEdit {
        thread: ThreadRef::new("sgp", thread_id),
        title: String::new(),
        place: NotePlace { message_id: "m".to_owned(), span_id: None },
        excerpt: String::new(),
        text: Some(String::new()),
    }
}

#[test]
fn a_thread_that_gets_a_note_while_old_ones_are_selected_does_not_expire() {
    let mut fixture = fixture();
    let (account, folder) = (fixture.account.clone(), fixture.library.folder().to_owned());
    for id in ["1", "2"] {
        fixture.keep(&thread(id, 10), format!("body of {id}").as_bytes(), facts(1, 0));
    }
    let note_on_the_first = |id: &str| {
        if id == "2" {
            let mut library = Library::open(&folder).unwrap();
            library.write_note(&account, &bookmark("1"), Timestamp(5)).unwrap();
        }
        false
    };
    let report = fixture.library.expire(&account, Timestamp(20), &note_on_the_first).unwrap();
    assert_eq!(report.threads, 1);
    let threads = fixture.library.threads(&ThreadSelection::default()).unwrap();
    assert_eq!(threads.iter().map(|thread| thread.listed.id.as_str()).collect::<Vec<_>>(), ["1"]);
}

#[test]
fn threads_expire_by_their_last_change_unless_they_are_noted_named_or_of_another_account() {
    let mut fixture = fixture();
    let account = fixture.account.clone();
    for id in ["old", "noted", "named"] {
        fixture.keep(&thread(id, 10), format!("body of {id}").as_bytes(), facts(1, 0));
    }
    fixture.keep(&thread("new", 20), b"body of new", facts(1, 0));
    let undated = ListedThread { updated_at: None, created_at: None, ..thread("undated", 0) };
    fixture.keep(&undated, b"body without a time", facts(1, 0));
    fixture.account = Account::new("sgp", "https://h.example", Some("other"));
    fixture.keep(&thread("other", 10), b"body of another account", facts(1, 0));
    fixture.library.write_note(&account, &bookmark("noted"), Timestamp(5)).unwrap();
    let report = fixture.library.expire(&account, Timestamp(20), &|id| id == "named").unwrap();
    assert_eq!((report.threads, report.bodies), (1, 1));
    let threads = fixture.library.threads(&ThreadSelection::default()).unwrap();
    let mut ids: Vec<_> = threads.iter().map(|thread| thread.listed.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["named", "new", "noted", "other", "undated"]);
    // It is not forgotten: after a change it may be archived again.
    assert!(fixture.library.forgotten_threads().is_empty());
    assert!(fixture.library.check(CheckDepth::Content, &mut |_, _| {}).unwrap().is_clean());
}
