//! Boolean facts about a span in its tree.

bitflags::bitflags! {
/// Notable facts about a node. The first four are reasons why it is a root despite its `parent_id`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags: u16 {
/// The parent is not in the list.
const ORPHAN = 1;
/// An earlier span of the list has the same trace and id.
const DUPLICATE = 1 << 1;
/// It was its own ancestor; the cycle is broken at this span.
const CYCLE = 1 << 2;
/// It names itself as its parent.
const SELF_PARENT = 1 << 3;
/// It has neither an end nor a duration.
const UNFINISHED = 1 << 4;
/// `duration_ms` and `end − start` differ by more than one millisecond.
const DURATION_MISMATCH = 1 << 5;
/// It failed, by its own status or metadata.
const FAILED = 1 << 6;
const CANCELED = 1 << 7;
/// A span below it failed.
const FAILED_DESCENDANT = 1 << 8;
/// It has no start; its place is derived from its end and its duration, or from its parent's start.
const NO_START = 1 << 9;
/// It ends before it starts; it is placed as an instant at its start.
const ENDS_BEFORE_START = 1 << 10;
/// It is the last of its siblings (roots are siblings too).
const LAST_SIBLING = 1 << 11;
/// It starts more than a millisecond before its parent.
const STARTS_BEFORE_PARENT = 1 << 12;
/// It ends more than a millisecond after its parent.
const ENDS_AFTER_PARENT = 1 << 13;
}
}

impl Flags {
    /// Returns these flags if `condition` holds, else none.
    pub(super) fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::empty() }
    }
}
