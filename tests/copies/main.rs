//! Kept copies end to end: a service that says something else each time, a cache in a folder of the test's own, and the
//! news that the browser would hear.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a helper that cannot do its part fails the test"
)]

mod told;

use std::fs;
use std::path::PathBuf;

use secrecy::SecretString;
use unspool::event::News;
use unspool::runtime::http::{Control, control};
use unspool::runtime::source::Plan;

use told::{Desk, Told, body};

#[tokio::test]
async fn the_second_opening_shows_the_copy_with_its_age_and_then_the_fresh_body() {
    let desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    assert_eq!(desk.opens(Plan::CopyFirst).await, [Told::Asked(vec!["one".into()])]);
    desk.answers(&["one", "two"]).await;
    let told = desk.opens(Plan::CopyFirst).await;
    assert_eq!(told, [Told::Copy(vec!["one".into()]), Told::Asked(vec!["one".into(), "two".into()])]);
    let saved = desk.saved_at();
    assert!(desk.began <= saved && saved <= unspool::runtime::source::now());
    // What came the second time is what the third opening begins with.
    let told = desk.opens(Plan::CopyFirst).await;
    assert_eq!(told[0], Told::Copy(vec!["one".into(), "two".into()]));
}

#[tokio::test]
async fn fresh_means_that_no_copy_is_shown_but_one_is_kept() {
    let desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    desk.opens(Plan::Fresh).await;
    assert_eq!(desk.opens(Plan::Fresh).await, [Told::Asked(vec!["one".into()])]);
    assert_eq!(desk.opens(Plan::CopyOnly).await, [Told::Copy(vec!["one".into()]), Told::NotAsked]);
}

