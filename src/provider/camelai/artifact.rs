//! Tables and charts attached to a message. They are undocumented; this reads the fields that the vendor's client reads.

use crate::domain::{Artifact, Block, CodeField, Language};
use crate::json::{Kind, Value};
use crate::provider::content::BlockReader;
use crate::provider::{fields, tool};

/// Adds the artifacts of a message: a list or a single one. Anything else stays JSON.
pub(super) fn add_artifacts<'a>(reader: &mut BlockReader<'a>, message: &'a [u8], artifacts: Value<'a>) {
    match artifacts.kind() {
        Kind::Array => artifacts.elements().for_each(|item| add_artifact(reader, message, item)),
        _ => add_artifact(reader, message, artifacts),
    }
}

fn add_artifact<'a>(reader: &mut BlockReader<'a>, message: &'a [u8], artifact: Value<'a>) {
    if artifact.kind() == Kind::Object {
        reader.blocks.push(Block::Artifact(Box::new(read_artifact(message, artifact))));
    } else if artifact.kind() != Kind::Null {
        reader.add_json(artifact, "artifact");
    }
}

fn read_artifact(message: &[u8], artifact: Value<'_>) -> Artifact {
    let [id, title, description, is_chart, kind] =
        artifact.get_many(["id", "title", "description", "is_chart", "type"]);
    let [plotly, html_table, filename, remaining_rows] =
        artifact.get_many(["plotly_json", "html_table", "filename", "remaining_rows"]);
    let figure = plotly.map(|plotly| plotly.get("light").unwrap_or(plotly));
    let figure = figure.filter(|figure| !figure.is_empty());
    Artifact {
        id: fields::text(id),
        title: fields::text(title),
        description: fields::text(description),
        is_chart: is_chart.and_then(Value::as_bool).unwrap_or(figure.is_some()),
        code: read_code(artifact, kind),
        plotly: fields::optional_byte_range(message, figure),
        html_table: fields::non_empty_string(html_table).unwrap_or_default(),
        filename: fields::non_empty_text(filename),
        remaining_rows: remaining_rows.and_then(Value::as_i64),
        raw: fields::byte_range(message, artifact),
    }
}

/// Reads SQL and Python; for a federated artifact `query` is JSON in a string.
fn read_code(artifact: Value<'_>, kind: Option<Value<'_>>) -> Vec<CodeField> {
    let [query, python] = artifact.get_many(["query", "python_code"]);
    let mut code = Vec::new();
    let text = query.and_then(Value::as_str);
    let is_federated =
        kind.and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("federated"));
    let queries = text.as_deref().map(|text| Value::of(text.as_bytes())).or(query).filter(|_| is_federated);
    match queries.map(|queries| (queries.kind(), queries)) {
        Some((Kind::Array, list)) => {
            list.elements().for_each(|query| tool::add_named_query(&mut code, query))
        }
        Some((Kind::Object, object)) if object.get("queries").is_some() => {
            tool::add_federated_queries(&mut code, object)
        }
        Some((Kind::Object, object)) => tool::add_named_query(&mut code, object),
        _ => tool::add_code(&mut code, "query", Language::Sql, query),
    }
    tool::add_code(&mut code, "python_code", Language::Python, python);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_artifact(text: &str) -> Artifact {
        read_artifact(text.as_bytes(), Value::of(text.as_bytes()))
    }

    fn code_of(text: &str) -> Vec<(String, String)> {
        parse_artifact(text).code.into_iter().map(|field| (field.label, field.text)).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(label, text)| ((*label).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn reads_federated_queries_from_json_text() {
        let list = r#"{"type":"FEDERATED","query":"[{\"name\":\"a\",\"query\":\"S\"},{\"name\":\"b\",\"query\":\"T\"}]"}"#;
        assert_eq!(code_of(list), pairs(&[("a", "S"), ("b", "T")]));
        let object = r#"{"type":"FEDERATED","query":"{\"queries\":[{\"name\":\"a\",\"query\":\"S\"}],\"join_query\":\"J\"}"}"#;
        assert_eq!(code_of(object), pairs(&[("a", "S"), ("join_query", "J")]));
        let broken = r#"{"type":"FEDERATED","query":"SELECT 1"}"#;
        assert_eq!(code_of(broken), pairs(&[("query", "SELECT 1")]));
        let plain = r#"{"type":"SQL","query":"[1]","python_code":"p"}"#;
        assert_eq!(code_of(plain), pairs(&[("query", "[1]"), ("python_code", "p")]));
    }

    #[test]
    fn uses_the_light_figure_and_accepts_fields_of_any_type() {
        let text =
            r#"{"id":1,"plotly_json":{"light":{"data":[1]},"dark":{}},"remaining_rows":"12","title":null}"#;
        let artifact = parse_artifact(text);
        assert_eq!(artifact.plotly.slice(text.as_bytes()), br#"{"data":[1]}"#);
        assert_eq!(
            (artifact.is_chart, artifact.remaining_rows, artifact.title.as_str()),
            (true, Some(12), "")
        );
        let odd = parse_artifact(r#"{"is_chart":"x","plotly_json":{},"html_table":7,"filename":{}}"#);
        assert_eq!((odd.is_chart, odd.plotly.is_empty(), odd.html_table.as_str()), (false, true, ""));
    }
}
