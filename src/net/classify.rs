//! From the HTTP client's errors to ours. Typed causes come first; texts decide only where the client keeps its types
//! to itself, and tests against a real socket guard those.

use std::{error::Error, io, iter::successors};

use super::{FetchErrorKind, Limits, TimeoutStage};

/// The name lookup failed: our own resolver's error, so that it can be told from other connection errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LookupError(#[from] pub(super) io::Error);

/// An error before the head of the answer was there.
pub(crate) fn classify_request_error(error: &reqwest::Error, limits: &Limits) -> FetchErrorKind {
    let reason = root_cause(error);
    if find_cause::<LookupError>(error).is_some() {
        return FetchErrorKind::Dns { reason };
    }
    if error_chain(error).any(|link| link.to_string().starts_with("tunnel error")) {
        let told = error_chain(error).map(ToString::to_string).find(|text| text.starts_with("tunnel error"));
        return FetchErrorKind::Proxy { reason: told.unwrap_or(reason) };
    }
    if error.is_timeout() {
        return FetchErrorKind::Timeout { stage: TimeoutStage::Connect, limit: limits.connect };
    }
    match io_error_kind(error) {
        Some(io::ErrorKind::InvalidData) => FetchErrorKind::Tls { reason },
        _ if error.is_connect() => FetchErrorKind::Connect { reason },
        Some(_) => FetchErrorKind::ConnectionLost { reason },
        None if is_protocol_error(&reason) => FetchErrorKind::InvalidResponse { reason },
        None => FetchErrorKind::ConnectionLost { reason },
    }
}

/// An error inside the body.
pub(super) fn classify_body_error(error: &reqwest::Error) -> FetchErrorKind {
    let reason = root_cause(error);
    match io_error_kind(error) {
        Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other) => {
            FetchErrorKind::InvalidResponse { reason }
        }
        Some(_) => FetchErrorKind::ConnectionLost { reason },
        None if is_protocol_error(&reason) => FetchErrorKind::InvalidResponse { reason },
        None => FetchErrorKind::ConnectionLost { reason },
    }
}

/// Whether another try can help. Statuses are judged where their headers are at hand.
pub(super) fn is_retryable(fault: &FetchErrorKind) -> bool {
    match fault {
        FetchErrorKind::Dns { .. }
        | FetchErrorKind::Connect { .. }
        | FetchErrorKind::ConnectionLost { .. }
        | FetchErrorKind::Timeout { stage: TimeoutStage::Connect, .. } => true,
        FetchErrorKind::Proxy { reason } => !reason.contains("authorization"),
        FetchErrorKind::Status { .. }
        | FetchErrorKind::Redirect { .. }
        | FetchErrorKind::InvalidAddress(_)
        | FetchErrorKind::InvalidHeader(_)
        | FetchErrorKind::Tls { .. }
        | FetchErrorKind::Certificates { .. }
        | FetchErrorKind::Timeout { .. }
        | FetchErrorKind::TooLarge { .. }
        | FetchErrorKind::InvalidResponse { .. }
        | FetchErrorKind::Cancelled
        | FetchErrorKind::ClientSetup { .. } => false,
    }
}

/// The last error of the chain: the cause. The first ones name the address, which is not to be told.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    const MAX_LENGTH: usize = 200;
    let text = match error.source() {
        Some(source) => error_chain(source).last().map(ToString::to_string).unwrap_or_default(),
        None => "the request could not be sent".to_owned(),
    };
    text.chars().take(MAX_LENGTH).collect()
}

fn is_protocol_error(reason: &str) -> bool {
    ["invalid", "too large", "extra bytes", "unexpected message"].iter().any(|word| reason.contains(word))
}

/// What the innermost I/O error is: the outer ones only wrap it.
fn io_error_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    error_chain(error).filter_map(|link| link.downcast_ref::<io::Error>()).last().map(io::Error::kind)
}

fn find_cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    error_chain(error).find_map(|link| link.downcast_ref::<T>())
}

/// Every error from the outermost to the cause. An I/O error that wraps another passes over it when asked for its
/// source, so those are opened by hand.
fn error_chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |link| match link.downcast_ref::<io::Error>().and_then(|outer| outer.get_ref()) {
        Some(inner) => Some(inner as &(dyn Error + 'static)),
        None => (**link).source(),
    })
}

#[cfg(test)]
mod tests {
    use reqwest::dns::{Name, Resolve, Resolving};

    use super::*;

    struct FailingResolver;

    impl Resolve for FailingResolver {
        fn resolve(&self, _: Name) -> Resolving {
            Box::pin(async { Err(LookupError(io::Error::other("no such host")).into()) })
        }
    }

    #[tokio::test]
    async fn a_failed_lookup_is_distinguished_from_other_connection_errors() {
        let client = reqwest::Client::builder().no_proxy().dns_resolver(FailingResolver).build().unwrap();
        let error = client.get("http://api.example.invalid/secret-path").send().await.unwrap_err();
        let fault = classify_request_error(&error, &Limits::default());
        assert_eq!(fault, FetchErrorKind::Dns { reason: "no such host".into() });
        assert!(is_retryable(&fault));
    }

    #[test]
    fn a_wrapped_cause_is_found() {
        let inner = io::Error::new(io::ErrorKind::InvalidData, "bad certificate");
        let outer = io::Error::other(io::Error::other(inner));
        let texts: Vec<_> = error_chain(&outer).map(ToString::to_string).collect();
        assert_eq!(texts.len(), 4);
        assert_eq!(texts.last().unwrap(), "bad certificate");
    }
}
