//! Profiles: which there are, which one each service is reached by, and choosing another. What a profile means (address,
//! account, key) is known outside; here stand words about it, and never a key. Drawn by `ui/profiles`.

use crate::action::Action;
use crate::app::{App, Effects, Overlay, scroll};
use crate::config::suggest;
use crate::domain::{Source, Timestamp};
use crate::effect::{Effect, Freshness};

/// Columns of the page at most.
pub const MAX_WIDTH: u16 = 110;

/// A profile that can be chosen, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChoice {
    pub name: String,
    /// The short name of its service.
    pub service: &'static str,
    /// The base URL.
    pub base_url: String,
    pub account: Option<String>,
    /// Where its key is.
    pub key_source: String,
}

impl ProfileChoice {
    /// Which it is and where it leads.
    pub fn describe(&self) -> String {
        let account = self.account.iter().map(|account| format!(", account {account}"));
        let place = account.fold(self.base_url.clone(), |place, account| place + &account);
        format!("profile {}: {} at {place}", self.name, self.service)
    }
}

/// How the threads of a service are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActiveAccess {
    pub service: &'static str,
    pub profile: Option<String>,
    /// What else a command line has to say to reach them in the same way.
    pub extra_flags: Vec<String>,
}

/// All profiles, and those in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    pub choices: Vec<ProfileChoice>,
    /// At most one entry for each service.
    pub active: Vec<ActiveAccess>,
    /// The service that an id belongs to where several fit.
    pub preferred_service: Option<&'static str>,
}

impl Profiles {
    /// The profile by which a service is reached.
    pub fn active_profile(&self, service: &str) -> Option<&str> {
        self.active_access(service)?.profile.as_deref()
    }

    fn active_access(&self, service: &str) -> Option<&ActiveAccess> {
        self.active.iter().find(|reached| reached.service == service)
    }

    /// The words of a command line that reaches a service in the same way, behind the thread.
    pub fn command_line_flags(&self, service: &str) -> Vec<String> {
        let Some(reached) = self.active_access(service) else { return Vec::new() };
        let profile = reached.profile.iter().flat_map(|name| ["--profile".to_owned(), name.clone()]);
        profile.chain(reached.extra_flags.iter().cloned()).collect()
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.choices.iter().map(|choice| choice.name.as_str())
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// A sentence (without its full stop) that names the nearest, or all.
    pub fn named(&self, name: &str) -> Result<&ProfileChoice, String> {
        self.choices
            .iter()
            .find(|choice| choice.name == name)
            .ok_or_else(|| self.unknown_profile_message(name))
    }

    fn unknown_profile_message(&self, name: &str) -> String {
        match suggest(name, self.names()) {
            Some(like) => format!("there is no profile {name}; did you mean {like}?"),
            None if self.choices.is_empty() => format!("there is no profile {name}: config.toml has none"),
            None => {
                let names: Vec<&str> = self.names().collect();
                format!("there is no profile {name}; there are: {}", names.join(", "))
            }
        }
    }

    /// From now on the profile's service is reached by it.
    pub fn activate(&mut self, choice: &ProfileChoice) {
        self.active.retain(|reached| reached.service != choice.service);
        let profile = Some(choice.name.clone());
        self.active.push(ActiveAccess { service: choice.service, profile, extra_flags: Vec::new() });
        self.preferred_service = Some(choice.service);
    }
}

/// What to say of a thread that cannot be reached as it was before.
pub fn missing_profile_notice(profile: &str, instead: Option<&str>) -> String {
    let instead = instead.map_or_else(|| "without one".to_owned(), |name| format!("by {name}"));
    format!("the profile {profile}, by which it was opened before, is gone: it is asked for {instead}")
}

fn belongs_to_service(source: &Source, service: &str) -> bool {
    match source {
        Source::Thread(thread) => thread.service == service,
        Source::File(_) | Source::Stdin => false,
    }
}

/// What to say where there is nothing to choose.
pub const NO_PROFILES_NOTICE: &str =
    "there are no profiles in config.toml; unspool config sample shows what one looks like";

impl App {
    /// Opens the list.
    pub(super) fn open_profile_list(&mut self) {
        let profiles = &self.prefs.profiles;
        if profiles.choices.is_empty() {
            self.notify(NO_PROFILES_NOTICE);
            return;
        }
        let here = self.shown_thread().and_then(|thread| thread.service).or(profiles.preferred_service);
        let used = |name: &str, service: &'static str| {
            here == Some(service) && profiles.active_profile(service) == Some(name)
        };
        let selected = profiles.choices.iter().position(|choice| used(&choice.name, choice.service));
        self.overlay = Some(Overlay::Profiles { selected: selected.unwrap_or(0), offset: 0 });
    }

