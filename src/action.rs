//! The table of actions. Help, the command line, action names in the configuration, the conflict check and the
//! key table in docs/browser.md are all derived from its rows.

mod table;

pub use table::{ACTION_TABLE, Action, Group};

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct ActionRow {
    pub action: Action,
    /// The name on the command line and in the configuration.
    pub name: &'static str,
    /// One line of help, in the imperative.
    pub help: &'static str,
    pub group: Group,
    /// Default key sequences, in the notation of [`crate::keymap`].
    pub keys: &'static [&'static str],
    /// Whether a count before the action repeats it or is its target row.
    pub takes_count: bool,
    /// The motion over rows, if the action is one.
    pub motion: Option<Motion>,
}

/// A motion over the rows of a list or a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    Down,
    Up,
    HalfPageDown,
    HalfPageUp,
    PageDown,
    PageUp,
    Top,
    Bottom,
}

/// Defines [`Action`], [`Group`] and [`ACTION_TABLE`] from one list. A row is
/// `Variant "name" "help" ["key", …]`, then `, count: true` and `, motion: …` where they apply.
macro_rules! actions {
    ($($group:ident $title:literal {
        $($action:ident $name:literal $help:literal
            [$($key:literal),+] $(, count: $count:literal)? $(, motion: $motion:ident)?;)+
    })+) => {
        /// A command of the user. A motion applies to the focused pane.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($($action,)+)+
        }

        /// The group under which help lists an action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Group {
            $($group,)+
        }

        impl Group {
            /// All groups, in the order of the help page.
            pub const ALL: &[Self] = &[$(Self::$group),+];

            /// Returns the heading in help.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$group => $title),+ }
            }
        }

        impl Action {
            /// Returns the row of this action.
            pub const fn row(self) -> &'static $crate::action::ActionRow {
                match self {
                    $($(Self::$action => {
                        const ROW: &$crate::action::ActionRow = &$crate::action::ActionRow {
                            action: Action::$action,
                            name: $name,
                            help: $help,
                            group: Group::$group,
                            keys: &[$($key),+],
                            takes_count: false $(|| $count)?,
                            motion: match &[$(Motion::$motion)?] as &[Motion] {
                                [motion, ..] => Some(*motion),
                                [] => None,
                            },
                        };
                        ROW
                    })+)+
                }
            }
        }

        /// Every action, in the order of help.
        pub const ACTION_TABLE: &[$crate::action::ActionRow] = &[$($(*Action::$action.row()),+),+];
    };
}

use actions;

impl Action {
    /// Returns the motion over rows, if the action is one.
    pub const fn motion(self) -> Option<Motion> {
        self.row().motion
    }

    /// Returns the action with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        ACTION_TABLE.iter().find(|row| row.name == name).map(|row| row.action)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn action_names_are_unique_and_lookups_agree() {
        let names: HashSet<_> = ACTION_TABLE.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ACTION_TABLE.len());
        for row in ACTION_TABLE {
            assert_eq!(row.action.row().name, row.name);
            assert_eq!(Action::from_name(row.name), Some(row.action));
            assert!(!row.help.is_empty() && !row.help.ends_with('.'), "{}", row.name);
        }
    }
}
