//! A home of its own, a service under the test's control, and another origin that must never hear anything.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use tempfile::TempDir;
use unspool::domain::ThreadRef;
use unspool::effect::Source;
use unspool::provider::{self, Access};
use unspool::runtime::history::History;
use unspool::runtime::http::Limits;
use unspool::runtime::memory::Memory;
use unspool::runtime::store::Store;
use unspool::runtime::tasks::{Reach, Redaction, World};

use crate::server::{Script, Server, answer};

/// A key that must turn up nowhere but at its service.
pub const KEY: &str = "canary-5e01f7a9";

pub struct Desk {
    pub home: TempDir,
    pub server: Server,
    /// Where redirects point.
    pub elsewhere: Server,
    pub limits: Limits,
}

/// The usual limits, but without waits between tries.
pub fn limits() -> Limits {
    Limits { backoff: Duration::ZERO, seed: Some(1), ..Limits::default() }
}

/// A whole thread.
pub fn thread() -> Vec<u8> {
    fs::read("tests/fixtures/sgp_thread_messages_spans.json").unwrap()
}

impl Desk {
    pub async fn begin(scripts: impl FnOnce(&Server) -> Vec<Script>) -> Self {
        let elsewhere = Server::start(vec![answer(200, "", thread())]).await;
        let server = Server::start(scripts(&elsewhere)).await;
        Self { home: tempfile::tempdir().unwrap(), server, elsewhere, limits: limits() }
    }

    pub fn world(&self) -> World {
        let access = |base_url: String| Access {
            base_url,
            key: Some(SecretString::from(KEY)),
            account: Some("account-7".into()),
            by_account: true,
        };
        let access: HashMap<_, _> = provider::all()
            .iter()
            .map(|provider| (provider.service(), access(self.server.url(""))))
            .collect();
        World {
            access,
            provider: None,
            limits: self.limits.clone(),
            store: Some(Store::new(&self.home.path().join("cache"), 1 << 30)),
            keys: HashMap::new(),
            reach: Reach::Online,
            redaction: Redaction::default(),
            clipboard: unspool::config::Clipboard::default(),
            profiles: None,
            memory: Some(Memory::new(Some(History::at(&self.home.path().join("state"))), Vec::new())),
        }
    }

    pub fn source() -> Source {
        Source::Thread(ThreadRef { service: "sgp", id: "lamp".into() })
    }

    /// The key reached its service, no other origin, and no file.
    pub fn assert_kept_secret(&self, about: &str) {
        assert_eq!(self.elsewhere.seen.count(), 0, "{about}: another origin was asked");
        let heads = self.server.seen.heads();
        let whole = heads.iter().filter(|head| head.starts_with("GET "));
        assert!(whole.clone().all(|head| head.contains(KEY)), "{about}: {heads:?}");
        assert_no_key_under(self.home.path());
    }
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

pub fn assert_no_key_under(folder: &Path) {
    for path in files(folder) {
        // An entry in the making may have got its name meanwhile.
        let bytes = fs::read(&path).unwrap_or_default();
        assert!(!bytes.windows(KEY.len()).any(|word| word == KEY.as_bytes()), "the key is in {path:?}");
        assert!(!path.to_string_lossy().contains(KEY));
    }
}
