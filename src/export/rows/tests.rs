//! The names of rows and JSON, with their meanings: writes `docs/export-schema.md`, and checks that it lists every name.
//! `UPDATE_DOCS=1 cargo test --lib rows::tests` renews the page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::schema::NAMES;
use super::{
    Row, SCHEMA_VERSION, listed_account_row, listed_application_row, listed_thread_row, listed_variant_row,
    origin_columns,
};
use crate::domain::{ListedAccount, ListedApplication, ListedThread, ListedVariant, Timestamp, Usage};
use crate::export::tests::ParsedBody;
use crate::export::usage_shares::UsageShares;
use crate::export::{Csv, JsonThread, Ndjson, rows::RowKind};
use crate::provider;
use crate::trace::{Forest, message_usage};

/// Members whose contents are the service's own.
const FREE: [&str; 9] =
    ["fields", "details", "input", "output", "expected", "metadata", "plotly", "value", "arguments"];

fn bodies() -> Vec<ParsedBody> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["tests/fixtures", "assets/demo"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    let paths = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"));
    let bodies = paths.map(|path| std::fs::read(path).unwrap());
    let bodies = bodies.flat_map(|body| {
        let services = ["sgp", "camelai"].map(|service| provider::by_id(service).unwrap());
        services.map(|service| ParsedBody::read(&body, service).with_notes())
    });
    bodies.collect()
}

fn names_of(kind: RowKind) -> Vec<String> {
    let body = ParsedBody::read(b"{\"messages\":[]}", provider::by_id("sgp").unwrap());
    let table = body.export_with(&mut Csv::new(kind, false));
    table.lines().next().unwrap().split(',').map(str::to_owned).collect()
}

fn kinds() -> Vec<(RowKind, String)> {
    use clap::ValueEnum;
    let name = |kind: &RowKind| kind.to_possible_value().unwrap().get_name().to_owned();
    RowKind::value_variants().iter().map(|kind| (*kind, name(kind))).collect()
}

fn list_rows() -> [Row; 4] {
    [
        listed_thread_row("sgp", &ListedThread::default(), "", ""),
        listed_variant_row("sgp", &ListedVariant::default(), ""),
        listed_application_row("sgp", &ListedApplication::default()),
        listed_account_row("sgp", &ListedAccount::default()),
    ]
}

fn meanings() -> BTreeMap<&'static str, [&'static str; 2]> {
    NAMES.iter().map(|[name, kind, meaning]| (*name, [*kind, *meaning])).collect()
}

fn collect_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                names.insert(name.clone());
                if !FREE.contains(&name.as_str()) {
                    collect_names(member, names);
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect_names(element, names)),
        _ => {}
    }
}

/// Returns all names in exports to JSON.
fn json_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for body in bodies() {
        let json = body.export_with(&mut JsonThread::default());
        collect_names(&serde_json::from_str(&json).unwrap(), &mut names);
    }
    names
}

fn page() -> String {
    let meanings = meanings();
    let mut page = format!(
        "# Names in exported rows and JSON\n\nVersion {SCHEMA_VERSION}, in `schema_version`. This page is generated from \
         the code. New names do not change the version; a changed name or meaning does.\n\nTimes are RFC 3339 in \
         UTC with six fractional digits. Columns of type JSON contain JSON text. Unknown values are null in NDJSON and \
         JSON, and empty in CSV.\n\nTokens and cost of a message or span include everything below it, so their sum \
         counts values twice. The columns `own_…` of messages and spans can be added up.\n\n\
         ## Rows\n\nNDJSON has all kinds of rows, with the kind in `type`; CSV has one kind (`--rows`, by default \
         messages), without the column `type`. An unreadable message is a row `unreadable` with `number`, `body_index` \
         and `reason`.\n"
    );
    for (kind, name) in kinds() {
        page.push_str(&format!("\n### {name}\n\n| column | type | meaning |\n|---|---|---|\n"));
        for column in names_of(kind) {
            let [kind, meaning] = meanings[column.as_str()];
            page.push_str(&format!("| `{column}` | {kind} | {meaning} |\n"));
        }
    }
    page.push_str(
        "\n## Kept threads\n\n`unspool library export` adds these columns to every row.\n\n| column | type | meaning |\n\
         |---|---|---|\n",
    );
    for (column, _) in origin_columns("", Timestamp(0), 1) {
        let [kind, meaning] = meanings[column];
        page.push_str(&format!("| `{column}` | {kind} | {meaning} |\n"));
    }
    page.push_str(
        "\n## Lists\n\n`unspool list` writes these rows as NDJSON, with their kind in `type`, and as CSV.\n",
    );
    for row in list_rows() {
        let kind = row.first().unwrap().1.to_plain_text();
        page.push_str(&format!("\n### {kind}\n\n| column | type | meaning |\n|---|---|---|\n"));
        for (column, _) in row.iter().skip(1) {
            let [kind, meaning] = meanings[column];
            page.push_str(&format!("| `{column}` | {kind} | {meaning} |\n"));
        }
    }
    page.push_str(
        "\n## JSON\n\n`show --format json` and `export --format json` write one object with `provider`, \
         `schema_version`, `thread`, `messages`, `unreadable` and `oddities`.\n\n| name | type | meaning |\n|---|---|---|\n",
    );
    for name in json_names() {
        let [kind, meaning] = meanings[name.as_str()];
        page.push_str(&format!("| `{name}` | {kind} | {meaning} |\n"));
    }
    page
}