#[tokio::test]
async fn offline_the_service_is_not_asked() {
    let desk = Desk::begin().await;
    let told = desk.opens(Plan::CopyOnly).await;
    assert!(matches!(&told[..], [Told::Failed(5, what)] if what.contains("no copy")), "{told:?}");
    desk.answers(&["one"]).await;
    desk.opens(Plan::CopyFirst).await;
    let asked = desk.asked().await;
    assert_eq!(desk.opens(Plan::CopyOnly).await, [Told::Copy(vec!["one".into()]), Told::NotAsked]);
    assert_eq!(desk.asked().await, asked);
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_leaves_the_copy() {
    let mut desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    desk.opens(Plan::CopyFirst).await;
    desk.goes_away().await;
    for plan in [Plan::CopyFirst, Plan::FreshElseCopy] {
        let told = desk.opens(plan).await;
        assert!(matches!(&told[..], [Told::Copy(_), Told::Failed(6, _)]), "{plan:?}: {told:?}");
    }
    assert!(matches!(&desk.opens(Plan::Fresh).await[..], [Told::Failed(6, _)]));
}

#[tokio::test]
async fn a_refusal_is_no_dead_network_and_scripts_get_no_copy_for_it() {
    let desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    desk.opens(Plan::Fresh).await;
    desk.refuses(403).await;
    assert!(matches!(&desk.opens(Plan::FreshElseCopy).await[..], [Told::Failed(4, _)]));
    assert!(matches!(&desk.opens(Plan::CopyFirst).await[..], [Told::Copy(_), Told::Failed(4, _)]));
}

#[tokio::test]
async fn a_body_that_is_no_thread_or_breaks_off_does_not_take_the_place_of_the_copy() {
    let desk = Desk::begin().await;
    desk.answers(&["one", "two"]).await;
    desk.opens(Plan::Fresh).await;
    let whole = body(&["one", "two", "three"]);
    for body in ["<html>please log in</html>", "{}", "", &whole[..whole.len() - 9]] {
        desk.answers_bytes(body.as_bytes()).await;
        desk.opens(Plan::Fresh).await;
        assert_eq!(
            desk.opens(Plan::CopyOnly).await[0],
            Told::Copy(vec!["one".into(), "two".into()]),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_part_is_better_than_nothing_and_said_to_be_one() {
    let desk = Desk::begin().await;
    let whole = body(&["one", "two", "three"]);
    desk.answers_bytes(&whole.as_bytes()[..whole.len() - 9]).await;
    desk.opens(Plan::Fresh).await;
    let told = desk.opens(Plan::CopyOnly).await;
    assert!(matches!(&told[0], Told::PartOfCopy(messages) if messages.len() >= 2), "{told:?}");
}

#[tokio::test]
async fn a_damaged_copy_is_none_and_a_fresh_one_takes_its_place() {
    let desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    desk.opens(Plan::Fresh).await;
    for entry in desk.entries() {
        let mut bytes = fs::read(&entry).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        fs::write(&entry, bytes).unwrap();
    }
    assert_eq!(desk.opens(Plan::CopyFirst).await.last(), Some(&Told::Asked(vec!["one".into()])));
    assert_eq!(desk.opens(Plan::CopyOnly).await[0], Told::Copy(vec!["one".into()]));
}

#[tokio::test]
async fn two_at_once_leave_one_whole_copy() {
    let desk = Desk::begin().await;
    desk.answers(&["one", "two"]).await;
    let told = tokio::join!(desk.opens(Plan::Fresh), desk.opens(Plan::Fresh), desk.opens(Plan::CopyFirst));
    for told in [told.0, told.1, told.2] {
        assert_eq!(told.last(), Some(&Told::Asked(vec!["one".into(), "two".into()])));
    }
    assert_eq!(desk.entries().len(), 1);
    assert_eq!(desk.opens(Plan::CopyOnly).await[0], Told::Copy(vec!["one".into(), "two".into()]));
}

#[tokio::test]
async fn somebody_elses_copy_is_not_shown_before_the_service_has_agreed() {
    let mut desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    desk.opens(Plan::Fresh).await;
    desk.access.key = Some(SecretString::from("another"));
    desk.refuses(401).await;
    assert!(matches!(&desk.opens(Plan::CopyFirst).await[..], [Told::Failed(4, _)]));
    // Offline nobody is asked, and all copies are this user's: a key that was changed must not hide them.
    assert_eq!(desk.opens(Plan::CopyOnly).await[0], Told::Copy(vec!["one".into()]));
    desk.access.key = None;
    let told = desk.opens(Plan::CopyFirst).await;
    assert!(matches!(&told[..], [Told::Copy(_), Told::Failed(4, _)]), "{told:?}");
}

#[tokio::test]
async fn another_host_or_account_is_another_thread() {
    let mut desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    desk.opens(Plan::Fresh).await;
    desk.access.base_url += "/public";
    assert!(matches!(&desk.opens(Plan::CopyOnly).await[..], [Told::Failed(5, _)]));
}

#[tokio::test]
async fn no_store_keeps_nothing() {
    let mut desk = Desk::begin().await;
    desk.store = None;
    desk.answers(&["one"]).await;
    desk.opens(Plan::CopyFirst).await;
    assert_eq!(desk.entries(), Vec::<PathBuf>::new());
    assert!(matches!(&desk.opens(Plan::CopyOnly).await[..], [Told::Failed(5, _)]));
}

#[tokio::test]
async fn a_home_that_cannot_be_written_costs_the_copy_only() {
    let desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    fs::write(desk.home.path().join("cache"), "in the way").unwrap();
    assert_eq!(desk.opens(Plan::CopyFirst).await, [Told::Asked(vec!["one".into()])]);
}

#[tokio::test]
async fn details_are_kept_beside_the_messages() {
    let mut desk = Desk::camelai().await;
    desk.answers(&["one"]).await;
    desk.has_details(r#"{"id":48213,"title":"Margins"}"#).await;
    desk.opens(Plan::Fresh).await;
    assert_eq!(desk.entries().len(), 2);
    desk.goes_away().await;
    let heard = desk.hears(Plan::CopyFirst, Control::none()).await;
    let title =
        heard.iter().any(|news| matches!(news, News::Details(details) if details.ends_with(b"\"Margins\"}")));
    assert!(title, "{heard:?}");
}

#[tokio::test]
async fn what_is_cancelled_tells_no_end() {
    let desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    desk.opens(Plan::Fresh).await;
    let (handle, control) = control();
    handle.cancel();
    let heard = desk.hears(Plan::CopyFirst, control).await;
    assert!(!heard.iter().any(|news| matches!(news, News::Ended(_) | News::Failed(_))), "{heard:?}");
}

#[tokio::test]
async fn the_key_is_nowhere_in_the_cache() {
    let desk = Desk::begin().await;
    desk.answers(&["one"]).await;
    desk.opens(Plan::Fresh).await;
    let entry = fs::read(&desk.entries()[0]).unwrap();
    assert!(memchr::memmem::find(&entry, told::KEY.as_bytes()).is_none());
}

#[tokio::test]
async fn details_behind_a_redirect_are_told_and_the_thread_is_there() {
    let desk = Desk::camelai().await;
    desk.answers(&["one"]).await;
    for (target, says) in [
        (
            "/api/v1/threads/48213/",
            "redirect (301) to another address of the same host, which is not followed",
        ),
        ("https://evil.example/x", "redirect (301) to https://evil.example, which is not followed"),
    ] {
        desk.redirects_details(target).await;
        let heard = desk.hears(Plan::Fresh, Control::none()).await;
        let remarks: Vec<_> = heard
            .iter()
            .filter_map(|news| if let News::Remark(text) = news { Some(text) } else { None })
            .collect();
        assert_eq!(remarks.len(), 1, "{heard:?}");
        assert!(remarks[0].contains(says) && remarks[0].contains(&desk.access.base_url), "{remarks:?}");
        assert!(heard.iter().any(|news| matches!(news, News::Ended(ending) if !ending.partial)), "{heard:?}");
    }
}
