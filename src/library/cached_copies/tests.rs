use std::io::Read;
use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::domain::{ListedThread, SavedState};
use crate::library::{
    BodyFacts, CheckDepth, FetchedBody, HitExtent, LibraryQuery, LibraryReader, SearchMode, SearchOptions,
    ThreadSelection,
};

const BASE: &str = "https://h.example";

/// A library and a cache.
struct Fixture {
    folder: TempDir,
    library: Library,
    cache: Cache,
    account: Account,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("library")).unwrap();
    let cache_folder = folder.path().join("cache");
    let cache = Cache::open(&cache_folder, 1 << 20).unwrap();
    let account = Account::new("camelai", BASE, Some("acc"));
    Fixture { library: library.with_cache(Some(&cache_folder)), cache, folder, account }
}

fn body(id: &str, text: &str) -> String {
    let message = format!(r#"{{"id": 1, "type": "user", "content": "{text}"}}"#);
    format!(r#"{{"thread_id": "{id}", "messages": [{message}]}}"#)
}

fn key(id: &str, owner: &str, kind: BodyKind) -> CacheKey {
    CacheKey {
        service: "camelai".to_owned(),
        id: id.to_owned(),
        base: BASE.to_owned(),
        owner: owner.to_owned(),
        part: kind.name().to_owned(),
    }
}

impl Fixture {
    fn write(&self, key: &CacheKey, at: i64, body: &str, completeness: BodyCompleteness) {
        let mut writer = self.cache.write(key, Timestamp(at)).unwrap();
        writer.push(body.as_bytes()).unwrap();
        writer.commit(completeness).unwrap();
    }

    /// Reads a thread, as the browser does.
    fn read(&self, id: &str, at: i64, text: &str) {
        let owner = CacheKey::account_owner("acc");
        let details =
            format!(r#"{{"id": "{id}", "title": "Title of {id}", "last_modified": "2026-09-01T10:00:00Z"}}"#);
        self.write(&key(id, &owner, BodyKind::Messages), at, &body(id, text), BodyCompleteness::Complete);
        self.write(&key(id, &owner, BodyKind::Details), at, &details, BodyCompleteness::Complete);
    }

    fn update(&mut self) {
        self.library.update_index(&mut |_| true).unwrap();
    }

    fn archive(&mut self, id: &str, text: &str) {
        let mut writer = self.library.start_body().unwrap();
        writer.write(body(id, text).as_bytes()).unwrap();
        let facts = BodyFacts { message_count: 1, ..BodyFacts::default() };
        let fetched = FetchedBody { body: writer.finish().unwrap(), facts, fetched_at: Timestamp(50) };
        let thread =
            ListedThread { id: id.to_owned(), title: "Listed".to_owned(), ..ListedThread::default() };
        self.library.keep(&self.account, &thread, fetched).unwrap();
    }

    fn found(&self, words: &str) -> Vec<String> {
        let query = LibraryQuery::parse(words, SearchMode::Whole, Timestamp(0)).unwrap();
        let options = SearchOptions {
            is_selected: &|_| true,
            required_terms: &[],
            is_stopped: &|| false,
            limit: 10,
            extent: HitExtent::All,
        };
        let hits = self.library.search(&query, &options).unwrap();
        hits.into_iter().map(|hit| hit.thread.listed.id).collect()
    }

    fn states(&self) -> Vec<(String, SavedState)> {
        let threads = self.library.threads(&ThreadSelection::default()).unwrap().into_iter();
        let mut states: Vec<_> = threads.map(|thread| (thread.listed.id.clone(), thread.state())).collect();
        states.sort();
        states
    }

    fn remove_from_cache(&self, id: &str) {
        for kind in [BodyKind::Messages, BodyKind::Details] {
            self.cache.remove(&key(id, &CacheKey::account_owner("acc"), kind)).unwrap();
        }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("library/library.db")
    }
}

fn read_states<const N: usize>(ids: [&str; N]) -> Vec<(String, SavedState)> {
    ids.into_iter().map(|id| (id.to_owned(), SavedState::Read)).collect()
}

#[test]
fn a_thread_that_was_read_is_listed_found_and_counted_until_its_copy_ages_out() {
    let mut fixture = fixture();
    fixture.read("1", 10, "about llamas");
    fixture.read("2", 20, "about alpacas");
    fixture.update();
    assert_eq!(fixture.states(), read_states(["1", "2"]));
    assert_eq!(
        (fixture.found("llamas"), fixture.found("title")),
        (vec!["1".to_owned()], vec!["1".to_owned(), "2".to_owned()])
    );
    let list = fixture.library.kept_list(&fixture.account).unwrap().unwrap();
    let (listed, _) = list.threads.iter().find(|(thread, _)| thread.id == "1").unwrap();
    assert_eq!(listed.title, "Title of 1");
    assert_eq!(listed.updated_at, Timestamp::parse("2026-09-01T10:00:00Z"));
    let stats = fixture.library.stats().unwrap();
    assert_eq!((stats.threads, stats.saved, stats.read, stats.revisions), (2, 0, 2, 0));
    let copy = fixture.library.find(&fixture.account, "1").unwrap().unwrap();
    let mut text = String::new();
    fixture.library.open_body(&copy).unwrap().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, body("1", "about llamas"));

    fixture.remove_from_cache("1");
    fixture.update();
    assert_eq!(fixture.states(), read_states(["2"]));
    assert!(fixture.found("llamas").is_empty());
    assert!(!fixture.library.has_new_copies().unwrap());
}

#[test]
fn a_thread_that_was_read_again_is_found_by_its_new_text() {
    let mut fixture = fixture();
    fixture.read("1", 10, "about llamas");
    fixture.update();
    fixture.read("1", 20, "about vicunas");
    fixture.update();
    assert_eq!((fixture.found("llamas"), fixture.found("vicunas")), (vec![], vec!["1".to_owned()]));
}

#[test]
fn an_archived_body_replaces_the_copy_and_never_ages_out() {
    let mut fixture = fixture();
    fixture.read("1", 10, "about llamas");
    fixture.update();
    fixture.archive("1", "about guanacos");
    fixture.update();
    // The list shows no change, as before for archived threads.
    let thread = fixture.library.find(&fixture.account, "1").unwrap().unwrap();
    assert_eq!((thread.cached, thread.listed.updated_at), (None, None));
    assert!(thread.revision.is_some_and(|revision| revision.number == 1));
    assert_eq!((fixture.found("llamas"), fixture.found("guanacos")), (vec![], vec!["1".to_owned()]));
    fixture.remove_from_cache("1");
    fixture.update();
    assert_eq!(fixture.found("guanacos"), ["1"]);
    assert_eq!(fixture.library.stats().unwrap().read, 0);
}

#[test]
fn messages_read_after_archiving_are_found_while_the_kept_body_stays() {
    let mut fixture = fixture();
    fixture.archive("1", "about guanacos");
    fixture.read("1", 60, "about llamas");
    fixture.update();
    assert_eq!((fixture.found("llamas"), fixture.found("guanacos")), (vec!["1".to_owned()], vec![]));
    let thread = fixture.library.find(&fixture.account, "1").unwrap().unwrap();
    assert!(thread.revision.is_some() && thread.state() != SavedState::Read);
    // A push sends the messages of the kept body.
    let mut texts = String::new();
    let collect = |message: crate::library::IndexedMessage| {
        texts.push_str(&message.texts.joined());
        Ok::<_, LibraryError>(())
    };
    fixture.library.for_each_message(&thread, collect).unwrap();
    assert!(texts.contains("guanacos") && !texts.contains("llamas"), "{texts}");
    fixture.remove_from_cache("1");
    fixture.update();
    assert_eq!((fixture.found("llamas"), fixture.found("guanacos")), (vec![], vec!["1".to_owned()]));
}

#[test]
fn copies_that_are_older_equal_or_partial_are_no_threads_of_the_library() {
    let mut fixture = fixture();
    fixture.archive("1", "about guanacos");
    fixture.read("1", 40, "about llamas");
    let owner = CacheKey::account_owner("acc");
    let partial = key("2", &owner, BodyKind::Messages);
    fixture.write(&partial, 60, &body("2", "about llamas"), BodyCompleteness::Partial);
    fixture.update();
    assert_eq!((fixture.found("llamas"), fixture.library.stats().unwrap().threads), (vec![], 1));
    fixture.read("1", 60, "about guanacos");
    fixture.update();
    assert!(
        !fixture
            .library
            .is_copy_indexed(&fixture.library.find(&fixture.account, "1").unwrap().unwrap())
            .unwrap()
    );
}

#[test]
fn reading_a_forgotten_thread_does_not_restore_it() {
    let mut fixture = fixture();
    fixture.read("1", 10, "about llamas");
    fixture.update();
    let threads = fixture.library.threads(&ThreadSelection::default()).unwrap();
    fixture.library.forget(&threads, Timestamp(11)).unwrap();
    fixture.read("1", 20, "about llamas");
    fixture.update();
    assert_eq!((fixture.states(), fixture.found("llamas")), (vec![], vec![]));
    assert!(!fixture.library.has_new_copies().unwrap());
}

#[test]
fn copies_of_other_accounts_and_keys_belong_to_their_account() {
    let mut fixture = fixture();
    fixture.read("1", 10, "about llamas");
    let other = key("1", &CacheKey::account_owner("other"), BodyKind::Messages);
    fixture.write(&other, 10, &body("1", "about alpacas"), BodyCompleteness::Complete);
    // Two keys of one host cannot be distinguished here: the newer copy is used, then the other one.
    let [first, second] = ["key 1", "key 2"].map(|owner| key("1", owner, BodyKind::Messages));
    fixture.write(&first, 10, &body("1", "about guanacos"), BodyCompleteness::Complete);
    fixture.write(&second, 20, &body("1", "about vicunas"), BodyCompleteness::Complete);
    fixture.update();
    let find = |fixture: &Fixture, id: Option<&str>| {
        fixture.library.find(&Account::new("camelai", BASE, id), "1").unwrap().unwrap()
    };
    assert_ne!(find(&fixture, Some("acc")).cached, find(&fixture, Some("other")).cached);
    assert_eq!(find(&fixture, None).cached.unwrap().fetched_at, Timestamp(20));
    fixture.cache.remove(&second).unwrap();
    fixture.update();
    assert_eq!(find(&fixture, None).cached.unwrap().fetched_at, Timestamp(10));
    assert_eq!((fixture.found("vicunas"), fixture.found("guanacos").len()), (vec![], 1));
}

#[test]
fn a_rebuilt_or_updated_catalogue_finds_the_copies_again() {
    let mut fixture = fixture();
    fixture.read("1", 10, "about llamas");
    fixture.update();
    assert_eq!(fixture.library.rebuild().unwrap().read, 1);
    fixture.update();
    assert_eq!((fixture.states(), fixture.found("llamas").len()), (read_states(["1"]), 1));
    let report = fixture.library.check(CheckDepth::Content, &mut |_, _| {}).unwrap();
    assert_eq!((report.cached, report.is_clean(), report.intact), (1, true, 0));
    // A catalogue of the previous version has no copies.
    let old = Connection::open(fixture.database()).unwrap();
    old.execute_batch(
        "DROP TABLE cache_file; DELETE FROM revision WHERE number = 0; PRAGMA user_version = 3",
    )
    .unwrap();
    drop(old);
    let library = Library::open(&fixture.folder.path().join("library")).unwrap();
    fixture.library = library.with_cache(Some(&fixture.folder.path().join("cache")));
    fixture.update();
    assert_eq!(fixture.states(), read_states(["1"]));
}

#[test]
fn pruning_and_checking_leave_copies_alone_and_a_damaged_one_is_reported() {
    let mut fixture = fixture();
    fixture.read("1", 10, "about llamas");
    fixture.update();
    fixture.library.prune(1).unwrap();
    assert_eq!(fixture.states(), read_states(["1"]));
    let copy = fixture.library.find(&fixture.account, "1").unwrap().unwrap().cached.unwrap();
    let path = fixture.folder.path().join("cache/bodies").join(copy.path);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() - 30;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let report = fixture.library.check(CheckDepth::Content, &mut |_, _| {}).unwrap();
    assert_eq!((report.damaged_copies, report.cached), (vec!["camelai:1".to_owned()], 0));
}

#[test]
fn erased_copies_leave_no_text_in_the_catalogue() {
    let mut fixture = fixture();
    fixture.read("1", 10, "Quetzalcoatlus");
    fixture.read("2", 10, "about alpacas");
    fixture.update();
    fixture.remove_from_cache("1");
    fixture.library.erase_removed_copies().unwrap();
    let mut bytes = std::fs::read(fixture.database()).unwrap();
    bytes.extend(std::fs::read(fixture.database().with_extension("db-wal")).unwrap_or_default());
    let has =
        |word: &str| bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    assert!(!has("quetzalcoatl") && has("alpacas"));
}

#[test]
fn with_the_cache_turned_off_nothing_is_recorded_and_nothing_is_removed() {
    let mut fixture = fixture();
    fixture.read("1", 10, "about llamas");
    fixture.update();
    fixture.read("2", 10, "about alpacas");
    fixture.library.cache_folder = None;
    fixture.update();
    assert_eq!(fixture.states(), read_states(["1"]));
}

#[test]
fn several_processes_register_each_copy_once_while_copies_are_added_and_removed() {
    let fixture = fixture();
    for number in 0..20 {
        fixture.read(&number.to_string(), 10, "about llamas");
    }
    let folders = (fixture.folder.path().join("library"), fixture.folder.path().join("cache"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let library = Library::open(&folders.0).unwrap();
                library.with_cache(Some(&folders.1)).update_index(&mut |_| true).unwrap();
            });
        }
        for number in 0..5 {
            fixture.remove_from_cache(&number.to_string());
        }
    });
    let mut fixture = fixture;
    fixture.update();
    assert_eq!((fixture.states().len(), fixture.library.stats().unwrap().read), (15, 15));
    let count = "SELECT count(*) FROM message WHERE position >= 0";
    let messages: i64 = fixture.library.connection.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(messages, 15);
}
