use std::{fs, thread};

use super::*;

fn visit(id: &str, opened: i64) -> Visit {
    let place = Place::Service { service: "sgp".into(), id: id.into() };
    Visit { place, title: format!("about {id}"), profile: None, opened: Stamp(opened) }
}

fn ids(visits: &[Visit]) -> Vec<&str> {
    visits
        .iter()
        .map(|visit| match &visit.place {
            Place::Service { id, .. } => id.as_str(),
            Place::File(path) => path.to_str().unwrap(),
        })
        .collect()
}

#[test]
fn visits_come_back_newest_first_and_each_place_once() {
    let home = tempfile::tempdir().unwrap();
    let history = History::at(&home.path().join("state"));
    assert!(history.load().is_empty());
    history.record(visit("a", 1)).unwrap();
    history.record(visit("b", 2)).unwrap();
    let place = Place::File("/tmp/t.json".into());
    history.record(Visit { place, title: String::new(), profile: None, opened: Stamp(3) }).unwrap();
    let all = history.record(visit("a", 4)).unwrap();
    assert_eq!(ids(&all), ["a", "/tmp/t.json", "b"]);
    assert_eq!(History::at(&home.path().join("state")).load(), all);
}

#[test]
fn a_title_that_is_not_known_yet_does_not_wipe_out_the_one_that_was() {
    let home = tempfile::tempdir().unwrap();
    let history = History::at(home.path());
    history.record(visit("a", 1)).unwrap();
    let all = history.record(Visit { title: String::new(), ..visit("a", 2) }).unwrap();
    assert_eq!((all[0].title.as_str(), all[0].opened), ("about a", Stamp(2)));
}

#[test]
fn the_same_id_by_two_profiles_is_two_visits_and_one_without_gives_way_to_either() {
    let home = tempfile::tempdir().unwrap();
    let history = History::at(home.path());
    // As it was written before profiles were remembered.
    let old = "{\"service\":\"sgp\",\"id\":\"a\",\"title\":\"about a\",\"opened\":1}\n";
    fs::write(home.path().join("history.jsonl"), old).unwrap();
    assert_eq!(history.load(), [visit("a", 1)]);
    let by = |profile: &str, opened| Visit { profile: Some(profile.into()), ..visit("a", opened) };
    let all = history.record(Visit { title: String::new(), ..by("staging", 2) }).unwrap();
    assert_eq!(all, [by("staging", 2)]);
    history.record(by("prod", 3)).unwrap();
    history.record(by("staging", 4)).unwrap();
    assert_eq!(history.load(), [by("staging", 4), by("prod", 3)]);
}

#[test]
fn two_hundred_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let history = History::at(home.path());
    let text: String = (0..300).filter_map(|index| written(&visit(&index.to_string(), index))).collect();
    fs::write(home.path().join("history.jsonl"), text).unwrap();
    let all = history.record(visit("new", 1000)).unwrap();
    assert_eq!((all.len(), ids(&all)[0], ids(&all)[199]), (200, "new", "101"));
    assert_eq!(history.load(), all);
}

#[test]
fn lines_that_make_no_sense_cost_only_themselves() {
    let home = tempfile::tempdir().unwrap();
    let mut bytes = b"\xff\xfe\n{\"service\":\"sgp\"\n[]\n{\"opened\":1}\n{\"service\":\"sgp\",\"id\":\"a\",\"path\":\"/b\",\"opened\":2}\n".to_vec();
    bytes.extend_from_slice(
        b"{\"service\":\"sgp\",\"id\":\"good\",\"opened\":3,\"later\":\"field\"}\r\n{\"path\":\"/cut\",\"ope",
    );
    fs::write(home.path().join("history.jsonl"), bytes).unwrap();
    assert_eq!(ids(&History::at(home.path()).load()), ["good"]);
}

#[test]
fn instances_at_the_same_time_lose_nothing_of_each_other() {
    let home = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for instance in 0..4 {
            let history = History::at(home.path());
            scope.spawn(move || {
                for index in 0..10 {
                    history.record(visit(&format!("{instance}-{index}"), index)).unwrap();
                }
            });
        }
    });
    assert_eq!(History::at(home.path()).load().len(), 40);
}

#[test]
fn visits_can_be_forgotten() {
    let home = tempfile::tempdir().unwrap();
    let history = History::at(home.path());
    history.record(visit("a", 1)).unwrap();
    history.record(visit("b", 2)).unwrap();
    assert_eq!(ids(&history.forget(&visit("b", 0).place).unwrap()), ["a"]);
    history.clear().unwrap();
    assert!(history.load().is_empty());
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_and_no_more() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    let history = History::at(&home.path().join("file/state"));
    assert!(history.record(visit("a", 1)).is_err());
    assert!(history.load().is_empty());
}
