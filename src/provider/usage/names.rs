//! The names of usage: a table of spellings. Names are compared without case and separators, so that `input_tokens`,
//! `inputTokens` and `input-tokens` are one row.

/// The meaning of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// The input of a service that may count cached tokens separately.
    InputBesideCache,
    /// The complete input.
    Input,
    Output,
    /// Cached tokens, a part of the input.
    Cached,
    /// Tokens that were read from the cache, in addition to [`Count::InputBesideCache`].
    CacheRead,
    /// Tokens that were written to the cache, in addition to [`Count::InputBesideCache`].
    CacheWrite,
    /// Tokens that tools add to the input.
    ToolInput,
    /// Reasoning, a part of the output.
    Reasoning,
    /// Reasoning in addition to the output.
    Thoughts,
    Total,
}

impl Count {
    /// The number of kinds.
    pub(super) const LEN: usize = Self::Total as usize + 1;
}

/// Unambiguous names, which are read anywhere; the first ones have precedence.
pub(super) const COUNTS: &[(&str, Count)] = &[
    // Anthropic, OpenAI responses, LangChain, Bedrock, Vercel AI SDK, Cohere.
    ("inputtokens", Count::InputBesideCache),
    ("outputtokens", Count::Output),
    // OpenAI chat, Mistral, and the many services that follow it.
    ("prompttokens", Count::Input),
    ("completiontokens", Count::Output),
    ("responsetokens", Count::Output),
    ("generatedtokens", Count::Output),
    ("totaltokens", Count::Total),
    // Gemini.
    ("prompttokencount", Count::Input),
    ("candidatestokencount", Count::Output),
    ("responsetokencount", Count::Output),
    ("totaltokencount", Count::Total),
    ("cachedcontenttokencount", Count::Cached),
    ("thoughtstokencount", Count::Thoughts),
    ("tooluseprompttokencount", Count::ToolInput),
    // Bedrock's model metrics, Titan, watsonx.
    ("inputtokencount", Count::InputBesideCache),
    ("outputtokencount", Count::Output),
    ("inputtexttokencount", Count::Input),
    ("generatedtokencount", Count::Output),
    ("cachereadinputtokencount", Count::CacheRead),
    ("cachewriteinputtokencount", Count::CacheWrite),
    // Ollama.
    ("promptevalcount", Count::Input),
    ("evalcount", Count::Output),
    // SGP, Vercel AI SDK, Cohere.
    ("cachedinputtokens", Count::Cached),
    ("cachedtokens", Count::Cached),
    ("cachedprompttokens", Count::Cached),
    // DeepSeek.
    ("promptcachehittokens", Count::Cached),
    // Anthropic, Bedrock.
    ("cachereadinputtokens", Count::CacheRead),
    ("cachecreationinputtokens", Count::CacheWrite),
    ("cachewriteinputtokens", Count::CacheWrite),
    ("reasoningtokens", Count::Reasoning),
    ("thinkingtokens", Count::Reasoning),
];

/// Names that mean tokens only inside a usage; elsewhere their values are texts and other numbers.
pub(super) const COUNTS_IN_USAGE: &[(&str, Count)] = &[
    // OpenInference, SGP, Langfuse.
    ("prompt", Count::Input),
    ("input", Count::Input),
    ("completion", Count::Output),
    ("output", Count::Output),
    ("reasoning", Count::Reasoning),
    ("total", Count::Total),
    ("tokens", Count::Total),
    // OpenTelemetry, OpenInference, without separators.
    ("cachereadinputtokens", Count::Cached),
    ("promptdetailscacheread", Count::Cached),
    ("completiondetailsreasoning", Count::Reasoning),
    ("reasoningoutputtokens", Count::Reasoning),
    ("inputcachedtokens", Count::Cached),
    ("outputreasoningtokens", Count::Reasoning),
];

/// Names one level deeper: in an object whose name ends with `details`, or that splits a number into its parts.
pub(super) const COUNTS_IN_DETAILS: &[(&str, Count)] = &[
    ("cachedtokens", Count::Cached),
    ("cacheread", Count::Cached),
    ("cachereadtokens", Count::Cached),
    ("reasoningtokens", Count::Reasoning),
    ("reasoning", Count::Reasoning),
];

/// Names of an object, or a list of objects, with the numbers of a usage; the first ones have precedence.
pub(super) const CONTAINERS: &[&str] = &[
    "usage",
    "tokenusage",
    "usagemetadata",
    "usagedetails",
    "billedunits",
    "tokencount",
    "tokens",
    "amazonbedrockinvocationmetrics",
];

/// Names of objects around a usage, or around other such objects; the first ones have precedence.
pub(super) const WRAPPERS: &[&str] = &[
    "openaimetadata",
    "openairesponse",
    // LangChain.
    "responsemetadata",
    "llmoutput",
    "kwargs",
    "generations",
    "generationinfo",
    "message",
    // Cohere.
    "meta",
    // OpenTelemetry, OpenInference.
    "attributes",
    "genai",
    "llm",
    "metrics",
    "response",
    "rawresponse",
];

/// Prefixes of the names of flat attributes that mark a usage. The rest of the name is read like a name inside a usage,
/// whose cached tokens are a part of its input.
pub(super) const PREFIXES: &[&str] =
    &["gen_ai.usage.", "llm.token_count.", "llm.usage.", "ai.usage.", "usage."];

/// Names of the cost in US dollars: a number, a text, or an object with a total; the first ones have precedence.
pub(super) const COSTS: &[&str] = &[
    "costusd",
    "totalcostusd",
    "cost",
    "totalcost",
    "responsecost",
    "costtotal",
    "calculatedtotalcost",
    "costdetails",
    // OpenTelemetry, OpenInference.
    "genaiusagecost",
    "genaiusagetotalcost",
    "llmusagecost",
    "llmcosttotal",
];

/// Names of the total in an object with costs; the first ones have precedence.
pub(super) const COST_TOTALS: &[&str] =
    &["total", "totalcost", "totalusd", "usd", "costusd", "totalcostusd", "amount", "value", "cost"];

/// Names of the parts of a cost, added up if there is no total.
pub(super) const COST_PARTS: &[&str] = &[
    "input",
    "output",
    "inputcost",
    "outputcost",
    "prompt",
    "completion",
    "promptcost",
    "completioncost",
    "cacheread",
    "cachewrite",
];

/// The longest name that is compared.
const MAX_NAME_BYTES: usize = 64;

/// A name in lower case without separators; empty if it is too long to be one of the table.
pub(super) struct Name {
    bytes: [u8; MAX_NAME_BYTES],
    len: usize,
}

impl Name {
    pub(super) fn of(key: &[u8]) -> Self {
        let mut name = Self { bytes: [0; MAX_NAME_BYTES], len: 0 };
        for byte in key.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
            match name.bytes.get_mut(name.len) {
                Some(slot) => *slot = byte.to_ascii_lowercase(),
                None => return Self { len: 0, ..name },
            }
            name.len += 1;
        }
        name
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Returns the position in a list of names.
    pub(super) fn rank_in(&self, names: &[&str]) -> Option<usize> {
        names.iter().position(|name| name.as_bytes() == self.bytes())
    }

    /// Returns the meaning, and the position in a table.
    pub(super) fn count_in(&self, table: &[(&str, Count)]) -> Option<(usize, Count)> {
        let rank = table.iter().position(|(name, _)| name.as_bytes() == self.bytes())?;
        table.get(rank).map(|(_, count)| (rank, *count))
    }
}
