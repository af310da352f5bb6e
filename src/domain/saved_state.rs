//! Whether a listed thread is kept on this machine.

/// Where a listed thread is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SavedState {
    /// Only on the service.
    #[default]
    NotSaved,
    Saved,
    /// Saved, and changed on the service since.
    Changed,
    /// Saved, and no longer on the service.
    Gone,
    /// The service refused to send it.
    Refused,
}

impl SavedState {
    /// Whether the library has the thread.
    pub const fn is_saved(self) -> bool {
        match self {
            Self::NotSaved | Self::Refused => false,
            Self::Saved | Self::Changed | Self::Gone => true,
        }
    }

    /// One letter or sign for a column.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::NotSaved => "☁",
            Self::Saved => "●",
            Self::Changed => "↻",
            Self::Gone => "⌂",
            Self::Refused => "⊘",
        }
    }

    /// The meaning, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NotSaved => "only on the service",
            Self::Saved => "saved here",
            Self::Changed => "saved here, changed since",
            Self::Gone => "gone",
            Self::Refused => "refused by the service",
        }
    }
}
