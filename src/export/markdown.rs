//! The thread as Markdown: answers in block quotes, which their markup cannot leave; all other text, code and JSON in
//! fences longer than any run of backticks inside; everything else escaped. No part of a message affects the document
//! outside it.

mod escape;
mod evidence;
mod neutralize;

use std::io::{self, Write};

use super::blocks::{self, BlockSink, Heading};
use super::payloads::write_payloads;
use super::{ExportedMessage, ExportedThread, Payloads, Unreadable, Writer, metadata, span_tree};
use crate::domain::{Feedback, Language, Role, Side, Span};
use crate::text::{Safe, TextForm, number};
use crate::trace::Forest;
use escape::{write_code_block, write_quote};

pub(super) use escape::escape_inline;

pub use evidence::Evidence;

/// Writes the thread as Markdown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Markdown {
    /// The spans whose payloads are written below the trace.
    pub payloads: Payloads,
}

impl Writer for Markdown {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        self.payloads = self.payloads.resolve(document);
        writeln!(out, "# {}\n", escape_inline(&metadata::title(document)))?;
        write_metadata_table(out, &metadata::thread_fields(document))
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let message = item.message;
        writeln!(out, "\n## {}. {}\n", item.number, escape_inline(&Safe::line(message.role_name())))?;
        write_metadata_table(out, &metadata::message_fields(item))?;
        for (label, text) in metadata::notes(item) {
            let label = escape_inline(&label);
            match text.as_str() {
                "" => writeln!(out, "\n**{label}**")?,
                text => writeln!(out, "\n**{label}:** {}", escape_inline(text))?,
            }
        }
        for error in &message.read_errors {
            writeln!(out, "\n**Unreadable:** {}", escape_inline(&Safe::line(error)))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "\n**Failed:** {}", escape_inline(&span_tree::error_line(error)))?;
        }
        for side in &message.sides {
            write_side(out, side, message.role, item.raw)?;
        }
        blocks::write_citations(&mut MarkdownBlocks { out }, message, item.raw)?;
        if !message.spans.is_empty() {
            let (lines, failed) = span_tree::lines(&message.spans, span_tree::MAX_SPANS);
            writeln!(out, "\n### Trace: {}\n", span_tree::title(&message.spans, failed))?;
            write_code_block(out, "text", &lines.join("\n"))?;
            self.write_span_payloads(out, &message.spans, item.raw)?;
        }
        message.feedback.iter().try_for_each(|feedback| write_feedback(out, feedback))
    }

    fn write_unreadable(&mut self, out: &mut dyn Write, message: &Unreadable<'_>) -> io::Result<()> {
        writeln!(out, "\n## {}. Unreadable\n\n{}", message.number, escape_inline(&Safe::line(message.reason)))
    }

    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        if document.warnings.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## Notes\n")?;
        document
            .warnings
            .iter()
            .try_for_each(|warning| writeln!(out, "- {}", escape_inline(&Safe::line(warning))))
    }
}

impl Markdown {
    /// Writes the payloads of the chosen spans, in the order of the tree.
    fn write_span_payloads(self, out: &mut dyn Write, spans: &[Span], raw: &[u8]) -> io::Result<()> {
        if self.payloads == Payloads::None {
            return Ok(());
        }
        let forest = Forest::new(spans);
        let spans = forest.nodes().iter().filter_map(|node| spans.get(node.span as usize));
        spans.filter(|span| self.payloads.has(span)).try_for_each(|span| {
            let operation = if span.operation == span.name { "" } else { &span.operation };
            let duration = number::duration(span.duration_micros());
            let detail = [operation, &duration].join(if operation.is_empty() { "" } else { " · " });
            let heading = Heading { kind: "span", name: &span.name, detail: &detail };
            blocks::write_section(&mut MarkdownBlocks { out }, heading, |sink| {
                write_payloads(sink, span, raw)
            })
        })
    }
}

fn write_metadata_table(out: &mut dyn Write, fields: &[metadata::MetadataField]) -> io::Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    writeln!(out, "| | |\n|---|---|")?;
    fields.iter().try_for_each(|(label, value)| writeln!(out, "| {label} | {} |", escape_inline(value)))
}

fn write_side(out: &mut dyn Write, side: &Side, role: Role, raw: &[u8]) -> io::Result<()> {
    if role == Role::Turn {
        writeln!(out, "\n### {}", escape_inline(side.role.as_str()))?;
    }
    if side.blocks.is_empty() {
        return writeln!(out, "\n*(empty)*");
    }
    blocks::write_blocks(&mut MarkdownBlocks { out }, &side.blocks, TextForm::of_speaker(side.role), raw)
}

struct MarkdownBlocks<'w> {
    out: &'w mut dyn Write,
}

impl BlockSink for MarkdownBlocks<'_> {
    const MAX_JSON_BYTES: usize = 64 << 10;

    /// Writes the text as a quote, neutralized.
    fn prose(&mut self, text: &str) -> io::Result<()> {
        let safe = Safe::text(text);
        writeln!(self.out)?;
        match neutralize::neutralize(&safe) {
            Some(neutral) => write_quote(self.out, &neutral),
            None => write_code_block(self.out, "text", &safe),
        }
    }

    fn verbatim(&mut self, text: &str) -> io::Result<()> {
        self.code(Language::Plain, text)
    }

    fn code(&mut self, language: Language, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        write_code_block(self.out, language.name(), text)
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n*{}*", escape_inline(&Safe::line(text)))
    }

    fn begin_section(&mut self, heading: Heading<'_>) -> io::Result<()> {
        let heading = Heading { kind: &capitalize(heading.kind), ..heading };
        let parts: Vec<String> = heading.parts().map(|part| escape_inline(&Safe::line(part))).collect();
        let (first, rest) = parts.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        writeln!(
            self.out,
            "\n**{first}**{}",
            rest.iter().map(|part| format!(" · {part}")).collect::<String>()
        )
    }

    fn end_section(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn write_feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    let time = feedback.created_at.map(metadata::format_time).unwrap_or_default();
    let mut sink = MarkdownBlocks { out };
    sink.begin_section(Heading { kind: "feedback", name: &feedback.sentiment_text, detail: &time })?;
    if feedback.description.is_empty() { Ok(()) } else { sink.verbatim(&feedback.description) }
}

#[cfg(test)]
mod tests;
