//! The browse page: its states, its keys and the mouse.

use unspool::testing::domain::{
    ExitCode, KeptAccount, KeptList, ListProgress, ListRefusal, ListUpdate, ListedAccount, ListedApplication,
    ListedThread, ListedVariant, ListingId, SavedState, Source, Timestamp, UserError,
};
use unspool::testing::event::{Event, FoundMessage, FoundThread, FoundThreads, Mouse, MouseKind};

use crate::assert_screen;
use crate::scene::{NOON, Scene, recent_threads};

const SIZES: [(u16, u16); 4] = [(160, 48), (100, 30), (80, 24), (40, 12)];

fn application(id: &str, name: &str) -> ListedApplication {
    ListedApplication { id: id.to_owned(), name: name.to_owned(), ..ListedApplication::default() }
}

fn variant(id: &str, name: &str, application: &str) -> ListedVariant {
    ListedVariant {
        id: id.to_owned(),
        name: name.to_owned(),
        application_id: Some(application.to_owned()),
        version: "V0".to_owned(),
        is_draft: id == "v3",
        ..ListedVariant::default()
    }
}

/// Returns a thread that changed some hours before noon.
fn thread(number: u32, title: &str, variant: &str, hours: i64) -> ListedThread {
    let updated = NOON.plus_millis(-hours * 3_600_000);
    ListedThread {
        id: format!("8c5e1a70-93d2-4b4f-a6c8-{number:012x}"),
        title: title.to_owned(),
        variant_id: Some(variant.to_owned()),
        user: Some(format!("user-{}", number % 3)),
        created_at: Some(updated.plus_millis(-7_200_000)),
        updated_at: Some(updated),
        ..ListedThread::default()
    }
}

fn names() -> [ListUpdate; 3] {
    [
        ListUpdate::Accounts(vec![ListedAccount {
            id: "acc".to_owned(),
            name: "Lamps Ltd".to_owned(),
            ..ListedAccount::default()
        }]),
        ListUpdate::Applications(vec![application("a2", "Support"), application("a1", "Analysis")]),
        ListUpdate::Variants(vec![
            variant("v1", "Charts", "a1"),
            variant("v2", "RAG v2", "a2"),
            variant("v3", "RAG v3", "a2"),
            variant("v4", "Old search", "a2"),
        ]),
    ]
}

fn first_threads() -> Vec<ListedThread> {
    vec![
        thread(1, "A wrong answer: lamp order 4471", "v2", 5),
        thread(2, "", "v2", 30),
        thread(3, "Where is my invoice for the three hundred lamps that we bought in spring?", "v2", 9_000),
        thread(4, "Hostile \u{1b}]0;text\u{7} \u{202e}in a title", "v3", 50),
    ]
}

fn other_threads() -> Vec<ListedThread> {
    vec![thread(5, "Why did margin fall?", "v1", 2), thread(6, "A lamp shade, 日本語のタイトル", "v1", 200)]
}

fn progress(read: usize, threads: usize) -> ListUpdate {
    ListUpdate::Progress(ListProgress {
        lists_read: read,
        lists_total: Some(4),
        threads,
        ..ListProgress::default()
    })
}

fn refusal() -> ListUpdate {
    ListUpdate::Refused(ListRefusal {
        subject: "variant Old search".to_owned(),
        variant_id: Some("v4".to_owned()),
        reason: "403 Forbidden".to_owned(),
    })
}

impl Scene {
    /// Delivers a step of the latest listing from the service.
    fn lists(&mut self, update: ListUpdate) {
        let id = self.listings.last().unwrap().0;
        self.happens(Event::Listed { id, update });
    }
}

fn opened(width: u16, height: u16) -> Scene {
    let mut scene = Scene::sized(width, height);
    scene.types("<ctrl-t>");
    scene
}

