//! A turn's spans: a row per span with its name, its bar on the time axis and its duration. A row unfolds to the payloads.

use std::io::{self, Write};

use super::{HtmlBlocks, escape};
use crate::domain::Span;
use crate::export::payloads::write_payloads;
use crate::export::{ExportedMessage, Payloads, span_tree};
use crate::text::{Safe, number};
use crate::trace::{Flags, Forest, Node};

/// The number of rows of a turn after which only failed spans have rows.
const MAX_SPANS: usize = 500;
/// The number of steps at which a bar may begin and end. The shortest bar is one step long.
const BAR_STEPS: u32 = 200;
/// The depth from which spans are not indented further.
const MAX_INDENT_DEPTH: u32 = 12;

/// A failed span on the page.
#[derive(Clone, Debug)]
pub(super) struct FailedSpan {
    /// The id of its row or payloads.
    pub(super) id: String,
    /// The name on one line, not escaped.
    pub(super) name: String,
}

/// The trace of a message.
struct Trace<'a> {
    item: &'a ExportedMessage<'a>,
    forest: Forest,
    payloads: Payloads,
}

/// Writes the spans of a message, if it has any; returns the failed ones.
pub(super) fn write_trace(
    out: &mut dyn Write,
    item: &ExportedMessage<'_>,
    payloads: Payloads,
) -> io::Result<Vec<FailedSpan>> {
    if item.message.spans.is_empty() {
        return Ok(Vec::new());
    }
    Trace { item, forest: Forest::new(&item.message.spans), payloads }.write(out)
}

impl Trace<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<Vec<FailedSpan>> {
        let spans = &self.item.message.spans;
        let title = span_tree::title(spans, span_tree::failed_count(&self.forest));
        writeln!(out, "<details class=\"trace\" open><summary>trace: {title}</summary>")?;
        let mut failed = Vec::new();
        let mut left_out = 0;
        for (row, node) in self.forest.nodes().iter().enumerate() {
            let is_failed = node.flags.contains(Flags::FAILED);
            let Some(span) = spans.get(node.span as usize) else { continue };
            if row >= MAX_SPANS && !is_failed {
                left_out += 1;
                continue;
            }
            let id = format!("m{}-s{}", self.item.number, row + 1);
            self.write_row(out, node, span, &id)?;
            if is_failed {
                failed.push(FailedSpan { id, name: Safe::line(&span.name).into_string() });
            }
        }
        if left_out > 0 {
            writeln!(out, "<p class=\"dim\">and {}</p>", number::pluralize(left_out, "more span"))?;
        }
        writeln!(out, "</details>")?;
        Ok(failed)
    }

    /// Writes a row. The id is inside the folded part, because browsers unfold the element that contains the target of a
    /// link.
    fn write_row(&self, out: &mut dyn Write, node: &Node, span: &Span, id: &str) -> io::Result<()> {
        let class = self.row_class(node);
        let name = Safe::line(&span.name);
        let operation = Safe::line(&span.operation);
        let operation = if operation.is_empty() || operation == name {
            String::new()
        } else {
            format!(" · {operation}")
        };
        let text = escape(&format!("{} {name}{operation}", span_tree::status_symbol(node.flags)));
        let duration = number::duration(span.duration_micros());
        if self.payloads.has(span) {
            writeln!(
                out,
                "<details class=\"step\"><summary class=\"{class}\">{text}<b>{duration}</b></summary>"
            )?;
            writeln!(out, "<div class=\"payload\" id=\"{id}\">")?;
            write_payloads(&mut HtmlBlocks { out, wraps: true }, span, self.item.raw)?;
            writeln!(out, "</div></details>")?;
        } else {
            let id = if node.flags.contains(Flags::FAILED) { format!(" id=\"{id}\"") } else { String::new() };
            writeln!(out, "<div class=\"{class}\"{id}>{text}<b>{duration}</b></div>")?;
        }
        let Some(error) = &span.error else { return Ok(()) };
        writeln!(out, "<p class=\"error\">{}</p>", escape(&span_tree::error_line(error)))
    }

    /// Returns the classes of a row, which indent its name and draw its bar.
    fn row_class(&self, node: &Node) -> String {
        let depth = node.depth.min(MAX_INDENT_DEPTH);
        let (start, length) = bar_position(&self.forest, node);
        let failed = if node.flags.contains(Flags::FAILED) { " failed" } else { "" };
        format!("span d{depth} x{start} w{length}{failed}")
    }
}

/// Returns the left edge and the width of a bar, in steps.
fn bar_position(forest: &Forest, node: &Node) -> (u32, u32) {
    let whole = (forest.extent().micros() as f64).max(1.0);
    let steps = |micros: i64| ((micros as f64 / whole).clamp(0.0, 1.0) * f64::from(BAR_STEPS)).round() as u32;
    let start = steps(node.start.saturating_sub(forest.start())).min(BAR_STEPS - 1);
    (start, steps(node.micros()).clamp(1, BAR_STEPS - start))
}

/// Returns the part of the style sheet that [`Trace::row_class`] refers to. An element per bar would double the time that a
/// long page takes to load.
pub(super) fn bar_style() -> String {
    let percent = |step: u32| f64::from(step) * 100.0 / f64::from(BAR_STEPS);
    let depths =
        (1..=MAX_INDENT_DEPTH).map(|depth| format!(".d{depth}{{--d:{:.1}rem}}", f64::from(depth) * 0.6));
    let starts = (1..BAR_STEPS).map(|step| format!(".x{step}{{--x:{}%}}", percent(step)));
    let lengths = (1..=BAR_STEPS).map(|step| format!(".w{step}{{--w:{}%}}", percent(step)));
    depths.chain(starts).chain(lengths).chain(["\n".to_owned()]).collect()
}
