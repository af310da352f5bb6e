//! Chrome trace events, for Perfetto, speedscope and `chrome://tracing`, from the same spans as the OTLP formats. All
//! traces share a track, and events that overlap without nesting are on further tracks, because events of one track must
//! nest. Names contain no ids, so that viewers add up equal steps; the full name is one of the arguments.

use std::cmp::Reverse;
use std::io::{self, Write};

use opentelemetry_proto::tonic::trace::v1::Span;

use super::json::JsonWriter;
use super::otlp::{TraceBuilder, write_arguments};
use super::{ExportedMessage, ExportedThread, Writer, metadata};

/// Writes the thread as trace events.
#[derive(Debug, Default)]
pub struct Chrome {
    has_events: bool,
    traces: TraceBuilder,
    tracks: Vec<Track>,
}

/// A track, with the events on it that have not ended, as starts and ends in microseconds.
#[derive(Debug, Default)]
struct Track {
    open: Vec<[i64; 2]>,
    last_start: Option<i64>,
}

impl Track {
    /// Puts an event on the track if it lies within or after all others.
    fn place(&mut self, [start, end]: [i64; 2]) -> bool {
        if self.last_start.is_some_and(|last| start < last) {
            return false;
        }
        while self.open.last().is_some_and(|[_, open_end]| *open_end <= start) {
            self.open.pop();
        }
        let fits = self.open.last().is_none_or(|[_, open_end]| end <= *open_end);
        if fits {
            self.open.push([start, end]);
            self.last_start = Some(start);
        }
        fits
    }
}

impl Writer for Chrome {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        write!(out, "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
        self.write_name(out, "process_name", 0, &metadata::title(document))
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let spans = self.traces.add(item);
        self.write_spans(out, &spans)
    }

    fn end(&mut self, out: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        let spans = self.traces.finish();
        self.write_spans(out, &spans)?;
        out.write_all(b"]}\n")
    }
}

impl Chrome {
    fn write_spans(&mut self, out: &mut dyn Write, spans: &[Span]) -> io::Result<()> {
        for trace in spans.chunk_by(|left, right| left.trace_id == right.trace_id) {
            let mut sorted: Vec<&Span> = trace.iter().collect();
            // Of equal spans, parents precede children.
            sorted.sort_by_key(|span| (span.start_time_unix_nano, Reverse(span.end_time_unix_nano)));
            sorted.into_iter().try_for_each(|span| self.write_span(out, span))?;
        }
        Ok(())
    }

    fn write_span(&mut self, out: &mut dyn Write, span: &Span) -> io::Result<()> {
        let micros = |nanos: u64| i64::try_from(nanos / 1000).unwrap_or(i64::MAX);
        let range = [micros(span.start_time_unix_nano), micros(span.end_time_unix_nano)];
        let track = match self.tracks.iter_mut().position(|track| track.place(range)) {
            Some(track) => track,
            None => {
                let mut track = Track::default();
                track.place(range);
                self.tracks.push(track);
                let name = if self.tracks.len() == 1 { "turns" } else { "in parallel" };
                self.write_name(out, "thread_name", self.tracks.len() - 1, name)?;
                self.tracks.len() - 1
            }
        };
        self.write_separator(out)?;
        let [start, end] = range;
        let name = if span.parent_span_id.is_empty() { "turn".to_owned() } else { without_ids(&span.name) };
        JsonWriter::new(out).object(|json| {
            json.field("ph", "X")?;
            json.field("pid", 1_i64)?;
            json.field("tid", track)?;
            json.field("ts", start)?;
            json.field("dur", end.saturating_sub(start))?;
            json.field("name", &name)?;
            write_arguments(json, span)
        })
    }

    fn write_separator(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let has_events = std::mem::replace(&mut self.has_events, true);
        out.write_all(if has_events { b",\n" } else { b"\n" })
    }

    /// Names a process or a track.
    fn write_name(&mut self, out: &mut dyn Write, event: &str, track: usize, name: &str) -> io::Result<()> {
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
}

/// Replaces numbers and ids in a name with `#`. Versions of models stay: only whole words, and the end of a word after a
/// dash or an underscore, can be an id.
fn without_ids(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for piece in name.split_inclusive([' ', ':', '/', '#', '=']) {
        let word = piece.trim_end_matches([' ', ':', '/', '#', '=']);
        let separator = piece.get(word.len()..).unwrap_or_default();
        match word.rsplit_once(['_', '-']) {
            _ if is_id(word) || is_number(word) => out.push('#'),
            Some((start, end)) if is_id(end) || (is_number(end) && word.ends_with(&format!("_{end}"))) => {
                out.push_str(start);
                out.push_str("-#");
            }
            _ => out.push_str(word),
        }
        out.push_str(separator);
    }
    out
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether a word is a UUID or another long hexadecimal number.
fn is_id(word: &str) -> bool {
    word.len() >= 8
        && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_ids_and_keep_versions() {
        for (name, expected) in [
            ("turn:2", "turn:#"),
            ("attempt 12", "attempt #"),
            ("step_7", "step-#"),
            ("run 8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "run #"),
            ("node-8c5e1a70", "node-#"),
            ("chat gpt-4o", "chat gpt-4o"),
            ("chat claude-sonnet-4.5", "chat claude-sonnet-4.5"),
            ("chat gpt-5", "chat gpt-5"),
            ("completion_node", "completion_node"),
        ] {
            assert_eq!(without_ids(name), expected);
        }
    }

    #[test]
    fn a_track_accepts_nested_events_and_rejects_overlapping_or_late_ones() {
        let mut track = Track::default();
        for (range, fits) in [
            ([10, 50], true),
            ([10, 30], true),
            ([20, 40], false),
            ([30, 50], true),
            ([5, 6], false),
            ([60, 70], true),
        ] {
            assert_eq!(track.place(range), fits, "{range:?}");
        }
    }
}
