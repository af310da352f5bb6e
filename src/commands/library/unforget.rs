//! `unspool library unforget`: allows forgotten threads to be archived again.

use std::ffi::OsString;

use crate::app_loop::context::Context;
use crate::cli::ServiceArgs;
use crate::commands::library::{location, open};
use crate::commands::maintenance::print;
use crate::commands::source_arg::parse_source_arg;
use crate::domain::{ExitCode, Source, ThreadRef, UserError};
use crate::settings::Settings;
use crate::text::Safe;

/// Removes the hashes of these threads; returns the exit code.
pub(super) fn run(is_demo: bool, words: &[OsString]) -> Result<ExitCode, UserError> {
    let mut library = open(is_demo)?;
    let location = location(is_demo)?;
    let context = Context::new(&Settings::load().require_valid()?, &ServiceArgs::default())?;
    let mut text = String::new();
    for word in words {
        let Source::Thread(ThreadRef { service, id }) = parse_source_arg(word, &ServiceArgs::default())?
        else {
            return Err(UserError::new("files are not in the library", "Pass thread ids.", ExitCode::Usage));
        };
        // The hash has the account, which may be one that the library does not have yet.
        let mut accounts = library.accounts()?;
        accounts.extend(context.service_access.get(service).map(|access| location.account(service, access)));
        accounts.retain(|account| account.service == service);
        let times = library.unforget(&accounts, &id)?;
        let Some(time) = times.last() else {
            let message = format!("{service}:{id} is not forgotten");
            return Err(UserError::new(message, "Check the service and the id.", ExitCode::NotFound));
        };
        let day = time.get(..10).unwrap_or(time);
        let line =
            format!("{service}:{id}, forgotten on {day}: archive may fetch it again; nothing is restored");
        text.push_str(&format!("{}\n", Safe::line(&line)));
    }
    Ok(print(&text))
}
