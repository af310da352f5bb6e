//! `unspool search`, `library notes` and filters about the library, on the demo's threads.

use serde_json::Value;

use crate::home::Home;

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// Returns a home whose demo library has one thread.
fn home_with_lamp() -> Home {
    let home = Home::new();
    home.run(&["archive", "--demo", "--quiet", &format!("sgp:{LAMP}")]).assert_ok();
    home
}

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn payloads_numbers_and_patterns_are_searched() {
    let home = home_with_lamp();
    assert_eq!(home.run(&["search", "--demo", "shop-v7"]).code, 5);
    let found = home.run(&["search", "--demo", "shop-v7", "--payloads", "--format", "ndjson"]).assert_ok();
    let hits = rows(&found.out);
    let is_payload = |hit: &Value| hit["place"] == "payload" && hit["span_id"].is_string();
    assert!(hits.len() > 5 && hits.iter().all(is_payload), "{}", found.out);
    assert!(hits.iter().all(|hit| hit["snippet"].as_str().unwrap().contains("shop-v7")));
    let reference = hits.first().unwrap()["reference"].as_str().unwrap().to_owned();
    let shown = home.run(&["show", "--demo", &reference]).assert_ok();
    assert!(shown.out.contains("Fjell desk lamp"), "{}", shown.out);
    let ids = |query: &str| {
        let ran = home.run(&["search", "--demo", query, "--format", "ids"]);
        ran.out.lines().count()
    };
    assert!(ids("cost>0.005") > 0 && ids("cost>0.005") < ids("cost>0"));
    assert_eq!(ids("cost>100"), 0);
    assert!(ids("re:\"order \\d{4}\"") > 0 && ids("re:\"order \\d{9}\"") == 0);
    assert_eq!(home.run(&["search", "--demo", "cost>much"]).code, 2);
}

#[test]
fn a_result_is_analysed() {
    let home = home_with_lamp();
    let ran = home.run(&["search", "--demo", "lamp", "--analysis", "--format", "ndjson"]).assert_ok();
    let rows = rows(&ran.out);
    let of = |scope: &str| rows.iter().filter(|row| row["scope"] == scope).cloned().collect::<Vec<_>>();
    let sum = |rows: &[Value], name: &str| rows.iter().filter_map(|row| row[name].as_i64()).sum::<i64>();
    assert_eq!((of("all").len(), sum(&of("all"), "turns"), sum(&of("all"), "negative")), (1, 12, 2));
    assert_eq!(sum(&of("day"), "turns"), 12);
    assert_eq!(sum(&of("thread"), "failed"), 1);
    assert!(of("operation").iter().any(|row| row["operation"] == "COMPLETION"));
    let text = home.run(&["search", "--demo", "lamp", "--analysis"]).assert_ok().out;
    assert!(text.starts_with("1 thread, 12 turns, 1 failed, 2 negative, 5 positive\n"), "{text}");
    assert_eq!(home.run(&["search", "--demo", "unheardof", "--analysis"]).code, 5);
}

