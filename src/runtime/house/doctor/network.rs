//! The services: where the key is, whether the address can be used and answers. The request that finds out has no key
//! and no id in it. And what stands between: certificates and proxies.

use std::time::Duration;

use url::Url;

use super::Check;
use crate::cli::ServiceArgs;
use crate::provider::{AccessError, Provider, Request};
use crate::runtime::approach::Approach;
use crate::runtime::house::address;
use crate::runtime::http::{self, Answer, Client, Control, Fault, FetchError, Flow, Limits, Receiver};
use crate::runtime::secret;
use crate::runtime::settings::{Settings, environment};

/// How long a service may take to say anything at all.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at one service.
pub(super) async fn service(
    provider: &'static dyn Provider,
    approach: &Approach,
    (settings, args): (&Settings, &ServiceArgs),
) -> Vec<Check> {
    let variable = provider.variables().first().map_or("", |variable| variable.name);
    let (key, has_key) = match secret::find(&approach.sources).await {
        Ok(Some(found)) => (Check::ok("key", format!("from {}", found.source)), true),
        Ok(None) => {
            let advice = format!("Set {variable}, or run: unspool login --provider {}", provider.service());
            (Check::warn("key", "none", advice), false)
        }
        Err(error) => (Check::fail("key", error.to_string(), error.advice()), false),
    };
    let mut checks = vec![key, base(provider, approach)];
    if let Some(account) = &approach.access.account {
        checks.push(Check::ok("account", format!("{account} ({})", approach.account_from)));
    }
    if args.offline {
        checks.push(Check::ok("reachable", "not asked: offline"));
    } else if !has_key {
        checks.push(Check::ok("reachable", "not asked: there is no key"));
    } else if let Ok(url) = Url::parse(approach.access.base_url.trim()) {
        checks.push(reachable(url, settings.limits()).await);
    }
    checks
}

fn base(provider: &dyn Provider, approach: &Approach) -> Check {
    let access = crate::provider::Access { key: Some("k".into()), ..approach.access.clone() };
    match provider.messages_request("1", &access) {
        Err(error @ AccessError::BadBaseUrl { .. }) => {
            Check::fail("address", error.to_string(), format!("It comes from: {}.", approach.base_from))
        }
        Err(error @ AccessError::BadHeader { .. }) => {
            Check::fail("account", error.to_string(), format!("It comes from: {}.", approach.account_from))
        }
        Err(AccessError::NoKey { .. } | AccessError::BadId { .. }) | Ok(_) => {
            let found = format!("{} ({})", address(&approach.access.base_url), approach.base_from);
            Check::ok("address", found)
        }
    }
}

/// Any answer will do.
async fn reachable(mut url: Url, limits: Limits) -> Check {
    url.set_path("/");
    let limits = Limits { connect: PATIENCE, answer: PATIENCE, idle: PATIENCE, tries: 1, ..limits };
    let request = Request { url, headers: Vec::new() };
    let outcome = Client::new(limits).get(&request, &mut Ear, &Control::none()).await;
    match outcome {
        Ok(_) => Check::ok("reachable", "it answers"),
        Err(error) => match &*error.fault {
            Fault::Status { .. } | Fault::Redirect { .. } | Fault::Cancelled => {
                Check::ok("reachable", "it answers")
            }
            _ => Check::fail("reachable", error.to_string(), error.advice()),
        },
    }
}

/// Hears that there is an answer, and nothing of it.
struct Ear;

impl Receiver for Ear {
    fn begin(&mut self, _answer: &Answer) {}

    async fn chunk(&mut self, _bytes: &[u8]) -> Flow {
        Flow::Stop
    }
}

/// Certificates and proxies.
pub(super) fn surroundings() -> Vec<Check> {
    let mut checks = vec![certificates()];
    let proxies = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let proxy = proxies.iter().find_map(|name| Some((name, environment(name)?)));
    checks.push(match proxy {
        Some((name, value)) => {
            let except = environment("NO_PROXY").or_else(|| environment("no_proxy"));
            let except = except.map(|hosts| format!(", but not for {hosts}")).unwrap_or_default();
            Check::ok("proxy", format!("{} ({name}){except}; never for this machine", address(&value)))
        }
        None => Check::ok("proxy", "none in the environment"),
    });
    checks
}

fn certificates() -> Check {
    match http::check_certificates() {
        Ok(()) => {
            let names: &[&str] =
                if http::CERTIFICATES_NAMED { &["SSL_CERT_FILE", "SSL_CERT_DIR"] } else { &[] };
            let set = names.iter().find_map(|name| Some((name, environment(name)?)));
            let found = set.map(|(name, path)| format!("{path} ({name})"));
            Check::ok("certificates", found.unwrap_or_else(|| "the system's".to_owned()))
        }
        Err(fault) => {
            let error = FetchError { fault: Box::new(fault), origin: String::new(), received: 0, tries: 0 };
            Check::fail("certificates", error.fault.to_string(), error.advice())
        }
    }
}
