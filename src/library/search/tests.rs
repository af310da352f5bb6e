mod recall;

use proptest::prelude::*;

use super::*;
use crate::domain::ListedThread;
use crate::library::{Account, BodyFacts, FetchedBody, SearchMode};

pub(super) struct Fixture {
    folder: tempfile::TempDir,
    pub(super) library: Library,
    account: Account,
}

/// Returns a library with threads of these messages, each a question and an answer.
pub(super) fn fixture(threads: &[(&str, &[(&str, &str)])]) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(&folder.path().join("library")).unwrap();
    let mut fixture = Fixture { folder, library, account: Account::new("camelai", "https://h", None) };
    for (title, messages) in threads {
        fixture.keep(title, messages);
    }
    fixture.library.update_index(&mut |_| true).unwrap();
    fixture
}

pub(super) fn everything(limit: usize) -> SearchOptions<'static> {
    SearchOptions {
        is_selected: &|_| true,
        required_terms: &[],
        is_stopped: &|| false,
        limit,
        extent: HitExtent::All,
    }
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
        self.keep_body(&listed, &body, messages.len());
    }

    fn keep_body(&mut self, listed: &ListedThread, body: &str, message_count: usize) {
        let mut writer = self.library.start_body().unwrap();
        writer.write(body.as_bytes()).unwrap();
        let facts = BodyFacts { message_count: message_count as u64, ..BodyFacts::default() };
        let fetched = FetchedBody { body: writer.finish().unwrap(), facts, fetched_at: Timestamp(1) };
        self.library.keep(&self.account, listed, fetched).unwrap();
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
fn symbols_are_found_alone_and_next_to_words() {
    let fixture = fixture(&[("A", &[("Thanks 👍", "a => b"), ("Thanks", "a -> b 👎")])]);
    assert_eq!(fixture.ids("👍"), ["0"]);
    assert_eq!(fixture.ids("thanks 👍"), ["0"]);
    assert_eq!(fixture.ids("a =>"), ["1"]);
    assert_eq!(fixture.ids("\"->\""), ["3"]);
    assert!(fixture.ids("thanks 👎").is_empty());
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
fn hits_show_the_word_in_its_context_newest_first() {
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
fn of_each_thread_the_newest_message_is_found_and_no_title() {
    let many: Vec<(&str, &str)> = vec![("a refund", "the refund"); 30];
    let fixture =
        fixture(&[("Refund", &[("no", "word")]), ("Old", &[("refund", "yes")]), ("Long refund", &many)]);
    for (text, mode) in [("refund", SearchMode::Whole), ("refun", SearchMode::Typing)] {
        let query = LibraryQuery::parse(text, mode, Timestamp(0)).unwrap();
        let options = SearchOptions { extent: HitExtent::NewestMessage, ..everything(10) };
        let hits = fixture.library.search(&query, &options).unwrap();
        let found: Vec<_> = hits.iter().map(|hit| (hit.thread.listed.title.as_str(), hit.position)).collect();
        assert_eq!(found, [("Long refund", Some(59)), ("Old", Some(0))], "{text}");
        let options = SearchOptions { limit: 1, ..options };
        assert_eq!(fixture.library.search(&query, &options).unwrap().len(), 1);
    }
}

#[test]
fn an_old_thread_that_is_indexed_later_is_below_a_newer_one() {
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
fn the_first_letter_of_a_word_finds_titles() {
    let fixture = fixture(&[("Alpha", &[("beta", "gamma")]), ("Very blue", &[("alpha", "x")])]);
    let typed = |text| {
        let query = LibraryQuery::parse(text, SearchMode::Typing, Timestamp(0)).unwrap();
        let hits = fixture.library.search(&query, &everything(50)).unwrap();
        hits.into_iter().map(|hit| (hit.thread.listed.title, hit.position)).collect::<Vec<_>>()
    };
    assert_eq!(typed("a"), [("Alpha".to_owned(), None)]);
    assert_eq!(typed("B"), [("Very blue".to_owned(), None)]);
    assert_eq!(typed("g"), []);
    // Beside another word, it narrows nothing yet.
    assert_eq!(typed("alpha z").len(), 2);
    assert_eq!(typed("alpha -a").len(), 2);
    // Titles are not messages of the user.
    assert_eq!(typed("role:user a"), []);
    assert_eq!(typed("role:title a"), [("Alpha".to_owned(), None)]);
}

#[test]
fn a_long_beginning_finds_the_same_with_many_and_with_few_candidates() {
    let word = |index: usize| if index % 400 == 7 { "reform" } else { "refund" };
    let texts: Vec<String> = (0..1500).map(|index| format!("{} {index}", word(index))).collect();
    let messages: Vec<(&str, &str)> = texts.iter().map(|text| (text.as_str(), "ok")).collect();
    let fixture = fixture(&[("T", &messages)]);
    let typed = |text, limit| {
        let query = LibraryQuery::parse(text, SearchMode::Typing, Timestamp(0)).unwrap();
        let hits = fixture.library.search(&query, &everything(limit)).unwrap();
        hits.into_iter().map(|hit| hit.message_id).collect::<Vec<_>>()
    };
    assert_eq!(typed("refor", 10), ["2414", "1614", "814", "14"]);
    assert_eq!(typed("refun", 3), ["2998", "2996", "2994"]);
    assert_eq!(typed("refund 1499", 3), ["2998"]);
    assert!(typed("refx", 3).is_empty());
}

#[test]
fn a_role_selects_the_side_of_a_turn_that_has_the_word() {
    let mut fixture = fixture(&[]);
    fixture.account = Account::new("sgp", "https://h", None);
    let turn = serde_json::json!({ "entry": {
        "id": "1",
        "input": { "query": "Where is the lamp?" },
        "output": { "response": "The parcel is on its way." },
    } });
    let listed =
        ListedThread { id: "order".to_owned(), title: "Order".to_owned(), ..ListedThread::default() };
    fixture.keep_body(&listed, &serde_json::json!({ "messages": [turn] }).to_string(), 1);
    fixture.library.update_index(&mut |_| true).unwrap();
    for (query, hits) in [
        ("lamp role:user", 1),
        ("lamp role:assistant", 0),
        ("parcel role:assistant", 1),
        ("parcel role:user", 0),
        ("lamp parcel", 1),
        ("lamp parcel role:user", 0),
        ("lamp parcel role:user role:assistant", 1),
        ("\"lamp the\"", 0),
        ("order role:title", 1),
        ("lamp role:title", 0),
    ] {
        assert_eq!(fixture.ids(query).len(), hits, "{query}");
    }
}

#[test]
fn punctuation_around_a_word_of_the_query_hides_no_hit() {
    let fixture = fixture(&[("T", &[("How long does a refund take", "x")])]);
    for query in ["refund?", "(refund", "\"a refund,\""] {
        let hit = fixture.hits(query).remove(0);
        assert!(
            hit.snippet.get(hit.hit.clone()).is_some_and(|text| text.ends_with("refund")),
            "{query}: {hit:?}"
        );
    }
}

#[test]
fn an_index_of_an_earlier_version_is_made_again() {
    let fixture = fixture(&[("T", &[("alpha", "beta")])]);
    let tables = "DROP TABLE cache_file; DROP TABLE words; DROP INDEX message_title; PRAGMA user_version = 2;
        CREATE VIRTUAL TABLE words USING fts5(title, user, assistant, tools, feedback, content='', contentless_delete=1);";
    fixture.library.connection.execute_batch(tables).unwrap();
    let folder = fixture.library.folder().to_owned();
    let mut library = Library::open(&folder).unwrap();
    assert_eq!(library.unindexed_count().unwrap(), 1);
    library.update_index(&mut |_| true).unwrap();
    let query = LibraryQuery::parse("beta", SearchMode::Whole, Timestamp(0)).unwrap();
    assert_eq!(library.search(&query, &everything(5)).unwrap().len(), 1);
}

#[test]
fn an_interrupted_index_update_continues() {
    let mut fixture = fixture(&[]);
    for title in ["A", "BB", "CCC"] {
        fixture.keep(title, &[("word", "word")]);
    }
    assert_eq!(fixture.library.update_index(&mut |done| done < 1).unwrap(), 1);
    assert_eq!(fixture.library.unindexed_count().unwrap(), 2);
    assert_eq!(fixture.library.update_index(&mut |_| true).unwrap(), 2);
    assert_eq!(fixture.hits("word").len(), 6);
}

#[test]
fn numbers_and_regular_expressions_select_and_everything_is_counted() {
    let fixture = fixture(&[
        ("T", &[("order 4471 is late", "sorry"), ("order four", "order 17")]),
        ("UU", &[("Order\n4471", "refund order 4471")]),
    ]);
    for (query, ids) in [
        ("re:order\\s\\d+", vec!["0", "3", "0", "1"]),
        ("re:^order", vec!["0", "2", "3", "0"]),
        ("refund re:\\d{4}", vec!["1"]),
        ("re:order role:assistant", vec!["3", "1"]),
        ("re:\"is late\"", vec!["0"]),
        ("duration>1s order", vec![]),
        ("order cost<1 tokens>5", vec![]),
    ] {
        let mut found = fixture.ids(query);
        let mut expected: Vec<String> = ids.into_iter().map(str::to_owned).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{query}");
        let parsed = LibraryQuery::parse(query, SearchMode::Whole, Timestamp(0)).unwrap();
        let count = fixture.library.count_hits(&parsed, &everything(50)).unwrap();
        assert_eq!((count.messages, count.is_cut), (expected.len(), false), "{query}");
    }
    let order = LibraryQuery::parse("order", SearchMode::Whole, Timestamp(0)).unwrap();
    let count = fixture.library.count_hits(&order, &everything(4)).unwrap();
    assert_eq!(count, HitCount { messages: 4, threads: 2, is_cut: true });
    assert_eq!(fixture.library.matching_threads(&order, &everything(1)).unwrap().len(), 2);
}

#[test]
fn a_preview_has_the_lines_around_the_hit() {
    let long = format!("{}\nthe refund\n{}", "before ".repeat(400), "after ".repeat(400));
    let fixture = fixture(&[("T", &[(&long, "no")])]);
    let hit = fixture.hits("refund").remove(0);
    assert_eq!(hit.preview.get(hit.preview_hit.clone()), Some("refund"));
    assert!(hit.preview.contains("\nthe refund\n") && hit.preview.len() < 2600);
}

#[test]
fn a_regular_expression_that_matches_a_whole_message_shows_its_start() {
    let long = "word ".repeat(4000);
    let hit = fixture(&[("T", &[(&long, "no")])]).hits("re:word.*").remove(0);
    assert!(hit.hit.len() <= 400 && hit.preview_hit.len() <= 400 && hit.preview.len() < 4000, "{hit:?}");
}

const TURN: &str = r#"{"id": "c1", "messages": [{"entry": {"id": "e1", "input": {"query": "How long?"},
    "output": {"response": "Two weeks"}, "start_timestamp": "2026-09-01T09:00:01Z", "duration_ms": 6200,
    "operation_metadata": {"usage": {"total_tokens": 2500}, "cost": 0.5}},
    "spans": [{"id": "s1", "node_id": "Find Docs", "operation_type": "KB_RETRIEVAL",
    "operation_output": {"chunks": [{"text": "an old\npolicy of 2024 says sixty days"}]}},
    {"id": "s2", "node_id": "answer", "operation_type": "COMPLETION", "operation_input": {"prompt": "{\"policy\": 1}"}}]}]}"#;

