//! `unspool show`: a thread on standard output, without a screen.

use tokio::runtime::Runtime;

use crate::cli::ShowArgs;
use crate::effect::Source;
use crate::runtime::program::complain;
use crate::runtime::tasks::World;

/// Writes the thread; returns the exit code.
pub fn run(_args: &ShowArgs, _source: Source, _world: World, _runtime: &Runtime) -> u8 {
    complain("show is not there yet", 1)
}
