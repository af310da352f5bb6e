use proptest::prelude::*;

use super::*;
use crate::domain::{ListedApplication, ListedVariant, Note, NotePlace};

/// 2026-11-30T09:00:00Z.
const NOW: Timestamp = Timestamp(1_796_029_200_000_000);

fn thread() -> ListedThread {
    ListedThread {
        id: "c000-4471".to_owned(),
        title: "Lamp **order** and warranty".to_owned(),
        application_id: Some("spec-1".to_owned()),
        variant_id: Some("V-3".to_owned()),
        user: Some("Ana@example.com".to_owned()),
        origin: Some("API".to_owned()),
        model: Some("sonnet-4.5".to_owned()),
        created_at: Timestamp::parse("2026-11-01T00:00:00Z"),
        updated_at: Timestamp::parse("2026-11-24T12:00:00Z"),
        archived_at: None,
        message_count: Some(17),
    }
}

fn matches(filter: &str, thread: &ListedThread) -> bool {
    let mut applications = Applications::default();
    applications.add_applications(vec![ListedApplication {
        id: "spec-1".to_owned(),
        name: "Support assistant".to_owned(),
        ..ListedApplication::default()
    }]);
    applications.add_variants(vec![ListedVariant {
        id: "V-3".to_owned(),
        name: "RAG v3".to_owned(),
        ..ListedVariant::default()
    }]);
    ThreadFilter::new(filter, NOW).unwrap().matches(thread, SavedState::Changed, &applications)
}

#[test]
fn each_kind_of_term_matches_or_not() {
    for yes in [
        "",
        "app:support",
        "app:SPEC-1",
        "app:\"Support assistant\"",
        "variant:rag",
        "variant:v-3",
        "user:ana",
        "uid:ANA",
        "source:api",
        "model:sonnet",
        "id:C000-4471",
        "since:7d",
        "since:2026-11-24",
        "since:2026-11",
        "since:2026",
        "since:2026-11-24T12:00:00Z",
        "since:1w",
        "since: 300h",
        "before:today",
        "before:2026-11-25",
        "before:5d",
        "archived:no",
        "messages>16",
        "messages:17",
        "messages <= 17",
        "lamp warranty",
        "4471",
        "\"lamp order\"",
        "re:^lamp",
        "!archived:yes",
        "(app:other OR user:ana) since:2026-01-01 lamp",
    ] {
        assert!(matches(yes, &thread()), "{yes}");
    }
    for no in [
        "app:other",
        "app:spec",
        "variant:v-",
        "user:bob",
        "source:ap",
        "model:gpt",
        "id:c000",
        "since:5d",
        "since:today",
        "since:2026-11-25",
        "before:2026-11-24",
        "before:7d",
        "archived:yes",
        "messages>17",
        "messages<1",
        "refund",
        "lamp refund",
        "Lamp Refund",
        "ana",
    ] {
        assert!(!matches(no, &thread()), "{no}");
    }
}

#[test]
fn application_of_the_variant_counts_for_a_thread_without_its_own() {
    let mut applications = Applications::default();
    applications.add_variants(vec![ListedVariant {
        id: "V-3".to_owned(),
        application_id: Some("spec-1".to_owned()),
        ..ListedVariant::default()
    }]);
    let thread = ListedThread { application_id: None, ..thread() };
    let matches = |filter: &str| {
        ThreadFilter::new(filter, NOW).unwrap().matches(&thread, SavedState::NotSaved, &applications)
    };
    assert!(matches("app:spec-1"));
    assert!(!matches("app:spec-2"));
}

#[test]
fn places_are_those_of_the_library() {
    let filter = |text: &str| ThreadFilter::new(text, NOW).unwrap();
    let matching = |text: &str| {
        let states = [
            SavedState::NotSaved,
            SavedState::Read,
            SavedState::Saved,
            SavedState::Changed,
            SavedState::Gone,
            SavedState::Refused,
        ];
        let matches = |state: &SavedState| filter(text).matches(&thread(), *state, &Applications::default());
        states.into_iter().filter(matches).map(SavedState::symbol).collect::<String>()
    };
    for (text, expected) in [
        ("saved:yes", "●↻⌂"),
        ("saved:no", "☁○⊘"),
        ("read:yes", "○"),
        ("changed:yes", "↻"),
        ("gone:yes", "⌂"),
        ("saved:yes gone:no changed:no", "●"),
        ("gone:yes OR changed:true", "↻⌂"),
    ] {
        assert_eq!(matching(text), expected, "{text}");
        assert!(filter(text).needs_saved_state());
    }
    assert!(!filter("since:7d lamp").needs_saved_state());
    assert!(ThreadFilter::new("saved:maybe", NOW).is_err());
}

