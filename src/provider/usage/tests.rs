//! Tests of the table of names: one row per spelling.

use super::*;

fn usage_of(text: &str) -> Option<Usage> {
    read_usage([Some(Value::of(text.as_bytes()))])
}

/// Returns a usage from input, output, total, cached and reasoning tokens; -1 is none.
fn usage([input, output, total, cached, reasoning]: [i64; 5]) -> Usage {
    let known = |count: i64| Some(count).filter(|count| *count >= 0);
    Usage {
        input_tokens: known(input),
        output_tokens: known(output),
        total_tokens: known(total),
        cached_tokens: known(cached),
        reasoning_tokens: known(reasoning),
        cost_usd: None,
    }
}

/// Checks input, output, *effective* total, cached and reasoning tokens.
fn check(rows: &[(&str, [i64; 5])]) {
    for (text, [input, output, total, cached, reasoning]) in rows {
        let found = usage_of(text).unwrap_or_else(|| panic!("no usage in {text}"));
        let numbers = [
            found.input_tokens,
            found.output_tokens,
            found.total(),
            found.cached_tokens,
            found.reasoning_tokens,
        ];
        let numbers = numbers.map(|number| number.unwrap_or(-1));
        assert_eq!(numbers, [*input, *output, *total, *cached, *reasoning], "{text}");
    }
}

