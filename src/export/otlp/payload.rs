//! Payloads of spans in terms of the conventions: messages of models, retrieved documents, finish reasons.

use super::attributes::Attributes;
use super::chat::{ChatMessage, Direction, add_messages};
use crate::domain::Chunk;
use crate::export::service_fields::render;
use crate::json::{Kind, Value};
use crate::provider::payload;

/// The names of members of inputs and outputs that contain messages or text, the most common ones first.
const INPUT_LISTS: [&str; 5] = ["messages", "input", "prompt", "chat_history", "contents"];
const INPUT_TEXTS: [&str; 6] = ["prompt", "input", "query", "question", "text", "content"];
const OUTPUT_LISTS: [&str; 3] = ["output", "messages", "content"];
const OUTPUT_TEXTS: [&str; 8] =
    ["completion", "response", "output_text", "output", "text", "answer", "content", "result"];

/// Adds the messages of a call of a model.
pub(super) fn add_model_messages(
    attributes: &mut Attributes,
    input: &[u8],
    output: &[u8],
    reasons: &[String],
) {
    add_messages(attributes, Direction::Input, &input_messages(input));
    let mut answers = output_messages(output);
    for (answer, reason) in answers.iter_mut().zip(reasons) {
        answer.finish_reason = Some(reason.clone());
    }
    add_messages(attributes, Direction::Output, &answers);
}

fn input_messages(input: &[u8]) -> Vec<ChatMessage> {
    let value = Value::of(input);
    let mut messages = Vec::new();
    let system = value.get_many(["system", "instructions"]).into_iter().flatten().find_map(Value::as_str);
    messages.extend(system.map(|text| ChatMessage::of_text("system", &text)));
    match conversation(input, value, INPUT_LISTS) {
        Some(list) => messages.extend(list),
        None => messages.extend(text_of(value, INPUT_TEXTS).map(|text| ChatMessage::of_text("user", &text))),
    }
    messages
}

fn output_messages(output: &[u8]) -> Vec<ChatMessage> {
    let value = Value::of(output);
    if let Some(choices) = value.get("choices").filter(|choices| choices.kind() == Kind::Array) {
        let choice = |choice: Value<'_>| match choice.get("message") {
            Some(message) => Some(chat_message(output, message)),
            None => Some(ChatMessage::of_text("assistant", &choice.get("text")?.as_str()?)),
        };
        return choices.elements().filter_map(choice).collect();
    }
    if let Some(list) = conversation(output, value, OUTPUT_LISTS) {
        return list;
    }
    if payload::is_message(value) && value.get("role").is_some() {
        return vec![chat_message(output, value)];
    }
    let text = text_of(value, OUTPUT_TEXTS);
    text.map(|text| ChatMessage::of_text("assistant", &text)).into_iter().collect()
}

fn conversation<const N: usize>(
    payload: &[u8],
    value: Value<'_>,
    keys: [&str; N],
) -> Option<Vec<ChatMessage>> {
    let inner = value.get_many(keys).into_iter().flatten();
    let list = std::iter::once(value).chain(inner).find(|list| payload::is_conversation(*list))?;
    Some(list.elements().map(|message| chat_message(payload, message)).collect())
}

fn chat_message(payload: &[u8], value: Value<'_>) -> ChatMessage {
    let message = payload::read_message(payload, value);
    let role = if message.role_text.is_empty() { message.role.as_str() } else { &message.role_text };
    ChatMessage::of_blocks(role, &message.blocks, payload)
}

fn text_of<const N: usize>(value: Value<'_>, keys: [&str; N]) -> Option<String> {
    let texts = std::iter::once(value).chain(value.get_many(keys).into_iter().flatten());
    texts.filter(|text| text.kind() == Kind::String).find_map(Value::as_str).map(|text| text.into_owned())
}

/// Returns the reasons why a model stopped, from its output or the metadata of its span.
pub(super) fn finish_reasons(output: &[u8], metadata: &[u8]) -> Vec<String> {
    let reason = |value: Value<'_>| {
        let known = value.get_many(["finish_reason", "stop_reason"]);
        known.into_iter().flatten().find_map(Value::as_str).map(|text| text.into_owned())
    };
    let output = Value::of(output);
    let choices: Vec<String> =
        output.get("choices").into_iter().flat_map(Value::elements).filter_map(reason).collect();
    if choices.is_empty() {
        return reason(output).or_else(|| reason(Value::of(metadata))).into_iter().collect();
    }
    choices
}

