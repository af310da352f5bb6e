//! The outline of Markdown, before formulas are removed: the places of code and tables, and the defined links.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Parser, Tag, TagEnd};

use super::OPTIONS;
use crate::text::link::find_addresses;

/// A part that is shown verbatim.
#[derive(Clone, Debug)]
struct Literal {
    range: Range<usize>,
    /// Whether it is code because of its indentation, which a formula may also have.
    is_indented: bool,
}

/// A table: the ranges of its header and of its rows.
#[derive(Clone, Debug, Default)]
pub(super) struct TableOutline {
    pub range: Range<usize>,
    pub head: Range<usize>,
    pub rows: Vec<Range<usize>>,
    pub columns: usize,
}

/// The places of a text that are needed before it is rendered.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    /// Code, raw HTML and addresses, in order.
    literals: Vec<Literal>,
    /// Destinations of links and addresses in text, in order, without overlaps.
    addresses: Vec<Range<usize>>,
    /// Addresses in text, outside of links, with the start of an emphasis, in order.
    emphasized_addresses: Vec<Range<usize>>,
    pub tables: Vec<TableOutline>,
    /// The ranges of blocks with content, in order.
    leaves: Vec<Range<usize>>,
    /// The labels of the links that refer to a definition.
    used_labels: HashSet<String>,
}

/// Sorts ranges and joins those that overlap.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, kept| {
        let overlaps = next.start <= kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
    ranges
}

/// Returns the range around a position, of sorted ranges without overlaps.
pub(super) fn range_at(ranges: &[Range<usize>], position: usize) -> Option<Range<usize>> {
    let next = ranges.partition_point(|range| range.start <= position);
    let range = ranges.get(next.checked_sub(1)?)?;
    range.contains(&position).then(|| range.clone())
}

impl Outline {
    pub(super) fn new(text: &str) -> Self {
        let mut outline = Self::default();
        let bare_addresses = find_addresses(text);
        let mut addresses = bare_addresses.clone();
        let parser = Parser::new_ext(text, OPTIONS);
        // Definitions of any form, as the labels and the destinations of some are on several lines.
        addresses
            .extend(parser.reference_definitions().iter().map(|(_, definition)| definition.span.clone()));
        let (mut links, mut emphases) = (Vec::new(), Vec::new());
        let mut content_end = 0;
        for (event, range) in parser.into_offset_iter() {
            match &event {
                Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                    links.push(range.clone());
                    content_end = range.start;
                }
                // What follows the text of a link is its destination.
                Event::End(TagEnd::Link | TagEnd::Image) => {
                    addresses.push(content_end..range.end);
                    content_end = range.end;
                }
                Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) => {
                    emphases.push(range.start);
                    content_end = range.end;
                }
                _ => content_end = range.end,
            }
            outline.add(event, range);
        }
        outline.addresses = merge(addresses);
        let links = merge(links);
        let is_emphasized = |address: &Range<usize>| {
            let first = emphases.partition_point(|start| *start < address.start);
            emphases.get(first).is_some_and(|start| *start < address.end)
                && range_at(&links, address.start).is_none()
                && outline.literal_at(address.start).is_none()
        };
        outline.emphasized_addresses = bare_addresses.into_iter().filter(is_emphasized).collect();
        outline
    }

    fn add(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Code(_) | Event::InlineHtml(_) => self.add_literal(range, false),
            Event::Html(_) => {
                self.leaves.push(range.clone());
                self.add_literal(range, false);
            }
            Event::Rule => self.leaves.push(range),
            Event::Start(Tag::CodeBlock(kind)) => {
                self.leaves.push(range.clone());
                self.add_literal(range, matches!(kind, CodeBlockKind::Indented));
            }
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::HtmlBlock) => self.leaves.push(range),
            Event::Start(Tag::Table(alignments)) => {
                self.leaves.push(range.clone());
                self.tables.push(TableOutline {
                    range,
                    columns: alignments.len(),
                    ..TableOutline::default()
                });
            }
            Event::Start(Tag::TableHead) => {
                if let Some(table) = self.tables.last_mut() {
                    table.head = range;
                }
            }
            Event::Start(Tag::TableRow) => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(range);
                }
            }
            Event::Start(Tag::Link { link_type, id, .. } | Tag::Image { link_type, id, .. }) => {
                match link_type {
                    LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut => {
                        self.used_labels.insert(normalize_label(&id));
                    }
                    LinkType::Autolink | LinkType::Email => self.add_literal(range, false),
                    LinkType::Inline
                    | LinkType::ReferenceUnknown
                    | LinkType::CollapsedUnknown
                    | LinkType::ShortcutUnknown
                    | LinkType::WikiLink { .. } => {}
                }
            }
            // Text directly in a tight list item has no paragraph around it.
            Event::Text(_) => self.leaves.push(range),
            _ => {}
        }
    }

    fn add_literal(&mut self, range: Range<usize>, is_indented: bool) {
        self.literals.push(Literal { range, is_indented });
    }

    /// Returns the literal part around a position.
    pub(super) fn literal_at(&self, position: usize) -> Option<Range<usize>> {
        let next = self.literals.partition_point(|literal| literal.range.start <= position);
        let literal = self.literals.get(next.checked_sub(1)?)?;
        literal.range.contains(&position).then(|| literal.range.clone())
    }

    /// Returns whether code that is not only indented begins inside a range.
    pub(super) fn has_code_in(&self, range: Range<usize>) -> bool {
        let first = self.literals.partition_point(|literal| literal.range.start < range.start);
        let inside = self.literals.iter().skip(first).take_while(|literal| literal.range.start < range.end);
        inside.into_iter().any(|literal| !literal.is_indented)
    }

    /// Returns the address around a position.
    pub(super) fn address_at(&self, position: usize) -> Option<Range<usize>> {
        range_at(&self.addresses, position)
    }

    /// Returns the addresses in text that Markdown would change, because their stars or underscores are emphasis to it.
    pub(super) fn emphasized_addresses(&self) -> &[Range<usize>] {
        &self.emphasized_addresses
    }

    pub(super) fn is_in_table(&self, position: usize) -> bool {
        let next = self.tables.partition_point(|table| table.range.start <= position);
        next.checked_sub(1)
            .and_then(|at| self.tables.get(at))
            .is_some_and(|table| table.range.contains(&position))
    }

    /// Returns the positions of the brackets that begin a link definition, with whether a link uses it. Definitions are the
    /// only lines with content that do not belong to a block.
    pub(super) fn definitions(&self, text: &str) -> Vec<(usize, bool)> {
        let mut defined = HashSet::new();
        let mut found = Vec::new();
        let mut start = 0;
        let mut leaves = self.leaves.iter().peekable();
        let mut covered_until = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.len();
            while let Some(leaf) = leaves.next_if(|leaf| leaf.start < end) {
                covered_until = covered_until.max(leaf.end);
            }
            let bracket = line.find(|c| !super::formula::is_container_mark(c));
            if covered_until <= start
                && let Some(bracket) = bracket
                && let Some((label, _)) =
                    line.get(bracket..).and_then(|rest| rest.strip_prefix('[')?.split_once("]:"))
            {
                let label = normalize_label(label);
                let is_used = self.used_labels.contains(&label) && defined.insert(label);
                found.push((start + bracket, is_used));
            }
            start = end;
        }
        found
    }
}

/// Normalizes a label: labels are compared without regard to case and to the number of spaces.
fn normalize_label(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
