//! The parts of the pages that are generated from the code.

use std::collections::HashMap;
use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory};
use unspool::testing::action::{ACTION_TABLE, Group};
use unspool::testing::cli::{Cli, FILTER_HELP, help};
use unspool::testing::config::SAMPLE;
use unspool::testing::keymap::Keymap;

/// An option with the same help in this many commands is listed once.
const SHARED_BY: usize = 4;

/// Returns the page, the name of its part, and the part's text.
pub fn parts() -> Vec<(&'static str, &'static str, String)> {
    vec![
        ("docs/browser.md", "keys", keys()),
        ("docs/commands.md", "commands", commands()),
        ("docs/filters.md", "filters", filters()),
        ("docs/configuration.md", "settings", format!("```toml\n{SAMPLE}```\n")),
        ("docs/configuration.md", "variables", variables()),
    ]
}

fn keys() -> String {
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

fn variables() -> String {
    let rows = help::environment().into_iter().map(|(names, meaning)| {
        let names: Vec<String> = names.split(", ").map(|name| format!("`{name}`")).collect();
        format!("| {} | {meaning} |\n", names.join(", "))
    });
    format!("| variable | |\n|---|---|\n{}", rows.collect::<String>())
}

/// Returns the help on filters: indented lines as code, the rest as paragraphs.
fn filters() -> String {
    let (_, text) = FILTER_HELP.split_once("\n\n").unwrap();
    let mut page = "# Filters and searches\n".to_owned();
    for paragraph in text.split("\n\n") {
        if paragraph.starts_with("  ") {
            let lines: Vec<&str> =
                paragraph.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
            write!(page, "\n```text\n{}\n```\n", lines.join("\n")).unwrap();
        } else {
            write!(page, "\n{}\n", escape(paragraph)).unwrap();
        }
    }
    page
}

/// Returns the help of a command, option or variable as Markdown.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '<' | '>' | '|' | '_' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out.replace("\n\n", " ").replace('\n', " ")
}

/// Returns a row of an option: its spelling, its help and its values.
fn option_row(option: &Arg) -> String {
    let long = option.get_long().map(|long| format!("--{long}"));
    let short = option.get_short().map(|short| format!("-{short}"));
    let names = long.into_iter().chain(short).collect::<Vec<_>>().join(", ");
    let takes_value = option.get_action().takes_values();
    let value_name = option.get_value_names().and_then(<[_]>::first).filter(|_| takes_value);
    let value_name = value_name.map(|name| format!(" {name}")).unwrap_or_default();
    let values: Vec<String> = if takes_value {
        let values = option.get_possible_values();
        values.iter().filter(|value| !value.is_hide_set()).map(|value| value.get_name().to_owned()).collect()
    } else {
        Vec::new()
    };
    let values = if values.is_empty() { String::new() } else { format!(": `{}`", values.join("`, `")) };
    let help = option.get_help().map(|help| escape(&help.to_string())).unwrap_or_default();
    format!("| `{names}{value_name}` | {help}{values} |\n")
}

fn visible_options(command: &Command) -> impl Iterator<Item = &Arg> {
    let own = command.get_arguments().filter(|one| !one.is_positional() && !one.is_hide_set());
    own.filter(|one| !["help", "version"].contains(&one.get_id().as_str()))
}

/// Collects all visible commands with their full names.
fn all_commands(command: &Command, name: &str, into: &mut Vec<(String, Command)>) {
    for one in command.get_subcommands().filter(|one| !one.is_hide_set() && one.get_name() != "help") {
        let name = format!("{name} {}", one.get_name());
        into.push((name.clone(), one.clone()));
        all_commands(one, &name, into);
    }
}

fn commands() -> String {
    let mut root = Cli::command();
    root.build();
    let mut all = Vec::new();
    all_commands(&root, "unspool", &mut all);
    all.insert(0, ("unspool".to_owned(), root));
    let mut users: HashMap<String, usize> = HashMap::new();
    for row in all.iter().flat_map(|(_, command)| visible_options(command)).map(option_row) {
        *users.entry(row).or_default() += 1;
    }
    let name_of = |row: &str| row.split(' ').nth(1).unwrap().to_owned();
    let mut most: HashMap<String, usize> = HashMap::new();
    for (row, count) in &users {
        let most = most.entry(name_of(row)).or_default();
        *most = (*most).max(*count);
    }
    let is_shared = |row: &String| {
        users.get(row).is_some_and(|count| *count >= SHARED_BY && most.get(&name_of(row)) == Some(count))
    };
    let mut shared = Vec::new();
    let mut page = String::new();
    for (name, command) in &all {
        let rows: Vec<String> = visible_options(command).map(option_row).collect();
        let (common, own): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_shared);
        for row in common {
            if !shared.contains(&row) {
                shared.push(row);
            }
        }
        let about = command.get_about().map(|about| escape(&about.to_string())).unwrap_or_default();
        write!(page, "\n### {name}\n\n{about}.\n").unwrap();
        let places: Vec<String> = command
            .get_positionals()
            .map(|place| {
                let help = place.get_help().map(|help| escape(&help.to_string())).unwrap_or_default();
                format!("| `{}` | {help} |\n", place.get_id().as_str().to_uppercase())
            })
            .collect();
        if !places.is_empty() || !own.is_empty() {
            write!(page, "\n| | |\n|---|---|\n{}{}", places.concat(), own.concat()).unwrap();
        }
    }
    let codes: String =
        help::EXIT_CODES.iter().map(|(code, meaning)| format!("| {code} | {meaning} |\n")).collect();
    format!(
        "## Exit codes\n\n| code | |\n|---|---|\n{codes}\n## Options of several commands\n\n| | |\n|---|---|\n{}\n\
         ## Commands and their own options\n{page}",
        shared.concat()
    )
}
