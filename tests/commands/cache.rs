//! `unspool cache`, and cached copies in `show`.

use std::fs;

use crate::home::Home;

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

#[test]
fn a_shown_thread_is_cached_listed_and_shown_offline() {
    let home = Home::with_demo();
    let fresh = home.fetch(&["show", LAMP]).assert_ok();
    let listed = home.run(&["cache", "list"]).assert_ok().out;
    assert!(listed.contains(LAMP) && listed.contains("just now"), "{listed}");
    assert!(listed.lines().next().unwrap().contains("lamp order 4471"), "no title: {listed}");
    let copy = home.fetch(&["show", LAMP, "--offline"]).assert_ok();
    assert_eq!(copy.out, fresh.out);
    assert!(copy.err.contains("showing the cached copy of 20"), "{}", copy.err);
    let raw = home.fetch(&["show", LAMP, "--offline", "--format", "raw"]).assert_ok();
    assert_eq!(raw.out, include_str!("../../assets/demo/sgp-lamp-order.json"));
}

#[test]
fn an_unreachable_service_shows_the_cached_copy_and_exits_with_6() {
    let mut home = Home::with_demo();
    let fresh = home.fetch(&["show", LAMP]).assert_ok();
    let url = home.url();
    home.stop_demo();
    let mut command = home.command(&["show", LAMP]);
    let ran = crate::home::RunResult::from_output(
        command.env("SGP_API_KEY", crate::home::CANARY).env("SGP_CLIENT_BASE_URL", url).output().unwrap(),
    );
    assert_eq!((ran.code, ran.out), (6, fresh.out));
    assert!(ran.err.contains("showing the cached copy"), "{}", ran.err);
}

#[test]
fn no_cache_neither_writes_nor_reads_copies() {
    let home = Home::with_demo();
    home.fetch(&["show", LAMP, "--no-cache"]).assert_ok();
    assert_eq!(home.run(&["cache", "list"]).assert_ok().out, "the cache is empty\n");
    let ran = home.fetch(&["show", LAMP, "--offline"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("no cached copy of this thread"), "{}", ran.err);
    assert_eq!(home.fetch(&["show", LAMP, "--offline", "--no-cache"]).code, 2);
}

#[test]
fn cache_show_verify_and_path_work() {
    let home = Home::with_demo();
    for thread in [LAMP, "camelai:1001"] {
        home.fetch(&["show", thread]).assert_ok();
    }
    let facts = home.run(&["cache", "show", LAMP]).assert_ok().out;
    assert!(facts.contains(&home.url()) && facts.contains("complete"), "{facts}");
    let listed = home.run(&["cache", "list"]).assert_ok().out;
    assert!(listed.contains("2 cached copies"), "{listed}");
    assert!(home.run(&["cache", "verify"]).assert_ok().out.contains("all intact"));
    let path = home.run(&["cache", "path"]).assert_ok().out;
    assert_eq!(path.trim_end(), home.path("cache").to_str().unwrap());
    for entry in fs::read_dir(home.path("cache/bodies")).unwrap() {
        let entry = entry.unwrap().path();
        if entry.extension().is_some_and(|extension| extension == "body") {
            let mut bytes = fs::read(&entry).unwrap();
            let middle = bytes.len() / 2;
            *bytes.get_mut(middle).unwrap() ^= 1;
            fs::write(&entry, bytes).unwrap();
        }
    }
    let ran = home.run(&["cache", "verify"]);
    assert!(ran.code == 1 && ran.out.contains("damaged and removed"), "{ran:?}");
    assert_eq!(home.fetch(&["show", LAMP, "--offline"]).code, 5);
}

#[test]
fn cache_clear_requests_confirmation_without_yes() {
    let home = Home::with_demo();
    home.fetch(&["show", LAMP]).assert_ok();
    home.fetch(&["show", "sgp:demo-hostile"]).assert_ok();
    let ran = home.run(&["cache", "clear"]);
    assert!(ran.code == 2 && ran.err.contains("--yes"), "{ran:?}");
    assert_eq!(home.run(&["cache", "clear", LAMP, "--yes"]).assert_ok().out, "removed 1 cached copy\n");
    let listed = home.run(&["cache", "list"]).assert_ok().out;
    assert!(listed.contains("demo-hostile") && !listed.contains(LAMP), "{listed}");
    assert_eq!(home.run(&["cache", "clear", LAMP, "--yes"]).code, 5);
    home.run(&["cache", "clear", "--yes"]).assert_ok();
    assert_eq!(home.run(&["cache", "list"]).assert_ok().out, "the cache is empty\n");
}

#[test]
fn hostile_titles_are_harmless_in_the_list() {
    let home = Home::with_demo();
    home.fetch(&["show", "sgp:demo-hostile"]).assert_ok();
    let listed = home.run(&["cache", "list"]).assert_ok().out;
    assert!(!listed.chars().any(|c| c.is_control() && c != '\n'), "{listed:?}");
}
