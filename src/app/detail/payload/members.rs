//! The members of a payload, each drawn as what its name and its form say it is; what is short and plain goes into one
//! aligned list at the end.

use crate::app::detail::payload::{MOST, Sheet, conversation, facts, line, ranking, rows, values};
use crate::app::detail::spans::Part;
use crate::domain::Language;
use crate::json::{self, Kind, Value};
use crate::provider::payload as shapes;
use crate::text::{self, Line, Run, width};
use crate::theme::Role;

/// How a member is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// In the list of short values.
    Plain,
    /// As JSON with a title.
    Json,
    Prose,
    Code(Language),
    /// What a program printed.
    Printed,
    Chunks,
    Conversation,
    Table,
    Score(f64),
    Verdict,
    /// Numbers that mean nothing to people.
    Vector,
    Binary,
    /// Text that holds JSON.
    Opened,
}

/// Names under which people or models speak.
const PROSE: [&str; 19] = [
    "query",
    "question",
    "prompt",
    "input-text",
    "output-text",
    "input",
    "output",
    "text",
    "content",
    "response",
    "answer",
    "completion",
    "generation_output",
    "message",
    "instructions",
    "summary",
    "thought",
    "reasoning",
    "explanation",
];

const SCORES: [&str; 8] =
    ["score", "confidence", "probability", "similarity", "faithfulness", "relevance", "precision", "recall"];

const VERDICTS: [&str; 5] = ["passed", "tripwire_triggered", "flagged", "blocked", "correct"];

/// Draws an object's members.
pub(super) fn object<'a>(sheet: &mut Sheet<'a>, payload: Value<'a>) {
    if let Some(table) = rows::with_columns(payload) {
        sheet.is_recognised = true;
        rows::draw(sheet, "rows", &table);
        let rest = |key: &str| key != "rows" && key != "columns";
        return plain_members(sheet, payload, rest);
    }
    let mut short: Vec<(String, Value<'a>)> = Vec::new();
    let language = payload.get("language").and_then(Value::as_str).unwrap_or_default();
    let named = text::code::language_named(&language);
    for (key, value) in payload.members().take(MOST) {
        let key = key.text();
        if sheet.look.part == Part::Metadata && facts::is_told(sheet.look.span, &key) {
            continue;
        }
        match shape(sheet, &key, value) {
            Shape::Plain => short.push((key.into_owned(), value)),
            Shape::Code(Language::Plain) => draw(sheet, &key, value, Shape::Code(named)),
            shape => draw(sheet, &key, value, shape),
        }
    }
    fields(sheet, &short);
    let more = payload.members().skip(MOST).count();
    if more > 0 {
        let note = format!("… {}", text::number::counted(more, "more member"));
        sheet.lines(vec![Line::styled(&note, Role::Dim)]);
    }
}

fn plain_members<'a>(sheet: &mut Sheet<'a>, payload: Value<'a>, wanted: impl Fn(&str) -> bool) {
    let members = payload.members().take(MOST).map(|(key, value)| (key.text().into_owned(), value));
    let short: Vec<_> = members.filter(|(key, _)| wanted(key)).collect();
    fields(sheet, &short);
}

/// What a member is.
pub(super) fn shape(sheet: &Sheet<'_>, key: &str, value: Value<'_>) -> Shape {
    match value.kind() {
        Kind::Null | Kind::Invalid => Shape::Plain,
        Kind::Bool if VERDICTS.contains(&key) => Shape::Verdict,
        Kind::Bool => Shape::Plain,
        Kind::Number => match value.as_f64() {
            Some(score) if SCORES.contains(&key) && (0.0..=1.0).contains(&score) => Shape::Score(score),
            _ => Shape::Plain,
        },
        Kind::String => string_shape(sheet, key, value),
        Kind::Array => list_shape(key, value),
        Kind::Object if shapes::is_said(value) => Shape::Conversation,
        Kind::Object if value.is_empty() => Shape::Plain,
        Kind::Object => Shape::Json,
    }
}

