//! The client: which addresses are allowed and by which route, the request with its secret headers, and the tries.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::OnceLock,
};

use jiff::Timestamp;
use reqwest::{
    Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION},
    redirect, retry as client_retry,
};
use secrecy::ExposeSecret;
use tokio::time::{sleep, timeout};
use url::{Host, Url};

use super::{
    BodySink, FetchControl, FetchError, FetchErrorKind, FetchProgress, FetchedBody, Limits, RedirectTarget,
    ResponseHead, TimeoutStage,
    body::{self, Received},
    ca_certificates,
    classify::{self, LookupError},
    retry::{self, Jitter, RetryHeaders},
};
use crate::provider::{HeaderText, Request};

/// Fetches. Cheap to make: root certificates and proxies are looked up when they are first needed.
#[derive(Debug)]
pub struct Client {
    limits: Limits,
    jitter: Jitter,
    loopback_http: OnceLock<reqwest::Client>,
    loopback_https: OnceLock<reqwest::Client>,
    remote: OnceLock<reqwest::Client>,
}

/// How an address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// http to this machine: no proxy, no certificates.
    LoopbackHttp,
    /// https to this machine: no proxy.
    LoopbackHttps,
    /// https to elsewhere, through the system's proxy if there is one.
    Remote,
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
    fn from(fault: FetchErrorKind) -> Self {
        Self {
            is_retryable: classify::is_retryable(&fault),
            kind: fault,
            retry_headers: RetryHeaders::default(),
        }
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

    /// Does one GET, with retries, and hands the body to `receiver`.
    ///
    /// # Errors
    /// Everything but a 2xx answer that came to its end; how much the receiver holds is in the error.
    pub async fn get<R: BodySink>(
        &self,
        request: &Request,
        receiver: &mut R,
        control: &FetchControl,
    ) -> Result<FetchedBody, FetchError> {
        let mut so_far = Received::default();
        let outcome = tokio::select! {
            biased;
            () = control.cancelled() => Err(FetchErrorKind::Cancelled),
            outcome = self.get_with_retries(request, receiver, control, &mut so_far) => outcome,
        };
        outcome.map_err(|fault| FetchError {
            kind: Box::new(fault),
            origin: origin(&request.url),
            received_bytes: so_far.bytes,
            attempts: so_far.attempts,
        })
    }

    async fn get_with_retries<R: BodySink>(
        &self,
        request: &Request,
        receiver: &mut R,
        control: &FetchControl,
        so_far: &mut Received,
    ) -> Result<FetchedBody, FetchErrorKind> {
        let prepared = self.prepare(request)?;
        loop {
            so_far.attempts = so_far.attempts.saturating_add(1);
            receiver.report_progress(FetchProgress::Connecting);
            let failed = match self.attempt(&prepared, receiver, so_far).await {
                Ok(done) => return Ok(done),
                Err(failed) => failed,
            };
            if !failed.is_retryable || so_far.attempts >= self.limits.max_attempts {
                return Err(failed.kind);
            }
            let wait = retry::retry_delay(
                &self.limits,
                so_far.attempts,
                failed.retry_headers.retry_after,
                &self.jitter,
            );
            let skips = control.skip_count();
            receiver.report_progress(FetchProgress::RetryScheduled {
                attempt: so_far.attempts.saturating_add(1),
                max_attempts: self.limits.max_attempts,
                delay: wait,
                reason: failed.kind.to_string(),
            });
            tokio::select! {
                () = control.wait_skipped_since(skips) => {}
                () = sleep(wait) => {}
            }
        }
    }

    async fn attempt<R: BodySink>(
        &self,
        prepared: &PreparedRequest<'_>,
        receiver: &mut R,
        so_far: &mut Received,
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
        match status {
            200..=299 => {
                let answer = ResponseHead {
                    status,
                    content_type: content_type(&response),
                    content_length: response.content_length(),
                };
                let bytes = body::stream_body(response, &answer, limits, receiver, so_far).await?;
                Ok(FetchedBody { head: answer, bytes, attempts: so_far.attempts })
            }
            300..=399 => Err(FetchErrorKind::Redirect {
                status,
                target: redirect_target(prepared.url, response.headers()),
            }
            .into()),
            _ => Err(self.status_error(status, response).await),
        }
    }

    async fn status_error(&self, status: u16, response: Response) -> FailedAttempt {
        let wish = RetryHeaders::parse(response.headers(), Timestamp::now());
        let content_type = content_type(&response);
        let body = body::read_error_body(response, &self.limits).await;
        FailedAttempt {
            kind: FetchErrorKind::Status { status, content_type, body, retry_after: wish.retry_after },
            is_retryable: retry::is_retryable_status(status, wish),
            retry_headers: wish,
        }
    }

    fn prepare<'a>(&'a self, request: &'a Request) -> Result<PreparedRequest<'a>, FetchErrorKind> {
        let client = self.client_for(Route::for_url(&request.url)?)?;
        Ok(PreparedRequest { client, url: &request.url, headers: header_map(request)? })
    }

    fn client_for(&self, route: Route) -> Result<&reqwest::Client, FetchErrorKind> {
        let cell = match route {
            Route::LoopbackHttp => &self.loopback_http,
            Route::LoopbackHttps => &self.loopback_https,
            Route::Remote => &self.remote,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build_client(route, &self.limits)?;
        Ok(cell.get_or_init(|| client))
    }
}

impl Route {
    fn for_url(url: &Url) -> Result<Self, FetchErrorKind> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchErrorKind::InvalidAddress("it has a user or a password in it"));
        }
        match (url.scheme(), is_loopback(url)) {
            ("http", true) => Ok(Self::LoopbackHttp),
            ("https", true) => Ok(Self::LoopbackHttps),
            ("https", false) => Ok(Self::Remote),
            ("http", false) => Err(FetchErrorKind::InvalidAddress(
                "it is http, which would show the key to everyone on the way",
            )),
            _ => Err(FetchErrorKind::InvalidAddress("it is neither http nor https")),
        }
    }
}

