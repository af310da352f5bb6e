//! A service under the test's control, and a summary of the fetch updates of an opening.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::mpsc;
use unspool::testing::credentials::api_key::LazyApiKey;
use unspool::testing::domain::{Origin, RequestId, ThreadRef, Timestamp};
use unspool::testing::event::{Event, FetchUpdate};
use unspool::testing::ingest::body_reader::KnownMessages;
use unspool::testing::ingest::fetch::{self, CachePolicy, FetchRequest, ServiceClient};
use unspool::testing::net::{Client, FetchControl, Limits};
use unspool::testing::provider::{self, ServiceAccess};
use unspool::testing::storage::thread_cache::ThreadCache;
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub const KEY: &str = "canary-71bd20";

/// A result that an opening produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// A cached copy, with the ids of its messages.
    CachedCopy(Vec<String>),
    PartialCopy(Vec<String>),
    Fetched(Vec<String>),
    PartialFetch(Vec<String>),
    OfflineOnly,
    Failed(u8, String),
}

pub struct TestService {
    pub home: TempDir,
    pub store: Option<ThreadCache>,
    pub access: ServiceAccess,
    pub started_at: Timestamp,
    server: Option<MockServer>,
    thread: ThreadRef,
    /// Writes a message with this id in the service's format.
    message: fn(&str) -> String,
}

