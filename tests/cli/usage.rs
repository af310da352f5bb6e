//! The same tokens and cost in every report, export and filter.

use serde_json::Value;

use crate::support::{bodies, read_csv, run, text};

/// Input, output and total tokens, and the cost in millionths of a dollar.
type Sums = [i64; 4];

const COLUMNS: [&str; 4] = ["input_tokens", "output_tokens", "total_tokens", "cost_usd"];

fn add(sums: &mut Sums, usage: &Value, names: [&str; 4]) {
    for (sum, name) in sums.iter_mut().zip(names) {
        let number = usage[name].as_f64().unwrap_or(0.0);
        *sum += if name.contains("cost") { (number * 1e6).round() as i64 } else { number as i64 };
    }
}

fn parse(args: &[&str]) -> Vec<Value> {
    let ended = run(args);
    assert_eq!(ended.status.code(), Some(0), "{args:?}: {}", text(&ended.stderr));
    let out = text(&ended.stdout);
    match serde_json::from_str::<Value>(out) {
        Ok(Value::Array(rows)) => rows,
        Ok(one) => vec![one],
        Err(_) => out.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    }
}

fn json_sums(thread: &Value) -> Sums {
    let mut sums = Sums::default();
    thread["messages"]
        .as_array()
        .unwrap()
        .iter()
        .for_each(|message| add(&mut sums, &message["usage"], COLUMNS));
    sums
}

fn row_sums(rows: &[Value]) -> Sums {
    let mut sums = Sums::default();
    rows.iter().filter(|row| row["type"] == "message").for_each(|row| add(&mut sums, row, COLUMNS));
    sums
}

fn csv_sums(table: &str) -> Sums {
    let (head, rows) = read_csv(table);
    let mut sums = Sums::default();
    for (sum, name) in sums.iter_mut().zip(COLUMNS) {
        let column = head.iter().position(|title| title == name).unwrap();
        let scale = if name.contains("cost") { 1e6 } else { 1.0 };
        for row in &rows {
            *sum += (row[column].parse::<f64>().unwrap_or(0.0) * scale).round() as i64;
        }
    }
    sums
}

/// Returns the sums over all spans, as a trace viewer adds them up.
fn otlp_sums(trace: &Value) -> Sums {
    let mut sums = Sums::default();
    let inner = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let scopes =
        inner(trace, "resourceSpans").into_iter().flat_map(|resource| inner(&resource, "scopeSpans"));
    for attribute in
        scopes.flat_map(|scope| inner(&scope, "spans")).flat_map(|span| inner(&span, "attributes"))
    {
        let value = &attribute["value"];
        let number = value["intValue"].as_str().and_then(|number| number.parse().ok());
        let number = number.or(value["intValue"].as_f64()).or(value["doubleValue"].as_f64()).unwrap_or(0.0);
        match attribute["key"].as_str().unwrap() {
            "gen_ai.usage.input_tokens" => sums[0] += number as i64,
            "gen_ai.usage.output_tokens" => sums[1] += number as i64,
            "llm.token_count.total" => sums[2] += number as i64,
            "llm.cost.total" => sums[3] += (number * 1e6).round() as i64,
            _ => {}
        }
    }
    sums
}

#[test]
fn every_report_and_export_of_every_body_has_the_same_sums() {
    let mut with_usage = 0;
    for body in bodies() {
        let path = body.to_str().unwrap();
        let thread = parse(&["export", path, "--format", "json"]).remove(0);
        let json = json_sums(&thread);
        let stats = parse(&["stats", path, "--format", "ndjson"]);
        let mut messages = Sums::default();
        add(&mut messages, &stats[0], COLUMNS);
        let near = |other: Sums, name: &str| {
            assert_eq!(json[..3], other[..3], "{path}: {name}");
            // Costs are rounded span by span.
            assert!((json[3] - other[3]).abs() <= 1 + json[3] / 1000, "{path}: {name}: {json:?} {other:?}");
        };
        near(messages, "stats");
        near(row_sums(&parse(&["export", path, "--format", "ndjson"])), "rows");
        near(csv_sums(text(&run(&["export", path, "--format", "csv"]).stdout)), "CSV");
        near(otlp_sums(&parse(&["export", path, "--format", "otlp"])[0]), "OTLP");
        for limit in [1, 100, 1000, 10_000] {
            let filter = format!("tokens>={limit}");
            let has =
                |message: &&Value| message["usage"]["total_tokens"].as_i64().is_some_and(|n| n >= limit);
            let expected = thread["messages"].as_array().unwrap().iter().filter(has).count();
            let found = parse(&["show", path, "--filter", &filter, "--format", "json"]).remove(0);
            assert_eq!(found["messages"].as_array().unwrap().len(), expected, "{path}: {filter}");
        }
        with_usage += usize::from(json != Sums::default());
    }
    assert!(with_usage >= 5);
}

#[test]
fn reads_the_cache_tokens_of_anthropic_as_input() {
    let thread = parse(&["export", "tests/fixtures/sgp_usage_spellings.json", "--format", "json"]).remove(0);
    let total = |turn: usize| thread["messages"][turn]["usage"]["total_tokens"].as_i64();
    assert_eq!(thread["messages"][0]["usage"]["input_tokens"], 10_007);
    assert_eq!(
        [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|turn| total(turn).unwrap()),
        [10_057, 120, 150, 120, 120, 120, 120, 120, 120]
    );
    assert_eq!(thread["messages"][11]["usage"]["input_tokens"], 30);
    assert_eq!(thread["messages"][10]["usage"]["cost_usd"], 0.003);
}
