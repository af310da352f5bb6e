//! What was expected against what came out: word by word, and member by member where both are objects.

use crate::app::detail::payload::{Look, MOST, Sheet, line};
use crate::json::{self, Kind, Value};
use crate::text::diff::{Grain, compare as difference};
use crate::text::{Line, Run, number};
use crate::theme::Role;

/// Bytes of a value that are compared.
const COMPARED: usize = 24 * 1024;

/// Compares the span's expected payload with its output.
pub(super) fn compare<'a>(sheet: &mut Sheet<'a>, look: &Look<'a>) {
    sheet.is_recognised = true;
    let expected = Value::of(look.span.expected.of(look.raw));
    let output = Value::of(look.span.output.of(look.raw));
    if look.span.output.is_empty() {
        sheet.lines(vec![Line::styled("there is no output to compare with", Role::Dim)]);
        return sheet.value(expected);
    }
    legend(sheet);
    if expected.kind() != Kind::Object || output.kind() != Kind::Object {
        return values(sheet, "", expected, output);
    }
    for (key, wanted) in expected.members().take(MOST) {
        let key = key.text();
        match output.members().find(|(other, _)| other.is(&key)) {
            Some((_, came)) => values(sheet, &key, wanted, came),
            None => missing(sheet, &key, wanted),
        }
    }
    let extra: Vec<String> = output
        .members()
        .take(MOST)
        .filter(|(key, _)| !expected.members().take(MOST).any(|(other, _)| other.is(&key.text())))
        .map(|(key, _)| key.text().into_owned())
        .collect();
    if !extra.is_empty() {
        sheet.apart();
        let note = format!("only in the output: {}", extra.join(", "));
        sheet.lines(crate::text::plain(&note, sheet.width, Role::Dim));
    }
}

fn legend(sheet: &mut Sheet<'_>) {
    sheet.apart();
    sheet.lines(vec![line(vec![
        Run::new("expected", Role::Removed),
        Run::new(" against ", Role::Dim),
        Run::new("output", Role::Added),
    ])]);
}

/// A value for comparing: text as text, anything else laid out.
fn readable(value: Value<'_>) -> String {
    match value.kind() {
        Kind::String => json::decode_prefix(value.raw(), COMPARED),
        _ => json::pretty(value.raw(), COMPARED),
    }
}

fn is_same(expected: Value<'_>, output: Value<'_>) -> bool {
    let numbers = expected.as_f64().zip(output.as_f64()).filter(|_| expected.kind() == Kind::Number);
    expected.raw() == output.raw() || numbers.is_some_and(|(one, other)| one == other)
}

fn values(sheet: &mut Sheet<'_>, name: &str, expected: Value<'_>, output: Value<'_>) {
    let same = is_same(expected, output);
    let (old, new) = (readable(expected), readable(output));
    let found = difference(&old, &new, sheet.width);
    let same = same || (found.is_same && old.len() < COMPARED);
    let mark = if same { Run::new("✓ ", Role::Ok) } else { Run::new("≠ ", Role::Error) };
    let mut lines = if same { crate::text::plain(&new, sheet.width, Role::Text) } else { found.lines };
    if old.len().max(new.len()) >= COMPARED {
        let shown = number::bytes(COMPARED as u64);
        lines.push(Line::styled(&format!("… only the first {shown} were compared"), Role::Dim));
    }
    if found.grain == Grain::TooLarge {
        lines.push(Line::styled("too large to be compared here", Role::Dim));
    }
    sheet.apart();
    let what = if same { "same" } else { "different" };
    let title = if name.is_empty() { what } else { name };
    sheet.lines(vec![line(vec![mark, Run::new(title, Role::Strong)])]);
    sheet.lines(lines);
}

fn missing(sheet: &mut Sheet<'_>, name: &str, expected: Value<'_>) {
    sheet.apart();
    let mark = Run::new("− ", Role::Error);
    let note = Run::new("  not in the output", Role::Error);
    sheet.lines(vec![line(vec![mark, Run::new(name, Role::Strong), note])]);
    sheet.lines(crate::text::plain(&readable(expected), sheet.width, Role::Removed));
}
