//! Single values of a payload: scores, verdicts, code by its looks, what a program printed, JSON inside text, and what
//! is not for reading at all.

use crate::domain::Language;
use crate::json::{self, Kind, Value};
use crate::text::{self, Line, StyledRun, number};
use crate::theme::Role;
use crate::view::chunks;
use crate::view::message::blocks::{json_lines, section_title};
use crate::view::payload::{DocumentBuilder, line};

/// A list of more numbers than this is no list for people.
const VECTOR_THRESHOLD: usize = 32;

/// Text shorter than this is not taken for packed bytes.
const MIN_BINARY_BYTES: usize = 256;

/// Whether a list is an embedding: by its name, or by many numbers and nothing else at its start.
pub(super) fn is_vector(key: &str, list: Value<'_>) -> bool {
    let named = matches!(key, "embedding" | "embeddings" | "vector" | "query_embedding");
    let numbers =
        list.elements().take(VECTOR_THRESHOLD + 1).take_while(|item| item.kind() == Kind::Number).count();
    numbers > VECTOR_THRESHOLD || (named && numbers > 0)
}

/// Whether the start of a text shows that it is bytes packed into letters.
pub(super) fn is_binary(start: &str, length: usize) -> bool {
    if length < MIN_BINARY_BYTES {
        return false;
    }
    let packed = |text: &str| {
        text.len() >= MIN_BINARY_BYTES / 2
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_'))
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    match start.strip_prefix("data:").and_then(|uri| uri.split_once(";base64,")) {
        Some(_) => true,
        None => packed(start),
    }
}

/// Whether a text begins as SQL statements do.
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

/// The language of code that nobody names.
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

/// Whether a string holds a JSON object or list, and nothing beside it.
pub(super) fn is_embedded_json(value: Value<'_>) -> bool {
    let start = json::decode_prefix(value.raw(), 64);
    if !start.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let text = json::decode(value.raw());
    let inner = json::trim(text.as_bytes());
    json::skip_value(inner, 0) == Some(inner.len()) && is_valid_container(Value::of(inner))
}

/// Whether the first level of a container has no fault; Markdown links begin like lists.
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

pub(super) fn draw_embedded_json(sheet: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let text = json::decode(value.raw());
    sheet.remaining_bytes = sheet.remaining_bytes.saturating_sub(text.len());
    let lines = json_lines(text.as_bytes(), sheet.width);
    let detail = format!("JSON in text, {}", number::bytes(text.len() as u64));
    sheet.add_section(name, &detail, lines);
}

pub(super) fn draw_program_output(sheet: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let (text, note) = sheet.read_text(value);
    let style = if name == "stderr" || name == "traceback" { Role::Error } else { Role::CodeBlock };
    let mut lines = text::wrap_styled(text.trim_end_matches('\n'), sheet.width, style);
    lines.extend(note.map(|note| Line::styled(&note, Role::Dim)));
    sheet.add_section(name, "", lines);
}

pub(super) fn draw_score(sheet: &mut DocumentBuilder<'_>, name: &str, score: f64) {
    let [full, rest] = chunks::score_bar(score);
    let told = StyledRun::new(&format!(" {score:.3}"), Role::NumberLiteral);
    sheet.add_spacer();
    sheet.add_lines(vec![line(vec![StyledRun::new(&format!("{name}  "), Role::Strong), full, rest, told])]);
}

/// A yes or no that somebody judged; which of them is good news depends on the name.
pub(super) fn draw_verdict(sheet: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let told = value.as_bool() == Some(true);
    let is_good = told == matches!(name, "passed" | "correct");
    let (sign, style) = if is_good { ("✓", Role::Ok) } else { ("✗", Role::Error) };
    let words = name.replace('_', " ");
    let words = if told { words } else { format!("not {words}") };
    sheet.add_spacer();
    sheet.add_lines(vec![Line::styled(&format!("{sign} {words}"), style)]);
}

pub(super) fn draw_vector(sheet: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let count = number::pluralize(value.elements().count(), "number");
    draw_omitted(sheet, name, &count, value);
}

pub(super) fn draw_binary(sheet: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let start = json::decode_prefix(value.raw(), 200);
    let kind = start.strip_prefix("data:").and_then(|uri| uri.split([';', ',']).next()).unwrap_or("bytes");
    draw_omitted(sheet, name, &format!("{kind}, packed as base64"), value);
}

/// What is named with its size; its beginning can be unfolded.
fn draw_omitted(sheet: &mut DocumentBuilder<'_>, name: &str, what: &str, value: Value<'_>) {
    let size = number::bytes(value.raw().len() as u64);
    let start = value.raw().get(..600).unwrap_or(value.raw());
    let mut lines = text::wrap_styled(&String::from_utf8_lossy(start), sheet.width, Role::Dim);
    lines.push(Line::styled("…", Role::Dim));
    sheet.add_spacer();
    sheet.add_folded_section(section_title(name, &format!("{what}, {size}")), lines);
}
