//! The names of rows and JSON, with their meanings: writes `docs/export-schema.md`, and checks that it lists every name.
//! `UPDATE_DOCS=1 cargo test --lib rows::tests` renews the page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::{
    Row, SCHEMA_VERSION, listed_account_row, listed_application_row, listed_thread_row, listed_variant_row,
};
use crate::domain::{ListedAccount, ListedApplication, ListedThread, ListedVariant, Usage};
use crate::export::tests::ParsedBody;
use crate::export::usage_shares::UsageShares;
use crate::export::{Csv, JsonThread, Ndjson, rows::RowKind};
use crate::provider;
use crate::trace::{Forest, message_usage};

/// Name, type, meaning. A name has the same meaning wherever it stands.
const NAMES: &[[&str; 3]] = &[
    ["account_id", "text", "the id of the account"],
    ["account_name", "text", "the name of the account"],
    ["account_role", "text", "the role of the key's user in the account"],
    ["account_status", "text", "the status of the account, in the service's word"],
    ["answer", "text", "the answer of a turn; null for other messages"],
    ["application_id", "text", "the id of the application"],
    ["application_name", "text", "the name of the application"],
    ["archived_at", "time", "when the thread or application was archived"],
    ["arguments", "JSON", "the arguments of a call"],
    ["artifact_id", "text", "the id of the artifact"],
    ["assistant", "text", "the answer of a turn (`answer` in rows)"],
    ["assistant_blocks", "list", "the blocks of the answer, if it is more than text"],
    ["blocks", "JSON", "the parts of a message or result, if it is more than text"],
    ["body_index", "integer", "position in the response, from 0"],
    ["cached_tokens", "integer", "input tokens read from a cache; part of `input_tokens`"],
    ["call_id", "text", "the id of a call; the same in the call and in its result"],
    ["called_at", "time", "when the tool was called: the time of the message with the call"],
    ["category", "text", "`application`, `platform` or `unknown` (`error_category` in rows)"],
    ["chunk_id", "text", "the id of the passage"],
    ["chunks", "list", "retrieved passages"],
    ["code", "JSON", "the queries and programs, each with `label`, `language` and `text`"],
    ["cost_usd", "number", "cost in US dollars, with everything below"],
    ["created_at", "time", "when the message, thread, feedback or application was created"],
    ["created_at_text", "text", "that time as it was written, if it is no time"],
    ["depth", "integer", "levels above the span; 0 for a root"],
    ["description", "text", "the comment of feedback, or the description of a call or artifact"],
    ["details", "JSON", "the response of the thread's own address, if the service has one"],
    ["duration_ms", "number", "measured: from the start to the end, or from the call to the result"],
    ["ended_at", "time", "end of the span; null if it did not end"],
    ["ended_at_text", "text", "the end as it was written, if it is no time"],
    ["error", "object", "the reported error, with `type`, `message` and `category`"],
    ["error_category", "text", "`application`, `platform` or `unknown`"],
    ["error_message", "text", "the message of the reported error"],
    ["error_type", "text", "the type of the reported error"],
    ["expected", "JSON", "the expected output of a span"],
    ["failed_span_count", "integer", "failed spans of the message"],
    [
        "feedback",
        "text",
        "the comment of the feedback that the message shows; in JSON, a list of all feedback",
    ],
    ["feedback_id", "text", "the id of the feedback"],
    ["fields", "JSON", "every other field of the service, as it was sent"],
    ["file_name", "text", "the service's name for the file of an artifact"],
    ["html_table", "text", "the table of an artifact, as HTML"],
    ["id", "text", "the id of the object (`message_id`, `span_id`, … in rows)"],
    ["index", "integer", "position in the response, from 0 (`body_index` in rows)"],
    ["input", "JSON", "the input of a span or call"],
    ["input_tokens", "integer", "input tokens, with everything below"],
    ["is_chart", "boolean", "whether the artifact is a chart"],
    ["is_draft", "boolean", "whether the variant is a draft"],
    ["is_error", "boolean", "whether the tool failed"],
    ["label", "text", "the name of a field of code, or where other JSON was found"],
    ["language", "text", "the language of code"],
    ["message", "text", "the message of an error"],
    ["message_count", "integer", "messages of the thread, by the service"],
    ["message_id", "text", "the id of the message"],
    ["messages", "list", "the messages, in the order of the thread"],
    ["messages_read", "integer", "messages in the response"],
    ["metadata", "JSON", "the service's metadata of a span"],
    ["model", "text", "the model of a listed thread"],
    ["models", "text", "the models, separated by commas; a list in JSON"],
    ["name", "text", "the name of a span or tool"],
    ["note", "text", "your note on the message or the span; empty for a bookmark"],
    ["notes", "list", "your notes on the message and its spans (`note` in rows)"],
    ["number", "integer", "position in the thread, from 1"],
    ["oddities", "list", "warnings about the response (`warnings` in rows)"],
    ["operation", "text", "the type of operation, such as `COMPLETION`"],
    ["other_blocks", "JSON", "parts of the message that are in no other column or row"],
    ["output", "JSON", "the output of a span"],
    ["output_tokens", "integer", "output tokens, with everything below"],
    ["own_cached_tokens", "integer", "`cached_tokens` without those of the spans below"],
    ["own_cost_usd", "number", "`cost_usd` without that of the spans below"],
    ["own_input_tokens", "integer", "`input_tokens` without those of the spans below"],
    ["own_output_tokens", "integer", "`output_tokens` without those of the spans below"],
    ["own_reasoning_tokens", "integer", "`reasoning_tokens` without those of the spans below"],
    ["own_total_tokens", "integer", "`total_tokens` without those of the spans below"],
    ["own_usage", "object", "tokens and cost without those of the spans below (`own_…` in rows)"],
    ["page", "text", "the place of a passage in its document"],
    ["parent_id", "text", "the id of the span above"],
    ["plotly", "JSON", "the figure of a chart"],
    ["provider", "text", "the service: `sgp` or `camelai` (`service` in rows)"],
    ["question", "text", "the question of a turn; null for other messages"],
    ["rank", "integer", "position among the passages, from 1"],
    ["read_errors", "text", "parts of the message that could not be read; a list in JSON"],
    ["reason", "text", "why a message is unreadable"],
    ["reasoning", "text", "the model's reasoning before the answer"],
    ["reasoning_tokens", "integer", "output tokens of reasoning; part of `output_tokens`"],
    ["remaining_rows", "integer", "rows of the table that the service left out"],
    ["reported_ms", "number", "the duration that the service reports"],
    ["role", "text", "`turn` for a question with its answer, else the speaker"],
    ["schema_version", "integer", "the version of this page"],
    ["score", "number", "the score of a passage, as it was sent"],
    ["sentiment", "text", "`positive`, `negative`, or another word of the service"],
    ["service", "text", "`sgp` or `camelai`"],
    ["source", "text", "the address or file of a passage"],
    ["span_count", "integer", "spans of the message"],
    ["span_id", "text", "the id of the span; null for a passage in the message itself"],
    ["spans", "list", "the spans of the message"],
    ["started_at", "time", "start of the span"],
    ["started_at_text", "text", "the start as it was written, if it is no time"],
    ["started_from", "text", "how the thread was started: `UI`, `API` or `MCP`"],
    ["status", "text", "the status in the service's word"],
    ["text", "text", "the text of a message, result, passage or block"],
    ["thread", "object", "the thread itself"],
    ["thread_id", "text", "the id of the thread"],
    ["title", "text", "the title of a thread, artifact or passage"],
    ["total_tokens", "integer", "the reported total, else input and output"],
    ["trace_id", "text", "the id of the trace; span ids are unique in a trace only"],
    ["type", "text", "the kind of a row, block or error"],
    ["unreadable", "list", "messages that could not be read, with `index` and `reason`"],
    ["updated_at", "time", "when the thread or variant was changed"],
    ["usage", "object", "tokens and cost, with everything below"],
    ["user", "text", "the question of a turn (`question` in rows)"],
    ["user_blocks", "list", "the blocks of the question, if it is more than text"],
    ["user_id", "text", "the user who started the thread"],
    ["value", "JSON", "other JSON of a message"],
    ["variant_id", "text", "the id of the variant of an application"],
    ["variant_name", "text", "the name of the variant"],
    ["variant_version", "text", "the kind of the variant: `V0`, `AGENTS_SERVICE` or `OFFLINE`"],
    ["written_at", "time", "when you wrote the note"],
    ["warnings", "JSON", "warnings about the response, as a list"],
];

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

/// All names in exports to JSON.
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
        "# Names in exported rows and JSON\n\nVersion {SCHEMA_VERSION}. A test writes this page from the code. New names \
         may be added; a change of a name or its meaning changes the version, which stands in `schema_version`.\n\nTimes \
         are RFC 3339 in UTC with six digits of a second. Columns of type JSON are JSON in a text. Unknown values are \
         null in NDJSON and JSON, and empty in CSV.\n\nTokens and cost of a message or span include everything below it, \
         so they must not be added up. The columns `own_…` of messages and spans may: their sum counts nothing twice.\n\n\
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
