//! Layout as a pure function from the terminal's size and the user's choices to areas, and back from a point to its
//! target. State (page sizes, clicks) and drawing share it, so they cannot disagree.

mod areas;
mod browse;
mod hit;

pub use ratatui::layout::Rect;

pub use areas::{
    FeedbackAreas, Frame, LayoutInput, ListLayout, Mode, Pane, PaneArea, SpansAreas, areas, overlay_area,
    split_feedback_tab, split_spans_tab,
};
pub use browse::{BrowseAreas, browse_areas};
pub use hit::{HitTarget, hit_test};

/// The direction of a jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}
