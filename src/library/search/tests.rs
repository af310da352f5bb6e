use proptest::prelude::*;

use super::*;
use crate::domain::ListedThread;
use crate::library::{Account, BodyFacts, FetchedBody, SearchMode};

struct Fixture {
    _folder: tempfile::TempDir,
    library: Library,
    account: Account,
}

/// A library with threads of these messages, each a question and an answer.
fn fixture(threads: &[(&str, &[(&str, &str)])]) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("library")).unwrap();
    let mut fixture =
        Fixture { _folder: folder, library, account: Account::new("camelai", "https://h", None) };
    for (title, messages) in threads {
        fixture.keep(title, messages);
    }
    fixture.library.update_index(&mut |_| true).unwrap();
    fixture
}

fn everything(limit: usize) -> SearchOptions<'static> {
    SearchOptions { is_selected: &|_| true, is_stopped: &|| false, limit }
}

impl Fixture {
    fn keep(&mut self, title: &str, messages: &[(&str, &str)]) {
        let id =
            title.len().to_string() + &title.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let listed = ListedThread { id, title: title.to_owned(), ..ListedThread::default() };
        let messages: Vec<_> = messages
            .iter()
            .enumerate()
            .flat_map(|(index, (question, answer))| {
                [(2 * index, "user", question), (2 * index + 1, "assistant", answer)]
            })
            .map(|(id, role, content)| serde_json::json!({ "id": id, "role": role, "content": content }))
            .collect();
        let body = serde_json::json!({ "messages": messages }).to_string();
        let mut writer = self.library.start_body().unwrap();
        writer.write(body.as_bytes()).unwrap();
        let facts = BodyFacts { message_count: messages.len() as u64, ..BodyFacts::default() };
        let fetched = FetchedBody { body: writer.finish().unwrap(), facts, fetched_at: Timestamp(1) };
        self.library.keep(&self.account, &listed, fetched).unwrap();
    }

    fn hits(&self, text: &str) -> Vec<LibraryHit> {
        let query = LibraryQuery::parse(text, SearchMode::Whole, Timestamp(0)).unwrap();
        self.library.search(&query, &everything(50)).unwrap()
    }

    fn ids(&self, text: &str) -> Vec<String> {
        self.hits(text).into_iter().map(|hit| hit.message_id).collect()
    }
}

#[test]
fn words_phrases_identifiers_and_any_part_of_chinese_are_found() {
    let fixture = fixture(&[(
        "T",
        &[
            ("How long does a refund take?", "Two years; see `api_key` and gpt-4o."),
            ("中国人民の売上report", "naïve café, ＦＵＬＬ width"),
            ("สวัสดีครับ", "3f8a2c54-6e0b-4a19-b1f7-7c2d9e8a5b01"),
        ],
    )]);
    for (query, ids) in [
        ("refund", vec!["0"]),
        ("\"how long\"", vec!["0"]),
        ("long how", vec!["0"]),
        ("\"long how\"", vec![]),
        ("api_key", vec!["1"]),
        ("gpt-4o", vec!["1"]),
        ("国", vec!["2"]),
        ("民", vec!["2"]),
        ("国人", vec!["2"]),
        ("中国人民", vec!["2"]),
        ("国民", vec![]),
        ("売上", vec!["2"]),
        ("cafe", vec!["3"]),
        ("café", vec!["3"]),
        ("full", vec!["3"]),
        ("วัส", vec!["4"]),
        ("7c2d9e8a5b01", vec!["5"]),
        ("refund -long", vec![]),
        ("years role:user", vec![]),
        ("years role:assistant", vec!["1"]),
        ("ref*", vec!["0"]),
        ("ref", vec![]),
    ] {
        assert_eq!(fixture.ids(query), ids, "{query}");
    }
}

#[test]
fn hits_show_the_word_in_its_context_and_come_newest_first() {
    let long = format!("{} the refund\nis here {}", "before ".repeat(40), "after ".repeat(40));
    let fixture = fixture(&[("Old", &[("refund", "no")]), ("Refund of a lamp", &[(&long, "ok")])]);
    let hits = fixture.hits("refund");
    assert_eq!(
        hits.iter().map(|hit| hit.place).collect::<Vec<_>>(),
        [Place::User, Place::Title, Place::User]
    );
    let first = &hits[0];
    assert_eq!(first.snippet.get(first.hit.clone()), Some("refund"));
    assert!(first.snippet.starts_with('…') && first.snippet.ends_with('…') && !first.snippet.contains('\n'));
    assert_eq!((first.position, first.thread.listed.title.as_str()), (Some(0), "Refund of a lamp"));
    assert_eq!((hits[1].position, hits[1].hit.clone()), (None, 0..6));
}

