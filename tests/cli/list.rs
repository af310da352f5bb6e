//! `unspool list` against the demo's account, and against a server that names another host.

use std::collections::HashSet;

use axum::Router;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::support::{CANARY, Demo, assert_harmless, read_csv, run, text, unspool_command};

const REFUSED: &str = "unspool: not listed: variant Closed pilot: 403 Forbidden\n";

fn lines(args: &[&str]) -> Vec<String> {
    let ended = run(&[&["list", "--demo"], args].concat());
    assert!(matches!(ended.status.code(), Some(0 | 3)), "{}", text(&ended.stderr));
    text(&ended.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn the_whole_account_is_listed_except_for_refused_parts() {
    for (format, head) in [("text", 0), ("ids", 0), ("ndjson", 0), ("csv", 1)] {
        let ended = run(&["list", "--demo", "--format", format]);
        assert_eq!((ended.status.code(), text(&ended.stderr)), (Some(3), REFUSED), "{format}");
        let out = text(&ended.stdout);
        assert_harmless(out, format);
        let count = out.lines().count() - head;
        assert!((1_950..2_100).contains(&count), "{format}: {count}");
        assert!(out.contains("8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"), "{format}");
    }
    let ids = lines(&["--format", "ids"]);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    assert!(ids.iter().all(|line| line.starts_with("sgp:")));
}

#[test]
fn applications_variants_and_accounts_are_listed() {
    let apps = run(&["list", "apps", "--demo"]);
    assert_eq!((apps.status.code(), text(&apps.stdout).lines().count()), (Some(0), 3));
    assert!(text(&apps.stdout).contains("売上アナリスト") && text(&apps.stdout).contains("archived"));
    let versions: HashSet<String> = lines(&["variants", "--format", "ndjson"])
        .iter()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["variant_version"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(versions.len(), 3);
    assert_eq!(
        lines(&["variants", "--app", "STOCK", "--format", "ids"]),
        ["9c4a6e12-stock", "9c4a6e13-external"]
    );
    assert_eq!(lines(&["accounts"]).len(), 3);
    assert_eq!(lines(&["accounts", "--format", "csv"]).len(), 4);
}

#[test]
fn threads_are_filtered_sorted_and_limited() {
    let of_app = lines(&["--app", "stock", "--format", "ids"]);
    assert_eq!(lines(&["--filter", "app:stock", "--format", "ids"]).len(), of_app.len());
    assert!(of_app.len() > 300 && of_app.len() < 500);
    let rows = |args: &[&str]| -> Vec<Value> {
        lines(&[args, &["--format", "ndjson"]].concat())
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let sorted = rows(&["--sort", "updated", "--limit", "20", "--filter", "archived:yes before:2026-10"]);
    let times: Vec<&str> = sorted.iter().map(|row| row["updated_at"].as_str().unwrap()).collect();
    assert!(times.len() == 20 && times.is_sorted_by(|a, b| a >= b) && times[0] < "2026-10");
    assert!(sorted.iter().all(|row| row["archived_at"].is_string()));
    let titles = rows(&["--sort", "title", "--limit", "3"]);
    assert!(titles.iter().all(|row| row["title"].is_string()));
    let messages = run(&["list", "--demo", "--provider", "camelai", "--sort", "messages", "--format", "ids"]);
    assert_eq!(text(&messages.stdout).lines().next(), Some("camelai:1001"));
    // With a limit, the rest of the list is not requested, so nothing is missing.
    let first = run(&["list", "--demo", "--format", "ids", "--limit", "2"]);
    assert_eq!(
        (first.status.code(), text(&first.stdout).lines().count(), text(&first.stderr)),
        (Some(0), 2, "")
    );
    let none = run(&["list", "--demo", "--provider", "camelai", "--filter", "nowhere"]);
    assert_eq!((none.status.code(), text(&none.stderr)), (Some(0), "unspool: no thread matches nowhere\n"));
}

#[test]
fn listed_ids_can_be_read_by_other_commands() {
    let ids = run(&["list", "--demo", "--format", "ids", "--variant", "3f8a2c54-draft", "--limit", "3"]);
    let stats = unspool_command()
        .args(["stats", "--demo", "--from", "-", "--format", "ndjson"])
        .write_stdin(ids.stdout)
        .output()
        .unwrap();
    assert_eq!(stats.status.code(), Some(0), "{}", text(&stats.stderr));
    let threads: HashSet<String> = text(&stats.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["thread_id"].to_string())
        .collect();
    // The last row is the sum of all.
    assert_eq!(threads.len(), 4);
}

#[test]
fn shifting_pages_lose_and_repeat_nothing() {
    let demo = Demo::start();
    for _ in 0..5 {
        let ended = demo.run(&["list", "--provider", "camelai", "--format", "ids"]);
        assert_eq!((ended.status.code(), text(&ended.stderr)), (Some(0), ""));
        let mut ids: Vec<&str> = text(&ended.stdout).lines().collect();
        ids.sort_unstable();
        assert_eq!(ids, ["camelai:1001", "camelai:1002", "camelai:1003", "camelai:1403", "camelai:1666"]);
    }
}

#[test]
fn an_account_that_cannot_be_listed_is_an_error_with_advice() {
    for (args, code, words) in [
        (&["apps", "--provider", "camelai"][..], 2, "camelAI does not list applications"),
        (&["--app", "nothing"], 5, "There is no such application"),
        (&["apps", "--app", "nothing"], 5, "There is no such application"),
        (&["variants", "--app", "nothing"], 5, "There is no such application"),
        (&["--filter", "rol:user"], 2, "Use app, variant"),
        (&["--filter", "since:soon"], 2, "needs a date or an age"),
        (&["apps", "--sort", "title"], 2, "--sort is for lists of threads"),
        (&["accounts", "--app", "x"], 2, "Omit --app"),
        (&["accounts", "--offline"], 2, "Omit --offline"),
        (&["apps", "--gone"], 2, "--gone is for lists of threads"),
        (&["--saved", "--missing"], 2, "cannot be used with"),
        (&["--variant", ".."], 2, "variant id"),
        (&["--variant", "5b1e7d91-pilot"], 3, "not listed: variant 5b1e7d91-pilot: 403 Forbidden"),
    ] {
        let ended = run(&[&["list", "--demo"], args].concat());
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {}", text(&ended.stderr));
        assert!(text(&ended.stderr).contains(words), "{args:?}: {}", text(&ended.stderr));
    }
    let no_key = run(&["list"]);
    assert_eq!(no_key.status.code(), Some(4));
    assert!(text(&no_key.stderr).contains("no API key for Scale SGP"));
    let refused = unspool_command()
        .env("SGP_API_KEY", "demo-key-refused")
        .args(["list", "--base-url", &Demo::start().url()])
        .output()
        .unwrap();
    assert!(matches!(refused.status.code(), Some(4 | 6)), "{}", text(&refused.stderr));
    assert!(!text(&refused.stderr).contains(CANARY));
}

#[test]
fn the_service_with_a_key_is_listed() {
    let demo = Demo::start();
    let list = |variable: &str| {
        let mut command = unspool_command();
        command.env(variable, CANARY).args([
            "list",
            "--format",
            "ids",
            "--limit",
            "1",
            "--base-url",
            &demo.url(),
        ]);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(list("SGP_API_KEY").starts_with("sgp:"));
    assert!(list("CAMEL_API_KEY").starts_with("camelai:"));
}

/// Returns a service whose only variant lists these threads, and its address.
fn service_with(runtime: &Runtime, threads: &Value) -> String {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = threads.to_string();
    let app = Router::new().fallback(move || async move { body });
    runtime.spawn(async move { axum::serve(listener, app).await });
    url
}

#[test]
fn hostile_titles_names_and_ids_stay_inert_in_every_format() {
    let runtime = Runtime::new().unwrap();
    let hostile =
        ["\u{1b}]52;c;aGk=\u{7}", "a\nsgp:other", "\u{202e}gnp.exe", "\u{9b}31m", " x ", "..", "\u{200b}"];
    let mut rows: Vec<Value> = hostile
        .iter()
        .map(|text| json!({"id": text, "title": text, "created_by_user_id": text, "updated_at": text}))
        .collect();
    rows.push(json!({"id": "good", "title": "=1+1"}));
    let url = service_with(&runtime, &Value::Array(rows));
    let list = |format: &str| {
        let args = ["list", "--variant", "v\u{1b}[31m", "--format", format, "--base-url", &url];
        unspool_command().env("SGP_API_KEY", CANARY).args(args).output().unwrap()
    };
    // The variant is not part of a path.
    assert_eq!(list("ids").status.code(), Some(2));
    for format in ["text", "ids", "ndjson", "csv"] {
        let args = ["list", "--variant", "v", "--format", format, "--base-url", &url];
        let ended = unspool_command().env("SGP_API_KEY", CANARY).args(args).output().unwrap();
        let (out, err) = (text(&ended.stdout), text(&ended.stderr));
        if format != "ndjson" {
            assert_harmless(out, format);
        }
        assert!(!out.contains('\u{1b}') && !out.contains('\u{9b}'), "{format}");
        assert_harmless(err, format);
        // A line break in a cell of CSV ends no row.
        let lines = match format {
            "csv" => read_csv(out).1.len(),
            _ => out.lines().count(),
        };
        assert_eq!(lines, if format == "ids" { 1 } else { 8 }, "{format}: {out}");
        assert_eq!(ended.status.code(), Some(if format == "ids" { 3 } else { 0 }), "{format}: {err}");
    }
    let ids = unspool_command()
        .env("SGP_API_KEY", CANARY)
        .args(["list", "--variant", "v", "--format", "ids", "--base-url", &url])
        .output()
        .unwrap();
    assert_eq!(text(&ids.stdout), "sgp:good\n");
    assert!(
        text(&ids.stderr).contains("omitted 7 ids that other commands cannot read"),
        "{}",
        text(&ids.stderr)
    );
}
