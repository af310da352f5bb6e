//! Chrome's trace events, which Perfetto and `chrome://tracing` draw: a track for each turn, and more where its spans
//! overlap without one being inside the other, as a track can only nest.

use std::io::{self, Write};

use super::json::JsonWriter;
use super::{ExportedMessage, ExportedThread, Unreadable, Writer, metadata};
use crate::domain::Span;
use crate::trace::{Forest, Node, TimeRange, turn_time_range};

/// Tracks of a turn beyond its first are numbered from here, so that they do not meet the turns'.
const TRACK_STRIDE: i64 = 1_000_000;

/// Writes the thread as trace events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chrome {
    has_events: bool,
}

impl Writer for Chrome {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        write!(out, "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
        self.write_name(out, "process_name", 0, &metadata::title(document))
    }

    fn write_message(
        &mut self,
        out: &mut dyn Write,
        _: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        let message = item.message;
        let forest = Forest::new(&message.spans);
        let turn = turn_time_range(message.created_at, message.duration_ms, &forest);
        let track = i64::try_from(item.number).unwrap_or(i64::MAX);
        self.write_name(out, "thread_name", track, &format!("{} {}", item.number, message.role_name()))?;
        self.write_event(out, track, turn, &|json| {
            json.field("name", message.role_name())?;
            json.field("cat", "message")?;
            json.key("args")?;
            json.object(|json| {
                json.field("id", &message.id)?;
                json.field("status", &message.status_text)
            })
        })?;
        let mut tracks = vec![vec![turn.end]];
        for node in sorted_by_start(forest.nodes()) {
            let Some(span) = message.spans.get(node.span as usize) else { continue };
            let (lane, is_new) = assign_track(&mut tracks, (turn, node.time_range()));
            let number = match i64::try_from(lane) {
                Ok(0) | Err(_) => track,
                Ok(lane) => lane.saturating_mul(TRACK_STRIDE).saturating_add(track),
            };
            if is_new {
                self.write_name(out, "thread_name", number, &format!("{} also", item.number))?;
            }
            self.write_event(out, number, node.time_range(), &|json| write_span_fields(json, span))?;
        }
        Ok(())
    }

    fn write_unreadable(
        &mut self,
        _: &mut dyn Write,
        _: &ExportedThread<'_>,
        _: &Unreadable<'_>,
    ) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        out.write_all(b"]}\n")
    }
}

impl Chrome {
    fn write_separator(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.has_events, true);
        out.write_all(if first { b"\n" } else { b",\n" })
    }

    /// Names a process or a track.
    fn write_name(&mut self, out: &mut dyn Write, what: &str, track: i64, name: &str) -> io::Result<()> {
        self.write_separator(out)?;
        JsonWriter::new(out).object(|json| {
            json.field("name", what)?;
            json.field("ph", "M")?;
            json.field("pid", 1_i64)?;
            json.field("tid", track)?;
            json.key("args")?;
            json.object(|json| json.field("name", name))
        })
    }

    /// A complete event, in microseconds.
    fn write_event(
        &mut self,
        out: &mut dyn Write,
        track: i64,
        stretch: TimeRange,
        describe: &dyn Fn(&mut JsonWriter<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.write_separator(out)?;
        JsonWriter::new(out).object(|json| {
            json.field("ph", "X")?;
            json.field("pid", 1_i64)?;
            json.field("tid", track)?;
            json.field("ts", stretch.start)?;
            json.field("dur", stretch.micros())?;
            describe(json)
        })
    }
}

fn write_span_fields(json: &mut JsonWriter<'_>, span: &Span) -> io::Result<()> {
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
fn sorted_by_start(nodes: &[Node]) -> Vec<Node> {
    let mut sorted = nodes.to_vec();
    sorted.sort_by_key(|node| (node.start, std::cmp::Reverse(node.end)));
    sorted
}

/// The first track on which the stretch lies within or after what is open there, which it then is too; and whether the
/// track is new. What starts before the turn does not go on the turn's own track.
fn assign_track(tracks: &mut Vec<Vec<i64>>, (turn, stretch): (TimeRange, TimeRange)) -> (usize, bool) {
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