    /// Rows of the list.
    pub(super) fn profile_rows(&self) -> u16 {
        u16::try_from(self.prefs.profiles.choices.len()).unwrap_or(u16::MAX)
    }

    /// Keys in the list.
    pub(super) fn perform_in_profiles(
        &mut self,
        (selected, offset): (usize, usize),
        (action, count): (Action, Option<usize>),
        now: Timestamp,
    ) -> Effects {
        let len = self.prefs.profiles.choices.len();
        if action == Action::Enter {
            let name = self.prefs.profiles.choices.get(selected).map(|choice| choice.name.clone());
            return name.map_or_else(Vec::new, |name| self.switch_profile(&name, now));
        }
        let area = self.page_area(MAX_WIDTH, self.profile_rows());
        let page = area.map_or(1, |page| usize::from(page.inner.height));
        if let Some(selected) = scroll::motion_target(action, count, selected, len, page) {
            let offset = scroll::into_view(selected, offset, page, len);
            self.overlay = Some(Overlay::Profiles { selected, offset });
        }
        Vec::new()
    }

    /// From now on its service is reached by this profile. A thread of that service is asked for again, and what was
    /// shown of it goes: it is another place's.
    pub fn switch_profile(&mut self, name: &str, now: Timestamp) -> Effects {
        let choice = match self.prefs.profiles.named(name) {
            Ok(choice) => choice.clone(),
            Err(reason) => {
                self.warn(reason);
                return Vec::new();
            }
        };
        let asked = self.loading.source.as_ref().or(self.thread.as_ref().map(|thread| &thread.source));
        let asked = asked.filter(|source| belongs_to_service(source, choice.service)).cloned();
        let mut effects = self.activate_profile(&choice);
        if let Some(source) = asked {
            effects.extend(self.open(source, Freshness::CacheFirst, now));
        }
        self.notify(choice.describe());
        effects
    }

    /// Its service is reached by it from now on. A thread on the screen that is another place's goes.
    fn activate_profile(&mut self, choice: &ProfileChoice) -> Effects {
        self.prefs.profiles.activate(choice);
        self.thread_box.preferred_service = Some(choice.service);
        if self.thread.as_ref().is_some_and(|thread| belongs_to_service(&thread.source, choice.service)) {
            self.thread = None;
            self.detail.clear();
        }
        vec![Effect::UseProfile { name: choice.name.clone() }]
    }

