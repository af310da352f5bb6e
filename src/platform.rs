//! What differs between systems, under the same names: the terminal's device, files of our own, who else can get at them,
//! the user's programs. The rest of the program asks here instead of asking which system it is on.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{
    CAN_SUSPEND, EDITOR, PAGER, PendingInput, PipePoll, TERMINAL_DEVICE, TtyState, create_private_folder,
    file_access, forbid_core_dumps, ignore_file_size_signal, is_same_file, is_symlink_error,
    is_terminal_gone, kill_process_tree, new_process_group, open_no_follow, open_nonblocking, replace_file,
    set_owner_only, shell_command, suspend_process,
};
#[cfg(windows)]
pub use windows::{
    CAN_STOP, EDITOR, Line, Lookout, PAGER, TERMINAL, Unread, create_folder, end_family, forbid_core_dumps,
    is_link_error, is_same_file, is_terminal_gone, open_at_once, open_plain, outlive_limits, own_family,
    owner_only, replace, shell, standing, stop,
};

/// Who owns a file, and what others may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileAccess {
    pub owner: Owner,
    /// Permissions in the usual nine bits.
    pub mode: u32,
}

impl FileAccess {
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
    Other,
}
