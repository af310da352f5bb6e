//! A thread that is named on the command line and was opened before: by which profile it is asked for, where nothing says
//! so. For people who browse; scripts ask in the same way every time.

use crate::app::profiles::missing_profile_notice;
use crate::cli::ServiceArgs;
use crate::commands::tui::StartupNotice;
use crate::credentials::resolve::PROFILE_VARIABLE;
use crate::domain::{Source, ThreadRef};
use crate::settings::{Settings, env_var};
use crate::storage::history::{History, HistoryEntry, ThreadLocation};

/// The flags with the profile of the last visit in them, and what to say of that. The profile in use stays if flags or
/// environment name a place, and if the thread was ever opened by it.
pub fn with_last_profile(
    open: Option<&Source>,
    args: &ServiceArgs,
    (settings, history): (&Settings, Option<&History>),
) -> (ServiceArgs, Option<StartupNotice>) {
    let as_it_is = (args.clone(), None);
    let named = args.profile.is_some() || env_var(PROFILE_VARIABLE).is_some();
    let (Some(Source::Thread(thread)), Some(history)) = (open, history) else { return as_it_is };
    let elsewhere = args.provider.is_some_and(|provider| provider != thread.service);
    if named || elsewhere || args.base_url.is_some() || args.account.is_some() {
        return as_it_is;
    }
    let approaches = settings.resolve_access(args).unwrap_or_default();
    let in_use = approaches.get(thread.service).and_then(|approach| approach.profile.as_deref());
    let Some(profile) = last_profile(&history.load(), thread, in_use) else { return as_it_is };
    let there = settings.config.profiles.get(&profile);
    if there.is_none_or(|there| there.value.service != thread.service) {
        return (args.clone(), Some(StartupNotice::Warning(missing_profile_notice(&profile, in_use))));
    }
    let told = format!("profile {profile}, as when it was opened before; --profile says otherwise");
    (ServiceArgs { profile: Some(profile), ..args.clone() }, Some(StartupNotice::Info(told)))
}

/// The profile of the last visit, if there was none by the profile in use, or by none.
fn last_profile(visits: &[HistoryEntry], thread: &ThreadRef, in_use: Option<&str>) -> Option<String> {
    let is_it = |visit: &&HistoryEntry| match &visit.location {
        ThreadLocation::Service { service, id } => *service == thread.service && *id == thread.id,
        ThreadLocation::File(_) => false,
    };
    let mut profiles = visits.iter().filter(is_it).map(|visit| visit.profile.as_deref());
    let first = profiles.clone().next().flatten()?;
    profiles.all(|profile| profile.is_some() && profile != in_use).then(|| first.to_owned())
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
        };
        let thread = ThreadRef { service: "sgp", id: "a".to_owned() };
        let by = |profiles: &[Option<&str>], in_use| {
            let visits: Vec<HistoryEntry> = profiles.iter().map(|profile| visit("a", *profile)).collect();
            last_profile(&[vec![visit("b", Some("other"))], visits].concat(), &thread, in_use)
        };
        assert_eq!(by(&[], None), None);
        assert_eq!(by(&[None], Some("prod")), None);
        assert_eq!(by(&[Some("staging"), Some("dev")], Some("prod")).as_deref(), Some("staging"));
        assert_eq!(by(&[Some("staging")], None).as_deref(), Some("staging"));
        assert_eq!(by(&[Some("staging"), Some("prod")], Some("prod")), None);
        assert_eq!(by(&[Some("staging"), None], Some("prod")), None);
    }
}
