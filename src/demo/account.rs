//! The demo's SGP account: three applications, seven variants and about two thousand generated threads, the same every
//! time. The list of one variant is refused; another is like that of a server of 2024.

use serde_json::{Value, json};

use super::generated::{self, SpanInclusion, turn_title};
use super::{DEMO_ACCOUNT, DEMO_VARIANT};

/// An application.
pub struct Application {
    pub id: &'static str,
    name: &'static str,
    is_archived: bool,
}

/// The behaviour of the list of a variant's threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListMode {
    Current,
    /// Like a server of 2024: without the kinds of identities, and always without archived threads.
    Old,
    /// The list is refused with 403.
    Refused,
    /// Every few requests are refused with 429.
    Throttled,
}

/// A variant of an application.
pub struct Variant {
    pub id: &'static str,
    application: &'static str,
    name: &'static str,
    version: &'static str,
    is_draft: bool,
    pub list_mode: ListMode,
    /// The number of its generated threads.
    threads: u32,
}

const SUPPORT: &str = "a91b7c3e-2d45-4f68-8e10-5b6c7d8e9f02";
const ANALYST: &str = "b82c8d4f-3e56-4a79-9f21-6c7d8e9f0a13";
const STOCK: &str = "c73d9e5a-4f67-4b8a-8a32-7d8e9f0a1b24";

/// The applications, in the order of their creation.
pub const APPLICATIONS: [Application; 3] = [
    Application { id: SUPPORT, name: "Support assistant", is_archived: false },
    Application { id: ANALYST, name: "売上アナリスト", is_archived: false },
    Application { id: STOCK, name: "Stock agent", is_archived: true },
];

/// The variants. Their positions are part of the ids of their threads.
pub const VARIANTS: [Variant; 7] = [
    variant(DEMO_VARIANT, SUPPORT, ("RAG v3", "AGENTS_SERVICE"), ListMode::Current, 700),
    variant("v0-geography", SUPPORT, ("RAG v0, old server", "V0"), ListMode::Old, 180),
    Variant {
        is_draft: true,
        ..variant("3f8a2c54-draft", SUPPORT, ("RAG v4", "AGENTS_SERVICE"), ListMode::Current, 60)
    },
    variant("5b1e7d90-analyst", ANALYST, ("Analyst 2026-02", "AGENTS_SERVICE"), ListMode::Current, 640),
    variant("5b1e7d91-pilot", ANALYST, ("Closed pilot", "AGENTS_SERVICE"), ListMode::Refused, 0),
    variant("9c4a6e12-stock", STOCK, ("Nightly stock", "V0"), ListMode::Throttled, 420),
    variant("9c4a6e13-external", STOCK, ("External answers", "OFFLINE"), ListMode::Current, 0),
];

/// Returns a variant of an application with this many threads.
const fn variant(
    id: &'static str,
    application: &'static str,
    (name, version): (&'static str, &'static str),
    list_mode: ListMode,
    threads: u32,
) -> Variant {
    Variant { id, application, name, version, is_draft: false, list_mode, threads }
}

/// The users who start threads; the last one is a service account.
const USERS: [&str; 5] = [
    "1d0f7f2e-8b6a-4c58-9d1e-2f6a0c4b7e11",
    "ana.ferreira@example.com",
    "k.lund@example.com",
    "佐藤@example.jp",
    "svc-nightly",
];

/// The turns between the starts of two threads; 2,000 of them spread the threads over nine months.
const TURNS_BETWEEN: u32 = 29;
/// One of this many threads cannot be opened.
const GONE_EVERY: u32 = 211;

/// A generated thread.
pub struct AccountThread {
    variant: &'static Variant,
    id: String,
    /// The position among all threads.
    number: u32,
}

impl AccountThread {
    /// Returns the thread with this id.
    pub fn find(id: &str) -> Option<Self> {
        let (prefix, index) = id.split_once("-0000-4000-8000-")?;
        let position: usize = prefix.strip_prefix("acc0000")?.parse().ok()?;
        let index: u32 = index.parse().ok()?;
        let thread = Self::new(position, index)?;
        (thread.id == id).then_some(thread)
    }

    fn new(position: usize, index: u32) -> Option<Self> {
        let variant = VARIANTS.get(position).filter(|variant| index < variant.threads)?;
        let before: u32 = VARIANTS.iter().take(position).map(|variant| variant.threads).sum();
        let id = format!("acc0000{position}-0000-4000-8000-{index:012}");
        // Threads of all variants alternate, so that the latest threads belong to several variants.
        let number = (before + index).wrapping_mul(1_277) % 2_000;
        Some(Self { variant, id, number })
    }

