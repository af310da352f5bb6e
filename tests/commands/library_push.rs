//! `unspool library push`, and reading from the server, against Debian's ClickHouse. Without it, the tests are skipped.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use unspool::testing::app_loop::find_threads;
use unspool::testing::clickhouse::{Address, ClickHouse, Login};
use unspool::testing::credentials::api_key::{KeySources, LazyApiKey};
use unspool::testing::domain::{AccountRef, ListedApplication, ListedThread, ListedVariant, Timestamp};
use unspool::testing::effect::FindRequest;
use unspool::testing::event::Event;
use unspool::testing::library::{Account, BodyFacts, FetchedBody, Library, LibraryLocation};
use unspool::testing::net::Limits;
use unspool::testing::view::thread_table::ThreadGroup;

use crate::clickhouse_server::{ClickHouseServer, KillPoint, KillingProxy, PASSWORD};
use crate::home::{Home, RunResult};

/// Words with and without accents, of scripts without spaces, identifiers, and characters with a meaning in SQL or in an
/// index.
const WORDS: [&str; 24] = [
    "refund",
    "Refunds",
    "warranty",
    "how",
    "long",
    "café",
    "naïve",
    "Ελλάδα",
    "Привет",
    "中国人民",
    "売上",
    "สวัสดี",
    "gpt-4o",
    "api_key",
    "http://h.example/a?b=c",
    "done🤖",
    "O'Brien",
    "back\\slash",
    "100%",
    "\"quoted\"",
    "日本",
    "x\u{301}y",
    "ＦＵＬＬ",
    "the",
];

const QUERIES: [&str; 32] = [
    "refund",
    "Refund*",
    "refu*",
    "r*",
    "the",
    "\"how long\"",
    "\"long how\"",
    "refund -warranty",
    "refund warranty",
    "cafe",
    "CAFÉ",
    "naive",
    "ελλαδα",
    "привет",
    "国",
    "国人",
    "中国人民",
    "売上",
    "สวัส",
    "gpt-4o",
    "api_key",
    "key",
    "http://h.example",
    "done",
    "done🤖",
    "O'Brien",
    "back\\slash",
    "100%",
    "full",
    "role:assistant refund",
    "role:user refund -the",
    "since:2026-01-01 before:2026-06-01 long",
];

/// Terms about threads: with capital letters that differ, of applications by name and by id, of variants, and of states.
const THREAD_TERMS: [&str; 22] = [
    "id:7",
    "id:no-such",
    "user:ana",
    "uid:ANA@EXAMPLE",
    "user:straße",
    "user:привет",
    "user:kelvin",
    "user:i",
    "user:'",
    "app:support",
    "app:APP-2",
    "app:app",
    "variant:ranked",
    "variant:var-1",
    "source:api",
    "source:ap",
    "model:sonnet",
    "model:gpt user:ana",
    "archived:yes",
    "archived:no app:support",
    "changed:yes",
    "gone:yes",
];

const USERS: [&str; 6] =
    ["Ana@example.com", "STRASSE", "große STRAßE", "ПРИВЕТ", "\u{212a}elvin \u{130}stanbul", "O'Neil"];

