//! Reuses the last profile of a thread that the browser opened before, if nothing selects another. Other commands do not,
//! so that scripts behave the same every time.

use crate::app::profiles::missing_profile_notice;
use crate::cli::ServiceArgs;
use crate::commands::tui::StartupNotice;
use crate::credentials::resolve::PROFILE_VARIABLE;
use crate::credentials::resolve::resolve_access;
use crate::domain::{Source, ThreadRef};
use crate::settings::{Settings, env_var};
use crate::storage::history::{History, HistoryEntry, ThreadLocation};

/// Returns the arguments with the profile of the last visit, and a notice about it. The arguments stay unchanged if flags
/// or environment select a host, or if the thread was ever opened with the active profile.
pub fn with_last_profile(
    source: Option<&Source>,
    args: &ServiceArgs,
    (settings, history): (&Settings, Option<&History>),
) -> (ServiceArgs, Option<StartupNotice>) {
    let unchanged = (args.clone(), None);
    let has_profile = args.profile.is_some() || env_var(PROFILE_VARIABLE).is_some();
    let (Some(Source::Thread(thread)), Some(history)) = (source, history) else { return unchanged };
    let is_other_service = args.provider.is_some_and(|provider| provider != thread.service);
    if has_profile || is_other_service || args.base_url.is_some() || args.account.is_some() {
        return unchanged;
    }
    let services = resolve_access(settings, args).unwrap_or_default();
    let active = services.get(thread.service).and_then(|resolved| resolved.profile.as_deref());
    let Some(profile) = last_profile(&history.load(), thread, active) else { return unchanged };
    let configured = settings.config.profiles.get(&profile);
    if configured.is_none_or(|profile| profile.value.service != thread.service) {
        return (args.clone(), Some(StartupNotice::Warning(missing_profile_notice(&profile, active))));
    }
    let notice = format!("Using profile {profile}, as last time (--profile overrides)");
    (ServiceArgs { profile: Some(profile), ..args.clone() }, Some(StartupNotice::Info(notice)))
}

/// Returns the profile of the last visit, unless any visit used the active profile or none.
fn last_profile(visits: &[HistoryEntry], thread: &ThreadRef, active: Option<&str>) -> Option<String> {
    let is_thread = |visit: &&HistoryEntry| match &visit.location {
        ThreadLocation::Service { service, id } => *service == thread.service && *id == thread.id,
        ThreadLocation::File(_) => false,
    };
    let mut profiles = visits.iter().filter(is_thread).map(|visit| visit.profile.as_deref());
    let first = profiles.clone().next().flatten()?;
    profiles.all(|profile| profile.is_some() && profile != active).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn reuses_the_last_profile_unless_the_active_one_opened_the_thread_too() {
        let visit = |id: &str, profile: Option<&str>| HistoryEntry {
            location: ThreadLocation::Service { service: "sgp".to_owned(), id: id.to_owned() },
            title: String::new(),
            profile: profile.map(str::to_owned),
            opened_at: Timestamp(0),
            place: None,
        };
        let thread = ThreadRef::new("sgp", "a");
        let by = |profiles: &[Option<&str>], active| {
            let visits: Vec<HistoryEntry> = profiles.iter().map(|profile| visit("a", *profile)).collect();
            last_profile(&[vec![visit("b", Some("other"))], visits].concat(), &thread, active)
        };
        assert_eq!(by(&[], None), None);
        assert_eq!(by(&[None], Some("prod")), None);
        assert_eq!(by(&[Some("staging"), Some("dev")], Some("prod")).as_deref(), Some("staging"));
        assert_eq!(by(&[Some("staging")], None).as_deref(), Some("staging"));
        assert_eq!(by(&[Some("staging"), Some("prod")], Some("prod")), None);
        assert_eq!(by(&[Some("staging"), None], Some("prod")), None);
    }
}
