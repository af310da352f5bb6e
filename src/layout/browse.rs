//! The areas of the browse page.

use ratatui::layout::Rect;

/// The areas; those without space are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrowseAreas {
    /// One line: the page and the group that is shown.
    pub title: Rect,
    /// One line: the progress of the listing.
    pub summary: Rect,
    pub tree: Rect,
    /// The line between the tree and the list.
    pub divider: Rect,
    /// One line: the names of the columns.
    pub headings: Rect,
    pub rows: Rect,
    pub preview_divider: Rect,
    pub preview: Rect,
    /// The errors of the listing.
    pub footer: Rect,
    /// The last line, for hints and prompts.
    pub hints: Rect,
}

/// The minimum width for the tree, and for the preview.
const MIN_TREE_COLUMNS: u16 = 100;
const MIN_PREVIEW_COLUMNS: u16 = 150;

/// The width of the preview.
const PREVIEW_COLUMNS: u16 = 44;

/// Splits the screen; `footer_rows` is the number of lines below the list.
pub fn browse_areas(width: u16, height: u16, footer_rows: u16) -> BrowseAreas {
    let hints_height = u16::from(height >= 3);
    let hints = Rect::new(0, height.saturating_sub(hints_height), width, hints_height);
    let title = Rect::new(0, 0, width, u16::from(height >= 2));
    let summary = Rect::new(0, title.bottom(), width, u16::from(height >= 6));
    let rest = hints.y.saturating_sub(summary.bottom());
    let footer_height = footer_rows.min(rest / 3);
    let body = Rect::new(0, summary.bottom(), width, rest - footer_height);
    let footer = Rect::new(0, body.bottom(), width, footer_height);
    let mut list = body;
    let mut areas = BrowseAreas { title, summary, footer, hints, ..BrowseAreas::default() };
    if width >= MIN_TREE_COLUMNS {
        areas.tree = Rect { width: (width / 5).clamp(24, 36), ..body };
        areas.divider = Rect { x: areas.tree.right(), width: 1, ..body };
        list = Rect { x: areas.divider.right(), width: width - areas.divider.right(), ..body };
    }
    if width >= MIN_PREVIEW_COLUMNS {
        list.width -= PREVIEW_COLUMNS + 1;
        areas.preview_divider = Rect { x: list.right(), width: 1, ..body };
        areas.preview = Rect { x: list.right() + 1, width: PREVIEW_COLUMNS, ..body };
    }
    areas.headings = Rect { height: u16::from(list.height >= 4), ..list };
    areas.rows = Rect { y: areas.headings.bottom(), height: list.height - areas.headings.height, ..list };
    areas
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_area_lies_inside_the_screen_and_none_covers_another(
            width in 0u16..300,
            height in 0u16..100,
            footer_rows in 0u16..9,
        ) {
            let areas = browse_areas(width, height, footer_rows);
            let all = [
                areas.title, areas.summary, areas.tree, areas.divider, areas.headings, areas.rows,
                areas.preview_divider, areas.preview, areas.footer, areas.hints,
            ];
            let screen = Rect::new(0, 0, width, height);
            for (at, area) in all.iter().enumerate() {
                prop_assert!(area.is_empty() || screen.intersection(*area) == *area, "{area:?}");
                for other in all.iter().skip(at + 1) {
                    prop_assert!(!area.intersects(*other), "{area:?} {other:?}");
                }
            }
        }
    }
}
