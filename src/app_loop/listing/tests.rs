use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::app_loop::context::{NetworkMode, Redaction};
use crate::app_loop::library_search::SearchRequest;
use crate::app_loop::load::load;
use crate::app_loop::{library_search, notes};
use crate::config::Clipboard;
use crate::domain::{KeptAccount, NoteEdit, NotePlace, SavedState, Source, ThreadRef, Timestamp};
use crate::effect::SearchScope;
use crate::ingest::fetch::CachePolicy;
use crate::library::{Account, BodyFacts, FetchedBody, LibraryLocation};
use crate::net::Limits;
use crate::provider::ServiceAccess;

#[test]
fn a_long_kept_list_is_split_into_parts() {
    let thread = |number: usize| {
        (ListedThread { id: number.to_string(), ..ListedThread::default() }, SavedState::default())
    };
    let threads = (0..2500).map(thread).collect();
    let list = KeptList { listed_at: Some(Timestamp(1)), threads, ..KeptList::default() };
    let parts = split_kept(list);
    let sizes: Vec<_> = parts.iter().map(|part| (part.listed_at.is_some(), part.threads.len())).collect();
    assert_eq!(sizes, [(true, 1000), (false, 1000), (false, 500)]);
}

#[tokio::test]
async fn rows_are_sent_before_the_library_records_them() {
    let folder = tempfile::tempdir().unwrap();
    let location = LibraryLocation::in_folder(folder.path());
    let account = Account::new("camelai", "https://h.example", None);
    let recorded =
        || location.open_reader().unwrap().and_then(|library| library.kept_list(&account).unwrap());
    let forward_rows = async |outbox: &Outbox<Event>| {
        let (sender, received) = mpsc::channel(1);
        let thread = ListedThread { id: "1".to_owned(), ..ListedThread::default() };
        sender.send(ListUpdate::Threads(vec![thread])).await.unwrap();
        drop(sender);
        let lists = KeptLists::new(location.clone(), account.clone(), true);
        forward(ListingId(1), received, (lists.recorder(), true), outbox).await;
    };
    // A closed screen accepts no rows, and they never reach the library.
    let (outbox, inbox) = mpsc::channel(1);
    drop(inbox);
    forward_rows(&outbox).await;
    assert!(recorded().is_none());
    let (outbox, mut inbox) = mpsc::channel(1);
    forward_rows(&outbox).await;
    assert!(inbox.recv().await.is_some() && recorded().unwrap().threads.len() == 1);
}

