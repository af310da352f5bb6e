//! Links each span of a flat list to its parent; handles duplicate ids, unknown parents and cycles. `node_builder` orders
//! the linked spans.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Flags;
use crate::domain::Span;

/// The index for no span.
pub(super) const NO_SPAN: u32 = u32::MAX;

/// For each span, the index of its parent ([`NO_SPAN`] for a root), and the reason why it is a root.
pub(super) struct ParentLinks {
    pub parents: Vec<u32>,
    pub flags: Vec<Flags>,
}

impl ParentLinks {
    pub fn new(spans: &[Span]) -> Self {
        let span_index = SpanIndex::new(spans);
        let mut links =
            Self { parents: Vec::with_capacity(spans.len()), flags: Vec::with_capacity(spans.len()) };
        let mut by_id = None;
        for (index, span) in (0u32..).zip(spans) {
            let (parent, flags) = span_index.find_parent(index, span, &mut by_id);
            links.parents.push(parent);
            links.flags.push(flags);
        }
        links.break_cycles(spans);
        links
    }

    /// Breaks each cycle by making its earliest span a root: by start, then id, then position in the list; spans without
    /// a start are last.
    fn break_cycles(&mut self, spans: &[Span]) {
        // The first walk towards the root that visited each span; 0 is none.
        let mut visited = vec![0u32; self.parents.len()];
        for (walk, from) in (1u32..).zip(0..self.parents.len()) {
            let mut at = from;
            while let Some(mark @ 0) = visited.get_mut(at) {
                *mark = walk;
                at = self.parent(at);
            }
            if visited.get(at) == Some(&walk) {
                self.break_cycle(at, spans);
            }
        }
    }

    fn parent(&self, index: usize) -> usize {
        self.parents.get(index).map_or(NO_SPAN as usize, |parent| *parent as usize)
    }

    /// Breaks the cycle that contains `member`.
    fn break_cycle(&mut self, member: usize, spans: &[Span]) {
        let key = |index: usize| {
            let span = spans.get(index);
            let start = span.and_then(|span| span.start).map_or(i64::MAX, |start| start.0);
            (start, span.map_or("", |span| span.id.as_str()), index)
        };
        let mut earliest = member;
        let mut at = self.parent(member);
        while at != member && at < spans.len() {
            if key(at) < key(earliest) {
                earliest = at;
            }
            at = self.parent(at);
        }
        if let Some(parent) = self.parents.get_mut(earliest) {
            *parent = NO_SPAN;
        }
        if let Some(flags) = self.flags.get_mut(earliest) {
            *flags |= Flags::CYCLE;
        }
    }
}

/// A span's unique identity: the number of its trace and its id.
type QualifiedId<'a> = (u32, &'a str);

/// The number of spans without a trace.
const NO_TRACE: u32 = 0;

/// Numbers trace ids, which are long and mostly equal.
#[derive(Default)]
struct TraceNumbers<'a> {
    numbers: HashMap<&'a str, u32>,
    last: (&'a str, u32),
}

impl<'a> TraceNumbers<'a> {
    fn number_of(&mut self, span: &'a Span) -> u32 {
        let trace = span.trace_id.as_deref().unwrap_or_default();
        if trace != self.last.0 {
            let next = u32::try_from(self.numbers.len()).map_or(NO_SPAN, |count| count.saturating_add(1));
            let number = if trace.is_empty() { NO_TRACE } else { *self.numbers.entry(trace).or_insert(next) };
            self.last = (trace, number);
        }
        self.last.1
    }
}

/// The first span of each identity. Spans without an id have no identity: they are neither duplicates nor parents.
struct SpanIndex<'a> {
    spans: &'a [Span],
    /// The trace number of each span.
    traces: Vec<u32>,
    /// For each span, whether it is the first of its identity.
    is_first: Vec<bool>,
    first_by_id: HashMap<QualifiedId<'a>, u32>,
}

impl<'a> SpanIndex<'a> {
    fn new(spans: &'a [Span]) -> Self {
        let mut traces = TraceNumbers::default();
        let traces: Vec<u32> = spans.iter().map(|span| traces.number_of(span)).collect();
        let mut first = HashMap::with_capacity(spans.len());
        let named = (0u32..).zip(spans).zip(&traces).map(|((index, span), trace)| {
            span.id.is_empty() || *first.entry((*trace, span.id.as_str())).or_insert(index) == index
        });
        let is_first = named.collect();
        Self { spans, traces, is_first, first_by_id: first }
    }

    /// Returns the index of the parent, or the reason why there is none. `by_id` is the table for children without a trace,
    /// built on demand.
    fn find_parent(
        &self,
        index: u32,
        span: &'a Span,
        by_id: &mut Option<HashMap<&'a str, u32>>,
    ) -> (u32, Flags) {
        if self.is_first.get(index as usize) == Some(&false) {
            return (NO_SPAN, Flags::DUPLICATE);
        }
        let Some(parent_id) = span.parent_id.as_deref().filter(|id| !id.is_empty()) else {
            return (NO_SPAN, Flags::empty());
        };
        let trace = self.traces.get(index as usize).copied().unwrap_or(NO_TRACE);
        let same_trace = self.first_by_id.get(&(trace, parent_id)).copied();
        let found = same_trace.or_else(|| {
            let by_id = (trace == NO_TRACE).then(|| by_id.get_or_insert_with(|| self.index_by_id()))?;
            by_id.get(parent_id).copied().filter(|found| *found != NO_SPAN)
        });
        match found {
            Some(parent) if parent == index => (NO_SPAN, Flags::SELF_PARENT),
            Some(parent) => (parent, Flags::empty()),
            None => (NO_SPAN, Flags::ORPHAN),
        }
    }

    /// Returns the span of each id in any trace; [`NO_SPAN`] if several traces use the id.
    fn index_by_id(&self) -> HashMap<&'a str, u32> {
        let mut found = HashMap::with_capacity(self.first_by_id.len());
        let spans = (0u32..).zip(self.spans).zip(&self.is_first);
        for ((index, span), _) in spans.filter(|((_, span), is_first)| **is_first && !span.id.is_empty()) {
            match found.entry(span.id.as_str()) {
                Entry::Vacant(entry) => {
                    entry.insert(index);
                }
                Entry::Occupied(mut entry) => {
                    entry.insert(NO_SPAN);
                }
            }
        }
        found
    }
}
