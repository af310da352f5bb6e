//! The expected payload compared with the output: word by word, and member by member if both are objects.

use crate::json::{self, Kind, Value};
use crate::text::diff::{self, Granularity};
use crate::text::{Line, StyledRun, number};
use crate::theme::Role;
use crate::view::document::{Body, Section};
use crate::view::payload::{DocumentBuilder, MAX_MEMBERS, PayloadContext};

/// The maximum number of bytes in a value that are compared.
const MAX_COMPARED_BYTES: usize = 24 * 1024;

/// Compares the span's expected payload with its output.
pub(super) fn draw_expected_diff<'a>(builder: &mut DocumentBuilder<'a>, context: &PayloadContext<'a>) {
    builder.is_formatted = true;
    let expected = Value::of(context.span.expected.slice(context.raw));
    let output = Value::of(context.span.output.slice(context.raw));
    if context.span.output.is_empty() {
        builder.add_lines(vec![Line::styled("No output to compare with.", Role::Dim)]);
        return builder.add_value(expected);
    }
    draw_legend(builder);
    if expected.kind() != Kind::Object || output.kind() != Kind::Object {
        return draw_value_diff(builder, "", expected, output);
    }
    for (key, expected) in expected.members().take(MAX_MEMBERS) {
        let key = key.text();
        match output.members().find(|(other, _)| other.is(&key)) {
            Some((_, output)) => {
                builder.draw_from(expected, |builder| draw_value_diff(builder, &key, expected, output));
            }
            None => builder.draw_from(expected, |builder| draw_missing(builder, &key, expected)),
        }
    }
    let extra: Vec<String> = output
        .members()
        .take(MAX_MEMBERS)
        .filter(|(key, _)| !expected.members().take(MAX_MEMBERS).any(|(other, _)| other.is(&key.text())))
        .map(|(key, _)| key.text().into_owned())
        .collect();
    if !extra.is_empty() {
        builder.add_spacer();
        let note = format!("Only in the output: {}", extra.join(", "));
        builder.add_lines(crate::text::wrap_styled(&note, builder.width, Role::Dim));
    }
}

fn draw_legend(builder: &mut DocumentBuilder<'_>) {
    builder.add_spacer();
    let legend = Line::new(vec![
        StyledRun::new("Expected", Role::Removed),
        StyledRun::new(" vs. ", Role::Dim),
        StyledRun::new("output", Role::Added),
    ]);
    builder.sections.push(Section::text(Body::Lines(vec![legend]), builder.gutter));
}

/// Returns a value as text to compare; anything but a string is formatted as JSON.
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

fn draw_value_diff(builder: &mut DocumentBuilder<'_>, name: &str, expected: Value<'_>, output: Value<'_>) {
    let same = is_same(expected, output);
    let (old, new) = (comparable_text(expected), comparable_text(output));
    let diff = diff::compare(&old, &new, builder.width);
    let same = same || (diff.is_same && old.len() < MAX_COMPARED_BYTES);
    let sign = if same { StyledRun::new("✓ ", Role::Ok) } else { StyledRun::new("≠ ", Role::Error) };
    let mut lines = if same { crate::text::wrap_styled(&new, builder.width, Role::Text) } else { diff.lines };
    if old.len().max(new.len()) >= MAX_COMPARED_BYTES {
        let limit = number::bytes(MAX_COMPARED_BYTES as u64);
        lines.push(Line::styled(&format!("… only the first {limit} compared"), Role::Dim));
    }
    if diff.granularity == Granularity::TooLarge {
        lines.push(Line::styled("Too large to compare.", Role::Dim));
    }
    builder.add_spacer();
    let verdict = if same { "Same" } else { "Different" };
    let title = if name.is_empty() { verdict } else { name };
    builder.add_lines(vec![Line::new(vec![sign, StyledRun::new(title, Role::Strong)])]);
    builder.add_lines(lines);
}

fn draw_missing(builder: &mut DocumentBuilder<'_>, name: &str, expected: Value<'_>) {
    builder.add_spacer();
    let sign = StyledRun::new("− ", Role::Error);
    let note = StyledRun::new("  missing from the output", Role::Error);
    builder.add_lines(vec![Line::new(vec![sign, StyledRun::new(name, Role::Strong), note])]);
    builder.add_lines(crate::text::wrap_styled(&comparable_text(expected), builder.width, Role::Removed));
}
