//! `unspool cache` and what `show` does with copies.

use std::fs;

use crate::home::Home;

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

#[test]
fn what_was_shown_is_kept_listed_and_shown_again_offline() {
    let home = Home::with_demo();
    let fresh = home.fetch(&["show", LAMP]).ok();
    let listed = home.run(&["cache", "list"]).ok().out;
    assert!(listed.contains(LAMP) && listed.contains("just now"), "{listed}");
    assert!(listed.lines().next().unwrap().contains("Lamp order 4471"), "no title: {listed}");
    let copy = home.fetch(&["show", LAMP, "--offline"]).ok();
    assert_eq!(copy.out, fresh.out);
    assert!(copy.err.contains("this is the copy that was saved 20"), "{}", copy.err);
    let raw = home.fetch(&["show", LAMP, "--offline", "--format", "raw"]).ok();
    assert_eq!(raw.out, include_str!("../../assets/demo/sgp-lamp-order.json"));
}

#[test]
fn a_dead_network_gives_the_copy_and_the_exit_code_says_so() {
    let mut home = Home::with_demo();
    let fresh = home.fetch(&["show", LAMP]).ok();
    let url = home.url();
    home.stop_demo();
    let mut command = home.command(&["show", LAMP]);
    let ran = crate::home::Ran::of(
        command.env("SGP_API_KEY", crate::home::CANARY).env("SGP_CLIENT_BASE_URL", url).output().unwrap(),
    );
    assert_eq!((ran.code, ran.out), (6, fresh.out));
    assert!(ran.err.contains("this is the copy"), "{}", ran.err);
}

#[test]
fn no_cache_neither_keeps_nor_shows() {
    let home = Home::with_demo();
    home.fetch(&["show", LAMP, "--no-cache"]).ok();
    assert_eq!(home.run(&["cache", "list"]).ok().out, "nothing is kept\n");
    let ran = home.fetch(&["show", LAMP, "--offline"]);
    assert_eq!(ran.code, 5);
    assert!(ran.err.contains("no copy of this thread is kept"), "{}", ran.err);
    assert_eq!(home.fetch(&["show", LAMP, "--offline", "--no-cache"]).code, 2);
}

#[test]
fn facts_of_a_copy_verifying_and_clearing() {
    let home = Home::with_demo();
    for thread in [LAMP, "camelai:1001"] {
        home.fetch(&["show", thread]).ok();
    }
    let facts = home.run(&["cache", "show", LAMP]).ok().out;
    assert!(facts.contains(&home.url()) && facts.contains("whole"), "{facts}");
    let listed = home.run(&["cache", "list"]).ok().out;
    assert!(listed.contains("2 copies"), "{listed}");
    assert!(home.run(&["cache", "verify"]).ok().out.contains("all good"));
    let path = home.run(&["cache", "path"]).ok().out;
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
fn clearing_asks_unless_it_is_told_not_to() {
    let home = Home::with_demo();
    home.fetch(&["show", LAMP]).ok();
    home.fetch(&["show", "sgp:demo-hostile"]).ok();
    let ran = home.run(&["cache", "clear"]);
    assert!(ran.code == 2 && ran.err.contains("--yes"), "{ran:?}");
    assert_eq!(home.run(&["cache", "clear", LAMP, "--yes"]).ok().out, "removed 1 copy\n");
    let listed = home.run(&["cache", "list"]).ok().out;
    assert!(listed.contains("demo-hostile") && !listed.contains(LAMP), "{listed}");
    assert_eq!(home.run(&["cache", "clear", LAMP, "--yes"]).code, 5);
    home.run(&["cache", "clear", "--yes"]).ok();
    assert_eq!(home.run(&["cache", "list"]).ok().out, "nothing is kept\n");
}

#[test]
fn titles_of_strangers_are_harmless_in_the_list() {
    let home = Home::with_demo();
    home.fetch(&["show", "sgp:demo-hostile"]).ok();
    let listed = home.run(&["cache", "list"]).ok().out;
    assert!(!listed.chars().any(|c| c.is_control() && c != '\n'), "{listed:?}");
}
