//! What a service can wish about the next try, on the screen.

use unspool::keymap::Code;

use crate::browser::Browser;
use crate::desk::{Desk, thread};
use crate::server::answer;

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_up_to_thirty_seconds_is_waited_for_in_sight_and_a_key_ends_the_wait() {
    for header in [
        "Retry-After: 30",
        "Retry-After: 29.5",
        "retry-after-ms: 28000",
        "Date: Fri, 02 Jan 2026 00:00:00 GMT\r\nRetry-After: Fri, 02 Jan 2026 00:00:26 GMT",
        "Date: Fri, 02 Jan 2026 00:00:00 GMT\r\nRetry-After: Friday, 02-Jan-26 00:00:25 GMT",
        "Date: Fri, 02 Jan 2026 00:00:00 GMT\r\nRetry-After: Fri Jan  2 00:00:24 2026",
    ] {
        let busy = || answer(429, &format!("{header}\r\n"), "");
        let desk = Desk::begin(|_| vec![busy(), busy(), answer(200, "", thread())]).await;
        let mut browser = Browser::open(&desk);
        for next in ["try 2 of 3 comes next", "try 3 of 3 comes next"] {
            browser.sees("Too Many Requests").await;
            browser.sees(next).await;
            browser.press(Code::Char('r'));
        }
        browser.sees("Refund policy for annual plans").await;
        browser.rests().await;
        assert_eq!(desk.server.seen.count(), 3, "{header}");
        desk.assert_kept_secret(header);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_is_too_long_or_nonsense_does_not_hold_up_the_tries() {
    for header in [
        "Retry-After: 31",
        "Retry-After: 0",
        "Retry-After: -1",
        "Retry-After: soon",
        "Retry-After: 1e999",
        "Retry-After: NaN",
        "Retry-After: Fri, 02 Jan 1970 00:00:26 GMT",
        "retry-after-ms: 99999999999999999999",
    ] {
        let desk = Desk::begin(|_| vec![answer(503, &format!("{header}\r\n"), "")]).await;
        let mut browser = Browser::open(&desk);
        browser.rests().await;
        assert!(browser.screen().contains("the answer was 503 (Service Unavailable) (3 tries)"), "{header}");
        assert_eq!(desk.server.seen.count(), 3, "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_that_was_asked_for_is_told_as_advice() {
    let desk = Desk::begin(|_| vec![answer(429, "Retry-After: 3600\r\n", "")]).await;
    let mut browser = Browser::open(&desk);
    browser.rests().await;
    assert!(browser.screen().contains("try again in 3601 s"), "{}", browser.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_recovers_is_not_an_error() {
    let scripts = || vec![answer(500, "", "x"), vec![], answer(200, "", thread())];
    let desk = Desk::begin(|_| scripts()).await;
    let mut browser = Browser::open(&desk);
    browser.sees("Refund policy for annual plans").await;
    browser.rests().await;
    assert!(!browser.screen().contains("broke off"));
    assert_eq!(desk.server.seen.count(), 3);
}
