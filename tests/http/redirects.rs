//! Redirects of every kind: none is followed, and no request reaches their target.

use unspool::testing::net::{FetchErrorKind, RedirectTarget};

use crate::{
    server::{Server, answer},
    support::{KEY, fetch},
};

#[tokio::test]
async fn no_redirect_reaches_another_port() {
    let thief = Server::start(vec![answer(200, "", "thanks")]).await;
    let origin = format!("http://127.0.0.1:{}", thief.port);
    for status in [300, 301, 302, 303, 305, 307, 308] {
        let location = format!("Location: {origin}/steal?key=abc\r\n");
        let server = Server::start(vec![answer(status, &location, "moved")]).await;
        let (outcome, sink) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        assert_eq!(
            *error.kind,
            FetchErrorKind::Redirect { status, target: RedirectTarget::Origin(origin.clone()) }
        );
        assert_eq!((error.attempts, server.requests.count(), sink.responses.len()), (1, 1, 0));
        let text = format!("{error} {error:?} {}", error.hint());
        assert!(text.contains(&origin) && !text.contains("steal") && !text.contains(KEY), "{text}");
    }
    assert_eq!(thief.requests.count(), 0);
}

#[tokio::test]
async fn invalid_redirect_targets_are_reported() {
    for (location, expected) in [
        ("", RedirectTarget::Missing),
        ("Location: file:///etc/passwd\r\n", RedirectTarget::Scheme("file".into())),
        ("Location: /login\r\n", RedirectTarget::SameOrigin),
        ("Location: t/\r\n", RedirectTarget::SameOrigin),
        ("Location: http://[broken\r\n", RedirectTarget::Unreadable),
        (
            "Location: https://user:pw@elsewhere.example/?token=1\r\n",
            RedirectTarget::Origin("https://elsewhere.example".into()),
        ),
    ] {
        let server = Server::start(vec![answer(302, location, "")]).await;
        let (outcome, _) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        assert_eq!(*error.kind, FetchErrorKind::Redirect { status: 302, target: expected }, "{location:?}");
        assert_eq!(server.requests.count(), 1);
    }
}

#[tokio::test]
async fn an_unexpected_304_is_an_error() {
    let server = Server::start(vec![answer(304, "", "")]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    assert!(matches!(*outcome.unwrap_err().kind, FetchErrorKind::Status { status: 304, .. }));
}