#[test]
fn payloads_are_found_where_the_index_has_none() {
    let mut fixture = fixture(&[]);
    fixture.account = Account::new("sgp", "https://h", Some("acc"));
    fixture.keep_body(&ListedThread { id: "c1".to_owned(), ..ListedThread::default() }, TURN, 1);
    fixture.library.update_index(&mut |_| true).unwrap();
    assert!(fixture.ids("policy").is_empty());
    let search = |text: &str, limit: usize| {
        let query = LibraryQuery::parse(text, SearchMode::Whole, Timestamp(0)).unwrap();
        let mut hits = Vec::new();
        let end =
            search_payloads(&fixture.library, &query, &everything(limit), &mut |_, found| hits.extend(found));
        assert_eq!(end.unwrap().hits, hits.len(), "{text}");
        hits
    };
    let hits = search("policy", 50);
    let spans: Vec<_> = hits.iter().map(|hit| hit.span_id.as_deref().unwrap()).collect();
    assert_eq!((spans, hits[0].message_id.as_str(), hits[0].place), (vec!["s1", "s2"], "e1", Place::Payload));
    assert_eq!(hits[0].snippet.get(hits[0].hit.clone()), Some("policy"));
    assert!(!hits[0].snippet.contains('\n') && hits[0].preview.contains("old\npolicy"));
    assert_eq!(search("policy", 1).len(), 1);
    assert_eq!(search("policy sixty", 50).len(), 1);
    assert_eq!(search("re:polic.\\sof", 50).len(), 1);
    assert_eq!(search("policy tokens>2k duration>6s", 50).len(), 2);
    assert!(search("policy tokens>3k", 50).is_empty() && search("weeks", 50).is_empty());
    // The same number names the message as in the index.
    assert_eq!(hits[0].reference, fixture.hits("weeks").remove(0).reference);
}

