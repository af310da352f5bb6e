//! The other accounts that the library keeps threads of.

use super::*;

/// Returns the account whose threads are only kept.
fn other_account() -> KeptAccount {
    KeptAccount { base: "https://other.example".to_owned(), id: Some("a-2".to_owned()) }
}

/// Returns the page of an account, with two kept threads in another one, one of which has the id of a listed thread.
fn page_with_other_account() -> App {
    let mut app = page_with((0..3).map(thread).collect());
    let id = app.browse.list().unwrap().listing;
    let kept = KeptList { other_accounts: vec![(other_account(), 2)], ..KeptList::default() };
    app.update(Event::Kept { id, kept: Box::new(kept) }, Timestamp(0));
    app
}

/// Shows the other account; returns the effects of its first frame, with its threads listed after that.
fn show_other_account(app: &mut App) -> Effects {
    let row = app.browse.tree.iter().position(|node| node.account.kept.is_some()).unwrap();
    let node = app.browse.tree[row].clone();
    app.browse.show_group(node.account, node.group);
    let effects = app.update(Event::PrepareFrame, Timestamp(0));
    let listing = effects.iter().find_map(|effect| match effect {
        Effect::List { id, .. } => Some(*id),
        _ => None,
    });
    let id = listing.unwrap();
    let threads = [thread(1), thread(7)].map(|thread| (thread, SavedState::Saved)).to_vec();
    let kept = Box::new(KeptList { threads, ..KeptList::default() });
    app.update(Event::Kept { id, kept }, Timestamp(0));
    let ended = ListUpdate::Ended { is_complete: false, notes: Vec::new() };
    app.update(Event::Listed { id, update: ended }, Timestamp(0));
    arrange(app);
    effects
}

fn opened_thread(effects: &[Effect]) -> Option<&ThreadRef> {
    effects.iter().find_map(|effect| match effect {
        Effect::Open { source, .. } => source.thread(),
        _ => None,
    })
}

#[test]
fn another_account_of_the_library_stands_in_the_tree_below_its_service() {
    let mut app = page_with_other_account();
    let row = app.browse.tree.iter().position(|node| node.account.kept.is_some()).unwrap();
    let node = &app.browse.tree[row];
    assert_eq!((node.label.as_str(), node.depth), ("kept: a-2 · other.example", 1));
    assert_eq!((node.count, app.browse.tree[0].account.service), (Some(2), node.account.service));
    let effects = show_other_account(&mut app);
    let Some(Effect::List { account, .. }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(account.kept, Some(other_account()));
    assert_eq!(lines(&app).len, 2);
    // The account has its own row in the tree, and the list of the account in use is unchanged.
    assert_eq!(app.browse.breadcrumb().len(), 2);
    app.browse.show_group(AccountRef::in_use("sgp"), ThreadGroup::All);
    assert_eq!(lines(&app).len, 3);
}

#[test]
fn threads_of_another_account_are_opened_searched_and_exported_there() {
    let mut app = page_with_other_account();
    show_other_account(&mut app);
    let exported = app.browse.threads_to_export();
    assert!(exported.iter().all(|export| export.thread.account == Some(other_account()) && export.is_kept));
    type_keys(&mut app, "/order");
    app.update(Event::PrepareFrame, Timestamp(0));
    let found = app.browse.request_found();
    assert!(found.is_none(), "the frame requested it");
    app.update(Event::Key(Chord::plain(Key::Esc)), Timestamp(0));
    arrange(&mut app);
    let effects = type_keys(&mut app, "p");
    let [Effect::AnalyseLibrary { subject: LibrarySubject::Listed(chosen), .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(chosen.account.kept, Some(other_account()));
    app.update(Event::Key(Chord::plain(Key::Esc)), Timestamp(0));
    let effects = type_keys(&mut app, "A");
    assert!(
        archived_ids(&effects).is_empty() && notice(&app).contains("another account"),
        "{}",
        notice(&app)
    );
    let effects = type_keys(&mut app, "\n");
    assert_eq!(opened_thread(&effects).unwrap().account, Some(other_account()));
    // A thread of the account in use with the same id is another thread.
    let first = opened_thread(&effects).unwrap().clone();
    let effects = app.open_neighbour(Direction::Forward, None, Timestamp(0));
    let next = opened_thread(&effects).unwrap();
    assert!(next.account == Some(other_account()) && next.id != first.id, "{next:?}");
}

#[test]
fn another_profile_forgets_the_other_accounts_too() {
    let mut app = page_with_other_account();
    show_other_account(&mut app);
    app.browse.forget("sgp");
    assert_eq!(app.browse.account, Some(AccountRef::in_use("sgp")));
    assert!(app.browse.tree.iter().all(|node| node.account.kept.is_none()));
    let effects = app.update(Event::PrepareFrame, Timestamp(0));
    assert!(matches!(effects.first(), Some(Effect::List { account, .. }) if account.kept.is_none()));
}

#[test]
fn the_history_has_only_threads_of_the_account_in_use() {
    let recorded = |app: &mut App| {
        type_keys(app, "\n");
        let request = app.loading.request;
        let origin = Origin::Cache { fetched_at: Timestamp(0) };
        let updates = [FetchUpdate::Started { origin }, FetchUpdate::Ended(BodySummary::default())];
        let events = updates.map(|update| Event::Fetch { request, update });
        let effects: Effects = events.into_iter().flat_map(|event| app.update(event, Timestamp(0))).collect();
        assert!(app.loading.shown_thread().is_some());
        effects.iter().any(|effect| matches!(effect, Effect::RecordVisit(_)))
    };
    let mut app = page_with_other_account();
    assert!(recorded(&mut app));
    app.perform(Action::Browse, None, Timestamp(0));
    show_other_account(&mut app);
    assert!(!recorded(&mut app));
}
