//! Tests of visible rows against a naive list of all rows.

use proptest::prelude::*;

use super::{hostile_spans, span};
use crate::trace::{Folds, Forest, Gap, Guide, Row, Visible};

/// Returns all rows by a naive traversal of the tree.
fn rows_naive(forest: &Forest, folds: &Folds, gaps: &[Gap]) -> Vec<Row> {
    fn push_below(forest: &Forest, parent: Option<u32>, folds: &Folds, gaps: &[Gap], rows: &mut Vec<Row>) {
        let siblings: Vec<u32> =
            parent.map_or_else(|| forest.roots().collect(), |at| forest.children(at).collect());
        let show = |after: Option<u32>, rows: &mut Vec<Row>| {
            let mut own: Vec<Gap> =
                gaps.iter().copied().filter(|g| g.parent == parent && g.after == after).collect();
            own.sort_by_key(|gap| gap.start);
            rows.extend(own.into_iter().map(Row::Gap));
        };
        if parent.is_none() || !siblings.is_empty() {
            show(None, rows);
        }
        for at in siblings {
            rows.push(Row::Node(at));
            if !folds.is_folded(at) || forest.children(at).next().is_none() {
                push_below(forest, Some(at), folds, gaps, rows);
            }
            show(Some(at), rows);
        }
    }
    let mut rows = Vec::new();
    push_below(forest, None, folds, gaps, &mut rows);
    rows
}

/// Folds and gaps at random nodes of the forest.
fn choose_folds_and_gaps(
    forest: &Forest,
    folded: &[prop::sample::Index],
    gapped: &[prop::sample::Index],
) -> (Folds, Vec<Gap>) {
    let mut folds = Folds::none();
    let mut gaps = Vec::new();
    if forest.is_empty() {
        return (folds, gaps);
    }
    for index in folded {
        folds.toggle(index.index(forest.len()) as u32);
    }
    for (start, index) in gapped.iter().enumerate() {
        let at = index.index(forest.len()) as u32;
        let parent = forest.node(at).and_then(|node| node.parent);
        let first = if start % 2 == 0 { None } else { Some(at) };
        gaps.push(Gap { parent, after: first, start: start as i64, micros: 1 });
    }
    (folds, gaps)
}

fn visible_nodes(forest: &Forest, folds: &Folds) -> Visible {
    Visible::with_gaps(forest, folds, &[])
}

#[test]
fn folds_hide_descendants_and_reveal_opens_them() {
    let spans = [span("a", "", 0, 9), span("b", "a", 1, 5), span("c", "b", 2, 3), span("d", "a", 6, 7)];
    let forest = Forest::new(&spans);
    let mut folds = Folds::none();
    folds.toggle(1);
    let visible = visible_nodes(&forest, &folds);
    assert_eq!(visible.rows(0..9).collect::<Vec<_>>(), [Row::Node(0), Row::Node(1), Row::Node(3)]);
    assert_eq!((visible.row_of(2), visible.visible_row_of(2), visible.row_of(3)), (None, Some(1), Some(2)));
    assert_eq!((visible.visible_row_of(4), visible.row(3)), (None, None));
    folds.fold(0);
    assert_eq!(visible_nodes(&forest, &folds).len(), 1);
    folds.reveal(&forest, 2);
    assert_eq!(visible_nodes(&forest, &folds).len(), 4);
    assert_eq!(visible_nodes(&forest, &Folds::to_level(&forest, 1)).len(), 3);
    assert_eq!(visible_nodes(&forest, &Folds::all(&forest)).len(), 1);
}

