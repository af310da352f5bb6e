use std::collections::BTreeSet;

use proptest::prelude::*;

use super::arrange::Selection;
use super::*;
use crate::domain::{Applications, ListedApplication, ListedVariant, Timestamp};

fn thread(id: &str, title: &str, updated: i64) -> ListedThread {
    ListedThread {
        id: id.to_owned(),
        title: title.to_owned(),
        updated_at: Some(Timestamp(updated)),
        ..ListedThread::default()
    }
}

fn table(threads: impl IntoIterator<Item = ListedThread>) -> ThreadTable {
    let mut table = ThreadTable::default();
    threads.into_iter().for_each(|thread| _ = table.push(thread));
    table
}

fn arranged(table: &ThreadTable, narrowing: &str, sort: ThreadSort) -> Arrangement {
    let selection = Selection { group: &ThreadGroup::All, narrowing, matches: &|_, _| true };
    arrange(table, &Applications::default(), &selection, sort, &|| false).unwrap()
}

fn ids(table: &ThreadTable, arrangement: &Arrangement) -> Vec<String> {
    arrangement.rows.iter().map(|index| table.get(*index).unwrap().thread.id.clone()).collect()
}

#[test]
fn a_copy_keeps_its_rows_while_the_table_grows() {
    let mut all = table((0..300).map(|number| thread(&number.to_string(), "", number)));
    let copy = all.clone();
    all.push(thread("new", "", 0));
    all.replace(2, thread("2", "renamed", 0));
    assert_eq!((copy.len(), all.len()), (300, 301));
    assert_eq!(copy.get(2).unwrap().thread.title, "");
    assert_eq!(all.get(2).unwrap().thread.title, "renamed");
    assert_eq!(all.get(300).unwrap().thread.id, "new");
}

#[test]
fn threads_that_a_complete_listing_does_not_have_are_hidden() {
    let mut all = table(["a", "b"].map(|id| thread(id, "", 0)));
    all.start_listing();
    all.replace(1, thread("b", "", 1));
    assert_eq!(all.shown().count(), 2);
    all.hide_unlisted();
    assert_eq!(all.shown().map(|(index, _)| index).collect::<Vec<_>>(), [1]);
}

#[test]
fn threads_without_a_value_are_last_in_both_directions() {
    let all = table([thread("1", "", 3), thread("2", "Beta", 1), thread("3", "alpha", 2)]);
    let sort = ThreadSort::of(ThreadColumn::Title);
    assert_eq!(ids(&all, &arranged(&all, "", sort)), ["3", "2", "1"]);
    let reverse = ThreadSort { is_descending: true, ..sort };
    assert_eq!(ids(&all, &arranged(&all, "", reverse)), ["2", "3", "1"]);
    assert_eq!(ids(&all, &arranged(&all, "", ThreadSort::default())), ["1", "3", "2"]);
}

#[test]
fn numeric_ids_are_sorted_as_numbers() {
    let all = table(["10", "9", "x"].map(|id| thread(id, "", 0)));
    assert_eq!(ids(&all, &arranged(&all, "", ThreadSort::of(ThreadColumn::Id))), ["9", "10", "x"]);
}

#[test]
fn words_are_found_in_title_id_user_and_application_and_runs_come_before_scattered_letters() {
    let mut applications = Applications::default();
    applications.add_applications(vec![ListedApplication {
        id: "app".to_owned(),
        name: "Support".to_owned(),
        ..ListedApplication::default()
    }]);
    applications.add_variants(vec![ListedVariant {
        id: "v".to_owned(),
        name: "RAG three".to_owned(),
        application_id: Some("app".to_owned()),
        ..ListedVariant::default()
    }]);
    let all = table([
        ListedThread { variant_id: Some("v".to_owned()), ..thread("1", "Lamp order", 1) },
        ListedThread { user: Some("lampo".to_owned()), ..thread("2", "other", 2) },
        thread("3", "la mp", 9),
    ]);
    let found = |narrowing: &str| {
        let selection = Selection { group: &ThreadGroup::All, narrowing, matches: &|_, _| true };
        let arrangement = arrange(&all, &applications, &selection, ThreadSort::default(), &|| false).unwrap();
        ids(&all, &arrangement)
    };
    assert_eq!(found("lamp"), ["2", "1", "3"]);
    assert_eq!(found("lamp support"), ["1"]);
    assert_eq!(found("three"), ["1"]);
    assert_eq!(found("nowhere"), [""; 0]);
    let selection = Selection {
        group: &ThreadGroup::Application("app".to_owned()),
        narrowing: "",
        matches: &|_, _| true,
    };
    let arrangement = arrange(&all, &applications, &selection, ThreadSort::default(), &|| false).unwrap();
    assert_eq!(ids(&all, &arrangement), ["1"]);
    assert_eq!(arrangement.counts.applications.get("app"), Some(&1));
    assert_eq!((arrangement.counts.all, arrangement.counts.users.len()), (3, 1));
}

proptest! {
    #[test]
    fn every_thread_has_one_position(times in prop::collection::vec(0i64..50, 0..700), descends: bool) {
        let all = table(times.iter().enumerate().map(|(n, time)| thread(&n.to_string(), "", *time)));
        let sort = ThreadSort { is_descending: descends, ..ThreadSort::default() };
        let arrangement = arranged(&all, "", sort);
        let distinct: BTreeSet<u32> = arrangement.rows.iter().copied().collect();
        prop_assert_eq!(distinct.len(), times.len());
        for (position, index) in arrangement.rows.iter().enumerate() {
            prop_assert_eq!(arrangement.position_of(*index), Some(position));
        }
        let sorted: Vec<i64> = arrangement.rows.iter().map(|index| times[*index as usize]).collect();
        let is_sorted = if descends { sorted.is_sorted_by(|a, b| a >= b) } else { sorted.is_sorted() };
        prop_assert!(is_sorted);
    }
}

#[test]
fn the_end_of_a_listing_copies_no_rows_that_stay_as_they_are() {
    let mut listed = ThreadTable::default();
    listed.start_listing();
    for number in 0..1000 {
        listed.push(thread(&number.to_string(), "", 0));
    }
    let shared = listed.clone();
    listed.hide_unlisted();
    assert!(listed.chunks.iter().zip(&shared.chunks).all(|(chunk, before)| Arc::ptr_eq(chunk, before)));
}
