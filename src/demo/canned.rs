//! The demo's threads: id, title, note and response of each. One table serves both the list on the screen and the server.

/// A thread of the demo.
#[derive(Clone, Copy, Debug)]
pub struct DemoThread {
    /// The service's short name: `sgp` or `camelai`.
    pub service: &'static str,
    /// The id to open.
    pub id: &'static str,
    pub title: &'static str,
    /// A short description of the thread.
    pub note: &'static str,
    pub(super) response: CannedResponse,
}

/// The server's response to a request for a thread.
#[derive(Clone, Copy, Debug)]
pub(super) enum CannedResponse {
    /// Responds with this body.
    Body(&'static str),
    /// Responds with this body if requested by account, else with 404.
    ByAccount(&'static str),
    /// Responds with this body if the request has an account, else with 401.
    NeedsAccount(&'static str),
    /// Sends this many generated turns, as fast as the client reads them.
    Generated(u32),
    /// Sends this many turns, one at a time.
    Slow(u32),
    /// Sends this many turns, then no more data on an open connection.
    Stall(u32),
    /// Sends this many turns, then breaks the connection inside the next one.
    Disconnect(u32),
    /// Responds with an error with this status, in the service's format.
    Error(u16),
    /// Responds with an HTML page with status 200.
    SignInPage,
    /// Redirects to this thread on the same host.
    Redirect(&'static str),
    /// Redirects to another host.
    CrossHostRedirect,
}

/// Returns the demo's threads, the most interesting first.
pub fn canned_threads() -> &'static [DemoThread] {
    &ENTRIES
}

/// Finds the thread of a service by its id.
pub(super) fn find(service: &str, id: &str) -> Option<&'static DemoThread> {
    ENTRIES.iter().find(|entry| entry.service == service && entry.id == id)
}

const fn sgp(
    id: &'static str,
    title: &'static str,
    note: &'static str,
    response: CannedResponse,
) -> DemoThread {
    DemoThread { service: "sgp", id, title, note, response }
}

const fn camelai(
    id: &'static str,
    title: &'static str,
    note: &'static str,
    response: CannedResponse,
) -> DemoThread {
    DemoThread { service: "camelai", id, title, note, response }
}

macro_rules! asset {
    ($name:literal) => {
        include_str!(concat!("../../assets/demo/", $name))
    };
}

/// The details of camelAI's threads: an array of the responses of `GET /api/v1/threads/{id}`.
pub(super) const CAMELAI_THREADS: &str = asset!("camelai-threads.json");

static ENTRIES: [DemoThread; 38] = [
    sgp(
        "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a",
        "A wrong answer: lamp order 4471",
        "a support chat; the spans of the turn with negative feedback show why",
        CannedResponse::Body(asset!("sgp-lamp-order.json")),
    ),
    sgp(
        "b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95",
        "An agent's bad night",
        "a stock reconciliation: failed tools, retries, a cancelled turn, 24 s untraced, orphans",
        CannedResponse::Body(asset!("sgp-stock-agent.json")),
    ),
    camelai(
        "1001",
        "An analysis: why did margin fall?",
        "SQL, Python, charts and tables",
        CannedResponse::Body(asset!("camelai-margin.json")),
    ),
    sgp(
        "demo-languages",
        "Many languages",
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
        "Hostile text",
        "escape sequences, hidden text, broken messages; all are shown harmlessly",
        CannedResponse::Body(asset!("sgp-hostile.json")),
    ),
    camelai(
        "1666",
        "Hostile blocks",
        "hostile text in tools, charts and tables; unusual content of every kind",
        CannedResponse::Body(asset!("camelai-hostile.json")),
    ),
    sgp(
        "demo-slow",
        "Locker network, slow connection",
        "27 turns, one every 0.3 s",
        CannedResponse::Slow(27),
    ),
    sgp("demo-empty", "", "no messages, no title", CannedResponse::Body(asset!("sgp-empty.json"))),
    camelai("1003", "New Chat", "no messages", CannedResponse::Body(asset!("camelai-empty.json"))),
    sgp(
        "demo-by-account",
        "Another user's thread",
        "404, unless requested by account",
        CannedResponse::ByAccount(asset!("sgp-by-account.json")),
    ),
    sgp(
        "demo-needs-account",
        "A key that requires an account",
        "401 without an account id",
        CannedResponse::NeedsAccount(asset!("sgp-needs-account.json")),
    ),
    sgp(
        "demo-v0",
        "An old server's thread",
        "flat spans, times without a time zone, missing required fields",
        CannedResponse::Body(asset!("sgp-old-server.json")),
    ),
    sgp("demo-stall", "Stalled connection", "3 turns, then no more data", CannedResponse::Stall(3)),
    sgp(
        "demo-truncated",
        "Broken connection",
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
        "not followed, because it would leak the key",
        CannedResponse::CrossHostRedirect,
    ),
    sgp("demo-sign-in-page", "A network's sign-in page", "200, but HTML", CannedResponse::SignInPage),
    sgp("demo-401", "Refused: key", "401", CannedResponse::Error(401)),
    sgp("demo-403", "Refused: account", "403", CannedResponse::Error(403)),
    sgp("demo-404", "Refused: unknown thread", "404", CannedResponse::Error(404)),
    sgp("demo-409", "Refused: conflict", "409, which clients retry", CannedResponse::Error(409)),
    sgp("demo-422", "Refused: parameters", "422 with two errors", CannedResponse::Error(422)),
    sgp(
        "demo-429",
        "Refused: too many requests",
        "429 every time, with a delay of 120 ms",
        CannedResponse::Error(429),
    ),
    sgp(
        "demo-500",
        "Refused: server error",
        "500 with an unexpected JSON format",
        CannedResponse::Error(500),
    ),
    sgp("demo-502", "Refused: proxy", "502 with HTML", CannedResponse::Error(502)),
    sgp(
        "demo-503",
        "Refused: maintenance",
        "503 with plain text and a delay of 120 ms",
        CannedResponse::Error(503),
    ),
    camelai("1401", "Refused: key", "401", CannedResponse::Error(401)),
    camelai("1402", "Refused: payment", "402", CannedResponse::Error(402)),
    camelai("1403", "Refused: access", "403", CannedResponse::Error(403)),
    camelai("1404", "Refused: unknown thread", "404", CannedResponse::Error(404)),
    camelai("1422", "Refused: fields", "422 with neither error nor detail", CannedResponse::Error(422)),
    camelai(
        "1429",
        "Refused: too many requests",
        "429 every time, with a delay of 120 ms",
        CannedResponse::Error(429),
    ),
    camelai("1500", "Refused: server error", "500 with a hint", CannedResponse::Error(500)),
    camelai("1502", "Refused: proxy", "502 with HTML", CannedResponse::Error(502)),
    camelai("1503", "A network's sign-in page", "200, but HTML", CannedResponse::SignInPage),
    camelai(
        "1504",
        "A thread that moved",
        "redirects to the margin analysis on the same host",
        CannedResponse::Redirect("1001"),
    ),
];