/// Returns the first screen after these keys; `>b` opens the list, and the account is listed then.
pub fn listed_account(width: u16, height: u16, keys: &str) -> Scene {
    let mut scene = Scene::sized(width, height);
    scene.happens(Event::RecentThreads(recent_threads()));
    let (first, rest) = keys.split_at(keys.find(">b").map_or(keys.len(), |at| at + 2));
    scene.types(first);
    if !scene.listings.is_empty() {
        names().into_iter().for_each(|update| scene.lists(update));
        scene.lists(ListUpdate::Threads([first_threads(), other_threads()].concat()));
        scene.lists(progress(4, 6));
        scene.lists(ListUpdate::Ended { is_complete: true, notes: Vec::new() });
    }
    scene.types(rest);
    scene
}

fn partial(width: u16, height: u16) -> Scene {
    let mut scene = opened(width, height);
    names().into_iter().for_each(|update| scene.lists(update));
    scene.lists(ListUpdate::Threads(first_threads()));
    scene.lists(progress(2, 4));
    scene
}

/// Returns a list that is complete except for a refused variant.
fn listed(width: u16, height: u16) -> Scene {
    let mut scene = partial(width, height);
    scene.lists(ListUpdate::Threads(other_threads()));
    scene.lists(refusal());
    scene.lists(progress(4, 6));
    let notes = vec!["Archived threads may be missing: the server may not know the option.".to_owned()];
    scene.lists(ListUpdate::Ended { is_complete: false, notes });
    scene
}

fn title_of(scene: &Scene) -> String {
    let list = scene.app.browse.list().unwrap();
    list.selected().map(|row| row.thread.title.clone()).unwrap_or_default()
}

/// Returns the title and the line on the screen of the selected thread.
fn selected_line(scene: &Scene) -> (String, usize) {
    let view = scene.app.browse.list_in_view(&scene.app.browse_context());
    (title_of(scene), view.selected - view.offset)
}

fn titles(scene: &Scene) -> Vec<String> {
    let list = scene.app.browse.list().unwrap();
    let row = |row: usize| list.row(row).unwrap().1.thread.title.clone();
    (0..list.arrangement.rows.len()).map(row).collect()
}

fn open_id(scene: &Scene) -> Option<String> {
    match scene.app.loading.source.as_ref()? {
        Source::Thread(thread) => Some(thread.id.clone()),
        Source::File(_) | Source::Stdin => None,
    }
}

#[test]
fn the_list_in_all_states_and_sizes() {
    for (width, height) in SIZES {
        let size = format!("{width}x{height}");
        assert_screen!(format!("browse-loading-{size}"), opened(width, height));
        assert_screen!(format!("browse-partial-{size}"), partial(width, height));
        assert_screen!(format!("browse-refused-{size}"), listed(width, height));
        let mut scene = opened(width, height);
        scene.lists(ListUpdate::Ended { is_complete: true, notes: Vec::new() });
        assert_screen!(format!("browse-empty-{size}"), scene);
        let mut scene = opened(width, height);
        let error = UserError::new(
            "https://api.example.com: the answer was 401",
            "Run unspool login.",
            ExitCode::NotAllowed,
        )
        .with_headline("The key was refused.");
        scene.lists(ListUpdate::Failed(error));
        assert_screen!(format!("browse-error-{size}"), scene);
        let mut scene = listed(width, height);
        scene.types("/lamp");
        assert_screen!(format!("browse-narrowed-{size}"), scene);
        let mut scene = listed(width, height);
        scene.types("j<Space>jVj");
        scene.lets_pass(200);
        assert_screen!(format!("browse-marked-{size}"), scene);
    }
}

#[test]
fn a_refused_variant_is_red_with_its_reason_and_is_listed_again() {
    let mut scene = listed(120, 30);
    // The first application, the next one, its first variant.
    scene.types("l)l");
    assert_screen!("browse-refused-variant", scene);
    scene.types("r");
    let (_, service, variant) = scene.listings.last().unwrap().clone();
    assert_eq!((service, variant.as_deref()), ("sgp", Some("v4")));
    scene.lists(ListUpdate::Threads(vec![thread(9, "Found again", "v4", 1)]));
    scene.lists(ListUpdate::Ended { is_complete: true, notes: Vec::new() });
    assert_eq!(titles(&scene), ["Found again"]);
    let list = scene.app.browse.list().unwrap();
    assert!(list.refusals.is_empty());
    assert_eq!(list.arrangement.counts.all, 7);
}

