//! The client: allowed addresses and their routes, requests with secret headers, and retries.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::OnceLock,
    time::SystemTime,
};

use reqwest::{
    Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION},
    redirect, retry as client_retry,
};
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::{
    BodySink, FetchControl, FetchError, FetchErrorKind, FetchedBody, Limits, RedirectTarget, ResponseHead,
    TimeoutStage,
    body::{self, Received},
    ca_certificates,
    classify::{self, LookupError},
    retry::{self, Jitter, RetryHeaders},
};
use crate::domain::FetchProgress;
use crate::provider::{HeaderText, Request, is_localhost, is_loopback};
use crate::text::Safe;

/// The HTTP client. It is cheap to create, because root certificates and proxies are read on first use.
#[derive(Debug)]
pub struct Client {
    limits: Limits,
    jitter: Jitter,
    loopback_http: OnceLock<reqwest::Client>,
    loopback_https: OnceLock<reqwest::Client>,
    remote: OnceLock<reqwest::Client>,
}

/// The route to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// http to this machine: no proxy, no certificates.
    LoopbackHttp,
    /// https to this machine: no proxy.
    LoopbackHttps,
    /// https to another machine, through the system's proxy if there is one.
    Remote,
    /// http to another machine: everything is exposed.
    Unencrypted,
}

/// The requirement of encryption for requests to other machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    Required,
    /// The user has allowed http.
    Optional,
}

struct PreparedRequest<'a> {
    client: &'a reqwest::Client,
    url: &'a Url,
    headers: HeaderMap,
}

struct FailedAttempt {
    kind: FetchErrorKind,
    is_retryable: bool,
    retry_headers: RetryHeaders,
}

impl From<FetchErrorKind> for FailedAttempt {
    fn from(kind: FetchErrorKind) -> Self {
        Self { is_retryable: classify::is_retryable(&kind), kind, retry_headers: RetryHeaders::default() }
    }
}

impl Client {
    pub fn new(limits: Limits) -> Self {
        let jitter = Jitter::new(limits.jitter_seed);
        Self {
            limits,
            jitter,
            loopback_http: OnceLock::new(),
            loopback_https: OnceLock::new(),
            remote: OnceLock::new(),
        }
    }

    /// Sends one GET, with retries, and passes the body to `sink`.
    ///
    /// # Errors
    /// Anything but a complete 2xx response. The error has the number of bytes that the sink has received.
    pub async fn get<R: BodySink>(
        &self,
        request: &Request,
        sink: &mut R,
        control: &FetchControl,
    ) -> Result<FetchedBody, FetchError> {
        let mut received = Received::default();
        let result = tokio::select! {
            biased;
            () = control.cancelled() => Err(FetchErrorKind::Cancelled),
            result = self.get_with_retries(request, sink, control, &mut received) => result,
        };
        result.map_err(|kind| FetchError {
            kind: Box::new(kind),
            origin: origin(&request.url),
            received_bytes: received.bytes,
            attempts: received.attempts,
        })
    }

