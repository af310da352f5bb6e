//! Redirects of every kind: none is followed, and the place they point to hears nothing.

use unspool::runtime::http::{Fault, Target};

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
        let (outcome, heard) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        assert_eq!(*error.fault, Fault::Redirect { status, target: Target::Origin(origin.clone()) });
        assert_eq!((error.tries, server.seen.count(), heard.answers.len()), (1, 1, 0));
        let told = format!("{error} {error:?} {}", error.advice());
        assert!(told.contains(&origin) && !told.contains("steal") && !told.contains(KEY), "{told}");
    }
    assert_eq!(thief.seen.count(), 0);
}

#[tokio::test]
async fn redirects_that_lead_nowhere_sensible_are_told_as_such() {
    for (location, wanted) in [
        ("", Target::Missing),
        ("Location: file:///etc/passwd\r\n", Target::Scheme("file".into())),
        ("Location: /login\r\n", Target::SameOrigin),
        ("Location: t/\r\n", Target::SameOrigin),
        ("Location: http://[broken\r\n", Target::Unreadable),
        (
            "Location: https://user:pw@elsewhere.example/?token=1\r\n",
            Target::Origin("https://elsewhere.example".into()),
        ),
    ] {
        let server = Server::start(vec![answer(302, location, "")]).await;
        let (outcome, _) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        assert_eq!(*error.fault, Fault::Redirect { status: 302, target: wanted }, "{location:?}");
        assert_eq!(server.seen.count(), 1);
    }
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_an_error_too() {
    let server = Server::start(vec![answer(304, "", "")]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    assert_eq!(outcome.unwrap_err().status(), Some(304));
}