#[test]
fn a_variant_that_is_refused_again_stays_in_the_list() {
    let mut scene = listed(120, 30);
    scene.types("l)lr");
    let error = UserError::new("502 Bad Gateway", "Try later.", ExitCode::Failure);
    scene.lists(ListUpdate::Failed(error));
    let list = scene.app.browse.list().unwrap();
    assert_eq!(list.refusal_of("v4").unwrap().reason, "502 Bad Gateway");
    assert!(!list.is_running());
    scene.types("h<Esc>");
    assert!(scene.app.browse.list().unwrap().arrangement.counts.all == 6);
}

#[test]
fn the_selected_thread_stays_on_its_line_while_rows_arrive_above_and_below() {
    for sort in ["", "sn", "sw", "sa", "si", "sb"] {
        let mut scene = partial(100, 12);
        scene.types(sort);
        scene.types("jj");
        let before = selected_line(&scene);
        let mut number = 100;
        for hours in [1, 20_000, 31, 3, 40_000] {
            let more: Vec<ListedThread> = (0..30)
                .map(|_| {
                    number += 1;
                    thread(number, &format!("Thread {:03}", number * 37 % 100), "v1", hours)
                })
                .collect();
            scene.lists(ListUpdate::Threads(more));
            assert_eq!(title_of(&scene), before.0, "{sort}");
        }
        // The first rows had fewer rows above them than fit on the screen.
        let line = selected_line(&scene);
        for hours in [2, 3] {
            scene.lists(ListUpdate::Threads(vec![thread(900 + hours, "A new one", "v1", 2)]));
            assert_eq!(selected_line(&scene), line, "{sort}");
        }
    }
}

#[test]
fn the_first_row_is_the_latest_thread_until_the_cursor_is_moved() {
    let mut scene = partial(100, 30);
    assert_eq!(title_of(&scene), "A wrong answer: lamp order 4471");
    scene.lists(ListUpdate::Threads(other_threads()));
    assert_eq!(title_of(&scene), "Why did margin fall?");
    scene.types("j");
    let before = title_of(&scene);
    scene.lists(ListUpdate::Threads(vec![thread(77, "Newest", "v1", 0)]));
    assert_eq!(title_of(&scene), before);
}

#[test]
fn esc_returns_to_the_same_place_and_b_to_the_same_row() {
    let typed = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
    let mut scene = Scene::with(100, 30, typed, "sgp-lamp-order.json");
    scene.types("jj<Enter>");
    let before = scene.picture();
    scene.types("b");
    assert_ne!(scene.picture(), before);
    names().into_iter().for_each(|update| scene.lists(update));
    scene.lists(ListUpdate::Threads(first_threads()));
    scene.types("jj");
    let list = scene.picture();
    scene.types("<Esc>");
    assert_eq!(scene.picture(), before);
    scene.types("b");
    assert_eq!(scene.picture(), list);
    assert_eq!(scene.listings.len(), 1);
    scene.types("b");
    assert_eq!(scene.picture(), before);
}

#[test]
fn a_thread_of_the_list_has_neighbours_and_returns_to_its_row() {
    let mut scene = listed(100, 30);
    let order: Vec<String> = {
        let list = scene.app.browse.list().unwrap();
        (0..6).map(|row| list.row(row).unwrap().1.thread.id.clone()).collect()
    };
    scene.types("j<Enter>");
    assert!(!scene.app.browse.is_open);
    assert_eq!(open_id(&scene), Some(order[1].clone()));
    scene.types("]t");
    assert_eq!(open_id(&scene), Some(order[2].clone()));
    scene.types("[t[t");
    assert_eq!(open_id(&scene), Some(order[0].clone()));
    scene.types("[t");
    assert_eq!(scene.app.notice.as_ref().unwrap().text, "This is the first thread of the list");
    scene.types("]tb");
    assert_eq!(scene.app.browse.list_in_view(&scene.app.browse_context()).selected, 1);
}

