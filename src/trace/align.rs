//! Two trees side by side: which span of one answers to which of the other.

use std::collections::HashMap;

use super::{Forest, Node};
use crate::domain::Span;

/// One line of a comparison: a span of each side, or of one side only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The node on the left.
    pub left: Option<u32>,
    /// The node on the right.
    pub right: Option<u32>,
    /// The same on both sides.
    pub depth: u32,
    /// How much longer the right one took, in microseconds; `None` for one side only, or where one is unfinished.
    pub delta_micros: Option<i64>,
}

/// One side of a comparison.
#[derive(Clone, Copy)]
pub struct ComparedTrace<'a> {
    pub forest: &'a Forest,
    /// The list that the forest was made of.
    pub spans: &'a [Span],
}

/// The comparison may cost about so many steps.
const MATCH_BUDGET: usize = 4_000_000;

/// Aligns two trees. Spans answer to each other if name and operation are the same, their parents answer to each other
/// (roots always do), and the order among their siblings is kept; of all such pairings of a list of siblings one with the
/// most pairs is taken. Every node is in exactly one pair; pairs come in the order of the rows on both sides, what is
/// only left before what is only right.
///
/// The cost is bounded: past a budget of list length times list length, long lists are cut into as many blocks on both
/// sides and matched block by block, which may find fewer pairs.
pub fn align(left: ComparedTrace<'_>, right: ComparedTrace<'_>) -> Vec<Pair> {
    let mut aligner = Aligner { left, right, budget: MATCH_BUDGET };
    let mut pairs = Vec::with_capacity(left.forest.len().max(right.forest.len()));
    let mut waiting = Vec::new();
    aligner.push_matches(left.forest.roots().collect(), right.forest.roots().collect(), &mut waiting);
    while let Some(matched) = waiting.pop() {
        match matched {
            Match::Both(l, r) => {
                pairs.push(aligner.pair(l, r));
                let (below_l, below_r) =
                    (left.forest.children(l).collect(), right.forest.children(r).collect());
                aligner.push_matches(below_l, below_r, &mut waiting);
            }
            Match::Left(l) => pairs.extend(one_sided_pairs(left.forest, l, |at| (Some(at), None))),
            Match::Right(r) => pairs.extend(one_sided_pairs(right.forest, r, |at| (None, Some(at)))),
        }
    }
    pairs
}

/// A subtree that only one side has.
fn one_sided_pairs(
    forest: &Forest,
    node: u32,
    side: fn(u32) -> (Option<u32>, Option<u32>),
) -> impl Iterator<Item = Pair> + '_ {
    (node..forest.subtree_end(node)).map(move |at| {
        let (left, right) = side(at);
        Pair { left, right, depth: forest.node(at).map_or(0, |n| n.depth), delta_micros: None }
    })
}

enum Match {
    Both(u32, u32),
    Left(u32),
    Right(u32),
}

struct Aligner<'a> {
    left: ComparedTrace<'a>,
    right: ComparedTrace<'a>,
    budget: usize,
}

/// What must be the same.
type SpanKind<'a> = (&'a str, &'a str);

impl<'a> ComparedTrace<'a> {
    fn kind(&self, node: u32) -> SpanKind<'a> {
        self.forest.span(self.spans, node).map_or(("", ""), |span| (&span.name, &span.operation))
    }

    fn finished_node(&self, node: u32) -> Option<&'a Node> {
        self.forest.node(node).filter(|node| !node.flags.contains(super::Flags::UNFINISHED))
    }
}

impl Aligner<'_> {
    fn pair(&self, left: u32, right: u32) -> Pair {
        let times = self.left.finished_node(left).zip(self.right.finished_node(right));
        Pair {
            left: Some(left),
            right: Some(right),
            depth: self.left.forest.node(left).map_or(0, |node| node.depth),
            delta_micros: times.map(|(left, right)| right.micros().saturating_sub(left.micros())),
        }
    }

    /// Matches two lists of siblings and puts the matches onto the stack, last first.
    fn push_matches(&mut self, left: Vec<u32>, right: Vec<u32>, waiting: &mut Vec<Match>) {
        let kinds_l: Vec<SpanKind<'_>> = left.iter().map(|at| self.left.kind(*at)).collect();
        let kinds_r: Vec<SpanKind<'_>> = right.iter().map(|at| self.right.kind(*at)).collect();
        let same = match_siblings(&kinds_l, &kinds_r, &mut self.budget);
        let base = waiting.len();
        let (mut lefts, mut rights) = (left.iter().copied().enumerate(), right.iter().copied().enumerate());
        for (l, r) in same {
            let left = push_one_sided(&mut lefts, l, Match::Left, waiting);
            let right = push_one_sided(&mut rights, r, Match::Right, waiting);
            waiting.extend(left.zip(right).map(|(left, right)| Match::Both(left, right)));
        }
        waiting.extend(lefts.map(|(_, at)| Match::Left(at)));
        waiting.extend(rights.map(|(_, at)| Match::Right(at)));
        if let Some(new) = waiting.get_mut(base..) {
            new.reverse();
        }
    }
}

