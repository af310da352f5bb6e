//! What the demo has: every thread id, what a person sees there, and how the server answers it. One table, so that
//! the list on the screen and the server cannot disagree.

/// A thread of the demo.
#[derive(Clone, Copy, Debug)]
pub struct DemoThread {
    /// The service's short name: `sgp` or `camelai`.
    pub service: &'static str,
    /// The id to open.
    pub id: &'static str,
    pub title: &'static str,
    /// What there is to see, in a sentence.
    pub note: &'static str,
    pub(super) response: CannedResponse,
}

/// How the server answers a thread's id.
#[derive(Clone, Copy, Debug)]
pub(super) enum CannedResponse {
    /// With this body.
    Body(&'static str),
    /// With this body if asked by account, else 404.
    ByAccount(&'static str),
    /// With this body if an account is named, else 401.
    NeedsAccount(&'static str),
    /// With so many turns made by code, as fast as they are read.
    Generated(u32),
    /// With turns that come one by one.
    Slow(u32),
    /// With so many turns and then nothing, the connection open.
    Stall(u32),
    /// With so many turns, then the connection breaks inside the next.
    Disconnect(u32),
    /// With the error of this status, in the service's shape.
    Error(u16),
    /// With a page of HTML and status 200.
    SignInPage,
    /// With a redirect to this thread on the same host.
    Redirect(&'static str),
    /// With a redirect to another host.
    CrossHostRedirect,
}

/// The demo's threads, those of most interest first.
pub fn catalogue() -> &'static [DemoThread] {
    &ENTRIES
}

/// The thread of a service with this id.
pub(super) fn find(service: &str, id: &str) -> Option<&'static DemoThread> {
    ENTRIES.iter().find(|entry| entry.service == service && entry.id == id)
}

const fn sgp(
    id: &'static str,
    title: &'static str,
    note: &'static str,
    answer: CannedResponse,
) -> DemoThread {
    DemoThread { service: "sgp", id, title, note, response: answer }
}

const fn camelai(
    id: &'static str,
    title: &'static str,
    note: &'static str,
    answer: CannedResponse,
) -> DemoThread {
    DemoThread { service: "camelai", id, title, note, response: answer }
}

macro_rules! asset {
    ($name:literal) => {
        include_str!(concat!("../../assets/demo/", $name))
    };
}

/// The details of camelAI's threads: an array of what `GET /api/v1/threads/{id}` answers.
pub(super) const CAMELAI_THREADS: &str = asset!("camelai-threads.json");

static ENTRIES: [DemoThread; 38] = [
    sgp(
        "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a",
        "Lamp order 4471: return and warranty",
        "a support chat with a wrong answer: look at the spans of the turn with the thumb down",
        CannedResponse::Body(asset!("sgp-lamp-order.json")),
    ),
    sgp(
        "b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95",
        "Nightly stock reconciliation",
        "an agent's run: failed tools, retries, a cancelled turn, 24 s that no span covers, orphans",
        CannedResponse::Body(asset!("sgp-stock-agent.json")),
    ),
    camelai(
        "1001",
        "Why did margin fall in June?",
        "an analysis with SQL, Python, charts and tables",
        CannedResponse::Body(asset!("camelai-margin.json")),
    ),
    sgp(
        "demo-languages",
        "One question in many tongues",
        "scripts, emoji, combining marks, tabs, and code in many languages",
        CannedResponse::Body(asset!("sgp-languages.json")),
    ),
    camelai(
        "1002",
        "売上の内訳と配送の遅れ",
        "an analysis in Japanese and German",
        CannedResponse::Body(asset!("camelai-languages.json")),
    ),
    sgp(
        "demo-5000",
        "Locker network, night desk",
        "5,000 turns with 8 spans each",
        CannedResponse::Generated(5000),
    ),
    sgp(
        "demo-hostile",
        "Text that attacks its reader",
        "escape sequences, hidden text, broken messages; all of it harmless here",
        CannedResponse::Body(asset!("sgp-hostile.json")),
    ),
    camelai(
        "1666",
        "Blocks that attack their reader",
        "hostile text in tools, charts and tables; content of every odd form",
        CannedResponse::Body(asset!("camelai-hostile.json")),
    ),
    sgp("demo-slow", "Locker network, slow line", "27 turns, one every 0.3 s", CannedResponse::Slow(27)),
    sgp("demo-empty", "", "no messages, no title", CannedResponse::Body(asset!("sgp-empty.json"))),
    camelai("1003", "New Chat", "no messages", CannedResponse::Body(asset!("camelai-empty.json"))),
    sgp(
        "demo-by-account",
        "Somebody else's thread",
        "404, unless asked by account",
        CannedResponse::ByAccount(asset!("sgp-by-account.json")),
    ),
    sgp(
        "demo-needs-account",
        "A key that needs its account",
        "401 without an account id",
        CannedResponse::NeedsAccount(asset!("sgp-needs-account.json")),
    ),
    sgp(
        "demo-v0",
        "An old server's thread",
        "flat spans, zone-less times, fields missing that the document requires",
        CannedResponse::Body(asset!("sgp-old-server.json")),
    ),
    sgp(
        "demo-stall",
        "A line that falls silent",
        "3 turns, then nothing, and no end",
        CannedResponse::Stall(3),
    ),
    sgp(
        "demo-truncated",
        "A line that breaks",
        "4 turns, then the connection breaks inside the fifth",
        CannedResponse::Disconnect(4),
    ),
    sgp(
        "demo-moved",
        "A thread that moved",
        "redirects to the lamp order on the same host",
        CannedResponse::Redirect("8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"),
    ),
    sgp(
        "demo-elsewhere",
        "A redirect to another host",
        "must not be followed: the key would go along",
        CannedResponse::CrossHostRedirect,
    ),
    sgp("demo-sign-in-page", "A network's sign-in page", "200, but HTML", CannedResponse::SignInPage),
    sgp("demo-401", "Refused: key", "401", CannedResponse::Error(401)),
    sgp("demo-403", "Refused: account", "403", CannedResponse::Error(403)),
    sgp("demo-404", "Refused: no such thread", "404", CannedResponse::Error(404)),
    sgp("demo-409", "Refused: conflict", "409, as clients try it again", CannedResponse::Error(409)),
    sgp("demo-422", "Refused: parameters", "422 with two complaints", CannedResponse::Error(422)),
    sgp(
        "demo-429",
        "Refused: too many requests",
        "429 every time, with a wait of 120 ms",
        CannedResponse::Error(429),
    ),
    sgp("demo-500", "Refused: failure", "500 with JSON of another shape", CannedResponse::Error(500)),
    sgp("demo-502", "Refused: proxy", "502 with HTML", CannedResponse::Error(502)),
    sgp(
        "demo-503",
        "Refused: maintenance",
        "503 with plain text and a wait of 120 ms",
        CannedResponse::Error(503),
    ),
    camelai("1401", "Refused: key", "401", CannedResponse::Error(401)),
    camelai("1402", "Refused: payment", "402", CannedResponse::Error(402)),
    camelai("1403", "Refused: access", "403", CannedResponse::Error(403)),
    camelai("1404", "Refused: no such thread", "404", CannedResponse::Error(404)),
    camelai("1422", "Refused: fields", "422 with neither error nor detail", CannedResponse::Error(422)),
    camelai(
        "1429",
        "Refused: too many requests",
        "429 every time, with a wait of 120 ms",
        CannedResponse::Error(429),
    ),
    camelai("1500", "Refused: failure", "500 with a hint", CannedResponse::Error(500)),
    camelai("1502", "Refused: proxy", "502 with HTML", CannedResponse::Error(502)),
    camelai("1503", "A network's sign-in page", "200, but HTML", CannedResponse::SignInPage),
    camelai(
        "1504",
        "A thread that moved",
        "redirects to the margin analysis on the same host",
        CannedResponse::Redirect("1001"),
    ),
];
