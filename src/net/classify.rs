//! Converts errors of the HTTP client. Typed causes are used where possible. Where the client's types are private, error
//! texts are compared; tests with a real socket check these.

use std::{error::Error, io, iter::successors};

use super::{FetchErrorKind, Limits, TimeoutStage};

/// An error of [`SystemResolver`](super::client), to distinguish failed lookups from other connection errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct LookupError(#[from] pub(super) io::Error);

/// Classifies an error before the head of the response.
pub(crate) fn classify_request_error(error: &reqwest::Error, limits: &Limits) -> FetchErrorKind {
    let reason = root_cause(error);
    if find_cause::<LookupError>(error).is_some() {
        return FetchErrorKind::Dns { reason };
    }
    let mut texts = error_chain(error).map(ToString::to_string);
    if let Some(reason) = texts.find(|text| text.starts_with("tunnel error")) {
        return FetchErrorKind::Proxy { reason };
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

/// Classifies an error within the body.
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

/// Returns whether another attempt can help. `retry` decides about statuses, together with their headers.
pub(super) fn is_retryable(kind: &FetchErrorKind) -> bool {
    match kind {
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
        | FetchErrorKind::SuspiciousRatio { .. }
        | FetchErrorKind::Cancelled
        | FetchErrorKind::ClientSetup { .. } => false,
    }
}

/// Returns the last error of the chain, capped in length. The first errors contain the address, which may be secret.
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

/// Returns the kind of the innermost I/O error, which the outer ones only wrap.
fn io_error_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    error_chain(error).filter_map(|link| link.downcast_ref::<io::Error>()).last().map(io::Error::kind)
}

fn find_cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    error_chain(error).find_map(|link| link.downcast_ref::<T>())
}

/// Returns every error from the outermost to the cause. `source` of an I/O error skips the error that it wraps, hence
/// `get_ref`.
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
        let kind = classify_request_error(&error, &Limits::default());
        assert_eq!(kind, FetchErrorKind::Dns { reason: "no such host".into() });
        assert!(is_retryable(&kind));
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
