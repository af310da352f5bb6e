//! `unspool archive` and `unspool library`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::home::{CANARY, Home, RunResult};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// Returns the packed bodies of the library.
fn bodies(home: &Home) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![home.path("data/library/data")]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[test]
fn archived_threads_are_shown_offline_and_open_as_files() {
    let home = Home::with_demo();
    let ran = home.fetch(&["archive", LAMP, "camelai:1001"]).assert_ok();
    assert_eq!(ran.out.lines().filter(|line| line.ends_with(": 1 saved")).count(), 2, "{}", ran.out);
    assert!(ran.out.starts_with("camelai: 1 saved\n"), "{}", ran.out);
    for format in ["text", "raw"] {
        let offline = home.fetch(&["show", LAMP, "--offline", "--format", format]).assert_ok();
        let online = home.fetch(&["show", LAMP, "--no-cache", "--format", format]).assert_ok();
        assert_eq!(offline.out, online.out);
    }
    let bodies = bodies(&home);
    assert_eq!(bodies.len(), 2);
    let file = home.run(&["show", bodies[1].to_str().unwrap()]).assert_ok();
    assert!(file.out.contains("lamp order 4471"), "{}", file.out);
    let again = home.fetch(&["archive", LAMP]).assert_ok();
    assert!(again.out.starts_with("1 unchanged"), "{}", again.out);
    let stats = home.run(&["library", "--format", "json"]).assert_ok().out;
    let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
    assert_eq!((&stats["kept_threads"], &stats["revisions"]), (&2.into(), &2.into()));
}

#[cfg(unix)]
#[test]
fn the_manifest_is_one_that_sha256sum_checks() {
    let home = Home::with_demo();
    home.fetch(&["archive", LAMP, "camelai:1001"]).assert_ok();
    let folder = home.path("data/library");
    let Ok(output) =
        Command::new("sha256sum").args(["-c", "manifest-sha256.txt"]).current_dir(&folder).output()
    else {
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches(": OK").count(), 2);
}

