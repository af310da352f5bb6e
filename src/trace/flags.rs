//! Yes-or-no facts about a span in its tree, one bit each.

use std::ops::{BitOr, BitOrAssign};

/// What is odd or notable about a node. The first four say why it is a root although it names a parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u16);

impl Flags {
    pub const NONE: Self = Self(0);
    /// The parent is not in the list.
    pub const ORPHAN: Self = Self(1);
    /// An earlier span of the list has the same trace and id.
    pub const DUPLICATE: Self = Self(1 << 1);
    /// It was its own ancestor; the cycle is cut here.
    pub const CYCLE: Self = Self(1 << 2);
    /// It names itself as its parent.
    pub const SELF_PARENT: Self = Self(1 << 3);
    /// It says neither an end nor a duration.
    pub const UNFINISHED: Self = Self(1 << 4);
    /// `duration_ms` and `end − start` differ by more than one millisecond.
    pub const DURATION_MISMATCH: Self = Self(1 << 5);
    /// Its own status or metadata says that it failed.
    pub const FAILED: Self = Self(1 << 6);
    pub const CANCELED: Self = Self(1 << 7);
    /// A span below it failed.
    pub const FAILED_DESCENDANT: Self = Self(1 << 8);
    /// It says no start; it is placed where its parent starts, or its duration before its end.
    pub const NO_START: Self = Self(1 << 9);
    /// It ends before it starts; it is placed as a moment at its start.
    pub const ENDS_BEFORE_START: Self = Self(1 << 10);
    /// It is the last of its siblings (roots are siblings too).
    pub const LAST_SIBLING: Self = Self(1 << 11);

    /// Whether all flags of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any flag of `other` is set.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// This flag if `condition` holds, else none.
    pub(super) fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::NONE }
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
