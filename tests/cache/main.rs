//! Kept copies end to end: a service that says something else each time, a cache in a folder of the test's own, and the
//! news that the browser would hear.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a helper that cannot do its part fails the test"
)]

mod test_service;

use std::fs;
use std::path::PathBuf;

use secrecy::SecretString;
use unspool::event::FetchUpdate;
use unspool::ingest::fetch::CachePolicy;
use unspool::net::{FetchControl, fetch_control};

use test_service::{Observed, TestService, body};

#[tokio::test]
async fn the_second_opening_shows_the_cached_copy_and_then_the_fresh_body() {
    let desk = TestService::start().await;
    desk.answers(&["one"]).await;
    assert_eq!(desk.opens(CachePolicy::CacheFirst).await, [Observed::Fetched(vec!["one".into()])]);
    desk.answers(&["one", "two"]).await;
    let told = desk.opens(CachePolicy::CacheFirst).await;
    assert_eq!(
        told,
        [Observed::CachedCopy(vec!["one".into()]), Observed::Fetched(vec!["one".into(), "two".into()])]
    );
    let saved = desk.saved_at();
    assert!(desk.started_at <= saved && saved <= unspool::ingest::fetch::now());
    // What came the second time is what the third opening begins with.
    let told = desk.opens(CachePolicy::CacheFirst).await;
    assert_eq!(told[0], Observed::CachedCopy(vec!["one".into(), "two".into()]));
}

#[tokio::test]
async fn network_only_shows_no_cached_copy_but_writes_one() {
    let desk = TestService::start().await;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    assert_eq!(desk.opens(CachePolicy::NetworkOnly).await, [Observed::Fetched(vec!["one".into()])]);
    assert_eq!(
        desk.opens(CachePolicy::CacheOnly).await,
        [Observed::CachedCopy(vec!["one".into()]), Observed::OfflineOnly]
    );
}

#[tokio::test]
async fn offline_sends_no_request() {
    let desk = TestService::start().await;
    let told = desk.opens(CachePolicy::CacheOnly).await;
    assert!(matches!(&told[..], [Observed::Failed(5, what)] if what.contains("no copy")), "{told:?}");
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::CacheFirst).await;
    let asked = desk.request_count().await;
    assert_eq!(
        desk.opens(CachePolicy::CacheOnly).await,
        [Observed::CachedCopy(vec!["one".into()]), Observed::OfflineOnly]
    );
    assert_eq!(desk.request_count().await, asked);
}

#[tokio::test]
async fn an_unreachable_service_leaves_the_cached_copy() {
    let mut desk = TestService::start().await;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::CacheFirst).await;
    desk.goes_away().await;
    for plan in [CachePolicy::CacheFirst, CachePolicy::NetworkElseCache] {
        let told = desk.opens(plan).await;
        assert!(matches!(&told[..], [Observed::CachedCopy(_), Observed::Failed(6, _)]), "{plan:?}: {told:?}");
    }
    assert!(matches!(&desk.opens(CachePolicy::NetworkOnly).await[..], [Observed::Failed(6, _)]));
}

#[tokio::test]
async fn an_error_status_does_not_fall_back_to_the_cache() {
    let desk = TestService::start().await;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    desk.refuses(403).await;
    assert!(matches!(&desk.opens(CachePolicy::NetworkElseCache).await[..], [Observed::Failed(4, _)]));
    assert!(matches!(
        &desk.opens(CachePolicy::CacheFirst).await[..],
        [Observed::CachedCopy(_), Observed::Failed(4, _)]
    ));
}