#[test]
fn notes_are_listed_filtered_and_exported() {
    let home = home_with_lamp();
    let thread = format!("sgp:{LAMP}");
    assert_eq!(home.run(&["library", "notes", "--demo"]).code, 5);
    let shown = home.run(&["show", "--demo", &thread, "--format", "json"]).assert_ok();
    let body: Value = serde_json::from_str(&shown.out).unwrap();
    let message = body["messages"][2]["id"].as_str().unwrap();
    let folder = home.run(&["library", "path", "--demo"]).assert_ok().out.trim().to_owned();
    let line = serde_json::json!({
        "at": "2026-11-30T12:00:00Z", "service": "sgp", "base": "demo", "account": "65f1c9b2a7d4e01c22b9f3aa",
        "thread_id": LAMP, "title": "Lamp", "message_id": message, "excerpt": "How long?",
        "text": "old \u{1b}[31m policy; ask ana@example.com",
    });
    std::fs::write(format!("{folder}/notes.ndjson"), format!("{line}\n")).unwrap();
    // The next write to the library reads the appended lines.
    home.run(&["library", "rebuild", "--demo"]).assert_ok();
    let notes = home.run(&["library", "notes", "--demo"]).assert_ok();
    assert!(notes.out.contains("old ␛[31m policy") && notes.out.contains("[How long?]"), "{}", notes.out);
    let notes = home.run(&["library", "notes", "--demo", "--format", "ndjson"]).assert_ok();
    assert_eq!(rows(&notes.out).first().unwrap()["message_id"], message);
    let noted = home.run(&["show", "--demo", &thread, "--filter", "noted:policy"]).assert_ok();
    assert_eq!(noted.out.matches("✎ Note: ").count(), 1, "{}", noted.out);
    let export = ["export", "--demo", &thread, "--format", "markdown", "--redact"];
    let markdown = home.run(&export).assert_ok().out;
    assert!(markdown.contains("**Note:** old") && !markdown.contains("ana@example.com"));
}

#[test]
fn searches_are_saved_listed_run_and_removed() {
    let home = home_with_lamp();
    let run = |args: &[&str]| home.run(&[&["search", "--demo"], args].concat());
    let none = run(&["--list-saved"]);
    assert!(none.code == 5 && none.err.contains("--save NAME"), "{}", none.err);
    let saved = run(&["lamp", "role:user", "--save", " of users ", "--format", "ids"]).assert_ok();
    assert!(saved.err.contains("saved as of users"), "{}", saved.err);
    let hits = run(&["lamp", "role:user", "--format", "ids"]).assert_ok().out;
    assert!(saved.out == hits && run(&["--saved", "of users", "--format", "ids"]).assert_ok().out == hits);
    // More words narrow the search; a phrase is one word of the shell.
    let narrowed = run(&["--saved", "of users", "how long", "--format", "ids"]).out;
    assert!(narrowed.lines().count() < hits.lines().count());
    assert!(narrowed.lines().all(|line| hits.contains(line)));
    let hostile = run(&["\"\u{1b}[31mlamp\" -warranty", "--save", "b\u{1b}[31m"]);
    assert!(hostile.code == 5 && !hostile.err.contains('\u{1b}'), "{}", hostile.err);
    let text = run(&["--list-saved"]).assert_ok().out;
    assert_eq!(text, "b␛[31m    \"␛[31mlamp\" -warranty\nof users  lamp role:user\n");
    let listed = rows(&run(&["--list-saved", "--format", "ndjson"]).assert_ok().out);
    assert_eq!(listed[1], serde_json::json!({ "name": "of users", "query": "lamp role:user" }));
    assert_eq!(run(&["--list-saved", "--format", "ids"]).assert_ok().out, "b␛[31m\nof users\n");
    let mistyped = run(&["--saved", "of user"]);
    assert!(mistyped.code == 5 && mistyped.err.contains("Did you mean \"of users\"?"), "{}", mistyped.err);
    // Another search replaces the one of this name.
    run(&["lamp", "role:assistant", "--save", "of users"]).assert_ok();
    assert_ne!(run(&["--saved", "of users", "--format", "ids"]).out, hits);
    assert_eq!(run(&["--remove-saved", "of users"]).code, 0);
    assert_eq!(run(&["--remove-saved", "of users"]).code, 5);
    assert_eq!(run(&["--list-saved"]).assert_ok().out.lines().count(), 1);
    // A search that cannot be run, named or shown in the browser is not saved.
    for wrong in [
        &["is:strange lamp", "--save", "x"][..],
        &["lamp", "--save", " "],
        &["lamp", "--save", &"n".repeat(61)],
        &[&"lamp ".repeat(41), "--save", "x"],
        &["--save", "x"],
        &["--list-saved", "lamp"],
        &[],
    ] {
        assert_eq!(run(wrong).code, 2, "{wrong:?}");
    }
    assert_eq!(run(&["--list-saved"]).assert_ok().out.lines().count(), 1);
}
