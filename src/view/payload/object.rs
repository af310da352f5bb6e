//! The members of a payload, each drawn in the format that its name and value suggest; short plain values form one
//! aligned list at the end.

use crate::domain::{Language, SpanPart};
use crate::json::{self, Kind, Value};
use crate::provider::payload as shapes;
use crate::text::{self, Line, StyledRun, width};
use crate::theme::Role;
use crate::view::payload::{
    DocumentBuilder, MAX_MEMBERS, chunk_list, conversation, raw_prefix, scalars, summary, table,
};

/// Bytes that are shown of a short value.
const MAX_INLINE_BYTES: usize = 600;

/// The format of a member.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum MemberFormat {
    /// In the list of short values.
    Inline,
    /// As JSON with a title.
    Json,
    Prose,
    Code(Language),
    /// Output of a program, such as `stdout`.
    ProgramOutput,
    Chunks,
    Conversation,
    Table,
    Score(f64),
    Verdict,
    /// An embedding: only its size is shown.
    Vector,
    Binary,
    /// A string that contains JSON.
    EmbeddedJson,
}

/// Names of members that hold text by people or models.
const PROSE_KEYS: [&str; 19] = [
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

const SCORE_KEYS: [&str; 8] =
    ["score", "confidence", "probability", "similarity", "faithfulness", "relevance", "precision", "recall"];

const VERDICT_KEYS: [&str; 5] = ["passed", "tripwire_triggered", "flagged", "blocked", "correct"];

/// Draws an object's members.
pub(super) fn draw_object<'a>(builder: &mut DocumentBuilder<'a>, payload: Value<'a>) {
    if let Some(table) = table::from_columns_and_rows(payload) {
        builder.is_formatted = true;
        table::draw(builder, "rows", &table);
        let rest = |key: &str| key != "rows" && key != "columns";
        return draw_inline_members(builder, payload, rest);
    }
    let mut inline: Vec<(String, Value<'a>)> = Vec::new();
    let language = payload.get("language").and_then(Value::as_str).unwrap_or_default();
    let language = text::code::language_from_name(&language);
    for (key, value) in payload.members().take(MAX_MEMBERS) {
        let key = key.text();
        if builder.context.part == SpanPart::Metadata && summary::is_shown_above(builder.context.span, &key) {
            continue;
        }
        match classify(builder, &key, value) {
            MemberFormat::Inline => inline.push((key.into_owned(), value)),
            MemberFormat::Code(Language::Plain) => {
                draw_member(builder, &key, value, MemberFormat::Code(language))
            }
            format => draw_member(builder, &key, value, format),
        }
    }
    draw_fields(builder, &inline);
    let more = payload.members().skip(MAX_MEMBERS).count();
    if more > 0 {
        let note = format!("… {}", text::number::pluralize(more, "more member"));
        builder.add_lines(vec![Line::styled(&note, Role::Dim)]);
    }
}

fn draw_inline_members<'a>(
    builder: &mut DocumentBuilder<'a>,
    payload: Value<'a>,
    is_shown: impl Fn(&str) -> bool,
) {
    let members = payload.members().take(MAX_MEMBERS).map(|(key, value)| (key.text().into_owned(), value));
    let inline: Vec<_> = members.filter(|(key, _)| is_shown(key)).collect();
    draw_fields(builder, &inline);
}

/// Chooses the format of a member.
pub(super) fn classify(builder: &DocumentBuilder<'_>, key: &str, value: Value<'_>) -> MemberFormat {
    match value.kind() {
        Kind::Null | Kind::Invalid => MemberFormat::Inline,
        Kind::Bool if VERDICT_KEYS.contains(&key) => MemberFormat::Verdict,
        Kind::Bool => MemberFormat::Inline,
        Kind::Number => match value.as_f64() {
            Some(score) if SCORE_KEYS.contains(&key) && (0.0..=1.0).contains(&score) => {
                MemberFormat::Score(score)
            }
            _ => MemberFormat::Inline,
        },
        Kind::String => classify_string(builder, key, value),
        Kind::Array => classify_list(key, value),
        Kind::Object if shapes::is_message(value) => MemberFormat::Conversation,
        Kind::Object if value.is_empty() => MemberFormat::Inline,
        Kind::Object => MemberFormat::Json,
    }
}

