//! The columns of the list, as many as fit.

use crate::view::thread_table::{PresentColumns, ThreadColumn};

/// A column of the list; `x` counts from the left end of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnSpan {
    pub column: ThreadColumn,
    pub x: u16,
    pub width: u16,
}

/// The width before the first text: the bar of the selection, the mark, the state and a space.
const STATE_COLUMNS: u16 = 4;

/// The width of a date with hours and minutes.
const TIME_COLUMNS: u16 = 11;
const TIME_COLUMNS_WITH_HALF_OF_DAY: u16 = 14;

/// The spaces between two columns.
const GAP: u16 = 2;

/// The minimum width of the title next to the most important columns, next to others, and next to the least important ones.
const MIN_TITLE_COLUMNS: [u16; 3] = [16, 28, 40];

/// The width of a title from which the application gets more columns.
const WIDE_TITLE_COLUMNS: u16 = 48;
const MAX_APPLICATION_COLUMNS: u16 = 32;

/// The widest id in a column.
const MAX_ID_COLUMNS: usize = 36;

/// Returns the columns of a list of this width. The title has the remaining width.
pub fn fit(width: u16, present: PresentColumns, has_half_of_day: bool) -> Vec<ColumnSpan> {
    let time = if has_half_of_day { TIME_COLUMNS_WITH_HALF_OF_DAY } else { TIME_COLUMNS };
    let id = u16::try_from(present.id_columns.clamp(2, MAX_ID_COLUMNS)).unwrap_or(0);
    let application = if present.application { 18 } else { 6 };
    let [least, middle, most] = MIN_TITLE_COLUMNS;
    let has_application = present.application || present.origin;
    // In the order of their importance, with the least width that they leave for the title.
    let wanted = [
        (ThreadColumn::Updated, time, least, present.updated),
        (ThreadColumn::Messages, 6, least, present.messages),
        (ThreadColumn::User, 14, middle, present.user),
        (ThreadColumn::Application, application, middle, has_application),
        (ThreadColumn::Model, 14, most, present.model),
        (ThreadColumn::Created, time, most, present.created),
        (ThreadColumn::Id, id, most, present.id_columns > 0),
    ];
    // The last column stays blank.
    let mut room = width.saturating_sub(STATE_COLUMNS + 1);
    let mut chosen = vec![(ThreadColumn::State, 1)];
    for (column, columns, title, is_present) in wanted {
        if is_present && room >= columns + GAP + title {
            room -= columns + GAP;
            chosen.push((column, columns));
        }
    }
    let application = chosen.iter_mut().find(|(column, _)| *column == ThreadColumn::Application);
    if let Some((_, columns)) = application.filter(|_| present.application) {
        let more = room.saturating_sub(WIDE_TITLE_COLUMNS).min(MAX_APPLICATION_COLUMNS - *columns);
        *columns += more;
        room -= more;
    }
    chosen.push((ThreadColumn::Title, room));
    // From left to right.
    let order = [
        ThreadColumn::State,
        ThreadColumn::Updated,
        ThreadColumn::Title,
        ThreadColumn::Messages,
        ThreadColumn::User,
        ThreadColumn::Application,
        ThreadColumn::Model,
        ThreadColumn::Created,
        ThreadColumn::Id,
    ];
    let mut x = STATE_COLUMNS;
    let mut spans = Vec::new();
    for column in order {
        let Some((_, width)) = chosen.iter().find(|(other, _)| *other == column).copied() else { continue };
        if column == ThreadColumn::State {
            spans.push(ColumnSpan { column, x: STATE_COLUMNS - 2, width });
        } else {
            spans.push(ColumnSpan { column, x, width });
            x += width + GAP;
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn columns_stand_side_by_side_inside_the_list(width in 0u16..300, id_columns in 0usize..60, half: bool) {
            let present = PresentColumns {
                updated: true, messages: true, user: true, application: true, origin: true, model: true,
                created: true, id_columns,
            };
            let spans = fit(width, present, half);
            let mut end = 0;
            for span in &spans {
                prop_assert!(span.x >= end, "{spans:?}");
                end = span.x + span.width;
            }
            prop_assert!(end <= width.max(STATE_COLUMNS), "{spans:?}");
        }
    }
}
