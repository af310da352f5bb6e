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
    Answer, Control, Done, Fault, FetchError, Limits, Notice, Pending, Receiver, Target,
    body::{self, SoFar},
    classify::{self, LookupFailed},
    retry::{self, Jitter, Wish},
    trust,
};
use crate::provider::{HeaderText, Request};

/// Fetches. Cheap to make: root certificates and proxies are looked up when they are first needed.
#[derive(Debug)]
pub struct Client {
    limits: Limits,
    jitter: Jitter,
    plain: OnceLock<reqwest::Client>,
    direct: OnceLock<reqwest::Client>,
    world: OnceLock<reqwest::Client>,
}

/// How an address is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// http to this machine: no proxy, no certificates.
    Plain,
    /// https to this machine: no proxy.
    Direct,
    /// https to elsewhere, through the system's proxy if there is one.
    World,
}

struct Prepared<'a> {
    client: &'a reqwest::Client,
    url: &'a Url,
    headers: HeaderMap,
}

struct Failed {
    fault: Fault,
    again: bool,
    wish: Wish,
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self { again: classify::again(&fault), fault, wish: Wish::default() }
    }
}

impl Client {
    pub fn new(limits: Limits) -> Self {
        let jitter = Jitter::new(limits.seed);
        Self { limits, jitter, plain: OnceLock::new(), direct: OnceLock::new(), world: OnceLock::new() }
    }

    /// Does one GET, with retries, and hands the body to `receiver`.
    ///
    /// # Errors
    /// Everything but a 2xx answer that came to its end; how much the receiver holds is in the error.
    pub async fn get<R: Receiver>(
        &self,
        request: &Request,
        receiver: &mut R,
        control: &Control,
    ) -> Result<Done, FetchError> {
        let mut so_far = SoFar::default();
        let outcome = tokio::select! {
            biased;
            () = control.cancelled() => Err(Fault::Cancelled),
            outcome = self.tries(request, receiver, control, &mut so_far) => outcome,
        };
        outcome.map_err(|fault| FetchError {
            fault: Box::new(fault),
            origin: origin(&request.url),
            received: so_far.received,
            tries: so_far.tries,
        })
    }

    async fn tries<R: Receiver>(
        &self,
        request: &Request,
        receiver: &mut R,
        control: &Control,
        so_far: &mut SoFar,
    ) -> Result<Done, Fault> {
        let prepared = self.prepare(request)?;
        loop {
            so_far.tries = so_far.tries.saturating_add(1);
            receiver.notice(Notice::Connecting);
            let failed = match self.once(&prepared, receiver, so_far).await {
                Ok(done) => return Ok(done),
                Err(failed) => failed,
            };
            if !failed.again || so_far.tries >= self.limits.tries {
                return Err(failed.fault);
            }
            let wait = retry::wait(&self.limits, so_far.tries, failed.wish.after, &self.jitter);
            let skips = control.skips();
            receiver.notice(Notice::Waiting {
                attempt: so_far.tries.saturating_add(1),
                of: self.limits.tries,
                wait,
                why: failed.fault.to_string(),
            });
            tokio::select! {
                () = control.skipped_since(skips) => {}
                () = sleep(wait) => {}
            }
        }
    }

    async fn once<R: Receiver>(
        &self,
        prepared: &Prepared<'_>,
        receiver: &mut R,
        so_far: &mut SoFar,
    ) -> Result<Done, Failed> {
        let limits = &self.limits;
        let sending = prepared.client.get(prepared.url.clone()).headers(prepared.headers.clone()).send();
        let response = timeout(limits.answer, sending)
            .await
            .map_err(|_| Fault::Timeout { pending: Pending::Answer, limit: limits.answer })?
            .map_err(|error| classify::before_answer(&error, limits))?;
        let status = response.status().as_u16();
        match status {
            200..=299 => {
                let answer = Answer {
                    status,
                    content_type: content_type(&response),
                    declared: response.content_length(),
                };
                let bytes = body::stream(response, &answer, limits, receiver, so_far).await?;
                Ok(Done { answer, bytes, tries: so_far.tries })
            }
            300..=399 => {
                Err(Fault::Redirect { status, target: target(prepared.url, response.headers()) }.into())
            }
            _ => Err(self.refused(status, response).await),
        }
    }

