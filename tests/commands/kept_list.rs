//! `unspool list` with the library: saved, missing and gone threads, and lists without the network.

use std::sync::{Arc, Mutex};

use axum::extract::Path;
use axum::{Router, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::home::{CANARY, Home, RunResult};

/// A camelAI server whose list changes.
struct Service {
    ids: Arc<Mutex<Vec<u64>>>,
    url: String,
    _runtime: Runtime,
}

impl Service {
    fn with(ids: &[u64]) -> Self {
        let runtime = Runtime::new().unwrap();
        let ids = Arc::new(Mutex::new(ids.to_vec()));
        let listed = Arc::clone(&ids);
        let list = move || {
            let rows: Vec<Value> = listed.lock().unwrap().iter().map(row).collect();
            async move { json!({ "count": rows.len(), "results": rows }).to_string() }
        };
        let messages = |Path(id): Path<u64>| async move {
            let message = json!({ "id": id, "role": "user", "content": "a question" });
            json!({ "thread_id": id, "messages": [message] }).to_string()
        };
        let app = Router::new()
            .route("/api/v1/threads/", get(list))
            .route("/api/v1/threads/{id}/messages", get(messages));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { ids, url, _runtime: runtime }
    }

    fn run(&self, home: &Home, args: &[&str]) -> RunResult {
        let mut command = home.command(args);
        command.env("CAMEL_API_KEY", CANARY).env("CAMEL_API_URL", &self.url);
        RunResult::from_output(command.output().unwrap())
    }

    /// Returns the listed ids, in ascending order.
    fn list(&self, home: &Home, options: &[&str]) -> Vec<String> {
        let ran = self.run(home, &[&["list", "--format", "ids"], options].concat()).assert_ok();
        let mut ids: Vec<String> = ran.out.lines().map(str::to_owned).collect();
        ids.sort();
        ids
    }
}

fn row(id: &u64) -> Value {
    json!({
        "id": id, "title": format!("Thread {id}"), "created_at": "2026-08-03T14:02:10Z",
        "last_modified": "2026-08-05T18:11:39Z", "connection_names": [], "message_count": 1,
        "source": if id.is_multiple_of(2) { "API" } else { "UI" }, "uid": "u1",
    })
}

#[test]
fn threads_are_listed_by_where_they_are() {
    let (home, service) = (Home::new(), Service::with(&[1, 2, 3, 4]));
    assert_eq!(service.list(&home, &["--saved"]).len(), 0);
    assert_eq!(service.list(&home, &["--missing"]).len(), 4);
    service.run(&home, &["archive", "camelai:1", "camelai:2"]).assert_ok();
    assert_eq!(service.list(&home, &["--filter", "saved:yes"]), ["camelai:1", "camelai:2"]);
    assert_eq!(service.list(&home, &["--filter", "saved:no"]), ["camelai:3", "camelai:4"]);
    assert!(service.list(&home, &["--filter", "gone:yes"]).is_empty());
    assert_eq!(service.list(&home, &["--saved"]), ["camelai:1", "camelai:2"]);
    assert_eq!(service.list(&home, &["--missing"]), ["camelai:3", "camelai:4"]);
    assert_eq!(service.list(&home, &["--gone"]).len(), 0);
    // A saved thread and one that is not saved go; one is new.
    *service.ids.lock().unwrap() = vec![1, 3, 5];
    assert_eq!(service.list(&home, &["--gone"]), ["camelai:2"]);
    assert_eq!(service.list(&home, &["--filter", "gone:yes"]), ["camelai:2"]);
    assert_eq!(service.list(&home, &["--saved"]), ["camelai:1", "camelai:2"]);
    assert_eq!(service.list(&home, &["--missing"]), ["camelai:3", "camelai:5"]);
    assert_eq!(service.list(&home, &[]), ["camelai:1", "camelai:3", "camelai:5"]);
    assert_eq!(service.list(&home, &["--saved", "--filter", "source:ui"]), ["camelai:1"]);
    assert_eq!(service.list(&home, &["--saved", "--limit", "1"]).len(), 1);
    // The option applies to the whole filter, which must be valid by itself.
    assert_eq!(service.list(&home, &["--missing", "--filter", "Thread 3 OR Thread 1"]), ["camelai:3"]);
    assert_eq!(service.list(&home, &["--gone", "--filter", "source:ui OR source:api"]), ["camelai:2"]);
    assert_eq!(service.run(&home, &["list", "--saved", "--filter", "source:ui) OR (source:api"]).code, 2);
    let text = service.run(&home, &["list", "--gone"]).assert_ok().out;
    assert!(text.contains("Thread 2"), "{text}");
}

#[test]
fn noted_threads_are_listed_archived_searched_and_exported() {
    let (home, service) = (Home::new(), Service::with(&[1, 2, 3, 4]));
    assert!(service.list(&home, &["--filter", "noted:yes"]).is_empty());
    service.run(&home, &["archive", "camelai:1"]).assert_ok();
    let folder = service.run(&home, &["library", "path"]).assert_ok().out.trim().to_owned();
    let note = |base: &str, thread: &str, text: &str| {
        let line = json!({
            "at": "2026-11-30T12:00:00Z", "service": "camelai", "base": base, "thread_id": thread,
            "title": "", "message_id": thread, "excerpt": "", "text": text,
        });
        format!("{line}\n")
    };
    // Another host numbers its threads from 1, too.
    let lines = [
        note(&service.url, "2", "wrong Policy"),
        note(&service.url, "3", ""),
        note(&service.url, "1", "ask again"),
        note("https://other.example", "4", "policy"),
    ];
    std::fs::write(format!("{folder}/notes.ndjson"), lines.concat()).unwrap();
    service.run(&home, &["library", "rebuild"]).assert_ok();
    for (filter, ids) in [
        ("noted:yes", &["camelai:1", "camelai:2", "camelai:3"][..]),
        ("noted:no", &["camelai:4"]),
        ("!noted:yes", &["camelai:4"]),
        ("noted:policy", &["camelai:2"]),
        ("noted:\"ask again\" OR source:api", &["camelai:1", "camelai:2", "camelai:4"]),
        ("noted:yes source:ui", &["camelai:1", "camelai:3"]),
    ] {
        assert_eq!(service.list(&home, &["--filter", filter]), ids, "{filter}");
        assert_eq!(service.list(&home, &["--offline", "--filter", filter]), ids, "{filter}");
    }
    let ran = service.run(&home, &["archive", "--filter", "noted:policy", "--format", "json"]).assert_ok();
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["threads"]["saved"], 1, "{report}");
    let searched = |query: &str| {
        let ran = service.run(&home, &["search", query, "--format", "ndjson"]);
        let rows = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.map(|row| row["thread_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(searched("question").len(), 2);
    assert_eq!(searched("question noted:policy"), ["2"]);
    assert_eq!(searched("question noted:\"ask again\""), ["1"]);
    assert!(searched("question noted:no").is_empty());
    let export = ["library", "export", "set", "--filter", "noted:policy", "--format", "markdown"];
    let ran = service.run(&home, &export).assert_ok();
    assert!(ran.out.contains("1 thread") || ran.err.contains("1 thread"), "{}{}", ran.out, ran.err);
}

#[test]
fn the_kept_list_is_listed_offline() {
    let (home, service) = (Home::new(), Service::with(&[1, 2, 3]));
    let offline = |options: &[&str]| service.list(&home, &[&["--offline"], options].concat());
    let none = service.run(&home, &["list", "--offline"]);
    assert_eq!(none.code, 5, "{}", none.err);
    assert!(none.err.contains("no list of this account is kept"), "{}", none.err);
    service.list(&home, &[]);
    service.run(&home, &["archive", "camelai:2"]).assert_ok();
    *service.ids.lock().unwrap() = vec![1, 3];
    assert_eq!(offline(&[]), ["camelai:1", "camelai:2", "camelai:3"]);
    assert_eq!(offline(&["--gone"]).len(), 0, "nothing was asked since");
    service.list(&home, &[]);
    assert_eq!(offline(&["--gone"]), ["camelai:2"]);
    assert_eq!(offline(&["--saved"]), ["camelai:2"]);
    assert_eq!(offline(&["--missing", "--filter", "Thread 3"]), ["camelai:3"]);
    let ran = service.run(&home, &["list", "--offline"]).assert_ok();
    assert!(ran.err.contains("Offline: this is the kept list."), "{}", ran.err);
}

#[test]
fn the_kept_list_has_the_names_of_applications() {
    let home = Home::with_demo();
    let list = |options: &[&str]| home.fetch(&[&["list", "--provider", "sgp"], options].concat());
    list(&["--format", "ids"]);
    for options in [&["--app", "stock", "--format", "ids"][..], &["variants", "--format", "ids"]] {
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        let online = list(options).out;
        let offline = list(&[options, &["--offline"]].concat()).assert_ok().out;
        assert!(!online.is_empty() && sorted(&online) == sorted(&offline), "{options:?}");
    }
    // A list with --no-cache records nothing.
    let fresh = Home::with_demo();
    fresh.fetch(&["list", "--provider", "camelai", "--no-cache"]).assert_ok();
    assert_eq!(fresh.fetch(&["list", "--provider", "camelai", "--offline"]).code, 5);
}

#[test]
fn a_thread_that_was_read_is_listed_searched_and_counted_until_its_copy_is_removed() {
    let (service, home) = (Service::with(&[1, 2]), Home::new());
    service.run(&home, &["show", "camelai:1"]).assert_ok();
    service.run(&home, &["show", "camelai:3", "--no-cache"]).assert_ok();
    // Showing a thread does not open the catalogue.
    assert!(!home.path("data").exists());
    assert_eq!(service.list(&home, &["--offline"]), ["camelai:1"]);
    assert_eq!(service.list(&home, &["--read"]), ["camelai:1"]);
    assert_eq!(service.list(&home, &["--filter", "read:yes"]), ["camelai:1"]);
    assert_eq!(service.list(&home, &["--missing"]), ["camelai:1", "camelai:2"]);
    assert!(service.list(&home, &["--saved"]).is_empty());
    let found = |home: &Home| service.run(home, &["search", "question", "--format", "ndjson"]);
    assert!(found(&home).assert_ok().out.contains("camelai:1"));
    for (query, code) in [("question read:yes", 0), ("question saved:no", 0), ("question saved:yes", 5)] {
        assert_eq!(service.run(&home, &["search", query]).code, code, "{query}");
    }
    let stats = |home: &Home| -> Value {
        let ran = service.run(home, &["library", "stats", "--format", "json"]).assert_ok();
        serde_json::from_str(&ran.out).unwrap()
    };
    assert_eq!((&stats(&home)["kept_threads"], &stats(&home)["read_threads"]), (&json!(0), &json!(1)));
    service.run(&home, &["library", "check", "--deep"]).assert_ok();

    // Archiving replaces the copy, and clearing the cache does not change it.
    service.run(&home, &["archive", "camelai:1"]).assert_ok();
    service.run(&home, &["show", "camelai:2"]).assert_ok();
    assert_eq!(service.list(&home, &["--read"]), ["camelai:2"]);
    assert_eq!(service.list(&home, &["--saved"]), ["camelai:1"]);
    service.run(&home, &["cache", "clear", "--yes"]).assert_ok();
    assert_eq!((&stats(&home)["kept_threads"], &stats(&home)["read_threads"]), (&json!(1), &json!(0)));
    assert!(found(&home).out.contains("camelai:1"));
}

#[test]
fn forgetting_a_thread_that_was_only_read_removes_its_copy() {
    let (service, home) = (Service::with(&[1]), Home::new());
    service.run(&home, &["show", "camelai:1"]).assert_ok();
    let ran = service.run(&home, &["library", "forget", "camelai:1", "--yes"]).assert_ok();
    assert!(ran.out.contains("1 cached copy"), "{ran:?}");
    assert_eq!(service.run(&home, &["show", "camelai:1", "--offline"]).code, 5);
    assert_eq!(service.run(&home, &["search", "question"]).code, 5);
    // Reading the thread again does not add it to the library.
    service.run(&home, &["show", "camelai:1"]).assert_ok();
    assert_eq!(service.run(&home, &["search", "question"]).code, 5);
    // The new copy can be removed in the same way; without one, there is nothing to forget.
    let forget = ["library", "forget", "camelai:1", "--yes"];
    assert_eq!(service.run(&home, &forget).assert_ok().out, "forgot 1 cached copy\n");
    assert_eq!(service.run(&home, &["show", "camelai:1", "--offline"]).code, 5);
    assert_eq!(service.run(&home, &forget).code, 5);
}

#[test]
fn retention_removes_old_threads_in_archive_runs_and_does_not_fetch_them_again() {
    let (service, home) = (Service::with(&[1, 2]), Home::new());
    service.run(&home, &["archive"]).assert_ok();
    home.write("config/config.toml", "[library]\nkeep = \"1d\"\n");
    // Only archive runs apply the setting, but not to threads that are named.
    service.run(&home, &["library", "check"]).assert_ok();
    let ran = service.run(&home, &["archive", "camelai:1"]).assert_ok();
    assert!(ran.out.contains("1 expired") && ran.out.contains("Removed 1 thread that"), "{ran:?}");
    assert_eq!(service.list(&home, &["--offline", "--saved"]), ["camelai:1"]);
    let ran = service.run(&home, &["archive", "--format", "json"]).assert_ok();
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&report["expired"], &report["too_old"], &report["requests"]),
        (&json!(1), &json!(2), &json!(0))
    );
    assert!(service.list(&home, &["--offline", "--saved"]).is_empty());
}

#[test]
fn a_thread_that_is_named_twice_is_forgotten_once() {
    let (service, home) = (Service::with(&[1, 2]), Home::new());
    service.run(&home, &["archive"]).assert_ok();
    let ran = service.run(&home, &["library", "forget", "camelai:1", "camelai:1", "--user", "u1", "--yes"]);
    assert!(ran.code == 0 && ran.out.starts_with("forgot 2 threads, 2 revisions, "), "{ran:?}");
}

#[test]
fn forgetting_a_thread_of_the_demo_keeps_the_copy_of_the_real_one() {
    let (service, home) = (Service::with(&[1]), Home::new());
    let folder = service.run(&home, &["library", "path", "--demo"]).assert_ok().out.trim().to_owned();
    service.run(&home, &["archive", "camelai:1"]).assert_ok();
    std::fs::rename(home.path("data/library"), folder).unwrap();
    service.run(&home, &["show", "camelai:1"]).assert_ok();
    service.run(&home, &["library", "--demo", "forget", "camelai:1", "--yes"]).assert_ok();
    service.run(&home, &["show", "camelai:1", "--offline"]).assert_ok();
}

#[test]
fn an_unforgotten_thread_is_archived_again() {
    let (service, home) = (Service::with(&[1]), Home::new());
    service.run(&home, &["archive"]).assert_ok();
    service.run(&home, &["library", "forget", "camelai:1", "--yes"]).assert_ok();
    assert!(service.run(&home, &["archive"]).out.contains("1 forgotten"));
    assert_eq!(service.run(&home, &["library", "unforget", "camelai:2"]).code, 5);
    // A thread that cannot be forgotten does not affect the others.
    let ran = service.run(&home, &["library", "unforget", "camelai:2", "camelai:1", "not a thread"]);
    assert!(ran.code == 2 && ran.out.contains("camelai:1, forgotten on "), "{ran:?}");
    assert!(ran.err.contains("camelai:2 is not forgotten") && ran.err.contains("not a thread: "), "{ran:?}");
    assert!(service.run(&home, &["archive"]).out.contains("1 saved"));
}