#[test]
fn noted_finds_threads_with_notes_on_any_of_their_messages() {
    let note = |span: Option<&str>, text: &str| Note {
        place: NotePlace { message_id: "m".to_owned(), span_id: span.map(str::to_owned) },
        text: text.to_owned(),
        ..Note::default()
    };
    let notes = |all: &[(&str, &str)]| {
        let mut notes = AccountNotes::default();
        all.iter().for_each(|(id, text)| notes.add((*id).to_owned(), note(Some("s"), text)));
        Arc::new(notes)
    };
    let id = "c000-4471";
    for (text, all, expected) in [
        ("noted:yes", &[][..], false),
        ("noted:no", &[], true),
        ("noted:yes", &[("other", "x")], false),
        ("noted:yes", &[(id, "")], true),
        ("NOTED:No", &[(id, "")], false),
        ("noted:policy", &[(id, "first"), (id, "Wrong Policy")], true),
        ("noted:\"wrong policy\" lamp", &[(id, "Wrong Policy")], true),
        ("noted:refund", &[(id, "Wrong Policy")], false),
        ("noted:refund OR user:ana", &[(id, "Wrong Policy")], true),
    ] {
        let filter = ThreadFilter::new(text, NOW).unwrap();
        assert!(filter.uses_notes(), "{text}");
        let filter = filter.with_notes(notes(all));
        assert_eq!(
            filter.matches(&thread(), SavedState::Saved, &Applications::default()),
            expected,
            "{text}"
        );
    }
    for text in ["\"noted:yes\"", "lamp", "id:noted"] {
        assert!(!ThreadFilter::new(text, NOW).unwrap().uses_notes(), "{text}");
    }
    assert!(ThreadFilter::new("noted:", NOW).is_err() && ThreadFilter::new("noted>1", NOW).is_err());
}

#[test]
fn fields_that_were_not_sent_match_nothing() {
    let bare = ListedThread { id: "x".to_owned(), ..ListedThread::default() };
    for filter in [
        "user:a",
        "source:api",
        "model:x",
        "since:2020",
        "before:2030",
        "messages>=0",
        "messages<5",
        "archived:yes",
    ] {
        assert!(!matches(filter, &bare), "{filter}");
    }
    assert!(matches("archived:no", &bare));
    let created = ListedThread { created_at: thread().created_at, ..bare };
    assert!(matches("since:2026-11-01 before:2026-11-02", &created));
}

#[test]
fn mistakes_are_explained() {
    let error = |filter: &str| ThreadFilter::new(filter, NOW).unwrap_err().to_string();
    assert_eq!(error("application:x"), "Unknown filter \"application:\". Did you mean \"app:\"?");
    assert_eq!(error("varaint:x"), "Unknown filter \"varaint:\". Did you mean \"variant:\"?");
    assert_eq!(error("bookmark:x"), "Unknown filter \"bookmark:\". Did you mean \"noted:\"?");
    for unfinished in ["lamp OR", "lamp and", "not"] {
        assert!(error(unfinished).starts_with("The filter ends with an operator"), "{unfinished}");
    }
    assert_eq!(error("role:user"), "\"role:\" filters messages, not the list of threads");
    assert_eq!(
        error("since:soon"),
        "\"since:\" needs a date or an age, such as since:2026-01-31 or since:7d"
    );
    assert_eq!(
        error("archived:maybe"),
        "Unknown value \"maybe\" for \"archived:\". Use yes, no, true, false."
    );
    for invalid in [
        "since:7",
        "since:-3d",
        "since:d",
        "before:2026-13-01",
        "since>7d",
        "messages>many",
        "app:",
        "(x",
        "zzz:1",
        "since:7m",
    ] {
        assert!(ThreadFilter::new(invalid, NOW).is_err(), "{invalid}");
    }
}

#[test]
fn completions_offer_names_then_values() {
    assert_eq!(thread_completions("app:x (si"), ["since:"]);
    assert_eq!(thread_completions("since:t"), ["since:today"]);
    assert!(thread_completions("").contains(&"messages>".to_owned()));
}

proptest! {
    #[test]
    fn parsing_never_panics(source in "(\\PC{0,4}|since|before|messages|[:<>=()!\" ]|[0-9]{0,20}[dhwy]|-){0,12}") {
        if let Ok(filter) = ThreadFilter::new(&source, NOW) {
            let _ = filter.matches(&thread(), SavedState::Saved, &Applications::default());
        }
        let _ = thread_completions(&source);
    }
}
