//! Profiles: which there are, which one each service is reached by, and choosing another. What a profile means (address,
//! account, key) is known outside; here stand words about it, and never a key. Drawn by `ui/profiles`.

use crate::action::Action;
use crate::app::{App, Effects, Overlay, scroll};
use crate::config::nearest;
use crate::domain::Stamp;
use crate::effect::{Effect, Freshness, Source};

/// Columns of the page at most.
pub const WIDTH: u16 = 110;

/// A profile that can be chosen, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub name: String,
    /// The short name of its service.
    pub service: &'static str,
    /// The base URL.
    pub place: String,
    pub account: Option<String>,
    /// Where its key is.
    pub key: String,
}

impl Choice {
    /// Which it is and where it leads.
    pub fn told(&self) -> String {
        let account = self.account.iter().map(|account| format!(", account {account}"));
        let place = account.fold(self.place.clone(), |place, account| place + &account);
        format!("profile {}: {} at {place}", self.name, self.service)
    }
}

/// How the threads of a service are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    pub service: &'static str,
    pub profile: Option<String>,
    /// What else a command line has to say to reach them in the same way.
    pub flags: Vec<String>,
}

/// All profiles, and those in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    pub choices: Vec<Choice>,
    /// At most one entry for each service.
    pub reached: Vec<Reached>,
    /// The service that an id belongs to where several fit.
    pub preferred: Option<&'static str>,
}

impl Profiles {
    /// The profile by which a service is reached.
    pub fn in_use(&self, service: &str) -> Option<&str> {
        self.reached_by(service)?.profile.as_deref()
    }

    fn reached_by(&self, service: &str) -> Option<&Reached> {
        self.reached.iter().find(|reached| reached.service == service)
    }

    /// The words of a command line that reaches a service in the same way, behind the thread.
    pub fn words(&self, service: &str) -> Vec<String> {
        let Some(reached) = self.reached_by(service) else { return Vec::new() };
        let profile = reached.profile.iter().flat_map(|name| ["--profile".to_owned(), name.clone()]);
        profile.chain(reached.flags.iter().cloned()).collect()
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.choices.iter().map(|choice| choice.name.as_str())
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// A sentence (without its full stop) that names the nearest, or all.
    pub fn named(&self, name: &str) -> Result<&Choice, String> {
        self.choices.iter().find(|choice| choice.name == name).ok_or_else(|| self.no_profile(name))
    }

    fn no_profile(&self, name: &str) -> String {
        match nearest(name, self.names()) {
            Some(like) => format!("there is no profile {name}; did you mean {like}?"),
            None if self.choices.is_empty() => format!("there is no profile {name}: config.toml has none"),
            None => {
                let names: Vec<&str> = self.names().collect();
                format!("there is no profile {name}; there are: {}", names.join(", "))
            }
        }
    }

    /// From now on the profile's service is reached by it.
    pub fn choose(&mut self, choice: &Choice) {
        self.reached.retain(|reached| reached.service != choice.service);
        let profile = Some(choice.name.clone());
        self.reached.push(Reached { service: choice.service, profile, flags: Vec::new() });
        self.preferred = Some(choice.service);
    }
}

/// What to say of a thread that cannot be reached as it was before.
pub fn gone(profile: &str, instead: Option<&str>) -> String {
    let instead = instead.map_or_else(|| "without one".to_owned(), |name| format!("by {name}"));
    format!("the profile {profile}, by which it was opened before, is gone: it is asked for {instead}")
}

fn is_of(source: &Source, service: &str) -> bool {
    match source {
        Source::Thread(thread) => thread.service == service,
        Source::File(_) | Source::Stdin => false,
    }
}

/// What to say where there is nothing to choose.
pub const NO_PROFILES: &str =
    "there are no profiles in config.toml; unspool config sample shows what one looks like";

impl App {
    /// Opens the list.
    pub(super) fn ask_profile(&mut self) {
        let profiles = &self.prefs.profiles;
        if profiles.choices.is_empty() {
            self.say(NO_PROFILES);
            return;
        }
        let here = self.shown_thread().and_then(|thread| thread.service).or(profiles.preferred);
        let used = |name: &str, service: &'static str| {
            here == Some(service) && profiles.in_use(service) == Some(name)
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
        now: Stamp,
    ) -> Effects {
        let len = self.prefs.profiles.choices.len();
        if action == Action::Enter {
            let name = self.prefs.profiles.choices.get(selected).map(|choice| choice.name.clone());
            return name.map_or_else(Vec::new, |name| self.choose_profile(&name, now));
        }
        let area = self.page_area(WIDTH, self.profile_rows());
        let page = area.map_or(1, |page| usize::from(page.inner.height));
        if let Some(selected) = scroll::target(action, count, selected, len, page) {
            let offset = scroll::into_view(selected, offset, page, len);
            self.overlay = Some(Overlay::Profiles { selected, offset });
        }
        Vec::new()
    }

    /// From now on its service is reached by this profile. A thread of that service is asked for again, and what was
    /// shown of it goes: it is another place's.
    pub fn choose_profile(&mut self, name: &str, now: Stamp) -> Effects {
        let choice = match self.prefs.profiles.named(name) {
            Ok(choice) => choice.clone(),
            Err(reason) => {
                self.warn(reason);
                return Vec::new();
            }
        };
        let asked = self.loading.source.as_ref().or(self.thread.as_ref().map(|thread| &thread.source));
        let asked = asked.filter(|source| is_of(source, choice.service)).cloned();
        let mut effects = self.enter_profile(&choice);
        if let Some(source) = asked {
            effects.extend(self.open(source, Freshness::CachedFirst, now));
        }
        self.say(choice.told());
        effects
    }