/// Returns a library of many small threads over many months.
fn fill(folder: &Path, threads: usize) -> Library {
    let mut library = Library::open(folder).unwrap();
    let account = Account::new("camelai", "https://h.example", None);
    let mut state = 1u32;
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *WORDS.get((state >> 16) as usize % WORDS.len()).unwrap()
    };
    for number in 0..threads {
        let month = i64::try_from(number).unwrap() * 31 * 86_400_000_000;
        let at = |add: i64| Some(Timestamp(1_780_000_000_000_000 - month + add));
        let listed = ListedThread {
            id: format!("{number}"),
            title: format!("{} {}", word(), word()),
            created_at: at(0),
            updated_at: at(i64::try_from(number % 7).unwrap()).filter(|_| number % 5 > 0),
            user: USERS.get(number % 7).map(|user| (*user).to_owned()),
            application_id: (number % 4 > 0).then(|| format!("App-{}", number % 4)),
            variant_id: (number % 3 > 0).then(|| format!("var-{}", number % 3)),
            origin: Some(if number % 2 == 0 { "API" } else { "UI" }.to_owned()),
            model: (number % 5 > 1).then(|| if number % 2 == 0 { "Sonnet-4.5" } else { "gpt-4o" }.to_owned()),
            archived_at: at(0).filter(|_| number % 6 == 0),
            ..ListedThread::default()
        };
        let messages: Vec<_> = (0..4)
            .map(|index| {
                let text: Vec<&str> = (0..12).map(|_| word()).collect();
                let role = if index % 2 == 0 { "user" } else { "assistant" };
                json!({ "id": number * 10 + index, "role": role, "content": text.join(" "),
                    "created_at": "2026-03-01T10:00:00Z" })
            })
            .collect();
        let mut writer = library.start_body().unwrap();
        writer.write(json!({ "messages": messages }).to_string().as_bytes()).unwrap();
        let facts = BodyFacts { message_count: 4, ..BodyFacts::default() };
        let fetched_at = Timestamp(1_790_000_000_000_000 + i64::try_from(number).unwrap());
        let fetched = FetchedBody { body: writer.finish().unwrap(), facts, fetched_at };
        library.keep(&account, &listed, fetched).unwrap();
        match number % 9 {
            7 => library.record_gone(&account, &listed.id, Timestamp(1_791_000_000_000_000)).unwrap(),
            8 => {
                let changed = ListedThread { updated_at: at(9), message_count: Some(9), ..listed };
                library.record_listed(&account, &[changed]).unwrap();
            }
            _ => {}
        }
    }
    record_names(&mut library, &account);
    library.update_index(&mut |_| true).unwrap();
    library
}

/// Names for some of the applications and variants of the threads.
fn record_names(library: &mut Library, account: &Account) {
    let application = |id: &str, name: &str| ListedApplication {
        id: id.to_owned(),
        name: name.to_owned(),
        ..ListedApplication::default()
    };
    let variant = |id: &str, name: &str, application_id: &str| ListedVariant {
        id: id.to_owned(),
        name: name.to_owned(),
        application_id: Some(application_id.to_owned()),
        ..ListedVariant::default()
    };
    let applications = [application("App-1", "Customer SUPPORT"), application("App-3", "Sales")];
    let variants = [variant("var-1", "Ranked", "App-1"), variant("var-2", "plain", "App-2")];
    library.record_names(account, &applications, &variants).unwrap();
}

/// Returns a home whose profile `team` reads from a database of the server.
fn home_with_profile(server: &ClickHouseServer, database: &str) -> Home {
    let home = Home::with_demo();
    let config = format!(
        "[profiles.team]\nservice = \"camelai\"\nlibrary = \"{}\"\n\
         library_user = \"reader\"\nlibrary_password_env = \"TEAM_PASSWORD\"\n",
        server.address(database)
    );
    home.write("config/config.toml", &config);
    home
}

fn read(home: &Home, args: &[&str]) -> RunResult {
    let mut command = home.command(args);
    command.env("TEAM_PASSWORD", PASSWORD).env("CAMEL_API_KEY", PASSWORD).env("CAMEL_API_URL", home.url());
    RunResult::from_output(command.output().unwrap())
}

/// Asserts that the output with and without the profile is equal, and returns it.
fn assert_equal(home: &Home, args: &[&str]) -> String {
    let local = read(home, args);
    let remote = read(home, &[args, &["--profile", "team"]].concat());
    assert_eq!((remote.code, &remote.out), (local.code, &local.out), "{args:?}\n{}", remote.err);
    local.out
}