fn string_shape(sheet: &Sheet<'_>, key: &str, value: Value<'_>) -> Shape {
    let start = json::decode_prefix(value.raw(), 2000);
    if start.trim().is_empty() {
        return Shape::Plain;
    }
    match key {
        _ if values::is_binary(&start, value.raw().len()) => Shape::Binary,
        "stdout" | "stderr" | "logs" | "log" | "traceback" | "stack_trace" => Shape::Printed,
        "sql" | "statement" | "join_query" => Shape::Code(Language::Sql),
        "chart_code" | "python" | "python_code" => Shape::Code(Language::Python),
        "code" | "script" | "source_code" => Shape::Code(values::guess(&start)),
        _ if values::looks_like_sql(&start) => Shape::Code(Language::Sql),
        _ if values::opens(value) => Shape::Opened,
        _ if PROSE.contains(&key) => Shape::Prose,
        // The payload as a whole, or a text that no list has room for.
        "" => Shape::Prose,
        _ if start.len() > sheet.width.max(80) || start.contains('\n') => Shape::Prose,
        _ => Shape::Plain,
    }
}

fn list_shape(key: &str, list: Value<'_>) -> Shape {
    if list.is_empty() {
        Shape::Plain
    } else if values::is_vector(key, list) {
        Shape::Vector
    } else if shapes::is_conversation(list) {
        Shape::Conversation
    } else if shapes::is_chunks(list) {
        Shape::Chunks
    } else if rows::of_objects(list).is_some() {
        Shape::Table
    } else if list.raw().len() <= 60 {
        Shape::Plain
    } else {
        Shape::Json
    }
}

/// Draws a member under its name.
pub(super) fn draw<'a>(sheet: &mut Sheet<'a>, name: &str, value: Value<'a>, shape: Shape) {
    sheet.is_recognised |= !matches!(shape, Shape::Plain | Shape::Json);
    match shape {
        Shape::Plain => fields(sheet, &[(name.to_owned(), value)]),
        Shape::Json => sheet.json(name, value),
        Shape::Prose if name == "prompt" => conversation::prompt(sheet, name, value),
        Shape::Prose => sheet.prose(name, value),
        Shape::Code(language) => sheet.code(name, value, language),
        Shape::Printed => values::printed(sheet, name, value),
        Shape::Chunks => ranking::draw(sheet, name, value),
        Shape::Conversation => conversation::draw(sheet, name, value),
        Shape::Table => {
            if let Some(table) = rows::of_objects(value) {
                rows::draw(sheet, name, &table);
            }
        }
        Shape::Score(score) => values::score(sheet, name, score),
        Shape::Verdict => values::verdict(sheet, name, value),
        Shape::Vector => values::vector(sheet, name, value),
        Shape::Binary => values::binary(sheet, name, value),
        Shape::Opened => values::opened(sheet, name, value),
    }
}

/// Short values with their names, aligned.
fn fields(sheet: &mut Sheet<'_>, fields: &[(String, Value<'_>)]) {
    if fields.is_empty() {
        return;
    }
    sheet.apart();
    let names = fields.iter().map(|(name, _)| width::columns(text::Safe::line(name).as_str())).max();
    let names = names.unwrap_or(0).min(sheet.width / 2).min(32);
    let room = sheet.width.saturating_sub(names + 2).max(8);
    let mut lines: Vec<Line> = Vec::new();
    for (name, value) in fields {
        let safe = text::Safe::line(name);
        let (cut, _) = width::ellipsis(safe.as_str(), names);
        let mut label = Some(Run::new(&format!("{}  ", width::pad_right(&cut, names)), Role::Key));
        let (shown, style) = plain(*value);
        for mut row in text::plain(&shown, room, style) {
            let blank = Run::new(&" ".repeat(names + 2), Role::Text);
            row.spans.insert(0, label.take().unwrap_or(blank));
            lines.push(row);
        }
        lines.extend(label.take().map(|label| line(vec![label])));
    }
    sheet.lines(lines);
}

/// A short value as text, in the colour of its type.
fn plain(value: Value<'_>) -> (String, Role) {
    let text = json::decode_prefix(value.raw(), 600);
    let raw = || String::from_utf8_lossy(value.raw().get(..600).unwrap_or(value.raw())).into_owned();
    match value.kind() {
        Kind::String => (text, Role::Text),
        Kind::Number => (raw(), Role::NumberLiteral),
        Kind::Bool | Kind::Null => (raw(), Role::Constant),
        Kind::Array | Kind::Object => (raw(), Role::Text),
        Kind::Invalid => (raw(), Role::Error),
    }
}
