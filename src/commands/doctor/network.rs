//! Checks of the services: key, base URL and reachability, with a request that contains neither key nor id; and of
//! certificates and proxies.

use std::ops::ControlFlow;
use std::time::Duration;

use url::Url;

use super::Check;
use crate::cli::ServiceArgs;
use crate::commands::maintenance::redact_url;
use crate::credentials::api_key;
use crate::credentials::resolve::ResolvedAccess;
use crate::net::{self, BodySink, Client, FetchControl, FetchError, FetchErrorKind, Limits, ResponseHead};
use crate::provider::{AccessError, Provider, Request, ServiceAccess};
use crate::settings::{Settings, env_var};

/// The time limit of each phase of the request.
const REACHABILITY_TIMEOUT: Duration = Duration::from_secs(3);

/// Checks one service.
pub(super) async fn check_service(
    provider: &'static dyn Provider,
    resolved: &ResolvedAccess,
    (settings, args): (&Settings, &ServiceArgs),
) -> Vec<Check> {
    let variable = provider.env_variables().first().map_or("", |variable| variable.name);
    let (key, has_key) = match api_key::resolve(&resolved.key_sources).await {
        Ok(Some(key)) => (Check::ok("key", format!("from {}", key.origin)), true),
        Ok(None) => {
            let hint = format!("Set {variable}, or run: unspool login --provider {}", provider.id());
            (Check::warn("key", "none", hint), false)
        }
        Err(error) => (Check::fail("key", error.to_string(), error.hint()), false),
    };
    let mut checks = vec![key, check_base_url(provider, resolved)];
    if let Some(account) = &resolved.access.account_id {
        checks.push(Check::ok("account", format!("{account} ({})", resolved.account_origin)));
    }
    if args.offline {
        checks.push(Check::ok("reachability", "skipped (offline)"));
    } else if !has_key {
        checks.push(Check::ok("reachability", "skipped (no key)"));
    } else if let Ok(url) = Url::parse(resolved.access.base_url.trim()) {
        checks.push(check_reachability(url, settings.limits()).await);
    }
    checks
}

fn check_base_url(provider: &dyn Provider, resolved: &ResolvedAccess) -> Check {
    let access = ServiceAccess { api_key: Some("k".into()), ..resolved.access.clone() };
    match provider.messages_request("1", &access) {
        Err(error @ AccessError::BadBaseUrl { .. }) => {
            Check::fail("base URL", error.to_string(), format!("It is set by: {}.", resolved.base_url_origin))
        }
        Err(error @ AccessError::BadHeader { .. }) => {
            Check::fail("account", error.to_string(), format!("It is set by: {}.", resolved.account_origin))
        }
        Err(AccessError::NoKey { .. } | AccessError::BadId { .. } | AccessError::NoSuchList { .. })
        | Ok(_) => {
            let finding = format!("{} ({})", redact_url(&resolved.access.base_url), resolved.base_url_origin);
            Check::ok("base URL", finding)
        }
    }
}

/// Checks whether the host responds.
async fn check_reachability(mut url: Url, limits: Limits) -> Check {
    url.set_path("/");
    let limits = Limits {
        connect: REACHABILITY_TIMEOUT,
        response: REACHABILITY_TIMEOUT,
        idle: REACHABILITY_TIMEOUT,
        max_attempts: 1,
        ..limits
    };
    let request = Request { url, headers: Vec::new() };
    let outcome = Client::new(limits).get(&request, &mut DiscardBody, &FetchControl::none()).await;
    match outcome {
        Ok(_) => Check::ok("reachability", "ok"),
        Err(error) => match &*error.kind {
            FetchErrorKind::Status { .. } | FetchErrorKind::Redirect { .. } | FetchErrorKind::Cancelled => {
                Check::ok("reachability", "ok")
            }
            _ => Check::fail("reachability", error.to_string(), error.hint()),
        },
    }
}

/// Discards the body; only reachability matters.
struct DiscardBody;

impl BodySink for DiscardBody {
    fn begin(&mut self, _response: &ResponseHead) {}

    async fn push_chunk(&mut self, _bytes: &[u8]) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

/// Checks certificates and proxies.
pub(super) fn check_environment() -> Vec<Check> {
    let mut checks = vec![check_certificates()];
    let proxies = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let proxy = proxies.iter().find_map(|name| Some((name, env_var(name)?)));
    checks.push(match proxy {
        Some((name, value)) => {
            let excluded = env_var("NO_PROXY").or_else(|| env_var("no_proxy"));
            let excluded = excluded.map(|hosts| format!(", except for {hosts}")).unwrap_or_default();
            Check::ok("proxy", format!("{} ({name}){excluded}; never for localhost", redact_url(&value)))
        }
        None => Check::ok("proxy", "none in the environment"),
    });
    checks
}

fn check_certificates() -> Check {
    match net::check_certificates() {
        Ok(()) => {
            let names: &[&str] =
                if net::HAS_CERTIFICATE_VARIABLES { &["SSL_CERT_FILE", "SSL_CERT_DIR"] } else { &[] };
            let variable = names.iter().find_map(|name| Some((name, env_var(name)?)));
            let finding = variable.map(|(name, path)| format!("{path} ({name})"));
            Check::ok("certificates", finding.unwrap_or_else(|| "from the system".to_owned()))
        }
        Err(fault) => {
            let error =
                FetchError { kind: Box::new(fault), origin: String::new(), received_bytes: 0, attempts: 0 };
            Check::fail("certificates", error.kind.to_string(), error.hint())
        }
    }
}