#[test]
fn searches_lists_sums_and_bodies_of_the_server_are_those_of_this_machine() {
    let Some(server) = ClickHouseServer::start() else { return };
    let home = home_with_profile(&server, "equal");
    drop(fill(&home.path("data/library"), 60));
    keep_large(&home.path("data/library"));
    for threads in [["--provider", "camelai"], ["--quiet", "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"]] {
        let ran = home.fetch(&[&["archive"], &threads[..]].concat());
        assert!(ran.code == 0 || ran.code == 3, "{}", ran.err);
    }
    let pushed = home.run(&["library", "push", "--to", &server.address("equal")]).assert_ok();
    assert!(pushed.out.starts_with("sent "), "{}", pushed.out);

    let mut hits = 0;
    for query in QUERIES.iter().chain(&[
        "is:failed",
        "is:negative",
        "id:7 the",
        "re:refund.*the",
        "revenue",
        "sql",
        "duration>0 the",
        "duration>2s",
        "duration<=5s the",
        "tokens>100",
        "tokens<5k the",
        "cost>0",
        "cost<0.05 tokens>10",
        "duration:0",
    ]) {
        let found = assert_equal(&home, &["search", "--limit", "1000", "--format", "ndjson", query]);
        hits += found.lines().count();
        assert!(!query.contains('>') || !found.is_empty(), "{query}");
    }
    assert!(hits > 500, "{hits}");
    for terms in THREAD_TERMS {
        let query = format!("{terms} the");
        assert_equal(&home, &["search", "--limit", "1000", "--format", "ndjson", &query]);
        assert_equal(&home, &["search", "--analysis", "--format", "ndjson", terms]);
    }
    assert_equal(&home, &["library", "stats", "--format", "json"]);
    let list = ["list", "--provider", "camelai", "--offline", "--format", "ndjson", "--sort", "created"];
    assert!(assert_equal(&home, &list).lines().count() > 2);
    assert_equal(
        &home,
        &["list", "--provider", "camelai", "--offline", "--saved", "--format", "ids", "--sort", "created"],
    );
    let ids = assert_equal(&home, &["search", "--format", "ids", "the"]);
    for reference in ids.lines().take(3) {
        assert_equal(&home, &["show", reference, "--format", "json"]);
    }
    for format in ["json", "raw"] {
        assert_equal(&home, &["show", "camelai:1001", "--no-cache", "--format", format]);
        assert_equal(&home, &["show", "camelai:3", "--offline", "--format", format]);
        assert_equal(&home, &["show", "camelai:777", "--offline", "--format", format]);
    }
    assert_found_threads_are_equal(&server, &home);
    let parts = server.query("SELECT max(part), max(length(data)) FROM equal.bodies WHERE thread = '777'");
    assert_eq!(parts, "1\t1048576");
}

/// Asserts that the search below the list of threads finds the same with the server and without it.
fn assert_found_threads_are_equal(server: &ClickHouseServer, home: &Home) {
    let runtime = Runtime::new().unwrap();
    let address = Address::parse(&server.address("equal")).unwrap();
    let password = LazyApiKey::new(KeySources {
        environment: Some(("TEAM_PASSWORD".to_owned(), PASSWORD.to_owned().into())),
        ..KeySources::default()
    });
    let login = Login { user: Some("reader".to_owned()), password };
    let remote = ClickHouse::new(address, login, Limits::default(), runtime.handle().clone());
    let local = LibraryLocation::in_folder(&home.path("data"));
    let remote = local.clone().with_remote(Some(Arc::new(remote)));
    let accounts = |location: &LibraryLocation| {
        location.open_reader().unwrap().map(|library| library.kept_accounts().unwrap()).unwrap()
    };
    assert!(!accounts(&local).is_empty());
    assert_eq!(accounts(&remote), accounts(&local));
    let mut found = 0;
    for (words, group) in QUERIES
        .iter()
        .flat_map(|words| [(words, ThreadGroup::All), (words, ThreadGroup::User("7".to_owned()))])
    {
        let find = |location: &LibraryLocation| {
            let (outbox, mut inbox) = mpsc::channel(1);
            let account = Account::new("camelai", "https://h.example", None);
            let (words, group) = ((*words).to_owned(), group.clone());
            let request =
                FindRequest { id: 1, account: AccountRef::in_use("camelai"), words, group, filter: None };
            runtime.block_on(find_threads::run((location.clone(), account), request, Arc::default(), outbox));
            match inbox.try_recv() {
                Ok(Event::ThreadsFound(found)) => Some(*found),
                Ok(_) | Err(_) => None,
            }
        };
        let (one, other) = (find(&local), find(&remote));
        assert_eq!(one, other, "{words}");
        found += one.unwrap().threads.len();
    }
    assert!(found > 300, "{found}");
}

