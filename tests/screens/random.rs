//! Random events in any order: nothing panics, the selection stays in range, and no control character is on the screen.

use std::time::Duration;

use std::fs;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use unspool::testing::action::ACTION_TABLE;
use unspool::testing::domain::{
    BodySummary, FetchProgress, FilterId, ListProgress, ListRefusal, ListUpdate, ListedAccount,
    ListedApplication, ListedThread, ListedVariant, ListingId, MessageSummary, Origin, Raw, RequestId,
    SearchId, Thread, Timestamp, UserError,
};
use unspool::testing::event::{Event, FetchUpdate, Mouse, MouseKind, SearchResults};
use unspool::testing::keymap::{Chord, Key};
use unspool::testing::provider;

use crate::harmless::is_harmful;
use crate::scene::{Scene, demo, recent_threads};

/// A random event. Requests are given by their distance from the latest one.
#[derive(Clone, Debug)]
enum Step {
    Keys(&'static str),
    Chord(Chord),
    Types(String),
    Paste(String),
    Mouse(Mouse),
    Resize(u16, u16),
    Update(u64, FetchUpdate),
    Messages(u64, &'static str, Vec<Vec<u8>>),
    Other(Event),
}

#[derive(serde::Deserialize)]
struct Body {
    messages: Vec<Box<serde_json::value::RawValue>>,
}

/// Messages of every kind, to be changed and damaged.
static MESSAGES: LazyLock<Vec<(&'static str, Vec<u8>)>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (service, asset) in [
        ("sgp", "sgp-lamp-order.json"),
        ("sgp", "sgp-stock-agent.json"),
        ("sgp", "sgp-languages.json"),
        ("sgp", "sgp-old-server.json"),
        ("camelai", "camelai-margin.json"),
        ("camelai", "camelai-hostile.json"),
        ("camelai", "camelai-languages.json"),
    ] {
        let body: Body = serde_json::from_slice(&fs::read(demo(asset)).unwrap()).unwrap();
        all.extend(body.messages.iter().map(|message| (service, message.get().as_bytes().to_vec())));
    }
    all
});

/// Hostile text, and text of any kind.
fn any_text() -> impl Strategy<Value = String> {
    let hostile = select(vec![
        "\u{1b}]0;owned\u{7}",
        "\u{1b}[2J\u{9b}31m\r\n\t",
        "\u{202e}drow\u{202c}",
        "a\u{200b}\u{feff}\u{2060}b",
        "\u{e0041}\u{e0042}",
        "e\u{301}\u{301}\u{301}",
        "👩‍👩‍👧‍👦 日本語",
        "\u{301}",
        "{\"a\":[1,2,{\"b\":null}]}",
        "| a | b |\n|---|---|\n| 1 | 2 |\n```sql\nselect 1\n",
        "-1e999",
    ]);
    prop_oneof![hostile.prop_map(str::to_owned), ".{0,40}", "\\PC{0,200}"]
}

fn chord() -> impl Strategy<Value = Chord> {
    let key = prop_oneof![
        any::<char>().prop_map(Key::Char),
        select(vec![
            Key::Enter,
            Key::Esc,
            Key::Tab,
            Key::Backspace,
            Key::Delete,
            Key::Home,
            Key::End,
            Key::PageUp,
            Key::PageDown,
            Key::Up,
            Key::Down,
            Key::Left,
            Key::Right,
            Key::F(5),
        ]),
    ];
    (key, any::<[bool; 3]>()).prop_map(|(key, [ctrl, alt, shift])| Chord { key, ctrl, alt, shift })
}

fn keys() -> impl Strategy<Value = &'static str> {
    select(ACTION_TABLE.iter().flat_map(|row| row.keys.iter().copied()).collect::<Vec<_>>())
}

fn mouse() -> impl Strategy<Value = Mouse> {
    let kind = select(vec![MouseKind::Press, MouseKind::WheelUp, MouseKind::WheelDown]);
    (kind, 0u16..210, 0u16..70).prop_map(|(kind, column, row)| Mouse { kind, column, row })
}

/// Returns a message of a service: intact, with one byte changed, truncated, or noise.
fn message() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let known = any::<Index>().prop_map(|at| at.get(&MESSAGES).clone());
    let changed = (any::<Index>(), any::<Index>(), any::<u8>()).prop_map(|(at, place, byte)| {
        let (service, mut raw) = at.get(&MESSAGES).clone();
        *place.get_mut(&mut raw) = byte;
        (service, raw)
    });
    let truncated = (any::<Index>(), any::<Index>()).prop_map(|(at, place)| {
        let (service, mut raw) = at.get(&MESSAGES).clone();
        raw.truncate(place.index(raw.len()));
        (service, raw)
    });
    let noise = (select(vec!["sgp", "camelai"]), vec(any::<u8>(), 0..60));
    let made_of_text = any_text().prop_map(|text| {
        let body = serde_json::json!({"entry": {"id": text, "input": text, "output": {"response": text}}});
        ("sgp", body.to_string().into_bytes())
    });
    prop_oneof![4 => known, 2 => changed, 1 => truncated, 1 => noise, 1 => made_of_text]
}

