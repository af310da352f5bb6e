//! Messages of a model call with a heading for each speaker. What an earlier call of the thread was given already is
//! folded, so that what is new stands out.

use std::collections::HashSet;

use crate::domain::{Role as Speaker, SpanPart};
use crate::json::{Kind, Value};
use crate::provider::payload as shapes;
use crate::text::overlap::OverlapFinder;
use crate::text::{self, Line, StyledRun, number};
use crate::theme::Role;
use crate::view::document::{Body, Section};
use crate::view::message::blocks::{SectionBuilder, foldable_section, section_title};
use crate::view::message::{role_style, role_symbol};
use crate::view::payload::{DocumentBuilder, line};

/// Messages that are drawn.
const MAX_MESSAGES: usize = 300;

/// Bytes of messages that are drawn at all; those beyond only say their size.
const MAX_MESSAGE_BYTES: usize = 48 * 1024;

/// Draws a list of messages, or one.
pub(super) fn draw<'a>(sheet: &mut DocumentBuilder<'a>, name: &str, value: Value<'a>) {
    let messages: Vec<Value<'a>> = match value.kind() {
        Kind::Array => value.elements().collect(),
        _ => vec![value],
    };
    let before = previous_messages(sheet);
    let seen = |message: &Value<'_>| before.contains(message.raw());
    let known = messages.iter().filter(|message| seen(message)).count();
    sheet.add_spacer();
    sheet.add_lines(vec![heading(sheet, name, messages.len(), known)]);
    let mut at = 0;
    while let Some(message) = messages.get(at).filter(|_| at < MAX_MESSAGES) {
        let run = messages.iter().skip(at).take_while(|message| seen(message)).count();
        if run > 0 {
            let folded = messages.iter().skip(at).take(run).flat_map(|message| {
                let (title, mut lines, _) = render_message(sheet, *message);
                lines.insert(0, title);
                lines
            });
            let lines: Vec<Line> = folded.collect();
            sheet.add_folded_section(section_title(&number::pluralize(run, "earlier message"), ""), lines);
            at += run;
        } else {
            let (title, lines, gutter) = render_message(sheet, *message);
            sheet.remaining_bytes = sheet.remaining_bytes.saturating_sub(message.raw().len());
            sheet.sections.push(foldable_section(title, lines, gutter));
            at += 1;
        }
    }
    let more = messages.len().saturating_sub(at);
    if more > 0 {
        sheet.add_lines(vec![Line::styled(
            &format!("… {}", number::pluralize(more, "more message")),
            Role::Dim,
        )]);
    }
}

fn heading(sheet: &DocumentBuilder<'_>, name: &str, count: usize, known: usize) -> Line {
    let mut runs = vec![
        StyledRun::new(name, Role::Strong),
        StyledRun::new(&format!("  {}", number::pluralize(count, "message")), Role::Dim),
    ];
    if let Some(earlier) = sheet.context.previous_call.filter(|_| known > 0) {
        let new = count - known.min(count);
        let what = if new == 0 { "nothing new".to_owned() } else { format!("{new} new") };
        runs.push(StyledRun::new(&format!("  {what}"), Role::Added));
        runs.push(StyledRun::new(&format!(" since {}", earlier.name), Role::Dim));
    }
    line(runs)
}

/// The messages that the earlier call was given.
fn previous_messages<'a>(sheet: &DocumentBuilder<'a>) -> HashSet<&'a [u8]> {
    let Some(earlier) = sheet.context.previous_call.filter(|_| sheet.context.part == SpanPart::Input) else {
        return HashSet::new();
    };
    let input = Value::of(earlier.input);
    let [messages, items] = input.get_many(["messages", "input"]);
    let lists = [messages, items, Some(input)];
    let list = lists.into_iter().flatten().find(|list| shapes::is_conversation(*list));
    list.map(|list| list.elements().map(Value::raw).collect()).unwrap_or_default()
}

/// One message: who speaks, what, and the colour of the gutter.
fn render_message(sheet: &DocumentBuilder<'_>, message: Value<'_>) -> (Line, Vec<Line>, Role) {
    let size = message.raw().len();
    let said = if size > MAX_MESSAGE_BYTES.min(sheet.remaining_bytes) {
        shapes::PayloadMessage {
            role: Speaker::from_name(&message.get("role").map(Value::text).unwrap_or_default()),
            role_text: String::new(),
            blocks: Vec::new(),
        }
    } else {
        shapes::read_message(message.raw(), message)
    };
    let word = match said.role {
        Speaker::Other => said.role_text.as_str(),
        role => role.as_str(),
    };
    let gutter = role_style(said.role);
    let title = line(vec![StyledRun::new(&format!("{} {word}", role_symbol(said.role)), Role::Heading)]);
    let lines = if size > MAX_MESSAGE_BYTES.min(sheet.remaining_bytes) {
        message_preview(message, sheet)
    } else {
        let mut blocks = SectionBuilder::new(message.raw(), sheet.width, OverlapFinder::default());
        said.blocks.iter().for_each(|block| blocks.add_block(block, gutter));
        flatten(blocks.sections)
    };
    (title, lines, gutter)
}

/// The beginning of a message that is too long to be drawn.
fn message_preview(message: Value<'_>, sheet: &DocumentBuilder<'_>) -> Vec<Line> {
    let content = message.get("content").unwrap_or(message);
    let most = if sheet.remaining_bytes > MAX_MESSAGE_BYTES { 2000 } else { 300 };
    let start = crate::json::decode_prefix(content.raw(), most);
    let mut lines = text::wrap_styled(&start, sheet.width, Role::Text);
    let size = number::bytes(message.raw().len() as u64);
    lines.push(Line::styled(&format!("… {size} in all; the JSON has the rest"), Role::Dim));
    lines
}

/// Sections as lines, titles above their bodies.
fn flatten(sections: Vec<Section>) -> Vec<Line> {
    let mut lines = Vec::new();
    for section in sections {
        lines.extend(section.title);
        if let Body::Lines(body) = section.body {
            lines.extend(body);
        }
    }
    lines
}

/// A prompt that is one text. Lines at its start that the earlier call's prompt begins with, too, are folded.
pub(super) fn draw_prompt(sheet: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let before = sheet
        .context
        .previous_call
        .filter(|_| sheet.context.part == SpanPart::Input)
        .and_then(|earlier| Some((earlier.name, Value::of(earlier.input).get("prompt")?.as_str()?)));
    let Some((call, before)) = before else { return sheet.add_prose(name, value) };
    let (prompt, note) = sheet.read_text(value);
    let same = prompt.lines().zip(before.lines()).take_while(|(new, old)| new == old).count();
    if same < 3 {
        sheet.remaining_bytes = sheet.remaining_bytes.saturating_add(prompt.len());
        return sheet.add_prose(name, value);
    }
    let width = sheet.width;
    let part = |lines: &mut dyn Iterator<Item = &str>| {
        text::wrap_styled(&lines.collect::<Vec<_>>().join("\n"), width, Role::Text)
    };
    let old = part(&mut prompt.lines().take(same));
    let mut new = part(&mut prompt.lines().skip(same));
    new.extend(note.map(|note| Line::styled(&note, Role::Dim)));
    sheet.add_section(name, "", Vec::new());
    let title = section_title(&number::pluralize(same, "line"), &format!("as in {call}"));
    sheet.add_folded_section(title, old);
    sheet.add_lines(new);
}
