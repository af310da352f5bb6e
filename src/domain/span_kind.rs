//! Families of operations, for colours and tags. The services' names of operations are free text.

/// The family of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SpanKind {
    /// Language and embedding models.
    Model,
    /// Search, retrieval and reranking.
    Retrieval,
    /// Tools and external services.
    Tool,
    /// Code, queries, and the preparation of data and prompts.
    Data,
    /// Guardrails and evaluations.
    Guard,
    /// Agents and workflows, which mostly wait for others.
    Agent,
    Other,
}

/// Parts of the names of operations, in capitals; the first row with a part in the name decides.
const PARTS: [(SpanKind, &[&str]); 6] = [
    (SpanKind::Retrieval, &["RETRIEV", "RERANK", "SEARCH", "KB_", "KNOWLEDGE", "VECTOR", "CHUNK"]),
    (SpanKind::Guard, &["GUARD", "EVAL", "MODERAT", "SAFETY", "SCORE", "JUDGE"]),
    (SpanKind::Model, &["COMPLETION", "LLM", "MODEL", "GENERAT", "CHAT", "EMBED"]),
    (SpanKind::Tool, &["TOOL", "FUNCTION", "ENDPOINT", "HTTP", "API", "MCP"]),
    (SpanKind::Data, &["CODE", "SQL", "QUERY", "DATA", "TRANSFORM", "PROMPT", "PARS", "EXTRACT", "SCRIPT"]),
    (SpanKind::Agent, &["AGENT", "WORKFLOW", "CHAIN", "TRACER", "GRAPH", "PLAN"]),
];

impl SpanKind {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 7] =
        [Self::Model, Self::Retrieval, Self::Tool, Self::Data, Self::Guard, Self::Agent, Self::Other];

    /// Returns the kind of an operation such as `KB_RETRIEVAL`, in any case.
    pub fn of_operation(name: &str) -> Self {
        let name = name.to_ascii_uppercase();
        let has_part = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        PARTS.iter().find(|(_, parts)| has_part(parts)).map_or(Self::Other, |(kind, _)| *kind)
    }

    /// Its abbreviation of three letters, for columns.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Model => "llm",
            Self::Retrieval => "ret",
            Self::Tool => "tol",
            Self::Data => "dat",
            Self::Guard => "grd",
            Self::Agent => "agt",
            Self::Other => "oth",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_kind_of_the_services_operations() {
        for (name, kind) in [
            ("COMPLETION", SpanKind::Model),
            ("chat_completion", SpanKind::Model),
            ("TEXT_TO_TEXT_MODEL", SpanKind::Model),
            ("KB_RETRIEVAL", SpanKind::Retrieval),
            ("RERANKING", SpanKind::Retrieval),
            ("EXTERNAL_ENDPOINT", SpanKind::Tool),
            ("PROMPT_ENGINEERING", SpanKind::Data),
            ("CODE_EXECUTION", SpanKind::Data),
            ("OUTPUT_GUARDRAIL", SpanKind::Guard),
            ("AGENT_WORKFLOW", SpanKind::Agent),
            ("CUSTOM", SpanKind::Other),
            ("", SpanKind::Other),
        ] {
            assert_eq!(SpanKind::of_operation(name), kind, "{name}");
        }
    }
}
