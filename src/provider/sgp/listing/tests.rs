//! Walks against made-up accounts and the sample bodies.

use serde_json::{Value, json};

use super::*;
use crate::domain::ExitCode;
use crate::provider::Provider;
use crate::provider::listing::ThreadScope;
use crate::provider::listing::tests::{Outcome, Response, fixture, ok, run, status};
use crate::provider::sgp::Sgp;

fn access() -> ServiceAccess {
    ServiceAccess {
        base_url: "https://sgp.example/public".to_owned(),
        api_key: Some("k3y".into()),
        account_id: Some("acc".to_owned()),
        fetch_by_account: true,
    }
}

fn list_with(access: &ServiceAccess, scope: &ListScope, respond: impl FnMut(&str) -> Response) -> Outcome {
    run(Sgp.start_listing(access, scope).unwrap(), 7, respond)
}

fn list(respond: impl FnMut(&str) -> Response) -> Outcome {
    list_with(&access(), &ListScope::default(), respond)
}

fn page(items: &[Value], total: usize) -> Response {
    ok(json!({"items": items, "current_page": 1, "items_per_page": 100, "total_item_count": total})
        .to_string())
}

fn number_in(address: &str, name: &str) -> usize {
    let (_, query) = address.split_once('?').unwrap();
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    value.unwrap().parse().unwrap()
}

/// Returns the page of the address.
fn page_of(items: &[Value], address: &str) -> Response {
    let (number, limit) = (number_in(address, "page"), number_in(address, "limit"));
    let rows: Vec<Value> = items.iter().skip((number - 1) * limit).take(limit).cloned().collect();
    page(&rows, items.len())
}

fn specs(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!({"id": format!("spec-{n}"), "name": format!("App {n}")})).collect()
}

fn variants(specs: usize, each: usize) -> Vec<Value> {
    let all = (0..specs).flat_map(|spec| (0..each).map(move |n| (spec, n)));
    all.map(|(spec, n)| {
        json!({"id": format!("v-{spec}-{n}"), "application_spec_id": format!("spec-{spec}"), "name": format!("V{n}"),
               "configuration": {"nodes": [{"items": [1, "]"]}]}, "version": "V0"})
    })
    .collect()
}

fn is_specs(address: &str) -> bool {
    address.starts_with("/public/v4/application-specs?")
}

fn is_variants(address: &str) -> bool {
    address.starts_with("/public/v4/application-variants?")
}

fn variant_of(address: &str) -> Option<&str> {
    address.strip_prefix("/public/v4/applications/")?.strip_suffix("/threads?include_archived=true")
}

