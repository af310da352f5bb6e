//! Geometry as a pure function: the size of the terminal and what the user prefers, to areas; and back from a point to
//! what is there. Both the state (page sizes, clicks) and the drawing call it, so they cannot disagree.

mod areas;
mod hit;

pub use ratatui::layout::Rect;

pub use areas::{
    Arrangement, FeedbackAreas, Frame, Mode, Pane, PaneArea, SpansAreas, areas, feedback_split, page,
    payload_split,
};
pub use hit::{Spot, spot};