/// Keeps a thread whose packed body has two parts.
fn keep_large(folder: &Path) {
    let mut library = Library::open(folder).unwrap();
    let mut state = 7u64;
    let mut text = String::new();
    while text.len() < 3 << 20 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("{:016x}", state ^ (state >> 31)));
    }
    let messages = json!([{ "id": 1, "role": "user", "content": text }]);
    let listed = ListedThread { id: "777".to_owned(), title: "Large".to_owned(), ..ListedThread::default() };
    let mut writer = library.start_body().unwrap();
    writer.write(json!({ "messages": messages }).to_string().as_bytes()).unwrap();
    let facts = BodyFacts { message_count: 1, ..BodyFacts::default() };
    let fetched = FetchedBody { body: writer.finish().unwrap(), facts, fetched_at: Timestamp(1) };
    library.keep(&Account::new("camelai", "https://h.example", None), &listed, fetched).unwrap();
}

#[test]
fn a_list_of_many_threads_is_read_page_by_page() {
    let Some(server) = ClickHouseServer::start() else { return };
    let home = home_with_profile(&server, "many");
    drop(fill(&home.path("data/library"), 3));
    home.run(&["library", "push", "--to", &server.address("many")]).assert_ok();
    // Every third thread has an older row with another title.
    for (step, version, title) in [(3, 1, "old"), (1, 2, "new")] {
        server.query(&format!(
            "INSERT INTO many.threads (service, account, id, base, title, revision, changed_at, digest, version)
             SELECT service, account, concat('many-', toString(number * {step})), base, '{title}', 1, 1, {version}, {version}
             FROM numbers({}) CROSS JOIN (SELECT * FROM many.threads LIMIT 1)",
            120_000 / step
        ));
    }
    let mut command = home.command(&[
        "list",
        "--provider",
        "camelai",
        "--offline",
        "--profile",
        "team",
        "--format",
        "ndjson",
    ]);
    command.env("TEAM_PASSWORD", PASSWORD).env("CAMEL_API_URL", "https://h.example");
    let listed = RunResult::from_output(command.output().unwrap()).assert_ok().out;
    let rows: Vec<serde_json::Value> = listed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|row: &serde_json::Value| row["title"] != "old")
        .collect();
    let ids: HashSet<&str> = rows.iter().filter_map(|row| row["thread_id"].as_str()).collect();
    assert_eq!((rows.len(), ids.len()), (120_003, 120_003));
}

#[test]
fn two_programs_read_while_a_third_pushes() {
    let Some(server) = ClickHouseServer::start() else { return };
    let home = Home::new();
    drop(fill(&home.path("data/library"), 200));
    let address = server.address("shared");
    home.write(
        "config/config.toml",
        &format!("[profiles.t]\nservice = \"camelai\"\nlibrary = \"{address}\"\n"),
    );
    let search = ["search", "--limit", "1000", "--format", "ids", "the"];
    let local = home.run(&search).assert_ok().out;
    let remote = [&search[..], &["--profile", "t"]].concat();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("unspool"));
    command.env_clear().env("HOME", home.path("")).env("UNSPOOL_HOME", home.path(""));
    let mut pushing = command.args(["library", "push", "--quiet", "--profile", "t"]).spawn().unwrap();
    let read_until = |is_done: &dyn Fn() -> bool| {
        let mut last = 0;
        while !is_done() {
            let ran = home.run(&remote);
            // No hits before the first threads arrive.
            assert!(ran.code == 0 || ran.code == 5, "{}", ran.err);
            assert!(ran.out.lines().all(|line| local.contains(line)), "{}", ran.out);
            let count = ran.out.lines().count();
            assert!(count >= last, "{count} hits after {last}");
            last = count;
        }
    };
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| read_until(&|| is_done.load(Ordering::SeqCst)));
        }
        let status = pushing.wait().unwrap();
        is_done.store(true, Ordering::SeqCst);
        assert!(status.success());
    });
    assert_eq!(home.run(&remote).out, local);
}

