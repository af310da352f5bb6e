//! The list of profiles, and the switch to another one. The application state has only descriptions of profiles, never a
//! key; the tasks resolve keys. Drawn by `ui/profiles`.

use crate::app::{App, Effects, Notice, Overlay};
use crate::config::{LinkAccess, ProfileChoice, Profiles, link_host_warning, link_profile_notice};
use crate::domain::{Source, Timestamp};
use crate::effect::{Effect, Freshness};

/// The maximum number of columns inside the page.
pub const MAX_WIDTH: u16 = 110;

/// Returns the notice for a thread whose last profile no longer exists; `active` is the profile used instead.
pub fn missing_profile_notice(profile: &str, active: Option<&str>) -> String {
    let active = active.unwrap_or("no profile");
    format!("Profile {profile}, used last time, no longer exists; using {active}")
}

pub(super) fn belongs_to_service(source: &Source, service: &str) -> bool {
    source.thread().is_some_and(|thread| thread.service == service)
}

/// The change of profile before a thread is opened, and the notice about it.
#[derive(Debug, Default)]
struct ProfileSwitch {
    choice: Option<ProfileChoice>,
    notice: Option<Notice>,
}

impl ProfileSwitch {
    /// Returns the switch to the profile of the last visit. If it no longer exists, the active one stays.
    fn for_visit(profiles: &Profiles, source: &Source, name: &str) -> Self {
        let Source::Thread(thread) = source else { return Self::default() };
        let active = profiles.active_profile(thread.service);
        if active == Some(name) {
            return Self::default();
        }
        let is_wanted = |choice: &&ProfileChoice| choice.name == name && choice.service == thread.service;
        let choice = profiles.choices.iter().find(is_wanted).cloned();
        let notice = match choice {
            Some(_) => Notice::plain(format!("Using profile {name}, as last time")),
            None => Notice::warning(missing_profile_notice(name, active)),
        };
        Self { choice, notice: Some(notice) }
    }

    /// Returns the switch to the profile for the host of a link. If there is none, the notice names the host that gets the
    /// request.
    fn for_link(profiles: &Profiles, source: &Source, host: &str) -> Self {
        let Source::Thread(thread) = source else { return Self::default() };
        match profiles.access_for_link(thread.service, host) {
            LinkAccess::Active => Self::default(),
            LinkAccess::Profile(choice) => Self {
                notice: Some(Notice::plain(link_profile_notice(&choice.name, host))),
                choice: Some(choice.clone()),
            },
            LinkAccess::Unknown { base_url } => {
                Self { choice: None, notice: Some(Notice::warning(link_host_warning(host, base_url))) }
            }
        }
    }
}

/// The notice that replaces an empty list.
pub const NO_PROFILES_NOTICE: &str = "No profiles in config.toml; see unspool config sample";

impl App {
    /// Opens the list with the active profile of the shown service selected.
    pub(super) fn open_profile_list(&mut self) {
        let profiles = &self.prefs.profiles;
        if profiles.choices.is_empty() {
            self.notify(NO_PROFILES_NOTICE);
            return;
        }
        let service =
            self.loading.shown_thread().and_then(|thread| thread.service).or(profiles.preferred_service);
        let active = service.and_then(|service| profiles.active_profile(service));
        let is_active =
            |choice: &ProfileChoice| service == Some(choice.service) && active == Some(choice.name.as_str());
        let selected = profiles.choices.iter().position(is_active);
        self.overlay = Some(Overlay::Profiles { selected: selected.unwrap_or(0), offset: 0 });
    }

    /// Activates a profile for its service. A thread of that service is fetched again with it.
    pub fn switch_profile(&mut self, name: &str, now: Timestamp) -> Effects {
        let choice = match self.prefs.profiles.named(name) {
            Ok(choice) => choice.clone(),
            Err(reason) => {
                self.warn(reason);
                return Vec::new();
            }
        };
        let source =
            self.loading.source.as_ref().or(self.loading.thread.as_ref().map(|thread| &thread.source));
        let source = source.filter(|source| belongs_to_service(source, choice.service)).cloned();
        let mut effects = self.activate_profile(&choice);
        if let Some(source) = source {
            effects.extend(self.open(source, Freshness::CacheFirst, now));
        }
        self.notify(choice.describe());
        effects
    }

