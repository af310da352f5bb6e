//! The readable parts of tool inputs: the SQL and Python of camelAI's tools, selected by tool name.

use crate::domain::{CodeField, Language};
use crate::json::{Kind, Value};

use super::fields;

/// The readable parts of a tool call's input.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ToolCallDetails {
    /// The thought, if the tool is [`THINK_TOOL`].
    pub(super) thought: Option<String>,
    pub(super) description: String,
    pub(super) code: Vec<CodeField>,
}

/// A tool that has no effect: its input is a thought.
pub(super) const THINK_TOOL: &str = "think";

/// Returns the thought in the input of [`THINK_TOOL`].
pub(super) fn thought(input: Value<'_>) -> Option<Value<'_>> {
    input.get("thought").filter(|thought| thought.kind() == Kind::String && !fields::is_blank(*thought))
}

/// Reads the input of the named tool; of an unknown tool only the description.
pub(super) fn read_input(name: &str, input: Value<'_>) -> ToolCallDetails {
    let mut call = ToolCallDetails { description: description(input), ..ToolCallDetails::default() };
    match name {
        THINK_TOOL => call.thought = thought(input).map(|thought| thought.text().into_owned()),
        "search" => add_each_code(&mut call.code, "query", Language::Plain, input.get("query")),
        "run_query" => add_code(&mut call.code, "query", Language::Sql, input.get("query")),
        "run_federated_query" => add_federated_queries(&mut call.code, input),
        "run_python_code" => add_code(&mut call.code, "code", Language::Python, input.get("code")),
        "display_chart" | "display_federated_chart" => {
            add_code(&mut call.code, "query", Language::Sql, input.get("query"));
            add_federated_queries(&mut call.code, input);
            add_code(&mut call.code, "chart_code", Language::Python, input.get("chart_code"));
        }
        _ => {}
    }
    call
}

/// Returns title and description, if present.
fn description(input: Value<'_>) -> String {
    let member = |key: &str| input.get(key).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
    match (member("title"), member("description")) {
        (Some(title), Some(description)) if title != description => format!("{title}: {description}"),
        (_, Some(text)) | (Some(text), None) => text.into_owned(),
        (None, None) => String::new(),
    }
}

/// Adds a code field, unless it is empty.
pub(super) fn add_code(code: &mut Vec<CodeField>, label: &str, language: Language, value: Option<Value<'_>>) {
    if let Some(text) = fields::non_empty_text(value) {
        code.push(CodeField { label: label.to_owned(), language, text });
    }
}

fn add_each_code(code: &mut Vec<CodeField>, label: &str, language: Language, value: Option<Value<'_>>) {
    match value {
        Some(list) if list.kind() == Kind::Array => {
            list.elements().for_each(|item| add_code(code, label, language, Some(item)));
        }
        one => add_code(code, label, language, one),
    }
}

/// Adds the queries of a federated query, each under its name, and the query that joins them.
pub(super) fn add_federated_queries(code: &mut Vec<CodeField>, input: Value<'_>) {
    match input.get("queries") {
        Some(list) if list.kind() == Kind::Array => {
            list.elements().for_each(|query| add_named_query(code, query));
        }
        other => add_code(code, "queries", Language::Sql, other),
    }
    add_code(code, "join_query", Language::Sql, input.get("join_query"));
}

/// Adds one of several queries: an object with a name and SQL, or only SQL.
pub(super) fn add_named_query(code: &mut Vec<CodeField>, query: Value<'_>) {
    if query.kind() != Kind::Object {
        return add_code(code, "query", Language::Sql, Some(query));
    }
    let name = fields::non_empty_text(query.get("name"))
        .or_else(|| query.get("connection_id").map(|id| format!("connection {}", id.text())))
        .unwrap_or_else(|| "query".to_owned());
    add_code(code, &name, Language::Sql, query.get("query").or_else(|| query.get("sql")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summarize_call(name: &str, input: &str) -> (Option<String>, String, Vec<String>) {
        let call = read_input(name, Value::of(input.as_bytes()));
        let field = |f: &CodeField| format!("{} {:?} {}", f.label, f.language, f.text);
        (call.thought, call.description, call.code.iter().map(field).collect())
    }

    #[test]
    fn reads_code_of_every_documented_tool() {
        for (name, input, description, code) in [
            ("run_query", r#"{"query":"S","description":"d"}"#, "d", vec!["query Sql S"]),
            ("run_python_code", r#"{"code":"p","description":"d"}"#, "d", vec!["code Python p"]),
            (
                "run_federated_query",
                r#"{"queries":[{"name":"a","query":"S"},{"connection_id":7,"query":"T"},"U"],"join_query":"J"}"#,
                "",
                vec!["a Sql S", "connection 7 Sql T", "query Sql U", "join_query Sql J"],
            ),
            (
                "display_chart",
                r#"{"title":"t","description":"d","query":"S","chart_code":"p"}"#,
                "t: d",
                vec!["query Sql S", "chart_code Python p"],
            ),
            (
                "display_federated_chart",
                r#"{"title":"t","queries":[{"name":"a","query":"S"}],"chart_code":"p"}"#,
                "t",
                vec!["a Sql S", "chart_code Python p"],
            ),
            ("search", r#"{"query":["a","b"]}"#, "", vec!["query Plain a", "query Plain b"]),
            ("search", r#"{"query":"a"}"#, "", vec!["query Plain a"]),
            ("unheard_of", r#"{"query":"a","description":"d"}"#, "d", vec![]),
        ] {
            let code: Vec<String> = code.into_iter().map(str::to_owned).collect();
            assert_eq!(summarize_call(name, input), (None, description.to_owned(), code), "{name}");
        }
        assert_eq!(summarize_call("think", r#"{"thought":"hm"}"#).0.as_deref(), Some("hm"));
    }

    #[test]
    fn keeps_fields_of_unexpected_types_as_raw_text() {
        assert_eq!(summarize_call("run_query", r#"{"query":["S",1]}"#).2, [r#"query Sql ["S",1]"#]);
        assert_eq!(summarize_call("run_federated_query", r#"{"queries":"S"}"#).2, ["queries Sql S"]);
        for input in ["null", "7", "[]", "\"S\"", "{", ""] {
            assert!(summarize_call("run_query", input).2.is_empty(), "{input}");
        }
    }
}
