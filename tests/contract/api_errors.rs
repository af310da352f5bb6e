//! Error responses and their messages to users.

use unspool::testing::provider::ServiceAccess;

use crate::support::{fixture, service};

fn explained(name: &str, file: &str, status: u16, access: &ServiceAccess) -> String {
    let refusal = service(name).explain_error(status, &fixture(file), access);
    format!("{file} {status}: {}\n  -> {}\n", refusal.messages.join(" | "), refusal.hint)
}

#[test]
fn every_error_sample_is_explained_with_the_services_message() {
    let mut out = String::new();
    for (name, file, status) in [
        ("sgp", "sgp_error_401.json", 401),
        ("sgp", "sgp_error_403.json", 403),
        ("sgp", "sgp_error_404.json", 404),
        ("sgp", "sgp_error_422.json", 422),
        ("sgp", "sgp_error_429.json", 429),
        ("sgp", "sgp_error_500.json", 500),
        ("sgp", "error_non_json_502.txt", 502),
        ("sgp", "error_non_json_502.txt", 302),
        ("camelai", "camelai_error_400.json", 400),
        ("camelai", "camelai_error_401.json", 401),
        ("camelai", "camelai_error_401_token.json", 401),
        ("camelai", "camelai_error_402.json", 402),
        ("camelai", "camelai_error_403.json", 403),
        ("camelai", "camelai_error_404.json", 404),
        ("camelai", "camelai_error_404_thread_details.json", 404),
        ("camelai", "camelai_error_422.json", 422),
        ("camelai", "camelai_error_429.json", 429),
        ("camelai", "error_non_json_502.txt", 502),
    ] {
        out.push_str(&explained(name, file, status, &service(name).access_from_env(&|_| None)));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn hints_depend_on_the_configured_access() {
    let none = service("sgp").access_from_env(&|_| None);
    let account = ServiceAccess { account_id: Some("acc".to_owned()), ..none.clone() };
    let admin = ServiceAccess { fetch_by_account: true, ..account.clone() };
    let mut out = String::new();
    for (file, status) in
        [("sgp_error_401.json", 401), ("sgp_error_403.json", 403), ("sgp_error_404.json", 404)]
    {
        for access in [&none, &account, &admin] {
            out.push_str(&explained("sgp", file, status, access));
        }
    }
    insta::assert_snapshot!(out);
}
