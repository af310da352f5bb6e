//! The operations and models of services in terms of the two conventions.

use crate::domain::SpanKind;

/// Returns the `openinference.span.kind` of an operation type.
pub(super) fn span_kind(operation: &str) -> &'static str {
    match operation {
        "COMPLETION" | "MAP_REDUCE" => "LLM",
        "KB_RETRIEVAL" | "RETRIEVAL" | "DOCUMENT_SEARCH" | "FILE_RETRIEVAL" => "RETRIEVER",
        "RERANKING" => "RERANKER",
        "CODE_EXECUTION" | "EXTERNAL_ENDPOINT" | "DATA_MANIPULATION" => "TOOL",
        "AGENT_WORKFLOW" | "AGENT_TRACER" => "AGENT",
        "GUARDRAIL" | "OUTPUT_GUARDRAIL" | "INPUT_GUARDRAIL" => "GUARDRAIL",
        "EVALUATION" => "EVALUATOR",
        "PROMPT_ENGINEERING" | "DOCUMENT_PROMPT" => "PROMPT",
        _ => guessed_kind(&operation.to_ascii_uppercase()),
    }
}

/// Returns the kind of an operation that is not documented, by the words in its name.
fn guessed_kind(operation: &str) -> &'static str {
    match SpanKind::of_operation(operation) {
        SpanKind::Model if operation.contains("EMBED") => "EMBEDDING",
        SpanKind::Model => "LLM",
        SpanKind::Retrieval if operation.contains("RERANK") => "RERANKER",
        SpanKind::Retrieval => "RETRIEVER",
        SpanKind::Tool => "TOOL",
        SpanKind::Guard if operation.contains("EVAL") => "EVALUATOR",
        SpanKind::Guard => "GUARDRAIL",
        SpanKind::Agent => "AGENT",
        SpanKind::Data | SpanKind::Other => "CHAIN",
    }
}

/// Returns the `gen_ai.operation.name` of a span kind, if OpenTelemetry has one.
pub(super) fn operation_name(kind: &str) -> Option<&'static str> {
    match kind {
        "LLM" => Some("chat"),
        "EMBEDDING" => Some("embeddings"),
        "RETRIEVER" => Some("retrieval"),
        "TOOL" => Some("execute_tool"),
        "AGENT" => Some("invoke_agent"),
        _ => None,
    }
}

/// Returns whether a span kind is a call of another service.
pub(super) fn is_client(kind: &str) -> bool {
    matches!(kind, "LLM" | "EMBEDDING" | "RERANKER")
}

/// Prefixes of the names of models, with their makers' names in OpenTelemetry and in OpenInference.
const MAKERS: [(&str, [&str; 2]); 18] = [
    ("gpt", ["openai", "openai"]),
    ("chatgpt", ["openai", "openai"]),
    ("o1", ["openai", "openai"]),
    ("o3", ["openai", "openai"]),
    ("o4", ["openai", "openai"]),
    ("openai", ["openai", "openai"]),
    ("claude", ["anthropic", "anthropic"]),
    ("sonnet", ["anthropic", "anthropic"]),
    ("opus", ["anthropic", "anthropic"]),
    ("haiku", ["anthropic", "anthropic"]),
    ("anthropic", ["anthropic", "anthropic"]),
    ("gemini", ["gcp.gemini", "google"]),
    ("google", ["gcp.gemini", "google"]),
    ("mistral", ["mistral_ai", "mistralai"]),
    ("command", ["cohere", "cohere"]),
    ("cohere", ["cohere", "cohere"]),
    ("deepseek", ["deepseek", "deepseek"]),
    ("grok", ["x_ai", "xai"]),
];

/// Returns the `gen_ai.provider.name` and the `llm.provider` of a model such as `openai/gpt-4o`; the part before the slash
/// if the maker is not known.
pub(super) fn provider_names(model: &str) -> Option<[String; 2]> {
    let lower = model.to_ascii_lowercase();
    let maker = MAKERS.iter().find(|(beginning, _)| lower.starts_with(beginning));
    if let Some((_, names)) = maker {
        return Some(names.map(str::to_owned));
    }
    let (vendor, _) = lower.split_once('/')?;
    Some([vendor.to_owned(), vendor.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_are_found_by_the_names_of_their_models() {
        for (model, names) in [
            ("openai/gpt-4o", Some(["openai", "openai"])),
            ("sonnet-4.5", Some(["anthropic", "anthropic"])),
            ("Gemini-2.5-pro", Some(["gcp.gemini", "google"])),
            ("scale/rerank-v2", Some(["scale", "scale"])),
            ("llama", None),
        ] {
            assert_eq!(provider_names(model), names.map(|names| names.map(str::to_owned)), "{model}");
        }
    }

    #[test]
    fn undocumented_operations_get_the_kind_of_their_words() {
        for (operation, kind) in [
            ("COMPLETION", "LLM"),
            ("llm_call", "LLM"),
            ("EMBED_QUERY", "EMBEDDING"),
            ("vector_search", "RETRIEVER"),
            ("MCP_TOOL", "TOOL"),
            ("", "CHAIN"),
        ] {
            assert_eq!(span_kind(operation), kind, "{operation}");
        }
    }
}
