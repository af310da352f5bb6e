//! Geometry as a pure function: the size of the terminal and what the user prefers, to areas; and back from a point to
//! what is there. Both the state (page sizes, clicks) and the drawing call it, so they cannot disagree.

mod areas;
mod hit;

pub use ratatui::layout::Rect;

pub use areas::{
    FeedbackAreas, Frame, LayoutInput, Mode, Pane, PaneArea, SpansAreas, areas, overlay_area,
    split_feedback_tab, split_spans_tab,
};
pub use hit::{HitTarget, hit_test};

/// The direction of a jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}
