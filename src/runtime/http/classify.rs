//! From the HTTP client's errors to ours. Typed causes come first; texts decide only where the client keeps its types
//! to itself, and tests against a real socket guard those.

use std::{error::Error, io, iter::successors};

use super::{Fault, Limits, Pending};

/// The name lookup failed: our own resolver's error, so that it can be told from other connection errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LookupFailed(#[from] pub(super) io::Error);

/// An error before the head of the answer was there.
pub(super) fn before_answer(error: &reqwest::Error, limits: &Limits) -> Fault {
    let reason = leaf(error);
    if find::<LookupFailed>(error).is_some() {
        return Fault::Dns { reason };
    }
    if chain(error).any(|link| link.to_string().starts_with("tunnel error")) {
        let told = chain(error).map(ToString::to_string).find(|text| text.starts_with("tunnel error"));
        return Fault::Proxy { reason: told.unwrap_or(reason) };
    }
    if error.is_timeout() {
        return Fault::Timeout { pending: Pending::Connection, limit: limits.connect };
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData) => Fault::Tls { reason },
        _ if error.is_connect() => Fault::Connect { reason },
        Some(_) => Fault::Broken { reason },
        None if speaks_of_nonsense(&reason) => Fault::Garbled { reason },
        None => Fault::Broken { reason },
    }
}

/// An error inside the body.
pub(super) fn in_body(error: &reqwest::Error) -> Fault {
    let reason = leaf(error);
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other) => {
            Fault::Garbled { reason }
        }
        Some(_) => Fault::Broken { reason },
        None if speaks_of_nonsense(&reason) => Fault::Garbled { reason },
        None => Fault::Broken { reason },
    }
}

/// Whether another try can help. Statuses are judged where their headers are at hand.
pub(super) fn again(fault: &Fault) -> bool {
    match fault {
        Fault::Dns { .. }
        | Fault::Connect { .. }
        | Fault::Broken { .. }
        | Fault::Timeout { pending: Pending::Connection, .. } => true,
        Fault::Proxy { reason } => !reason.contains("authorization"),
        Fault::Status { .. }
        | Fault::Redirect { .. }
        | Fault::Address(_)
        | Fault::Header(_)
        | Fault::Tls { .. }
        | Fault::Certificates { .. }
        | Fault::Timeout { .. }
        | Fault::TooLarge { .. }
        | Fault::Garbled { .. }
        | Fault::Cancelled
        | Fault::Setup { .. } => false,
    }
}

/// The last error of the chain: the cause. The first ones name the address, which is not to be told.
pub(super) fn leaf(error: &reqwest::Error) -> String {
    const LONGEST: usize = 200;
    let text = match error.source() {
        Some(source) => chain(source).last().map(ToString::to_string).unwrap_or_default(),
        None => "the request could not be sent".to_owned(),
    };
    text.chars().take(LONGEST).collect()
}

fn speaks_of_nonsense(reason: &str) -> bool {
    ["invalid", "too large", "extra bytes", "unexpected message"].iter().any(|word| reason.contains(word))
}

fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|link| link.downcast_ref::<T>())
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |link| (**link).source())
}
