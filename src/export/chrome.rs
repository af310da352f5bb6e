//! Chrome's trace events, which Perfetto and `chrome://tracing` draw: a track for each turn, and more where its spans
//! overlap without one being inside the other, as a track can only nest.

use std::io::{self, Write};

use super::json::Json;
use super::{Document, Item, Lost, Writer, facts};
use crate::domain::Span;
use crate::trace::{Forest, Node, Stretch, turn_stretch};

/// Tracks of a turn beyond its first are numbered from here, so that they do not meet the turns'.
const MORE_TRACKS: i64 = 1_000_000;

/// Writes the thread as trace events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chrome {
    any: bool,
}

impl Writer for Chrome {
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        write!(out, "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
        self.name(out, "process_name", 0, &facts::title(document))
    }

    fn message(&mut self, out: &mut dyn Write, _: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        let message = item.message;
        let forest = Forest::new(&message.spans);
        let turn = turn_stretch(message.created_at, message.duration_ms, &forest);
        let track = i64::try_from(item.number).unwrap_or(i64::MAX);
        self.name(out, "thread_name", track, &format!("{} {}", item.number, message.role_word()))?;
        self.event(out, track, turn, &|json| {
            json.field("name", message.role_word())?;
            json.field("cat", "message")?;
            json.key("args")?;
            json.object(|json| {
                json.field("id", &message.id)?;
                json.field("status", &message.status_text)
            })
        })?;
        let mut tracks = vec![vec![turn.end]];
        for node in in_time(forest.nodes()) {
            let Some(span) = message.spans.get(node.span as usize) else { continue };
            let (lane, is_new) = place(&mut tracks, (turn, node.stretch()));
            let number = match i64::try_from(lane) {
                Ok(0) | Err(_) => track,
                Ok(lane) => lane.saturating_mul(MORE_TRACKS).saturating_add(track),
            };
            if is_new {
                self.name(out, "thread_name", number, &format!("{} also", item.number))?;
            }
            self.event(out, number, node.stretch(), &|json| describe(json, span))?;
        }
        Ok(())
    }

    fn lost(&mut self, _: &mut dyn Write, _: &Document<'_>, _: &Lost<'_>) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        out.write_all(b"]}\n")
    }
}

impl Chrome {
    fn comma(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.any, true);
        out.write_all(if first { b"\n" } else { b",\n" })
    }

    /// Names a process or a track.
    fn name(&mut self, out: &mut dyn Write, what: &str, track: i64, name: &str) -> io::Result<()> {
        self.comma(out)?;
        Json::new(out).object(|json| {
            json.field("name", what)?;
            json.field("ph", "M")?;
            json.field("pid", 1_i64)?;
            json.field("tid", track)?;
            json.key("args")?;
            json.object(|json| json.field("name", name))
        })
    }

    /// A complete event, in microseconds.
    fn event(
        &mut self,
        out: &mut dyn Write,
        track: i64,
        stretch: Stretch,
        describe: &dyn Fn(&mut Json<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.comma(out)?;
        Json::new(out).object(|json| {
            json.field("ph", "X")?;
            json.field("pid", 1_i64)?;
            json.field("tid", track)?;
            json.field("ts", stretch.start)?;
            json.field("dur", stretch.micros())?;
            describe(json)
        })
    }
}

fn describe(json: &mut Json<'_>, span: &Span) -> io::Result<()> {
    json.field("name", if span.name.is_empty() { "span" } else { &span.name })?;
    json.field("cat", &span.operation)?;
    json.key("args")?;
    json.object(|json| {
        json.field("id", &span.id)?;
        json.field("parent", span.parent_id.as_deref())?;
        json.field("status", &span.status_text)?;
        json.field("error", span.error.as_ref().map(|error| error.message.as_str()))
    })
}

/// By start, the longer ones first; of equals parents before children.
fn in_time(nodes: &[Node]) -> Vec<Node> {
    let mut sorted = nodes.to_vec();
    sorted.sort_by_key(|node| (node.start, std::cmp::Reverse(node.end)));
    sorted
}

/// The first track on which the stretch lies within or after what is open there, which it then is too; and whether the
/// track is new. What starts before the turn does not go on the turn's own track.
fn place(tracks: &mut Vec<Vec<i64>>, (turn, stretch): (Stretch, Stretch)) -> (usize, bool) {
    for (lane, open) in tracks.iter_mut().enumerate() {
        if lane == 0 && stretch.start < turn.start {
            continue;
        }
        while open.last().is_some_and(|end| *end <= stretch.start) {
            open.pop();
        }
        if open.last().is_none_or(|end| stretch.end <= *end) {
            open.push(stretch.end);
            return (lane, false);
        }
    }
    tracks.push(vec![stretch.end]);
    (tracks.len() - 1, true)
}
