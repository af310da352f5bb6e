//! A temporary home, a service under the test's control, and another origin that must never receive a request.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use tempfile::TempDir;
use unspool::testing::app_loop::context::{Context, NetworkMode, Redaction};
use unspool::testing::domain::{Source, ThreadRef};
use unspool::testing::net::Limits;
use unspool::testing::provider::{self, ServiceAccess};
use unspool::testing::storage::history::History;
use unspool::testing::storage::recent_threads::RecentThreads;
use unspool::testing::storage::thread_cache::ThreadCache;

use crate::server::{Script, Server, answer};

/// A key that must appear nowhere except in requests to its service.
pub const KEY: &str = "canary-5e01f7a9";

pub struct TestEnv {
    pub home: TempDir,
    pub server: Server,
    /// The target of redirects.
    pub other_origin: Server,
    pub limits: Limits,
}

/// Returns the default limits, without waits between attempts.
pub fn limits() -> Limits {
    Limits { backoff: Duration::ZERO, jitter_seed: Some(1), ..Limits::default() }
}

/// Returns the body of a complete thread.
pub fn thread_body() -> Vec<u8> {
    fs::read("tests/fixtures/sgp_thread_messages_spans.json").unwrap()
}

impl TestEnv {
    pub async fn start(scripts: impl FnOnce(&Server) -> Vec<Script>) -> Self {
        let other_origin = Server::start(vec![answer(200, "", thread_body())]).await;
        let server = Server::start(scripts(&other_origin)).await;
        Self { home: tempfile::tempdir().unwrap(), server, other_origin, limits: limits() }
    }

    pub fn context(&self) -> Context {
        let access = |base_url: String| ServiceAccess {
            base_url,
            api_key: Some(SecretString::from(KEY)),
            account_id: Some("account-7".into()),
            fetch_by_account: true,
        };
        let access: HashMap<_, _> =
            provider::all().iter().map(|provider| (provider.id(), access(self.server.url("")))).collect();
        Context {
            service_access: access,
            provider: None,
            limits: self.limits.clone(),
            library: None,
            cache: Some(ThreadCache::new(&self.home.path().join("cache"), 1 << 30)),
            api_keys: HashMap::new(),
            retention: None,
            network_mode: NetworkMode::Online,
            redaction: Redaction::default(),
            clipboard: unspool::testing::config::Clipboard::default(),
            profiles: None,
            recent_threads: Some(RecentThreads::new(
                Some(History::in_folder(&self.home.path().join("state"))),
                Vec::new(),
            )),
            demo: None,
        }
    }

    pub fn source() -> Source {
        Source::Thread(ThreadRef::new("sgp", "lamp"))
    }

    /// Checks that the key reached its service, no other origin, and no file.
    pub fn assert_key_not_leaked(&self, about: &str) {
        assert_eq!(self.other_origin.requests.count(), 0, "{about}: another origin received a request");
        let heads = self.server.requests.heads();
        let complete = heads.iter().filter(|head| head.starts_with("GET "));
        assert!(complete.clone().all(|head| head.contains(KEY)), "{about}: {heads:?}");
        assert_no_key_below(self.home.path());
    }
}

/// Returns every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found
}

pub fn assert_no_key_below(folder: &Path) {
    for path in files_below(folder) {
        // A temporary file may have been renamed in the meantime.
        let bytes = fs::read(&path).unwrap_or_default();
        assert!(!bytes.windows(KEY.len()).any(|word| word == KEY.as_bytes()), "the key is in {path:?}");
        assert!(!path.to_string_lossy().contains(KEY));
    }
}
