//! From the HTTP client's errors to ours. Typed causes come first; texts decide only where the client keeps its types
//! to itself, and tests against a real socket guard those.

use std::{error::Error, io, iter::successors};

use super::{Fault, Limits, Pending};

/// The name lookup failed: our own resolver's error, so that it can be told from other connection errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LookupFailed(#[from] pub(super) io::Error);

/// An error before the head of the answer was there.
pub(in crate::runtime) fn before_answer(error: &reqwest::Error, limits: &Limits) -> Fault {
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
    match kind(error) {
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
    match kind(error) {
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

/// What the innermost I/O error is: the outer ones only wrap it.
fn kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    chain(error).filter_map(|link| link.downcast_ref::<io::Error>()).last().map(io::Error::kind)
}

fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|link| link.downcast_ref::<T>())
}

/// Every error from the outermost to the cause. An I/O error that wraps another passes over it when asked for its
/// source, so those are opened by hand.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |link| match link.downcast_ref::<io::Error>().and_then(|outer| outer.get_ref()) {
        Some(inner) => Some(inner as &(dyn Error + 'static)),
        None => (**link).source(),
    })
}

#[cfg(test)]
mod tests {
    use reqwest::dns::{Name, Resolve, Resolving};

    use super::*;

    struct Nowhere;

    impl Resolve for Nowhere {
        fn resolve(&self, _: Name) -> Resolving {
            Box::pin(async { Err(LookupFailed(io::Error::other("no such host")).into()) })
        }
    }

    #[tokio::test]
    async fn a_failed_lookup_is_told_from_other_connection_errors() {
        let client = reqwest::Client::builder().no_proxy().dns_resolver(Nowhere).build().unwrap();
        let error = client.get("http://api.example.invalid/secret-path").send().await.unwrap_err();
        let fault = before_answer(&error, &Limits::default());
        assert_eq!(fault, Fault::Dns { reason: "no such host".into() });
        assert!(again(&fault));
    }

    #[test]
    fn a_wrapped_cause_is_found() {
        let inner = io::Error::new(io::ErrorKind::InvalidData, "bad certificate");
        let outer = io::Error::other(io::Error::other(inner));
        let texts: Vec<_> = chain(&outer).map(ToString::to_string).collect();
        assert_eq!(texts.len(), 4);
        assert_eq!(texts.last().unwrap(), "bad certificate");
    }
}
