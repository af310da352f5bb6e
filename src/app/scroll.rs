//! The arithmetic of lists and pages. Rows are `usize`: a thread can be longer than a terminal's `u16`.

use crate::action::Motion;

/// Returns the first row to show, so that `selected` is in view after as little scrolling as possible.
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

/// Returns the target of a motion from the row `from` in a list of `len` rows, of which `page` rows are in view.
pub fn motion_target(motion: Motion, count: Option<usize>, from: usize, len: usize, page: usize) -> usize {
    let times = count.unwrap_or(1);
    let last = len.saturating_sub(1);
    let page = page.max(1);
    let half = (page / 2).max(1);
    let target = match motion {
        Motion::Down => from.saturating_add(times),
        Motion::Up => from.saturating_sub(times),
        Motion::HalfPageDown => from.saturating_add(half.saturating_mul(times)),
        Motion::HalfPageUp => from.saturating_sub(half.saturating_mul(times)),
        Motion::PageDown => from.saturating_add(page.saturating_mul(times)),
        Motion::PageUp => from.saturating_sub(page.saturating_mul(times)),
        Motion::Top => count.map_or(0, |row| row.saturating_sub(1)),
        Motion::Bottom => count.map_or(last, |row| row.saturating_sub(1)),
    };
    target.min(last)
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
        assert_eq!(motion_target(Motion::PageDown, Some(3), 5, 20, 10), 19);
        assert_eq!(motion_target(Motion::Top, Some(7), 19, 20, 10), 6);
        assert_eq!(motion_target(Motion::Bottom, None, 0, 0, 10), 0);
    }
}