/// Passes on what comes before the place `until` as one-sided, and returns what is there.
fn push_one_sided(
    nodes: &mut impl Iterator<Item = (usize, u32)>,
    until: usize,
    side: fn(u32) -> Match,
    waiting: &mut Vec<Match>,
) -> Option<u32> {
    for (place, node) in nodes {
        if place == until {
            return Some(node);
        }
        waiting.push(side(node));
    }
    None
}

/// Places of equal kinds in both lists, rising on both sides.
fn match_siblings(left: &[SpanKind<'_>], right: &[SpanKind<'_>], budget: &mut usize) -> Vec<(usize, usize)> {
    let head = left.iter().zip(right).take_while(|(l, r)| l == r).count();
    let rest = left.len().min(right.len()) - head;
    let tail = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(l, r)| l == r).count();
    let inner_l = left.get(head..left.len() - tail).unwrap_or_default();
    let inner_r = right.get(head..right.len() - tail).unwrap_or_default();
    let cost = inner_l.len().saturating_mul(inner_r.len());
    let blocks = block_count(cost, *budget, inner_l.len().max(inner_r.len()));
    *budget = budget.saturating_sub(cost / blocks);
    let mut all: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    for block in 0..blocks {
        let (from_l, part_l) = block_of(inner_l, block, blocks);
        let (from_r, part_r) = block_of(inner_r, block, blocks);
        let found = longest_common_subsequence(part_l, part_r);
        all.extend(found.into_iter().map(|(l, r)| (head + from_l + l, head + from_r + r)));
    }
    all.extend((0..tail).map(|at| (left.len() - tail + at, right.len() - tail + at)));
    all
}

/// Into how many blocks to cut two lists of which the longer has `longer` places, so that matching them block by block
/// costs at most half of the budget; one if the whole fits into it.
fn block_count(cost: usize, budget: usize, longer: usize) -> usize {
    if cost <= budget { 1 } else { cost.div_ceil((budget / 2).max(1)).min(longer) }
}

/// The `block`-th of so many parts of a list, and where it starts.
fn block_of<'k, 'a>(list: &'k [SpanKind<'a>], block: usize, blocks: usize) -> (usize, &'k [SpanKind<'a>]) {
    let edge = |block: usize| list.len().saturating_mul(block) / blocks;
    (edge(block), list.get(edge(block)..edge(block + 1)).unwrap_or_default())
}

/// A number per kind, as those are compared often.
fn number_kinds<'a>(kinds: &[SpanKind<'a>], numbers: &mut HashMap<SpanKind<'a>, usize>) -> Vec<usize> {
    let number = |kind: &SpanKind<'a>| {
        let next = numbers.len();
        *numbers.entry(*kind).or_insert(next)
    };
    kinds.iter().map(number).collect()
}

/// A longest common subsequence, by the table of what the rest of both lists can reach.
fn longest_common_subsequence(left: &[SpanKind<'_>], right: &[SpanKind<'_>]) -> Vec<(usize, usize)> {
    let mut numbers = HashMap::new();
    let (left, right) = (number_kinds(left, &mut numbers), number_kinds(right, &mut numbers));
    let width = right.len() + 1;
    let mut table = vec![0u16; (left.len() + 1) * width];
    let at = |table: &[u16], l: usize, r: usize| table.get(l * width + r).copied().unwrap_or(0);
    for (l, kind) in left.iter().enumerate().rev() {
        for (r, other) in right.iter().enumerate().rev() {
            let best = if kind == other {
                at(&table, l + 1, r + 1).saturating_add(1)
            } else {
                at(&table, l + 1, r).max(at(&table, l, r + 1))
            };
            if let Some(cell) = table.get_mut(l * width + r) {
                *cell = best;
            }
        }
    }
    let (mut l, mut r) = (0, 0);
    let mut found = Vec::new();
    while let (Some(kind), Some(other)) = (left.get(l), right.get(r)) {
        if kind == other {
            found.push((l, r));
            (l, r) = (l + 1, r + 1);
        } else if at(&table, l + 1, r) >= at(&table, l, r + 1) {
            l += 1;
        } else {
            r += 1;
        }
    }
    found
}
