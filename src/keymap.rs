//! Keys as text and as chords: parsing, printing, the map from sequences to actions, and its conflicts.
//! `ctrl-d`, `shift-tab`, `g g`, `] e`; letters stand for themselves, so `G` is shift and g.

mod chord;
mod map;

pub use chord::{Chord, Key, ParseChordError};
pub use map::{Conflict, Keymap, Lookup};
