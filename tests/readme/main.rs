//! Checks that the README and the pages of `docs` are correct: their tables match the code, their links are valid, and
//! their commands and flags exist. `UPDATE_DOCS=1 cargo test --test readme` regenerates the parts that are generated from
//! the code.

#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use regex::Regex;
use unspool::testing::cli::{Cli, help};
use unspool::testing::provider;

mod generated;

fn readme_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// Returns the README and the pages of `docs`: name and text.
fn pages() -> Vec<(String, String)> {
    let docs = fs::read_dir(readme_path().with_file_name("docs")).unwrap();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    let mut names: Vec<String> = docs.chain(["README.md".to_owned()]).collect();
    names.sort();
    names
        .into_iter()
        .map(|name| (name.clone(), fs::read_to_string(readme_path().with_file_name(&name)).unwrap()))
        .collect()
}

fn all_text() -> String {
    pages().into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

#[test]
fn generated_parts_match_the_code() {
    let updates = ["UPDATE_README", "UPDATE_DOCS"].iter().any(|name| std::env::var_os(name).is_some());
    for (page, part, expected) in generated::parts() {
        let path = readme_path().with_file_name(page);
        let text = fs::read_to_string(&path).unwrap();
        let begin = format!("<!-- {part}: written by the test in tests/readme -->\n");
        let end = format!("<!-- end of {part} -->\n");
        let (before, rest) = text.split_once(&begin).unwrap();
        let (actual, after) = rest.split_once(&end).unwrap();
        if updates {
            fs::write(&path, [before, &begin, &expected, &end, after].concat()).unwrap();
        } else {
            assert_eq!(actual, expected, "{page}: run UPDATE_DOCS=1 cargo test --test readme");
        }
    }
}

/// Returns the anchors of the headings of a page, as the usual sites generate them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| line.trim_start_matches('#').trim());
    let words = headings.map(|heading| heading.to_lowercase().replace(' ', "-"));
    words
        .map(|words| words.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect())
        .collect()
}

#[test]
fn links_resolve_and_images_are_small() {
    let link = Regex::new(r#"(?:\]\(|src(?:set)?=")([^)"]+)[)"]"#).unwrap();
    for (page, text) in pages() {
        let links = link.captures_iter(&text).map(|captures| captures.get(1).unwrap().as_str());
        for target in links.filter(|target| !target.starts_with("https://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = readme_path().with_file_name(&page);
            let path = if file.is_empty() { path } else { path.with_file_name(file) };
            let metadata = fs::metadata(&path);
            assert!(metadata.is_ok(), "{page}: {target} does not exist");
            assert!(metadata.unwrap().len() <= 150 << 10, "{page}: {target} is too large");
            let has_anchor = || anchors(&fs::read_to_string(&path).unwrap()).contains(anchor);
            assert!(anchor.is_empty() || has_anchor(), "{page}: {target} has no such heading");
        }
    }
}

#[test]
fn the_recording_is_self_contained_and_respects_reduced_motion() {
    let recording =
        fs::read_to_string(readme_path().with_file_name("assets/pictures/recording.svg")).unwrap();
    for foreign in ["<script", "<image", "<foreignObject", "@import", "url(", "href=\"http"] {
        assert!(!recording.contains(foreign), "{foreign}");
    }
    assert!(recording.contains("prefers-reduced-motion"));
}

#[test]
fn every_page_is_linked_from_the_readme() {
    let readme = fs::read_to_string(readme_path()).unwrap();
    for (page, _) in pages() {
        assert!(page == "README.md" || readme.contains(&format!("]({page}")), "{page}");
    }
}

/// Adds the flags of a command and of its subcommands.
fn add_flags(command: &clap::Command, flags: &mut BTreeSet<String>) {
    let long = command.get_arguments().filter_map(|argument| argument.get_long());
    flags.extend(long.map(|long| format!("--{long}")));
    command.get_subcommands().for_each(|one| add_flags(one, flags));
}

#[test]
fn mentioned_commands_and_flags_exist_and_all_variables_are_documented() {
    let text = all_text();
    let cli = Cli::command();
    let mut known: BTreeSet<String> = cli.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    known.extend(["camelai".into(), "help".into(), "thread".into()]);
    let command = Regex::new(r"(?m)(?:^|`|\| )unspool ([a-z][a-z-]+)\b").unwrap();
    for captures in command.captures_iter(&text) {
        assert!(known.contains(&captures[1]), "`unspool {}` is not a command", &captures[1]);
    }
    let mut flags = BTreeSet::new();
    add_flags(&cli, &mut flags);
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
