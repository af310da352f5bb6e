//! Lists over HTTP: keys go to one origin, rows arrive with their bytes, and a failed list does not affect the others.

use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::mpsc;
use unspool::testing::credentials::api_key::LazyApiKey;
use unspool::testing::domain::ListUpdate;
use unspool::testing::ingest::body_reader::KnownMessages;
use unspool::testing::ingest::fetch::ServiceClient;
use unspool::testing::ingest::listing;
use unspool::testing::net::{Client, FetchControl, fetch_control};
use unspool::testing::provider::{self, ListScope, ServiceAccess, ThreadScope};

use crate::{
    server::{Server, Step, answer, raw},
    support::{KEY, limits},
};

fn client(service: &str, base_url: String) -> ServiceClient {
    ServiceClient {
        provider: provider::by_id(service).unwrap(),
        access: ServiceAccess {
            base_url,
            api_key: Some(SecretString::from(KEY)),
            account_id: Some("acc".to_owned()),
            fetch_by_account: true,
        },
        api_key: LazyApiKey::default(),
        client: Arc::new(Client::new(limits())),
        cache: None,
        library: None,
        known_messages: KnownMessages::default(),
    }
}

fn one_variant() -> ListScope {
    ListScope::Threads(ThreadScope { variants: vec!["v1".to_owned()], application: None })
}

/// Returns all updates of a list.
async fn list(service: &str, server: &Server, scope: ListScope) -> Vec<ListUpdate> {
    let (sender, mut receiver) = mpsc::channel(4);
    let task =
        tokio::spawn(listing::list(client(service, server.url("")), scope, sender, FetchControl::none()));
    let mut updates = Vec::new();
    while let Some(update) = receiver.recv().await {
        updates.push(update);
    }
    task.await.unwrap();
    updates
}

/// Returns the ids of the listed threads, each as often as it was listed.
fn ids(updates: &[ListUpdate]) -> Vec<&str> {
    let threads = updates.iter().filter_map(|update| match update {
        ListUpdate::Threads(threads) => Some(threads),
        _ => None,
    });
    threads.flatten().map(|thread| thread.id.as_str()).collect()
}

#[tokio::test]
async fn the_next_page_is_never_on_another_server() {
    let elsewhere = Server::start(vec![answer(200, "", "[]")]).await;
    for scheme in ["http:", "https:", ""] {
        let next = format!("{scheme}//127.0.0.1:{}/api/v1/threads/?page=2", elsewhere.port);
        let first = format!(r#"{{"count":2,"next":"{next}","results":[{{"id":1}}]}}"#);
        let second = r#"{"count":2,"next":null,"results":[{"id":2}]}"#;
        let server =
            Server::start(vec![answer(200, "", &first), answer(200, "", second), answer(200, "", first)])
                .await;
        let updates = list("camelai", &server, ListScope::default()).await;
        assert_eq!(ids(&updates), ["1", "2"]);
        assert!(matches!(updates.last(), Some(ListUpdate::Ended { is_complete: true, .. })), "{updates:?}");
        let heads = server.requests.heads();
        assert_eq!(heads.len(), 3);
        assert!(heads[1].starts_with("GET /api/v1/threads/?page=2 HTTP/1.1\r\n"), "{}", heads[1]);
        assert!(heads.iter().all(|head| head.contains(&format!("Bearer {KEY}"))));
    }
    assert_eq!(elsewhere.requests.count(), 0);
}

#[tokio::test]
async fn rows_arrive_before_the_list_ends_and_a_cancelled_list_ends_immediately() {
    let part = raw("HTTP/1.1 200 OK\nContent-Length: 999", r#"[{"id":"a"},{"id":"b"},{"id":"c"#);
    let server = Server::start(vec![vec![part, Step::Stall]]).await;
    let (handle, control) = fetch_control();
    let (sender, mut receiver) = mpsc::channel(4);
    tokio::spawn(listing::list(client("sgp", server.url("")), one_variant(), sender, control));
    let first = receiver.recv().await.unwrap();
    assert_eq!(ids(&[first]), ["a", "b"]);
    handle.cancel();
    while let Some(update) = receiver.recv().await {
        assert!(matches!(update, ListUpdate::Progress(_)), "{update:?}");
    }
}

#[tokio::test]
async fn a_list_that_breaks_is_read_again_and_listed_once() {
    let broken = vec![raw("HTTP/1.1 200 OK\nContent-Length: 999", r#"[{"id":"a"},{"id":"b"},{"#)];
    let server = Server::start(vec![broken, answer(200, "", r#"[{"id":"a"},{"id":"b"},{"id":"c"}]"#)]).await;
    let updates = list("sgp", &server, one_variant()).await;
    assert_eq!((ids(&updates), server.requests.count()), (vec!["a", "b", "c"], 2));
    assert!(matches!(updates.last(), Some(ListUpdate::Ended { is_complete: true, .. })));
}

#[tokio::test]
async fn refusals_name_the_status_and_never_the_key() {
    for (status, reason) in
        [(403, "403 Forbidden"), (404, "404 Not Found"), (500, "500 Internal Server Error")]
    {
        let body = format!(r#"{{"detail":"the key {KEY} may not do this"}}"#);
        let server = Server::start(vec![answer(status, "", body)]).await;
        let updates = list("sgp", &server, one_variant()).await;
        let refused = updates.iter().find_map(|update| match update {
            ListUpdate::Refused(refusal) => Some(refusal),
            _ => None,
        });
        let refused = refused.unwrap();
        assert_eq!((refused.subject.as_str(), refused.reason.as_str()), ("variant v1", reason));
        assert_eq!(refused.variant_id.as_deref(), Some("v1"));
        assert!(matches!(updates.last(), Some(ListUpdate::Ended { is_complete: false, .. })));
        let whole = list("sgp", &server, ListScope::default()).await;
        assert!(matches!(whole.last(), Some(ListUpdate::Failed(_))));
        assert!(!format!("{updates:?} {whole:?}").contains(KEY));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(vec![answer(200, "", "[]")]).await;
    let location = format!("Location: {}\r\n", elsewhere.url("/v4/applications/v1/threads"));
    let server = Server::start(vec![answer(302, &location, "")]).await;
    let updates = list("sgp", &server, one_variant()).await;
    assert!(updates.iter().any(|update| matches!(update, ListUpdate::Refused(_))), "{updates:?}");
    assert_eq!(elsewhere.requests.count(), 0);
}