    /// Activates a profile. A shown thread of its service is closed: it may belong to another server or account.
    fn activate_profile(&mut self, choice: &ProfileChoice) -> Effects {
        self.prefs.profiles.activate(choice);
        self.thread_box.preferred_service = Some(choice.service);
        if self.loading.close_thread_of(choice.service) {
            self.detail.clear();
        }
        let mut effects = self.browse.forget(choice.service);
        effects.push(Effect::UseProfile { name: choice.name.clone() });
        effects
    }

    /// Opens a thread with the profile of its last visit, if that still exists.
    pub(super) fn open_with_profile(&mut self, source: Source, profile: &str, now: Timestamp) -> Effects {
        let switch = ProfileSwitch::for_visit(&self.prefs.profiles, &source, profile);
        self.open_after_switch(source, switch, now)
    }

    /// Opens the thread of a link to `host`, with the profile for that host.
    pub(super) fn open_link(&mut self, source: Source, host: &str, now: Timestamp) -> Effects {
        let switch = ProfileSwitch::for_link(&self.prefs.profiles, &source, host);
        self.open_after_switch(source, switch, now)
    }

    fn open_after_switch(&mut self, source: Source, switch: ProfileSwitch, now: Timestamp) -> Effects {
        let mut effects = switch.choice.map(|choice| self.activate_profile(&choice)).unwrap_or_default();
        effects.extend(self.open_and_focus(source, now));
        self.notice = switch.notice.or(self.notice.take());
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
        Source::Thread(ThreadRef::new(service, "8c5e1a70"))
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
        let recent_thread = |profile: &str| RecentThread {
            input: "sgp:8c5e1a71".to_owned(),
            title: "Lamp".to_owned(),
            service: "sgp".to_owned(),
            profile: Some(profile.to_owned()),
            opened_at: None,
            note: String::new(),
            place: None,
        };
        app.thread_box.set_recent_threads(["staging", "prod", "old", "me"].map(recent_thread).to_vec());
        let mut opens = |row| {
            let outcome = app.thread_box.open_row(row);
            let effects = app.apply_box_outcome(outcome, Timestamp(0));
            let opened = effects.iter().filter(|effect| matches!(effect, Effect::Open { .. })).count();
            assert_eq!(opened, 1, "{effects:?}");
            let activated = effects.iter().position(|effect| matches!(effect, Effect::UseProfile { .. }));
            let text = app.notice.take().map(|notice| notice.text).unwrap_or_default();
            (activated, text, app.prefs.profiles.active_profile("sgp").map(str::to_owned))
        };
        let by = |name: &str| Some(name.to_owned());
        assert_eq!(opens(0), (Some(0), "Using profile staging, as last time".to_owned(), by("staging")));
        assert_eq!(opens(0), (None, String::new(), by("staging")));
        assert_eq!(opens(1).2, by("prod"));
        let (activated, text, active) = opens(2);
        assert_eq!((activated, active), (None, by("prod")));
        assert!(text.contains("old") && text.ends_with("using prod"), "{text}");
        assert_eq!(opens(3).0, None, "a profile of that name, but of the other service");
    }

    #[test]
    fn a_pasted_link_opens_with_the_profile_of_its_host() {
        let mut app = app();
        app.switch_profile("prod", Timestamp(0));
        let mut open = |host: &str| {
            app.focus_thread_box();
            app.thread_box.paste(&format!("https://{host}/threads/8c5e1a70"));
            let outcome = app.thread_box.on_key(crate::keymap::Chord::plain(crate::keymap::Key::Enter));
            let effects = app.apply_box_outcome(outcome, Timestamp(0));
            assert!(effects.iter().any(|effect| matches!(effect, Effect::Open { .. })), "{effects:?}");
            let text = app.notice.take().map(|notice| notice.text).unwrap_or_default();
            (text, app.prefs.profiles.active_profile("sgp").map(str::to_owned).unwrap_or_default())
        };
        assert_eq!(open("prod.example"), (String::new(), "prod".to_owned()));
        let (text, active) = open("staging.example");
        assert_eq!(
            (text.as_str(), active.as_str()),
            ("Using profile staging, which is for staging.example", "staging")
        );
        let (text, active) = open("elsewhere.example");
        assert!(text.contains("elsewhere.example") && text.contains("https://staging.example"), "{text}");
        assert_eq!(active, "staging");
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
        assert_eq!(app.notice.unwrap().text, "unknown profile stagin; did you mean staging?");
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
        assert_eq!(
            app.palette().iter().map(|row| row.line.as_str()).collect::<Vec<_>>(),
            ["profile staging"]
        );
    }
}