#[tokio::test]
async fn an_invalid_or_truncated_body_does_not_replace_the_cached_copy() {
    let desk = TestService::start().await;
    desk.answers(&["one", "two"]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    let whole = body(&["one", "two", "three"]);
    for body in ["<html>please log in</html>", "{}", "", &whole[..whole.len() - 9]] {
        desk.answers_bytes(body.as_bytes()).await;
        desk.opens(CachePolicy::NetworkOnly).await;
        assert_eq!(
            desk.opens(CachePolicy::CacheOnly).await[0],
            Observed::CachedCopy(vec!["one".into(), "two".into()]),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_partial_body_is_cached_and_marked_as_partial() {
    let desk = TestService::start().await;
    let whole = body(&["one", "two", "three"]);
    desk.answers_bytes(&whole.as_bytes()[..whole.len() - 9]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    let told = desk.opens(CachePolicy::CacheOnly).await;
    assert!(matches!(&told[0], Observed::PartialCopy(messages) if messages.len() >= 2), "{told:?}");
}

#[tokio::test]
async fn a_damaged_copy_is_ignored_and_replaced() {
    let desk = TestService::start().await;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    for entry in desk.cached_files() {
        let mut bytes = fs::read(&entry).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        fs::write(&entry, bytes).unwrap();
    }
    assert_eq!(
        desk.opens(CachePolicy::CacheFirst).await.last(),
        Some(&Observed::Fetched(vec!["one".into()]))
    );
    assert_eq!(desk.opens(CachePolicy::CacheOnly).await[0], Observed::CachedCopy(vec!["one".into()]));
}

#[tokio::test]
async fn concurrent_fetches_leave_one_complete_copy() {
    let desk = TestService::start().await;
    desk.answers(&["one", "two"]).await;
    let told = tokio::join!(
        desk.opens(CachePolicy::NetworkOnly),
        desk.opens(CachePolicy::NetworkOnly),
        desk.opens(CachePolicy::CacheFirst)
    );
    for told in [told.0, told.1, told.2] {
        assert_eq!(told.last(), Some(&Observed::Fetched(vec!["one".into(), "two".into()])));
    }
    assert_eq!(desk.cached_files().len(), 1);
    assert_eq!(
        desk.opens(CachePolicy::CacheOnly).await[0],
        Observed::CachedCopy(vec!["one".into(), "two".into()])
    );
}

#[tokio::test]
async fn a_copy_of_another_key_is_shown_only_after_the_service_accepts_ours() {
    let mut desk = TestService::start().await;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    desk.access.api_key = Some(SecretString::from("another"));
    desk.refuses(401).await;
    assert!(matches!(&desk.opens(CachePolicy::CacheFirst).await[..], [Observed::Failed(4, _)]));
    // Offline nobody is asked, and all copies are this user's: a key that was changed must not hide them.
    assert_eq!(desk.opens(CachePolicy::CacheOnly).await[0], Observed::CachedCopy(vec!["one".into()]));
    desk.access.api_key = None;
    let told = desk.opens(CachePolicy::CacheFirst).await;
    assert!(matches!(&told[..], [Observed::CachedCopy(_), Observed::Failed(4, _)]), "{told:?}");
}

#[tokio::test]
async fn another_base_url_is_another_thread() {
    let mut desk = TestService::start().await;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    desk.access.base_url += "/public";
    assert!(matches!(&desk.opens(CachePolicy::CacheOnly).await[..], [Observed::Failed(5, _)]));
}

#[tokio::test]
async fn without_a_cache_nothing_is_stored() {
    let mut desk = TestService::start().await;
    desk.store = None;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::CacheFirst).await;
    assert_eq!(desk.cached_files(), Vec::<PathBuf>::new());
    assert!(matches!(&desk.opens(CachePolicy::CacheOnly).await[..], [Observed::Failed(5, _)]));
}

#[tokio::test]
async fn an_unwritable_home_only_disables_the_cache() {
    let desk = TestService::start().await;
    desk.answers(&["one"]).await;
    fs::write(desk.home.path().join("cache"), "in the way").unwrap();
    assert_eq!(desk.opens(CachePolicy::CacheFirst).await, [Observed::Fetched(vec!["one".into()])]);
}

#[tokio::test]
async fn details_are_cached_next_to_the_messages() {
    let mut desk = TestService::camelai().await;
    desk.answers(&["one"]).await;
    desk.has_details(r#"{"id":48213,"title":"Margins"}"#).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    assert_eq!(desk.cached_files().len(), 2);
    desk.goes_away().await;
    let heard = desk.fetch_updates(CachePolicy::CacheFirst, FetchControl::none()).await;
    let title = heard
        .iter()
        .any(|news| matches!(news, FetchUpdate::Details(details) if details.ends_with(b"\"Margins\"}")));
    assert!(title, "{heard:?}");
}

#[tokio::test]
async fn a_cancelled_fetch_sends_no_final_update() {
    let desk = TestService::start().await;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    let (handle, control) = fetch_control();
    handle.cancel();
    let heard = desk.fetch_updates(CachePolicy::CacheFirst, control).await;
    assert!(
        !heard.iter().any(|news| matches!(news, FetchUpdate::Ended(_) | FetchUpdate::Failed(_))),
        "{heard:?}"
    );
}

#[tokio::test]
async fn the_api_key_is_not_in_the_cache() {
    let desk = TestService::start().await;
    desk.answers(&["one"]).await;
    desk.opens(CachePolicy::NetworkOnly).await;
    let entry = fs::read(&desk.cached_files()[0]).unwrap();
    assert!(memchr::memmem::find(&entry, test_service::KEY.as_bytes()).is_none());
}

#[tokio::test]
async fn redirected_details_are_a_warning_and_the_thread_is_shown() {
    let desk = TestService::camelai().await;
    desk.answers(&["one"]).await;
    for (target, says) in [
        (
            "/api/v1/threads/48213/",
            "redirect (301) to another address of the same host, which is not followed",
        ),
        ("https://evil.example/x", "redirect (301) to https://evil.example, which is not followed"),
    ] {
        desk.redirects_details(target).await;
        let heard = desk.fetch_updates(CachePolicy::NetworkOnly, FetchControl::none()).await;
        let remarks: Vec<_> = heard
            .iter()
            .filter_map(|news| if let FetchUpdate::Warning(text) = news { Some(text) } else { None })
            .collect();
        assert_eq!(remarks.len(), 1, "{heard:?}");
        assert!(remarks[0].contains(says) && remarks[0].contains(&desk.access.base_url), "{remarks:?}");
        assert!(
            heard.iter().any(|news| matches!(news, FetchUpdate::Ended(ending) if !ending.is_partial)),
            "{heard:?}"
        );
    }
}