#[test]
fn without_a_list_the_jump_to_the_next_thread_is_a_notice() {
    let mut scene = Scene::with(100, 30, "camelai:1001", "camelai-margin.json");
    scene.types("]t");
    assert_eq!(scene.app.notice.as_ref().unwrap().text, "No list of threads yet; press b");
}

#[test]
fn a_list_stays_with_its_age_and_a_reload_replaces_its_rows_only_at_the_end() {
    let mut scene = listed(100, 30);
    scene.types("<Esc>");
    scene.lets_pass(180);
    scene.types("<ctrl-t>");
    assert!(scene.picture().contains("as of 3 min ago"), "{}", scene.picture());
    scene.types("r");
    assert_eq!(titles(&scene).len(), 6);
    scene.lists(ListUpdate::Threads(vec![thread(1, "Renamed", "v2", 0), thread(8, "New", "v2", 1)]));
    assert_eq!(titles(&scene).len(), 7);
    scene.lists(ListUpdate::Ended { is_complete: true, notes: Vec::new() });
    assert_eq!(titles(&scene), ["Renamed", "New"]);
}

#[test]
fn a_late_listing_and_one_of_another_list_change_nothing() {
    let mut scene = listed(100, 30);
    let first = scene.listings[0].0;
    scene.types("r");
    scene
        .happens(Event::Listed { id: first, update: ListUpdate::Threads(vec![thread(99, "Late", "v1", 0)]) });
    scene.happens(Event::Listed { id: ListingId(77), update: refusal() });
    assert!(!titles(&scene).contains(&"Late".to_owned()));
    assert!(scene.app.browse.list().unwrap().refusals.is_empty());
}

#[test]
fn sorting_by_each_column_keeps_the_selected_thread() {
    let mut scene = listed(160, 48);
    scene.types("jjj");
    let before = title_of(&scene);
    for keys in ["sn", "sn", "sm", "sw", "sa", "so", "se", "si", "sb", "su", "ss"] {
        scene.types(keys);
        assert_eq!(title_of(&scene), before, "{keys}");
    }
    scene.types("snsn");
    let sorted = titles(&scene);
    assert_eq!(sorted.first().map(String::as_str), Some("Why did margin fall?"));
    assert_eq!(sorted.last().map(String::as_str), Some(""));
}

#[test]
fn narrowing_finds_words_in_all_columns_and_esc_returns_to_the_row() {
    let mut scene = listed(100, 30);
    scene.types("jj");
    let before = title_of(&scene);
    scene.types("/lamp");
    assert_eq!(titles(&scene)[0], "A wrong answer: lamp order 4471");
    scene.types("<Esc>");
    assert_eq!((title_of(&scene), titles(&scene).len()), (before, 6));
    scene.types("/user-2 rag<Enter>");
    assert_eq!(titles(&scene), [""]);
    scene.types("<Esc>");
    assert_eq!(titles(&scene).len(), 6);
    scene.types("/nothing-like-this");
    assert!(scene.picture().contains("No thread matches"), "{}", scene.picture());
}

fn found(number: u32, title: &str, place: &'static str, snippet: &str, word: &str) -> FoundThread {
    let at = snippet.find(word).unwrap();
    let thread = thread(number, title, "v1", 300);
    let lead = "Words before it. ".repeat(20);
    let message = FoundMessage {
        service: "sgp".to_owned(),
        thread_id: thread.id.clone(),
        title: title.to_owned(),
        message_id: "m1".to_owned(),
        at: Some(NOON.plus_millis(-86_400_000)),
        place,
        snippet: snippet.to_owned(),
        hit: at..at + word.len(),
        preview: format!("{lead}\n{snippet}"),
        preview_hit: lead.len() + 1 + at..lead.len() + 1 + at + word.len(),
        ..FoundMessage::default()
    };
    FoundThread { thread, saved: SavedState::Saved, message }
}

