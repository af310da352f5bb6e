//! Checks the source against the architecture page in `src/lib.rs`: the import table, and the project's rules that no lint
//! covers.

#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// The parts of the outside world, and the paths that use each. The table's last column lists the parts that a module may
/// use.
const WORLD: &[(&str, &[&str])] = &[
    ("disk", &["std::fs", "tokio::fs", "tempfile::"]),
    ("network", &["std::net", "tokio::net", "reqwest::", "axum::"]),
    ("processes", &["std::process", "tokio::process"]),
    ("terminal", &["io::stdout", "io::stderr", "io::stdin", "crossterm::", "rpassword::"]),
    ("environment", &["std::env", "directories::"]),
    ("threads", &["std::thread", "tokio::spawn", "spawn_blocking"]),
    ("clock", &["Instant::now", "SystemTime", "Timestamp::now", "Zoned::now", "TimeZone::system"]),
];

/// The maximum number of code lines in a file, without blank lines, comments and tests; a longer file has more than one topic.
const MAX_CODE_LINES: usize = 450;

/// One row of the table.
struct Rule {
    modules: BTreeSet<String>,
    crates: BTreeSet<String>,
    /// The parts of the outside world that the module may use.
    world: BTreeSet<String>,
}

struct Source {
    path: PathBuf,
    is_test: bool,
    /// The first component of the path below `src`.
    module: String,
    /// The whole text.
    text: String,
    /// The text without comments, string literals and test modules.
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn backticked(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn rules() -> BTreeMap<String, Rule> {
    let page = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let (_, table) = page.split_once("# What may import what").unwrap();
    let mut found = BTreeMap::new();
    for line in table.lines().take_while(|line| !line.contains("# Recipes")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["//!", module, rooms, crates, world, ""] = cells[..]
            && let Some(module) = backticked(module).pop_first()
        {
            let mut crates_named = backticked(crates);
            if crates == "any" {
                crates_named = dependencies();
            }
            let world = world.split(',').map(str::trim).filter(|part| !part.is_empty());
            let world = world.map(str::to_owned).collect();
            found.insert(module, Rule { modules: backticked(rooms), crates: crates_named, world });
        }
    }
    found
}

/// Returns the crates of `[dependencies]`, by the names that the source uses.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    // Cargo.toml has one section for all systems, and others for one family.
    let targets = manifest.get("target").and_then(toml::Value::as_table).unwrap().values();
    targets
        .chain([&toml::Value::Table(manifest.clone())])
        .flat_map(|target| target.get("dependencies").and_then(toml::Value::as_table).unwrap().keys())
        .map(|name| name.replace('-', "_"))
        .collect()
}

/// Reads the source once for all tests.
fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(read_sources);
    &SOURCES
}

fn read_sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(source(&path));
            }
        }
    }
    assert!(found.len() > 50, "the source was not found");
    found.sort_by(|one, two| one.path.cmp(&two.path));
    found
}

fn source(path: &Path) -> Source {
    let path_inside = path.strip_prefix(root().join("src")).unwrap().to_owned();
    let first = path_inside.components().next().unwrap().as_os_str().to_str().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let is_test =
        path_inside.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")));
    let code = if is_test { String::new() } else { code_of(&text) };
    Source { module: first.trim_end_matches(".rs").to_owned(), path: path_inside, is_test, text, code }
}