#[test]
fn a_refused_or_missing_thread_exits_with_3_and_the_others_are_archived() {
    let home = Home::with_demo();
    let ran = home.fetch(&["archive", LAMP, "sgp:demo-403", "sgp:nothere"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.out.contains("1 saved · 1 refused · 1 gone"), "{}", ran.out);
    assert!(ran.out.contains("demo-403: "), "{}", ran.out);
    for (args, hint) in [
        (vec!["archive", LAMP, "--offline"], "--offline"),
        (vec!["archive", "./some/file.json"], "SERVICE:ID"),
        (vec!["archive", LAMP, "--rate", "60"], "60/min"),
    ] {
        let ran = home.fetch(&args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(hint), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_line_that_names_no_thread_is_reported_and_the_others_are_archived() {
    let home = Home::with_demo();
    let list = home.path("ids.txt");
    fs::write(&list, format!("\u{feff}# from a report\r\n{LAMP}\r\nnot a thread\r\n../other.json\n"))
        .unwrap();
    let from = ["archive", "--from", list.to_str().unwrap()];
    let ran = home.fetch(&from);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.out.contains("1 saved"), "{}", ran.out);
    assert!(ran.err.contains("not a thread: ") && ran.err.contains("../other.json is not"), "{}", ran.err);
    fs::write(&list, "not a thread\nnor this\n").unwrap();
    let ran = home.fetch(&from);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("nor this: ") && ran.err.contains("no thread given"), "{}", ran.err);
}

#[test]
fn a_service_that_cannot_be_archived_does_not_affect_the_others() {
    let home = Home::with_demo();
    let mut command = home.command(&["archive", LAMP, "camelai:1001"]);
    command.env("SGP_API_KEY", CANARY).env("SGP_CLIENT_BASE_URL", home.url());
    let ran = RunResult::from_output(command.output().unwrap());
    assert_eq!((ran.code, ran.out.starts_with("sgp: 1 saved\n")), (4, true), "{ran:?}");
    assert!(ran.err.contains("camelai: There is no API key for camelAI."), "{ran:?}");
}

#[test]
fn a_damaged_body_is_found_and_a_lost_catalogue_is_made_again() {
    let home = Home::with_demo();
    home.fetch(&["archive", LAMP, "camelai:1001"]).assert_ok();
    assert_eq!(home.run(&["library", "check", "--deep"]).assert_ok().out, "2 body files intact\n");
    for entry in fs::read_dir(home.path("data/library")).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("library.db") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    assert_eq!(home.run(&["library", "rebuild"]).assert_ok().out, "2 threads, 2 revisions\n");
    home.fetch(&["show", LAMP, "--offline"]).assert_ok();
    let body = bodies(&home).remove(0);
    fs::write(&body, b"damage").unwrap();
    let ran = home.run(&["archive", "verify", "--deep"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("damaged: data/"), "{}", ran.out);
}

#[test]
fn a_forgotten_thread_leaves_no_words_in_any_file_and_is_not_archived_again() {
    let home = Home::with_demo();
    home.fetch(&["show", LAMP]).assert_ok();
    home.fetch(&["archive", LAMP, "camelai:1001"]).assert_ok();
    let ran = home.run(&["library", "forget", LAMP]);
    assert_eq!(ran.code, 2, "it asks first");
    home.run(&["library", "forget", LAMP, "--yes"]).assert_ok();
    let mut folders = vec![home.path("")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            for phrase in ["lamp order 4471", "8c5e1a70-93d2"] {
                let is_found = memchr::memmem::find(&bytes, phrase.as_bytes()).is_some();
                assert!(!is_found, "{phrase} in {}", path.display());
            }
        }
    }
    assert_eq!(home.fetch(&["show", LAMP, "--offline"]).code, 5);
    let again = home.fetch(&["archive", LAMP]).assert_ok();
    assert!(again.out.contains("1 forgotten"), "{}", again.out);
}

#[cfg(unix)]
#[test]
fn an_archive_that_is_killed_again_and_again_ends_complete() {
    let home = Home::with_demo();
    let threads = ["sgp:demo-5000", LAMP, "camelai:1001", "sgp:demo-hostile"];
    for kill_after in 0..6 {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("unspool"));
        command.env_clear().env("UNSPOOL_HOME", home.path("")).env("HOME", home.path(""));
        command.env("SGP_API_KEY", "key-of-the-test").env("SGP_CLIENT_BASE_URL", home.url());
        command.env("CAMEL_API_KEY", "key-of-the-test").env("CAMEL_API_URL", home.url());
        command.arg("archive").args(threads).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // Each attempt waits for one more change of the folder, without a clock.
        for _ in 0..kill_after * 40 {
            let _ = fs::read_dir(home.path("data/library/runs"));
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
    }
    home.fetch(&[&["archive"][..], &threads].concat());
    home.run(&["library", "check", "--deep"]).assert_ok();
    for thread in &threads[1..3] {
        home.fetch(&["show", thread, "--offline"]).assert_ok();
    }
}

#[test]
fn a_filter_archives_only_the_matches_and_marks_nothing_as_gone() {
    let home = Home::with_demo();
    let json = ["--format", "json"];
    let archive = |filter: &str| -> serde_json::Value {
        let args = [&["archive", "--provider", "camelai", "--filter", filter][..], &json].concat();
        serde_json::from_str(&home.fetch(&args).out).unwrap()
    };
    let stats = || -> serde_json::Value {
        let ran = home.run(&[&["library"][..], &json].concat()).assert_ok();
        serde_json::from_str(&ran.out).unwrap()
    };
    let listed = home.fetch(&["list", "--provider", "camelai", "--filter", "source:api", "--format", "ids"]);
    let matches = listed.out.lines().count();
    assert!((1..5).contains(&matches), "{matches}");
    let report = archive("source:api");
    let count = |outcome: &str| report["threads"][outcome].as_u64().unwrap() as usize;
    // The demo refuses one of them.
    assert_eq!((count("saved") + count("refused"), count("gone")), (matches, 0), "{report}");
    assert!(count("saved") > 0);
    let known = stats();
    assert!(known["threads"] == 5, "the whole list is recorded: {known}");
    // Another filter excludes them all; they are still on the service.
    let report = archive("zzzzz-no-such-title");
    assert_eq!((&report["requests"], &report["threads"]["gone"]), (&0.into(), &0.into()));
    assert_eq!(stats(), known);
}

#[test]
fn a_filter_selects_by_the_names_of_applications() {
    let home = Home::with_demo();
    let filter = ["--provider", "sgp", "--filter", "app:stock since:2026-11-10"];
    let listed = home.fetch(&[&["list"][..], &filter, &["--format", "ids"]].concat());
    let ran = home.fetch(&[&["archive"][..], &filter, &["--format", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let count: u64 = report["threads"].as_object().unwrap().values().filter_map(|n| n.as_u64()).sum();
    assert!(count > 0 && count == listed.out.lines().count() as u64, "{report}");
    for (args, hint) in [
        (&["archive", "--filter", "app:"][..], "help filter"),
        (&["archive", "--filter", "rating:negative"], "help filter"),
        (&["archive", LAMP, "--filter", "app:stock"], "cannot be used with"),
    ] {
        let ran = home.fetch(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(hint), "{args:?}: {}", ran.err);
    }
}

#[test]
fn an_empty_library_has_advice() {
    let home = Home::new();
    let ran = home.run(&["library"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("unspool archive to fill it"), "{}", ran.err);
    let demo = home.run(&["search", "--demo", "lamp"]);
    assert!(demo.code == 5 && demo.err.contains("unspool archive --demo to fill it"), "{}", demo.err);
    let path = home.run(&["library", "path"]).assert_ok().out;
    assert_eq!(path.trim_end(), home.path("data/library").to_str().unwrap());
}

#[test]
fn kept_threads_are_searched_and_references_show_their_messages() {
    let home = Home::with_demo();
    home.fetch(&["archive", LAMP, "camelai:1001"]).assert_ok();
    let found = home.run(&["search", "warranty", "covered"]).assert_ok().out;
    assert!(found.contains("A wrong answer: lamp order 4471") && found.contains(LAMP), "{found}");
    let ids = home.run(&["search", "dimmer", "--format", "ids", "--limit", "1"]).assert_ok().out;
    let shown = home.run(&["show", ids.trim()]).assert_ok().out;
    assert_eq!(shown.matches("\n── ").count(), 1, "{shown}");
    let around = home.run(&["show", ids.trim(), "--around", "1"]).assert_ok().out;
    assert!((2..=3).contains(&around.matches("\n── ").count()), "{around}");
    let lines = home.run(&["search", "is:negative", "--format", "ndjson"]).assert_ok().out;
    for line in lines.lines() {
        let hit: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (hit["service"].as_str(), hit["title"].as_str()),
            (Some("sgp"), Some("A wrong answer: lamp order 4471"))
        );
    }
    let short = home.run(&["search", "a*", "--max-chars", "400"]).assert_ok().out;
    assert!(short.chars().count() <= 400, "{short}");
    for (args, code) in [(["search", "zzzzz"], 5), (["search", "role:x"], 2), (["search", "-only"], 2)] {
        assert_eq!(home.run(&args).code, code, "{args:?}");
    }
    assert_eq!(home.run(&["show", "u:0000000000"]).code, 5);
}

#[test]
fn forgetting_all_keeps_the_library_with_a_notice() {
    let home = Home::with_demo();
    home.fetch(&["archive", LAMP]).assert_ok();
    home.fetch(&["show", LAMP]).assert_ok();
    let ran = home.run(&["forget", "--all", "--yes"]).assert_ok();
    assert!(ran.out.contains("unspool library forget"), "{}", ran.out);
    home.fetch(&["show", LAMP, "--offline"]).assert_ok();
}

#[test]
fn earlier_runs_are_listed_and_reported_with_every_problem() {
    let home = Home::with_demo();
    assert_eq!(home.run(&["archive", "report"]).code, 5);
    home.fetch(&["archive", LAMP]).assert_ok();
    let ran = home.fetch(&["archive", LAMP, "sgp:demo-403"]);
    assert_eq!(ran.code, 3);
    let list = home.run(&["archive", "report"]).assert_ok().out;
    assert_eq!(list.lines().count(), 2, "{list}");
    let last = home.run(&["archive", "report", "last"]).assert_ok().out;
    assert!(last.contains("1 unchanged") && last.contains("demo-403: "), "{last}");
    let name = list.split_whitespace().next().unwrap();
    let first = home.run(&["archive", "report", name, "--format", "json"]).assert_ok().out;
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&first["threads"]["saved"], &first["requests"]), (&1.into(), &1.into()));
    let runs = home.run(&["archive", "report", "--format", "json"]).assert_ok().out;
    let runs: serde_json::Value = serde_json::from_str(&runs).unwrap();
    assert_eq!((&runs[1]["threads"], &runs[1]["service"]), (&2.into(), &"sgp".into()));
    assert_eq!(home.run(&["archive", "report", "2"]).code, 2);
    assert_eq!(home.run(&["archive", "report", "nothing"]).code, 5);
}

#[test]
fn threads_that_changed_long_ago_are_pruned_permanently() {
    let home = Home::with_demo();
    home.fetch(&["archive", LAMP, "camelai:1001"]).assert_ok();
    let ran = home.run(&["library", "prune"]);
    assert!(ran.code == 2 && ran.err.contains("--revisions") && ran.err.contains("--older-than"), "{ran:?}");
    home.run(&["library", "prune", "--older-than", "9000w"]).assert_ok();
    let kept = home.run(&["library", "prune", "--older-than", "900y", "--yes"]).assert_ok();
    assert!(kept.out.contains("no thread is older"), "{}", kept.out);
    assert_eq!(bodies(&home).len(), 2);
    let ran = home.run(&["library", "prune", "--older-than", "0s", "--revisions", "1", "--yes"]).assert_ok();
    assert!(ran.out.contains("forgot 2 threads") && ran.out.contains("removed 0 revisions"), "{}", ran.out);
    assert!(bodies(&home).is_empty());
    let again = home.fetch(&["archive", LAMP]).assert_ok();
    assert!(again.out.contains("1 forgotten"), "{}", again.out);
}