#[test]
fn guides_connect_the_root_with_the_row() {
    let spans = [span("a", "", 0, 9), span("b", "a", 1, 5), span("c", "b", 2, 3), span("d", "a", 6, 7)];
    let forest = Forest::new(&spans);
    let tail = Gap { parent: Some(0), after: Some(3), start: 7000, micros: 2000 };
    let visible = Visible::with_gaps(&forest, &Folds::none(), &[tail]);
    let guides = |row: usize| visible.guides(&forest, visible.row(row).unwrap(), 8);
    assert_eq!(guides(0), []);
    assert_eq!(guides(1), [Guide::Branch]);
    assert_eq!(guides(2), [Guide::Line, Guide::Corner]);
    assert_eq!(guides(3), [Guide::Branch], "the gap is after it");
    assert_eq!(guides(4), [Guide::Gap]);
    let without_gaps = visible_nodes(&forest, &Folds::none());
    assert_eq!(without_gaps.guides(&forest, Row::Node(3), 8), [Guide::Corner]);
    assert_eq!(visible.guides(&forest, Row::Node(2), 1), [Guide::Corner], "the innermost level");
}

#[test]
fn innermost_gap_comes_first_where_subtrees_end_together() {
    let spans = [span("a", "", 0, 9), span("b", "a", 1, 5), span("c", "b", 2, 3)];
    let forest = Forest::new(&spans);
    let outer = Gap { parent: Some(0), after: Some(1), start: 5000, micros: 4000 };
    let inner = Gap { parent: Some(1), after: Some(2), start: 3000, micros: 2000 };
    let rows =
        |folds: &Folds| Visible::with_gaps(&forest, folds, &[outer, inner]).rows(3..9).collect::<Vec<_>>();
    assert_eq!(rows(&Folds::none()), [Row::Gap(inner), Row::Gap(outer)]);
    let mut folds = Folds::none();
    folds.fold(1);
    assert_eq!(rows(&folds), []);
    assert_eq!(Visible::with_gaps(&forest, &folds, &[outer, inner]).row(2), Some(Row::Gap(outer)));
}

proptest! {
    #[test]
    fn window_is_a_slice_of_all_rows(
        spans in hostile_spans(), window in (0..60usize, 0..60usize),
        folded in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        gapped in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let forest = Forest::new(&spans);
        let (folds, gaps) = choose_folds_and_gaps(&forest, &folded, &gapped);
        let visible = Visible::with_gaps(&forest, &folds, &gaps);
        let whole = rows_naive(&forest, &folds, &gaps);
        prop_assert_eq!(visible.len(), whole.len());
        prop_assert_eq!(&visible.rows(0..usize::MAX).collect::<Vec<_>>(), &whole);
        let range = window.0.min(whole.len())..(window.0 + window.1).min(whole.len());
        prop_assert_eq!(visible.rows(window.0..window.0 + window.1).collect::<Vec<_>>(), &whole[range]);
        for (at, row) in whole.iter().enumerate() {
            match row {
                Row::Node(node) => prop_assert_eq!(visible.row_of(*node), Some(at)),
                Row::Gap(_) => prop_assert_eq!(visible.row(visible.position(*row).unwrap()), Some(*row)),
            }
        }
        for node in 0..forest.len() as u32 {
            let shown = visible.visible_row_of(node).unwrap();
            let Row::Node(shown) = whole[shown] else { panic!("a gap is not the row of a node") };
            prop_assert!(shown == node || (shown < node && node < forest.subtree_end(shown) && folds.is_folded(shown)));
        }
    }

    #[test]
    fn innermost_guide_is_a_corner_only_on_the_last_row_of_its_level(
        spans in hostile_spans(), gapped in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let forest = Forest::new(&spans);
        let (folds, gaps) = choose_folds_and_gaps(&forest, &[], &gapped);
        let visible = Visible::with_gaps(&forest, &folds, &gaps);
        let rows: Vec<Row> = visible.rows(0..visible.len()).collect();
        let parent = |row: &Row| match row {
            Row::Node(node) => forest.node(*node).unwrap().parent,
            Row::Gap(gap) => gap.parent,
        };
        for (at, row) in rows.iter().enumerate() {
            let guides = visible.guides(&forest, *row, 99);
            let depth = parent(row).map_or(0, |above| forest.node(above).unwrap().depth + 1);
            prop_assert_eq!(guides.len(), depth as usize);
            if let (Row::Node(_), Some(own)) = (row, guides.last()) {
                let last = !rows[at + 1..].iter().any(|later| parent(later) == parent(row));
                prop_assert_eq!(*own == Guide::Corner, last);
            }
        }
    }
}
