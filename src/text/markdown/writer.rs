//! Writes blocks as lines: keeps track of the containers (quotes, list items) around the current block, and puts their
//! markers before each line.

use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, Tag, TagEnd};

use super::inline::Inline;
use super::source::MarkdownSource;
use crate::text::table::{self, Align, Table};
use crate::text::{Line, StyledRun, code, width, wrap_styled};
use crate::theme::Role;

/// The maximum number of rows in a table; further rows are counted, not drawn.
const TABLE_ROWS: usize = 5000;

pub(super) struct Writer<'a> {
    source: &'a MarkdownSource,
    lines: Vec<Line>,
    width: usize,
    inline: Inline<'a>,
    containers: Vec<Container>,
    /// The number of open containers whose markers do not fit.
    skipped_containers: usize,
    /// The first number of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// Whether the next block needs a blank line before it.
    is_gap_pending: bool,
    code: Option<(String, String)>,
    table: Table,
    row: Vec<String>,
}

/// A block that puts a marker before each of its lines.
struct Container {
    first_marker: StyledRun,
    rest_marker: StyledRun,
    width: usize,
    is_fresh: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(source: &'a MarkdownSource, width: usize) -> Self {
        Self {
            source,
            lines: Vec::new(),
            width: width.max(1),
            inline: Inline::default(),
            containers: Vec::new(),
            skipped_containers: 0,
            lists: Vec::new(),
            is_gap_pending: false,
            code: None,
            table: Table::default(),
            row: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Vec<Line> {
        self.flush();
        self.lines
    }

    pub(super) fn handle_event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, &range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
            Event::Code(text) => self.inline.push(&text, Role::Code),
            Event::InlineHtml(tag) if is_line_break(&tag) => self.inline.push_literal("\n"),
            Event::Html(text) | Event::InlineHtml(text) => self.inline.push(&text, Role::Dim),
            Event::SoftBreak | Event::HardBreak => self.inline.push_literal("\n"),
            Event::FootnoteReference(label) => self.inline.push_styled(&format!("[^{label}]"), Role::Link),
            Event::TaskListMarker(done) => {
                self.inline.push_styled(if done { "[x] " } else { "[ ] " }, Role::ListMark);
            }
            Event::Rule => {
                self.flush();
                self.push_block(vec![Line::styled(&"─".repeat(self.available_width()), Role::TableBorder)]);
            }
        }
    }