#[test]
fn reads_services_that_count_the_cache_inside_the_input() {
    check(&[
        // OpenAI chat completions.
        (
            r#"{"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,
                "prompt_tokens_details":{"cached_tokens":80},"completion_tokens_details":{"reasoning_tokens":5}}}"#,
            [100, 20, 120, 80, 5],
        ),
        // OpenAI responses.
        (
            r#"{"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":80},"output_tokens":20,
                "output_tokens_details":{"reasoning_tokens":5},"total_tokens":120}}"#,
            [100, 20, 120, 80, 5],
        ),
        (
            r#"{"openai_metadata":{"openai_response":{"usage":{"input_tokens":3,"output_tokens":4}}}}"#,
            [3, 4, 7, -1, -1],
        ),
        // LangChain.
        (
            r#"{"usage_metadata":{"input_tokens":100,"output_tokens":20,"total_tokens":120,
                "input_token_details":{"cache_read":80,"cache_creation":0},"output_token_details":{"reasoning":5}}}"#,
            [100, 20, 120, 80, 5],
        ),
        (
            r#"{"response_metadata":{"token_usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120},
                "model_name":"gpt"}}"#,
            [100, 20, 120, -1, -1],
        ),
        (r#"{"llm_output":{"token_usage":{"prompt_tokens":1,"completion_tokens":2}}}"#, [1, 2, 3, -1, -1]),
        (
            r#"{"generations":[[{"text":"a","message":{"kwargs":{"usage_metadata":{"input_tokens":1,"output_tokens":2}}}}]]}"#,
            [1, 2, 3, -1, -1],
        ),
        // Vercel AI SDK, earlier and later forms.
        (
            r#"{"usage":{"inputTokens":100,"outputTokens":20,"totalTokens":120,"cachedInputTokens":40,"reasoningTokens":5}}"#,
            [100, 20, 120, 40, 5],
        ),
        (r#"{"usage":{"promptTokens":100,"completionTokens":20,"totalTokens":120}}"#, [100, 20, 120, -1, -1]),
        (
            r#"{"usage":{"inputTokens":{"total":100,"noCache":60,"cacheRead":40},"outputTokens":{"total":20,"reasoning":5}}}"#,
            [100, 20, 120, 40, 5],
        ),
        // Mistral, with a null.
        (
            r#"{"usage":{"prompt_tokens":null,"completion_tokens":20,"total_tokens":120}}"#,
            [-1, 20, 120, -1, -1],
        ),
        // DeepSeek.
        (
            r#"{"usage":{"prompt_tokens":100,"completion_tokens":20,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}}"#,
            [100, 20, 120, 64, -1],
        ),
        // LiteLLM: Anthropic's names in addition to OpenAI's, in OpenAI's convention.
        (
            r#"{"usage":{"prompt_tokens":10007,"completion_tokens":50,"total_tokens":10057,
                "cache_read_input_tokens":9000,"cache_creation_input_tokens":1000}}"#,
            [10_007, 50, 10_057, 9000, -1],
        ),
        // SGP.
        (r#"{"token_usage":{"prompt":3,"completion":4,"total":7}}"#, [3, 4, 7, -1, -1]),
        (r#"{"prompt_tokens":3,"response_tokens":4,"prompt":"text"}"#, [3, 4, 7, -1, -1]),
        (r#"{"usage":{"input_tokens":3,"cached_input_tokens":1,"reasoning_tokens":2}}"#, [3, -1, 3, 1, 2]),
        (r#"{"usage":null,"token_usage":{"prompt":3.0,"completion":4}}"#, [3, 4, 7, -1, -1]),
        // Langfuse.
        (r#"{"usage":{"input":100,"output":20,"total":120,"unit":"TOKENS"}}"#, [100, 20, 120, -1, -1]),
        (r#"{"usageDetails":{"input":100,"output":20,"input_cached_tokens":7}}"#, [100, 20, 120, 7, -1]),
    ]);
}

#[test]
fn adds_cached_tokens_that_the_input_does_not_include() {
    check(&[
        // Anthropic.
        (
            r#"{"usage":{"input_tokens":7,"cache_read_input_tokens":9000,"cache_creation_input_tokens":1000,"output_tokens":50}}"#,
            [10_007, 50, 10_057, 9000, -1],
        ),
        (
            r#"{"message":{"usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1}}}"#,
            [10, 1, 11, 3, -1],
        ),
        (
            r#"{"response_metadata":{"usage":{"input_tokens":7,"cache_creation_input_tokens":3,"output_tokens":1}}}"#,
            [10, 1, 11, -1, -1],
        ),
        // A client that added up input and output only.
        (
            r#"{"usage":{"input_tokens":7,"cache_read_input_tokens":9000,"output_tokens":50,"total_tokens":57}}"#,
            [9007, 50, 9057, 9000, -1],
        ),
        // Bedrock: the total shows which convention holds.
        (
            r#"{"usage":{"inputTokens":9,"outputTokens":115,"totalTokens":2094,"cacheReadInputTokens":0,"cacheWriteInputTokens":1970}}"#,
            [1979, 115, 2094, 0, -1],
        ),
        (
            r#"{"usage":{"inputTokens":100,"outputTokens":20,"totalTokens":120,"cacheReadInputTokens":50}}"#,
            [100, 20, 120, 50, -1],
        ),
        (
            r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":10,"outputTokenCount":5,"cacheReadInputTokenCount":2}}"#,
            [12, 5, 17, 2, -1],
        ),
    ]);
}

#[test]
fn reads_gemini_cohere_ollama_and_attributes() {
    check(&[
        (
            r#"{"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":20,"thoughtsTokenCount":30,
                "totalTokenCount":150,"cachedContentTokenCount":40}}"#,
            [100, 50, 150, 40, 30],
        ),
        (
            r#"{"usage_metadata":{"prompt_token_count":100,"candidates_token_count":20,"total_token_count":120}}"#,
            [100, 20, 120, -1, -1],
        ),
        (
            r#"{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"toolUsePromptTokenCount":5}}"#,
            [15, 2, 17, -1, -1],
        ),
        // xAI: reasoning in addition to the completion, by the total.
        (
            r#"{"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":42,"completion_tokens_details":{"reasoning_tokens":30}}}"#,
            [10, 32, 42, -1, 30],
        ),
        (
            r#"{"usage":{"billed_units":{"input_tokens":100,"output_tokens":20},"tokens":{"input_tokens":110,"output_tokens":22}}}"#,
            [100, 20, 120, -1, -1],
        ),
        (r#"{"meta":{"billed_units":{"input_tokens":100,"output_tokens":20}}}"#, [100, 20, 120, -1, -1]),
        (
            r#"{"model":"llama","prompt_eval_count":26,"eval_count":298,"eval_duration":1}"#,
            [26, 298, 324, -1, -1],
        ),
        (
            r#"{"gen_ai.usage.input_tokens":100,"gen_ai.usage.output_tokens":20,"gen_ai.usage.cache_read.input_tokens":80}"#,
            [100, 20, 120, 80, -1],
        ),
        (
            r#"{"attributes":{"gen_ai.usage.prompt_tokens":1,"gen_ai.usage.completion_tokens":2}}"#,
            [1, 2, 3, -1, -1],
        ),
        (
            r#"{"llm.token_count.prompt":100,"llm.token_count.completion":20,"llm.token_count.total":120,
                "llm.token_count.prompt_details.cache_read":80,"llm.token_count.completion_details.reasoning":5}"#,
            [100, 20, 120, 80, 5],
        ),
        (
            r#"{"llm":{"token_count":{"prompt":100,"completion":20,"prompt_details":{"cache_read":80}}}}"#,
            [100, 20, 120, 80, -1],
        ),
        (r#"{"ai.usage.promptTokens":1,"ai.usage.completionTokens":2}"#, [1, 2, 3, -1, -1]),
        // Lists of calls are added up.
        (
            r#"[{"usage":{"input_tokens":10,"output_tokens":5}},{"usage":{"input_tokens":20,"output_tokens":5}}]"#,
            [30, 10, 40, -1, -1],
        ),
        (r#"{"Usage":{"InputTokens":"3","output-tokens":4}}"#, [3, 4, 7, -1, -1]),
    ]);
}

#[test]
fn reads_the_cost_at_any_level() {
    for (text, expected) in [
        (r#"{"usage":{"input_tokens":1},"cost_usd":"1.2e-5"}"#, 1.2e-5),
        (r#"{"usage":{"cost_usd":"0.25","input_tokens":1}}"#, 0.25),
        (r#"{"usage":{"input_tokens":1,"cost":{"total":0.5}}}"#, 0.5),
        (r#"{"cost":{"input":0.25,"output":0.5}}"#, 0.75),
        (r#"{"total_cost":0.003}"#, 0.003),
        (r#"{"response_cost":"$0.0021"}"#, 0.0021),
        (r#"{"totalCost":0.003}"#, 0.003),
        (r#"{"response_metadata":{"token_usage":{"cost":0.003}}}"#, 0.003),
        (r#"{"attributes":{"llm.cost.total":0.003}}"#, 0.003),
        (r#"{"gen_ai.usage.cost":0.003}"#, 0.003),
        (r#"[{"cost_usd":0.25},{"cost_usd":0.5}]"#, 0.75),
    ] {
        let found = usage_of(text).unwrap_or_else(|| panic!("no cost in {text}"));
        assert_eq!(found.cost_usd, Some(expected), "{text}");
    }
}

#[test]
fn returns_none_without_usage() {
    for text in [
        "null",
        "[]",
        r#"{"usage":"much"}"#,
        r#"{"usage":{"input_tokens":"x"}}"#,
        r#"{"prompt":"text","total":7}"#,
        r#"{"completion":"text"}"#,
        r#"{"max_tokens":4096,"input":3,"output":4,"tokens":["a"]}"#,
        r#"{"usage":{"input":100,"output":20,"unit":"CHARACTERS"}}"#,
        r#"{"cost":"low"}"#,
    ] {
        assert_eq!(usage_of(text), None, "{text}");
    }
}

#[test]
fn the_first_container_and_the_best_name_win() {
    let containers = [
        r#"{"region":"eu"}"#,
        r#"{"usage":{"input_tokens":1,"prompt_tokens":9}}"#,
        r#"{"usage":{"input_tokens":5}}"#,
    ];
    let found = read_usage(containers.map(|text| Some(Value::of(text.as_bytes()))));
    assert_eq!(found, Some(usage([1, -1, -1, -1, -1])));
}

#[test]
fn lists_each_model_once() {
    let mut models = Vec::new();
    for text in [
        r#"["a","b","",null,7]"#,
        r#"{"model":"a"}"#,
        r#"{"openai_metadata":{"openai_response":{"model":"c"}}}"#,
        r#""d""#,
    ] {
        add_models(&mut models, Some(Value::of(text.as_bytes())));
    }
    assert_eq!(models, ["a", "b", "c", "d"]);
}
