//! Filters of listed threads: `app:Support since:7d messages>10 refund`.

use super::parse::{self, Expression, FilterError};
use super::term::{Comparison, contains};
use super::vocabulary::{self, Vocabulary, lookup, parse_comparison, parse_count};
use crate::domain::{Applications, ListedThread, SavedState, Timestamp};
use crate::search::Finder;

/// A parsed filter of listed threads with its source text.
#[derive(Clone, Debug)]
pub struct ThreadFilter {
    source: String,
    expression: Expression<ThreadTerm>,
}

impl ThreadFilter {
    /// Parses an expression; an empty one matches everything. Ages are counted back from `now`.
    ///
    /// # Errors
    /// An invalid expression, with the closest valid term if one is unknown.
    pub fn new(source: &str, now: Timestamp) -> Result<Self, FilterError> {
        let expression = parse::parse(source, &ThreadVocabulary { now })?;
        Ok(Self { source: source.trim().to_owned(), expression })
    }

    /// The source text, trimmed.
    pub fn expression(&self) -> &str {
        &self.source
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression.is_empty()
    }

    /// Whether a thread matches. A field that the service did not send matches nothing.
    pub fn matches(&self, thread: &ListedThread, saved: SavedState, applications: &Applications) -> bool {
        let names = applications.names_of(thread);
        self.expression.evaluate(&|term| Some(term.matches(thread, saved, names))).unwrap_or(false)
    }

    /// Whether it depends on where threads are, which the library knows.
    pub fn needs_saved_state(&self) -> bool {
        self.expression.any(&|term| matches!(term, ThreadTerm::Place(..)))
    }
}

/// Where a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ThreadPlace {
    /// In the library.
    Saved,
    /// In the library, and changed on the service since.
    Changed,
    /// Only in the library.
    Gone,
}

impl ThreadPlace {
    fn has(self, saved: SavedState) -> bool {
        match self {
            Self::Saved => saved.is_saved(),
            Self::Changed => saved == SavedState::Changed,
            Self::Gone => saved == SavedState::OnlyHere,
        }
    }
}

/// A condition on a listed thread. Texts are in lower case.
#[derive(Clone, Debug)]
enum ThreadTerm {
    /// Part of the application's name, or its whole id.
    Application(String),
    Variant(String),
    User(String),
    /// The whole way in: UI, API, MCP.
    Source(String),
    Model(String),
    Id(String),
    Since(Timestamp),
    Before(Timestamp),
    Archived(bool),
    /// Whether the thread is in a place.
    Place(ThreadPlace, bool),
    Messages(Comparison, i64),
    /// In the title or the id.
    Text(Box<Finder>),
}

impl ThreadTerm {
    fn matches(&self, thread: &ListedThread, saved: SavedState, [application, variant]: [&str; 2]) -> bool {
        let has_part =
            |text: &Option<String>, part: &str| text.as_deref().is_some_and(|text| contains(text, part));
        let is_whole = |text: &Option<String>, whole: &str| {
            text.as_deref().is_some_and(|text| text.to_lowercase() == whole)
        };
        // A thread that never changed was last changed when it was created.
        let changed_at = thread.updated_at.or(thread.created_at);
        match self {
            Self::Application(part) => contains(application, part) || is_whole(&thread.application_id, part),
            Self::Variant(part) => contains(variant, part) || is_whole(&thread.variant_id, part),
            Self::User(part) => has_part(&thread.user, part),
            Self::Source(whole) => is_whole(&thread.origin, whole),
            Self::Model(part) => has_part(&thread.model, part),
            Self::Id(id) => thread.id.eq_ignore_ascii_case(id),
            Self::Since(time) => changed_at.is_some_and(|changed| changed >= *time),
            Self::Before(time) => changed_at.is_some_and(|changed| changed < *time),
            Self::Place(place, is_there) => place.has(saved) == *is_there,
            Self::Archived(is_archived) => thread.archived_at.is_some() == *is_archived,
            Self::Messages(comparison, limit) => {
                let count = thread.message_count.and_then(|count| i64::try_from(count).ok());
                count.is_some_and(|count| comparison.matches(count, *limit))
            }
            Self::Text(finder) => {
                [&thread.title, &thread.id].iter().any(|text| !finder.text_hits(text, 1).is_empty())
            }
        }
    }
}

/// The names of all terms.
const NAMES: &[&str] = &[
    "app", "variant", "user", "uid", "source", "model", "id", "since", "before", "archived", "saved",
    "changed", "gone", "messages", "re",
];

/// Other words for terms, and the term.
const SYNONYMS: &[(&str, &str)] = &[
    ("application", "app:"),
    ("spec", "app:"),
    ("creator", "user:"),
    ("owner", "user:"),
    ("origin", "source:"),
    ("after", "since:"),
    ("updated", "since:"),
    ("created", "since:"),
    ("date", "since:"),
    ("until", "before:"),
    ("kept", "saved:"),
    ("missing", "saved:no"),
    ("count", "messages>"),
];

const YES_OR_NO: &[(&str, bool)] = &[("yes", true), ("no", false), ("true", true), ("false", false)];

/// The terms of listed threads.
struct ThreadVocabulary {
    now: Timestamp,
}

impl Vocabulary for ThreadVocabulary {
    type Term = ThreadTerm;