fn classify_string(builder: &DocumentBuilder<'_>, key: &str, value: Value<'_>) -> MemberFormat {
    let start = json::decode_prefix(value.raw(), 2000);
    if start.trim().is_empty() {
        return MemberFormat::Inline;
    }
    match key {
        _ if scalars::is_binary(&start, value.raw().len()) => MemberFormat::Binary,
        "stdout" | "stderr" | "logs" | "log" | "traceback" | "stack_trace" => MemberFormat::ProgramOutput,
        "sql" | "statement" | "join_query" => MemberFormat::Code(Language::Sql),
        "chart_code" | "python" | "python_code" => MemberFormat::Code(Language::Python),
        "code" | "script" | "source_code" => MemberFormat::Code(scalars::guess_language(&start)),
        _ if scalars::looks_like_sql(&start) => MemberFormat::Code(Language::Sql),
        _ if scalars::is_embedded_json(value) => MemberFormat::EmbeddedJson,
        _ if PROSE_KEYS.contains(&key) => MemberFormat::Prose,
        // The whole payload, or a text that is too long for the list.
        "" => MemberFormat::Prose,
        _ if start.len() > builder.width.max(80) || start.contains('\n') => MemberFormat::Prose,
        _ => MemberFormat::Inline,
    }
}

fn classify_list(key: &str, list: Value<'_>) -> MemberFormat {
    if list.is_empty() {
        MemberFormat::Inline
    } else if scalars::is_vector(key, list) {
        MemberFormat::Vector
    } else if shapes::is_conversation(list) {
        MemberFormat::Conversation
    } else if shapes::is_chunk_list(list) {
        MemberFormat::Chunks
    } else if table::from_objects(list).is_some() {
        MemberFormat::Table
    } else if list.raw().len() <= 60 {
        MemberFormat::Inline
    } else {
        MemberFormat::Json
    }
}

/// Draws a member under its name.
pub(super) fn draw_member<'a>(
    builder: &mut DocumentBuilder<'a>,
    name: &str,
    value: Value<'a>,
    format: MemberFormat,
) {
    builder.is_formatted |= !matches!(format, MemberFormat::Inline | MemberFormat::Json);
    builder.draw_from(value, |builder| draw_value(builder, name, value, format));
}

fn draw_value<'a>(builder: &mut DocumentBuilder<'a>, name: &str, value: Value<'a>, format: MemberFormat) {
    match format {
        MemberFormat::Inline => draw_fields(builder, &[(name.to_owned(), value)]),
        MemberFormat::Json => builder.add_json(name, value),
        MemberFormat::Prose if name == "prompt" => conversation::draw_prompt(builder, name, value),
        MemberFormat::Prose => builder.add_prose(name, value),
        MemberFormat::Code(language) => builder.add_code(name, value, language),
        MemberFormat::ProgramOutput => scalars::draw_program_output(builder, name, value),
        MemberFormat::Chunks => chunk_list::draw(builder, name, value),
        MemberFormat::Conversation => conversation::draw(builder, name, value),
        MemberFormat::Table => {
            if let Some(table) = table::from_objects(value) {
                table::draw(builder, name, &table);
            }
        }
        MemberFormat::Score(score) => scalars::draw_score(builder, name, score),
        MemberFormat::Verdict => scalars::draw_verdict(builder, name, value),
        MemberFormat::Vector => scalars::draw_vector(builder, name, value),
        MemberFormat::Binary => scalars::draw_binary(builder, name, value),
        MemberFormat::EmbeddedJson => scalars::draw_embedded_json(builder, name, value),
    }
}

/// Draws short values with their names, aligned.
fn draw_fields(builder: &mut DocumentBuilder<'_>, fields: &[(String, Value<'_>)]) {
    if fields.is_empty() {
        return;
    }
    builder.add_spacer();
    let names = fields.iter().map(|(name, _)| width::columns(text::Safe::line(name).as_str())).max();
    let names = names.unwrap_or(0).min(builder.width / 2).min(32);
    let room = builder.width.saturating_sub(names + 2).max(8);
    for (name, value) in fields {
        let mut lines: Vec<Line> = Vec::new();
        let safe = text::Safe::line(name);
        let (cut, _) = width::ellipsize(safe.as_str(), names);
        let mut label = Some(StyledRun::new(&format!("{}  ", width::pad_right(&cut, names)), Role::Key));
        let (text, style) = inline_text(*value);
        for mut row in text::wrap_styled(&text, room, style) {
            let indent = StyledRun::new(&" ".repeat(names + 2), Role::Text);
            row.spans.insert(0, label.take().unwrap_or(indent));
            lines.push(row);
        }
        lines.extend(label.take().map(|label| Line::new(vec![label])));
        builder.draw_from(*value, |builder| builder.add_lines(lines));
    }
}

/// Returns a short value as text, in the colour of its type.
fn inline_text(value: Value<'_>) -> (String, Role) {
    let raw = || raw_prefix(value, MAX_INLINE_BYTES);
    match value.kind() {
        Kind::String => (json::decode_prefix(value.raw(), MAX_INLINE_BYTES), Role::Text),
        Kind::Number => (raw(), Role::NumberLiteral),
        Kind::Bool | Kind::Null => (raw(), Role::Constant),
        Kind::Array | Kind::Object => (raw(), Role::Text),
        Kind::Invalid => (raw(), Role::Error),
    }
}