/// Returns a list, followed by threads with `lamp` in their messages.
fn with_found(width: u16, height: u16) -> Scene {
    let mut scene = listed(width, height);
    scene.types("/lamp");
    let (id, _) = scene.searches.last().unwrap().clone();
    let long = format!("…{} a lamp that does not shine", "words before it ".repeat(6));
    let threads = vec![
        found(31, "A broken shade", "user", "My lamp flickers, and the shade is broken", "lamp"),
        found(32, "", "assistant", &long, "lamp"),
        found(5, "Why did margin fall?", "tools", "\u{1b}[31m lamp \u{202e}sales", "lamp"),
    ];
    scene.happens(Event::ThreadsFound(Box::new(FoundThreads { id, threads, ..FoundThreads::default() })));
    scene
}

#[test]
fn threads_with_the_words_in_messages_are_below_a_rule() {
    for (width, height) in SIZES {
        let mut scene = with_found(width, height);
        let before = selected_line(&scene);
        assert_eq!(before, ("A wrong answer: lamp order 4471".to_owned(), 0));
        assert_screen!(format!("browse-found-{width}x{height}"), scene);
        scene.types("<Down><Down><Down><Down>");
        assert_screen!(format!("browse-found-selected-{width}x{height}"), scene);
    }
    let mut scene = with_found(100, 30);
    scene.types("<Down><Down><Down><Enter><Enter>");
    assert_eq!(open_id(&scene), Some(thread(31, "", "", 0).id));
    let mut scene = listed(80, 24);
    scene.types("/lamp");
    let (id, _) = scene.searches.last().unwrap().clone();
    let problem = "Messages were not searched: cannot connect. Start the server.".to_owned();
    scene.happens(Event::ThreadsFound(Box::new(FoundThreads { id, problem, ..FoundThreads::default() })));
    assert_screen!("browse-found-problem", scene);
}

#[test]
fn a_filter_selects_while_it_is_typed_and_is_refused_with_its_reason() {
    let mut scene = listed(100, 30);
    scene.types("j");
    let before = title_of(&scene);
    scene.types("fapp:support user:user-1 ");
    assert_eq!(titles(&scene).len(), 2);
    assert_screen!("browse-filter-typed", scene);
    scene.types("<Esc>");
    assert_eq!((title_of(&scene), titles(&scene).len()), (before, 6));
    scene.types("fsince:2026-09-15<Enter>");
    assert_eq!(titles(&scene), ["Why did margin fall?", "A wrong answer: lamp order 4471"]);
    scene.types("/margin<Enter>");
    assert_eq!(titles(&scene), ["Why did margin fall?"]);
    assert_screen!("browse-filter", scene);
    scene.types("<Esc><Esc>");
    assert_eq!(titles(&scene).len(), 6);
    scene.types("fnonsense:1<Enter>");
    assert!(scene.app.prompt.is_some() && scene.app.notice.is_some(), "{}", scene.picture());
    scene.types("<Esc>fapp:nowhere<Enter>");
    assert!(scene.picture().contains("No thread matches the filter; esc clears it"), "{}", scene.picture());
    scene.types(":filter variant:charts<Enter>");
    assert_eq!(titles(&scene).len(), 2);
}

#[test]
fn marks_are_copied_as_ids_that_the_command_line_accepts() {
    let mut scene = listed(100, 30);
    scene.types("yi");
    let one = scene.clips.last().unwrap().clone();
    assert_eq!((one.label, one.text.as_str()), ("thread id", "sgp:8c5e1a70-93d2-4b4f-a6c8-000000000005"));
    scene.types("<Space>jVjVyt");
    let some = scene.clips.last().unwrap().clone();
    assert_eq!((some.label, some.text.lines().count()), ("thread ids", 3));
    assert!(some.text.lines().all(|line| line.starts_with("sgp:8c5e1a70-")));
    scene.types("*yy");
    assert_eq!(scene.clips.last().unwrap().text.lines().count(), 6);
    scene.types("*");
    assert_eq!(scene.app.browse.list().unwrap().marks.len(), 0);
    // Marks stay during a search for other threads.
    scene.types("<Space>/margin<Enter><Space>yy");
    assert!(scene.clips.last().unwrap().text.lines().count() >= 1);
    scene.types("|wc<Enter>");
    assert_eq!(scene.outside_effects, 1);
}