    /// Returns the threads of a variant.
    pub fn of_variant(id: &str) -> impl Iterator<Item = Self> + use<'_> {
        let position = VARIANTS.iter().position(|variant| variant.id == id);
        position
            .into_iter()
            .flat_map(|position| (0..u32::MAX).map_while(move |index| Self::new(position, index)))
    }

    /// Returns whether the thread was deleted but is still listed.
    pub fn is_gone(&self) -> bool {
        self.number % GONE_EVERY == GONE_EVERY - 1
    }

    fn first_turn(&self) -> u32 {
        self.number * TURNS_BETWEEN
    }

    fn turn_count(&self) -> u32 {
        1 + self.number % 4
    }

    fn title(&self) -> String {
        match self.number % 97 {
            13 => String::new(),
            55 => format!("\u{1b}]0;pwned\u{7}\u{1b}[31m\u{202e}gnp.exe {}", self.number),
            _ => turn_title(self.first_turn()),
        }
    }

    /// Returns the `thread` object.
    pub fn to_json(&self) -> Value {
        let user = USERS.get(self.number as usize % USERS.len()).copied().unwrap_or_default();
        let is_service = user.starts_with("svc-");
        let last_turn = self.first_turn() + self.turn_count();
        let mut thread = json!({
            "id": self.id,
            "title": self.title(),
            "application_variant_id": self.variant.id,
            "thread_metadata": { "channel": "web" },
            "account_id": DEMO_ACCOUNT,
            "created_by_user_id": user,
            "created_by_identity_type": if is_service { "service_account" } else { "user" },
            "created_at": generated::turn_time(self.first_turn()),
            "updated_at": generated::turn_time(last_turn),
        });
        let Some(fields) = thread.as_object_mut() else { return thread };
        if self.variant.list_mode == ListMode::Old {
            fields.remove("created_by_identity_type");
        } else if self.is_archived() {
            fields.insert("archived_at".to_owned(), json!(generated::turn_time(last_turn + 200)));
        }
        thread
    }

    fn is_archived(&self) -> bool {
        self.number % 19 == 4
    }

    /// Returns whether the thread is in the list.
    pub fn is_listed(&self, include_archived: bool) -> bool {
        !self.is_archived() || (include_archived && self.variant.list_mode != ListMode::Old)
    }

    /// Returns the response body with the thread's messages.
    pub fn body(&self, spans: SpanInclusion) -> Value {
        let turns = self.first_turn()..self.first_turn() + self.turn_count();
        let (spec, variant) = (self.variant.application, self.variant.id);
        let messages: Vec<Value> =
            turns.map(|index| generated::turn_of((spec, variant), &self.id, index, spans)).collect();
        json!({ "application_spec_id": spec, "thread": self.to_json(), "messages": messages })
    }
}

/// Returns the applications as rows of their list.
pub fn application_rows(include_archived: bool) -> Vec<Value> {
    let listed = APPLICATIONS.iter().filter(|application| include_archived || !application.is_archived);
    listed
        .map(|application| {
            let archived_at = application.is_archived.then_some("2026-10-31T00:00:00Z");
            json!({
                "id": application.id,
                "account_id": DEMO_ACCOUNT,
                "created_at": "2026-01-05T09:00:00Z",
                "name": application.name,
                "description": "",
                "archived_at": archived_at,
                "created_by_user_id": USERS.first(),
                "created_by_identity_type": "user",
            })
        })
        .collect()
}

/// Returns the variants as rows of their list.
pub fn variant_rows() -> Vec<Value> {
    let row = |variant: &Variant| {
        json!({
            "id": variant.id,
            "account_id": DEMO_ACCOUNT,
            "application_spec_id": variant.application,
            "configuration": { "type": "WORKFLOW", "params": {}, "graph": { "nodes": [], "edges": [] } },
            "created_at": "2026-01-10T08:00:00Z",
            "updated_at": "2026-02-01T08:00:00.123456Z",
            "draft": variant.is_draft,
            "name": variant.name,
            "version": variant.version,
        })
    };
    VARIANTS.iter().map(row).collect()
}

/// Returns the response of `/user-info`.
pub fn user_info() -> Value {
    let profile = |id: &str, name: &str, role: &str, status: &str| {
        json!({
            "id": format!("ap-{id}"),
            "role": role,
            "account": { "id": id, "name": name, "status": status },
            "identity": { "id": USERS.first(), "type": "user" },
        })
    };
    json!({
        "id": USERS.first(),
        "email": "ana.ferreira@example.com",
        "access_profiles": [
            profile(DEMO_ACCOUNT, "Halden Lights", "admin", "active"),
            profile("65f1c9b2a7d4e01c22b9f3bb", "Halden Lights (staging)", "viewer", "active"),
            profile("65f1c9b2a7d4e01c22b9f3cc", "Old tenant", "disabled", "locked"),
        ],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all_threads() -> Vec<AccountThread> {
        VARIANTS.iter().flat_map(|variant| AccountThread::of_variant(variant.id)).collect()
    }

    #[test]
    fn two_thousand_threads_have_distinct_ids_and_places() {
        let threads = all_threads();
        let ids: BTreeSet<&str> = threads.iter().map(|thread| thread.id.as_str()).collect();
        let numbers: BTreeSet<u32> = threads.iter().map(|thread| thread.number).collect();
        assert_eq!((threads.len(), ids.len(), numbers.len()), (2_000, 2_000, 2_000));
        assert!(threads.iter().all(|thread| AccountThread::find(&thread.id).is_some()));
        for id in [
            "",
            "acc00001-0000-4000-8000-1",
            "acc00009-0000-4000-8000-000000000001",
            "acc00001-0000-4000-8000-000000099999",
        ] {
            assert!(AccountThread::find(id).is_none(), "{id}");
        }
    }

    #[test]
    fn bodies_belong_to_their_thread_and_versions_are_of_every_kind() {
        for thread in all_threads().iter().step_by(97) {
            let body = thread.body(SpanInclusion::Included);
            assert_eq!(body["thread"], thread.to_json());
            for message in body["messages"].as_array().unwrap() {
                assert_eq!(message["entry"]["chat_thread_id"], thread.id);
                assert_eq!(message["entry"]["application_variant_id"], thread.variant.id);
            }
        }
        let versions: BTreeSet<&str> = VARIANTS.iter().map(|variant| variant.version).collect();
        assert_eq!(versions.len(), 3);
    }
}
