//! Checks that the README is correct: its key table matches the actions, its pictures and files exist, and so do its
//! commands and flags. `UPDATE_README=1 cargo test --test readme` updates the key table.

#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part fails the test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use regex::Regex;
use unspool::testing::action::{ACTION_TABLE, Group};
use unspool::testing::cli::{Cli, help};
use unspool::testing::keymap::Keymap;
use unspool::testing::provider;

const BEGIN: &str = "<!-- keys: written by the test in tests/readme.rs -->\n";
const END: &str = "<!-- end of keys -->\n";

fn readme_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    fs::read_to_string(readme_path()).unwrap()
}

/// The expected key table.
fn keys_table() -> String {
    let map = Keymap::default();
    let mut table = String::from("| keys | do | name |\n|---|---|---|\n");
    for &group in Group::ALL {
        let rows: Vec<_> = ACTION_TABLE.iter().filter(|row| row.group == group).collect();
        if rows.is_empty() {
            continue;
        }
        writeln!(table, "| **{}** | | |", group.title()).unwrap();
        for row in rows {
            let keys = map.keys_of(row.action);
            let (Some(first), Some(last)) = (keys.first(), keys.last()) else { continue };
            let keys = if keys.len() > 4 {
                format!("`{first}` … `{last}`")
            } else {
                keys.iter().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect::<Vec<_>>().join(" ")
            };
            writeln!(table, "| {keys} | {} | `{}` |", row.help.replace('|', "\\|"), row.name).unwrap();
        }
    }
    table
}

#[test]
fn keys_table_matches_the_actions() {
    let text = readme();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (actual, after) = rest.split_once(END).unwrap();
    let expected = keys_table();
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(readme_path(), [before, BEGIN, &expected, END, after].concat()).unwrap();
    } else {
        assert_eq!(actual, expected, "run UPDATE_README=1 cargo test --test readme");
    }
}

#[test]
fn links_resolve_and_images_are_small() {
    let link = Regex::new(r"\]\(([^)#]+)\)").unwrap();
    let text = readme();
    let links = link.captures_iter(&text).map(|captures| captures.get(1).unwrap().as_str());
    for target in links.filter(|target| !target.starts_with("https://")) {
        let metadata = fs::metadata(readme_path().with_file_name(target));
        assert!(metadata.is_ok(), "{target} does not exist");
        assert!(metadata.unwrap().len() <= 150 << 10, "{target} is too large");
    }
}

#[test]
fn mentioned_commands_and_flags_exist_and_all_variables_are_documented() {
    let text = readme();
    let cli = Cli::command();
    let mut known: BTreeSet<String> = cli.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    known.extend(["camelai".into(), "help".into(), "thread".into()]);
    let command = Regex::new(r"(?m)(?:^|`|\| )unspool ([a-z][a-z-]+)\b").unwrap();
    for captures in command.captures_iter(&text) {
        assert!(known.contains(&captures[1]), "`unspool {}` is not a command", &captures[1]);
    }
    let flags: BTreeSet<String> = cli
        .get_arguments()
        .chain(cli.get_subcommands().flat_map(|one| one.get_arguments()))
        .filter_map(|argument| argument.get_long().map(|long| format!("--{long}")))
        .collect();
    let cargo_flags = ["--release", "--path", "--open", "--test", "--help"];
    for found in Regex::new(r"--[a-z][a-z-]+").unwrap().find_iter(&text) {
        let flag = found.as_str();
        assert!(flags.contains(flag) || cargo_flags.contains(&flag), "{flag} is not a flag");
    }
    for variable in provider::all().iter().flat_map(|provider| provider.env_variables()) {
        assert!(text.contains(variable.name), "{} is not documented", variable.name);
    }
    for (names, _) in help::OWN_VARIABLES {
        for name in names.split(", ") {
            assert!(text.contains(name), "{name} is not documented");
        }
    }
}

#[test]
fn release_archives_match_the_binstall_metadata() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let fill = |text: &str, suffix: &str| {
        let values = [
            ("name", "unspool"),
            ("version", "1.2.3"),
            ("target", "T"),
            ("repo", "R"),
            ("archive-suffix", suffix),
            ("bin", "unspool"),
            ("binary-ext", ""),
        ];
        values
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{ {name} }}"), value))
    };
    let url = fill(binstall["pkg-url"].as_str().unwrap(), ".tar.gz");
    assert_eq!(url, "R/releases/download/v1.2.3/unspool-1.2.3-T.tar.gz");
    assert_eq!(fill(binstall["bin-dir"].as_str().unwrap(), ""), "unspool-1.2.3-T/unspool");
    // The published crate has no workflows.
    let Ok(workflow) = fs::read_to_string(root.join(".github/workflows/release.yml")) else { return };
    for expected in [
        "name=unspool-${GITHUB_REF_NAME#v}-${{ matrix.target }}",
        "archive=$name.tar.gz",
        "archive=$name.zip",
        "tags: [\"v*\"]",
        "$archive.sha256",
    ] {
        assert!(workflow.contains(expected), "{expected}");
    }
    for target in binstall["overrides"].as_table().unwrap().keys() {
        assert!(workflow.contains(&format!("target: {target} ")), "{target}");
    }
}
