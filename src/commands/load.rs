//! Loads a complete thread for a command, and prints warnings about it.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::app_loop::context::Context;
use crate::app_loop::load;
use crate::commands::runner::{Verbosity, prefix_once};
use crate::domain::{FetchProgress, MessageSummary, Source, UserError};
use crate::ingest::fetch::CachePolicy;
use crate::net::Client;
use crate::text::{number, time};

pub use crate::app_loop::load::LoadedThread;

impl LoadedThread {
    /// Prints warnings about unusual or missing parts to standard error. `subject` names the thread if there are several.
    pub fn print_warnings(&self, verbosity: Verbosity, subject: Option<&str>) {
        let prefix = subject.map(|name| format!("{name}: ")).unwrap_or_default();
        let print = |verbosity: Verbosity, text: &str| verbosity.print_notice(&format!("{prefix}{text}"));
        let mut warnings = self.body_summary.warnings.iter();
        let severe = [self.body_summary.is_unreadable, self.body_summary.is_other_thread];
        for reason in warnings.by_ref().take(severe.into_iter().filter(|is_set| *is_set).count()) {
            // Printed even if quiet.
            print(Verbosity::Normal, reason);
        }
        for warning in warnings {
            print(verbosity, &format!("note: {warning}"));
        }
        if let Some(first) = self.summaries.iter().find(|summary| summary.read_error.is_some()) {
            let count = self.summaries.iter().map(MessageSummary::unreadable_count).sum();
            let count = number::pluralize(count, "unreadable message");
            let reason = first.read_error.as_ref().map_or("", |error| &error.reason);
            print(verbosity, &format!("{count}; the first, at {}: {reason}", first.index));
        }
        if let Some(saved) = self.cached_at {
            let reason = self.network_error.as_ref().map(|error| format!("{error}; ")).unwrap_or_default();
            let saved = time::full(saved, &TimeZone::UTC);
            print(verbosity, &format!("{reason}showing the cached copy of {saved}"));
        } else if self.body_summary.is_partial {
            print(Verbosity::Normal, "incomplete: the connection ended early");
        }
    }
}

/// Loads a thread to its end, from the network if it is reachable. `on_progress` is called with each progress.
///
/// # Errors
/// No part of the thread could be loaded.
pub async fn load(
    source: Source,
    context: &Context,
    client: &Arc<Client>,
    on_progress: &mut (dyn FnMut(&FetchProgress) + Send),
) -> Result<LoadedThread, UserError> {
    let file = match &source {
        Source::File(path) => Some(path.display().to_string()),
        Source::Thread(_) | Source::Stdin => None,
    };
    let loaded = load::load(source, context, client, CachePolicy::NetworkElseCache, on_progress).await;
    loaded.map_err(|error| match file {
        Some(file) => UserError { message: prefix_once(&file, &error.message), ..error },
        None => error,
    })
}
