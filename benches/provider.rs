//! Reading messages: the summary of every message of a body, and one whole turn with very many spans.
//! `UNSPOOL_BENCH_BODY` sets a saved body to measure instead of the generated ones.

use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use unspool::testing::domain::{Raw, Segment};
use unspool::testing::json::Value;
use unspool::testing::provider::{Provider, camelai::Camelai, sgp::Sgp};

fn main() {
    divan::main();
}

const SPAN: &str = r#"{"id":"50000000-0000-4000-8000-000000000003","node_id":"knowledge_base_node","operation_type":"KB_RETRIEVAL","operation_status":"SUCCESS","start_timestamp":"2026-09-01T09:00:01.160000Z","duration_ms":611,"end_timestamp":"2026-09-01T09:00:01.771000Z","parent_id":"50000000-0000-4000-8000-000000000001","application_interaction_id":"e0000000-0000-4000-8000-000000000001","trace_id":"trace-7f1a","application_variant_id":"3f8a2c54-6e0b-4a19-b1f7-7c2d9e8a5b01","operation_input":{"query":"refund annual plan\n20 days","top_k":8},"operation_output":{"chunks":[{"chunk_id":"c-101","text":"Annual subscriptions may be refunded in full within thirty (30) days of purchase; \"in full\" is without the fee. Grüße, 漢字.","score":0.912,"title":"refund-policy.pdf"},{"chunk_id":"c-204","text":"After thirty days, refunds are computed pro rata on unused months.","score":0.874}]},"operation_metadata":{"model":"gpt-4o","usage":{"prompt_tokens":1893,"completion_tokens":64,"total_tokens":1957},"cost_usd":0.00612}}"#;

/// Returns a turn with this many spans of about 1 KB.
fn turn(spans: usize) -> String {
    let spans = vec![SPAN; spans].join(",");
    format!(
        r#"{{"entry":{{"id":"e0000000-0000-4000-8000-000000000001","input":{{"query":"Can I get a refund on an annual plan after 20 days?"}},"output":{{"response":"Yes. Annual plans are refundable within 30 days of purchase, pro rata after that. [1]","context":[{{"text":"c","score":0.8}}]}},"aggregated":false,"application_spec_id":"a91b7c3e-2d45-4f68-8e10-5b6c7d8e9f02","application_variant_id":"3f8a2c54-6e0b-4a19-b1f7-7c2d9e8a5b01","start_timestamp":"2026-09-01T09:00:01.000000Z","duration_ms":4210,"operation_status":"SUCCESS","created_at":"2026-09-01T09:00:01.000000Z","models":["openai/gpt-4o"],"operation_metadata":{{"usage":{{"prompt_tokens":1893,"completion_tokens":64}}}}}},"spans":[{spans}],"feedback":{{"id":"f","sentiment":"positive","description":""}}}}"#
    )
}

const CAMELAI_MESSAGE: &str = r#"{"id":918206,"role":"assistant","content":[{"type":"text","text":"I'll check memory for a saved revenue query before writing a new one, and then compare month over month."},{"type":"tool_use","id":"toolu_03RunQ","name":"run_query","input":{"connection_id":12,"description":"Monthly revenue, cancelled orders excluded","query":"SELECT date_trunc('month', order_date) AS month,\n SUM(total_amount) AS revenue\nFROM orders\nWHERE status <> 'cancelled'\nGROUP BY 1\nORDER BY 1"}}],"created_at":"2026-08-03T14:02:19.774690Z","metadata":{"model":"sonnet-4.5","usage":{"input_tokens":2804,"output_tokens":161}},"source":"UI"}"#;

/// Returns the messages of the body set in the environment, else this message many times, as windows into one segment.
fn messages(one: &str) -> Vec<Raw> {
    let body = std::env::var_os("UNSPOOL_BENCH_BODY").and_then(|path| std::fs::read(path).ok());
    let body = body.unwrap_or_else(|| {
        let list = vec![one; 20_000_000 / one.len()].join(",");
        format!(r#"{{"messages":[{list}]}}"#).into_bytes()
    });
    let segment = Arc::new(Segment::from(body));
    let list = Value::of(segment.bytes()).get("messages");
    let raws = list.into_iter().flat_map(Value::elements).map(Value::raw);
    let start = segment.bytes().as_ptr() as usize;
    raws.map(|raw| Raw::window(&segment, raw.as_ptr() as usize - start, raw.len())).collect()
}

fn summarize(bencher: Bencher<'_, '_>, service: &dyn Provider, messages: &[Raw]) {
    let bytes: usize = messages.iter().map(Raw::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        messages
            .iter()
            .zip(0..)
            .map(|(raw, index)| service.read_summary(raw.clone(), index).span_count)
            .sum::<u32>()
    });
}

#[divan::bench]
fn summarize_turns(bencher: Bencher<'_, '_>) {
    summarize(bencher, &Sgp, &messages(&turn(27)));
}

#[divan::bench]
fn summarize_turns_with_an_error(bencher: Bencher<'_, '_>) {
    summarize(bencher, &Sgp, &messages(&turn(27).replacen("SUCCESS", "ERROR", 1)));
}

#[divan::bench]
fn summarize_short_messages(bencher: Bencher<'_, '_>) {
    summarize(bencher, &Camelai, &messages(CAMELAI_MESSAGE));
}

#[divan::bench]
fn read_turn_with_ten_thousand_spans(bencher: Bencher<'_, '_>) {
    let turn = turn(10_000);
    bencher.counter(BytesCount::of_str(&turn)).bench_local(|| Sgp.read_message(turn.as_bytes()));
}

#[divan::bench]
fn read_short_message(bencher: Bencher<'_, '_>) {
    bencher
        .counter(BytesCount::of_str(CAMELAI_MESSAGE))
        .bench_local(|| Camelai.read_message(CAMELAI_MESSAGE.as_bytes()));
}
