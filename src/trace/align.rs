//! Alignment of two trees, for a side-by-side comparison.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Forest, Node};
use crate::domain::Span;

/// A line of a comparison: a span of each side, or of one side only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The node on the left.
    pub left: Option<u32>,
    /// The node on the right.
    pub right: Option<u32>,
    /// The depth; that of the right span if the two differ.
    pub depth: u32,
    /// Whether both sides have the span, but below different parents or in another order.
    pub is_moved: bool,
    /// The duration of the right span minus that of the left one, in microseconds; `None` if either is absent or
    /// unfinished.
    pub delta_micros: Option<i64>,
}

/// A side of a comparison.
#[derive(Clone, Copy)]
pub struct ComparedTrace<'a> {
    pub forest: &'a Forest,
    /// The spans that the forest was built from.
    pub spans: &'a [Span],
}

/// The approximate maximum number of steps of a comparison.
const MATCH_BUDGET: usize = 4_000_000;

/// Aligns two trees. Spans match if their names and operations are equal, their parents match (roots always do), and the
/// order of siblings is kept; among all such matchings of two lists of siblings, one with the most matches is used. Two
/// single roots always match, because they are the turns themselves. Remaining spans match by name and operation anywhere,
/// and are marked as moved. Every node is in exactly one pair. Pairs are in the row order of the right side; left-only
/// nodes are at their former position, before right-only ones.
///
/// The cost is bounded: once the product of list lengths exceeds a budget, both lists are split into the same number of
/// blocks and matched block by block, which may find fewer matches.
pub fn align(left: ComparedTrace<'_>, right: ComparedTrace<'_>) -> Vec<Pair> {
    let mut aligner = Aligner { left, right, budget: MATCH_BUDGET };
    let mut pairs = Vec::with_capacity(left.forest.len().max(right.forest.len()));
    let mut stack = Vec::new();
    let (roots_l, roots_r): (Vec<u32>, Vec<u32>) =
        (left.forest.roots().collect(), right.forest.roots().collect());
    match (roots_l.as_slice(), roots_r.as_slice()) {
        ([l], [r]) => stack.push(Match::Both(*l, *r)),
        _ => aligner.push_matches(roots_l, roots_r, &mut stack),
    }
    while let Some(matched) = stack.pop() {
        match matched {
            Match::Both(l, r) => {
                pairs.push(aligner.pair(l, r));
                let (below_l, below_r) =
                    (left.forest.children(l).collect(), right.forest.children(r).collect());
                aligner.push_matches(below_l, below_r, &mut stack);
            }
            Match::Left(l) => pairs.extend(one_sided_pairs(left.forest, l, |at| (Some(at), None))),
            Match::Right(r) => pairs.extend(one_sided_pairs(right.forest, r, |at| (None, Some(at)))),
        }
    }
    aligner.join_moved(pairs)
}

/// Returns the pairs of a subtree that only one side has.
fn one_sided_pairs(
    forest: &Forest,
    node: u32,
    side: fn(u32) -> (Option<u32>, Option<u32>),
) -> impl Iterator<Item = Pair> + '_ {
    (node..forest.subtree_end(node)).map(move |at| {
        let (left, right) = side(at);
        let depth = forest.node(at).map_or(0, |n| n.depth);
        Pair { left, right, depth, is_moved: false, delta_micros: None }
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

/// Name and operation, which must be equal in a match.
type MatchKey<'a> = (&'a str, &'a str);

impl<'a> ComparedTrace<'a> {
    fn match_key(&self, node: u32) -> MatchKey<'a> {
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
            depth: self.right.forest.node(right).map_or(0, |node| node.depth),
            is_moved: false,
            delta_micros: times.map(|(left, right)| right.micros().saturating_sub(left.micros())),
        }
    }

    /// Joins spans of one side with spans of the other that have the same name and operation, in order.
    fn join_moved(&self, pairs: Vec<Pair>) -> Vec<Pair> {
        let mut left_only: HashMap<MatchKey<'_>, VecDeque<u32>> = HashMap::new();
        for pair in &pairs {
            if let (Some(left), None) = (pair.left, pair.right) {
                left_only.entry(self.left.match_key(left)).or_default().push_back(left);
            }
        }
        let mut joined = HashSet::new();
        let mut moved = HashMap::new();
        for right in pairs.iter().filter(|pair| pair.left.is_none()).filter_map(|pair| pair.right) {
            let left = left_only.get_mut(&self.right.match_key(right)).and_then(VecDeque::pop_front);
            if let Some(left) = left {
                joined.insert(left);
                moved.insert(right, left);
            }
        }
        let is_kept =
            |pair: &Pair| pair.right.is_some() || pair.left.is_none_or(|left| !joined.contains(&left));
        let join = |pair: Pair| match pair.right.and_then(|right| Some((right, *moved.get(&right)?))) {
            Some((right, left)) => Pair { is_moved: true, ..self.pair(left, right) },
            None => pair,
        };
        pairs.into_iter().filter(is_kept).map(join).collect()
    }

    /// Matches two lists of siblings and pushes the matches onto the stack, last first.
    fn push_matches(&mut self, left: Vec<u32>, right: Vec<u32>, stack: &mut Vec<Match>) {
        let kinds_l: Vec<MatchKey<'_>> = left.iter().map(|at| self.left.match_key(*at)).collect();
        let kinds_r: Vec<MatchKey<'_>> = right.iter().map(|at| self.right.match_key(*at)).collect();
        let same = match_siblings(&kinds_l, &kinds_r, &mut self.budget);
        let base = stack.len();
        let (mut lefts, mut rights) = (left.iter().copied().enumerate(), right.iter().copied().enumerate());
        for (l, r) in same {
            let left = push_one_sided(&mut lefts, l, Match::Left, stack);
            let right = push_one_sided(&mut rights, r, Match::Right, stack);
            stack.extend(left.zip(right).map(|(left, right)| Match::Both(left, right)));
        }
        stack.extend(lefts.map(|(_, at)| Match::Left(at)));
        stack.extend(rights.map(|(_, at)| Match::Right(at)));
        if let Some(new) = stack.get_mut(base..) {
            new.reverse();
        }
    }
}

