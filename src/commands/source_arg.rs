//! The thread argument of commands.

use std::ffi::OsStr;
use std::path::Path;

use crate::app_loop::context::Context;
use crate::cli::ServiceArgs;
use crate::commands::demo_server;
use crate::commands::runner::Verbosity;
use crate::config::{LinkAccess, link_host_warning, link_profile_notice};
use crate::credentials::profiles::ProfileDirectory;
use crate::credentials::resolve::PROFILE_VARIABLE;
use crate::domain::{ExitCode, Source, ThreadRef, UserError};
use crate::provider::link::link_host;
use crate::provider::parse_source::{has_service_prefix, is_path_like, parse_source};
use crate::settings::{Settings, env_var};

/// Parses a thread argument. A word with the prefix of a service is a thread; any other name of an existing file is that
/// file, even if it looks like an id. The name of a file need not be valid Unicode.
///
/// # Errors
/// An argument that is neither a file nor a thread of a known service.
pub fn parse_source_arg(word: &OsStr, args: &ServiceArgs) -> Result<Source, UserError> {
    if word == "-" {
        return Ok(Source::Stdin);
    }
    let text = word.to_str();
    let is_thread = text.is_some_and(has_service_prefix);
    // Named pipes count as files.
    if !is_thread && Path::new(word).metadata().is_ok_and(|metadata| !metadata.is_dir()) {
        return Ok(Source::File(word.into()));
    }
    // No id contains such bytes: the file is missing, which reading it reports.
    let Some(text) = text else {
        return Ok(Source::File(std::path::absolute(word).unwrap_or_else(|_| word.into())));
    };
    let input = match args.provider {
        Some(service) if !text.contains(':') && !is_path_like(text) => format!("{service}:{text}"),
        _ => text.to_owned(),
    };
    parse_source(&input, args.provider).map_err(|error| UserError::new(error.reason, "", ExitCode::Usage))
}

/// Parses an argument that is a thread of a service. An error names it.
///
/// # Errors
/// A file, standard input, or no thread of a known service.
pub fn parse_thread_arg(word: &OsStr, args: &ServiceArgs) -> Result<ThreadRef, UserError> {
    let name = word.to_string_lossy();
    match parse_source_arg(word, args) {
        Ok(Source::Thread(thread)) => Ok(thread),
        Ok(Source::File(_) | Source::Stdin) => {
            let message = format!("{name} is not a thread of a service");
            Err(UserError::new(message, "Pass ids, links, or SERVICE:ID.", ExitCode::Usage))
        }
        Err(error) => Err(UserError { message: format!("{name}: {}", error.message), ..error }),
    }
}

/// Parses a thread argument of a script and creates the context to load it with, see [`follow_link_host`]. What the host
/// of a link changes goes to standard error, even if quiet.
///
/// # Errors
/// An invalid argument, or an unknown profile.
pub fn resolve_thread_arg(
    word: &OsStr,
    args: &ServiceArgs,
    settings: &Settings,
) -> Result<(Source, Context), UserError> {
    let source = parse_source_arg(word, args)?;
    if let Some(address) = &args.demo_address {
        let mut context = Context::new(settings, args)?;
        demo_server::use_demo_server(&mut context, address);
        return Ok((source, context));
    }
    let (args, notice) = follow_link_host(word, &source, args, settings)?;
    if let Some(notice) = notice {
        Verbosity::Normal.print_notice(&notice.text);
    }
    Ok((source, Context::new(settings, &args)?))
}

/// The consequence of a link's host, for the user.
pub struct LinkNotice {
    pub text: String,
    /// Whether the request goes to another host than that of the link.
    pub is_warning: bool,
}

/// Selects the profile for the host of a link. Flags that select a profile or a host take precedence, with a notice.
///
/// # Errors
/// An unknown profile.
pub fn follow_link_host(
    word: &OsStr,
    source: &Source,
    args: &ServiceArgs,
    settings: &Settings,
) -> Result<(ServiceArgs, Option<LinkNotice>), UserError> {
    let host = word.to_str().and_then(link_host);
    let (Source::Thread(thread), Some(host)) = (source, host) else { return Ok((args.clone(), None)) };
    let profiles = ProfileDirectory::new(settings, args).profiles()?;
    let is_fixed = args.profile.is_some() || args.base_url.is_some() || env_var(PROFILE_VARIABLE).is_some();
    let warn = |text| Some(LinkNotice { text, is_warning: true });
    Ok(match profiles.access_for_link(thread.service, &host) {
        LinkAccess::Active => (args.clone(), None),
        LinkAccess::Profile(choice) if is_fixed => {
            let text = format!(
                "The link is for {host}, the host of profile {}, but another is selected",
                choice.name
            );
            (args.clone(), warn(text))
        }
        LinkAccess::Profile(choice) => {
            let notice = LinkNotice { text: link_profile_notice(&choice.name, &host), is_warning: false };
            (ServiceArgs { profile: Some(choice.name.clone()), ..args.clone() }, Some(notice))
        }
        LinkAccess::Unknown { base_url } => (args.clone(), warn(link_host_warning(&host, base_url))),
    })
}