    /// Opens a thread by the profile that it was reached by before, which may be gone by now.
    pub(super) fn open_with_profile(&mut self, source: Source, profile: &str, now: Timestamp) -> Effects {
        let Source::Thread(thread) = &source else { return self.open_and_focus(source, now) };
        let service = thread.service;
        if self.prefs.profiles.active_profile(service) == Some(profile) {
            return self.open_and_focus(source, now);
        }
        let choices = &self.prefs.profiles.choices;
        let choice =
            choices.iter().find(|choice| choice.name == profile && choice.service == service).cloned();
        let Some(choice) = choice else {
            let effects = self.open_and_focus(source, now);
            let instead = self.prefs.profiles.active_profile(service);
            self.warn(missing_profile_notice(profile, instead));
            return effects;
        };
        let mut effects = self.activate_profile(&choice);
        effects.extend(self.open_and_focus(source, now));
        self.notify(format!("profile {profile}, as when it was opened before"));
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Prefs;
    use crate::domain::{RecentThread, ThreadRef};

    fn app() -> App {
        let choice = |name: &str, service| ProfileChoice {
            name: name.to_owned(),
            service,
            base_url: format!("https://{name}.example"),
            ..ProfileChoice::default()
        };
        let choices = vec![choice("prod", "sgp"), choice("staging", "sgp"), choice("me", "camelai")];
        let profiles = Profiles { choices, ..Profiles::default() };
        App::new(Prefs { profiles, ..Prefs::default() }, 100, 30)
    }

    fn thread(service: &'static str) -> Source {
        Source::Thread(ThreadRef { service, id: "8c5e1a70".to_owned() })
    }

    #[test]
    fn switching_profile_fetches_the_thread_again() {
        let mut app = app();
        app.open_and_focus(thread("sgp"), Timestamp(0));
        let effects = app.switch_profile("staging", Timestamp(0));
        assert!(matches!(&effects[0], Effect::UseProfile { name } if name == "staging"), "{effects:?}");
        assert!(matches!(&effects[1], Effect::Cancel(_)), "{effects:?}");
        assert!(matches!(&effects[2], Effect::Open { source, .. } if *source == thread("sgp")));
        assert_eq!(app.prefs.profiles.active_profile("sgp"), Some("staging"));
        assert_eq!(app.prefs.profiles.command_line_flags("sgp"), ["--profile", "staging"]);
    }

    #[test]
    fn recent_thread_opens_with_its_profile_or_the_active_one() {
        let mut app = app();
        app.switch_profile("prod", Timestamp(0));
        app.open_and_focus(thread("sgp"), Timestamp(0));
        let visit = |profile: &str| RecentThread {
            input: "sgp:8c5e1a71".to_owned(),
            title: "Lamp".to_owned(),
            service: "sgp".to_owned(),
            profile: Some(profile.to_owned()),
            opened_at: None,
            note: String::new(),
        };
        app.thread_box.recent_threads = ["staging", "prod", "old", "me"].map(visit).to_vec();
        let mut opens = |row| {
            let outcome = app.thread_box.open_row(row);
            let effects = app.apply_box_outcome(outcome, Timestamp(0));
            let opened = effects.iter().filter(|effect| matches!(effect, Effect::Open { .. })).count();
            assert_eq!(opened, 1, "{effects:?}");
            let entered = effects.iter().position(|effect| matches!(effect, Effect::UseProfile { .. }));
            let said = app.notice.take().map(|notice| notice.text).unwrap_or_default();
            (entered, said, app.prefs.profiles.active_profile("sgp").map(str::to_owned))
        };
        let by = |name: &str| Some(name.to_owned());
        assert_eq!(
            opens(0),
            (Some(0), "profile staging, as when it was opened before".to_owned(), by("staging"))
        );
        assert_eq!(opens(0), (None, String::new(), by("staging")));
        assert_eq!(opens(1).2, by("prod"));
        let (entered, said, used) = opens(2);
        assert_eq!((entered, used), (None, by("prod")));
        assert!(said.contains("old") && said.ends_with("is asked for by prod"), "{said}");
        assert_eq!(opens(3).0, None, "a profile of that name, but of the other service");
    }

    #[test]
    fn profile_of_another_service_keeps_the_thread() {
        let mut app = app();
        app.open_and_focus(thread("sgp"), Timestamp(0));
        let effects = app.switch_profile("me", Timestamp(0));
        assert_eq!(effects.len(), 1, "{effects:?}");
        assert_eq!(app.thread_box.preferred_service, Some("camelai"));
        assert_eq!(app.prefs.profiles.active_profile("sgp"), None);
    }

    #[test]
    fn unknown_name_suggests_the_nearest() {
        let mut app = app();
        assert!(app.switch_profile("stagin", Timestamp(0)).is_empty());
        assert_eq!(app.notice.unwrap().text, "there is no profile stagin; did you mean staging?");
    }

    #[test]
    fn command_prompt_completes_profile_names() {
        let mut app = app();
        let effects = app.run_command("profile prod", Timestamp(0));
        assert!(matches!(&effects[0], Effect::UseProfile { name } if name == "prod"));
        app.run_command("profile", Timestamp(0));
        assert!(matches!(app.overlay, Some(Overlay::Profiles { selected: 0, .. })));
        app.overlay = None;
        app.prompt = Some(crate::app::prompt::Prompt::new(crate::app::prompt::Purpose::Command, "profile s"));
        assert_eq!(app.completions(), ["staging"]);
        app.complete_prompt();
        assert_eq!(app.prompt.unwrap().text(), "profile staging");
    }
}
