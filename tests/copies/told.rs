//! A service under the test's control, and what was told of an opening in short.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::mpsc;
use unspool::domain::{Stamp, ThreadRef};
use unspool::effect::RequestId;
use unspool::event::{Event, News, Origin};
use unspool::provider::{self, Access};
use unspool::runtime::http::{Client, Control, Limits};
use unspool::runtime::intake::Known;
use unspool::runtime::secret::Keyring;
use unspool::runtime::source::{self, Errand, Plan, Service};
use unspool::runtime::store::Store;
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub const KEY: &str = "canary-71bd20";

/// One part of what an opening told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A kept copy, by its messages' ids.
    Copy(Vec<String>),
    PartOfCopy(Vec<String>),
    Asked(Vec<String>),
    PartOfAnswer(Vec<String>),
    NotAsked,
    Failed(u8, String),
}

pub struct Desk {
    pub home: TempDir,
    pub store: Option<Store>,
    pub access: Access,
    pub began: Stamp,
    server: Option<MockServer>,
    thread: ThreadRef,
    /// How a message of this service is written.
    message: fn(&str) -> String,
}

fn turn(id: &str) -> String {
    format!(r#"{{"id":"{id}","entry":{{"id":"{id}"}},"created_at":"2026-09-01T09:00:00Z"}}"#)
}

fn camelai_message(id: &str) -> String {
    format!(r#"{{"id":"{id}","role":"user","content":"{id}","created_at":"2026-09-01T09:00:00Z"}}"#)
}

/// A body of SGP with these messages.
pub fn body(ids: &[&str]) -> String {
    body_of(ids, turn)
}

fn body_of(ids: &[&str], message: fn(&str) -> String) -> String {
    let messages: Vec<String> = ids.iter().map(|id| message(id)).collect();
    format!(r#"{{"messages":[{}],"thread":{{"id":"t"}}}}"#, messages.join(","))
}

impl Desk {
    pub async fn begin() -> Self {
        Self::of("sgp", "t", turn).await
    }

    pub async fn camelai() -> Self {
        Self::of("camelai", "48213", camelai_message).await
    }

    async fn of(service: &'static str, id: &str, message: fn(&str) -> String) -> Self {
        let server = MockServer::start().await;
        let home = tempfile::tempdir().unwrap();
        let store = Some(Store::new(&home.path().join("cache"), 1 << 20));
        let access = Access {
            base_url: server.uri(),
            key: Some(SecretString::from(KEY)),
            account: None,
            by_account: true,
        };
        let thread = ThreadRef { service, id: id.to_owned() };
        Self { home, store, access, began: source::now(), server: Some(server), thread, message }
    }

    async fn gives(&self, template: ResponseTemplate) {
        let server = self.server.as_ref().unwrap();
        server.reset().await;
        Mock::given(path_regex("messages$")).respond_with(template).mount(server).await;
    }

    pub async fn answers(&self, ids: &[&str]) {
        self.answers_bytes(body_of(ids, self.message).as_bytes()).await;
    }

    pub async fn answers_bytes(&self, body: &[u8]) {
        self.gives(ResponseTemplate::new(200).set_body_bytes(body.to_vec())).await;
    }

    pub async fn has_details(&self, body: &str) {
        let template = ResponseTemplate::new(200).set_body_string(body);
        let server = self.server.as_ref().unwrap();
        Mock::given(path_regex("threads/[0-9]+$")).respond_with(template).mount(server).await;
    }

    pub async fn redirects_details(&self, target: &str) {
        let server = self.server.as_ref().unwrap();
        server.reset().await;
        let body = body_of(&["one"], self.message);
        let messages = ResponseTemplate::new(200).set_body_string(body);
        Mock::given(path_regex("messages$")).respond_with(messages).mount(server).await;
        let template = ResponseTemplate::new(301).insert_header("Location", target);
        Mock::given(path_regex("threads/[0-9]+$")).respond_with(template).mount(server).await;
    }

    pub async fn refuses(&self, status: u16) {
        self.gives(ResponseTemplate::new(status)).await;
    }

    pub async fn goes_away(&mut self) {
        self.server = None;
        // A port that nobody listens on any more may be taken by another test; port 1 never answers.
        let gone = "http://127.0.0.1:1";
        self.move_copies(gone);
        self.access.base_url = gone.to_owned();
    }

    /// Writes the copies down as those of another host.
    fn move_copies(&self, base: &str) {
        let cache = self.store.as_ref().unwrap().cache().unwrap();
        for listed in cache.list() {
            let bytes = cache.read(&listed.key).unwrap().read_all().unwrap();
            let key = unspool::runtime::cache::Key { base: base.to_owned(), ..listed.key };
            let mut writer = cache.write(&key, listed.fetched).unwrap();
            writer.push(&bytes).unwrap();
            writer.commit(listed.extent).unwrap();
        }
    }

    pub async fn asked(&self) -> usize {
        self.server.as_ref().unwrap().received_requests().await.unwrap().len()
    }

    pub fn entries(&self) -> Vec<PathBuf> {
        let folder = self.home.path().join("cache/bodies");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        files.filter(|path| path.extension().is_some_and(|extension| extension == "body")).collect()
    }

    /// When the copy that is there now was fetched.
    pub fn saved_at(&self) -> Stamp {
        self.store.as_ref().unwrap().cache().unwrap().list()[0].fetched
    }

    /// Everything that is told of an opening.
    pub async fn hears(&self, plan: Plan, control: Control) -> Vec<News> {
        let (outbox, mut inbox) = mpsc::channel(8);
        let limits = Limits { tries: 1, seed: Some(1), ..Limits::default() };
        let service = Service {
            provider: provider::named(self.thread.service).unwrap(),
            access: self.access.clone(),
            keys: Keyring::default(),
            client: Arc::new(Client::new(limits)),
            store: self.store.clone(),
            known: Known::default(),
        };
        let errand = Errand { request: RequestId(1), thread: self.thread.clone(), plan };
        let task = tokio::spawn(source::fetch(errand, service, outbox, control));
        let mut heard = Vec::new();
        while let Some(event) = inbox.recv().await {
            match event {
                Event::Fetch { request: RequestId(1), news } => heard.push(news),
                other => panic!("{other:?}"),
            }
        }
        task.await.unwrap();
        heard
    }

    /// The same in short.
    pub async fn opens(&self, plan: Plan) -> Vec<Told> {
        let mut told = Vec::new();
        let (mut ids, mut from_copy) = (Vec::new(), false);
        for news in self.hears(plan, Control::none()).await {
            match news {
                News::Began { origin } => {
                    ids.clear();
                    from_copy = matches!(origin, Origin::Cache { .. });
                }
                News::Heads(heads) => {
                    ids.extend(heads.iter().map(|head| {
                        let id = String::from_utf8_lossy(head.raw.piece(head.id)).into_owned();
                        id.trim_matches('"').to_owned()
                    }));
                }
                News::Ended(ending) => told.push(match (from_copy, ending.partial) {
                    (true, false) => Told::Copy(ids.clone()),
                    (true, true) => Told::PartOfCopy(ids.clone()),
                    (false, false) => Told::Asked(ids.clone()),
                    (false, true) => Told::PartOfAnswer(ids.clone()),
                }),
                News::NotAsked => told.push(Told::NotAsked),
                News::Failed(failure) => told.push(Told::Failed(failure.exit_code, failure.what)),
                _ => {}
            }
        }
        told
    }
}
