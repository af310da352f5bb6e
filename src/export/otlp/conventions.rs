//! From the operation types of services to the words of the two conventions.

/// What OpenInference calls a step of this type (`openinference.span.kind`).
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
        _ => "CHAIN",
    }
}

/// What OpenTelemetry calls it (`gen_ai.operation.name`), where it has a word.
pub(super) fn operation_name(kind: &str) -> Option<&'static str> {
    match kind {
        "LLM" => Some("chat"),
        "TOOL" => Some("execute_tool"),
        "AGENT" => Some("invoke_agent"),
        _ => None,
    }
}
