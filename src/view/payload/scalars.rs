//! Single values of a payload: scores, verdicts, code, program output, embedded JSON, and unreadable data.

use crate::domain::Language;
use crate::json::{self, Kind, Value};
use crate::text::{self, Line, StyledRun, number};
use crate::theme::Role;
use crate::view::chunks;
use crate::view::message::blocks::{json_lines, section_title};
use crate::view::payload::{DocumentBuilder, raw_prefix};

/// The number of numbers from which a list is treated as an embedding.
const VECTOR_THRESHOLD: usize = 32;

/// The minimum length of a text that is treated as binary data.
const MIN_BINARY_BYTES: usize = 256;

/// Returns whether a list is an embedding: by its name, or because it begins with many numbers.
pub(super) fn is_vector(key: &str, list: Value<'_>) -> bool {
    let is_named = matches!(key, "embedding" | "embeddings" | "vector" | "query_embedding");
    let numbers =
        list.elements().take(VECTOR_THRESHOLD + 1).take_while(|item| item.kind() == Kind::Number).count();
    numbers > VECTOR_THRESHOLD || (is_named && numbers > 0)
}

/// Returns whether the start of a text shows that it is base64-encoded data.
pub(super) fn is_binary(start: &str, length: usize) -> bool {
    if length < MIN_BINARY_BYTES {
        return false;
    }
    let is_base64 = |text: &str| {
        text.len() >= MIN_BINARY_BYTES / 2
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_'))
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    match start.strip_prefix("data:").and_then(|uri| uri.split_once(";base64,")) {
        Some(_) => true,
        None => is_base64(start),
    }
}

/// Returns whether a text begins like an SQL statement.
pub(super) fn looks_like_sql(start: &str) -> bool {
    let mut words = start.split_whitespace();
    let first = words.next().unwrap_or_default().to_ascii_uppercase();
    let has = |word: &str| start.split_whitespace().any(|other| other.eq_ignore_ascii_case(word));
    match first.as_str() {
        "SELECT" | "DELETE" => has("from"),
        "WITH" => has("as") && has("select"),
        "INSERT" => has("into"),
        "UPDATE" => has("set"),
        _ => false,
    }
}

/// Guesses the language of code without a declared one.
pub(super) fn guess_language(start: &str) -> Language {
    let python = ["import ", "from ", "def ", "print(", "for ", "class "];
    if looks_like_sql(start) {
        Language::Sql
    } else if start.lines().any(|row| python.iter().any(|word| row.starts_with(word)))
        || start.contains(" = ")
    {
        Language::Python
    } else {
        Language::Plain
    }
}

/// Returns whether a string consists of exactly one JSON object or list.
pub(super) fn is_embedded_json(value: Value<'_>) -> bool {
    let start = json::decode_prefix(value.raw(), 64);
    if !start.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let text = json::decode(value.raw());
    let inner = json::trim(text.as_bytes());
    json::skip_value(inner, 0) == Some(inner.len()) && is_valid_container(Value::of(inner))
}

/// Returns whether the first level of a container is valid; Markdown links also begin with a bracket.
fn is_valid_container(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Object => {
            let mut members = value.members();
            members.by_ref().for_each(drop);
            members.error().is_none()
        }
        Kind::Array => {
            let mut elements = value.elements();
            let whole = elements.by_ref().all(|item| item.kind() != Kind::Invalid);
            whole && elements.error().is_none()
        }
        Kind::Null | Kind::Bool | Kind::Number | Kind::String | Kind::Invalid => false,
    }
}

pub(super) fn draw_embedded_json(builder: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let text = json::decode(value.raw());
    builder.remaining_bytes = builder.remaining_bytes.saturating_sub(text.len());
    let lines = json_lines(text.as_bytes(), builder.width);
    let detail = format!("embedded JSON, {}", number::bytes(text.len() as u64));
    builder.add_section(name, &detail, lines);
}

pub(super) fn draw_program_output(builder: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let (text, note) = builder.read_text(value);
    let style = if name == "stderr" || name == "traceback" { Role::Error } else { Role::CodeBlock };
    let mut lines = text::wrap_styled(text.trim_end_matches('\n'), builder.width, style);
    lines.extend(note.map(|note| Line::styled(&note, Role::Dim)));
    builder.add_section(name, "", lines);
}

pub(super) fn draw_score(builder: &mut DocumentBuilder<'_>, name: &str, score: f64) {
    let [full, rest] = chunks::score_bar(score);
    let label = StyledRun::new(&format!(" {score:.3}"), Role::NumberLiteral);
    builder.add_spacer();
    builder.add_lines(vec![Line::new(vec![
        StyledRun::new(&format!("{name}  "), Role::Strong),
        full,
        rest,
        label,
    ])]);
}

/// Draws a judgement, true or false; the name decides which of them is good.
pub(super) fn draw_verdict(builder: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let is_true = value.as_bool() == Some(true);
    let is_good = is_true == matches!(name, "passed" | "correct");
    let (sign, style) = if is_good { ("✓", Role::Ok) } else { ("✗", Role::Error) };
    let words = name.replace('_', " ");
    let words = if is_true { words } else { format!("not {words}") };
    builder.add_spacer();
    builder.add_lines(vec![Line::styled(&format!("{sign} {words}"), style)]);
}

pub(super) fn draw_vector(builder: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let count = number::pluralize(value.elements().count(), "number");
    draw_omitted(builder, name, &count, value);
}

pub(super) fn draw_binary(builder: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let start = json::decode_prefix(value.raw(), 200);
    let kind = start.strip_prefix("data:").and_then(|uri| uri.split([';', ',']).next()).unwrap_or("binary");
    draw_omitted(builder, name, &format!("{kind}, base64"), value);
}

/// Draws the kind and the size of a value; its beginning can be unfolded.
fn draw_omitted(builder: &mut DocumentBuilder<'_>, name: &str, kind: &str, value: Value<'_>) {
    let size = number::bytes(value.raw().len() as u64);
    let mut lines = text::wrap_styled(&raw_prefix(value, 600), builder.width, Role::Dim);
    lines.push(Line::styled("…", Role::Dim));
    builder.add_spacer();
    builder.add_folded_section(section_title(name, &format!("{kind}, {size}")), lines);
}
