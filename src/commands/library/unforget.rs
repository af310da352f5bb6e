//! `unspool library unforget`: allows forgotten threads to be archived again.

use std::ffi::{OsStr, OsString};

use crate::app_loop::context::Context;
use crate::cli::ServiceArgs;
use crate::commands::library::{location, open};
use crate::commands::maintenance::print;
use crate::commands::runner::print_error;
use crate::commands::source_arg::parse_thread_arg;
use crate::domain::{ExitCode, ThreadRef, UserError};
use crate::library::{Account, Library};
use crate::settings::Settings;
use crate::text::Safe;

/// Removes the hashes of these threads; returns the exit code. Threads that are not forgotten are reported and skipped.
pub(super) fn run(is_demo: bool, words: &[OsString]) -> Result<ExitCode, UserError> {
    let mut library = open(is_demo)?;
    let location = location(is_demo)?;
    let context = Context::new(&Settings::load().require_valid()?, &ServiceArgs::default())?;
    let mut accounts = library.accounts()?;
    // The hash includes the account, which the library may not have yet.
    accounts.extend(context.service_access.iter().map(|(service, access)| location.account(service, access)));
    let mut text = String::new();
    let mut code = ExitCode::Success;
    for word in words {
        match unforget(&mut library, &accounts, word) {
            Ok(line) => text.push_str(&format!("{}\n", Safe::line(&line))),
            Err(error) => code = print_error(&error, None),
        }
    }
    let printed = print(&text);
    Ok(if code == ExitCode::Success { printed } else { code })
}

fn unforget(library: &mut Library, accounts: &[Account], word: &OsStr) -> Result<String, UserError> {
    let ThreadRef { service, id, .. } = parse_thread_arg(word, &ServiceArgs::default())?;
    let accounts: Vec<Account> =
        accounts.iter().filter(|account| account.service == service).cloned().collect();
    let times = library.unforget(&accounts, &id)?;
    let Some(time) = times.last() else {
        let message = format!("{service}:{id} is not forgotten");
        return Err(UserError::new(message, "Check the service and the id.", ExitCode::NotFound));
    };
    let day = time.get(..10).unwrap_or(time);
    Ok(format!("{service}:{id}, forgotten on {day}: archive may fetch it again; nothing is restored"))
}