fn fetch_update() -> impl Strategy<Value = FetchUpdate> {
    prop_oneof![
        3 => Just(FetchUpdate::Started { origin: Origin::Network { host: "h\u{1b}[31m".into() } }),
        1 => any::<i64>().prop_map(|at| FetchUpdate::Started { origin: Origin::Cache { fetched_at: Timestamp(at) } }),
        1 => any::<Option<u64>>().prop_map(|size| FetchUpdate::Started { origin: Origin::File { size } }),
        1 => Just(FetchUpdate::Progress(FetchProgress::Connecting)),
        1 => (any::<u64>(), any_text()).prop_map(|(millis, reason)| {
            let delay = Duration::from_millis(millis);
            FetchUpdate::Progress(FetchProgress::RetryScheduled { attempt: 2, max_attempts: 3, delay, reason })
        }),
        1 => Just(FetchUpdate::Restarted),
        1 => (any::<u64>(), any::<Option<u64>>())
            .prop_map(|(bytes, total)| FetchUpdate::Progress(FetchProgress::Receiving { bytes, total })),
        1 => select(vec!["sgp", "camelai"]).prop_map(|service| FetchUpdate::ProviderDetected { service }),
        1 => any_text().prop_map(|text| {
            FetchUpdate::Thread(Box::new(Thread { title: Some(text.clone()), id: Some(text), ..Thread::default() }))
        }),
        1 => vec(any::<u8>(), 0..80).prop_map(FetchUpdate::Details),
        2 => (any_text(), any::<bool>()).prop_map(|(text, is_partial)| {
            FetchUpdate::Ended(BodySummary { bytes: 7, warnings: vec![text], is_partial, ..BodySummary::default() })
        }),
        1 => (any_text(), any_text()).prop_map(|(message, service_message)| {
            FetchUpdate::Failed(UserError { service_messages: vec![service_message], ..UserError::new(message, "", unspool::testing::domain::ExitCode::Failure) })
        }),
    ]
}

fn listed_thread() -> impl Strategy<Value = ListedThread> {
    (any_text(), any_text(), any::<Option<i64>>(), 0u8..6).prop_map(|(id, title, time, number)| {
        ListedThread {
            id,
            title: title.clone(),
            application_id: (number > 3).then(|| title.clone()),
            variant_id: (number > 1).then(|| number.to_string()),
            user: Some(title.clone()),
            origin: Some(title.clone()),
            model: Some(title),
            updated_at: time.map(Timestamp),
            created_at: time.map(Timestamp),
            message_count: time.map(i64::unsigned_abs),
            ..ListedThread::default()
        }
    })
}

fn list_update() -> impl Strategy<Value = ListUpdate> {
    prop_oneof![
        4 => vec(listed_thread(), 0..40).prop_map(ListUpdate::Threads),
        1 => vec((0u8..6, any_text()), 0..6).prop_map(|variants| {
            let variant = |(id, name): (u8, String)| ListedVariant {
                id: id.to_string(),
                application_id: (id > 2).then(|| name.clone()),
                name,
                ..ListedVariant::default()
            };
            ListUpdate::Variants(variants.into_iter().map(variant).collect())
        }),
        1 => (any_text(), any_text()).prop_map(|(id, name)| {
            ListUpdate::Applications(vec![ListedApplication { id, name, ..ListedApplication::default() }])
        }),
        1 => any_text().prop_map(|name| ListUpdate::Accounts(vec![ListedAccount { name, ..ListedAccount::default() }])),
        1 => (any::<usize>(), any::<Option<usize>>(), any::<Option<u64>>()).prop_map(|(read, lists_total, total)| {
            ListUpdate::Progress(ListProgress { lists_read: read, lists_total, threads_total: total, ..ListProgress::default() })
        }),
        1 => (any_text(), 0u8..6).prop_map(|(text, id)| {
            ListUpdate::Refused(ListRefusal { subject: text.clone(), variant_id: Some(id.to_string()), reason: text })
        }),
        1 => (any::<bool>(), any_text()).prop_map(|(is_complete, note)| ListUpdate::Ended { is_complete, notes: vec![note] }),
        1 => any_text().prop_map(|text| {
            ListUpdate::Failed(UserError::new(text.clone(), text, unspool::testing::domain::ExitCode::Failure))
        }),
    ]
}

