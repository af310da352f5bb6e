//! The endpoint from flags, or from the variables of OpenTelemetry's exporters.

use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::cli::OtlpArgs;
use crate::domain::{ExitCode, UserError};
use crate::net::otlp_endpoint::OtlpTarget;

/// Returns the endpoint; `lookup` returns the value of a variable.
///
/// # Errors
/// No endpoint, or a variable with an invalid value.
pub(super) fn resolve(
    args: &OtlpArgs,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<OtlpTarget, UserError> {
    // The variable for traces comes before the one for all signals.
    let variable = |name: &str| {
        let names = [format!("OTEL_EXPORTER_OTLP_TRACES_{name}"), format!("OTEL_EXPORTER_OTLP_{name}")];
        names
            .into_iter()
            .find_map(|name| Some((lookup(&name).filter(|value| !value.trim().is_empty())?, name)))
    };
    let from_env = variable("ENDPOINT").map(|(address, name)| (address, name.contains("TRACES")));
    let missing = || {
        let hint = "Pass --otlp URL, or set OTEL_EXPORTER_OTLP_ENDPOINT.";
        UserError::new("no OTLP endpoint given", hint, ExitCode::Usage)
    };
    let (url, is_complete) = match &args.otlp {
        Some(url) => (url.clone(), false),
        None => from_env.clone().ok_or_else(missing)?,
    };
    // Headers belong to the address in the environment, if there is one, because they may contain its key.
    let is_own =
        |(address, _): &(String, bool)| args.otlp.as_ref().is_none_or(|url| is_same_origin(url, address));
    let headers = match variable("HEADERS").filter(|_| from_env.as_ref().is_none_or(is_own)) {
        Some((list, name)) => parse_headers(&list).ok_or_else(|| invalid(&name, "NAME=VALUE,NAME=VALUE"))?,
        None => Vec::new(),
    };
    let timeout = match variable("TIMEOUT") {
        Some((millis, name)) => {
            Some(Duration::from_millis(millis.trim().parse().map_err(|_| invalid(&name, "milliseconds"))?))
        }
        None => None,
    };
    let is_compressed = match variable("COMPRESSION") {
        None => true,
        Some((word, _)) if word.trim() == "gzip" => true,
        Some((word, _)) if word.trim() == "none" => false,
        Some((_, name)) => return Err(invalid(&name, "gzip or none")),
    };
    Ok(OtlpTarget {
        url,
        is_complete,
        is_insecure: args.insecure,
        headers,
        header_args: args.header.clone(),
        timeout: timeout.filter(|timeout| !timeout.is_zero()),
        is_compressed,
    })
}

fn is_same_origin(left: &str, right: &str) -> bool {
    let origin = |text: &str| url::Url::parse(text.trim()).ok().map(|url| url.origin());
    origin(left).is_some_and(|left| origin(right) == Some(left))
}

/// Creates the error of an invalid variable. The value is not repeated: it may be a secret.
fn invalid(name: &str, expected: &str) -> UserError {
    let hint = format!("Set it to {expected}, or unset it.");
    UserError::new(format!("{name} has an invalid value"), hint, ExitCode::Usage)
}

/// Parses `a=1,b=2` with percent-encoded values.
fn parse_headers(list: &str) -> Option<Vec<(String, String)>> {
    let pairs = list.split(',').filter(|pair| !pair.trim().is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        Some((name.trim().to_owned(), value.into_owned()))
    };
    pairs.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        push: OtlpArgs,
    }

    fn resolve_with(args: &[&str], variables: &[(&str, &str)]) -> Result<OtlpTarget, UserError> {
        let all = ["push"].iter().chain(args);
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        resolve(&Arguments::parse_from(all).push, &lookup)
    }

    #[test]
    fn variables_of_exporters_are_used_and_flags_override_them() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://a.example/otlp");
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20k, x=1");
        let target = resolve_with(&[], &[endpoint, headers]).unwrap();
        assert_eq!(
            (target.url.as_str(), target.is_complete, target.is_compressed),
            (endpoint.1, false, true)
        );
        assert_eq!(target.headers[0], ("authorization".to_owned(), "Bearer k".to_owned()));
        let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://b.example/in");
        let target = resolve_with(&[], &[endpoint, traces]).unwrap();
        assert_eq!((target.url.as_str(), target.is_complete), (traces.1, true));
        let others = [("OTEL_EXPORTER_OTLP_TIMEOUT", "1500"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "none")];
        let target = resolve_with(&["--otlp", "https://c.example"], &others).unwrap();
        assert_eq!((target.timeout, target.is_compressed), (Some(Duration::from_millis(1500)), false));
    }

    #[test]
    fn headers_of_the_environment_go_to_its_address_only() {
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://a.example"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "key=secret"),
        ];
        assert!(resolve_with(&["--otlp", "https://other.example"], &variables).unwrap().headers.is_empty());
        assert_eq!(
            resolve_with(&["--otlp", "https://a.example/v1/traces"], &variables).unwrap().headers.len(),
            1
        );
    }

    #[test]
    fn invalid_values_name_the_variable_and_never_repeat_it() {
        assert!(resolve_with(&[], &[]).unwrap_err().message.contains("no OTLP endpoint"));
        for name in ["HEADERS", "TIMEOUT", "COMPRESSION"] {
            let name = format!("OTEL_EXPORTER_OTLP_{name}");
            let error =
                resolve_with(&["--otlp", "https://a.example"], &[(&name, "S3CRET")]).map(|_| ()).unwrap_err();
            assert!(error.message.contains(&name) && !error.message.contains("S3CRET"), "{}", error.message);
        }
    }
}
