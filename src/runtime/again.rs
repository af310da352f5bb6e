//! A thread that is named on the command line and was opened before: by which profile it is asked for, where nothing says
//! so. For people who browse; scripts ask in the same way every time.

use crate::app::profiles::gone;
use crate::cli::ServiceArgs;
use crate::domain::ThreadRef;
use crate::effect::Source;
use crate::runtime::approach::PROFILE;
use crate::runtime::browse::Told;
use crate::runtime::history::{History, Place, Visit};
use crate::runtime::settings::{Settings, environment};

/// The flags with the profile of the last visit in them, and what to say of that. The profile in use stays if flags or
/// environment name a place, and if the thread was ever opened by it.
pub fn as_before(
    open: Option<&Source>,
    args: &ServiceArgs,
    (settings, history): (&Settings, Option<&History>),
) -> (ServiceArgs, Option<Told>) {
    let as_it_is = (args.clone(), None);
    let named = args.profile.is_some() || environment(PROFILE).is_some();
    let (Some(Source::Thread(thread)), Some(history)) = (open, history) else { return as_it_is };
    let elsewhere = args.provider.is_some_and(|provider| provider.service() != thread.service);
    if named || elsewhere || args.base_url.is_some() || args.account.is_some() {
        return as_it_is;
    }
    let approaches = settings.approaches(args).unwrap_or_default();
    let in_use = approaches.get(thread.service).and_then(|approach| approach.profile.as_deref());
    let Some(profile) = last(&history.load(), thread, in_use) else { return as_it_is };
    let there = settings.config.profiles.get(&profile);
    if there.is_none_or(|there| there.value.service != thread.service) {
        return (args.clone(), Some(Told::Warning(gone(&profile, in_use))));
    }
    let told = format!("profile {profile}, as when it was opened before; --profile says otherwise");
    (ServiceArgs { profile: Some(profile), ..args.clone() }, Some(Told::Remark(told)))
}

/// The profile of the last visit, if there was none by the profile in use, or by none.
fn last(visits: &[Visit], thread: &ThreadRef, in_use: Option<&str>) -> Option<String> {
    let is_it = |visit: &&Visit| match &visit.place {
        Place::Service { service, id } => *service == thread.service && *id == thread.id,
        Place::File(_) => false,
    };
    let mut profiles = visits.iter().filter(is_it).map(|visit| visit.profile.as_deref());
    let first = profiles.clone().next().flatten()?;
    profiles.all(|profile| profile.is_some() && profile != in_use).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Stamp;

    #[test]
    fn a_profile_is_taken_up_again_unless_the_one_in_use_did_as_well() {
        let visit = |id: &str, profile: Option<&str>| Visit {
            place: Place::Service { service: "sgp".to_owned(), id: id.to_owned() },
            title: String::new(),
            profile: profile.map(str::to_owned),
            opened: Stamp(0),
        };
        let thread = ThreadRef { service: "sgp", id: "a".to_owned() };
        let by = |profiles: &[Option<&str>], in_use| {
            let visits: Vec<Visit> = profiles.iter().map(|profile| visit("a", *profile)).collect();
            last(&[vec![visit("b", Some("other"))], visits].concat(), &thread, in_use)
        };
        assert_eq!(by(&[], None), None);
        assert_eq!(by(&[None], Some("prod")), None);
        assert_eq!(by(&[Some("staging"), Some("dev")], Some("prod")).as_deref(), Some("staging"));
        assert_eq!(by(&[Some("staging")], None).as_deref(), Some("staging"));
        assert_eq!(by(&[Some("staging"), Some("prod")], Some("prod")), None);
        assert_eq!(by(&[Some("staging"), None], Some("prod")), None);
    }
}