#[test]
fn a_push_that_is_killed_ten_times_is_complete_without_duplicates() {
    let Some(server) = ClickHouseServer::start() else { return };
    let home = Home::new();
    let library = fill(&home.path("data/library"), 250);
    let stats = library.stats().unwrap();
    drop(library);
    let mut kills = 0;
    for number in 0..10 {
        let point = KillPoint { insert: 2 + number % 3, is_stored: number % 2 > 0 };
        let proxy = KillingProxy::start(server.port, point);
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("unspool"));
        command.env_clear().env("HOME", home.path("")).env("UNSPOOL_HOME", home.path(""));
        let address = format!("clickhouse://127.0.0.1:{}/killed", proxy.port);
        kills += usize::from(proxy.run(command.args(["library", "push", "--to", &address])));
    }
    assert_eq!(kills, 10);
    let address = server.address("killed");
    home.run(&["library", "push", "--to", &address]).assert_ok();
    let counted = |sql: &str| server.query(sql).parse::<u64>().unwrap();
    assert_eq!(counted("SELECT count() FROM killed.threads FINAL"), stats.threads);
    assert_eq!(counted("SELECT count() FROM killed.messages FINAL WHERE position >= 0"), stats.messages);
    assert_eq!(counted("SELECT count() FROM killed.revisions FINAL"), stats.revisions);
    assert_eq!(counted("SELECT sum(length(data)) FROM killed.bodies FINAL"), stats.packed_bytes);
    // A row that was stored twice is once in a result, even before the server merges it.
    let config = format!("[profiles.team]\nservice = \"camelai\"\nlibrary = \"{address}\"\n");
    home.write("config/config.toml", &config);
    for query in ["refund", "国", "\"how long\""] {
        let args = ["search", "--limit", "1000", "--format", "ndjson", query];
        let local = home.run(&args).assert_ok().out;
        assert_eq!(home.run(&[&args[..], &["--profile", "team"]].concat()).out, local, "{query}");
    }
    let again = home.run(&["library", "push", "--profile", "team"]).assert_ok();
    assert!(again.out.starts_with("sent 0 threads, 0 messages, 0 revisions"), "{}", again.out);
}

#[test]
fn new_revisions_replace_the_old_ones_and_forgotten_threads_leave_nothing() {
    let Some(server) = ClickHouseServer::start() else { return };
    let home = Home::new();
    let mut library = fill(&home.path("data/library"), 5);
    let address = server.address("forget");
    home.run(&["library", "push", "--to", &address]).assert_ok();

    let account = Account::new("camelai", "https://h.example", None);
    let listed = ListedThread { id: "3".to_owned(), title: "T".to_owned(), ..ListedThread::default() };
    let messages = json!([{ "id": 1, "role": "user", "content": "only this pumpernickel" }]);
    let mut writer = library.start_body().unwrap();
    writer.write(json!({ "messages": messages }).to_string().as_bytes()).unwrap();
    let facts = BodyFacts { message_count: 5, ..BodyFacts::default() };
    let fetched_at = Timestamp(1_795_000_000_000_000);
    let fetched = FetchedBody { body: writer.finish().unwrap(), facts, fetched_at };
    library.keep(&account, &listed, fetched).unwrap();
    drop(library);
    let ran = home.run(&["library", "push", "--to", &address]).assert_ok();
    assert!(ran.out.starts_with("sent 1 thread, 1 message, 1 revision"), "{}", ran.out);
    home.write(
        "config/config.toml",
        &format!("[profiles.t]\nservice = \"camelai\"\nlibrary = \"{address}\"\n"),
    );
    let found = |word: &str| home.run(&["search", "--profile", "t", "--format", "ids", "id:3", word]).code;
    assert_eq!((found("pumpernickel"), found("the")), (0, 5));

    home.run(&["library", "forget", "camelai:3", "--yes"]).assert_ok();
    let ran = home.run(&["library", "push", "--to", &address]).assert_ok();
    assert!(ran.out.contains("1 forgotten and removed"), "{}", ran.out);
    for (table, column) in
        [("threads", "id"), ("messages", "thread"), ("revisions", "thread"), ("bodies", "thread")]
    {
        let sql = format!("SELECT count() FROM forget.{table} WHERE {column} = '3'");
        assert_eq!(server.query(&sql), "0", "{table}");
    }
}

