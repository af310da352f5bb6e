//! A turn's spans as an SVG waterfall: a row per span, with its name indented by depth and its bar on the time axis.

use std::io::{self, Write};

use super::escape;
use crate::domain::Span;
use crate::export::span_tree;
use crate::text::{Safe, number};
use crate::trace::{Flags, Forest, Node};

/// Maximum number of drawn spans.
const MAX_SPANS: usize = 500;
/// Sizes in units of the drawing.
const ROW_HEIGHT: usize = 18;
const NAME_COLUMN_WIDTH: f64 = 320.0;
const WIDTH: f64 = 1000.0;
/// Minimum bar width, so that a short span is visible.
const MIN_BAR_WIDTH: f64 = 1.5;
/// Longer names are cut.
const MAX_NAME_CHARS: usize = 44;
const MAX_INDENT_DEPTH: u32 = 12;

/// Draws the spans, if there are any.
pub(super) fn write_waterfall(out: &mut dyn Write, spans: &[Span]) -> io::Result<()> {
    if spans.is_empty() {
        return Ok(());
    }
    let forest = Forest::new(spans);
    let failed = forest.nodes().iter().filter(|node| node.flags.contains(Flags::FAILED)).count();
    let count = number::pluralize(spans.len(), "span");
    let title = span_tree::title(spans, failed);
    writeln!(out, "<details open><summary>trace: {title}</summary>")?;
    let height = forest.len().min(MAX_SPANS) * ROW_HEIGHT;
    writeln!(
        out,
        "<svg class=\"waterfall\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"trace of {count}\">"
    )?;
    for (row, node) in forest.nodes().iter().take(MAX_SPANS).enumerate() {
        if let Some(span) = spans.get(node.span as usize) {
            write_row(out, &forest, node, (row, span))?;
        }
    }
    writeln!(out, "</svg>")?;
    if forest.len() > MAX_SPANS {
        writeln!(out, "<p class=\"dim\">and {} more</p>", forest.len() - MAX_SPANS)?;
    }
    writeln!(out, "</details>")
}

fn write_row(
    out: &mut dyn Write,
    forest: &Forest,
    node: &Node,
    (row, span): (usize, &Span),
) -> io::Result<()> {
    let (x, width) = bar_position(forest, node);
    let top = row * ROW_HEIGHT;
    let indent = f64::from(node.depth.min(MAX_INDENT_DEPTH)) * 10.0;
    let name: String = Safe::line(&span.name).chars().take(MAX_NAME_CHARS).collect();
    let duration = number::duration(span.duration_micros());
    let title = format!("{} [{}] {duration}", Safe::line(&span.name), Safe::line(&span.operation));
    let class = if node.flags.contains(Flags::FAILED) { " class=\"failed\"" } else { "" };
    writeln!(
        out,
        "<g><title>{}</title><text x=\"{indent:.0}\" y=\"{}\">{} {}</text>\
         <rect{class} x=\"{x:.1}\" y=\"{}\" width=\"{width:.1}\" height=\"{}\" rx=\"2\"/>\
         <text class=\"time\" x=\"{:.1}\" y=\"{}\"{}>{duration}</text></g>",
        escape(&title),
        top + 13,
        span_tree::status_symbol(node.flags),
        escape(&name),
        top + 4,
        ROW_HEIGHT - 7,
        if x + width > WIDTH - 80.0 { x - 4.0 } else { x + width + 4.0 },
        top + 13,
        if x + width > WIDTH - 80.0 { " text-anchor=\"end\"" } else { "" },
    )
}

/// The left edge and the width of a bar.
fn bar_position(forest: &Forest, node: &Node) -> (f64, f64) {
    let whole = (forest.extent().micros() as f64).max(1.0);
    let share = |micros: i64| (micros as f64 / whole).clamp(0.0, 1.0);
    let room = WIDTH - NAME_COLUMN_WIDTH;
    let x = NAME_COLUMN_WIDTH + share(node.start.saturating_sub(forest.start())) * room;
    let width = (share(node.micros()) * room).max(MIN_BAR_WIDTH).min(WIDTH - x.min(WIDTH - MIN_BAR_WIDTH));
    (x.min(WIDTH - MIN_BAR_WIDTH), width)
}
