//! Test spans, well-formed and hostile, and the tests of each module.

use proptest::prelude::*;

use crate::domain::{Span, Status, Timestamp, Usage};

mod align;
mod analysis;
mod forest;
mod gaps;
mod rows;
mod scale;
mod timeline;

/// Creates a finished span; times are in milliseconds since the epoch.
pub(super) fn span(id: &str, parent: &str, start_ms: i64, end_ms: i64) -> Span {
    Span {
        id: id.to_owned(),
        name: id.to_owned(),
        operation: "CUSTOM".to_owned(),
        status: Status::Success,
        status_text: "SUCCESS".to_owned(),
        trace_id: Some("trace".to_owned()),
        parent_id: (!parent.is_empty()).then(|| parent.to_owned()),
        start: Some(Timestamp::from_millis(start_ms)),
        end: Some(Timestamp::from_millis(end_ms)),
        duration_ms: Some(end_ms - start_ms),
        ..Span::default()
    }
}

/// Few ids and traces, so that duplicates, cycles and self-parents are frequent.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![8 => (0..12u8).prop_map(|n| n.to_string()), 1 => Just(String::new())]
}

fn trace_id() -> impl Strategy<Value = Option<String>> {
    prop_oneof![3 => Just(Some("t".to_owned())), 1 => Just(Some("u".to_owned())), 2 => Just(None), 1 => Just(Some(String::new()))]
}

fn timestamp() -> impl Strategy<Value = Option<Timestamp>> {
    prop_oneof![
        8 => (0..5_000_000i64).prop_map(|micros| Some(Timestamp(micros))),
        1 => Just(None),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-1), any::<i64>()].prop_map(|micros| Some(Timestamp(micros))),
    ]
}

fn duration() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![4 => (0..3000i64).prop_map(Some), 2 => Just(None), 1 => Just(Some(0)), 1 => any::<i64>().prop_map(Some)]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Status::Success), Just(Status::Error), Just(Status::Canceled), Just(Status::Unknown)]
}

fn usage() -> impl Strategy<Value = Option<Usage>> {
    let tokens =
        || prop_oneof![3 => Just(None), 3 => (0..1000i64).prop_map(Some), 1 => any::<i64>().prop_map(Some)];
    let cost = prop_oneof![
        Just(None),
        (0.0..1.0f64).prop_map(Some),
        Just(Some(f64::NAN)),
        Just(Some(f64::INFINITY))
    ];
    prop::option::of((tokens(), tokens(), tokens(), cost).prop_map(|(input, output, total, cost)| Usage {
        input_tokens: input,
        output_tokens: output,
        total_tokens: total,
        cost_usd: cost,
        ..Usage::default()
    }))
}

prop_compose! {
    fn hostile_span()(
        id in id(), trace_id in trace_id(), parent_id in prop::option::weighted(0.8, id()),
        (start, end) in (timestamp(), timestamp()), duration_ms in duration(), status in status(), usage in usage(),
    ) -> Span {
        Span { trace_id, parent_id, start, end, duration_ms, status, usage, ..span(&id, "", 0, 0) }
    }
}

/// Spans as bad as a service might send, and worse.
pub(super) fn hostile_spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec(hostile_span(), 0..40)
}

/// Returns a tree without anomalies: every parent is known and earlier in the list; children may have any time.
pub(super) fn well_formed_spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..10_000i64, 0..3000i64), 1..60).prop_map(|parts| {
        let named = |(at, (parent, start, length)): (usize, (prop::sample::Index, i64, i64))| {
            let parent = if at == 0 { String::new() } else { parent.index(at).to_string() };
            span(&at.to_string(), &parent, start, start + length)
        };
        parts.into_iter().enumerate().map(named).collect()
    })
}