    fn text(&mut self, text: &CowStr<'_>) {
        match &mut self.code {
            Some((_, code)) => code.push_str(text),
            None => {
                let style = self.inline.style();
                self.inline.push(text, style);
            }
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: &Range<usize>) {
        match tag {
            Tag::Emphasis => self.inline.start_style(Role::Emphasis),
            Tag::Strong => self.inline.start_style(Role::Strong),
            Tag::Strikethrough => self.inline.start_style(Role::Strike),
            Tag::Link { dest_url, title, .. } => self.inline.start_link(dest_url, title),
            Tag::Image { dest_url, title, .. } => self.inline.start_image(dest_url, title),
            Tag::TableHead | Tag::TableRow | Tag::TableCell => {}
            block => {
                self.flush();
                self.start_block(block, range);
            }
        }
    }

    fn start_block(&mut self, tag: Tag<'a>, range: &Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.is_gap_pending = true;
                self.inline.push_styled(&format!("{} ", "#".repeat(level as usize)), Role::Dim);
                self.inline.start_style(Role::Heading);
            }
            Tag::BlockQuote(_) => {
                self.open_container("│ ", "│ ", Role::Quote);
                self.inline.start_style(Role::Quote);
            }
            Tag::CodeBlock(kind) => {
                let label = match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((label, String::new()));
            }
            Tag::Paragraph => {
                self.is_gap_pending |= self.containers.last().is_none_or(|container| !container.is_fresh)
            }
            Tag::List(first) => {
                // A nested list follows the text of its item without a blank line.
                self.is_gap_pending &= self.lists.is_empty();
                self.lists.push(first);
            }
            Tag::Item => self.start_item(range),
            Tag::FootnoteDefinition(label) => {
                let mark = format!("[^{label}] ");
                self.open_container(&mark, &" ".repeat(width::columns(&mark)), Role::ListMark);
            }
            Tag::Table(alignments) => {
                let align = alignments.iter().map(|alignment| match alignment {
                    Alignment::None => Align::Auto,
                    Alignment::Left => Align::Left,
                    Alignment::Center => Align::Center,
                    Alignment::Right => Align::Right,
                });
                self.table = Table { align: align.collect(), ..Table::default() };
            }
            _ => {}
        }
    }

    fn start_item(&mut self, range: &Range<usize>) {
        let bullet = if self.lists.len().is_multiple_of(2) { "◦ " } else { "• " };
        let mark = match (self.lists.last(), self.source.item_number(range)) {
            (Some(Some(_)), Some(number)) => format!("{number} "),
            (Some(_) | None, _) => bullet.to_owned(),
        };
        self.open_container(&mark, &" ".repeat(width::columns(&mark)), Role::ListMark);
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => self.inline.end_style(),
            TagEnd::Link => self.inline.end_link(),
            TagEnd::Image => self.inline.end_image(),
            TagEnd::TableCell => self.row.push(self.inline.take().text().to_owned()),
            TagEnd::TableHead => self.table.head = std::mem::take(&mut self.row),
            TagEnd::TableRow => self.table.rows.push(std::mem::take(&mut self.row)),
            TagEnd::Table => {
                let table = std::mem::take(&mut self.table);
                self.push_block(table::draw(&table, self.available_width(), TABLE_ROWS));
            }
            TagEnd::CodeBlock => self.end_code(),
            block => {
                self.flush();
                self.end_block(block);
            }
        }
    }

    fn end_block(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.is_gap_pending = true,
            TagEnd::Heading(_) => {
                self.inline.end_style();
                self.is_gap_pending = true;
            }
            TagEnd::BlockQuote(_) => {
                self.inline.end_style();
                self.close_container();
                self.is_gap_pending = true;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.is_gap_pending |= self.lists.is_empty();
            }
            TagEnd::Item | TagEnd::FootnoteDefinition => self.close_container(),
            _ => {}
        }
    }

    fn end_code(&mut self) {
        let Some((label, text)) = self.code.take() else { return };
        let mut lines = Vec::new();
        if !label.is_empty() {
            lines.extend(wrap_styled(&label, self.available_width(), Role::Dim));
        }
        let language = label.split([' ', ',']).next().unwrap_or_default();
        let room = self.available_width();
        let indent = if room > 8 { "  " } else { "" };
        let highlighted = code::highlight(&text, code::language_from_name(language), room - indent.len());
        lines.extend(
            highlighted.into_iter().map(|line| line.with_prefix([StyledRun::new(indent, Role::CodeBlock)])),
        );
        self.push_block(lines);
    }

    /// Writes the collected inline text as lines of the current container.
    fn flush(&mut self) {
        if self.inline.is_empty() {
            return;
        }
        let text = self.inline.take();
        for line in text.wrap(self.available_width()) {
            self.push_line(line);
        }
    }

    /// Writes a block with blank lines around it.
    fn push_block(&mut self, lines: Vec<Line>) {
        self.is_gap_pending = true;
        for line in lines {
            self.push_line(line);
        }
        self.is_gap_pending = true;
    }

    fn push_line(&mut self, line: Line) {
        if std::mem::take(&mut self.is_gap_pending) && !self.lines.is_empty() {
            let started = self.containers.iter().take_while(|container| !container.is_fresh);
            let markers: Vec<StyledRun> = started.map(|container| container.rest_marker.clone()).collect();
            self.lines.push(Line::default().with_prefix(markers));
        }
        let markers: Vec<StyledRun> = self.containers.iter_mut().map(Container::next_marker).collect();
        self.lines.push(line.with_prefix(markers));
    }

    /// Returns the columns that the containers' markers leave, at least half of the width.
    fn available_width(&self) -> usize {
        self.width - self.containers.iter().map(|container| container.width).sum::<usize>()
    }

    fn open_container(&mut self, first: &str, rest: &str, style: Role) {
        let width = width::columns(first);
        if self.skipped_containers > 0 || self.available_width() < width + self.width.div_ceil(2) {
            self.skipped_containers += 1;
            if style == Role::ListMark {
                self.inline.push_styled(first, style);
            }
            return;
        }
        let (first, rest) = (StyledRun::new(first, style), StyledRun::new(rest, style));
        self.containers.push(Container { first_marker: first, rest_marker: rest, width, is_fresh: true });
    }

    fn close_container(&mut self) {
        if self.skipped_containers > 0 {
            self.skipped_containers -= 1;
            return;
        }
        if self.containers.last().is_some_and(|container| container.is_fresh) {
            self.push_line(Line::default());
        }
        self.containers.pop();
    }
}

impl Container {
    /// Returns the marker of the next line.
    fn next_marker(&mut self) -> StyledRun {
        if std::mem::take(&mut self.is_fresh) { self.first_marker.clone() } else { self.rest_marker.clone() }
    }
}

fn is_line_break(tag: &str) -> bool {
    matches!(tag, "<br>" | "<br/>" | "<br />" | "<BR>")
}