fn other_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Tick),
        Just(Event::PrepareFrame),
        Just(Event::Resumed),
        Just(Event::RecentThreads(recent_threads())),
        (any::<u64>(), vec((any::<u32>(), any::<u32>()), 0..5), any::<usize>()).prop_map(
            |(id, hits, searched)| Event::SearchResults(SearchResults {
                id: SearchId(id % 4),
                hits,
                searched
            })
        ),
        (any::<u64>(), vec(0u32..40, 0..6)).prop_map(|(id, mut places)| {
            places.sort_unstable();
            places.dedup();
            Event::Filtered { id: FilterId(id % 4), visible: std::sync::Arc::new(places) }
        }),
        (any_text(), any::<bool>()).prop_map(|(text, is_warning)| Event::Notify { text, is_warning }),
        any_text().prop_map(|text| Event::CopyFailed {
            clip: unspool::testing::view::Clip { label: "value", text: text.clone() },
            reason: text
        }),
        (any::<u64>(), list_update())
            .prop_map(|(id, update)| { Event::Listed { id: ListingId(id % 4), update } }),
        any::<u64>().prop_map(|id| Event::TimerFired { id: id % 4 }),
        any_text().prop_map(|message| Event::TaskFailed { message }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![4 => 0u16..60, 1 => 0u16..=200];
    prop_oneof![
        8 => keys().prop_map(Step::Keys),
        2 => chord().prop_map(Step::Chord),
        1 => any_text().prop_map(Step::Types),
        1 => any_text().prop_map(Step::Paste),
        1 => Just(Step::Keys("ctrl-t")),
        2 => mouse().prop_map(Step::Mouse),
        1 => (0u16..=200, size).prop_map(|(width, height)| Step::Resize(width, height)),
        3 => (0u64..3, fetch_update()).prop_map(|(behind, update)| Step::Update(behind, update)),
        3 => (0u64..2, vec(message(), 1..6)).prop_map(|(behind, messages)| {
            let service = messages.first().map_or("sgp", |(service, _)| *service);
            Step::Messages(behind, service, messages.into_iter().map(|(_, raw)| raw).collect())
        }),
        2 => other_event().prop_map(Step::Other),
    ]
}

fn apply_step(scene: &mut Scene, step: Step) {
    let latest = scene.app.loading.request.0;
    match step {
        Step::Keys(keys) => {
            for key in keys.split_whitespace() {
                scene.happens(Event::Key(key.parse().unwrap()));
            }
        }
        Step::Chord(chord) => scene.happens(Event::Key(chord)),
        Step::Types(text) => {
            for c in text.chars().take(20) {
                scene.happens(Event::Key(Chord::plain(Key::Char(c))));
            }
        }
        Step::Paste(text) => scene.happens(Event::Paste(text)),
        Step::Mouse(mouse) => scene.happens(Event::Mouse(mouse)),
        Step::Resize(width, height) => scene.happens(Event::Resize { width, height }),
        Step::Update(behind, update) => scene.hears(RequestId(latest.saturating_sub(behind)), update),
        Step::Messages(behind, service, raws) => {
            let provider = provider::by_id(service).unwrap();
            let summaries: Vec<MessageSummary> =
                (0..).zip(raws).map(|(index, raw)| provider.read_summary(Raw::owned(raw), index)).collect();
            scene.hears(RequestId(latest.saturating_sub(behind)), FetchUpdate::Summaries(summaries));
        }
        Step::Other(event) => scene.happens(event),
    }
}

/// Returns the symbol, or nothing if it is the flag of a region, whose tag characters are allowed.
fn without_flag(symbol: &str) -> &str {
    let tags = symbol.strip_prefix('🏴').and_then(|tags| tags.strip_suffix('\u{e007f}'));
    let is_region_tag = |tag: char| matches!(tag, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    if tags.is_some_and(|tags| tags.chars().count() <= 6 && tags.chars().all(is_region_tag)) {
        ""
    } else {
        symbol
    }
}

/// Returns whether no cell may contain this character.
fn is_terminal_control(c: char) -> bool {
    is_harmful(c) || matches!(c, '\u{e0000}'..='\u{e007f}')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn random_steps_never_break_the_app(
        size in (0u16..=200, 0u16..60),
        opens in any::<bool>(),
        steps in vec(step(), 1..40),
    ) {
        let mut scene = Scene::sized(size.0, size.1);
        if opens {
            scene.asks_for("sgp:lamp");
        }
        for step in steps {
            apply_step(&mut scene, step);
            let len = scene.app.shown().list_len();
            prop_assert!(scene.app.list.selected < len.max(1), "{} of {len}", scene.app.list.selected);
            let buffer = scene.buffer();
            prop_assert_eq!((buffer.area.width, buffer.area.height), (scene.app.screen.width, scene.app.screen.height));
            for cell in &buffer.content {
                let symbol = without_flag(cell.symbol());
                prop_assert!(!symbol.chars().any(is_terminal_control), "{symbol:?}");
            }
        }
    }
}