static STRING_LITERALS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""(\\.|[^"\\])*""#).unwrap());

/// Removes comments, string literals and the test module, which is always at the end of a file.
fn code_of(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut code = String::new();
    for line in before_tests.lines() {
        let line = STRING_LITERALS.replace_all(line, "\"\"");
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// Returns the first segments of all paths that contain `::`.
fn path_roots(code: &str) -> BTreeSet<String> {
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)(?:^|[^:\w.])([a-z_][a-z0-9_]*)::").unwrap());
    PATH.captures_iter(code).map(|captures| captures[1].to_owned()).collect()
}

fn imported_modules(code: &str) -> BTreeSet<String> {
    static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bcrate::([a-z_]+)").unwrap());
    PATH.captures_iter(code).map(|captures| captures[1].to_owned()).collect()
}

fn assert_no_violations(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn modules_import_only_what_the_architecture_page_allows() {
    let (rules, dependencies) = (rules(), dependencies());
    let mut violations = Vec::new();
    for source in sources().iter().filter(|source| source.module != "lib") {
        let at = source.path.display();
        let Some(rule) = rules.get(&source.module) else {
            violations.push(format!("{at}: `{}` has no row in the table of src/lib.rs", source.module));
            continue;
        };
        for module in imported_modules(&source.code) {
            if module != source.module && !rule.modules.contains(&module) {
                violations.push(format!("{at}: `{}` may not use `{module}`", source.module));
            }
        }
        for name in path_roots(&source.code).intersection(&dependencies) {
            if !rule.crates.contains(name) {
                violations.push(format!("{at}: `{}` may not use the crate `{name}`", source.module));
            }
        }
        for (part, paths) in WORLD.iter().filter(|(part, _)| !rule.world.contains(*part)) {
            let used = paths.iter().filter(|path| source.code.contains(*path));
            violations.extend(
                used.map(|path| format!("{at}: `{}` may not touch the {part}: {path}", source.module)),
            );
        }
    }
    assert_no_violations(&violations);
}

#[test]
fn table_rows_match_the_existing_modules_and_crates() {
    let rules = rules();
    let page = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared: BTreeSet<_> = Regex::new(r"(?m)^(?:pub )?mod ([a-z_]+);")
        .unwrap()
        .captures_iter(&page)
        .map(|captures| captures[1].to_owned())
        .chain(["main".to_owned()])
        .collect();
    assert_eq!(rules.keys().cloned().collect::<BTreeSet<_>>(), declared);
    for (module, rule) in &rules {
        assert!(rule.modules.is_subset(&declared), "{module}: {:?}", rule.modules.difference(&declared));
        assert!(rule.crates.is_subset(&dependencies()), "{module}: {:?}", rule.crates);
    }
}

/// The table is the import graph of the modules; a row that reaches itself through other rows is a cycle.
#[test]
fn modules_have_no_import_cycle() {
    let rules = rules();
    for room in rules.keys().filter(|room| *room != "testing") {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = rules[room].modules.iter().collect();
        while let Some(next) = open.pop() {
            assert_ne!(next, room, "`{room}` imports itself through other modules");
            if reached.insert(next) {
                open.extend(&rules[next].modules);
            }
        }
    }
}

#[test]
fn paths_are_written_in_a_form_this_test_can_parse() {
    let mut violations = Vec::new();
    for source in sources() {
        let at = source.path.display();
        if source.code.contains("use crate::{") {
            violations.push(format!("{at}: write one `use` per module"));
        }
        if source.code.contains("super::super") {
            violations.push(format!("{at}: `super::super` hides where a path leads"));
        }
        let is_top = source.path.components().count() == 1;
        if is_top && source.code.contains("super::") {
            violations.push(format!("{at}: `super` is the crate root here; write `crate::`"));
        }
    }
    assert_no_violations(&violations);
}

#[test]
fn ui_never_borrows_the_app_mutably() {
    let takes_mut_app = Regex::new(r"&mut (crate::app::)?App\b").unwrap();
    let drawing = |source: &&Source| source.module == "ui" && takes_mut_app.is_match(&source.code);
    let found: Vec<_> = sources().iter().filter(drawing).map(|source| &source.path).collect();
    assert_eq!(found, Vec::<&PathBuf>::new());
}

/// Files of `ui` that draw no state of their own: the frame around the panes, parts of a pane, and the drawing tools.
const UI_WITHOUT_TWIN: [&str; 12] = [
    "analysis/chart.rs",
    "analysis/table.rs",
    "browse/preview.rs",
    "browse/rows.rs",
    "browse/state.rs",
    "detail/spans/bar.rs",
    "detail/spans/column_widths.rs",
    "detail/spans/tree_row.rs",
    "messages/row.rs",
    "painter.rs",
    "placeholder.rs",
    "status.rs",
];

#[test]
fn every_file_of_ui_has_a_twin_in_app() {
    let files_of = |room: &str| -> BTreeSet<PathBuf> {
        sources().iter().filter_map(|source| Some(source.path.strip_prefix(room).ok()?.to_owned())).collect()
    };
    let (ui, app) = (files_of("ui"), files_of("app"));
    let alone: Vec<_> = ui.difference(&app).collect();
    assert_eq!(alone, UI_WITHOUT_TWIN.iter().map(Path::new).collect::<Vec<_>>());
}

#[test]
fn events_and_effects_are_plain_data() {
    for source in sources().iter().filter(|source| matches!(source.module.as_str(), "event" | "effect")) {
        for word in ["dyn ", "Fn(", "FnOnce", "FnMut", "Sender", "Receiver", "Mutex"] {
            assert!(!source.code.contains(word), "{}: {word}", source.path.display());
        }
    }
}

#[test]
fn every_file_has_a_module_doc_and_is_not_too_long() {
    let mut violations = Vec::new();
    for source in sources() {
        let at = source.path.display();
        if !source.is_test && !source.text.starts_with("//! ") {
            violations.push(format!("{at}: does not start with //!"));
        }
        let lines = source.code.lines().filter(|line| !line.trim().is_empty()).count();
        if lines > MAX_CODE_LINES {
            violations.push(format!("{at}: {lines} lines of code; split it by topic"));
        }
    }
    assert_no_violations(&violations);
}

#[test]
fn there_are_no_todos_and_no_allowed_lints() {
    let open = Regex::new(r"\b(TODO|FIXME|XXX|HACK)\b|#!?\[allow|\b(todo|unimplemented|dbg)!").unwrap();
    let mut violations = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate().filter(|(_, line)| open.is_match(line)) {
            violations.push(format!("{}:{}: {}", source.path.display(), number + 1, line.trim()));
        }
    }
    assert_no_violations(&violations);
}
