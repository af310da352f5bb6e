//! Each fault through the browser's tasks and screen, and through the loading that `show` does.

use std::sync::Arc;
use std::time::Duration;

use unspool::keymap::Code;
use unspool::runtime::http::Client;
use unspool::runtime::script::load::load;

use crate::browser::Browser;
use crate::cases::{self, Case, Left, NOBODY};
use crate::desk::Desk;
use crate::server::{Script, Server, Step, answer};

async fn through_the_browser(case: &Case, desk: &Desk) {
    let about = case.name;
    let mut browser = Browser::open(desk);
    browser.rests().await;
    let screen = browser.screen();
    match case.left {
        Left::Nothing => {
            assert!(screen.contains("Could not open sgp:lamp"), "{about}: {screen}");
            assert!(screen.contains(case.says), "{about}: {screen}");
            assert!(screen.contains(case.advises), "{about}: {screen}");
            assert!(screen.contains("r tries again"), "{about}: {screen}");
        }
        Left::Part => {
            assert!(screen.contains("the body broke off: what came is shown"), "{about}: {screen}");
            assert!(screen.contains("Refund policy for annual plans"), "{about}: {screen}");
            assert!(screen.contains("Messages 1/5"), "{about}: the messages of one try: {screen}");
        }
        Left::Whole => {
            assert!(screen.contains("Refund") && !screen.contains("broke off"), "{about}: {screen}")
        }
        Left::Unreadable => assert!(screen.contains(case.says), "{about}: {screen}"),
    }
    browser.answers_keys();
    assert_eq!(desk.server.seen.count(), case.tries, "{about}");
}

async fn through_show(case: &Case, desk: &Desk) {
    let about = case.name;
    let world = desk.world();
    let client = Arc::new(Client::new(world.limits.clone()));
    let before = desk.server.seen.count();
    let loaded = load(Desk::source(), &world, &client, &mut |_| {}).await;
    let (code, messages) = match &loaded {
        Ok(loaded) => (loaded.exit_code, loaded.heads.iter().filter(|head| head.fault.is_none()).count()),
        Err(failure) => {
            assert!(!failure.what.is_empty() && !failure.advice.is_empty(), "{about}: {failure:?}");
            assert!(
                format!("{failure:?}").contains(case.says) || case.says.starts_with("Could"),
                "{about}: {failure:?}"
            );
            (failure.exit_code, 0)
        }
    };
    assert_eq!(
        (code, messages > 0),
        (case.code, matches!(case.left, Left::Part | Left::Whole)),
        "{about}: {loaded:?}"
    );
    assert_eq!(desk.server.seen.count() - before, case.tries, "{about}");
}

/// Plays a fault to both; what they keep on the disk must not keep the second from asking.
async fn survive(case: &Case, scripts: impl Fn() -> Script) {
    let mut desk = Desk::begin(|_| vec![scripts()]).await;
    (case.limits)(&mut desk.limits);
    through_the_browser(case, &desk).await;
    desk.assert_kept_secret(case.name);
    through_show(case, &desk).await;
    desk.assert_kept_secret(case.name);
}

async fn survive_all(cases: Vec<Case>) {
    for case in cases {
        survive(&case, || case.script.clone()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_slow_is_given_up_and_what_came_is_shown() {
    survive_all(cases::slow()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_early_is_tried_three_times_and_what_came_is_shown() {
    survive_all(cases::cut()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_that_lie_and_bodies_that_are_too_large_are_told() {
    survive_all(cases::sizes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_thread_are_told() {
    survive_all(cases::bodies()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed() {
    let elsewhere = Server::start(vec![answer(200, "", crate::desk::thread())]).await;
    survive_all(cases::redirects(&elsewhere)).await;
    assert_eq!(elsewhere.seen.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_safe_connection_that_fails_is_tried_once() {
    let mut desk = Desk::begin(|_| vec![vec![]]).await;
    desk.server =
        Server::start_deaf(vec![vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".into())]]).await;
    let mut world = desk.world();
    let url = format!("https://127.0.0.1:{}", desk.server.port);
    world.access.values_mut().for_each(|access| access.base_url.clone_from(&url));
    let client = Arc::new(Client::new(world.limits.clone()));
    let failure = load(Desk::source(), &world, &client, &mut |_| {}).await.unwrap_err();
    assert_eq!((failure.exit_code, desk.server.seen.count()), (6, 1), "{failure:?}");
    assert!(failure.what.contains("no safe connection"), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_nobody_listens_at_is_told() {
    let mut desk = Desk::begin(|_| vec![vec![]]).await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    desk.server.port = gone.local_addr().unwrap().port();
    drop(gone);
    let mut browser = Browser::open(&desk);
    browser.rests().await;
    let screen = browser.screen();
    assert!(screen.contains(NOBODY.0) && screen.contains(NOBODY.1) && screen.contains("3 tries"), "{screen}");
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
        let mut desk = Desk::begin(|_| vec![script.clone()]).await;
        desk.limits.answer = Duration::from_secs(600);
        desk.limits.idle = Duration::from_secs(600);
        let mut browser = Browser::open(&desk);
        browser.sees("Opening sgp:lamp").await;
        browser.press(Code::Esc);
        browser.sees("Stopped sgp:lamp").await;
        browser.rests().await;
        browser.answers_keys();
        assert!(desk.server.seen.count() <= 1);
        desk.assert_kept_secret("stopped");
    }
}
