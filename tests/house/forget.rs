//! `unspool forget` and the log.

use std::fs;

use crate::home::{CANARY, Home, Ran};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn everything(home: &Home) -> Vec<String> {
    fn walk(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else {
                found.push(entry.path().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    walk(&home.path(""), &mut found);
    found
}

#[test]
fn one_command_removes_all_that_was_stored_and_leaves_the_configuration() {
    let home = Home::with_demo();
    let config = home.write("config/config.toml", "mouse = false\n");
    home.fetch(&["show", LAMP, "--log", "debug"]).ok();
    home.write("config/keys/sgp.key", CANARY);
    home.write("state/history.jsonl", "{}\n");
    let ours = home.write("state/notes of my own.txt", "mine");
    assert!(everything(&home).len() > 5);
    let ran = home.run(&["forget", "--all"]);
    assert!(ran.code == 2 && ran.err.contains("--yes"), "{ran:?}");
    assert_eq!(home.run(&["forget", "--yes"]).code, 2);
    home.run(&["forget", "--all", "--yes"]).ok();
    let mut left = everything(&home);
    left.sort();
    assert_eq!(left, [config.to_str().unwrap(), ours.to_str().unwrap()]);
    assert_eq!(home.run(&["forget", "--all"]).ok().out, "nothing is stored\n");
}

#[test]
fn a_link_is_removed_and_not_what_it_leads_to() {
    let home = Home::new();
    let precious = home.write("elsewhere/precious", "x");
    fs::create_dir_all(home.path("cache")).unwrap();
    std::os::unix::fs::symlink(home.path("elsewhere"), home.path("cache/bodies")).unwrap();
    home.run(&["forget", "--all", "--yes"]).ok();
    assert!(precious.exists() && !home.path("cache").exists());
}

#[test]
fn the_log_is_written_where_it_should_be_and_holds_no_key() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_demo();
    home.fetch(&["show", LAMP, "--no-cache"]).ok();
    assert!(!home.path("state").exists(), "a log without a line");
    home.fetch(&["show", LAMP, "--log", "trace"]).ok();
    let log = fs::read_to_string(home.path("state/unspool.log")).unwrap();
    assert!(log.contains("asking") && !log.contains(CANARY), "{log}");
    assert!(!log.contains("hyper") && !log.contains("reqwest"), "{log}");
    let mode = home.path("state/unspool.log").metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(home.run(&["show", LAMP, "--log", "loud"]).code, 2);
    let mut command = home.command(&["show", "sgp:x", "--base-url", "http://127.0.0.1:1"]);
    let ran = Ran::of(command.env("SGP_API_KEY", CANARY).env("UNSPOOL_LOG", "off").output().unwrap());
    assert_eq!(ran.code, 6);
    assert!(!fs::read_to_string(home.path("state/unspool.log")).unwrap().contains("nothing came"));
}