#[test]
fn a_long_list_is_split_into_parts_in_order() {
    let thread = |number: usize| ListedThread { id: number.to_string(), ..ListedThread::default() };
    let parts = split(ListUpdate::Threads((0..2500).map(thread).collect()));
    let sizes: Vec<usize> = parts
        .iter()
        .map(|part| match part {
            ListUpdate::Threads(threads) => threads.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [1000, 1000, 500]);
}

const MINE: &str = "https://mine.example";
const OTHER: &str = "https://other.example";

fn account(base: &str) -> Account {
    Account::new("camelai", base, None)
}

fn listed(id: &str) -> ListedThread {
    ListedThread { id: id.to_owned(), ..ListedThread::default() }
}

/// Keeps a thread with the same id in two accounts, and one more in each.
fn library_of_two_accounts(location: &LibraryLocation) {
    let mut library = location.open().unwrap();
    for (base, id) in [(MINE, "1"), (MINE, "4"), (OTHER, "1"), (OTHER, "2")] {
        let message = serde_json::json!({ "id": 1, "role": "user", "content": base });
        let mut body = library.start_body().unwrap();
        body.write(serde_json::json!({ "messages": [message] }).to_string().as_bytes()).unwrap();
        let (body, facts) = (body.finish().unwrap(), BodyFacts::default());
        let fetched = FetchedBody { body, facts, fetched_at: Timestamp(1) };
        library.keep(&account(base), &listed(id), fetched).unwrap();
    }
    library.record_listed(&account(OTHER), &[listed("only listed")]).unwrap();
    library.record_listed(&account("https://empty.example"), &[listed("3")]).unwrap();
}

/// Returns the context of a session with the first account, whose requests fail.
fn context(location: LibraryLocation) -> Context {
    let access =
        ServiceAccess { base_url: MINE.to_owned(), api_key: None, account_id: None, fetch_by_account: false };
    Context {
        service_access: HashMap::from([("camelai", access)]),
        api_keys: HashMap::new(),
        provider: None,
        limits: Limits::default(),
        cache: None,
        library: Some(location),
        retention: None,
        network_mode: NetworkMode::Online,
        redaction: Redaction::default(),
        clipboard: Clipboard::Auto,
        profiles: None,
        recent_threads: None,
        demo: None,
    }
}

#[test]
fn other_accounts_are_those_with_kept_threads() {
    let folder = tempfile::tempdir().unwrap();
    let location = LibraryLocation::in_folder(folder.path());
    library_of_two_accounts(&location);
    let others = |base: &str| KeptLists::new(location.clone(), account(base), true).load_other_accounts();
    let kept = |base: &str| KeptAccount { base: base.to_owned(), id: None };
    assert_eq!(others(MINE), [(kept(OTHER), 2)]);
    assert_eq!(others("https://empty.example"), [(kept(MINE), 2), (kept(OTHER), 2)]);
}

#[tokio::test]
async fn threads_of_another_account_are_listed_and_opened_without_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let location = LibraryLocation::in_folder(folder.path());
    library_of_two_accounts(&location);
    let context = context(location);
    let client = Arc::new(Client::new(context.limits.clone()));
    let other =
        AccountRef { service: "camelai", kept: Some(KeptAccount { base: OTHER.to_owned(), id: None }) };
    let (outbox, mut inbox) = mpsc::channel(8);
    run_kept(ListingId(1), context.account_client(&other, Arc::clone(&client)).unwrap(), outbox).await;
    let Some(Event::Kept { kept, .. }) = inbox.recv().await else { panic!() };
    let mut ids: Vec<&str> = kept.threads.iter().map(|(thread, _)| thread.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["1", "2"]);
    let ended = inbox.recv().await;
    let is_end = |event: &Event| matches!(event, Event::Listed { update: ListUpdate::Ended { .. }, .. });
    assert!(ended.as_ref().is_some_and(is_end), "{ended:?}");

    let open = async |id: &str| {
        let source = Source::Thread(ThreadRef::of(&other, id));
        load(source, &context, &client, CachePolicy::NetworkOnly, &mut |_| {}).await
    };
    // The account in use has a thread with this id, too.
    let loaded = open("1").await.unwrap();
    let raw = loaded.summaries.get(0).unwrap().raw.clone();
    assert!(String::from_utf8_lossy(raw.bytes()).contains(OTHER));
    // Notes belong to the thread of their account.
    let edit = NoteEdit {
        thread: ThreadRef::of(&other, "1"),
        title: String::new(),
        place: NotePlace { message_id: "1".to_owned(), span_id: None },
        excerpt: String::new(),
        text: Some("theirs".to_owned()),
    };
    notes::write(&context, &edit).unwrap();
    assert!(!notes::read(&context, &edit.thread).is_empty());
    assert!(notes::read(&context, &ThreadRef::new("camelai", "1")).is_empty());
    for without_body in ["only listed", "4"] {
        let error = open(without_body).await.unwrap_err();
        assert_eq!(error.exit_code, ExitCode::NotFound);
        assert!(error.hint.contains("another account"), "{error:?}");
    }
}

#[test]
fn hits_of_a_search_name_their_account_unless_it_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let location = LibraryLocation::in_folder(folder.path());
    library_of_two_accounts(&location);
    location.open().unwrap().update_index(&mut |_| true).unwrap();
    let in_use = context(location.clone()).accounts_in_use();
    let request = SearchRequest { id: 1, text: "example".to_owned(), scope: SearchScope::Texts };
    let mut hits = Vec::new();
    library_search::run((&location, &in_use), &request, &AtomicBool::new(false), &mut |results| {
        hits.extend(results.hits);
    });
    assert_eq!(hits.len(), 4);
    for hit in hits {
        assert_eq!(hit.account.is_some(), hit.snippet.contains("other"), "{hit:?}");
    }
}