#[test]
fn saved_states_are_shown_and_sorted() {
    let mut scene = listed(100, 30);
    let id = |number: u32| format!("8c5e1a70-93d2-4b4f-a6c8-{number:012x}");
    let states = [SavedState::Saved, SavedState::Changed, SavedState::Gone, SavedState::Refused];
    let states = (1..).zip(states).map(|(number, state)| (id(number), state)).collect();
    scene.happens(Event::SavedStates { service: "sgp", states });
    scene.types("se");
    assert_screen!("browse-saved-states", scene);
}

#[test]
fn the_tree_moves_between_groups_and_services() {
    let mut scene = listed(120, 30);
    scene.types("<Tab>j");
    assert_eq!(titles(&scene).len(), 2);
    scene.types("j");
    assert_eq!(titles(&scene).len(), 2);
    scene.types("j<Enter>j");
    assert_eq!(titles(&scene).len(), 4);
    assert_screen!("browse-tree", scene);
    scene.types("<Tab>G");
    let (_, service, _) = scene.listings.last().unwrap().clone();
    assert_eq!((service, scene.app.browse.service()), ("camelai", Some("camelai")));
    let row = |id: u32, user: &str, origin: &str| ListedThread {
        id: id.to_string(),
        title: format!("Analysis {id}"),
        user: Some(user.to_owned()),
        origin: Some(origin.to_owned()),
        model: Some("o3".to_owned()),
        message_count: Some(u64::from(id)),
        updated_at: Some(Timestamp(i64::from(id))),
        ..ListedThread::default()
    };
    let rows = vec![row(1001, "u-1", "UI"), row(1002, "u-2", "API"), row(1003, "u-2", "UI")];
    scene.lists(ListUpdate::Threads(rows));
    scene.lists(ListUpdate::Ended { is_complete: true, notes: Vec::new() });
    assert_screen!("browse-camelai", scene);
    scene.types("gg");
    assert_eq!((scene.app.browse.service(), titles(&scene).len()), (Some("sgp"), 6));
    assert_eq!(scene.listings.len(), 2);
}

#[test]
fn a_thread_of_the_second_application_takes_four_keys() {
    let mut scene = Scene::sized(100, 30);
    scene.types("<ctrl-t>");
    names().into_iter().for_each(|update| scene.lists(update));
    scene.lists(ListUpdate::Threads(first_threads()));
    scene.lists(ListUpdate::Threads(other_threads()));
    scene.types("l)<Enter>");
    assert_eq!(open_id(&scene).unwrap(), first_threads()[0].id);
}

#[test]
fn clicks_select_rows_groups_and_columns() {
    let mut scene = listed(120, 30);
    let row_of = |scene: &Scene, text: &str| {
        let picture = scene.picture();
        let row = picture.lines().position(|line| line.contains(text)).unwrap();
        u16::try_from(row).unwrap()
    };
    let row = row_of(&scene, "A wrong answer");
    scene.clicks(60, row);
    assert_eq!(title_of(&scene), "A wrong answer: lamp order 4471");
    let heading = row_of(&scene, "title");
    let title = scene.app.browse.columns(&scene.app.browse_context())[2];
    let x = scene.app.browse.areas(&scene.app.browse_context()).headings.x + title.x;
    scene.clicks(x, heading);
    assert_eq!(titles(&scene)[0], "A lamp shade, 日本語のタイトル");
    scene.happens(Event::Mouse(Mouse { kind: MouseKind::WheelDown, column: 60, row: 10 }));
    let row = row_of(&scene, "Analysis");
    scene.clicks(4, row);
    assert_eq!(titles(&scene).len(), 2);
    let row = scene.app.browse.areas(&scene.app.browse_context()).rows.y;
    scene.clicks(60, row);
    scene.clicks(60, row);
    assert!(!scene.app.browse.is_open && open_id(&scene).is_some());
}