    async fn refused(&self, status: u16, response: Response) -> Failed {
        let wish = Wish::read(response.headers(), Timestamp::now());
        let content_type = content_type(&response);
        let body = body::short(response, &self.limits).await;
        Failed {
            fault: Fault::Status { status, content_type, body, retry_after: wish.after },
            again: retry::status_again(status, wish),
            wish,
        }
    }

    fn prepare<'a>(&'a self, request: &'a Request) -> Result<Prepared<'a>, Fault> {
        let client = self.route(Route::of(&request.url)?)?;
        Ok(Prepared { client, url: &request.url, headers: headers(request)? })
    }

    fn route(&self, route: Route) -> Result<&reqwest::Client, Fault> {
        let cell = match route {
            Route::Plain => &self.plain,
            Route::Direct => &self.direct,
            Route::World => &self.world,
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = build(route, &self.limits)?;
        Ok(cell.get_or_init(|| client))
    }
}

impl Route {
    fn of(url: &Url) -> Result<Self, Fault> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Fault::Address("it has a user or a password in it"));
        }
        match (url.scheme(), is_loopback(url)) {
            ("http", true) => Ok(Self::Plain),
            ("https", true) => Ok(Self::Direct),
            ("https", false) => Ok(Self::World),
            ("http", false) => {
                Err(Fault::Address("it is http, which would show the key to everyone on the way"))
            }
            _ => Err(Fault::Address("it is neither http nor https")),
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
pub(in crate::runtime) fn connector(url: &Url, limits: &Limits) -> Result<reqwest::Client, Fault> {
    build(Route::of(url)?, limits)
}

fn build(route: Route, limits: &Limits) -> Result<reqwest::Client, Fault> {
    let builder = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(client_retry::never())
        .user_agent(concat!("unspool/", env!("CARGO_PKG_VERSION")))
        .gzip(true)
        .connect_timeout(limits.connect)
        .dns_resolver(Names);
    let builder = match route {
        Route::Plain => builder.no_proxy().tls_certs_only([]),
        Route::Direct => builder.no_proxy(),
        Route::World => builder.https_only(true),
    };
    if route != Route::Plain {
        trust::check(|name| std::env::var_os(name))?;
    }
    builder.build().map_err(|error| Fault::Setup { reason: classify::leaf(&error) })
}

/// The system's name lookup, with errors that can be told from others; `localhost` is answered here.
#[derive(Debug)]
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if is_localhost(name.as_str()) {
                let here =
                    [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
                return Ok(Box::new(here.into_iter()) as Addrs);
            }
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(LookupFailed)?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

fn headers(request: &Request) -> Result<HeaderMap, Fault> {
    let mut map = HeaderMap::with_capacity(request.headers.len());
    for (name, text) in &request.headers {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Fault::Header(name))?;
        let (plain, secret) = match text {
            HeaderText::Plain(text) => (text.as_str(), false),
            HeaderText::Secret(text) => (text.expose_secret(), true),
        };
        let mut value = HeaderValue::from_str(plain).map_err(|_| Fault::Header(name))?;
        value.set_sensitive(secret);
        map.insert(key, value);
    }
    Ok(map)
}

fn content_type(response: &Response) -> Option<String> {
    const LONGEST: usize = 100;
    let text = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.chars().take(LONGEST).collect())
}

fn target(from: &Url, headers: &HeaderMap) -> Target {
    let Some(location) = headers.get(LOCATION) else { return Target::Missing };
    let Some(to) = location.to_str().ok().and_then(|location| from.join(location).ok()) else {
        return Target::Unreadable;
    };
    if to.origin() == from.origin() {
        Target::SameOrigin
    } else if matches!(to.scheme(), "http" | "https") {
        Target::Origin(origin(&to))
    } else {
        Target::Scheme(to.scheme().chars().take(20).collect())
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests;
