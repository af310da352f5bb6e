//! The state of a listed thread on this machine.

/// The state of a listed thread, compared with the library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SavedState {
    /// Only on the service.
    #[default]
    NotSaved,
    /// Read here: there is a cached copy, which may age out.
    Read,
    Saved,
    /// Saved, and changed on the service since.
    Changed,
    /// Saved, and no longer on the service.
    Gone,
    /// The service refused to send it.
    Refused,
}

impl SavedState {
    /// Returns whether the library keeps the thread.
    pub const fn is_saved(self) -> bool {
        match self {
            Self::NotSaved | Self::Read | Self::Refused => false,
            Self::Saved | Self::Changed | Self::Gone => true,
        }
    }

    /// Returns whether a body is on this machine.
    pub const fn is_readable(self) -> bool {
        match self {
            Self::NotSaved | Self::Refused => false,
            Self::Read | Self::Saved | Self::Changed | Self::Gone => true,
        }
    }

    /// Returns whether the thread is only on this machine, as far as the service's list shows.
    pub const fn is_local_only(self) -> bool {
        match self {
            Self::Read | Self::Gone => true,
            Self::NotSaved | Self::Saved | Self::Changed | Self::Refused => false,
        }
    }

    /// Returns the state as one letter or symbol, for a column.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::NotSaved => "☁",
            Self::Read => "○",
            Self::Saved => "●",
            Self::Changed => "↻",
            Self::Gone => "⌂",
            Self::Refused => "⊘",
        }
    }

    /// Returns the meaning, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NotSaved => "only on the service",
            Self::Read => "read here, may age out",
            Self::Saved => "saved here",
            Self::Changed => "saved here, changed since",
            Self::Gone => "gone",
            Self::Refused => "refused by the service",
        }
    }
}
