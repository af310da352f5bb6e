//! The messages of a model call, each under its speaker. Messages that the previous call in the thread already contained
//! are folded, which leaves the new ones visible.

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
use crate::view::payload::DocumentBuilder;

/// The maximum number of messages in a list.
const MAX_MESSAGES: usize = 300;

/// The largest message that is shown in full, in bytes.
const MAX_MESSAGE_BYTES: usize = 48 * 1024;

/// Draws a list of messages, or a single one.
pub(super) fn draw<'a>(builder: &mut DocumentBuilder<'a>, name: &str, value: Value<'a>) {
    let messages: Vec<Value<'a>> = match value.kind() {
        Kind::Array => value.elements().collect(),
        _ => vec![value],
    };
    let previous = previous_messages(builder);
    let is_known = |message: &Value<'_>| previous.contains(message.raw());
    let known = messages.iter().filter(|message| is_known(message)).count();
    builder.add_spacer();
    builder.add_lines(vec![heading(builder, name, messages.len(), known)]);
    let mut next = 0;
    while let Some(message) = messages.get(next).filter(|_| next < MAX_MESSAGES) {
        let run = messages.iter().skip(next).take_while(|message| is_known(message)).count();
        if run > 0 {
            let folded = messages.iter().skip(next).take(run).flat_map(|message| {
                let (title, mut lines, _) = render_message(builder, *message);
                lines.insert(0, title);
                lines
            });
            let lines: Vec<Line> = folded.collect();
            builder.add_folded_section(section_title(&number::pluralize(run, "earlier message"), ""), lines);
            next += run;
        } else {
            let (title, lines, gutter) = render_message(builder, *message);
            builder.remaining_bytes = builder.remaining_bytes.saturating_sub(message.raw().len());
            builder.draw_from(*message, |builder| builder.push(foldable_section(title, lines, gutter)));
            next += 1;
        }
    }
    let more = messages.len().saturating_sub(next);
    if more > 0 {
        builder.add_lines(vec![Line::styled(
            &format!("… {}", number::pluralize(more, "more message")),
            Role::Dim,
        )]);
    }
}

fn heading(builder: &DocumentBuilder<'_>, name: &str, count: usize, known: usize) -> Line {
    let mut runs = vec![
        StyledRun::new(name, Role::Strong),
        StyledRun::new(&format!("  {}", number::pluralize(count, "message")), Role::Dim),
    ];
    if let Some(previous) = builder.context.previous_call.filter(|_| known > 0) {
        let new = count - known.min(count);
        let addition = if new == 0 { "nothing new".to_owned() } else { format!("{new} new") };
        runs.push(StyledRun::new(&format!("  {addition}"), Role::Added));
        runs.push(StyledRun::new(&format!(" since {}", previous.name), Role::Dim));
    }
    Line::new(runs)
}

/// Returns the raw messages in the input of the previous call.
fn previous_messages<'a>(builder: &DocumentBuilder<'a>) -> HashSet<&'a [u8]> {
    let Some(previous) = builder.context.previous_call.filter(|_| builder.context.part == SpanPart::Input)
    else {
        return HashSet::new();
    };
    let input = Value::of(previous.input);
    let [messages, items] = input.get_many(["messages", "input"]);
    let lists = [messages, items, Some(input)];
    let list = lists.into_iter().flatten().find(|list| shapes::is_conversation(*list));
    list.map(|list| list.elements().map(Value::raw).collect()).unwrap_or_default()
}

/// Renders a message: its speaker as a title, its content, and the colour of the gutter.
fn render_message(builder: &DocumentBuilder<'_>, message: Value<'_>) -> (Line, Vec<Line>, Role) {
    let size = message.raw().len();
    let parsed = if size > MAX_MESSAGE_BYTES.min(builder.remaining_bytes) {
        shapes::PayloadMessage {
            role: Speaker::from_name(&message.get("role").map(Value::text).unwrap_or_default()),
            role_text: String::new(),
            blocks: Vec::new(),
        }
    } else {
        shapes::read_message(message.raw(), message)
    };
    let speaker = match parsed.role {
        Speaker::Other => parsed.role_text.as_str(),
        role => role.as_str(),
    };
    let gutter = role_style(parsed.role);
    let title = Line::styled(&format!("{} {speaker}", role_symbol(parsed.role)), Role::Heading);
    let lines = if size > MAX_MESSAGE_BYTES.min(builder.remaining_bytes) {
        message_preview(message, builder)
    } else {
        let mut blocks = SectionBuilder::new(message.raw(), builder.width, OverlapFinder::default());
        blocks.speaker = parsed.role;
        parsed.blocks.iter().for_each(|block| blocks.add_block(block, gutter));
        flatten(blocks.sections)
    };
    (title, lines, gutter)
}

/// Returns the beginning of a message that is too long.
fn message_preview(message: Value<'_>, builder: &DocumentBuilder<'_>) -> Vec<Line> {
    let content = message.get("content").unwrap_or(message);
    let limit = if builder.remaining_bytes > MAX_MESSAGE_BYTES { 2000 } else { 300 };
    let start = crate::json::decode_prefix(content.raw(), limit);
    let mut lines = text::wrap_styled(&start, builder.width, Role::Text);
    let size = number::bytes(message.raw().len() as u64);
    lines.push(Line::styled(&format!("… truncated, {size} in total; see the raw JSON"), Role::Dim));
    lines
}

/// Converts sections to lines, with titles above their bodies.
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

/// Draws a prompt that is a single text. Lines at its start that the previous call's prompt also has are folded.
pub(super) fn draw_prompt(builder: &mut DocumentBuilder<'_>, name: &str, value: Value<'_>) {
    let previous = builder
        .context
        .previous_call
        .filter(|_| builder.context.part == SpanPart::Input)
        .and_then(|previous| Some((previous.name, Value::of(previous.input).get("prompt")?.as_str()?)));
    let Some((call, previous)) = previous else { return builder.add_prose(name, value) };
    let (prompt, note) = builder.read_text(value);
    let same = prompt.lines().zip(previous.lines()).take_while(|(new, old)| new == old).count();
    if same < 3 {
        builder.remaining_bytes = builder.remaining_bytes.saturating_add(prompt.len());
        return builder.add_prose(name, value);
    }
    let width = builder.width;
    let wrap = |lines: &mut dyn Iterator<Item = &str>| {
        text::wrap_styled(&lines.collect::<Vec<_>>().join("\n"), width, Role::Text)
    };
    let old = wrap(&mut prompt.lines().take(same));
    let mut new = wrap(&mut prompt.lines().skip(same));
    new.extend(note.map(|note| Line::styled(&note, Role::Dim)));
    builder.add_section(name, "", Vec::new());
    let title = section_title(&number::pluralize(same, "line"), &format!("same as in {call}"));
    builder.add_folded_section(title, old);
    builder.add_lines(new);
}