fn turn(id: &str) -> String {
    format!(r#"{{"id":"{id}","entry":{{"id":"{id}"}},"created_at":"2026-09-01T09:00:00Z"}}"#)
}

fn camelai_message(id: &str) -> String {
    format!(r#"{{"id":"{id}","role":"user","content":"{id}","created_at":"2026-09-01T09:00:00Z"}}"#)
}

/// Returns an SGP body with these messages.
pub fn body(ids: &[&str]) -> String {
    body_with(ids, turn)
}

fn body_with(ids: &[&str], message: fn(&str) -> String) -> String {
    let messages: Vec<String> = ids.iter().map(|id| message(id)).collect();
    format!(r#"{{"messages":[{}],"thread":{{"id":"t"}}}}"#, messages.join(","))
}

impl TestService {
    pub async fn start() -> Self {
        Self::new("sgp", "t", turn).await
    }

    pub async fn camelai() -> Self {
        Self::new("camelai", "48213", camelai_message).await
    }

    async fn new(service: &'static str, id: &str, message: fn(&str) -> String) -> Self {
        let server = MockServer::start().await;
        let home = tempfile::tempdir().unwrap();
        let store = Some(ThreadCache::new(&home.path().join("cache"), 1 << 20));
        let access = ServiceAccess {
            base_url: server.uri(),
            api_key: Some(SecretString::from(KEY)),
            account_id: None,
            fetch_by_account: true,
        };
        let thread = ThreadRef::new(service, id);
        Self {
            home,
            store,
            access,
            started_at: unspool::testing::platform::now(),
            server: Some(server),
            thread,
            message,
        }
    }

    async fn mounts(&self, template: ResponseTemplate) {
        let server = self.server.as_ref().unwrap();
        server.reset().await;
        Mock::given(path_regex("messages$")).respond_with(template).mount(server).await;
    }

    pub async fn answers(&self, ids: &[&str]) {
        self.answers_bytes(body_with(ids, self.message).as_bytes()).await;
    }

    pub async fn answers_bytes(&self, body: &[u8]) {
        self.mounts(ResponseTemplate::new(200).set_body_bytes(body.to_vec())).await;
    }

    pub async fn has_details(&self, body: &str) {
        let template = ResponseTemplate::new(200).set_body_string(body);
        let server = self.server.as_ref().unwrap();
        Mock::given(path_regex("threads/[0-9]+$")).respond_with(template).mount(server).await;
    }

    pub async fn redirects_details(&self, target: &str) {
        let server = self.server.as_ref().unwrap();
        server.reset().await;
        let body = body_with(&["one"], self.message);
        let messages = ResponseTemplate::new(200).set_body_string(body);
        Mock::given(path_regex("messages$")).respond_with(messages).mount(server).await;
        let template = ResponseTemplate::new(301).insert_header("Location", target);
        Mock::given(path_regex("threads/[0-9]+$")).respond_with(template).mount(server).await;
    }

    pub async fn refuses(&self, status: u16) {
        self.mounts(ResponseTemplate::new(status)).await;
    }

    pub async fn goes_away(&mut self) {
        self.server = None;
        // Another test may reuse the port of a stopped server; port 1 never responds.
        let unreachable = "http://127.0.0.1:1";
        self.move_cached_copies(unreachable);
        self.access.base_url = unreachable.to_owned();
    }

    /// Rewrites the cached copies as those of another host.
    fn move_cached_copies(&self, base: &str) {
        let cache = self.store.as_ref().unwrap().cache().unwrap();
        for entry in cache.list() {
            let bytes = cache.read(&entry.key).unwrap().read_all().unwrap();
            let key = unspool::testing::storage::cache_file::CacheKey { base: base.to_owned(), ..entry.key };
            let mut writer = cache.write(&key, entry.fetched_at).unwrap();
            writer.push(&bytes).unwrap();
            writer.commit(entry.completeness).unwrap();
        }
    }

    pub async fn request_count(&self) -> usize {
        self.server.as_ref().unwrap().received_requests().await.unwrap().len()
    }

    pub fn cached_files(&self) -> Vec<PathBuf> {
        let folder = self.home.path().join("cache/bodies");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        files.filter(|path| path.extension().is_some_and(|extension| extension == "body")).collect()
    }

    /// Returns the fetch time of the current cached copy.
    pub fn saved_at(&self) -> Timestamp {
        self.store.as_ref().unwrap().cache().unwrap().list()[0].fetched_at
    }

    /// Fetches the thread and returns all fetch updates.
    pub async fn fetch_updates(&self, cache_policy: CachePolicy, control: FetchControl) -> Vec<FetchUpdate> {
        let (outbox, mut inbox) = mpsc::channel(8);
        let limits = Limits { max_attempts: 1, jitter_seed: Some(1), ..Limits::default() };
        let service = ServiceClient {
            provider: provider::by_id(self.thread.service).unwrap(),
            access: self.access.clone(),
            api_key: LazyApiKey::default(),
            client: Arc::new(Client::new(limits)),
            cache: self.store.clone(),
            library: None,
            known_messages: KnownMessages::default(),
        };
        let request = FetchRequest { request: RequestId(1), thread: self.thread.clone(), cache_policy };
        let task = tokio::spawn(fetch::fetch(request, service, outbox, control));
        let mut updates = Vec::new();
        while let Some(event) = inbox.recv().await {
            match event {
                Event::Fetch { request: RequestId(1), update } => updates.push(update),
                // A notice, for example that no copy can be kept.
                Event::Notify { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        task.await.unwrap();
        updates
    }

    /// Fetches the thread and returns the warnings about the body.
    pub async fn warnings(&self, cache_policy: CachePolicy) -> Vec<String> {
        let updates = self.fetch_updates(cache_policy, FetchControl::none()).await;
        let warnings = updates.into_iter().filter_map(|update| match update {
            FetchUpdate::Ended(summary) => Some(summary.warnings),
            _ => None,
        });
        warnings.flatten().collect()
    }

    /// Fetches the thread and returns the results in short.
    pub async fn opens(&self, cache_policy: CachePolicy) -> Vec<Observed> {
        let mut observed = Vec::new();
        let (mut ids, mut from_cache) = (Vec::new(), false);
        for update in self.fetch_updates(cache_policy, FetchControl::none()).await {
            match update {
                FetchUpdate::Started { origin } => {
                    ids.clear();
                    from_cache = matches!(origin, Origin::Cache { .. });
                }
                FetchUpdate::Summaries(summaries) => {
                    ids.extend(summaries.iter().map(|summary| {
                        let id = String::from_utf8_lossy(summary.raw.bytes_in(summary.id)).into_owned();
                        id.trim_matches('"').to_owned()
                    }));
                }
                FetchUpdate::Ended(summary) => observed.push(match (from_cache, summary.is_partial) {
                    (true, false) => Observed::CachedCopy(ids.clone()),
                    (true, true) => Observed::PartialCopy(ids.clone()),
                    (false, false) => Observed::Fetched(ids.clone()),
                    (false, true) => Observed::PartialFetch(ids.clone()),
                }),
                FetchUpdate::OfflineOnly => observed.push(Observed::OfflineOnly),
                FetchUpdate::Failed(error) => {
                    observed.push(Observed::Failed(error.exit_code.code(), error.message))
                }
                _ => {}
            }
        }
        observed
    }
}
