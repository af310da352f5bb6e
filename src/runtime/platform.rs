//! What differs between systems, under the same names: the terminal's device, files of our own, who else can get at them,
//! the user's programs. The rest of the program asks here instead of asking which system it is on.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{
    CAN_STOP, EDITOR, Line, Lookout, PAGER, TERMINAL, Unread, create_folder, end_family, forbid_core_dumps,
    is_link_error, is_same_file, is_terminal_gone, open_at_once, open_plain, outlive_limits, own_family,
    owner_only, replace, shell, standing, stop,
};
#[cfg(windows)]
pub use windows::{
    CAN_STOP, EDITOR, Line, Lookout, PAGER, TERMINAL, Unread, create_folder, end_family, forbid_core_dumps,
    is_link_error, is_same_file, is_terminal_gone, open_at_once, open_plain, outlive_limits, own_family,
    owner_only, replace, shell, standing, stop,
};

/// Who owns a file, and what others may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub owner: Owner,
    /// Permissions in the usual nine bits.
    pub mode: u32,
}

impl Standing {
    /// Whether others than the owner may do anything with it.
    pub fn is_exposed(self) -> bool {
        self.mode & 0o077 != 0
    }
}

/// Whose a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    User,
    /// The machine's administrator, who could read everything anyway.
    Root,
    Stranger,
}
