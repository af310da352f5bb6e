//! The numbers of one usage, collected by name and then brought to one convention: cached tokens are a part of the input,
//! reasoning is a part of the output.

use super::names::{COUNTS, COUNTS_IN_DETAILS, COUNTS_IN_USAGE, Count, Name, PREFIXES};
use crate::domain::Usage;
use crate::json::{Kind, Value};

/// The numbers by kind, each with the rank of its name (lower is better).
#[derive(Default)]
pub(super) struct Counts([Option<(usize, i64)>; Count::LEN]);

/// The rank from which names in details begin, below all others.
const DETAIL_RANK: usize = 1000;
/// The rank from which names begin that are counts only inside a usage.
const IN_USAGE_RANK: usize = 500;

impl Counts {
    /// Adds a member of an object; `is_usage` if all of the object is a usage.
    pub(super) fn add(&mut self, key: &[u8], name: &Name, value: Value<'_>, is_usage: bool) {
        if let Some(rest) = PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix.as_bytes())) {
            return self.add_attribute(&Name::of(rest), value);
        }
        let in_usage = || name.count_in(COUNTS_IN_USAGE).filter(|_| is_usage);
        let found =
            name.count_in(COUNTS).or_else(|| in_usage().map(|(rank, kind)| (rank + IN_USAGE_RANK, kind)));
        match (found, value.kind()) {
            // The AI SDK's later form: `"inputTokens": {"total": 100, "cacheRead": 40}`.
            (Some((rank, kind)), Kind::Object) if kind != Count::Total => {
                self.set(kind, rank, value.get("total"));
                self.add_details(value);
            }
            (Some((rank, kind)), _) => self.set(kind, rank, Some(value)),
            (None, Kind::Object) if name.bytes().ends_with(b"details") => self.add_details(value),
            (None, _) => {}
        }
    }

    /// Adds a flat attribute, whose prefix marks it as usage.
    fn add_attribute(&mut self, name: &Name, value: Value<'_>) {
        let own = name.count_in(COUNTS_IN_USAGE).map(|(rank, kind)| (rank + IN_USAGE_RANK, kind));
        let Some((rank, kind)) = own.or_else(|| name.count_in(COUNTS)) else { return };
        let kind = if kind == Count::InputBesideCache { Count::Input } else { kind };
        self.set(kind, rank, Some(value));
    }

    fn add_details(&mut self, details: Value<'_>) {
        for (key, value) in details.members() {
            if let Some((rank, kind)) = Name::of(&key.decoded_bytes()).count_in(COUNTS_IN_DETAILS) {
                self.set(kind, DETAIL_RANK + rank, Some(value));
            }
        }
    }

    /// Stores a number, unless one with a better name is present.
    fn set(&mut self, kind: Count, rank: usize, value: Option<Value<'_>>) {
        let Some(number) = value.and_then(Value::as_i64) else { return };
        let Some(slot) = self.0.get_mut(kind as usize) else { return };
        if slot.is_none_or(|(current, _)| rank <= current) {
            *slot = Some((rank, number));
        }
    }

    fn get(&self, kind: Count) -> Option<i64> {
        self.0.get(kind as usize).copied().flatten().map(|(_, number)| number)
    }

    /// Returns the usage; `None` if there is no number.
    pub(super) fn to_usage(&self) -> Option<Usage> {
        let beside_cache = self.get(Count::InputBesideCache);
        let (input, output) = (beside_cache.or(self.get(Count::Input)), self.get(Count::Output));
        let sum = |parts: [Option<i64>; 2]| {
            parts.into_iter().flatten().filter(|part| *part > 0).fold(0, i64::saturating_add)
        };
        let cache = sum([self.get(Count::CacheRead), self.get(Count::CacheWrite)]);
        let is_cache_beside = cache > input.unwrap_or(0).max(0) && input.is_some();
        let (thoughts, reasoning) = (self.get(Count::Thoughts), self.get(Count::Reasoning));
        let extras = Extras {
            cache: Extra { tokens: cache, is_beside: beside_cache.is_some() || is_cache_beside },
            tools: Extra { tokens: sum([self.get(Count::ToolInput), None]), is_beside: true },
            thoughts: match thoughts {
                Some(_) => Extra { tokens: sum([thoughts, None]), is_beside: true },
                None => Extra { tokens: sum([reasoning, None]), is_beside: false },
            },
        };
        let mut total = self.get(Count::Total);
        let shares = if is_cache_beside {
            // A total below the sum of its parts omits the cache.
            total = total.filter(|total| *total >= cache);
            extras
        } else {
            extras.agreeing_with(sum([input, output]), total)
        };
        let plus = |count: Option<i64>, more: i64| match more {
            0 => count,
            more => Some(count.unwrap_or(0).saturating_add(more)),
        };
        let usage = Usage {
            input_tokens: plus(input, shares.cache.beside().saturating_add(shares.tools.beside())),
            output_tokens: plus(output, shares.thoughts.beside()),
            cached_tokens: self.get(Count::Cached).or(self.get(Count::CacheRead)),
            reasoning_tokens: reasoning.or(thoughts),
            total_tokens: total,
            cost_usd: None,
        };
        (!usage.is_empty()).then_some(usage)
    }
}

/// Tokens that a service counts as part of the input or output, or separately.
#[derive(Clone, Copy)]
struct Extra {
    tokens: i64,
    is_beside: bool,
}

impl Extra {
    fn beside(self) -> i64 {
        if self.is_beside { self.tokens } else { 0 }
    }
}

#[derive(Clone, Copy)]
struct Extras {
    cache: Extra,
    tools: Extra,
    thoughts: Extra,
}

impl Extras {
    fn beside(self) -> i64 {
        self.cache.beside().saturating_add(self.tools.beside()).saturating_add(self.thoughts.beside())
    }

    /// Returns the extras in the convention in which input (with output: `base`) and extras add up to the reported total;
    /// without a total, unchanged. Services with the same names use different conventions, and so do versions of one
    /// service.
    fn agreeing_with(self, base: i64, total: Option<i64>) -> Self {
        let Some(total) = total else { return self };
        let agrees = |extras: &Self| base.saturating_add(extras.beside()) == total;
        let flip = |extra: Extra, flips: bool| Extra { is_beside: extra.is_beside != flips, ..extra };
        let variants = (0..8_u8).map(|bits| Self {
            cache: flip(self.cache, bits & 1 != 0),
            thoughts: flip(self.thoughts, bits & 2 != 0),
            tools: flip(self.tools, bits & 4 != 0),
        });
        variants.into_iter().find(agrees).unwrap_or(self)
    }
}