    async fn get_with_retries<R: BodySink>(
        &self,
        request: &Request,
        sink: &mut R,
        control: &FetchControl,
        received: &mut Received,
    ) -> Result<FetchedBody, FetchErrorKind> {
        let prepared = self.prepare(request)?;
        loop {
            received.attempts = received.attempts.saturating_add(1);
            sink.report_progress(FetchProgress::Connecting);
            let started = Instant::now();
            let result = self.attempt(&prepared, sink, received).await;
            log_attempt(received, result.as_ref(), started);
            let failed = match result {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            if !failed.is_retryable || received.attempts >= self.limits.max_attempts {
                return Err(failed.kind);
            }
            let retry_after = failed.retry_headers.retry_after;
            let Some(delay) = retry::retry_delay(&self.limits, received.attempts, retry_after, &self.jitter)
            else {
                return Err(failed.kind);
            };
            let skips = control.skip_count();
            sink.report_progress(FetchProgress::RetryScheduled {
                attempt: received.attempts.saturating_add(1),
                max_attempts: self.limits.max_attempts,
                delay,
                reason: failed.kind.to_string(),
            });
            tokio::select! {
                () = control.wait_skipped_since(skips) => {}
                () = sleep(delay) => {}
            }
        }
    }

    async fn attempt<R: BodySink>(
        &self,
        prepared: &PreparedRequest<'_>,
        sink: &mut R,
        received: &mut Received,
    ) -> Result<FetchedBody, FailedAttempt> {
        let limits = &self.limits;
        let sending = prepared.client.get(prepared.url.clone()).headers(prepared.headers.clone()).send();
        let response = timeout(limits.response, sending)
            .await
            .map_err(|_| FetchErrorKind::Timeout {
                stage: TimeoutStage::ResponseHead,
                limit: limits.response,
            })?
            .map_err(|error| classify::classify_request_error(&error, limits))?;
        let status = response.status().as_u16();
        tracing::debug!(
            attempt = received.attempts,
            status,
            version = ?response.version(),
            headers = header_names(response.headers()),
            "response"
        );
        match status {
            // Without a body there is no thread.
            204 | 205 => Err(self.status_error(status, response).await),
            200..=299 => {
                let head = ResponseHead {
                    status,
                    content_type: content_type(&response),
                    // The length of a packed body is not the number of its bytes.
                    content_length: response.content_length().filter(|_| !body::is_gzip(&response)),
                };
                let bytes = body::stream_body(response, &head, limits, sink, received).await?;
                Ok(FetchedBody { head, bytes, attempts: received.attempts })
            }
            // 304 has no target. The request was not conditional, so a cache in between is faulty.
            304 => Err(self.status_error(status, response).await),
            300..=399 => Err(FetchErrorKind::Redirect {
                status,
                target: redirect_target(prepared.url, response.headers()),
            }
            .into()),
            _ => Err(self.status_error(status, response).await),
        }
    }

    async fn status_error(&self, status: u16, response: Response) -> FailedAttempt {
        let retry_headers = RetryHeaders::parse(response.headers(), SystemTime::now());
        let content_type = content_type(&response);
        let body = body::read_short_body(response, &self.limits).await;
        let retry_after = retry_headers.retry_after;
        FailedAttempt {
            kind: FetchErrorKind::Status { status, content_type, body, retry_after },
            is_retryable: retry::is_retryable_status(status, retry_headers),
            retry_headers,
        }
    }

    fn prepare<'a>(&'a self, request: &'a Request) -> Result<PreparedRequest<'a>, FetchErrorKind> {
        let client = self.client_for(Route::for_url(&request.url, Encryption::Required)?)?;
        Ok(PreparedRequest { client, url: &request.url, headers: header_map(request)? })
    }

    fn client_for(&self, route: Route) -> Result<&reqwest::Client, FetchErrorKind> {
        let cell = match route {
            Route::LoopbackHttp => &self.loopback_http,
            Route::LoopbackHttps => &self.loopback_https,
            Route::Remote => &self.remote,
            Route::Unencrypted => return Err(Route::EXPOSED),
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build_client(route, &self.limits)?;
        Ok(cell.get_or_init(|| client))
    }
}

impl Route {
    const EXPOSED: FetchErrorKind = FetchErrorKind::InvalidAddress("plain http would expose the API key");

    fn for_url(url: &Url, encryption: Encryption) -> Result<Self, FetchErrorKind> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchErrorKind::InvalidAddress("it contains a user name or password"));
        }
        match (url.scheme(), is_loopback(url)) {
            ("http", true) => Ok(Self::LoopbackHttp),
            ("https", true) => Ok(Self::LoopbackHttps),
            ("https", false) => Ok(Self::Remote),
            ("http", false) if encryption == Encryption::Optional => Ok(Self::Unencrypted),
            ("http", false) => Err(Self::EXPOSED),
            _ => Err(FetchErrorKind::InvalidAddress("the scheme is neither http nor https")),
        }
    }
}

