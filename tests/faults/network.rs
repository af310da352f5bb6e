//! Each fault through the browser's tasks and screen, and through the loader of `show`.

use std::sync::Arc;
use std::time::Duration;

use unspool::testing::commands::load::load;
use unspool::testing::keymap::Key;
use unspool::testing::net::Client;

use crate::browser::Browser;
use crate::cases::{self, CONNECTION_REFUSED, Case, Outcome};
use crate::server::{Script, Server, Step, answer};
use crate::test_env::TestEnv;

async fn check_in_browser(case: &Case, env: &TestEnv) {
    let about = case.name;
    let mut browser = Browser::open(env);
    browser.wait_until_loaded().await;
    let screen = browser.screen();
    match case.outcome {
        Outcome::Nothing => {
            assert!(screen.contains("Could not open sgp:lamp"), "{about}: {screen}");
            assert!(screen.contains(case.message), "{about}: {screen}");
            assert!(screen.contains(case.hint), "{about}: {screen}");
            assert!(screen.contains("r retry"), "{about}: {screen}");
        }
        Outcome::Partial => {
            assert!(
                screen.contains("The connection was lost; the thread is incomplete"),
                "{about}: {screen}"
            );
            assert!(screen.contains("Refund policy for annual plans"), "{about}: {screen}");
            assert!(screen.contains("Messages 1/5"), "{about}: the messages of one attempt: {screen}");
        }
        Outcome::Complete => {
            assert!(screen.contains("Refund") && !screen.contains("broke off"), "{about}: {screen}")
        }
        Outcome::Unreadable => assert!(screen.contains(case.message), "{about}: {screen}"),
    }
    browser.assert_responsive();
    assert_eq!(env.server.requests.count(), case.attempts, "{about}");
}

async fn check_in_show(case: &Case, env: &TestEnv) {
    let about = case.name;
    let context = env.context();
    let client = Arc::new(Client::new(context.limits.clone()));
    let before = env.server.requests.count();
    let loaded = load(TestEnv::source(), &context, &client, &mut |_| {}).await;
    let (code, messages) = match &loaded {
        Ok(loaded) => {
            (loaded.exit_code, loaded.summaries.iter().filter(|summary| summary.read_error.is_none()).count())
        }
        Err(error) => {
            assert!(!error.message.is_empty() && !error.hint.is_empty(), "{about}: {error:?}");
            assert!(
                format!("{error:?}").contains(case.message) || case.message.starts_with("Could"),
                "{about}: {error:?}"
            );
            (error.exit_code, 0)
        }
    };
    assert_eq!(
        (code.code(), messages > 0),
        (case.code, matches!(case.outcome, Outcome::Partial | Outcome::Complete)),
        "{about}: {loaded:?}"
    );
    assert_eq!(env.server.requests.count() - before, case.attempts, "{about}");
}

/// Plays a fault to both loaders; the copy cached by the first must not stop the second from sending a request.
async fn check_case(case: &Case, scripts: impl Fn() -> Script) {
    let mut env = TestEnv::start(|_| vec![scripts()]).await;
    (case.limits)(&mut env.limits);
    check_in_browser(case, &env).await;
    env.assert_key_not_leaked(case.name);
    check_in_show(case, &env).await;
    env.assert_key_not_leaked(case.name);
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
    let other_origin = Server::start(vec![answer(200, "", crate::test_env::thread_body())]).await;
    check_all(cases::redirects(&other_origin)).await;
    assert_eq!(other_origin.requests.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_tls_handshake_is_not_retried() {
    let mut env = TestEnv::start(|_| vec![vec![]]).await;
    env.server =
        Server::start_without_reading(vec![vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".into())]])
            .await;
    let mut context = env.context();
    let url = format!("https://127.0.0.1:{}", env.server.port);
    context.service_access.values_mut().for_each(|access| access.base_url.clone_from(&url));
    let client = Arc::new(Client::new(context.limits.clone()));
    let error = load(TestEnv::source(), &context, &client, &mut |_| {}).await.unwrap_err();
    assert_eq!((error.exit_code.code(), env.server.requests.count()), (6, 1), "{error:?}");
    assert!(error.message.contains("TLS error"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_reported() {
    let mut env = TestEnv::start(|_| vec![vec![]]).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    env.server.port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut browser = Browser::open(&env);
    browser.wait_until_loaded().await;
    let screen = browser.screen();
    assert!(
        screen.contains(CONNECTION_REFUSED.0)
            && screen.contains(CONNECTION_REFUSED.1)
            && screen.contains("3 attempts"),
        "{screen}"
    );
    browser.assert_responsive();
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
        let mut env = TestEnv::start(|_| vec![script.clone()]).await;
        env.limits.response = Duration::from_secs(600);
        env.limits.idle = Duration::from_secs(600);
        let mut browser = Browser::open(&env);
        browser.sees("Opening sgp:lamp").await;
        browser.press(Key::Esc);
        browser.sees("Stopped sgp:lamp").await;
        browser.wait_until_loaded().await;
        browser.assert_responsive();
        assert!(env.server.requests.count() <= 1);
        env.assert_key_not_leaked("stopped");
    }
}