#[test]
fn no_five_words_of_a_forgotten_thread_are_left_in_any_file() {
    let words = ["zyzzyva", "quokkaish", "brobdingnag", "中国人民万岁", "xenolithic"];
    let question = words.join(" and ");
    let mut fixture =
        fixture(&[("Secret title", &[(&question, "plain answer")]), ("Other", &[("lamp", "x")])]);
    let kept = fixture.hits("zyzzyva").remove(0).thread;
    fixture.library.forget(&[kept], Timestamp(1)).unwrap();
    let mut folders = vec![fixture.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            for word in words.into_iter().chain(["Secret title"]) {
                let found = memchr::memmem::find(&bytes, word.as_bytes());
                assert_eq!(found, None, "{word} in {}", entry.path().display());
            }
        }
    }
    assert_eq!(fixture.hits("lamp").len(), 1);
}

#[test]
fn two_concurrent_index_updates_add_nothing_twice() {
    let mut fixture = fixture(&[]);
    for number in 0..12 {
        fixture.keep(&"x".repeat(number + 1), &[("word", "word"), ("word", "word")]);
    }
    let folder = fixture.library.folder().to_owned();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| Library::open(&folder).unwrap().update_index(&mut |_| true).unwrap());
        }
    });
    assert_eq!(fixture.library.unindexed_count().unwrap(), 0);
    let query = LibraryQuery::parse("word", SearchMode::Whole, Timestamp(0)).unwrap();
    assert_eq!(fixture.library.search(&query, &everything(1000)).unwrap().len(), 48);
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
