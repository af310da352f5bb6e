//! The spans of a night desk turn: eight, or nine if a tool call was retried.

use serde_json::{Value, json};

use super::{
    DEMO_ACCOUNT, DEMO_VARIANT, USER, timestamp,
    turn::{GeneratedTurn, Outcome},
};

/// A step of the turn; its times are thousandths of the turn's duration.
struct Step {
    number: u32,
    parent: Option<u32>,
    name: &'static str,
    operation: &'static str,
    from: i64,
    to: i64,
}

const STEPS: [Step; 8] = [
    step(0, None, ("turn", "AGENT_WORKFLOW"), (0, 1000)),
    step(1, Some(0), ("input_guardrail", "GUARDRAIL"), (4, 40)),
    step(2, Some(0), ("plan", "COMPLETION"), (45, 240)),
    step(3, Some(0), ("look_up", "AGENT_TRACER"), (245, 700)),
    step(4, Some(3), ("handbook", "KB_RETRIEVAL"), (250, 380)),
    step(5, Some(3), ("rerank", "RERANKING"), (385, 440)),
    step(6, Some(3), ("locker_api", "EXTERNAL_ENDPOINT"), (445, 690)),
    step(7, Some(0), ("answer", "COMPLETION"), (710, 990)),
];

const fn step(
    number: u32,
    parent: Option<u32>,
    (name, operation): (&'static str, &'static str),
    (from, to): (i64, i64),
) -> Step {
    Step { number, parent, name, operation, from, to }
}

/// Returns the turn's spans in the order of their ends, with the root last.
pub fn spans(turn: &GeneratedTurn, interaction: &str) -> Vec<Value> {
    let mut steps: Vec<&Step> = STEPS.iter().filter(|step| is_reached(turn, step)).collect();
    steps.sort_by_key(|step| (step.to, step.number));
    let mut spans: Vec<Value> = steps.into_iter().map(|step| span(turn, interaction, step)).collect();
    if turn.outcome == Outcome::Retried {
        spans.insert(0, failed_attempt(turn, interaction));
    }
    spans
}

fn is_reached(turn: &GeneratedTurn, step: &Step) -> bool {
    match turn.outcome {
        Outcome::Succeeded | Outcome::Retried => true,
        Outcome::Failed => step.name != "answer",
        Outcome::Canceled => step.from < 440,
    }
}

fn span(turn: &GeneratedTurn, interaction: &str, step: &Step) -> Value {
    let start = turn.start_ms + turn.duration_ms * step.from / 1000;
    let end = turn.start_ms + turn.duration_ms * step.to / 1000;
    let mut span = json!({
        "id": span_id(turn, step.number),
        "node_id": step.name,
        "operation_type": step.operation,
        "operation_status": status(turn, step),
        "start_timestamp": timestamp(start),
        "end_timestamp": timestamp(end),
        "duration_ms": end - start,
        "trace_id": format!("night-{:05}", turn.index + 1),
        "application_interaction_id": interaction,
        "application_variant_id": DEMO_VARIANT,
        "account_id": DEMO_ACCOUNT,
        "created_by_user_id": USER,
        "created_by_identity_type": "service_account",
    });
    let (input, output) = payload(turn, step);
    if let Some(fields) = span.as_object_mut() {
        if let Some(parent) = step.parent {
            fields.insert("parent_id".to_owned(), Value::String(span_id(turn, parent)));
        }
        fields.insert("operation_input".to_owned(), input);
        if status(turn, step) == "SUCCESS" {
            fields.insert("operation_output".to_owned(), output);
        }
        fields.insert("operation_metadata".to_owned(), metadata(turn, step));
    }
    span
}

fn status(turn: &GeneratedTurn, step: &Step) -> &'static str {
    match (turn.outcome, step.name) {
        (Outcome::Failed, "locker_api" | "look_up" | "turn") => "ERROR",
        (Outcome::Canceled, "look_up" | "turn") => "CANCELED",
        (Outcome::Succeeded | Outcome::Retried | Outcome::Failed | Outcome::Canceled, _) => "SUCCESS",
    }
}

