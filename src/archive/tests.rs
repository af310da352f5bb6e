//! Runs against a loopback server that fails in every way that a service does.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use secrecy::SecretString;

use super::*;
use crate::credentials::api_key::LazyApiKey;
use crate::domain::Timestamp;
use crate::ingest::body_reader::KnownMessages;
use crate::library::CheckDepth;
use crate::net::{Client, Limits};
use crate::provider::{self, ServiceAccess};

/// What the server does with a request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Throttled,
    BadGateway,
    /// The body ends early.
    Cut,
    Forbidden,
    Gone,
    OtherThread,
    WebPage,
    FewerMessages,
}

#[derive(Default)]
struct ServerState {
    /// The faults of a thread's next requests, the last one first.
    faults: Mutex<HashMap<String, Vec<Fault>>>,
    requests: AtomicUsize,
    in_flight: AtomicUsize,
    max_in_flight: AtomicUsize,
}

struct Fixture {
    state: Arc<ServerState>,
    base_url: String,
    folder: tempfile::TempDir,
}

fn body(id: &str, messages: usize) -> String {
    let messages: Vec<String> = (0..messages)
        .map(|index| format!(r#"{{"entry":{{"id":"m{index}","chat_thread_id":"{id}"}},"spans":[]}}"#))
        .collect();
    format!(r#"{{"thread":{{"id":"{id}","title":"T"}},"messages":[{}]}}"#, messages.join(","))
}

async fn serve(State(state): State<Arc<ServerState>>, Path(id): Path<String>) -> Response {
    state.requests.fetch_add(1, Ordering::SeqCst);
    let now = state.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
    state.max_in_flight.fetch_max(now, Ordering::SeqCst);
    tokio::task::yield_now().await;
    let fault = state.faults.lock().unwrap().get_mut(&id).and_then(Vec::pop);
    let response = match fault {
        None => ok(body(&id, 3)),
        Some(Fault::FewerMessages) => ok(body(&id, 2)),
        Some(Fault::OtherThread) => ok(body("another", 3)),
        Some(Fault::WebPage) => ok("<html><title>Sign in</title></html>".to_owned()),
        Some(Fault::Throttled) => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after-ms", "2")], "slow down").into_response()
        }
        Some(Fault::BadGateway) => StatusCode::BAD_GATEWAY.into_response(),
        Some(Fault::Forbidden) => StatusCode::FORBIDDEN.into_response(),
        Some(Fault::Gone) => StatusCode::NOT_FOUND.into_response(),
        Some(Fault::Cut) => {
            let whole = body(&id, 3);
            let half = Bytes::from(whole.split_at(whole.len() / 2).0.to_owned());
            let chunks = stream::iter([Ok(half), Err(std::io::Error::other("cut"))]);
            ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(chunks)).into_response()
        }
    };
    state.in_flight.fetch_sub(1, Ordering::SeqCst);
    response
}

fn ok(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn fixture() -> Fixture {
    let state = Arc::new(ServerState::default());
    let app = Router::new().route("/v4/threads/{id}/messages", get(serve)).with_state(Arc::clone(&state));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    Fixture { state, base_url, folder: tempfile::tempdir().unwrap() }
}

fn threads(count: usize) -> Vec<ListedThread> {
    let thread = |index| ListedThread {
        id: format!("thread-{index}"),
        updated_at: Some(Timestamp(1)),
        ..ListedThread::default()
    };
    (0..count).map(thread).collect()
}

/// Without samples, so that each run fetches exactly what has changed.
fn options() -> ArchiveOptions {
    ArchiveOptions { sample_one_in: 0, ..ArchiveOptions::new(6) }
}

impl Fixture {
    fn add_faults(&self, id: &str, faults: &[Fault]) {
        self.state.faults.lock().unwrap().insert(id.to_owned(), faults.to_vec());
    }

    fn requests(&self) -> usize {
        self.state.requests.swap(0, Ordering::SeqCst)
    }

    fn library(&self) -> Library {
        Library::open(&self.folder.path().join("library")).unwrap()
    }

    fn account(&self) -> Account {
        Account::new("sgp", &self.base_url, Some("acc"))
    }

    async fn run(
        &self,
        threads: Vec<ListedThread>,
        options: &ArchiveOptions,
    ) -> Result<ArchiveReport, UserError> {
        let limits = Limits { max_attempts: 1, ..Limits::default() };
        let service = ServiceClient {
            provider: provider::by_id("sgp").unwrap(),
            access: ServiceAccess {
                base_url: self.base_url.clone(),
                api_key: Some(SecretString::from("key")),
                account_id: Some("acc".to_owned()),
                fetch_by_account: true,
            },
            api_key: LazyApiKey::default(),
            client: Arc::new(Client::new(limits)),
            cache: None,
            library: None,
            known_messages: KnownMessages::default(),
        };
        let library = Arc::new(Mutex::new(self.library()));
        let mut ignore = |_: &ArchiveProgress| {};
        let archive = Archive::new(service, self.account(), library, FetchControl::none(), &mut ignore);
        archive.run(ArchiveTarget { threads, is_listed: true, gone: Vec::new() }, options).await
    }
}

#[tokio::test]
async fn all_threads_arrive_complete_although_one_request_in_twenty_fails() {
    let fixture = fixture().await;
    let faults = [Fault::Throttled, Fault::BadGateway, Fault::Cut];
    for (index, fault) in (0..300).step_by(20).zip(faults.into_iter().cycle()) {
        fixture.add_faults(&format!("thread-{index}"), &[fault]);
    }
    let report = fixture.run(threads(300), &options()).await.unwrap();
    assert_eq!((report.count(ArchiveOutcome::Saved), report.has_failures()), (300, false));
    let requests = fixture.requests();
    assert_eq!((requests, report.requests), (315, 315));
    assert!(fixture.state.max_in_flight.load(Ordering::SeqCst) <= 6);
    let check = fixture.library().check(CheckDepth::Content, &mut |_, _| {}).unwrap();
    assert_eq!((check.intact, check.is_clean(), check.added.len()), (300, true, 0));
    let again = fixture.run(threads(300), &options()).await.unwrap();
    assert_eq!((again.count(ArchiveOutcome::Skipped), fixture.requests()), (300, 0));
}

#[tokio::test]
async fn only_changed_threads_are_fetched_again_and_a_deep_run_fetches_all() {
    let fixture = fixture().await;
    fixture.run(threads(10), &options()).await.unwrap();
    fixture.requests();
    let mut changed = threads(11);
    changed[3].updated_at = Some(Timestamp(2));
    let report = fixture.run(changed.clone(), &options()).await.unwrap();
    let counts = [ArchiveOutcome::Saved, ArchiveOutcome::Unchanged, ArchiveOutcome::Skipped]
        .map(|outcome| report.count(outcome));
    assert_eq!((counts, fixture.requests()), ([1, 1, 9], 2));
    let deep = ArchiveOptions { is_deep: true, ..options() };
    fixture.run(changed.clone(), &deep).await.unwrap();
    assert_eq!(fixture.requests(), 11);
    let old = ArchiveOptions { trust: Duration::ZERO, ..options() };
    fixture.run(changed.clone(), &old).await.unwrap();
    assert_eq!(fixture.requests(), 11);
    let sample = ArchiveOptions { sample_one_in: 1, ..options() };
    fixture.run(changed, &sample).await.unwrap();
    assert_eq!(fixture.requests(), 11);
}

#[tokio::test]
async fn an_incomplete_thread_is_never_kept() {
    let fixture = fixture().await;
    for (id, faults) in [
        ("thread-0", vec![Fault::Forbidden]),
        ("thread-1", vec![Fault::Gone]),
        ("thread-2", vec![Fault::OtherThread]),
        ("thread-3", vec![Fault::WebPage]),
        ("thread-4", vec![Fault::Cut; 9]),
    ] {
        fixture.add_faults(id, &faults);
    }
    let report = fixture.run(threads(6), &options()).await.unwrap();
    let counts =
        [ArchiveOutcome::Saved, ArchiveOutcome::Refused, ArchiveOutcome::Gone, ArchiveOutcome::Failed];
    assert_eq!(counts.map(|outcome| report.count(outcome)), [1, 1, 1, 3]);
    assert_eq!(report.problems.len(), 4);
    let again = fixture.run(threads(6), &options()).await.unwrap();
    assert_eq!((again.count(ArchiveOutcome::Saved), again.count(ArchiveOutcome::Skipped)), (5, 1));
}

#[tokio::test]
async fn a_worse_body_never_replaces_a_better_one() {
    let fixture = fixture().await;
    fixture.run(threads(1), &options()).await.unwrap();
    fixture.add_faults("thread-0", &[Fault::FewerMessages]);
    let deep = ArchiveOptions { is_deep: true, ..options() };
    let report = fixture.run(threads(1), &deep).await.unwrap();
    assert_eq!(report.count(ArchiveOutcome::Worse), 1);
    let kept = fixture.library().find(&fixture.account(), "thread-0").unwrap().unwrap().revision.unwrap();
    assert_eq!((kept.number, kept.message_count), (1, 3));
}

#[tokio::test]
async fn a_gone_thread_stays_and_a_forgotten_one_is_not_restored() {
    let fixture = fixture().await;
    fixture.run(threads(2), &options()).await.unwrap();
    fixture.add_faults("thread-0", &[Fault::Gone]);
    let deep = ArchiveOptions { is_deep: true, ..options() };
    assert_eq!(fixture.run(threads(2), &deep).await.unwrap().count(ArchiveOutcome::Gone), 1);
    let kept = fixture.library().find(&fixture.account(), "thread-0").unwrap().unwrap();
    assert!(kept.gone_since.is_some() && kept.revision.is_some());
    fixture.library().forget(&[kept], Timestamp(1)).unwrap();
    assert_eq!(fixture.run(threads(2), &deep).await.unwrap().count(ArchiveOutcome::Forgotten), 1);
    assert!(fixture.library().find(&fixture.account(), "thread-0").unwrap().is_none());
}

#[tokio::test]
async fn a_service_that_refuses_everything_ends_the_run_which_can_be_continued() {
    let fixture = fixture().await;
    fixture.run(threads(5), &options()).await.unwrap();
    for index in 5..40 {
        fixture.add_faults(&format!("thread-{index}"), &[Fault::Forbidden]);
    }
    fixture.requests();
    let error = fixture.run(threads(40), &options()).await.unwrap_err();
    assert_eq!(error.exit_code, ExitCode::NotAllowed);
    assert!(fixture.requests() <= MAX_FAILURES_IN_SEQUENCE + 6);
    fixture.state.faults.lock().unwrap().clear();
    let report = fixture.run(threads(40), &options()).await.unwrap();
    assert_eq!((report.count(ArchiveOutcome::Saved), report.count(ArchiveOutcome::Skipped)), (35, 5));
}

#[tokio::test]
async fn an_interrupted_run_is_continued_even_without_signs_of_a_list() {
    let fixture = fixture().await;
    let unlisted = |count| {
        let threads = threads(count).into_iter();
        threads.map(|thread| ListedThread { updated_at: None, ..thread }).collect::<Vec<_>>()
    };
    for index in 6..40 {
        fixture.add_faults(&format!("thread-{index}"), &[Fault::Forbidden]);
    }
    fixture.run(unlisted(40), &options()).await.unwrap_err();
    fixture.state.faults.lock().unwrap().clear();
    fixture.requests();
    let report = fixture.run(unlisted(40), &options()).await.unwrap();
    assert_eq!(
        (report.count(ArchiveOutcome::Saved), report.count(ArchiveOutcome::Skipped), fixture.requests()),
        (34, 6, 34)
    );
    // A finished run is not continued: without the values of a list, nothing shows that a thread is unchanged.
    fixture.run(unlisted(40), &options()).await.unwrap();
    assert_eq!(fixture.requests(), 40);
}

#[tokio::test]
async fn a_second_archiver_of_an_account_is_refused() {
    let fixture = fixture().await;
    let library = fixture.library();
    let _lock = library.lock_account(&fixture.account()).unwrap();
    let error = fixture.run(threads(1), &options()).await.unwrap_err();
    assert!(error.message.contains("another process"), "{}", error.message);
    assert_eq!(fixture.requests(), 0);
}