/// Pushes the nodes before the position `until` as one-sided, and returns the node there.
fn push_one_sided(
    nodes: &mut impl Iterator<Item = (usize, u32)>,
    until: usize,
    side: fn(u32) -> Match,
    stack: &mut Vec<Match>,
) -> Option<u32> {
    for (position, node) in nodes {
        if position == until {
            return Some(node);
        }
        stack.push(side(node));
    }
    None
}

/// Returns the positions of matching kinds in both lists, ascending on both sides.
fn match_siblings(left: &[MatchKey<'_>], right: &[MatchKey<'_>], budget: &mut usize) -> Vec<(usize, usize)> {
    let prefix = left.iter().zip(right).take_while(|(l, r)| l == r).count();
    let rest = left.len().min(right.len()) - prefix;
    let suffix = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(l, r)| l == r).count();
    let inner_l = left.get(prefix..left.len() - suffix).unwrap_or_default();
    let inner_r = right.get(prefix..right.len() - suffix).unwrap_or_default();
    let cost = inner_l.len().saturating_mul(inner_r.len());
    let blocks = block_count(cost, *budget, inner_l.len().max(inner_r.len()));
    *budget = budget.saturating_sub(cost / blocks);
    let mut all: Vec<(usize, usize)> = (0..prefix).map(|at| (at, at)).collect();
    for block in 0..blocks {
        let (from_l, part_l) = block_of(inner_l, block, blocks);
        let (from_r, part_r) = block_of(inner_r, block, blocks);
        let found = longest_common_subsequence(part_l, part_r);
        all.extend(found.into_iter().map(|(l, r)| (prefix + from_l + l, prefix + from_r + r)));
    }
    all.extend((0..suffix).map(|at| (left.len() - suffix + at, right.len() - suffix + at)));
    all
}

/// Returns the number of blocks to split two lists into, of which the longer one has `longer` items, so that matching them
/// costs at most half of the budget; 1 if the whole fits into it.
fn block_count(cost: usize, budget: usize, longer: usize) -> usize {
    if cost <= budget { 1 } else { cost.div_ceil((budget / 2).max(1)).min(longer) }
}

/// Returns the start and the items of the `block`-th of `blocks` parts of a list.
fn block_of<'k, 'a>(list: &'k [MatchKey<'a>], block: usize, blocks: usize) -> (usize, &'k [MatchKey<'a>]) {
    let edge = |block: usize| list.len().saturating_mul(block) / blocks;
    (edge(block), list.get(edge(block)..edge(block + 1)).unwrap_or_default())
}

/// Maps each kind to a number, which is cheaper to compare.
fn number_kinds<'a>(kinds: &[MatchKey<'a>], numbers: &mut HashMap<MatchKey<'a>, usize>) -> Vec<usize> {
    let number = |kind: &MatchKey<'a>| {
        let next = numbers.len();
        *numbers.entry(*kind).or_insert(next)
    };
    kinds.iter().map(number).collect()
}

/// Returns a longest common subsequence, by dynamic programming over the suffixes of both lists.
fn longest_common_subsequence(left: &[MatchKey<'_>], right: &[MatchKey<'_>]) -> Vec<(usize, usize)> {
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
