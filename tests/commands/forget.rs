//! `unspool forget` and the log file.

use std::fs;

use crate::home::{CANARY, Home, RunResult};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

fn all_files(home: &Home) -> Vec<String> {
    fn walk(folder: &std::path::Path, files: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), files);
            } else {
                files.push(entry.path().to_str().unwrap().to_owned());
            }
        }
    }
    let mut files = Vec::new();
    walk(&home.path(""), &mut files);
    files
}

#[test]
fn forget_all_removes_stored_data_and_keeps_the_config() {
    let home = Home::with_demo();
    let config = home.write("config/config.toml", "mouse = false\n");
    home.fetch(&["show", LAMP, "--log", "debug"]).assert_ok();
    home.write("config/keys/sgp.key", CANARY);
    home.write("state/history.jsonl", "{}\n");
    let own_file = home.write("state/own notes.txt", "mine");
    assert!(all_files(&home).len() > 5);
    let ran = home.run(&["forget", "--all"]);
    assert!(ran.code == 2 && ran.err.contains("--yes"), "{ran:?}");
    assert_eq!(home.run(&["forget", "--yes"]).code, 2);
    home.run(&["forget", "--all", "--yes"]).assert_ok();
    let mut left = all_files(&home);
    left.sort();
    assert_eq!(left, [config.to_str().unwrap(), own_file.to_str().unwrap()]);
    assert_eq!(home.run(&["forget", "--all"]).assert_ok().out, "no stored data\n");
}

#[test]
fn a_symlink_is_removed_but_not_its_target() {
    let home = Home::new();
    let precious = home.write("elsewhere/precious", "x");
    fs::create_dir_all(home.path("cache")).unwrap();
    std::os::unix::fs::symlink(home.path("elsewhere"), home.path("cache/bodies")).unwrap();
    home.run(&["forget", "--all", "--yes"]).assert_ok();
    assert!(precious.exists() && !home.path("cache").exists());
}

#[test]
fn the_log_is_private_and_has_no_key() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_demo();
    home.fetch(&["show", LAMP, "--no-cache"]).assert_ok();
    assert!(!home.path("state").exists(), "a log without a line");
    home.fetch(&["show", LAMP, "--log", "trace"]).assert_ok();
    let log = fs::read_to_string(home.path("state/unspool.log")).unwrap();
    assert!(log.contains("fetching") && !log.contains(CANARY), "{log}");
    assert!(!log.contains("hyper") && !log.contains("reqwest"), "{log}");
    let mode = home.path("state/unspool.log").metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(home.run(&["show", LAMP, "--log", "loud"]).code, 2);
    let mut command = home.command(&["show", "sgp:x", "--base-url", "http://127.0.0.1:1"]);
    let ran = RunResult::from_output(
        command.env("SGP_API_KEY", CANARY).env("UNSPOOL_LOG", "off").output().unwrap(),
    );
    assert_eq!(ran.code, 6);
    assert_eq!(fs::read_to_string(home.path("state/unspool.log")).unwrap(), log, "nothing is logged");
}