#[test]
fn tables_of_an_older_version_are_updated_in_place_and_those_of_a_newer_one_refused() {
    let Some(server) = ClickHouseServer::start() else { return };
    let home = home_with_profile(&server, "versions");
    home.fetch(&["archive", "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"]).assert_ok();
    let push = ["library", "push", "--to", &server.address("versions")];
    home.run(&push).assert_ok();
    let search = ["search", "--limit", "1000", "--format", "ndjson", "duration>0"];
    let remote = [&search[..], &["--profile", "team"]].concat();
    // Rows of the first version: with another digest, and perhaps with a message that the new format omits.
    server.query("DROP TABLE versions.versions");
    for (table, column) in [
        ("threads", "text_version"),
        ("threads", "digest"),
        ("messages", "duration_ms"),
        ("messages", "tokens"),
        ("messages", "cost"),
        ("messages", "text_version"),
    ] {
        server.query(&format!("ALTER TABLE versions.{table} DROP COLUMN {column}"));
    }
    server.query("ALTER TABLE versions.threads ADD COLUMN digest UInt64");
    server.query(
        "INSERT INTO versions.messages (service, account, thread, position, fetched_at, month, id, words, text)
         SELECT service, account, thread, 999, fetched_at, month, 'old', ' zyzzyva ', 'zyzzyva'
         FROM versions.messages LIMIT 1",
    );
    let ran = read(&home, &remote);
    assert!(ran.code == 2 && ran.err.contains("unspool library push"), "{}: {}", ran.code, ran.err);
    let ran = home.run(&push).assert_ok();
    assert!(ran.out.starts_with("sent 1 thread, "), "{}", ran.out);
    assert!(ran.out.contains(" 0 revisions"), "{}", ran.out);
    let local = home.run(&search).assert_ok().out;
    assert_eq!(read(&home, &remote).out, local);
    let ran = read(&home, &["search", "--profile", "team", "zyzzyva"]);
    assert_eq!(ran.code, 5, "{}", ran.out);
    let again = home.run(&push).assert_ok();
    assert!(again.out.starts_with("sent 0 threads"), "{}", again.out);

    for values in ["99, 1", "2, 99"] {
        server.query("DROP TABLE versions.versions");
        server.query(
            "CREATE TABLE versions.versions (tables UInt32, texts UInt32) ENGINE = ReplacingMergeTree
             ORDER BY (tables, texts)",
        );
        server.query(&format!("INSERT INTO versions.versions (tables, texts) VALUES ({values})"));
        for ran in [home.run(&push), read(&home, &remote)] {
            assert!(ran.code == 2 && ran.err.contains("newer unspool"), "{}: {}", ran.code, ran.err);
        }
    }
}

#[test]
fn wrong_addresses_and_servers_are_errors_with_advice_and_without_the_password() {
    let home = Home::with_demo();
    home.fetch(&["archive", "camelai:1001"]).assert_ok();
    for address in
        ["http://localhost/x", "clickhouse://h.example/x", "clickhouse://u:canary-5c1e9b@localhost/x"]
    {
        let ran = home.run(&["library", "push", "--to", address]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("clickhouse"), "{}", ran.err);
    }
    let ran = home.run(&["--profile", "team", "library", "check"]);
    assert!(ran.code == 2 && ran.err.contains("--profile does not apply"), "{}", ran.err);
    let ran = home.run(&["library", "push"]);
    assert!(ran.code == 2 && ran.err.contains("--to"), "{}", ran.err);
    let ran = home.run(&["library", "push", "--to", "clickhouse://127.0.0.1:1/x"]);
    assert_eq!(ran.code, 6, "{}", ran.err);
}

#[test]
fn a_refusal_or_a_server_without_a_library_is_an_error_with_advice() {
    let Some(server) = ClickHouseServer::start() else { return };
    let home = home_with_profile(&server, "missing");
    let ran = read(&home, &["search", "--profile", "team", "refund"]);
    assert!(ran.code == 5 && ran.err.contains("unspool library push"), "{}: {}", ran.code, ran.err);
    let mut command = home.command(&["library", "stats", "--profile", "team"]);
    let ran = RunResult::from_output(command.env("TEAM_PASSWORD", "wrong").output().unwrap());
    assert!(ran.code == 4 && ran.err.contains("CLICKHOUSE_PASSWORD"), "{}: {}", ran.code, ran.err);
    let ran = RunResult::from_output(home.command(&["search", "--profile", "team", "x"]).output().unwrap());
    assert!(ran.err.contains("TEAM_PASSWORD"), "{}", ran.err);
}
