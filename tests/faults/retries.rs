//! Retry headers of a service, as shown on the screen.

use unspool::testing::keymap::Key;

use crate::browser::Browser;
use crate::server::answer;
use crate::test_env::{TestEnv, thread_body};

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_up_to_thirty_seconds_is_shown_and_can_be_skipped() {
    for header in [
        "Retry-After: 30",
        "Retry-After: 29.5",
        "retry-after-ms: 28000",
        "Date: Fri, 02 Jan 2026 00:00:00 GMT\r\nRetry-After: Fri, 02 Jan 2026 00:00:26 GMT",
        "Date: Fri, 02 Jan 2026 00:00:00 GMT\r\nRetry-After: Friday, 02-Jan-26 00:00:25 GMT",
        "Date: Fri, 02 Jan 2026 00:00:00 GMT\r\nRetry-After: Fri Jan  2 00:00:24 2026",
    ] {
        let busy = || answer(429, &format!("{header}\r\n"), "");
        let env = TestEnv::start(|_| vec![busy(), busy(), answer(200, "", thread_body())]).await;
        let mut browser = Browser::open(&env);
        for next in ["retrying (2/3)", "retrying (3/3)"] {
            browser.sees("Too Many Requests").await;
            browser.sees(next).await;
            browser.press(Key::Char('r'));
        }
        browser.sees("Refund policy for annual plans").await;
        browser.wait_until_loaded().await;
        assert_eq!(env.server.requests.count(), 3, "{header}");
        env.assert_key_not_leaked(header);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_retry_after_does_not_delay_retries() {
    for header in [
        "Retry-After: 0",
        "Retry-After: -1",
        "Retry-After: soon",
        "Retry-After: 1e999",
        "Retry-After: NaN",
        "Retry-After: Fri, 02 Jan 1970 00:00:26 GMT",
    ] {
        let env = TestEnv::start(|_| vec![answer(503, &format!("{header}\r\n"), "")]).await;
        let mut browser = Browser::open(&env);
        browser.wait_until_loaded().await;
        assert!(browser.screen().contains("HTTP 503 (Service Unavailable) (3 attempts)"), "{header}");
        assert_eq!(env.server.requests.count(), 3, "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_retry_after_is_given_as_a_hint_and_the_service_is_left_alone() {
    for (status, header, hint) in [
        (429, "Retry-After: 31", "try again in 31 s"),
        (429, "Retry-After: 3600", "try again in 60 min"),
        (503, "Retry-After: 86400", "accepts requests again in 24 h"),
        (429, "retry-after-ms: 99999999999999999999", "more than a year"),
    ] {
        let env = TestEnv::start(|_| vec![answer(status, &format!("{header}\r\n"), "")]).await;
        let mut browser = Browser::open(&env);
        browser.wait_until_loaded().await;
        assert!(browser.screen().contains(hint), "{header}: {}", browser.screen());
        assert_eq!(env.server.requests.count(), 1, "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_recovers_is_not_an_error() {
    let scripts = || vec![answer(500, "", "x"), vec![], answer(200, "", thread_body())];
    let env = TestEnv::start(|_| scripts()).await;
    let mut browser = Browser::open(&env);
    browser.sees("Refund policy for annual plans").await;
    browser.wait_until_loaded().await;
    assert!(!browser.screen().contains("broke off"));
    assert_eq!(env.server.requests.count(), 3);
}
