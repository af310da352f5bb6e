//! Blocks to lines: keeps the containers (quotes, list items) around the current block, and writes each line behind
//! their marks.

use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, Tag, TagEnd};

use super::inline::Inline;
use crate::text::table::{self, Align, Table};
use crate::text::{Line, Run, Safe, code, width};
use crate::theme::Role;

/// More rows than this of a table are counted, not drawn.
const TABLE_ROWS: usize = 5000;

pub(super) struct Writer<'a> {
    lines: Vec<Line>,
    width: usize,
    inline: Inline<'a>,
    containers: Vec<Container>,
    /// How many containers are open that there was no room for.
    unseen: usize,
    /// For each open list the number of its next item; none for bullets.
    lists: Vec<Option<u64>>,
    /// Whether a blank line is due before the next block.
    gap: bool,
    code: Option<(String, String)>,
    table: Table,
    row: Vec<String>,
}

/// Something that puts a mark before each of its lines.
struct Container {
    first: Run,
    rest: Run,
    width: usize,
    is_fresh: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(source: &'a str, width: usize) -> Self {
        Self {
            lines: Vec::new(),
            width: width.max(1),
            inline: Inline::new(source),
            containers: Vec::new(),
            unseen: 0,
            lists: Vec::new(),
            gap: false,
            code: None,
            table: Table::default(),
            row: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Vec<Line> {
        self.flush();
        self.lines
    }

    pub(super) fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) => self.inline.push(&text, range, Role::Code),
            Event::InlineHtml(tag) if is_line_break(&tag) => self.inline.push_own("\n"),
            Event::Html(text) | Event::InlineHtml(text) => self.inline.push(&text, range, Role::Dim),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, range),
            Event::SoftBreak | Event::HardBreak => {
                let style = self.inline.style();
                self.inline.push(&CowStr::Borrowed("\n"), range, style);
            }
            Event::FootnoteReference(label) => self.inline.push_styled(&format!("[^{label}]"), Role::Link),
            Event::TaskListMarker(done) => {
                self.inline.push_styled(if done { "[x] " } else { "[ ] " }, Role::ListMark);
            }
            Event::Rule => {
                self.flush();
                self.block(vec![Line::styled(&"─".repeat(self.room()), Role::TableBorder)]);
            }
        }
    }

    fn text(&mut self, text: &CowStr<'_>, range: Range<usize>) {
        match &mut self.code {
            Some((_, code)) => code.push_str(text),
            None => {
                let style = self.inline.style();
                self.inline.push(text, range, style);
            }
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Emphasis => self.inline.start_style(Role::Emphasis),
            Tag::Strong => self.inline.start_style(Role::Strong),
            Tag::Strikethrough => self.inline.start_style(Role::Strike),
            Tag::Link { dest_url, .. } => self.inline.start_link(dest_url),
            Tag::Image { .. } => self.inline.push_own("[image: "),
            Tag::TableHead | Tag::TableRow | Tag::TableCell => {}
            block => {
                self.flush();
                self.start_block(block);
            }
        }
    }

    fn start_block(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.gap = true;
                self.inline.push_styled(&format!("{} ", "#".repeat(level as usize)), Role::Dim);
                self.inline.start_style(Role::Heading);
            }
            Tag::BlockQuote(_) => {
                self.open("│ ", "│ ", Role::Quote);
                self.inline.start_style(Role::Quote);
            }
            Tag::CodeBlock(kind) => {
                let label = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',']).next().unwrap_or_default().to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((label, String::new()));
            }
            Tag::Paragraph => self.gap |= self.containers.last().is_none_or(|container| !container.is_fresh),
            Tag::List(first) => {
                // A list follows the words of the item it is in at once.
                self.gap &= self.lists.is_empty();
                self.lists.push(first);
            }
            Tag::Item => self.start_item(),
            Tag::FootnoteDefinition(label) => {
                let mark = format!("[^{}] ", width::truncate(&label, 12).0);
                self.open(&mark, &" ".repeat(width::columns(&mark)), Role::ListMark);
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

    fn start_item(&mut self) {
        let bullet = if self.lists.len().is_multiple_of(2) { "◦ " } else { "• " };
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                mark
            }
            Some(None) | None => bullet.to_owned(),
        };
        self.open(&mark, &" ".repeat(width::columns(&mark)), Role::ListMark);
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => self.inline.end_style(),
            TagEnd::Link => self.inline.end_link(),
            TagEnd::Image => self.inline.push_own("]"),
            TagEnd::TableCell => self.row.push(self.inline.take().text().to_owned()),
            TagEnd::TableHead => self.table.head = std::mem::take(&mut self.row),
            TagEnd::TableRow => self.table.rows.push(std::mem::take(&mut self.row)),
            TagEnd::Table => {
                let table = std::mem::take(&mut self.table);
                self.block(table::draw(&table, self.room(), TABLE_ROWS));
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
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.gap = true,
            TagEnd::Heading(_) => {
                self.inline.end_style();
                self.gap = true;
            }
            TagEnd::BlockQuote(_) => {
                self.inline.end_style();
                self.close();
                self.gap = true;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap |= self.lists.is_empty();
            }
            TagEnd::Item | TagEnd::FootnoteDefinition => self.close(),
            _ => {}
        }
    }

    fn end_code(&mut self) {
        let Some((label, text)) = self.code.take() else { return };
        let mut lines = Vec::new();
        if !label.is_empty() {
            let label = Safe::line(&label);
            lines.push(Line::styled(&width::ellipsis(&label, self.room()).0, Role::Dim));
        }
        let room = self.room();
        let indent = if room > 8 { "  " } else { "" };
        let coloured = code::code(&text, code::language_named(&label), room - indent.len());
        lines.extend(coloured.into_iter().map(|line| line.after([Run::new(indent, Role::CodeBlock)])));
        self.block(lines);
    }

    /// Writes the collected text as lines of the current container.
    fn flush(&mut self) {
        if self.inline.is_empty() {
            return;
        }
        let rich = self.inline.take();
        for line in rich.wrap(self.room()) {
            self.emit(line);
        }
    }

    /// Writes a block that stands for itself, blank lines around it.
    fn block(&mut self, lines: Vec<Line>) {
        self.gap = true;
        for line in lines {
            self.emit(line);
        }
        self.gap = true;
    }

    fn emit(&mut self, line: Line) {
        if std::mem::take(&mut self.gap) && !self.lines.is_empty() {
            let seen = self.containers.iter().take_while(|container| !container.is_fresh);
            let marks: Vec<Run> = seen.map(|container| container.rest.clone()).collect();
            self.lines.push(Line::default().after(marks));
        }
        let marks: Vec<Run> = self.containers.iter_mut().map(Container::mark).collect();
        self.lines.push(line.after(marks));
    }

    /// The columns that the marks of the containers leave; at least half of the width.
    fn room(&self) -> usize {
        self.width - self.containers.iter().map(|container| container.width).sum::<usize>()
    }

    fn open(&mut self, first: &str, rest: &str, style: Role) {
        let width = width::columns(first);
        if self.unseen > 0 || self.room() < width + self.width.div_ceil(2) {
            self.unseen += 1;
            return;
        }
        let (first, rest) = (Run::new(first, style), Run::new(rest, style));
        self.containers.push(Container { first, rest, width, is_fresh: true });
    }

    fn close(&mut self) {
        if self.unseen > 0 {
            self.unseen -= 1;
            return;
        }
        if self.containers.last().is_some_and(|container| container.is_fresh) {
            self.emit(Line::default());
        }
        self.containers.pop();
    }
}

impl Container {
    /// What goes before its next line.
    fn mark(&mut self) -> Run {
        if std::mem::take(&mut self.is_fresh) { self.first.clone() } else { self.rest.clone() }
    }
}

fn is_line_break(tag: &str) -> bool {
    matches!(tag, "<br>" | "<br/>" | "<br />" | "<BR>")
}