/// Returns an account in which every variant has two threads.
fn account_with(specs_count: usize, each: usize, address: &str) -> Response {
    if is_specs(address) {
        return page_of(&specs(specs_count), address);
    }
    if is_variants(address) {
        return page_of(&variants(specs_count, each), address);
    }
    match variant_of(address) {
        Some(variant) => {
            ok(json!([{"id": format!("{variant}-a"), "title": "A"}, {"id": format!("{variant}-b")}])
                .to_string())
        }
        None => status(404, r#"{"detail":"Not Found"}"#),
    }
}

#[test]
fn forty_applications_of_three_variants_take_one_request_a_variant_and_three_more() {
    let outcome = list(|address| account_with(40, 3, address));
    assert_eq!((outcome.requests.len(), outcome.threads.len()), (123, 240));
    assert!(outcome.is_complete, "{:?}", outcome.notes);
    assert_eq!((outcome.applications.len(), outcome.variants.len()), (40, 120));
    let thread = outcome.threads.iter().find(|thread| thread.id == "v-7-2-a").unwrap();
    assert_eq!(
        (thread.application_id.as_deref(), thread.variant_id.as_deref()),
        (Some("spec-7"), Some("v-7-2"))
    );
    assert!(outcome.requests.iter().all(|url| url.starts_with("https://sgp.example/public/v4/")));
    assert!(outcome.requests[0].contains("account_id=acc&include_archived=true&page=1&limit="));
}

#[test]
fn sample_bodies_are_read_as_they_are_documented() {
    let outcome = list(|address| match address {
        _ if is_specs(address) && address.contains("page=1") => {
            ok(fixture("sgp_application_specs_page1.json"))
        }
        _ if is_specs(address) => ok(fixture("sgp_application_specs_page2.json")),
        _ if is_variants(address) => ok(fixture("sgp_application_variants.json")),
        _ if address.contains("000000000001/threads") => ok(fixture("sgp_threads_of_variant.json")),
        _ if address.contains("000000000002/threads") => {
            ok(fixture("sgp_threads_of_variant_old_server.json"))
        }
        _ => ok(fixture("sgp_threads_of_variant_wrapped.json")),
    });
    assert!(outcome.is_complete && outcome.notes.is_empty(), "{outcome:?}");
    let names: Vec<&str> = outcome.applications.iter().map(|spec| spec.name.as_str()).collect();
    assert_eq!(names, ["Support assistant", "売上アナリスト", "Stock agent (retired)"]);
    assert!(outcome.applications[2].archived_at.is_some());
    let kinds: Vec<(&str, bool)> =
        outcome.variants.iter().map(|variant| (variant.version.as_str(), variant.is_draft)).collect();
    assert_eq!(kinds, [("V0", false), ("AGENTS_SERVICE", true), ("OFFLINE", false)]);
    let mut ids = outcome.ids();
    ids.sort_unstable();
    let expected: Vec<String> = (1..=6).map(|n| format!("c0000000-0000-4000-8000-00000000000{n}")).collect();
    assert_eq!(ids, expected);
    let by_id = |n: usize| outcome.threads.iter().find(|thread| thread.id == expected[n - 1]).unwrap();
    assert_eq!(by_id(2).title, "");
    assert!(by_id(2).archived_at.is_some());
    assert_eq!(by_id(3).user.as_deref(), Some("svc-stock"));
    assert!(by_id(5).created_at.is_some(), "a time without a zone");
    assert_eq!(by_id(1).application_id.as_deref(), Some("a0000000-0000-4000-8000-000000000001"));
    // Two pages of applications: the total is reached without an empty page.
    assert_eq!(outcome.requests.len(), 2 + 1 + 3);
}

#[test]
fn accounts_of_a_key_are_listed() {
    let outcome = list_with(&access(), &ListScope::Accounts, |address| {
        assert_eq!(address, "/public/user-info");
        ok(fixture("sgp_user_info.json"))
    });
    let accounts: Vec<(&str, &str, &str)> = outcome
        .accounts
        .iter()
        .map(|account| (account.name.as_str(), account.role.as_str(), account.status.as_str()))
        .collect();
    let expected = [
        ("Lumen Retail", "admin", "active"),
        ("Lumen Retail (staging)", "viewer", "active"),
        ("Old tenant", "disabled", "locked"),
    ];
    assert_eq!(accounts, expected);
    assert!(outcome.is_complete);
}

#[test]
fn a_key_without_an_account_is_offered_those_that_are_open() {
    let access = ServiceAccess { account_id: None, ..access() };
    let outcome = list_with(&access, &ListScope::default(), |address| match address {
        "/public/user-info" => ok(fixture("sgp_user_info.json")),
        _ => status(401, r#"{"detail":"Unauthorized"}"#),
    });
    let error = outcome.failure.unwrap();
    assert_eq!(error.headline.as_ref(), "Which account? 2 are open to the key.");
    assert!(error.hint.contains("65f1c9b2a7d4e01c22b9f3aa (Lumen Retail)") && !error.hint.contains("f3cc"));
    assert_eq!((error.exit_code, outcome.accounts.len()), (ExitCode::NotAllowed, 3));
    assert!(outcome.requests.len() <= 3);
    // Without a list of accounts, the refusal itself is the error.
    let outcome = list_with(&access, &ListScope::default(), |_| status(401, ""));
    assert_eq!(outcome.failure.unwrap().message, "401");
}

#[test]
fn a_refused_variant_does_not_affect_the_others() {
    for refusal in [
        status(403, r#"{"detail":"Forbidden"}"#),
        status(404, fixture("sgp_error_404_route.json")),
        status(422, fixture("sgp_error_422_variant.json")),
        status(500, ""),
        Response { status: None, body: Vec::new() },
        ok("[{\"id\":\"cut"),
    ] {
        let mut refusal = Some(refusal);
        let outcome = list(|address| match variant_of(address) {
            Some("v-1-1") => refusal.take().unwrap(),
            _ => account_with(3, 2, address),
        });
        assert_eq!((outcome.threads.len(), outcome.refused.len()), (10, 1), "{outcome:?}");
        assert!(!outcome.is_complete && outcome.failure.is_none());
        assert_eq!(
            (outcome.refused[0].subject.as_str(), outcome.refused[0].variant_id.as_deref()),
            ("variant V1", Some("v-1-1"))
        );
    }
}

#[test]
fn without_applications_the_variants_are_walked_without_names() {
    for refusal in [403, 404, 500] {
        let outcome = list(|address| match is_specs(address) {
            true => status(refusal, ""),
            false => account_with(3, 2, address),
        });
        assert_eq!((outcome.threads.len(), outcome.refused[0].subject.as_str()), (12, "applications"));
        assert!(outcome.notes.iter().any(|note| note.contains("names of the applications")));
        assert!(outcome.threads.iter().all(|thread| thread.application_id.is_some()));
        let outcome = list_with(&access(), &ListScope::Applications, |address| match is_specs(address) {
            true => status(refusal, ""),
            false => account_with(3, 2, address),
        });
        let ids: Vec<&str> = outcome.applications.iter().map(|spec| spec.id.as_str()).collect();
        assert_eq!((ids, outcome.failure), (vec!["spec-0", "spec-1", "spec-2"], None));
    }
}

#[test]
fn without_variants_the_error_has_advice() {
    let outcome = list(|address| match is_variants(address) {
        true => status(404, fixture("sgp_error_404_route.json")),
        false => account_with(3, 2, address),
    });
    let error = outcome.failure.unwrap();
    assert!(error.hint.contains("--variant") && error.hint.contains("--from"), "{error:?}");
    assert_eq!(outcome.requests.len(), 2);
    let scope = ThreadScope { variants: vec!["v-0-1".to_owned(), "a/b".to_owned()], application: None };
    let outcome = list_with(&access(), &ListScope::Threads(scope), |address| {
        assert!(variant_of(address).is_some(), "{address}");
        account_with(3, 2, address)
    });
    assert_eq!((outcome.requests.len(), outcome.threads.len()), (2, 4));
    assert!(outcome.requests[1].contains("/applications/a%2Fb/threads"));
    let scope = ThreadScope { variants: vec!["..".to_owned()], application: None };
    assert!(Sgp.start_listing(&access(), &ListScope::Threads(scope)).is_err());
}

#[test]
fn a_page_of_an_application_is_requested_by_name_or_id() {
    for (wanted, count) in [("app 1", 4), ("spec-2", 4), ("APP", 12)] {
        let scope = ThreadScope { application: Some(wanted.to_owned()), ..ThreadScope::default() };
        let outcome = list_with(&access(), &ListScope::Threads(scope), |address| account_with(3, 2, address));
        assert_eq!((outcome.threads.len(), outcome.is_complete), (count, true), "{wanted}");
        assert_eq!(outcome.requests.len(), 2 + count / 2);
    }
    let scope = ThreadScope { application: Some("nothing".to_owned()), ..ThreadScope::default() };
    let outcome = list_with(&access(), &ListScope::Threads(scope), |address| account_with(3, 2, address));
    assert_eq!(outcome.failure.unwrap().exit_code, ExitCode::NotFound);
}

#[test]
fn smaller_pages_are_requested_if_the_service_requires_them() {
    let outcome = list(|address| {
        let is_paged = is_specs(address) || is_variants(address);
        match is_paged && number_in(address, "limit") > 30 {
            true => status(422, fixture("sgp_error_422_limit.json")),
            false => account_with(40, 3, address),
        }
    });
    assert_eq!((outcome.threads.len(), outcome.is_complete), (240, true), "{:?}", outcome.notes);
    // A limit that no size satisfies ends the walk.
    let outcome = list(|_| status(422, fixture("sgp_error_422_limit.json")));
    assert!(outcome.failure.is_some());
}

#[test]
fn pages_end_by_total_by_an_empty_page_or_by_a_page_without_anything_new() {
    // A service that ignores the page.
    let outcome = list(|address| match is_variants(address) {
        true => page(&variants(1, 3), 9),
        false => account_with(1, 3, address),
    });
    assert_eq!((outcome.threads.len(), outcome.requests.len()), (6, 6));
    assert_eq!(outcome.notes[0], "The service listed 3 of 9 variants.");
    assert!(!outcome.is_complete);
    // One that states no total.
    let outcome = list(|address| match (is_variants(address), address.contains("page=3")) {
        (true, true) => ok(r#"{"items":[]}"#),
        (true, false) => {
            let number = number_in(address, "page");
            ok(json!({"items": [{"id": format!("v{number}")}]}).to_string())
        }
        (false, _) => account_with(1, 3, address),
    });
    assert_eq!((outcome.variants.len(), outcome.is_complete), (2, true));
    // One that ignores its own total, and answers a page past the end.
    let outcome = list(|address| match (is_specs(address), address.contains("page=2")) {
        (true, true) => ok(fixture("sgp_application_specs_past_the_end.json")),
        (true, false) => page(&specs(1), 3),
        (false, _) => account_with(1, 3, address),
    });
    assert_eq!((outcome.applications.len(), outcome.threads.len(), outcome.is_complete), (1, 6, false));
    // A bare list has no pages.
    let outcome = list(|address| match is_variants(address) {
        true => ok(json!(variants(1, 3)).to_string()),
        false => account_with(1, 3, address),
    });
    assert_eq!((outcome.variants.len(), outcome.requests.len()), (3, 5));
}

#[test]
fn a_page_that_is_no_list_stops_the_walk() {
    for body in ["<html>Sign in</html>", "", "{\"detail\":\"x\"}", "\"x\"", "null"] {
        let outcome = list(|_| ok(body));
        assert_eq!(outcome.failure.unwrap().exit_code, ExitCode::NotUnderstood, "{body}");
        let mut lists = 0;
        let outcome = list(|address| match variant_of(address) {
            Some(_) => {
                lists += 1;
                if lists == 3 { ok(body) } else { account_with(40, 3, address) }
            }
            None => account_with(40, 3, address),
        });
        assert!(outcome.failure.is_none() && !outcome.is_complete && outcome.threads.len() >= 4, "{body}");
        assert_eq!(outcome.refused.len(), 1);
        assert!(outcome.notes[0].starts_with("The walk ended early"), "{:?}", outcome.notes);
    }
}

#[test]
fn a_lost_network_or_a_revoked_key_ends_the_walk() {
    for failure in [None, Some(401)] {
        let mut queue = 0;
        let outcome = list(|address| match variant_of(address) {
            Some(_) => {
                queue += 1;
                if queue > 5 {
                    Response { status: failure, body: Vec::new() }
                } else {
                    account_with(40, 3, address)
                }
            }
            None => account_with(40, 3, address),
        });
        assert!((1..=3).contains(&outcome.refused.len()), "{failure:?}: {:?}", outcome.refused);
        assert!(!outcome.is_complete && outcome.threads.len() == 10);
    }
}

#[test]
fn turns_name_the_threads_of_an_application_whose_list_is_refused() {
    let respond = |address: &str| match variant_of(address) {
        Some("b0000000-0000-4000-8000-000000000001") => status(403, ""),
        _ if is_specs(address) && address.contains("page=1") => {
            ok(fixture("sgp_application_specs_page1.json"))
        }
        _ if is_specs(address) => ok(fixture("sgp_application_specs_page2.json")),
        _ if is_variants(address) => ok(fixture("sgp_application_variants.json")),
        Some(_) => ok(fixture("sgp_threads_of_variant_empty.json")),
        None if address.contains("000000000001/interactions") => {
            ok(fixture("sgp_interactions_page1_2024.json"))
        }
        None => status(404, ""),
    };
    let outcome = list(respond);
    assert_eq!(outcome.ids(), ["c0000000-0000-4000-8000-000000000009"]);
    assert!(outcome.threads[0].updated_at.is_some() && !outcome.is_complete);
    assert!(outcome.notes[0].contains("list of turns only, without title: 1 thread"), "{:?}", outcome.notes);
}

#[test]
fn an_empty_account_is_checked_for_turns_once_and_explained() {
    let outcome = list(|address| match variant_of(address) {
        Some(_) => ok(fixture("sgp_threads_of_variant_empty.json")),
        None => account_with(40, 3, address),
    });
    assert_eq!((outcome.requests.len(), outcome.threads.len(), outcome.is_complete), (124, 0, true));
    assert!(outcome.notes[0].contains("key's own user"));
}

#[test]
fn a_thread_in_two_lists_is_listed_once_and_again_only_if_it_is_newer() {
    let outcome = list(|address| match variant_of(address) {
        Some(variant) => {
            let day = if variant == "v-0-0" { 2 } else { 1 };
            ok(json!([{"id": "same", "created_at": "2026-01-01", "updated_at": format!("2026-01-0{day}")}])
                .to_string())
        }
        None => account_with(1, 3, address),
    });
    assert_eq!(outcome.ids(), ["same", "same"]);
    assert!(outcome.threads[0].updated_at < outcome.threads[1].updated_at);
}

#[test]
fn entries_without_an_id_are_counted() {
    let outcome = list(|address| match variant_of(address) {
        Some(_) => ok(r#"[{"title":"x"},null,7,{"id":null},{"id":""},{"id":"good","title":null}]"#),
        None => account_with(1, 1, address),
    });
    assert_eq!(outcome.ids(), ["good"]);
    assert!(!outcome.is_complete && outcome.notes.iter().any(|note| note.ends_with("without an id: 5.")));
}
