//! The services: where the key is, whether the address can be used and answers. The request that finds out has no key
//! and no id in it. And what stands between: certificates and proxies.

use std::time::Duration;

use url::Url;

use super::Check;
use crate::cli::ServiceArgs;
use crate::commands::maintenance::redact_url;
use crate::credentials::api_key;
use crate::credentials::resolve::ResolvedAccess;
use crate::net::{
    self, BodySink, Client, ControlFlow, FetchControl, FetchError, FetchErrorKind, Limits, ResponseHead,
};
use crate::provider::{AccessError, Provider, Request};
use crate::settings::{Settings, env_var};

/// How long a service may take to say anything at all.
const REACHABILITY_TIMEOUT: Duration = Duration::from_secs(3);

/// Looks at one service.
pub(super) async fn check_service(
    provider: &'static dyn Provider,
    approach: &ResolvedAccess,
    (settings, args): (&Settings, &ServiceArgs),
) -> Vec<Check> {
    let variable = provider.env_variables().first().map_or("", |variable| variable.name);
    let (key, has_key) = match api_key::resolve(&approach.key_sources).await {
        Ok(Some(found)) => (Check::ok("key", format!("from {}", found.origin)), true),
        Ok(None) => {
            let advice = format!("Set {variable}, or run: unspool login --provider {}", provider.id());
            (Check::warn("key", "none", advice), false)
        }
        Err(error) => (Check::fail("key", error.to_string(), error.hint()), false),
    };
    let mut checks = vec![key, check_base_url(provider, approach)];
    if let Some(account) = &approach.access.account_id {
        checks.push(Check::ok("account", format!("{account} ({})", approach.account_origin)));
    }
    if args.offline {
        checks.push(Check::ok("reachable", "not asked: offline"));
    } else if !has_key {
        checks.push(Check::ok("reachable", "not asked: there is no key"));
    } else if let Ok(url) = Url::parse(approach.access.base_url.trim()) {
        checks.push(check_reachability(url, settings.limits()).await);
    }
    checks
}

fn check_base_url(provider: &dyn Provider, approach: &ResolvedAccess) -> Check {
    let access = crate::provider::ServiceAccess { api_key: Some("k".into()), ..approach.access.clone() };
    match provider.messages_request("1", &access) {
        Err(error @ AccessError::BadBaseUrl { .. }) => {
            Check::fail("address", error.to_string(), format!("It comes from: {}.", approach.base_url_origin))
        }
        Err(error @ AccessError::BadHeader { .. }) => {
            Check::fail("account", error.to_string(), format!("It comes from: {}.", approach.account_origin))
        }
        Err(AccessError::NoKey { .. } | AccessError::BadId { .. }) | Ok(_) => {
            let found = format!("{} ({})", redact_url(&approach.access.base_url), approach.base_url_origin);
            Check::ok("address", found)
        }
    }
}

/// Any answer will do.
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
        Ok(_) => Check::ok("reachable", "it answers"),
        Err(error) => match &*error.kind {
            FetchErrorKind::Status { .. } | FetchErrorKind::Redirect { .. } | FetchErrorKind::Cancelled => {
                Check::ok("reachable", "it answers")
            }
            _ => Check::fail("reachable", error.to_string(), error.hint()),
        },
    }
}

/// Hears that there is an answer, and nothing of it.
struct DiscardBody;

impl BodySink for DiscardBody {
    fn begin(&mut self, _answer: &ResponseHead) {}

    async fn push_chunk(&mut self, _bytes: &[u8]) -> ControlFlow {
        ControlFlow::Break
    }
}

/// Certificates and proxies.
pub(super) fn check_environment() -> Vec<Check> {
    let mut checks = vec![check_certificates()];
    let proxies = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let proxy = proxies.iter().find_map(|name| Some((name, env_var(name)?)));
    checks.push(match proxy {
        Some((name, value)) => {
            let except = env_var("NO_PROXY").or_else(|| env_var("no_proxy"));
            let except = except.map(|hosts| format!(", but not for {hosts}")).unwrap_or_default();
            Check::ok("proxy", format!("{} ({name}){except}; never for this machine", redact_url(&value)))
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
            let set = names.iter().find_map(|name| Some((name, env_var(name)?)));
            let found = set.map(|(name, path)| format!("{path} ({name})"));
            Check::ok("certificates", found.unwrap_or_else(|| "the system's".to_owned()))
        }
        Err(fault) => {
            let error =
                FetchError { kind: Box::new(fault), origin: String::new(), received_bytes: 0, attempts: 0 };
            Check::fail("certificates", error.kind.to_string(), error.hint())
        }
    }
}