fn payload(turn: &GeneratedTurn, step: &Step) -> (Value, Value) {
    let question = turn.question();
    match step.name {
        "input_guardrail" => (json!({ "text": question }), json!({ "passed": true, "violations": [] })),
        "plan" => (
            json!({ "messages": [
                { "role": "system", "content": "Decide what to look up. Answer with one tool call." },
                { "role": "user", "content": question },
            ] }),
            json!({ "completion": format!("look_up(locker={})", turn.unit) }),
        ),
        "look_up" => (json!({ "locker": turn.unit, "town": turn.town }), json!({ "found": 1 })),
        "handbook" => (json!({ "query": question, "top_k": 3 }), json!({ "chunks": chunks(turn) })),
        "rerank" => {
            let mut best = chunks(turn);
            best.truncate(1);
            (json!({ "prompt": question, "chunks": chunks(turn) }), json!({ "chunks": best }))
        }
        "locker_api" => (
            json!({ "method": "GET", "url": format!("https://lockers.example/v2/units/{}", turn.unit) }),
            json!({ "status": 200, "unit": turn.unit, "fill": turn.percent, "door": turn.door(), "mains_volts": 231 }),
        ),
        "answer" => (
            json!({ "messages": [
                { "role": "system", "content": "You are the night desk. Be brief. Say what to do." },
                { "role": "user", "content": question },
            ] }),
            json!({ "completion": turn.answer() }),
        ),
        _ => (json!({ "query": question }), turn.output()),
    }
}

fn chunks(turn: &GeneratedTurn) -> Vec<Value> {
    const PAGES: [(&str, &str); 3] = [
        (
            "When a unit is silent",
            "A unit that lost its uplink keeps its doors working for 72 hours with the codes it knows. Do not send a van before two heartbeats were missed after the carrier's all-clear.",
        ),
        (
            "Doors and latches",
            "A latch that draws more than 1.4 A is blocked. Open it from the desk only while the customer stands in front of it: the door springs open.",
        ),
        (
            "Power and cold",
            "On battery the heater goes first, then the screen, then the chilled boxes. Below 10 % the unit stops taking parcels in.",
        ),
    ];
    let best = turn.percent * 10;
    PAGES
        .iter()
        .zip(1_u64..)
        .map(|((title, text), page)| {
            let thousandths = u32::try_from(990_u64.saturating_sub(page * 90 + best / 8)).unwrap_or_default();
            json!({
                "chunk_id": format!("hb-{page:03}"), "text": text, "score": f64::from(thousandths) / 1000.0,
                "title": title, "attachment_url": format!("https://lockers.example/handbook.pdf#page={page}"),
                "metadata": { "page": page, "edition": "2026-02" },
            })
        })
        .collect()
}

fn metadata(turn: &GeneratedTurn, step: &Step) -> Value {
    let (input, output) = turn.tokens();
    match step.name {
        "turn" => json!({
            "__source__": "agentex", "__agent_name__": "night-desk",
            "usage": { "input_tokens": input, "output_tokens": output, "total_tokens": input + output },
            "cost_usd": turn.cost(),
        }),
        "plan" | "answer" => json!({
            "model": turn.model(), "finish_reason": "stop",
            "usage": { "prompt_tokens": input / 2, "completion_tokens": output / 2 },
        }),
        "locker_api" if turn.outcome == Outcome::Failed => failure(turn),
        _ => json!({ "attempt": 1 }),
    }
}

fn failure(turn: &GeneratedTurn) -> Value {
    json!({
        "error": true, "error_type": "LockerUnreachable", "error_category": "platform",
        "error_message": format!("{} did not answer within 2 s", turn.locker()),
    })
}

/// Returns the failed call before the successful one.
fn failed_attempt(turn: &GeneratedTurn, interaction: &str) -> Value {
    let step = Step {
        number: 8,
        parent: Some(3),
        name: "locker_api",
        operation: "EXTERNAL_ENDPOINT",
        from: 441,
        to: 444,
    };
    let mut span = span(turn, interaction, &step);
    if let Some(fields) = span.as_object_mut() {
        fields.insert("operation_status".to_owned(), json!("ERROR"));
        fields.insert("operation_metadata".to_owned(), failure(turn));
        fields.shift_remove("operation_output");
    }
    span
}

fn span_id(turn: &GeneratedTurn, number: u32) -> String {
    format!("5a{:06}-0000-4000-8000-{number:012}", turn.index + 1)
}