#[test]
fn an_old_thread_that_is_indexed_later_stands_below_a_newer_one() {
    let mut fixture = fixture(&[]);
    for (title, changed_at) in [("September", 9), ("July", 7)] {
        fixture.keep(title, &[("lamp", "lamp")]);
        let id = title.len().to_string() + title;
        let listed = ListedThread { id, updated_at: Some(Timestamp(changed_at)), ..ListedThread::default() };
        fixture.library.record_listed(&fixture.account, &[listed]).unwrap();
        fixture.library.update_index(&mut |_| true).unwrap();
    }
    let titles: Vec<String> = fixture.hits("lamp").into_iter().map(|hit| hit.thread.listed.title).collect();
    assert_eq!(titles, ["September", "September", "July", "July"]);
}

#[test]
fn a_reference_finds_its_message_again_after_the_index_is_rebuilt() {
    let mut fixture = fixture(&[("T", &[("one", "two")])]);
    let reference = fixture.hits("two").remove(0).reference;
    fixture.library.connection.execute_batch("UPDATE thread SET indexed_revision = NULL").unwrap();
    fixture.library.update_index(&mut |_| true).unwrap();
    let number = parse_reference(&reference).unwrap();
    let (thread, message) = fixture.library.find_reference(number).unwrap().unwrap();
    assert_eq!((thread.listed.title.as_str(), message.as_str()), ("T", "1"));
    for wrong in ["u:", "u:xyz", "7f3a01bc22", "u:-123456789", "u:7f3a01bc221"] {
        assert_eq!(parse_reference(wrong), None, "{wrong}");
    }
}

#[test]
fn only_the_newest_revision_is_found_and_a_forgotten_thread_is_not() {
    let mut fixture = fixture(&[("T", &[("alpha", "beta")])]);
    fixture.keep("T", &[("gamma", "delta"), ("epsilon", "zeta")]);
    assert_eq!(fixture.library.unindexed_count().unwrap(), 1);
    fixture.library.update_index(&mut |_| true).unwrap();
    assert!(fixture.ids("alpha").is_empty());
    let hit = fixture.hits("zeta").remove(0);
    fixture.library.forget(&[hit.thread], Timestamp(1)).unwrap();
    assert!(fixture.ids("zeta").is_empty() && fixture.ids("T").is_empty());
}

#[test]
fn an_index_that_was_interrupted_goes_on() {
    let mut fixture = fixture(&[]);
    for title in ["A", "BB", "CCC"] {
        fixture.keep(title, &[("word", "word")]);
    }
    assert_eq!(fixture.library.update_index(&mut |done| done < 1).unwrap(), 1);
    assert_eq!(fixture.library.unindexed_count().unwrap(), 2);
    assert_eq!(fixture.library.update_index(&mut |_| true).unwrap(), 2);
    assert_eq!(fixture.hits("word").len(), 6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any stretch of a text, cut at its words, is found as a phrase.
    #[test]
    fn a_stretch_of_a_text_is_found(
        words in proptest::collection::vec("[a-z]{1,6}|[一-龥]{1,4}|[ก-ฮ]{2,4}|[0-9]{1,4}|[а-я]{1,5}", 3..12),
        start in 0usize..8,
        length in 1usize..4,
    ) {
        let text = words.join(" ");
        let fixture = fixture(&[("T", &[(&text, "x")])]);
        let start = start.min(words.len() - 1);
        let end = (start + length).min(words.len());
        let stretch = words.get(start..end).unwrap().join(" ");
        let query = format!("\"{stretch}\"");
        prop_assert!(!fixture.ids(&query).is_empty(), "{} in {}", query, text);
    }

    #[test]
    fn no_input_is_an_error_of_the_index(text in "\\PC{0,40}") {
        let fixture = fixture(&[]);
        if let Ok(query) = LibraryQuery::parse(&text, SearchMode::Typing, Timestamp(0)) {
            prop_assert!(fixture.library.search(&query, &everything(5)).is_ok(), "{}", text);
        }
    }
}
