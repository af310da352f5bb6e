//! What the demo has: every thread id, what a person sees there, and how the server answers it. One table, so that
//! the list on the screen and the server cannot disagree.

/// A thread of the demo.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The service's short name: `sgp` or `camelai`.
    pub service: &'static str,
    /// The id to open.
    pub id: &'static str,
    pub title: &'static str,
    /// What there is to see, in a sentence.
    pub note: &'static str,
    pub(super) answer: Answer,
}

/// How the server answers a thread's id.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// With this body.
    Body(&'static str),
    /// With this body if asked by account, else 404.
    ByAccount(&'static str),
    /// With this body if an account is named, else 401.
    NeedsAccount(&'static str),
    /// With so many turns made by code, as fast as they are read.
    Made(u32),
    /// With turns that come one by one.
    Slow(u32),
    /// With so many turns and then nothing, the connection open.
    Stalls(u32),
    /// With so many turns, then the connection breaks inside the next.
    Breaks(u32),
    /// With the error of this status, in the service's shape.
    Refusal(u16),
    /// With a page of HTML and status 200.
    SignInPage,
    /// With a redirect to this thread on the same host.
    Moved(&'static str),
    /// With a redirect to another host.
    Elsewhere,
}

/// The demo's threads, those of most interest first.
pub fn catalogue() -> &'static [Entry] {
    &ENTRIES
}

/// The thread of a service with this id.
pub(super) fn find(service: &str, id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.service == service && entry.id == id)
}

const fn sgp(id: &'static str, title: &'static str, note: &'static str, answer: Answer) -> Entry {
    Entry { service: "sgp", id, title, note, answer }
}

const fn camelai(id: &'static str, title: &'static str, note: &'static str, answer: Answer) -> Entry {
    Entry { service: "camelai", id, title, note, answer }
}

macro_rules! asset {
    ($name:literal) => {
        include_str!(concat!("../../assets/demo/", $name))
    };
}

/// The details of camelAI's threads: an array of what `GET /api/v1/threads/{id}` answers.
pub(super) const CAMELAI_THREADS: &str = asset!("camelai-threads.json");

static ENTRIES: [Entry; 38] = [
    sgp(
        "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a",
        "Lamp order 4471: return and warranty",
        "a support chat with a wrong answer: look at the spans of the turn with the thumb down",
        Answer::Body(asset!("sgp-lamp-order.json")),
    ),
    sgp(
        "b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95",
        "Nightly stock reconciliation",
        "an agent's run: failed tools, retries, a cancelled turn, 24 s that no span covers, orphans",
        Answer::Body(asset!("sgp-stock-agent.json")),
    ),
    camelai(
        "1001",
        "Why did margin fall in June?",
        "an analysis with SQL, Python, charts and tables",
        Answer::Body(asset!("camelai-margin.json")),
    ),
    sgp(
        "demo-languages",
        "One question in many tongues",
        "scripts, emoji, combining marks, tabs, and code in many languages",
        Answer::Body(asset!("sgp-languages.json")),
    ),
    camelai(
        "1002",
        "売上の内訳と配送の遅れ",
        "an analysis in Japanese and German",
        Answer::Body(asset!("camelai-languages.json")),
    ),
    sgp("demo-5000", "Locker network, night desk", "5,000 turns with 8 spans each", Answer::Made(5000)),
    sgp(
        "demo-hostile",
        "Text that attacks its reader",
        "escape sequences, hidden text, broken messages; all of it harmless here",
        Answer::Body(asset!("sgp-hostile.json")),
    ),
    camelai(
        "1666",
        "Blocks that attack their reader",
        "hostile text in tools, charts and tables; content of every odd form",
        Answer::Body(asset!("camelai-hostile.json")),
    ),
    sgp("demo-slow", "Locker network, slow line", "27 turns, one every 0.3 s", Answer::Slow(27)),
    sgp("demo-empty", "", "no messages, no title", Answer::Body(asset!("sgp-empty.json"))),
    camelai("1003", "New Chat", "no messages", Answer::Body(asset!("camelai-empty.json"))),
    sgp(
        "demo-by-account",
        "Somebody else's thread",
        "404, unless asked by account",
        Answer::ByAccount(asset!("sgp-by-account.json")),
    ),
    sgp(
        "demo-needs-account",
        "A key that needs its account",
        "401 without an account id",
        Answer::NeedsAccount(asset!("sgp-needs-account.json")),
    ),
    sgp(
        "demo-v0",
        "An old server's thread",
        "flat spans, zone-less times, fields missing that the document requires",
        Answer::Body(asset!("sgp-old-server.json")),
    ),
    sgp("demo-stall", "A line that falls silent", "3 turns, then nothing, and no end", Answer::Stalls(3)),
    sgp(
        "demo-truncated",
        "A line that breaks",
        "4 turns, then the connection breaks inside the fifth",
        Answer::Breaks(4),
    ),
    sgp(
        "demo-moved",
        "A thread that moved",
        "redirects to the lamp order on the same host",
        Answer::Moved("8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"),
    ),
    sgp(
        "demo-elsewhere",
        "A redirect to another host",
        "must not be followed: the key would go along",
        Answer::Elsewhere,
    ),
    sgp("demo-sign-in-page", "A network's sign-in page", "200, but HTML", Answer::SignInPage),
    sgp("demo-401", "Refused: key", "401", Answer::Refusal(401)),
    sgp("demo-403", "Refused: account", "403", Answer::Refusal(403)),
    sgp("demo-404", "Refused: no such thread", "404", Answer::Refusal(404)),
    sgp("demo-409", "Refused: conflict", "409, as clients try it again", Answer::Refusal(409)),
    sgp("demo-422", "Refused: parameters", "422 with two complaints", Answer::Refusal(422)),
    sgp(
        "demo-429",
        "Refused: too many requests",
        "429 every time, with a wait of 120 ms",
        Answer::Refusal(429),
    ),
    sgp("demo-500", "Refused: failure", "500 with JSON of another shape", Answer::Refusal(500)),
    sgp("demo-502", "Refused: proxy", "502 with HTML", Answer::Refusal(502)),
    sgp("demo-503", "Refused: maintenance", "503 with plain text and a wait of 120 ms", Answer::Refusal(503)),
    camelai("1401", "Refused: key", "401", Answer::Refusal(401)),
    camelai("1402", "Refused: payment", "402", Answer::Refusal(402)),
    camelai("1403", "Refused: access", "403", Answer::Refusal(403)),
    camelai("1404", "Refused: no such thread", "404", Answer::Refusal(404)),
    camelai("1422", "Refused: fields", "422 with neither error nor detail", Answer::Refusal(422)),
    camelai(
        "1429",
        "Refused: too many requests",
        "429 every time, with a wait of 120 ms",
        Answer::Refusal(429),
    ),
    camelai("1500", "Refused: failure", "500 with a hint", Answer::Refusal(500)),
    camelai("1502", "Refused: proxy", "502 with HTML", Answer::Refusal(502)),
    camelai("1503", "A network's sign-in page", "200, but HTML", Answer::SignInPage),
    camelai(
        "1504",
        "A thread that moved",
        "redirects to the margin analysis on the same host",
        Answer::Moved("1001"),
    ),
];