/// Whether the address is this machine: 127.0.0.0/8, `::1`, and `localhost`, which is never looked up.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
        }
        Some(Host::Domain(name)) => is_localhost(name),
        None => false,
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let tail = name.rsplit('.').next().unwrap_or_default();
    tail.eq_ignore_ascii_case("localhost")
}

/// What connects to an address by our rules: https only but for this machine, no redirects, certificates checked.
///
/// # Errors
/// An address that is not allowed, or certificates that cannot be used.
pub(crate) fn client_for_url(url: &Url, limits: &Limits) -> Result<reqwest::Client, FetchErrorKind> {
    build_client(Route::for_url(url)?, limits)
}

fn build_client(route: Route, limits: &Limits) -> Result<reqwest::Client, FetchErrorKind> {
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(client_retry::never())
        .user_agent(concat!("unspool/", env!("CARGO_PKG_VERSION")))
        .gzip(true)
        .connect_timeout(limits.connect)
        .dns_resolver(SystemResolver);
    let builder = match route {
        Route::LoopbackHttp => builder.no_proxy().tls_certs_only([]),
        Route::LoopbackHttps => builder.no_proxy(),
        Route::Remote => builder.https_only(true),
    };
    if route != Route::LoopbackHttp {
        ca_certificates::check_variables(|name| std::env::var_os(name))?;
    }
    builder.build().map_err(|error| FetchErrorKind::ClientSetup { reason: classify::root_cause(&error) })
}

/// The system's name lookup, with errors that can be told from others; `localhost` is answered here.
#[derive(Debug)]
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if is_localhost(name.as_str()) {
                let here =
                    [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
                return Ok(Box::new(here.into_iter()) as Addrs);
            }
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(LookupError)?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

fn header_map(request: &Request) -> Result<HeaderMap, FetchErrorKind> {
    let mut map = HeaderMap::with_capacity(request.headers.len());
    for (name, text) in &request.headers {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| FetchErrorKind::InvalidHeader(name))?;
        let (plain, secret) = match text {
            HeaderText::Plain(text) => (text.as_str(), false),
            HeaderText::Secret(text) => (text.expose_secret(), true),
        };
        let mut value = HeaderValue::from_str(plain).map_err(|_| FetchErrorKind::InvalidHeader(name))?;
        value.set_sensitive(secret);
        map.insert(key, value);
    }
    Ok(map)
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
