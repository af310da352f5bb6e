//! From a flat list of spans to who is whose child: identity, unknown parents, cycles. The order of the tree and its
//! nodes are made in `forest`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Flags;
use crate::domain::Span;

/// "No such span" in tables of indices.
pub(super) const NONE: u32 = u32::MAX;

/// Per span of the list: its parent's index in the list ([`NONE`] for a root) and why it is a root.
pub(super) struct Links {
    pub parents: Vec<u32>,
    pub flags: Vec<Flags>,
}

impl Links {
    pub fn new(spans: &[Span]) -> Self {
        let names = Names::new(spans);
        let mut links =
            Self { parents: Vec::with_capacity(spans.len()), flags: Vec::with_capacity(spans.len()) };
        let mut loose = None;
        for (index, span) in (0u32..).zip(spans) {
            let (parent, flags) = names.parent_of(index, span, &mut loose);
            links.parents.push(parent);
            links.flags.push(flags);
        }
        links.cut_cycles(spans);
        links
    }

    /// Makes each cycle a tree by turning its earliest span (by start, then id, then place in the list; spans
    /// without a start come last) into a root.
    fn cut_cycles(&mut self, spans: &[Span]) {
        // Which walk towards the root met a span first; 0 is none.
        let mut met = vec![0u32; self.parents.len()];
        for (walk, from) in (1u32..).zip(0..self.parents.len()) {
            let mut at = from;
            while let Some(mark @ 0) = met.get_mut(at) {
                *mark = walk;
                at = self.parent(at);
            }
            if met.get(at) == Some(&walk) {
                self.cut(at, spans);
            }
        }
    }

    fn parent(&self, index: usize) -> usize {
        self.parents.get(index).map_or(NONE as usize, |parent| *parent as usize)
    }

    /// Cuts the cycle that `member` is on.
    fn cut(&mut self, member: usize, spans: &[Span]) {
        let key = |index: usize| {
            let span = spans.get(index);
            let start = span.and_then(|span| span.start).map_or(i64::MAX, |stamp| stamp.0);
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
            *parent = NONE;
        }
        if let Some(flags) = self.flags.get_mut(earliest) {
            *flags |= Flags::CYCLE;
        }
    }
}

/// A span's full name: trace ("" if it has none) and id.
type Name<'a> = (&'a str, &'a str);

/// Where each name is first used. Spans without an id have no name: they are nobody's duplicate and nobody's parent.
struct Names<'a> {
    spans: &'a [Span],
    first: HashMap<Name<'a>, u32>,
}

fn name_of(span: &Span) -> Name<'_> {
    (span.trace_id.as_deref().unwrap_or_default(), &span.id)
}

impl<'a> Names<'a> {
    fn new(spans: &'a [Span]) -> Self {
        let mut first = HashMap::with_capacity(spans.len());
        for (index, span) in (0u32..).zip(spans).filter(|(_, span)| !span.id.is_empty()) {
            first.entry(name_of(span)).or_insert(index);
        }
        Self { spans, first }
    }

    /// The parent's index and why there is none. `loose` is the table for children without a trace, made on demand.
    fn parent_of(
        &self,
        index: u32,
        span: &'a Span,
        loose: &mut Option<HashMap<&'a str, u32>>,
    ) -> (u32, Flags) {
        let (trace, id) = name_of(span);
        if self.first.get(&(trace, id)).is_some_and(|first| *first != index) {
            return (NONE, Flags::DUPLICATE);
        }
        let Some(wanted) = span.parent_id.as_deref().filter(|wanted| !wanted.is_empty()) else {
            return (NONE, Flags::NONE);
        };
        let exact = self.first.get(&(trace, wanted)).copied();
        let found = exact.or_else(|| {
            let loose = trace.is_empty().then(|| loose.get_or_insert_with(|| self.by_id_alone()))?;
            loose.get(wanted).copied().filter(|found| *found != NONE)
        });
        match found {
            Some(parent) if parent == index => (NONE, Flags::SELF_PARENT),
            Some(parent) => (parent, Flags::NONE),
            None => (NONE, Flags::ORPHAN),
        }
    }

    /// Where each id is used, whatever the trace; [`NONE`] where several traces use it.
    fn by_id_alone(&self) -> HashMap<&'a str, u32> {
        let mut found = HashMap::with_capacity(self.first.len());
        for (index, span) in (0u32..).zip(self.spans) {
            if self.first.get(&name_of(span)) != Some(&index) {
                continue;
            }
            match found.entry(span.id.as_str()) {
                Entry::Vacant(entry) => {
                    entry.insert(index);
                }
                Entry::Occupied(mut entry) => {
                    entry.insert(NONE);
                }
            }
        }
        found
    }
}
