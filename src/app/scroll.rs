//! The arithmetic of lists and pages. Rows are `usize`: a thread can be longer than a terminal's `u16`.

use crate::action::Action;

/// The first row to show so that `selected` is in view, with as little scrolling as possible.
pub fn into_view(selected: usize, offset: usize, page: usize, len: usize) -> usize {
    let page = page.max(1);
    let last_offset = len.saturating_sub(page);
    let offset = offset.min(last_offset);
    if selected < offset {
        selected
    } else if selected >= offset.saturating_add(page) {
        (selected + 1).saturating_sub(page)
    } else {
        offset
    }
}

/// The target of a motion from the row `from` in a list of `len` rows, `page` of them in view; `None` if the action is
/// not a motion.
pub fn motion_target(
    action: Action,
    count: Option<usize>,
    from: usize,
    len: usize,
    page: usize,
) -> Option<usize> {
    let times = count.unwrap_or(1);
    let last = len.saturating_sub(1);
    let page = page.max(1);
    let half = (page / 2).max(1);
    let target = match action {
        Action::Down | Action::ScrollDetailDown => from.saturating_add(times),
        Action::Up | Action::ScrollDetailUp => from.saturating_sub(times),
        Action::HalfPageDown => from.saturating_add(half.saturating_mul(times)),
        Action::HalfPageUp => from.saturating_sub(half.saturating_mul(times)),
        Action::PageDown => from.saturating_add(page.saturating_mul(times)),
        Action::PageUp => from.saturating_sub(page.saturating_mul(times)),
        Action::Top => count.map_or(0, |row| row.saturating_sub(1)),
        Action::Bottom => count.map_or(last, |row| row.saturating_sub(1)),
        _ => return None,
    };
    Some(target.min(last))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_selection_is_always_in_view(len in 1usize..500, row in 0usize..500, offset in 0usize..600, page in 0usize..60) {
            let row = row.min(len - 1);
            let offset = into_view(row, offset, page, len);
            prop_assert!(offset <= row && row < offset + page.max(1));
        }
    }

    #[test]
    fn motions_stay_inside_the_list() {
        assert_eq!(motion_target(Action::PageDown, Some(3), 5, 20, 10), Some(19));
        assert_eq!(motion_target(Action::Top, Some(7), 19, 20, 10), Some(6));
        assert_eq!(motion_target(Action::Bottom, None, 0, 0, 10), Some(0));
        assert_eq!(motion_target(Action::Help, None, 0, 20, 10), None);
    }
}
