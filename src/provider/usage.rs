//! Tokens, money and models: no service has one place or one spelling for them, so this looks in all that are known.
//! Numbers are taken from one place only, never added up.

use crate::domain::Usage;
use crate::json::{Kind, Value};

/// What one container says: under a name, flat beside other things, in the answer of OpenAI; and the cost beside.
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

    /// Numbers that stand beside other things: only where a name says that they are tokens.
    fn flat_usage(&self) -> Option<Usage> {
        let any = self.value.members().any(|(key, _)| key.decoded_bytes().ends_with(b"_tokens"));
        if any { usage_from_object(self.value) } else { None }
    }
}

/// Looks in these containers, the most telling first, and in each under every known name. The cost may stand beside.
pub(super) fn read_usage<const N: usize>(containers: [Option<Value<'_>>; N]) -> Option<Usage> {
    let containers = containers.map(|container| container.map(Container::of));
    let there = || containers.iter().flatten();
    let mut found = there().find_map(Container::usage).unwrap_or_default();
    found.cost_usd = found.cost_usd.or_else(|| there().find_map(|container| container.cost));
    (!found.is_empty()).then_some(found)
}

/// Where each number of a usage comes from: how good its name is (the lower the better), and the number.
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
        // A prompt's text under the same name is no number of tokens.
        set_if_better(
            slot,
            rank,
            Some(value).filter(|value| value.kind() == Kind::Number).and_then(Value::as_i64),
        );
    }

    /// Parts of the numbers stand one level deeper; those beside count more.
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

/// Keeps a number if there is none yet or only one of a worse name.
fn set_if_better<T: Copy>(slot: &mut Option<(u8, T)>, rank: u8, number: Option<T>) {
    let Some(number) = number else { return };
    if slot.is_none_or(|(kept, _)| rank <= kept) {
        *slot = Some((rank, number));
    }
}

fn usage_from_object(usage: Value<'_>) -> Option<Usage> {
    let mut found = RankedNumbers::default();
    for (key, value) in usage.members() {
        let name = key.decoded_bytes();
        if name.ends_with(b"_tokens_details") {
            found.add_details(value);
        } else {
            found.add(&name, value);
        }
    }
    let usage = Usage {
        input_tokens: found.input.map(|(_, number)| number),
        output_tokens: found.output.map(|(_, number)| number),
        cached_tokens: found.cached.map(|(_, number)| number),
        reasoning_tokens: found.reasoning.map(|(_, number)| number),
        total_tokens: found.total.map(|(_, number)| number),
        cost_usd: found.cost.map(|(_, number)| number),
    };
    (!usage.is_empty()).then_some(usage)
}

/// The models that a list or a container names, added to `models` without repeating any.
pub(super) fn add_models(models: &mut Vec<String>, value: Option<Value<'_>>) {
    let Some(value) = value else { return };
    match value.kind() {
        Kind::String => add_model(models, value),
        Kind::Array => value.elements().for_each(|item| add_model(models, item)),
        Kind::Object => {
            let [model, model_name, openai] = value.get_many(["model", "model_name", "openai_metadata"]);
            let answered = openai.and_then(|openai| openai.get_path(&["openai_response", "model"]));
            [model, model_name, answered].into_iter().flatten().for_each(|model| add_model(models, model));
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
