//! The thread cache end to end: a service that changes its responses, a cache in a temporary folder, and the fetch updates
//! that the browser receives.

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
use unspool::testing::event::FetchUpdate;
use unspool::testing::ingest::fetch::CachePolicy;
use unspool::testing::net::{FetchControl, fetch_control};

use test_service::{Observed, TestService, body};

#[tokio::test]
async fn the_second_opening_shows_the_cached_copy_and_then_the_fresh_body() {
    let service = TestService::start().await;
    service.answers(&["one"]).await;
    assert_eq!(service.opens(CachePolicy::CacheFirst).await, [Observed::Fetched(vec!["one".into()])]);
    service.answers(&["one", "two"]).await;
    let observed = service.opens(CachePolicy::CacheFirst).await;
    assert_eq!(
        observed,
        [Observed::CachedCopy(vec!["one".into()]), Observed::Fetched(vec!["one".into(), "two".into()])]
    );
    let saved = service.saved_at();
    assert!(service.started_at <= saved && saved <= unspool::testing::platform::now());
    // The third fetch starts with the copy that the second one wrote.
    let observed = service.opens(CachePolicy::CacheFirst).await;
    assert_eq!(observed[0], Observed::CachedCopy(vec!["one".into(), "two".into()]));
}

#[tokio::test]
async fn network_only_shows_no_cached_copy_but_writes_one() {
    let service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    assert_eq!(service.opens(CachePolicy::NetworkOnly).await, [Observed::Fetched(vec!["one".into()])]);
    assert_eq!(
        service.opens(CachePolicy::CacheOnly).await,
        [Observed::CachedCopy(vec!["one".into()]), Observed::OfflineOnly]
    );
}

#[tokio::test]
async fn offline_sends_no_request() {
    let service = TestService::start().await;
    let observed = service.opens(CachePolicy::CacheOnly).await;
    assert!(
        matches!(&observed[..], [Observed::Failed(5, message)] if message.contains("no cached copy")),
        "{observed:?}"
    );
    service.answers(&["one"]).await;
    service.opens(CachePolicy::CacheFirst).await;
    let requests = service.request_count().await;
    assert_eq!(
        service.opens(CachePolicy::CacheOnly).await,
        [Observed::CachedCopy(vec!["one".into()]), Observed::OfflineOnly]
    );
    assert_eq!(service.request_count().await, requests);
}

#[tokio::test]
async fn an_unreachable_service_leaves_the_cached_copy() {
    let mut service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::CacheFirst).await;
    service.goes_away().await;
    for policy in [CachePolicy::CacheFirst, CachePolicy::NetworkElseCache] {
        let observed = service.opens(policy).await;
        assert!(
            matches!(&observed[..], [Observed::CachedCopy(_), Observed::Failed(6, _)]),
            "{policy:?}: {observed:?}"
        );
    }
    assert!(matches!(&service.opens(CachePolicy::NetworkOnly).await[..], [Observed::Failed(6, _)]));
}

#[tokio::test]
async fn an_error_status_does_not_fall_back_to_the_cache() {
    let service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    service.refuses(403).await;
    assert!(matches!(&service.opens(CachePolicy::NetworkElseCache).await[..], [Observed::Failed(4, _)]));
    assert!(matches!(
        &service.opens(CachePolicy::CacheFirst).await[..],
        [Observed::CachedCopy(_), Observed::Failed(4, _)]
    ));
}

