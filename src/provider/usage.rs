//! Tokens, money and models: no service has one place or one spelling for them, so this looks in all that are known.
//! Numbers are taken from one place only, never added up.

use crate::domain::Usage;
use crate::json::{Kind, Value};

/// What one container says: under a name, flat beside other things, in the answer of OpenAI; and the cost beside.
struct Container<'a> {
    own: Value<'a>,
    named: [Option<Value<'a>>; 3],
    cost: Option<f64>,
}

impl<'a> Container<'a> {
    fn of(own: Value<'a>) -> Self {
        let [usage, token_usage, openai, cost_usd, total_cost, cost] =
            own.pick(["usage", "token_usage", "openai_metadata", "cost_usd", "total_cost_usd", "cost"]);
        let openai = openai.and_then(|openai| openai.path(&["openai_response", "usage"]));
        let cost = [cost_usd, total_cost, cost].into_iter().flatten().find_map(Value::as_f64);
        Self { own, named: [usage, token_usage, openai], cost }
    }

    fn numbers(&self) -> Option<Usage> {
        self.named.into_iter().flatten().find_map(numbers).or_else(|| self.flat())
    }

    /// Numbers that stand beside other things: only where a name says that they are tokens.
    fn flat(&self) -> Option<Usage> {
        let any = self.own.members().any(|(key, _)| key.text().ends_with("_tokens"));
        if any { numbers(self.own) } else { None }
    }
}

/// Looks in these containers, the most telling first, and in each under every known name. The cost may stand beside.
pub(super) fn usage<const N: usize>(containers: [Option<Value<'_>>; N]) -> Option<Usage> {
    let containers = containers.map(|container| container.map(Container::of));
    let there = || containers.iter().flatten();
    let mut found = there().find_map(Container::numbers).unwrap_or_default();
    found.cost_usd = found.cost_usd.or_else(|| there().find_map(|container| container.cost));
    (!found.is_empty()).then_some(found)
}

fn numbers(usage: Value<'_>) -> Option<Usage> {
    let [input, prompt, short_prompt] = usage.pick(["input_tokens", "prompt_tokens", "prompt"]);
    let [output, completion, response, short_completion] =
        usage.pick(["output_tokens", "completion_tokens", "response_tokens", "completion"]);
    let [total, short_total] = usage.pick(["total_tokens", "total"]);
    let [cost_usd, total_cost, cost] = usage.pick(["cost_usd", "total_cost_usd", "cost"]);
    let (cached, reasoning) = parts(usage);
    let found = Usage {
        input_tokens: first([input, prompt, short_prompt]),
        output_tokens: first([output, completion, response, short_completion]),
        cached_tokens: cached,
        reasoning_tokens: reasoning,
        total_tokens: first([total, short_total]),
        cost_usd: [cost_usd, total_cost, cost].into_iter().flatten().find_map(Value::as_f64),
    };
    (!found.is_empty()).then_some(found)
}

/// Cached and reasoning tokens: beside the others, or one level deeper.
fn parts(usage: Value<'_>) -> (Option<i64>, Option<i64>) {
    let of = |value: Value<'_>| {
        let [cached_input, cached, cache_read, reasoning] = value.pick([
            "cached_input_tokens",
            "cached_tokens",
            "cache_read_input_tokens",
            "reasoning_tokens",
        ]);
        (first([cached_input, cached, cache_read]), first([reasoning]))
    };
    let details = usage.pick([
        "input_tokens_details",
        "prompt_tokens_details",
        "output_tokens_details",
        "completion_tokens_details",
    ]);
    details.into_iter().flatten().map(of).fold(
        of(usage),
        |(cached, reasoning), (other_cached, other_reasoning)| {
            (cached.or(other_cached), reasoning.or(other_reasoning))
        },
    )
}

/// The first that is a number; a prompt's text under the same name is none.
fn first<const N: usize>(values: [Option<Value<'_>>; N]) -> Option<i64> {
    values.into_iter().flatten().filter(|value| value.kind() == Kind::Number).find_map(Value::as_i64)
}

/// The models that a list or a container names, added to `models` without repeating any.
pub(super) fn add_models(models: &mut Vec<String>, value: Option<Value<'_>>) {
    let Some(value) = value else { return };
    match value.kind() {
        Kind::String => add(models, value),
        Kind::Array => value.elements().for_each(|item| add(models, item)),
        Kind::Object => {
            let [model, model_name, openai] = value.pick(["model", "model_name", "openai_metadata"]);
            let answered = openai.and_then(|openai| openai.path(&["openai_response", "model"]));
            [model, model_name, answered].into_iter().flatten().for_each(|model| add(models, model));
        }
        _ => {}
    }
}

fn add(models: &mut Vec<String>, model: Value<'_>) {
    let Some(name) = model.as_str() else { return };
    if !name.is_empty() && !models.iter().any(|known| *known == name) {
        models.push(name.into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage_of(text: &str) -> Option<Usage> {
        usage([Some(Value::of(text.as_bytes()))])
    }

    #[test]
    fn every_spelling_of_the_contract_is_read() {
        let in_out = Usage { input_tokens: Some(3), output_tokens: Some(4), ..Usage::default() };
        let all = Usage { total_tokens: Some(7), ..in_out.clone() };
        for (text, wanted) in [
            (r#"{"usage":{"input_tokens":3,"output_tokens":4}}"#, &in_out),
            (r#"{"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#, &all),
            (r#"{"token_usage":{"prompt":3,"completion":4,"total":7}}"#, &all),
            (r#"{"prompt_tokens":3,"response_tokens":4,"prompt":"text"}"#, &in_out),
            (
                r#"{"openai_metadata":{"openai_response":{"usage":{"input_tokens":3,"output_tokens":4}}}}"#,
                &in_out,
            ),
            (r#"{"usage":null,"token_usage":{"prompt":3.0,"completion":4}}"#, &in_out),
        ] {
            assert_eq!(usage_of(text).as_ref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn cached_reasoning_and_cost_are_read_beside_and_inside() {
        let text =
            r#"{"usage":{"input_tokens":3,"cached_input_tokens":1,"reasoning_tokens":2},"cost_usd":0.5}"#;
        let found = usage_of(text).unwrap();
        assert_eq!(
            (found.cached_tokens, found.reasoning_tokens, found.cost_usd),
            (Some(1), Some(2), Some(0.5))
        );
        let text = r#"{"usage":{"cost_usd":"0.25","input_tokens_details":{"cached_tokens":9}}}"#;
        let found = usage_of(text).unwrap();
        assert_eq!((found.cached_tokens, found.cost_usd), (Some(9), Some(0.25)));
    }

    #[test]
    fn what_is_no_usage_is_none() {
        for text in [
            "null",
            "[]",
            r#"{"usage":"much"}"#,
            r#"{"usage":{"input_tokens":"x"}}"#,
            r#"{"prompt":"text","total":7}"#,
            r#"{"completion":"text"}"#,
        ] {
            assert_eq!(usage_of(text), None, "{text}");
        }
    }

    #[test]
    fn models_are_named_once() {
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
}
