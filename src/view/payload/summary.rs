//! The lines above a payload: the full error of a failed span, and the usage of a model call.

use crate::domain::Span;
use crate::json::Value;
use crate::text::{self, Line, StyledRun, number};
use crate::theme::Role;
use crate::view::document::{Body, Fold, Section, SectionSource};
use crate::view::payload::{DocumentBuilder, PayloadContext};

/// Bytes that are shown of an error message.
const MAX_ERROR_BYTES: usize = 16 * 1024;

/// Rows of an error message that begin open.
const OPEN_ERROR_ROWS: usize = 8;

/// Draws the error of a failed span, verbatim and with its own lines; rows after the eighth are folded.
pub(super) fn draw_error(builder: &mut DocumentBuilder<'_>, span: &Span) {
    let Some(error) = &span.error else { return };
    let kind = if error.kind.is_empty() { "error" } else { error.kind.as_str() };
    let mut title = vec![StyledRun::new(&format!("✗ {kind}"), Role::Error)];
    if !error.category.is_empty() {
        title.push(StyledRun::new(&format!("  {}", error.category), Role::Dim));
    }
    let message = error.message.get(..error.message.floor_char_boundary(MAX_ERROR_BYTES)).unwrap_or_default();
    let mut lines = text::wrap_styled(message, builder.width, Role::Text);
    if message.len() < error.message.len() {
        let size = number::bytes(error.message.len() as u64);
        lines.push(Line::styled(&format!("… {size} in total"), Role::Dim));
    }
    let folded = lines.split_off(lines.len().min(OPEN_ERROR_ROWS));
    let section = Section::with_heading(Line::new(title), Body::Lines(lines), Role::Error);
    builder.sections.push(section.with_source(SectionSource::Error));
    if !folded.is_empty() {
        let title = Line::styled(&number::pluralize(folded.len(), "more line"), Role::Dim);
        let rest = Section::foldable(title, Body::Lines(folded), Role::Error, Fold::Closed);
        builder.sections.push(rest.with_source(SectionSource::Error));
    }
}

/// Draws model, tokens, cost and finish reason in one line. Only a span's own numbers are shown, because those of a parent
/// include its children. Returns whether there are any.
pub(super) fn draw_usage(builder: &mut DocumentBuilder<'_>, context: &PayloadContext<'_>) -> bool {
    let span = context.span;
    let mut facts: Vec<(String, Role)> = Vec::new();
    facts.extend(span.models.iter().take(3).map(|model| (model.clone(), Role::Strong)));
    if let Some(usage) = &span.usage {
        let amount =
            |count: Option<i64>, unit: &str| count.map(|count| format!("{} {unit}", number::count(count)));
        let with_detail = |total: Option<String>, detail: Option<String>| match (total, detail) {
            (Some(total), Some(detail)) => Some(format!("{total} ({detail})")),
            (total, detail) => total.or(detail),
        };
        let amounts = [
            with_detail(amount(usage.input_tokens, "in"), amount(usage.cached_tokens, "cached")),
            with_detail(amount(usage.output_tokens, "out"), amount(usage.reasoning_tokens, "reasoning")),
            amount(usage.total(), "tokens"),
        ];
        facts.extend(amounts.into_iter().flatten().map(|fact| (fact, Role::Text)));
        facts.extend(usage.cost_usd.map(|cost| (number::money(cost), Role::Text)));
    }
    if facts.is_empty() {
        return false;
    }
    facts.extend(finish_reason(context).map(|reason| (format!("stopped: {reason}"), Role::Dim)));
    builder.add_spacer();
    builder.sections.push(Section::text(Body::Lines(fit_lines(&facts, builder.width)), Role::Dim));
    true
}

/// Distributes facts over as many lines as necessary, without breaking one.
fn fit_lines(facts: &[(String, Role)], width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (fact, style) in facts {
        let run = StyledRun::new(fact, *style);
        let dot = StyledRun::new("  ·  ", Role::Dim);
        let columns = run.text.width() + dot.text.width();
        match lines.last_mut().filter(|last| last.width() + columns <= width) {
            Some(last) => last.spans.extend([dot, run]),
            None => lines.push(Line::new(vec![run])),
        }
    }
    lines
}

/// Returns the reason why the model stopped.
fn finish_reason(context: &PayloadContext<'_>) -> Option<String> {
    let [metadata, output] =
        [context.span.metadata, context.span.output].map(|range| Value::of(range.slice(context.raw)));
    let choice = output.get("choices").and_then(|choices| choices.elements().next());
    let objects = [Some(metadata), Some(output), choice];
    let reason = objects.into_iter().flatten().find_map(|object| {
        let [finish, stop] = object.get_many(["finish_reason", "stop_reason"]);
        finish.or(stop)?.as_str().map(|reason| reason.into_owned())
    });
    reason.filter(|reason| reason.len() < 100)
}

/// Returns whether the lines above the payload already show a member of the metadata.
pub(super) fn is_shown_above(span: &Span, key: &str) -> bool {
    match key {
        "error" | "error_type" | "error_message" | "error_category" => span.error.is_some(),
        "usage" | "token_usage" | "cost_usd" => span.usage.is_some(),
        "model" => !span.models.is_empty(),
        "finish_reason" => span.usage.is_some() || !span.models.is_empty(),
        _ => false,
    }
}
