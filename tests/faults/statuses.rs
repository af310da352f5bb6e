//! Every status with every kind of body.

use std::sync::Arc;

use unspool::testing::commands::load::load;
use unspool::testing::net::Client;

use crate::browser::Browser;
use crate::server::answer;
use crate::test_env::{KEY, TestEnv};

const HOSTILE: &str = "{\"detail\":\"no \\u001b[2J\u{1b}]0;x\u{7}\u{202e}\u{9b}31m\u{200b} more\"}";
const BODIES: [(&str, &str); 4] = [
    ("Content-Type: application/json\r\n", r#"{"detail":"the service is sorry"}"#),
    ("Content-Type: text/html\r\n", "<html><title>Bad Gateway</title><h1>x</h1>"),
    ("Content-Type: application/json\r\n", HOSTILE),
    ("", ""),
];

fn exit_code(status: u16) -> u8 {
    match status {
        401 | 403 => 4,
        404 | 410 => 5,
        _ => 1,
    }
}

fn attempts(status: u16) -> usize {
    if matches!(status, 408 | 409 | 429 | 500..=599) { 3 } else { 1 }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_status_with_every_body_is_reported_with_a_hint() {
    for status in 400..=504 {
        for (headers, body) in BODIES {
            let env = TestEnv::start(|_| vec![answer(status, headers, body)]).await;
            let mut browser = Browser::open(&env);
            browser.wait_until_loaded().await;
            let screen = browser.screen();
            assert!(screen.contains("Could not open sgp:lamp"), "{status}: {screen}");
            assert!(screen.contains(&format!("HTTP {status}")), "{screen}");
            assert!(!body.contains("sorry") || screen.contains("“the service is sorry”"), "{screen}");
            assert!(!body.contains("Gateway") || screen.contains("“Bad Gateway”"), "{screen}");
            browser.assert_responsive();
            assert_eq!(env.server.requests.count(), attempts(status), "{status}");
            let context = env.context();
            let client = Arc::new(Client::new(context.limits.clone()));
            let error = load(TestEnv::source(), &context, &client, &mut |_| {}).await.unwrap_err();
            assert_eq!(error.exit_code.code(), exit_code(status), "{status}");
            assert!(error.hint.ends_with('.') && error.hint.contains(' '), "{error:?}");
            assert!(screen.contains(&error.hint), "{screen}");
            assert_eq!(env.server.requests.count(), 2 * attempts(status), "{status}");
            env.assert_key_not_leaked(&status.to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_echoed_by_the_service_is_masked() {
    let escaped = KEY.replace('-', "\\u002d");
    for body in [
        format!(r#"{{"detail":"Incorrect API key provided: {KEY}."}}"#),
        format!(r#"{{"detail":"Incorrect API key provided: {escaped}."}}"#),
        format!("<title>Incorrect API key provided: {KEY}.</title>"),
        format!("Incorrect API key provided: {KEY}."),
        format!("{} {KEY} and more", "word ".repeat(57)),
    ] {
        let env = TestEnv::start(|_| vec![answer(401, "", &body)]).await;
        let mut browser = Browser::open(&env);
        browser.wait_until_loaded().await;
        let screen = browser.screen();
        assert!(screen.contains("‹your key›") || body.starts_with("word"), "{screen}");
        assert!(!screen.contains("canary"), "not even a part of it: {screen}");
        let context = env.context();
        let client = Arc::new(Client::new(context.limits.clone()));
        let error = load(TestEnv::source(), &context, &client, &mut |_| {}).await.unwrap_err();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        env.assert_key_not_leaked("repeated");
    }
}