#[tokio::test]
async fn an_invalid_or_truncated_body_does_not_replace_the_cached_copy() {
    let service = TestService::start().await;
    service.answers(&["one", "two"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    let whole = body(&["one", "two", "three"]);
    for body in ["<html>please log in</html>", "{}", "", &whole[..whole.len() - 9]] {
        service.answers_bytes(body.as_bytes()).await;
        service.opens(CachePolicy::NetworkOnly).await;
        assert_eq!(
            service.opens(CachePolicy::CacheOnly).await[0],
            Observed::CachedCopy(vec!["one".into(), "two".into()]),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_partial_body_is_cached_and_marked_as_partial() {
    let service = TestService::start().await;
    let whole = body(&["one", "two", "three"]);
    service.answers_bytes(&whole.as_bytes()[..whole.len() - 9]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    let observed = service.opens(CachePolicy::CacheOnly).await;
    assert!(matches!(&observed[0], Observed::PartialCopy(messages) if messages.len() >= 2), "{observed:?}");
}

#[tokio::test]
async fn a_damaged_copy_is_ignored_and_replaced() {
    let service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    for entry in service.cached_files() {
        let mut bytes = fs::read(&entry).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        fs::write(&entry, bytes).unwrap();
    }
    assert_eq!(
        service.opens(CachePolicy::CacheFirst).await.last(),
        Some(&Observed::Fetched(vec!["one".into()]))
    );
    assert_eq!(service.opens(CachePolicy::CacheOnly).await[0], Observed::CachedCopy(vec!["one".into()]));
}

#[tokio::test]
async fn concurrent_fetches_leave_one_complete_copy() {
    let service = TestService::start().await;
    service.answers(&["one", "two"]).await;
    let observed = tokio::join!(
        service.opens(CachePolicy::NetworkOnly),
        service.opens(CachePolicy::NetworkOnly),
        service.opens(CachePolicy::CacheFirst)
    );
    for observed in [observed.0, observed.1, observed.2] {
        assert_eq!(observed.last(), Some(&Observed::Fetched(vec!["one".into(), "two".into()])));
    }
    assert_eq!(service.cached_files().len(), 1);
    assert_eq!(
        service.opens(CachePolicy::CacheOnly).await[0],
        Observed::CachedCopy(vec!["one".into(), "two".into()])
    );
}

#[tokio::test]
async fn a_copy_of_another_key_is_shown_only_after_the_service_accepts_ours() {
    let mut service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    service.access.api_key = Some(SecretString::from("another"));
    service.refuses(401).await;
    assert!(matches!(&service.opens(CachePolicy::CacheFirst).await[..], [Observed::Failed(4, _)]));
    // Offline there is no request, and all copies are this user's: a changed key must not hide them.
    assert_eq!(service.opens(CachePolicy::CacheOnly).await[0], Observed::CachedCopy(vec!["one".into()]));
    service.access.api_key = None;
    let observed = service.opens(CachePolicy::CacheFirst).await;
    assert!(matches!(&observed[..], [Observed::CachedCopy(_), Observed::Failed(4, _)]), "{observed:?}");
}

#[tokio::test]
async fn another_base_url_is_another_thread() {
    let mut service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    service.access.base_url += "/public";
    assert!(matches!(&service.opens(CachePolicy::CacheOnly).await[..], [Observed::Failed(5, _)]));
}

#[tokio::test]
async fn without_a_cache_nothing_is_stored() {
    let mut service = TestService::start().await;
    service.store = None;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::CacheFirst).await;
    assert_eq!(service.cached_files(), Vec::<PathBuf>::new());
    assert!(matches!(&service.opens(CachePolicy::CacheOnly).await[..], [Observed::Failed(5, _)]));
}

#[tokio::test]
async fn an_unwritable_home_only_disables_the_cache() {
    let service = TestService::start().await;
    service.answers(&["one"]).await;
    fs::write(service.home.path().join("cache"), "in the way").unwrap();
    assert_eq!(service.opens(CachePolicy::CacheFirst).await, [Observed::Fetched(vec!["one".into()])]);
}

#[tokio::test]
async fn details_are_cached_next_to_the_messages() {
    let mut service = TestService::camelai().await;
    service.answers(&["one"]).await;
    service.has_details(r#"{"id":48213,"title":"Margins"}"#).await;
    service.opens(CachePolicy::NetworkOnly).await;
    assert_eq!(service.cached_files().len(), 2);
    service.goes_away().await;
    let updates = service.fetch_updates(CachePolicy::CacheFirst, FetchControl::none()).await;
    let title = updates
        .iter()
        .any(|update| matches!(update, FetchUpdate::Details(details) if details.ends_with(b"\"Margins\"}")));
    assert!(title, "{updates:?}");
}

#[tokio::test]
async fn a_cancelled_fetch_sends_no_final_update() {
    let service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    let (handle, control) = fetch_control();
    handle.cancel();
    let updates = service.fetch_updates(CachePolicy::CacheFirst, control).await;
    assert!(
        !updates.iter().any(|update| matches!(update, FetchUpdate::Ended(_) | FetchUpdate::Failed(_))),
        "{updates:?}"
    );
}

#[tokio::test]
async fn the_api_key_is_not_in_the_cache() {
    let service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    let entry = fs::read(&service.cached_files()[0]).unwrap();
    assert!(memchr::memmem::find(&entry, test_service::KEY.as_bytes()).is_none());
}

#[tokio::test]
async fn redirected_details_are_a_warning_and_the_thread_is_shown() {
    let service = TestService::camelai().await;
    service.answers(&["one"]).await;
    for (target, message) in [
        ("/api/v1/threads/48213/", "HTTP 301 redirects to another address on the same host"),
        ("https://evil.example/x", "HTTP 301 redirects to https://evil.example; redirects are not followed"),
    ] {
        service.redirects_details(target).await;
        let updates = service.fetch_updates(CachePolicy::NetworkOnly, FetchControl::none()).await;
        let warnings: Vec<_> = updates
            .iter()
            .filter_map(|update| if let FetchUpdate::Warning(text) = update { Some(text) } else { None })
            .collect();
        assert_eq!(warnings.len(), 1, "{updates:?}");
        assert!(
            warnings[0].contains(message) && warnings[0].contains(&service.access.base_url),
            "{warnings:?}"
        );
        assert!(
            updates.iter().any(|update| matches!(update, FetchUpdate::Ended(summary) if !summary.is_partial)),
            "{updates:?}"
        );
    }
}

#[tokio::test]
async fn the_response_of_another_thread_is_shown_with_a_warning_and_not_cached() {
    let service = TestService::start().await;
    service.answers(&["one"]).await;
    service.opens(CachePolicy::NetworkOnly).await;
    for other in [
        r#"{"messages":[{"entry":{"id":"x"}}],"thread":{"id":"other"}}"#,
        r#"{"messages":[{"entry":{"id":"x","chat_thread_id":"other"}}],"application_spec_id":"s"}"#,
    ] {
        service.answers_bytes(other.as_bytes()).await;
        let warnings = service.warnings(CachePolicy::NetworkOnly).await;
        assert!(warnings.iter().any(|warning| warning.contains("thread other, not t")), "{warnings:?}");
        assert_eq!(service.opens(CachePolicy::CacheOnly).await[0], Observed::CachedCopy(vec!["one".into()]));
    }
    service.answers_bytes(br#"{"messages":[{"entry":{"id":"x"}}],"thread":{"id":"T"}}"#).await;
    assert!(service.warnings(CachePolicy::NetworkOnly).await.is_empty(), "the case of an id does not matter");
}