/// Creates a client for one address under the same rules: https except on this machine unless http is allowed, no
/// redirects, certificates checked.
///
/// # Errors
/// The address is not allowed, or the certificates cannot be used.
pub(crate) fn client_for_url(
    url: &Url,
    encryption: Encryption,
    limits: &Limits,
) -> Result<reqwest::Client, FetchErrorKind> {
    build_client(Route::for_url(url, encryption)?, limits)
}

fn build_client(route: Route, limits: &Limits) -> Result<reqwest::Client, FetchErrorKind> {
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(client_retry::never())
        .user_agent(concat!("unspool/", env!("CARGO_PKG_VERSION")))
        .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]))
        .connect_timeout(limits.connect)
        .dns_resolver(SystemResolver);
    let builder = match route {
        Route::LoopbackHttp => builder.no_proxy().tls_certs_only([]),
        Route::LoopbackHttps => builder.no_proxy(),
        Route::Remote => builder.https_only(true),
        Route::Unencrypted => builder.tls_certs_only([]),
    };
    if matches!(route, Route::LoopbackHttps | Route::Remote) {
        ca_certificates::check_certificates()?;
    }
    builder.build().map_err(|error| FetchErrorKind::ClientSetup { reason: classify::root_cause(&error) })
}

/// The system's DNS lookup, with a distinct error type; `localhost` names are resolved here.
#[derive(Debug)]
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if is_localhost(name.as_str()) {
                let loopback =
                    [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
                return Ok(Box::new(loopback.into_iter()) as Addrs);
            }
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(LookupError)?;
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

fn header_map(request: &Request) -> Result<HeaderMap, FetchErrorKind> {
    let mut map = HeaderMap::with_capacity(request.headers.len());
    for (name, text) in &request.headers {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| FetchErrorKind::InvalidHeader(name))?;
        let (text, is_secret) = match text {
            HeaderText::Plain(text) => (text.as_str(), false),
            HeaderText::Secret(text) => (text.expose_secret(), true),
        };
        let mut value = HeaderValue::from_str(text).map_err(|_| FetchErrorKind::InvalidHeader(name))?;
        value.set_sensitive(is_secret);
        map.insert(key, value);
    }
    Ok(map)
}

/// Logs the end of an attempt.
fn log_attempt(received: &Received, result: Result<&FetchedBody, &FailedAttempt>, started: Instant) {
    let (attempt, bytes) = (received.attempts, received.bytes);
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(_) => tracing::debug!(attempt, bytes, milliseconds, "attempt succeeded"),
        Err(failed) => {
            let error = Safe::line(&failed.kind.to_string()).into_string();
            let (retryable, retry_after) = (failed.is_retryable, failed.retry_headers.retry_after);
            tracing::debug!(attempt, bytes, milliseconds, retryable, ?retry_after, error, "attempt failed");
        }
    }
}

/// Returns the names of headers, without their values, which may be secret.
fn header_names(headers: &HeaderMap) -> String {
    let names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
    names.join(",")
}

fn content_type(response: &Response) -> Option<String> {
    const MAX_LENGTH: usize = 100;
    let text = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.chars().take(MAX_LENGTH).collect())
}

fn redirect_target(from: &Url, headers: &HeaderMap) -> RedirectTarget {
    let Some(location) = headers.get(LOCATION) else { return RedirectTarget::Missing };
    let Some(to) = location.to_str().ok().and_then(|location| from.join(location).ok()) else {
        return RedirectTarget::Unreadable;
    };
    if to.origin() == from.origin() {
        RedirectTarget::SameOrigin
    } else if matches!(to.scheme(), "http" | "https") {
        RedirectTarget::Origin(origin(&to))
    } else {
        RedirectTarget::Scheme(to.scheme().chars().take(20).collect())
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests;
