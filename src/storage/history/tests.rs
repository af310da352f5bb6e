use std::{fs, thread};

use super::*;

fn entry(id: &str, opened: i64) -> HistoryEntry {
    HistoryEntry {
        location: ThreadLocation::Service { service: "sgp".into(), id: id.into() },
        title: format!("about {id}"),
        profile: None,
        opened_at: Timestamp(opened),
        place: None,
    }
}

fn ids(entries: &[HistoryEntry]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| match &entry.location {
            ThreadLocation::Service { id, .. } => id.as_str(),
            ThreadLocation::File(path) => path.to_str().unwrap(),
        })
        .collect()
}

#[test]
fn entries_are_newest_first_and_each_location_once() {
    let home = tempfile::tempdir().unwrap();
    let history = History::in_folder(&home.path().join("state"));
    assert!(history.load().is_empty());
    history.record(entry("a", 1)).unwrap();
    history.record(entry("b", 2)).unwrap();
    history
        .record(HistoryEntry {
            location: ThreadLocation::File("/tmp/t.json".into()),
            title: String::new(),
            profile: None,
            opened_at: Timestamp(3),
            place: None,
        })
        .unwrap();
    let all = history.record(entry("a", 4)).unwrap();
    assert_eq!(ids(&all), ["a", "/tmp/t.json", "b"]);
    assert_eq!(History::in_folder(&home.path().join("state")).load(), all);
}

#[test]
fn a_place_stays_until_the_thread_is_left_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    let history = History::in_folder(home.path());
    let place = ReadingPlace {
        message_id: "\"m3\"".to_owned(),
        tab: "Spans".to_owned(),
        query: "warranty".to_owned(),
        is_folded: true,
        fold_exceptions: vec![2, 9],
    };
    let left = HistoryEntry { place: Some(place.clone()), ..entry("a", 1) };
    assert!(history.set_place(&left).unwrap().is_empty(), "only opened threads have entries");
    history.record(entry("a", 1)).unwrap();
    history.record(entry("b", 2)).unwrap();
    let all = history.set_place(&left).unwrap();
    assert_eq!(ids(&all), ["b", "a"], "leaving a thread does not open it");
    assert_eq!(history.load()[1].place, Some(place.clone()));
    let all = history.record(entry("a", 3)).unwrap();
    assert_eq!((ids(&all), &all[0].place), (vec!["a", "b"], &Some(place)));
}

#[test]
fn an_unknown_title_does_not_replace_a_known_one() {
    let home = tempfile::tempdir().unwrap();
    let history = History::in_folder(home.path());
    history.record(entry("a", 1)).unwrap();
    let all = history.record(HistoryEntry { title: String::new(), ..entry("a", 2) }).unwrap();
    assert_eq!((all[0].title.as_str(), all[0].opened_at), ("about a", Timestamp(2)));
}

#[test]
fn the_same_id_in_two_profiles_is_two_entries_and_either_replaces_one_without_a_profile() {
    let home = tempfile::tempdir().unwrap();
    let history = History::in_folder(home.path());
    // A line from before profiles were recorded.
    let old = "{\"service\":\"sgp\",\"id\":\"a\",\"title\":\"about a\",\"opened\":1}\n";
    fs::write(home.path().join("history.jsonl"), old).unwrap();
    assert_eq!(history.load(), [entry("a", 1)]);
    let by = |profile: &str, opened| HistoryEntry { profile: Some(profile.into()), ..entry("a", opened) };
    let all = history.record(HistoryEntry { title: String::new(), ..by("staging", 2) }).unwrap();
    assert_eq!(all, [by("staging", 2)]);
    history.record(by("prod", 3)).unwrap();
    history.record(by("staging", 4)).unwrap();
    assert_eq!(history.load(), [by("staging", 4), by("prod", 3)]);
}

#[test]
fn at_most_two_hundred_entries_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let history = History::in_folder(home.path());
    let text: String = (0..300).filter_map(|index| encode_line(&entry(&index.to_string(), index))).collect();
    fs::write(home.path().join("history.jsonl"), text).unwrap();
    let all = history.record(entry("new", 1000)).unwrap();
    assert_eq!((all.len(), ids(&all)[0], ids(&all)[199]), (200, "new", "101"));
    assert_eq!(history.load(), all);
}

#[test]
fn invalid_lines_are_skipped() {
    let home = tempfile::tempdir().unwrap();
    let mut bytes = b"\xff\xfe\n{\"service\":\"sgp\"\n[]\n{\"opened\":1}\n{\"service\":\"sgp\",\"id\":\"a\",\"path\":\"/b\",\"opened\":2}\n".to_vec();
    bytes.extend_from_slice(
        b"{\"service\":\"sgp\",\"id\":\"good\",\"opened\":3,\"later\":\"field\"}\r\n{\"path\":\"/cut\",\"ope",
    );
    fs::write(home.path().join("history.jsonl"), bytes).unwrap();
    assert_eq!(ids(&History::in_folder(home.path()).load()), ["good"]);
}

#[test]
fn concurrent_instances_lose_no_entries() {
    let home = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for instance in 0..4 {
            let history = History::in_folder(home.path());
            scope.spawn(move || {
                for index in 0..10 {
                    history.record(entry(&format!("{instance}-{index}"), index)).unwrap();
                }
            });
        }
    });
    assert_eq!(History::in_folder(home.path()).load().len(), 40);
}

#[test]
fn an_unusable_folder_is_an_error_without_a_panic() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    let history = History::in_folder(&home.path().join("file/state"));
    assert!(history.record(entry("a", 1)).is_err());
    assert!(history.load().is_empty());
}

#[test]
fn visits_dated_in_the_future_do_not_keep_new_ones_out() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::in_folder(folder.path());
    let future: String = (0..250)
        .filter_map(|index| encode_line(&entry(&format!("future-{index}"), i64::MAX - index)))
        .collect();
    create_private_folder(folder.path()).unwrap();
    fs::write(history.file_path(), future).unwrap();
    for (index, id) in ["a", "b"].iter().enumerate() {
        let all = history.record(entry(id, 1000 + index as i64)).unwrap();
        assert_eq!(all.len(), MAX_ENTRIES);
        assert_eq!(all[0].location, entry(id, 0).location);
        assert_eq!(history.load(), all);
    }
}
