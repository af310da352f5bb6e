//! The widths of the columns of the span tree: bars get the space that marker, tag, name and facts leave.

use crate::text::width;

/// The width of the selection marker and the status symbol; the width of the tag of a kind with its space.
pub(super) const MARKER: usize = 3;
pub(super) const TAG: usize = 4;

/// The minimum width of a pane that shows the facts on the right.
const MIN_FACTS_PANE: usize = 96;

/// The number of facts: model, tokens, cost.
pub(super) const FACTS: usize = 3;

/// The headings of the facts.
pub(super) const FACT_TITLES: [&str; FACTS] = ["model", "tok", "cost"];

/// The maximum width of a model's name.
const MAX_MODEL: usize = 14;

/// The minimum widths of a name, and of a bar without its duration.
const MIN_NAME: usize = 8;
const MIN_BAR: usize = 8;

/// The step by which a name column grows, so that it seldom changes while the user scrolls.
const NAME_STEP: usize = 4;

/// The widths that the texts of the visible rows need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ContentWidths {
    /// The width of guides, fold symbol and name.
    pub name: usize,
    /// The width of the duration at the end of a bar.
    pub label: usize,
    /// The width of each fact; 0 if no row has it.
    pub facts: [usize; FACTS],
}

impl ContentWidths {
    /// Returns the widths that both need.
    pub fn union(self, other: Self) -> Self {
        let mut facts = self.facts;
        for (fact, other) in facts.iter_mut().zip(other.facts) {
            *fact = (*fact).max(other);
        }
        Self { name: self.name.max(other.name), label: self.label.max(other.label), facts }
    }
}

/// The widths of the columns, from left to right, after marker and tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ColumnWidths {
    /// The width of guides, fold symbol and name, with a space after them.
    pub name: usize,
    /// The width of the bars; 0 if only durations fit.
    pub bar: usize,
    /// The width of durations: after a bar that ends at the right, or in a column without bars.
    pub label: usize,
    /// The width of each fact, with a space before it; 0 hides the fact.
    pub facts: [usize; FACTS],
}

impl ColumnWidths {
    /// Fits the columns into a pane. All widths together never exceed it.
    pub fn fit(width: usize, needs: ContentWidths) -> Self {
        let room = width.saturating_sub(MARKER + TAG);
        let mut facts = [0; FACTS];
        if width >= MIN_FACTS_PANE {
            let [model, tokens, cost] = needs.facts;
            facts = [model.min(MAX_MODEL), tokens, cost].map(|need| if need > 0 { need + 1 } else { 0 });
        }
        let room = room.saturating_sub(facts.iter().sum());
        let label = (needs.label + 1).min(room);
        let most = (room * 2 / 5).max(MIN_NAME);
        let name = (needs.name + 1).next_multiple_of(NAME_STEP).clamp(MIN_NAME, most);
        let bar = room.saturating_sub(name + label);
        if bar < MIN_BAR {
            return Self { name: room - label, bar: 0, label, facts };
        }
        Self { name, bar, label, facts }
    }

    /// Returns the facts padded to their columns: the name of the model to the left, numbers to the right. A hidden fact is
    /// empty.
    pub fn pad_facts(&self, facts: [&str; FACTS]) -> [String; FACTS] {
        let [model, tokens, cost] = facts;
        let [model_width, tokens_width, cost_width] = self.facts;
        let cut =
            |fact: &str, columns: usize| width::ellipsize(fact, columns.saturating_sub(1)).0.into_owned();
        let model = match model_width {
            0 => String::new(),
            columns => format!(" {}", width::pad_right(&cut(model, columns), columns - 1)),
        };
        let number = |fact, columns| width::pad_left(&cut(fact, columns), columns);
        [model, number(tokens, tokens_width), number(cost, cost_width)]
    }

    /// Returns the first column of the bars, or of the durations if there are none.
    pub fn bar_start(&self) -> usize {
        MARKER + TAG + self.name
    }
}

/// Returns the column of a duration of `len` columns in a track: after the bar, else before it, else at the end. `bar` has
/// its first column and the column after its last one.
pub(super) fn label_column(bar: (usize, usize), len: usize, track: usize) -> usize {
    let (from, to) = bar;
    if to + 1 + len <= track {
        to + 1
    } else if from > len {
        from - len - 1
    } else {
        track.saturating_sub(len)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LAMP: ContentWidths = ContentWidths { name: 25, label: 6, facts: [11, 5, 7] };

    #[test]
    fn bars_get_most_of_the_width_and_facts_need_a_wide_pane() {
        let wide = ColumnWidths::fit(111, LAMP);
        assert_eq!(wide, ColumnWidths { name: 28, bar: 43, label: 7, facts: [12, 6, 8] });
        let narrow = ColumnWidths::fit(70, LAMP);
        assert_eq!(narrow, ColumnWidths { name: 25, bar: 31, label: 7, facts: [0; FACTS] });
        assert_eq!(ColumnWidths::fit(111, ContentWidths { facts: [0; FACTS], ..LAMP }).bar, 69);
    }

    #[test]
    fn a_narrow_pane_keeps_names_and_durations() {
        assert_eq!(ColumnWidths::fit(40, LAMP).bar, 13);
        assert_eq!(
            ColumnWidths::fit(20, LAMP),
            ColumnWidths { name: 6, bar: 0, label: 7, facts: [0; FACTS] }
        );
        assert_eq!(ColumnWidths::fit(0, LAMP), ColumnWidths { name: 0, bar: 0, label: 0, facts: [0; FACTS] });
    }

    #[test]
    fn a_duration_is_after_its_bar_or_before_it() {
        assert_eq!(label_column((0, 10), 6, 30), 11);
        assert_eq!(label_column((20, 26), 6, 30), 13);
        assert_eq!(label_column((2, 29), 6, 30), 24, "no room on either side");
    }

    proptest! {
        #[test]
        fn columns_never_exceed_the_pane(
            width in 0usize..400,
            name in 0usize..300,
            label in 0usize..20,
            facts in prop::array::uniform3(0usize..40),
        ) {
            let needs = ContentWidths { name, label, facts };
            let columns = ColumnWidths::fit(width, needs);
            let sum = columns.bar_start() + columns.bar + columns.label + columns.facts.iter().sum::<usize>();
            prop_assert!(sum <= width.max(MARKER + TAG), "{columns:?}");
        }
    }
}
