//! Chords and their text form, the map from key sequences to actions, and its conflicts. Examples: `ctrl-d`, `shift-tab`,
//! `g g`, `] e`; letters stand for themselves, so `G` is shift and g.

mod chord;
mod map;

pub use chord::{Chord, Key, ParseChordError};
pub use map::{Keymap, Lookup};