/// Adds the documents of a search, or the documents before and after a reranking.
pub(super) fn add_documents(attributes: &mut Attributes, kind: &str, input: &[u8], output: &[u8]) {
    let chunks = |payload: &[u8]| payload::find_chunks(Value::of(payload)).unwrap_or_default();
    let query = || text_of(Value::of(input), ["query", "prompt", "question", "text"]).unwrap_or_default();
    match kind {
        "RETRIEVER" => {
            attributes.text("gen_ai.retrieval.query.text", query());
            add_chunks(attributes, "retrieval.documents", &chunks(output));
        }
        "RERANKER" => {
            attributes.text("reranker.query", query());
            add_chunks(attributes, "reranker.input_documents", &chunks(input));
            add_chunks(attributes, "reranker.output_documents", &chunks(output));
        }
        _ => {}
    }
}

pub(super) fn add_chunks(attributes: &mut Attributes, prefix: &str, chunks: &[Chunk]) {
    for (index, chunk) in chunks.iter().enumerate() {
        let prefix = format!("{prefix}.{index}.document");
        attributes.text(format!("{prefix}.id"), chunk.id.clone().unwrap_or_default());
        attributes.text(format!("{prefix}.content"), &chunk.text);
        attributes.float(format!("{prefix}.score"), chunk.score);
        attributes.text(format!("{prefix}.metadata"), chunk_metadata(chunk));
    }
}

/// Returns the other fields of a chunk as JSON; empty if it has none.
fn chunk_metadata(chunk: &Chunk) -> String {
    let known = [("title", &chunk.title), ("source", &chunk.source), ("page", &chunk.page)];
    let known = known.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let others = chunk.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<_> = known.chain(others).collect();
    if fields.is_empty() {
        return String::new();
    }
    render(|json| {
        json.object(|json| {
            fields.iter().try_for_each(|(name, value)| {
                json.dynamic_key(name)?;
                json.value(*value)
            })
        })
    })
}

/// Adds the query's limit and the model of a reranking.
pub(super) fn add_reranking(attributes: &mut Attributes, metadata: &[u8], model: Option<&String>) {
    attributes.text("reranker.model_name", model.cloned().unwrap_or_default());
    let limits = Value::of(metadata).get_many(["top_k", "top_n"]);
    attributes.int("reranker.top_k", limits.into_iter().flatten().find_map(Value::as_i64));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(messages: &[ChatMessage]) -> Vec<(String, String)> {
        messages.iter().map(|message| (message.role.clone(), message.text())).collect()
    }

    fn pair(role: &str, text: &str) -> (String, String) {
        (role.to_owned(), text.to_owned())
    }

    #[test]
    fn messages_are_found_in_the_usual_payloads() {
        let input = br#"{"system":"s","messages":[{"role":"user","content":"q"}]}"#;
        assert_eq!(texts(&input_messages(input)), [pair("system", "s"), pair("user", "q")]);
        assert_eq!(texts(&input_messages(br#"{"prompt":"p"}"#)), [pair("user", "p")]);
        assert_eq!(texts(&input_messages(br#""p""#)), [pair("user", "p")]);
        for output in [
            r#"{"completion":"a"}"#,
            r#"{"choices":[{"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}]}"#,
            r#"{"output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]}]}"#,
            r#"{"role":"assistant","content":"a"}"#,
            r#""a""#,
        ] {
            assert_eq!(texts(&output_messages(output.as_bytes())), [pair("assistant", "a")], "{output}");
        }
        assert_eq!(texts(&output_messages(b"{}")), []);
    }

    #[test]
    fn finish_reasons_are_from_the_choices_or_the_metadata() {
        let choices = br#"{"choices":[{"finish_reason":"stop"},{"finish_reason":"length"}]}"#;
        assert_eq!(finish_reasons(choices, b""), ["stop", "length"]);
        assert_eq!(finish_reasons(b"{}", br#"{"finish_reason":"stop"}"#), ["stop"]);
        assert_eq!(finish_reasons(br#"{"stop_reason":"end_turn"}"#, b""), ["end_turn"]);
    }

    #[test]
    fn documents_have_id_content_score_and_metadata() {
        let output = br#"{"chunks":[{"chunk_id":"c","text":"t","score":0.5,"title":"f.pdf"}]}"#;
        let mut attributes = Attributes::default();
        add_documents(&mut attributes, "RETRIEVER", br#"{"query":"q"}"#, output);
        let keys: Vec<&str> = attributes.0.iter().map(|attribute| attribute.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "gen_ai.retrieval.query.text",
                "retrieval.documents.0.document.id",
                "retrieval.documents.0.document.content",
                "retrieval.documents.0.document.score",
                "retrieval.documents.0.document.metadata",
            ]
        );
    }
}