    /// Its service is reached by it from now on. A thread on the screen that is another place's goes.
    fn enter_profile(&mut self, choice: &Choice) -> Effects {
        self.prefs.profiles.choose(choice);
        self.thread_box.preferred = Some(choice.service);
        if self.thread.as_ref().is_some_and(|thread| is_of(&thread.source, choice.service)) {
            self.thread = None;
            self.detail.forget();
        }
        vec![Effect::UseProfile { name: choice.name.clone() }]
    }

    /// Opens a thread by the profile that it was reached by before, which may be gone by now.
    pub(super) fn open_by(&mut self, source: Source, profile: &str, now: Stamp) -> Effects {
        let Source::Thread(thread) = &source else { return self.start_with(source, now) };
        let service = thread.service;
        if self.prefs.profiles.in_use(service) == Some(profile) {
            return self.start_with(source, now);
        }
        let choices = &self.prefs.profiles.choices;
        let choice =
            choices.iter().find(|choice| choice.name == profile && choice.service == service).cloned();
        let Some(choice) = choice else {
            let effects = self.start_with(source, now);
            let instead = self.prefs.profiles.in_use(service);
            self.warn(gone(profile, instead));
            return effects;
        };
        let mut effects = self.enter_profile(&choice);
        effects.extend(self.start_with(source, now));
        self.say(format!("profile {profile}, as when it was opened before"));
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Prefs;
    use crate::domain::ThreadRef;
    use crate::effect::Visit;

    fn app() -> App {
        let choice = |name: &str, service| Choice {
            name: name.to_owned(),
            service,
            place: format!("https://{name}.example"),
            ..Choice::default()
        };
        let choices = vec![choice("prod", "sgp"), choice("staging", "sgp"), choice("me", "camelai")];
        let profiles = Profiles { choices, ..Profiles::default() };
        App::new(Prefs { profiles, ..Prefs::default() }, 100, 30)
    }

    fn thread(service: &'static str) -> Source {
        Source::Thread(ThreadRef { service, id: "8c5e1a70".to_owned() })
    }

    #[test]
    fn choosing_one_asks_for_the_thread_again_where_it_leads() {
        let mut app = app();
        app.start_with(thread("sgp"), Stamp(0));
        let effects = app.choose_profile("staging", Stamp(0));
        assert!(matches!(&effects[0], Effect::UseProfile { name } if name == "staging"), "{effects:?}");
        assert!(matches!(&effects[1], Effect::Cancel(_)), "{effects:?}");
        assert!(matches!(&effects[2], Effect::Open { source, .. } if *source == thread("sgp")));
        assert_eq!(app.prefs.profiles.in_use("sgp"), Some("staging"));
        assert_eq!(app.prefs.profiles.words("sgp"), ["--profile", "staging"]);
    }

    #[test]
    fn a_thread_of_before_is_opened_by_its_profile_and_by_the_one_in_use_if_that_is_gone() {
        let mut app = app();
        app.choose_profile("prod", Stamp(0));
        app.start_with(thread("sgp"), Stamp(0));
        let visit = |profile: &str| Visit {
            typed: "sgp:8c5e1a71".to_owned(),
            title: "Lamp".to_owned(),
            service: "sgp".to_owned(),
            profile: Some(profile.to_owned()),
            at: None,
            note: String::new(),
        };
        app.thread_box.visits = ["staging", "prod", "old", "me"].map(visit).to_vec();
        let mut opens = |row| {
            let outcome = app.thread_box.pick(row);
            let effects = app.finish_box(outcome, Stamp(0));
            let opened = effects.iter().filter(|effect| matches!(effect, Effect::Open { .. })).count();
            assert_eq!(opened, 1, "{effects:?}");
            let entered = effects.iter().position(|effect| matches!(effect, Effect::UseProfile { .. }));
            let said = app.notice.take().map(|notice| notice.text).unwrap_or_default();
            (entered, said, app.prefs.profiles.in_use("sgp").map(str::to_owned))
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
    fn one_of_another_service_leaves_the_thread_alone() {
        let mut app = app();
        app.start_with(thread("sgp"), Stamp(0));
        let effects = app.choose_profile("me", Stamp(0));
        assert_eq!(effects.len(), 1, "{effects:?}");
        assert_eq!(app.thread_box.preferred, Some("camelai"));
        assert_eq!(app.prefs.profiles.in_use("sgp"), None);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let mut app = app();
        assert!(app.choose_profile("stagin", Stamp(0)).is_empty());
        assert_eq!(app.notice.unwrap().text, "there is no profile stagin; did you mean staging?");
    }

    #[test]
    fn the_command_line_knows_their_names() {
        let mut app = app();
        let effects = app.run_command("profile prod", Stamp(0));
        assert!(matches!(&effects[0], Effect::UseProfile { name } if name == "prod"));
        app.run_command("profile", Stamp(0));
        assert!(matches!(app.overlay, Some(Overlay::Profiles { selected: 0, .. })));
        app.overlay = None;
        app.prompt = Some(crate::app::prompt::Prompt::new(crate::app::prompt::Purpose::Command, "profile s"));
        assert_eq!(app.completions(), ["staging"]);
        app.complete_prompt();
        assert_eq!(app.prompt.unwrap().text(), "profile staging");
    }
}