    fn is_name(&self, name: &str) -> bool {
        NAMES.contains(&name)
    }

    fn unknown_term(&self, name: &str) -> FilterError {
        let lower = name.to_ascii_lowercase();
        let synonym = SYNONYMS.iter().find(|(word, _)| *word == lower).map(|(_, term)| (*term).to_owned());
        if synonym.is_none() && vocabulary::is_name(&lower) {
            return FilterError::NotForThreads { name: lower };
        }
        let similar = || vocabulary::similar_name(&lower, NAMES).map(|known| format!("{known}:"));
        vocabulary::unknown_term_error(name, synonym.or_else(similar), NAMES)
    }

    fn parse_text(&self, text: &str) -> Result<ThreadTerm, FilterError> {
        vocabulary::parse_finder(text).map(|finder| ThreadTerm::Text(Box::new(finder)))
    }

    fn parse_term(&self, name: &str, operator: &str, value: &str) -> Result<ThreadTerm, FilterError> {
        let Some(name) = NAMES.iter().find(|known| **known == name).copied() else {
            return Err(self.unknown_term(name));
        };
        let value = value.trim();
        if value.is_empty() {
            return Err(FilterError::MissingValue { name });
        }
        let comparison = parse_comparison(operator)
            .filter(|comparison| name == "messages" || *comparison == Comparison::Equal)
            .ok_or_else(|| FilterError::NoComparison { name, operator: operator.to_owned() })?;
        let lower = value.to_lowercase();
        let time = || parse_time(&lower, self.now).ok_or(FilterError::NotADate { name });
        let place =
            |name, place| lookup(name, YES_OR_NO, &lower).map(|is_there| ThreadTerm::Place(place, is_there));
        match name {
            "app" => Ok(ThreadTerm::Application(lower)),
            "variant" => Ok(ThreadTerm::Variant(lower)),
            "user" | "uid" => Ok(ThreadTerm::User(lower)),
            "source" => Ok(ThreadTerm::Source(lower)),
            "model" => Ok(ThreadTerm::Model(lower)),
            "id" => Ok(ThreadTerm::Id(value.to_owned())),
            "since" => time().map(ThreadTerm::Since),
            "before" => time().map(ThreadTerm::Before),
            "archived" => lookup("archived", YES_OR_NO, &lower).map(ThreadTerm::Archived),
            "saved" => place("saved", ThreadPlace::Saved),
            "changed" => place("changed", ThreadPlace::Changed),
            "gone" => place("gone", ThreadPlace::Gone),
            "re" => self.parse_text(&format!("re:{value}")),
            _ => parse_count(&lower)
                .map(|count| ThreadTerm::Messages(comparison, count))
                .ok_or(FilterError::NotANumber { name, example: "messages>10" }),
        }
    }
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A date or time in UTC, or an age: `2026-01-31`, `2026-01`, `2026`, `7d`, `today`.
pub fn parse_time(text: &str, now: Timestamp) -> Option<Timestamp> {
    let today = now.0.div_euclid(DAY).saturating_mul(DAY);
    match text {
        "today" => return Some(Timestamp(today)),
        "yesterday" => return Some(Timestamp(today.saturating_sub(DAY))),
        _ => {}
    }
    let units = [("min", DAY / 1440), ("h", DAY / 24), ("d", DAY), ("w", 7 * DAY), ("y", 365 * DAY)];
    let age = units.iter().find_map(|(unit, micros)| Some((text.strip_suffix(unit)?.trim_end(), *micros)));
    if let Some((number, micros)) = age {
        let count: i64 = number.parse().ok().filter(|count| *count >= 0)?;
        return Some(Timestamp(now.0.saturating_sub(count.saturating_mul(micros))));
    }
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        // A bare number would otherwise be one of seconds since 1970.
        [year] if year.len() == 4 => Timestamp::parse(&format!("{text}-01-01")),
        [_] => None,
        [_, _] => Timestamp::parse(&format!("{text}-01")),
        _ => Timestamp::parse(&text.to_uppercase()),
    }
}

/// Completions of the last word of a filter of threads.
pub fn thread_completions(expression: &str) -> Vec<String> {
    let words = [
        "app:",
        "variant:",
        "user:",
        "uid:",
        "source:",
        "model:",
        "id:",
        "since:7d",
        "since:today",
        "before:",
        "archived:yes",
        "archived:no",
        "saved:yes",
        "saved:no",
        "changed:yes",
        "changed:no",
        "gone:yes",
        "gone:no",
        "messages>",
    ];
    vocabulary::complete(expression, words.map(str::to_owned).to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{ListedApplication, ListedVariant};

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
    fn places_are_those_of_the_library() {
        let filter = |text: &str| ThreadFilter::new(text, NOW).unwrap();
        let matching = |text: &str| {
            let states = [
                SavedState::NotSaved,
                SavedState::Saved,
                SavedState::Changed,
                SavedState::OnlyHere,
                SavedState::Refused,
            ];
            let matches =
                |state: &SavedState| filter(text).matches(&thread(), *state, &Applications::default());
            states.into_iter().filter(matches).map(SavedState::sign).collect::<String>()
        };
        for (text, expected) in [
            ("saved:yes", "●↻⌂"),
            ("saved:no", "☁⊘"),
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
}
