use tokio::sync::mpsc;

use super::*;
use crate::domain::{AccountRef, ListedThread, Timestamp};
use crate::filter::ThreadFilter;
use crate::library::{BodyFacts, FetchedBody, Library};
use crate::view::thread_table::ThreadGroup;

struct Fixture {
    _folder: tempfile::TempDir,
    location: LibraryLocation,
    account: Account,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let location = LibraryLocation::in_folder(folder.path());
    let account = Account::new("camelai", "https://h.example", None);
    Fixture { location, account, _folder: folder }
}

impl Fixture {
    fn keep(&self, account: &Account, listed: &ListedThread, texts: &[&str]) {
        self.keep_unindexed(account, listed, texts);
        self.location.open().unwrap().update_index(&mut |_| true).unwrap();
    }

    fn keep_unindexed(&self, account: &Account, listed: &ListedThread, texts: &[&str]) {
        let mut library = self.location.open().unwrap();
        let message =
            |(id, text): (usize, &&str)| serde_json::json!({ "id": id, "role": "user", "content": text });
        let messages: Vec<_> = texts.iter().enumerate().map(message).collect();
        let mut writer = library.start_body().unwrap();
        writer.write(serde_json::json!({ "messages": messages }).to_string().as_bytes()).unwrap();
        let body = writer.finish().unwrap();
        let facts = BodyFacts { message_count: texts.len() as u64, ..BodyFacts::default() };
        library.keep(account, listed, FetchedBody { body, facts, fetched_at: Timestamp(1) }).unwrap();
    }

    fn start(
        &self,
        request: FindRequest,
        outbox: &mpsc::Sender<Event>,
    ) -> (Arc<AtomicBool>, impl Future<Output = ()> + use<>) {
        let stop = Arc::<AtomicBool>::default();
        let place = (self.location.clone(), self.account.clone());
        (Arc::clone(&stop), run(place, request, stop, outbox.clone()))
    }

    async fn find(&self, request: FindRequest) -> FoundThreads {
        let (outbox, mut inbox) = mpsc::channel(4);
        self.start(request, &outbox).1.await;
        match inbox.recv().await {
            Some(Event::ThreadsFound(found)) => *found,
            other => panic!("{other:?}"),
        }
    }

    async fn ids(&self, request: FindRequest) -> Vec<String> {
        self.find(request).await.threads.into_iter().map(|found| found.thread.id).collect()
    }
}

fn listed(id: &str, user: &str, updated_at: i64) -> ListedThread {
    ListedThread {
        id: id.to_owned(),
        title: format!("Thread {id}"),
        user: Some(user.to_owned()),
        updated_at: Some(Timestamp(updated_at)),
        ..ListedThread::default()
    }
}

fn request(words: &str) -> FindRequest {
    FindRequest {
        id: 7,
        account: AccountRef::in_use("camelai"),
        words: words.to_owned(),
        group: ThreadGroup::All,
        filter: None,
    }
}

#[tokio::test(start_paused = true)]
async fn each_thread_of_the_account_is_found_once_with_its_newest_message() {
    let fixture = fixture();
    let many = ["a refund"; 300];
    fixture.keep(&fixture.account, &listed("1", "ana", 1), &["a refund", "no"]);
    fixture.keep(&fixture.account, &listed("2", "bob", 2), &many);
    fixture.keep(
        &Account::new("camelai", "https://other.example", None),
        &listed("3", "ana", 3),
        &["refund"],
    );
    fixture.keep(&Account::new("sgp", "https://h.example", None), &listed("4", "ana", 3), &["refund"]);
    fixture.keep(&fixture.account, &listed("5", "ana", 3), &["nothing"]);
    let found = fixture.find(request("refun")).await;
    let hits: Vec<_> = found
        .threads
        .iter()
        .map(|found| (found.thread.id.as_str(), found.message.message_id.as_str()))
        .collect();
    assert_eq!((found.id, hits.as_slice()), (7, [("2", "299"), ("1", "0")].as_slice()));
    assert_eq!(found.problem, "");
    let message = &found.threads[0].message;
    assert_eq!((message.place, message.snippet.get(message.hit.clone())), ("user", Some("refun")));
    // Titles are not messages, and a part of the list can be searched alone.
    assert!(fixture.ids(request("thread")).await.is_empty());
    let of_ana = FindRequest { group: ThreadGroup::User("ana".to_owned()), ..request("refund") };
    assert_eq!(fixture.ids(of_ana).await, ["1"]);
    let filter = ThreadFilter::new("user:bob", Timestamp(0)).ok();
    assert_eq!(fixture.ids(FindRequest { filter, ..request("refund") }).await, ["2"]);
}

#[tokio::test(start_paused = true)]
async fn only_the_last_of_several_searches_is_answered() {
    let fixture = fixture();
    fixture.keep(&fixture.account, &listed("1", "ana", 1), &["a refund"]);
    let (outbox, mut inbox) = mpsc::channel(4);
    let mut tasks = Vec::new();
    for (id, words) in (1..).zip(["re", "ref", "refu", "refun"]) {
        let (stop, task) = fixture.start(FindRequest { id, ..request(words) }, &outbox);
        stop.store(id < 4, Ordering::Relaxed);
        tasks.push(tokio::spawn(task));
    }
    for task in tasks {
        task.await.unwrap();
    }
    drop(outbox);
    let mut ids = Vec::new();
    while let Some(Event::ThreadsFound(found)) = inbox.recv().await {
        ids.push((found.id, found.threads.len()));
    }
    assert_eq!(ids, [(4, 1)]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_found_without_a_library_or_without_a_query() {
    let fixture = fixture();
    assert_eq!(fixture.find(request("refund")).await, FoundThreads { id: 7, ..FoundThreads::default() });
    drop(Library::open(&fixture.location.folder).unwrap());
    assert_eq!(fixture.find(request("refund")).await, FoundThreads { id: 7, ..FoundThreads::default() });
    fixture.keep(&fixture.account, &listed("1", "ana", 1), &["a refund"]);
    for words in ["is:strange", "re:(", "-", "\"", "r", "cost>much", "app:"] {
        assert_eq!(
            fixture.find(request(words)).await,
            FoundThreads { id: 7, ..FoundThreads::default() },
            "{words}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn threads_that_are_still_to_be_indexed_are_counted() {
    let fixture = fixture();
    fixture.keep(&fixture.account, &listed("1", "ana", 1), &["a refund"]);
    fixture.keep_unindexed(&fixture.account, &listed("2", "ana", 1), &["a lamp"]);
    assert_eq!(fixture.find(request("refund")).await.problem, "");
    assert_eq!(fixture.find(request("lamp")).await.problem, "No hit in messages yet; 1 thread to index");
}

#[tokio::test(start_paused = true)]
async fn a_library_that_cannot_be_read_is_reported() {
    let fixture = fixture();
    fixture.keep(&fixture.account, &listed("1", "ana", 1), &["a refund"]);
    std::fs::write(fixture.location.folder.join("library.db"), "no database".repeat(100)).unwrap();
    let found = fixture.find(request("refund")).await;
    assert!(
        found.threads.is_empty() && found.problem.starts_with("Messages were not searched: "),
        "{found:?}"
    );
}
