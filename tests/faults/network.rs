//! Each fault through the browser's tasks and screen, and through the loading that `show` does.

use std::sync::Arc;
use std::time::Duration;

use unspool::commands::load::load;
use unspool::keymap::Key;
use unspool::net::Client;

use crate::browser::Browser;
use crate::cases::{self, CONNECTION_REFUSED, Case, Outcome};
use crate::server::{Script, Server, Step, answer};
use crate::test_env::TestEnv;

async fn check_in_browser(case: &Case, desk: &TestEnv) {
    let about = case.name;
    let mut browser = Browser::open(desk);
    browser.rests().await;
    let screen = browser.screen();
    match case.outcome {
        Outcome::Nothing => {
            assert!(screen.contains("Could not open sgp:lamp"), "{about}: {screen}");
            assert!(screen.contains(case.message), "{about}: {screen}");
            assert!(screen.contains(case.hint), "{about}: {screen}");
            assert!(screen.contains("r tries again"), "{about}: {screen}");
        }
        Outcome::Partial => {
            assert!(screen.contains("the body broke off: what came is shown"), "{about}: {screen}");
            assert!(screen.contains("Refund policy for annual plans"), "{about}: {screen}");
            assert!(screen.contains("Messages 1/5"), "{about}: the messages of one try: {screen}");
        }
        Outcome::Complete => {
            assert!(screen.contains("Refund") && !screen.contains("broke off"), "{about}: {screen}")
        }
        Outcome::Unreadable => assert!(screen.contains(case.message), "{about}: {screen}"),
    }
    browser.answers_keys();
    assert_eq!(desk.server.seen.count(), case.tries, "{about}");
}

async fn check_in_show(case: &Case, desk: &TestEnv) {
    let about = case.name;
    let world = desk.context();
    let client = Arc::new(Client::new(world.limits.clone()));
    let before = desk.server.seen.count();
    let loaded = load(TestEnv::source(), &world, &client, &mut |_| {}).await;
    let (code, messages) = match &loaded {
        Ok(loaded) => {
            (loaded.exit_code, loaded.summaries.iter().filter(|head| head.read_error.is_none()).count())
        }
        Err(failure) => {
            assert!(!failure.message.is_empty() && !failure.hint.is_empty(), "{about}: {failure:?}");
            assert!(
                format!("{failure:?}").contains(case.message) || case.message.starts_with("Could"),
                "{about}: {failure:?}"
            );
            (failure.exit_code, 0)
        }
    };
    assert_eq!(
        (code, messages > 0),
        (case.code, matches!(case.outcome, Outcome::Partial | Outcome::Complete)),
        "{about}: {loaded:?}"
    );
    assert_eq!(desk.server.seen.count() - before, case.tries, "{about}");
}

/// Plays a fault to both; what they keep on the disk must not keep the second from asking.
async fn check_case(case: &Case, scripts: impl Fn() -> Script) {
    let mut desk = TestEnv::start(|_| vec![scripts()]).await;
    (case.limits)(&mut desk.limits);
    check_in_browser(case, &desk).await;
    desk.assert_key_not_leaked(case.name);
    check_in_show(case, &desk).await;
    desk.assert_key_not_leaked(case.name);
}

async fn check_all(cases: Vec<Case>) {
    for case in cases {
        check_case(&case, || case.script.clone()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_service_times_out_and_the_partial_thread_is_shown() {
    check_all(cases::slow()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_body_is_tried_three_times_and_the_partial_thread_is_shown() {
    check_all(cases::truncated()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_lengths_and_oversized_bodies_are_reported() {
    check_all(cases::invalid_lengths()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_not_threads_are_reported() {
    check_all(cases::bodies()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed() {
    let elsewhere = Server::start(vec![answer(200, "", crate::test_env::thread_body())]).await;
    check_all(cases::redirects(&elsewhere)).await;
    assert_eq!(elsewhere.seen.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_tls_handshake_is_not_retried() {
    let mut desk = TestEnv::start(|_| vec![vec![]]).await;
    desk.server =
        Server::start_deaf(vec![vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".into())]]).await;
    let mut world = desk.context();
    let url = format!("https://127.0.0.1:{}", desk.server.port);
    world.service_access.values_mut().for_each(|access| access.base_url.clone_from(&url));
    let client = Arc::new(Client::new(world.limits.clone()));
    let failure = load(TestEnv::source(), &world, &client, &mut |_| {}).await.unwrap_err();
    assert_eq!((failure.exit_code, desk.server.seen.count()), (6, 1), "{failure:?}");
    assert!(failure.message.contains("no safe connection"), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_reported() {
    let mut desk = TestEnv::start(|_| vec![vec![]]).await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    desk.server.port = gone.local_addr().unwrap().port();
    drop(gone);
    let mut browser = Browser::open(&desk);
    browser.rests().await;
    let screen = browser.screen();
    assert!(
        screen.contains(CONNECTION_REFUSED.0)
            && screen.contains(CONNECTION_REFUSED.1)
            && screen.contains("3 tries"),
        "{screen}"
    );
    browser.answers_keys();
}

#[tokio::test(flavor = "multi_thread")]
async fn esc_stops_a_fetch_at_every_stage() {
    let part =
        |bytes: &str| Step::Send(format!("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{bytes}").into());
    let stages = [
        vec![Step::Stall],
        vec![part(""), Step::Stall],
        vec![part("{\"messages\":["), Step::Stall],
        answer(429, "Retry-After: 30\r\n", ""),
    ];
    for script in stages {
        let mut desk = TestEnv::start(|_| vec![script.clone()]).await;
        desk.limits.response = Duration::from_secs(600);
        desk.limits.idle = Duration::from_secs(600);
        let mut browser = Browser::open(&desk);
        browser.sees("Opening sgp:lamp").await;
        browser.press(Key::Esc);
        browser.sees("Stopped sgp:lamp").await;
        browser.rests().await;
        browser.answers_keys();
        assert!(desk.server.seen.count() <= 1);
        desk.assert_key_not_leaked("stopped");
    }
}
