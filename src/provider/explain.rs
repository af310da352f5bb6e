//! Error answers in words.

/// An answer that is not 200, for people: what the service said and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// In the service's own words, one entry a sentence (for 422 one per `loc` and `msg`); may be empty.
    pub said: Vec<String>,
    /// One sentence of ours: what to do next.
    pub advice: String,
}
