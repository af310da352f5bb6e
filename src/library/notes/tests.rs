use std::fs;

use tempfile::TempDir;

use super::*;
use crate::domain::ThreadRef;

fn edit(thread: &str, message: &str, span: Option<&str>, text: Option<&str>) -> NoteEdit {
    NoteEdit {
        thread: ThreadRef::new("sgp", thread),
        title: "A title".to_owned(),
        place: NotePlace { message_id: message.to_owned(), span_id: span.map(str::to_owned) },
        excerpt: "How long?".to_owned(),
        text: text.map(str::to_owned),
    }
}

struct Fixture {
    folder: TempDir,
    account: Account,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, account: Account::new("sgp", "https://h.example", Some("acc")) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("library")
    }

    fn write(&self, edit: &NoteEdit, at: i64) {
        Library::open(&self.path()).unwrap().write_note(&self.account, edit, Timestamp(at)).unwrap();
    }

    /// Returns the texts of all notes, the last one first.
    fn texts(&self) -> Vec<String> {
        let library = Library::open_existing(&self.path()).unwrap().unwrap();
        library.notes(&[]).unwrap().into_iter().map(|note| note.note.text).collect()
    }
}

#[test]
fn a_note_is_written_changed_and_removed() {
    let fixture = Fixture::new();
    fixture.write(&edit("t", "m", None, Some("wrong policy")), 1);
    fixture.write(&edit("t", "m", Some("s"), Some("")), 2);
    fixture.write(&edit("other", "m", None, Some("later")), 3);
    assert_eq!(fixture.texts(), ["later", "", "wrong policy"]);
    fixture.write(&edit("t", "m", None, Some("wrong policy, 2024")), 4);
    let library = Library::open_read_only(&fixture.path()).unwrap().unwrap();
    let notes = library.thread_notes(&fixture.account, "t").unwrap();
    assert_eq!(notes.of_message("m").len(), 2);
    assert_eq!(notes.at(&edit("t", "m", None, None).place).unwrap().text, "wrong policy, 2024");
    assert_eq!(notes.of_span("m", "s").unwrap().excerpt, "How long?");
    let by_account = library.notes_by_account().unwrap();
    let texts: Vec<&str> =
        by_account.of(&fixture.account).of_thread("t").iter().map(|note| note.text.as_str()).collect();
    assert_eq!(texts, ["wrong policy, 2024", ""]);
    let other_account = Account::new("sgp", "https://other.example", None);
    assert!(library.thread_notes(&other_account, "t").unwrap().is_empty());
    assert!(by_account.of(&other_account).of_thread("t").is_empty());
    let accounts = |in_use: &[Account]| {
        let notes = library.notes(in_use).unwrap().into_iter();
        notes.map(|note| note.account.and_then(|account| account.id)).collect::<Vec<_>>()
    };
    assert_eq!(accounts(&[other_account]), vec![Some("acc".to_owned()); 3]);
    assert_eq!(accounts(std::slice::from_ref(&fixture.account)), [None, None, None]);
    fixture.write(&edit("t", "m", None, None), 5);
    assert_eq!(fixture.texts(), ["later", ""]);
}

#[test]
fn notes_survive_a_lost_catalogue_a_rebuild_and_a_torn_line() {
    let fixture = Fixture::new();
    fixture.write(&edit("t", "m", None, Some("one")), 1);
    fs::remove_file(fixture.path().join("library.db")).unwrap();
    assert_eq!(fixture.texts(), ["one"]);
    let file = fixture.path().join(FILE);
    let mut bytes = fs::read(&file).unwrap();
    bytes.extend(b"{\"at\":\"2026-11-30T00:00:00Z\",\"service\":\"sg");
    fs::write(&file, bytes).unwrap();
    assert_eq!(fixture.texts(), ["one"]);
    fixture.write(&edit("t", "m2", None, Some("two")), 2);
    Library::open(&fixture.path()).unwrap().rebuild().unwrap();
    assert_eq!(fixture.texts(), ["two", "one"]);
}

#[test]
fn two_libraries_write_concurrently_and_lose_nothing() {
    let fixture = Fixture::new();
    drop(Library::open(&fixture.path()).unwrap());
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let fixture = &fixture;
            scope.spawn(move || {
                for number in 0..15 {
                    let message = format!("m{writer}-{number}");
                    fixture.write(&edit("t", &message, None, Some(&message)), number);
                }
            });
        }
    });
    assert_eq!(fixture.texts().len(), 30);
}

#[test]
fn forgetting_a_thread_removes_its_notes() {
    let fixture = Fixture::new();
    for (thread, text) in [("secret", "private words"), ("other", "stays")] {
        fixture.write(&edit(thread, "m", None, Some(text)), 1);
    }
    let hash = fixture.account.thread_hash("secret");
    Library::open(&fixture.path()).unwrap().forget_notes(&HashSet::from([hash])).unwrap();
    assert_eq!(fixture.texts(), ["stays"]);
    let file = fs::read_to_string(fixture.path().join(FILE)).unwrap();
    assert!(!file.contains("private words") && !file.contains("secret"));
    fixture.write(&edit("third", "m", None, Some("after")), 2);
    assert_eq!(fixture.texts(), ["after", "stays"]);
}
