//! The operation types of services in terms of the two conventions.

/// The `openinference.span.kind` of an operation type.
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

/// The `gen_ai.operation.name` of a span kind, if OpenTelemetry has one.
pub(super) fn operation_name(kind: &str) -> Option<&'static str> {
    match kind {
        "LLM" => Some("chat"),
        "TOOL" => Some("execute_tool"),
        "AGENT" => Some("invoke_agent"),
        _ => None,
    }
}
