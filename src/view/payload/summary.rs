//! What stands above a payload: why the span failed, in full, and what a model call used.

use crate::domain::Span;
use crate::json::Value;
use crate::text::{self, Line, StyledRun, number};
use crate::theme::Role;
use crate::view::document::{Body, Section};
use crate::view::payload::{DocumentBuilder, PayloadContext, line};

/// Bytes of an error message that are drawn.
const MAX_ERROR_BYTES: usize = 16 * 1024;

/// Why the span failed, in the words of whoever reported it.
pub(super) fn draw_error(sheet: &mut DocumentBuilder<'_>, span: &Span) {
    let Some(error) = &span.error else { return };
    let kind = if error.kind.is_empty() { "error" } else { error.kind.as_str() };
    let mut title = vec![StyledRun::new(&format!("✗ {kind}"), Role::Error)];
    if !error.category.is_empty() {
        title.push(StyledRun::new(&format!("  {}", error.category), Role::Dim));
    }
    let message = error.message.get(..error.message.floor_char_boundary(MAX_ERROR_BYTES)).unwrap_or_default();
    let lines = text::wrap_styled(message, sheet.width, Role::Text);
    sheet.sections.push(Section::with_heading(line(title), Body::Lines(lines), Role::Error));
}

/// Model, tokens, cost and why the model stopped, in one line. Only what this span says itself: a parent's numbers are
/// its children's together, so nothing is added up. Returns whether there was anything to say.
pub(super) fn draw_usage(sheet: &mut DocumentBuilder<'_>, look: &PayloadContext<'_>) -> bool {
    let span = look.span;
    let mut facts: Vec<(String, Role)> = Vec::new();
    facts.extend(span.models.iter().take(3).map(|model| (model.clone(), Role::Strong)));
    if let Some(usage) = &span.usage {
        let part =
            |count: Option<i64>, what: &str| count.map(|count| format!("{} {what}", number::count(count)));
        let with = |whole: Option<String>, inner: Option<String>| match (whole, inner) {
            (Some(whole), Some(inner)) => Some(format!("{whole} ({inner})")),
            (whole, inner) => whole.or(inner),
        };
        let sides = [
            with(part(usage.input_tokens, "in"), part(usage.cached_tokens, "cached")),
            with(part(usage.output_tokens, "out"), part(usage.reasoning_tokens, "reasoning")),
            part(usage.total(), "tokens"),
        ];
        facts.extend(sides.into_iter().flatten().map(|fact| (fact, Role::Text)));
        facts.extend(usage.cost_usd.map(|cost| (number::money(cost), Role::Text)));
    }
    if facts.is_empty() {
        return false;
    }
    facts.extend(finish_reason(look).map(|reason| (format!("stopped: {reason}"), Role::Dim)));
    sheet.add_spacer();
    sheet.sections.push(Section::text(Body::Lines(fit_lines(&facts, sheet.width)), Role::Dim));
    true
}

/// Facts in as many lines as they need, none broken inside.
fn fit_lines(facts: &[(String, Role)], width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (fact, style) in facts {
        let run = StyledRun::new(fact, *style);
        let dot = StyledRun::new("  ·  ", Role::Dim);
        let wide = run.text.width() + dot.text.width();
        match lines.last_mut().filter(|last| last.width() + wide <= width) {
            Some(last) => last.spans.extend([dot, run]),
            None => lines.push(line(vec![run])),
        }
    }
    lines
}

/// Why the model stopped.
fn finish_reason(look: &PayloadContext<'_>) -> Option<String> {
    let [metadata, output] =
        [look.span.metadata, look.span.output].map(|piece| Value::of(piece.slice(look.raw)));
    let choice = output.get("choices").and_then(|choices| choices.elements().next());
    let places = [Some(metadata), Some(output), choice];
    let found = places.into_iter().flatten().find_map(|place| {
        let [finish, stop] = place.get_many(["finish_reason", "stop_reason"]);
        finish.or(stop)?.as_str().map(|reason| reason.into_owned())
    });
    found.filter(|reason| reason.len() < 100)
}

/// Whether a member of the metadata is told by the lines above it.
pub(super) fn is_shown_above(span: &Span, key: &str) -> bool {
    match key {
        "error" | "error_type" | "error_message" | "error_category" => span.error.is_some(),
        "usage" | "token_usage" | "cost_usd" => span.usage.is_some(),
        "model" => !span.models.is_empty(),
        "finish_reason" => span.usage.is_some() || !span.models.is_empty(),
        _ => false,
    }
}