#[test]
fn another_profile_forgets_the_list() {
    let mut scene = listed(100, 30);
    let id = scene.listings[0].0;
    scene.app.prefs.profiles.choices = vec![unspool::testing::config::ProfileChoice {
        name: "other".to_owned(),
        service: "sgp",
        base_url: "https://other.example.com".to_owned(),
        ..Default::default()
    }];
    scene.types("P<Enter>");
    assert_eq!(scene.listings.len(), 2);
    scene.happens(Event::Listed { id, update: ListUpdate::Threads(first_threads()) });
    assert!(titles(&scene).is_empty());
}

#[test]
fn every_hinted_key_does_something_on_the_page() {
    for (width, height) in SIZES {
        for keys in ["", "l", "<Tab>", "<Space>", "/zzzz<Enter>", "l)l"] {
            let at = || {
                let mut scene = listed(width, height);
                scene.types(keys);
                scene.app.notice = None;
                scene
            };
            let hints: Vec<_> = at().app.hints().map(|hint| hint.action).collect();
            assert!(hints.len() > 1);
            for action in hints {
                let mut scene = at();
                let typed = scene.app.prefs.keymap.keys_of(action)[0].clone();
                let typed = if typed.len() > 2 { format!("<{typed}>") } else { typed };
                let before = (scene.picture(), scene.clips.len(), scene.app.prompt.is_some());
                scene.types(&typed);
                let after = (scene.picture(), scene.clips.len(), scene.app.prompt.is_some());
                assert_ne!(before, after, "{typed} after {keys:?} at {width} columns");
            }
        }
    }
}

#[test]
fn the_box_looks_for_its_words_in_all_threads() {
    let mut scene = Scene::sized(100, 30);
    scene.types("lamp order<Down><Down><Enter>");
    names().into_iter().for_each(|update| scene.lists(update));
    scene.lists(ListUpdate::Threads(first_threads()));
    assert_eq!(titles(&scene), ["A wrong answer: lamp order 4471"]);
}

#[test]
fn stopping_keeps_the_listed_rows() {
    let mut scene = partial(100, 30);
    scene.types("<ctrl-g>");
    assert_eq!(titles(&scene).len(), 4);
    assert!(scene.picture().contains("stopped, incomplete"), "{}", scene.picture());
    scene.lists(ListUpdate::Threads(other_threads()));
    assert_eq!(titles(&scene).len(), 4);
}

#[test]
fn another_account_of_the_library_is_listed_below_its_service() {
    let mut scene = listed(120, 30);
    let other_accounts = [("https://old.example.com", "5f3a9c"), ("https://api.example.com/team", "7b")];
    let other_accounts = (2..)
        .zip(other_accounts)
        .map(|(count, (base, id))| (KeptAccount { base: base.to_owned(), id: Some(id.to_owned()) }, count));
    let kept = KeptList { other_accounts: other_accounts.collect(), ..KeptList::default() };
    let id = scene.listings.last().unwrap().0;
    scene.happens(Event::Kept { id, kept: Box::new(kept) });
    assert_screen!("browse-other-accounts", scene);
    let row = scene.app.browse.tree.iter().position(|node| node.account.kept.is_some()).unwrap();
    scene.types(&format!("<Tab>{}", "j".repeat(row)));
    let id = scene.listings.last().unwrap().0;
    let threads = vec![
        (thread(1, "A wrong answer, in the old account", "v2", 700), SavedState::Saved),
        (thread(9, "An order of last year", "v2", 9_000), SavedState::Gone),
    ];
    let [_, ListUpdate::Applications(applications), ListUpdate::Variants(variants)] = names() else {
        panic!()
    };
    let listed_at = Some(NOON.plus_millis(-86_400_000));
    let kept = KeptList { listed_at, applications, variants, threads, ..KeptList::default() };
    scene.happens(Event::Kept { id, kept: Box::new(kept) });
    let notes = vec!["Another account: these threads are kept here, and nothing is fetched.".to_owned()];
    scene.lists(ListUpdate::Ended { is_complete: false, notes });
    assert_screen!("browse-other-account", scene);
    scene.types("<Enter><Enter>");
    assert_screen!("browse-other-account-opening", scene);
}
