//! Messages of a model call with a heading for each speaker. What an earlier call of the thread was given already is
//! folded, so that what is new stands out.

use std::collections::HashSet;

use crate::app::detail::compose::blocks::{Blocks, folding, titled};
use crate::app::detail::compose::{role_sign, role_style};
use crate::app::detail::payload::{Sheet, line};
use crate::app::detail::spans::Part;
use crate::app::document::{Body, Section};
use crate::domain::Role as Speaker;
use crate::json::{Kind, Value};
use crate::provider::payload as shapes;
use crate::text::overlap::Taker;
use crate::text::{self, Line, Run, number};
use crate::theme::Role;

/// Messages that are drawn.
const DRAWN: usize = 300;

/// Bytes of messages that are drawn at all; those beyond only say their size.
const SHOWN: usize = 48 * 1024;

/// Draws a list of messages, or one.
pub(super) fn draw<'a>(sheet: &mut Sheet<'a>, name: &str, value: Value<'a>) {
    let messages: Vec<Value<'a>> = match value.kind() {
        Kind::Array => value.elements().collect(),
        _ => vec![value],
    };
    let before = earlier_messages(sheet);
    let seen = |message: &Value<'_>| before.contains(message.raw());
    let known = messages.iter().filter(|message| seen(message)).count();
    sheet.apart();
    sheet.lines(vec![heading(sheet, name, messages.len(), known)]);
    let mut at = 0;
    while let Some(message) = messages.get(at).filter(|_| at < DRAWN) {
        let run = messages.iter().skip(at).take_while(|message| seen(message)).count();
        if run > 0 {
            let folded = messages.iter().skip(at).take(run).flat_map(|message| {
                let (title, mut lines, _) = drawn(sheet, *message);
                lines.insert(0, title);
                lines
            });
            let lines: Vec<Line> = folded.collect();
            sheet.folded(titled(&number::counted(run, "earlier message"), ""), lines);
            at += run;
        } else {
            let (title, lines, gutter) = drawn(sheet, *message);
            sheet.room = sheet.room.saturating_sub(message.raw().len());
            sheet.sections.push(folding(title, lines, gutter));
            at += 1;
        }
    }
    let more = messages.len().saturating_sub(at);
    if more > 0 {
        sheet.lines(vec![Line::styled(&format!("… {}", number::counted(more, "more message")), Role::Dim)]);
    }
}

fn heading(sheet: &Sheet<'_>, name: &str, count: usize, known: usize) -> Line {
    let mut runs = vec![
        Run::new(name, Role::Strong),
        Run::new(&format!("  {}", number::counted(count, "message")), Role::Dim),
    ];
    if let Some(earlier) = sheet.look.earlier.filter(|_| known > 0) {
        let new = count - known.min(count);
        let what = if new == 0 { "nothing new".to_owned() } else { format!("{new} new") };
        runs.push(Run::new(&format!("  {what}"), Role::Added));
        runs.push(Run::new(&format!(" since {}", earlier.name), Role::Dim));
    }
    line(runs)
}

/// The messages that the earlier call was given.
fn earlier_messages<'a>(sheet: &Sheet<'a>) -> HashSet<&'a [u8]> {
    let Some(earlier) = sheet.look.earlier.filter(|_| sheet.look.part == Part::Input) else {
        return HashSet::new();
    };
    let input = Value::of(earlier.input);
    let [messages, items] = input.pick(["messages", "input"]);
    let lists = [messages, items, Some(input)];
    let list = lists.into_iter().flatten().find(|list| shapes::is_conversation(*list));
    list.map(|list| list.elements().map(Value::raw).collect()).unwrap_or_default()
}

/// One message: who speaks, what, and the colour of the gutter.
fn drawn(sheet: &Sheet<'_>, message: Value<'_>) -> (Line, Vec<Line>, Role) {
    let size = message.raw().len();
    let said = if size > SHOWN.min(sheet.room) {
        shapes::Said {
            role: Speaker::from_word(&message.get("role").map(Value::text).unwrap_or_default()),
            role_text: String::new(),
            blocks: Vec::new(),
        }
    } else {
        shapes::said(message.raw(), message)
    };
    let word = match said.role {
        Speaker::Other => said.role_text.as_str(),
        role => role.word(),
    };
    let gutter = role_style(said.role);
    let title = line(vec![Run::new(&format!("{} {word}", role_sign(said.role)), Role::Heading)]);
    let lines = if size > SHOWN.min(sheet.room) {
        start_of(message, sheet)
    } else {
        let mut blocks = Blocks::new(message.raw(), sheet.width, Taker::default());
        said.blocks.iter().for_each(|block| blocks.block(block, gutter));
        flat(blocks.sections)
    };
    (title, lines, gutter)
}

/// The beginning of a message that is too long to be drawn.
fn start_of(message: Value<'_>, sheet: &Sheet<'_>) -> Vec<Line> {
    let content = message.get("content").unwrap_or(message);
    let most = if sheet.room > SHOWN { 2000 } else { 300 };
    let start = crate::json::decode_prefix(content.raw(), most);
    let mut lines = text::plain(&start, sheet.width, Role::Text);
    let size = number::bytes(message.raw().len() as u64);
    lines.push(Line::styled(&format!("… {size} in all; the JSON has the rest"), Role::Dim));
    lines
}

/// Sections as lines, titles above their bodies.
fn flat(sections: Vec<Section>) -> Vec<Line> {
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
pub(super) fn prompt(sheet: &mut Sheet<'_>, name: &str, value: Value<'_>) {
    let before = sheet
        .look
        .earlier
        .filter(|_| sheet.look.part == Part::Input)
        .and_then(|earlier| Some((earlier.name, Value::of(earlier.input).get("prompt")?.as_str()?)));
    let Some((call, before)) = before else { return sheet.prose(name, value) };
    let (prompt, note) = sheet.text_of(value);
    let same = prompt.lines().zip(before.lines()).take_while(|(new, old)| new == old).count();
    if same < 3 {
        sheet.room = sheet.room.saturating_add(prompt.len());
        return sheet.prose(name, value);
    }
    let width = sheet.width;
    let part = |lines: &mut dyn Iterator<Item = &str>| {
        text::plain(&lines.collect::<Vec<_>>().join("\n"), width, Role::Text)
    };
    let old = part(&mut prompt.lines().take(same));
    let mut new = part(&mut prompt.lines().skip(same));
    new.extend(note.map(|note| Line::styled(&note, Role::Dim)));
    sheet.part(name, "", Vec::new());
    let title = titled(&number::counted(same, "line"), &format!("as in {call}"));
    sheet.folded(title, old);
    sheet.lines(new);
}
