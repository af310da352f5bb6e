//! What was expected against what came out: word by word, and member by member where both are objects.

use crate::json::{self, Kind, Value};
use crate::text::diff::{Granularity, compare as difference};
use crate::text::{Line, StyledRun, number};
use crate::theme::Role;
use crate::view::payload::{DocumentBuilder, MAX_MEMBERS, PayloadContext, line};

/// Bytes of a value that are compared.
const MAX_COMPARED_BYTES: usize = 24 * 1024;

/// Compares the span's expected payload with its output.
pub(super) fn draw_expected_diff<'a>(sheet: &mut DocumentBuilder<'a>, look: &PayloadContext<'a>) {
    sheet.is_formatted = true;
    let expected = Value::of(look.span.expected.slice(look.raw));
    let output = Value::of(look.span.output.slice(look.raw));
    if look.span.output.is_empty() {
        sheet.add_lines(vec![Line::styled("there is no output to compare with", Role::Dim)]);
        return sheet.add_value(expected);
    }
    draw_legend(sheet);
    if expected.kind() != Kind::Object || output.kind() != Kind::Object {
        return draw_value_diff(sheet, "", expected, output);
    }
    for (key, wanted) in expected.members().take(MAX_MEMBERS) {
        let key = key.text();
        match output.members().find(|(other, _)| other.is(&key)) {
            Some((_, came)) => draw_value_diff(sheet, &key, wanted, came),
            None => draw_missing(sheet, &key, wanted),
        }
    }
    let extra: Vec<String> = output
        .members()
        .take(MAX_MEMBERS)
        .filter(|(key, _)| !expected.members().take(MAX_MEMBERS).any(|(other, _)| other.is(&key.text())))
        .map(|(key, _)| key.text().into_owned())
        .collect();
    if !extra.is_empty() {
        sheet.add_spacer();
        let note = format!("only in the output: {}", extra.join(", "));
        sheet.add_lines(crate::text::wrap_styled(&note, sheet.width, Role::Dim));
    }
}

fn draw_legend(sheet: &mut DocumentBuilder<'_>) {
    sheet.add_spacer();
    sheet.add_lines(vec![line(vec![
        StyledRun::new("expected", Role::Removed),
        StyledRun::new(" against ", Role::Dim),
        StyledRun::new("output", Role::Added),
    ])]);
}

/// A value for comparing: text as text, anything else laid out.
fn comparable_text(value: Value<'_>) -> String {
    match value.kind() {
        Kind::String => json::decode_prefix(value.raw(), MAX_COMPARED_BYTES),
        _ => json::pretty(value.raw(), MAX_COMPARED_BYTES),
    }
}

fn is_same(expected: Value<'_>, output: Value<'_>) -> bool {
    let numbers = expected.as_f64().zip(output.as_f64()).filter(|_| expected.kind() == Kind::Number);
    expected.raw() == output.raw() || numbers.is_some_and(|(one, other)| one == other)
}

fn draw_value_diff(sheet: &mut DocumentBuilder<'_>, name: &str, expected: Value<'_>, output: Value<'_>) {
    let same = is_same(expected, output);
    let (old, new) = (comparable_text(expected), comparable_text(output));
    let found = difference(&old, &new, sheet.width);
    let same = same || (found.is_same && old.len() < MAX_COMPARED_BYTES);
    let mark = if same { StyledRun::new("✓ ", Role::Ok) } else { StyledRun::new("≠ ", Role::Error) };
    let mut lines = if same { crate::text::wrap_styled(&new, sheet.width, Role::Text) } else { found.lines };
    if old.len().max(new.len()) >= MAX_COMPARED_BYTES {
        let shown = number::bytes(MAX_COMPARED_BYTES as u64);
        lines.push(Line::styled(&format!("… only the first {shown} were compared"), Role::Dim));
    }
    if found.granularity == Granularity::TooLarge {
        lines.push(Line::styled("too large to be compared here", Role::Dim));
    }
    sheet.add_spacer();
    let what = if same { "same" } else { "different" };
    let title = if name.is_empty() { what } else { name };
    sheet.add_lines(vec![line(vec![mark, StyledRun::new(title, Role::Strong)])]);
    sheet.add_lines(lines);
}

fn draw_missing(sheet: &mut DocumentBuilder<'_>, name: &str, expected: Value<'_>) {
    sheet.add_spacer();
    let mark = StyledRun::new("− ", Role::Error);
    let note = StyledRun::new("  not in the output", Role::Error);
    sheet.add_lines(vec![line(vec![mark, StyledRun::new(name, Role::Strong), note])]);
    sheet.add_lines(crate::text::wrap_styled(&comparable_text(expected), sheet.width, Role::Removed));
}