#[test]
fn the_schema_page_lists_every_name() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/export-schema.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        page,
        "run UPDATE_DOCS=1 cargo test --lib rows::tests"
    );
}

#[test]
fn rows_have_the_columns_and_types_of_the_schema() {
    let meanings = meanings();
    let columns: BTreeMap<String, Vec<String>> =
        kinds().into_iter().map(|(kind, name)| (name, names_of(kind))).collect();
    let mut seen = BTreeSet::new();
    for body in bodies() {
        for line in body.export_with(&mut Ndjson::default()).lines() {
            let row: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
            let kind = row["type"].as_str().unwrap().to_owned();
            if let Some(columns) = columns.get(&kind) {
                assert_eq!(row.keys().skip(1).collect::<Vec<_>>(), columns.iter().collect::<Vec<_>>());
            }
            for (name, value) in &row {
                let is_right = match meanings[name.as_str()][0] {
                    "integer" => value.is_i64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    "JSON" => serde_json::from_str::<Value>(value.as_str().unwrap_or("null")).is_ok(),
                    _ => value.is_string(),
                };
                assert!(value.is_null() || is_right, "{kind} {name}: {value}");
            }
            seen.insert(kind);
        }
    }
    assert!(columns.keys().all(|kind| seen.contains(kind)), "{seen:?}");
}

#[test]
fn no_column_is_a_reserved_word_of_sql() {
    let reserved = [
        "all",
        "and",
        "any",
        "as",
        "asc",
        "case",
        "check",
        "column",
        "create",
        "default",
        "desc",
        "distinct",
        "else",
        "end",
        "from",
        "group",
        "having",
        "in",
        "index",
        "into",
        "key",
        "limit",
        "not",
        "null",
        "offset",
        "on",
        "or",
        "order",
        "primary",
        "references",
        "select",
        "start",
        "table",
        "then",
        "to",
        "union",
        "user",
        "using",
        "when",
        "where",
        "with",
    ];
    for (kind, _) in kinds() {
        let names = names_of(kind);
        assert_eq!(names.iter().find(|name| reserved.contains(&name.as_str())), None);
    }
    for (name, _) in list_rows().concat() {
        assert!(!reserved.contains(&name), "{name}");
    }
}

#[test]
fn own_tokens_add_up_to_those_of_the_messages() {
    let sum = |rows: &[Value], kinds: &[&str], column: &str| -> i64 {
        let rows = rows.iter().filter(|row| kinds.contains(&row["type"].as_str().unwrap()));
        rows.filter_map(|row| row[column].as_i64()).sum()
    };
    for body in bodies() {
        let text = body.export_with(&mut Ndjson::default());
        let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for column in ["input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"] {
            let whole = sum(&rows, &["message"], column);
            assert_eq!(sum(&rows, &["message", "span"], &format!("own_{column}")), whole, "{column}");
        }
    }
}

/// Tokens and cost of a usage; a number that is missing counts as 0. Cost in whole micro dollars.
fn amounts(usage: &Usage) -> [i64; 6] {
    let tokens =
        [usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens, usage.total()];
    let [input, output, cached, reasoning, total] = tokens.map(Option::unwrap_or_default);
    [input, output, cached, reasoning, total, (usage.cost_usd.unwrap_or_default() * 1e6).round() as i64]
}

#[test]
fn the_usage_that_lists_show_is_the_sum_over_the_message_and_its_spans() {
    let mut with_usage = 0;
    for body in bodies() {
        for summary in body.summaries.iter().filter(|summary| summary.read_error.is_none()) {
            let message = body.provider.read_message(summary.raw.bytes());
            let shares = UsageShares::new(&message, &Forest::new(&message.spans));
            let parts = shares.nodes.iter().chain([&shares.message]).map(amounts);
            let sum = parts.fold([0; 6], |sum, part| std::array::from_fn(|kind| sum[kind] + part[kind]));
            let listed = amounts(&message_usage(&message));
            assert_eq!(sum, listed, "{:?}: {}", body.thread.id, message.id);
            with_usage += usize::from(listed != [0; 6]);
        }
    }
    assert!(with_usage >= 30, "{with_usage}");
}
