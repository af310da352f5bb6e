//! Tokens, cost and models. No service uses a single place or spelling for them, so this reads all known ones. Numbers
//! come from one place only and are never added up.

use crate::domain::Usage;
use crate::json::{Kind, Value};

/// A container of usage: under a name, in an OpenAI response, or flat beside other members; and the cost beside it.
struct Container<'a> {
    value: Value<'a>,
    nested: [Option<Value<'a>>; 3],
    cost: Option<f64>,
}

impl<'a> Container<'a> {
    fn of(own: Value<'a>) -> Self {
        let [usage, token_usage, openai, cost_usd, total_cost, cost] =
            own.get_many(["usage", "token_usage", "openai_metadata", "cost_usd", "total_cost_usd", "cost"]);
        let openai = openai.and_then(|openai| openai.get_path(&["openai_response", "usage"]));
        let cost = [cost_usd, total_cost, cost].into_iter().flatten().find_map(Value::as_f64);
        Self { value: own, nested: [usage, token_usage, openai], cost }
    }

    fn usage(&self) -> Option<Usage> {
        self.nested.into_iter().flatten().find_map(usage_from_object).or_else(|| self.flat_usage())
    }

    /// Usage beside other members; only if a name ends with `_tokens`.
    fn flat_usage(&self) -> Option<Usage> {
        let has_tokens = self.value.members().any(|(key, _)| key.decoded_bytes().ends_with(b"_tokens"));
        if has_tokens { usage_from_object(self.value) } else { None }
    }
}

/// Reads the usage from the containers, most reliable first, under every known name. The cost may be beside it.
pub(super) fn read_usage<const N: usize>(containers: [Option<Value<'_>>; N]) -> Option<Usage> {
    let containers = containers.map(|container| container.map(Container::of));
    let present = || containers.iter().flatten();
    let mut usage = present().find_map(Container::usage).unwrap_or_default();
    usage.cost_usd = usage.cost_usd.or_else(|| present().find_map(|container| container.cost));
    (!usage.is_empty()).then_some(usage)
}

/// The numbers of a usage, each with the rank of its name (lower is better).
#[derive(Default)]
struct RankedNumbers {
    input: Option<(u8, i64)>,
    output: Option<(u8, i64)>,
    cached: Option<(u8, i64)>,
    reasoning: Option<(u8, i64)>,
    total: Option<(u8, i64)>,
    cost: Option<(u8, f64)>,
}

impl RankedNumbers {
    fn add(&mut self, name: &[u8], value: Value<'_>) {
        let (slot, rank) = match name {
            b"input_tokens" => (&mut self.input, 0),
            b"prompt_tokens" => (&mut self.input, 1),
            b"prompt" => (&mut self.input, 2),
            b"output_tokens" => (&mut self.output, 0),
            b"completion_tokens" => (&mut self.output, 1),
            b"response_tokens" => (&mut self.output, 2),
            b"completion" => (&mut self.output, 3),
            b"cached_input_tokens" => (&mut self.cached, 0),
            b"cached_tokens" => (&mut self.cached, 1),
            b"cache_read_input_tokens" => (&mut self.cached, 2),
            b"reasoning_tokens" => (&mut self.reasoning, 0),
            b"total_tokens" => (&mut self.total, 0),
            b"total" => (&mut self.total, 1),
            b"cost_usd" => return set_if_better(&mut self.cost, 0, value.as_f64()),
            b"total_cost_usd" => return set_if_better(&mut self.cost, 1, value.as_f64()),
            b"cost" => return set_if_better(&mut self.cost, 2, value.as_f64()),
            _ => return,
        };
        // `prompt` and `completion` may also hold the text itself.
        set_if_better(
            slot,
            rank,
            Some(value).filter(|value| value.kind() == Kind::Number).and_then(Value::as_i64),
        );
    }

    /// Adds numbers one level deeper, which rank below those beside the others.
    fn add_details(&mut self, details: Value<'_>) {
        for (key, value) in details.members() {
            let number = || Some(value).filter(|value| value.kind() == Kind::Number).and_then(Value::as_i64);
            match key.decoded_bytes().as_ref() {
                b"cached_tokens" => set_if_better(&mut self.cached, 3, number()),
                b"reasoning_tokens" => set_if_better(&mut self.reasoning, 1, number()),
                _ => {}
            }
        }
    }
}

/// Stores a number, unless one with a better name is present.
fn set_if_better<T: Copy>(slot: &mut Option<(u8, T)>, rank: u8, number: Option<T>) {
    let Some(number) = number else { return };
    if slot.is_none_or(|(current, _)| rank <= current) {
        *slot = Some((rank, number));
    }
}

fn usage_from_object(usage: Value<'_>) -> Option<Usage> {
    let mut numbers = RankedNumbers::default();
    for (key, value) in usage.members() {
        let name = key.decoded_bytes();
        if name.ends_with(b"_tokens_details") {
            numbers.add_details(value);
        } else {
            numbers.add(&name, value);
        }
    }
    let usage = Usage {
        input_tokens: numbers.input.map(|(_, number)| number),
        output_tokens: numbers.output.map(|(_, number)| number),
        cached_tokens: numbers.cached.map(|(_, number)| number),
        reasoning_tokens: numbers.reasoning.map(|(_, number)| number),
        total_tokens: numbers.total.map(|(_, number)| number),
        cost_usd: numbers.cost.map(|(_, number)| number),
    };
    (!usage.is_empty()).then_some(usage)
}

/// Adds the models named by a string, a list or a container to `models`, without duplicates.
pub(super) fn add_models(models: &mut Vec<String>, value: Option<Value<'_>>) {
    let Some(value) = value else { return };
    match value.kind() {
        Kind::String => add_model(models, value),
        Kind::Array => value.elements().for_each(|item| add_model(models, item)),
        Kind::Object => {
            let [model, model_name, openai] = value.get_many(["model", "model_name", "openai_metadata"]);
            let response_model = openai.and_then(|openai| openai.get_path(&["openai_response", "model"]));
            [model, model_name, response_model]
                .into_iter()
                .flatten()
                .for_each(|model| add_model(models, model));
        }
        _ => {}
    }
}

fn add_model(models: &mut Vec<String>, model: Value<'_>) {
    let Some(name) = model.as_str() else { return };
    if !name.is_empty() && !models.iter().any(|known| *known == name) {
        models.push(name.into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage_of(text: &str) -> Option<Usage> {
        read_usage([Some(Value::of(text.as_bytes()))])
    }

    #[test]
    fn reads_every_documented_key() {
        let in_out = Usage { input_tokens: Some(3), output_tokens: Some(4), ..Usage::default() };
        let all = Usage { total_tokens: Some(7), ..in_out.clone() };
        for (text, expected) in [
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
            assert_eq!(usage_of(text).as_ref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn reads_cached_reasoning_and_cost_at_both_levels() {
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
    fn returns_none_without_usage() {
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
}
