//! Exit codes of the process.

/// The exit code of a command. `docs/commands.md` lists them for scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExitCode {
    #[default]
    Success,
    /// Any other failure.
    Failure,
    /// Wrong usage, an unusable configuration, or no terminal.
    Usage,
    /// A part of a list or of the threads is missing.
    Incomplete,
    /// No key, or the service refused it.
    NotAllowed,
    NotFound,
    Network,
    /// A response or file that could not be understood.
    NotUnderstood,
    /// A bug; the same code as for a panic of a Rust program.
    Panic,
    /// Ended by this signal.
    Signal(u8),
}

impl ExitCode {
    /// Returns the number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::NotAllowed => 4,
            Self::NotFound => 5,
            Self::Network => 6,
            Self::NotUnderstood => 7,
            Self::Panic => 101,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }
}
