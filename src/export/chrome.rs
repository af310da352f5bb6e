//! Chrome trace events, for Perfetto and `chrome://tracing`: a track for each turn, and more for spans that overlap
//! without nesting, because events of one track must nest.

use std::io::{self, Write};

use super::json::JsonWriter;
use super::{ExportedMessage, ExportedThread, Writer, metadata};
use crate::domain::Span;
use crate::trace::{Forest, Node, TimeRange, turn_time_range};

/// Offset of a turn's additional track numbers, so that they do not collide with those of other turns.
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

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
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
            let (index, is_new) = assign_track(&mut tracks, (turn, node.time_range()));
            let number = match i64::try_from(index) {
                Ok(0) | Err(_) => track,
                Ok(index) => index.saturating_mul(TRACK_STRIDE).saturating_add(track),
            };
            if is_new {
                self.write_name(out, "thread_name", number, &format!("{} parallel", item.number))?;
            }
            self.write_event(out, number, node.time_range(), &|json| write_span_fields(json, span))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        out.write_all(b"]}\n")
    }
}

impl Chrome {
    fn write_separator(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let has_events = std::mem::replace(&mut self.has_events, true);
        out.write_all(if has_events { b",\n" } else { b"\n" })
    }

    /// Names a process or a track.
    fn write_name(&mut self, out: &mut dyn Write, event: &str, track: i64, name: &str) -> io::Result<()> {
        self.write_separator(out)?;
        JsonWriter::new(out).object(|json| {
            json.field("name", event)?;
            json.field("ph", "M")?;
            json.field("pid", 1_i64)?;
            json.field("tid", track)?;
            json.key("args")?;
            json.object(|json| json.field("name", name))
        })
    }

    /// Writes a complete event, in microseconds.
    fn write_event(
        &mut self,
        out: &mut dyn Write,
        track: i64,
        range: TimeRange,
        describe: &dyn Fn(&mut JsonWriter<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.write_separator(out)?;
        JsonWriter::new(out).object(|json| {
            json.field("ph", "X")?;
            json.field("pid", 1_i64)?;
            json.field("tid", track)?;
            json.field("ts", range.start)?;
            json.field("dur", range.micros())?;
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

/// Sorts by start, longer spans first; of equals, parents before children.
fn sorted_by_start(nodes: &[Node]) -> Vec<Node> {
    let mut sorted = nodes.to_vec();
    sorted.sort_by_key(|node| (node.start, std::cmp::Reverse(node.end)));
    sorted
}

/// Puts a time range on the first track where it lies within or after the open ranges; a range that starts before its
/// turn does not go on the turn's own track. Returns the track, and whether it is new. `tracks` holds the ends of the open
/// ranges of each track.
fn assign_track(tracks: &mut Vec<Vec<i64>>, (turn, range): (TimeRange, TimeRange)) -> (usize, bool) {
    for (index, open) in tracks.iter_mut().enumerate() {
        if index == 0 && range.start < turn.start {
            continue;
        }
        while open.last().is_some_and(|end| *end <= range.start) {
            open.pop();
        }
        if open.last().is_none_or(|end| range.end <= *end) {
            open.push(range.end);
            return (index, false);
        }
    }
    tracks.push(vec![range.end]);
    (tracks.len() - 1, true)
}
