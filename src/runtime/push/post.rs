//! The receiver: where it is, the headers with their secrets, one POST with its tries, and what came back. Nothing is
//! followed; only https and this machine are allowed.

use std::time::Duration;

use jiff::Timestamp;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::cli::PushArgs;
use crate::event::Failure;
use crate::runtime::http::retry::{Jitter, Wish, wait};
use crate::runtime::http::{Fault, FetchError, Limits, Pending, before_answer, connector, is_loopback};
use crate::runtime::script::trouble;
use crate::text::Safe;

/// Where OTLP over HTTP takes traces.
const PATH: &str = "/v1/traces";
/// All tries together.
const TRIES: u32 = 5;
/// The most bytes of an answer that are read.
const RECEIPT: usize = 64 << 10;

const USAGE: u8 = 2;
const NOT_ALLOWED: u8 = 4;
const NOT_FOUND: u8 = 5;
const NETWORK: u8 = 6;

/// What the receiver says of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Receipt {
    /// Spans that it did not take.
    pub refused: i64,
    /// Why, or a remark; text from outside.
    pub message: String,
}

/// Where spans go.
#[derive(Debug)]
pub(super) struct Receiver {
    url: Url,
    headers: HeaderMap,
    client: reqwest::Client,
    limits: Limits,
    jitter: Jitter,
}

/// Why a try failed.
struct Failed {
    failure: Failure,
    /// Whether another one may help, and when the receiver wants it.
    again: bool,
    after: Option<Duration>,
}

impl Receiver {
    /// The receiver that the arguments name.
    ///
    /// # Errors
    /// An address or certificates that cannot be used, or a header whose variable is not set.
    pub(super) fn new(args: &PushArgs, limits: Limits) -> Result<Self, Failure> {
        let url = address(&args.otlp).map_err(|reason| {
            trouble(format!("the address of the receiver cannot be used: {reason}"), "", USAGE)
        })?;
        let mut headers = HeaderMap::new();
        for header in &args.header {
            let (name, value) = self::header(header).map_err(|reason| trouble(reason, "", USAGE))?;
            headers.append(name, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        let client = connector(&url, &limits).map_err(|fault| in_words(fault, &url))?;
        let jitter = Jitter::new(limits.seed);
        Ok(Self { url, headers, client, limits: Limits { tries: TRIES, ..limits }, jitter })
    }

    /// Scheme, host and port; the rest may be a secret.
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Sends a batch.
    ///
    /// # Errors
    /// It was not taken, after all tries that make sense.
    pub(super) async fn post(&self, body: &[u8]) -> Result<Receipt, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let failed = match self.once(body).await {
                Ok(receipt) => return Ok(receipt),
                Err(failed) => failed,
            };
            if !failed.again || tries >= self.limits.tries {
                return Err(failed.failure);
            }
            tokio::time::sleep(wait(&self.limits, tries, failed.after, &self.jitter)).await;
        }
    }

    async fn once(&self, body: &[u8]) -> Result<Receipt, Failed> {
        let request = self.client.post(self.url.clone()).headers(self.headers.clone()).body(body.to_vec());
        let response =
            request.timeout(self.limits.answer).send().await.map_err(|error| self.unreached(&error))?;
        let status = response.status().as_u16();
        let wish = Wish::read(response.headers(), Timestamp::now());
        let bytes = short(response).await;
        match status {
            200..=299 => Ok(receipt(&bytes)),
            _ => Err(self.refused(status, &bytes, wish)),
        }
    }

    fn unreached(&self, error: &reqwest::Error) -> Failed {
        let fault = match error.is_timeout() && !error.is_connect() {
            true => Fault::Timeout { pending: Pending::Answer, limit: self.limits.answer },
            false => before_answer(error, &self.limits),
        };
        let again = !matches!(fault, Fault::Tls { .. });
        Failed { failure: in_words(fault, &self.url), again, after: None }
    }

    fn refused(&self, status: u16, body: &[u8], wish: Wish) -> Failed {
        let exit_code = match status {
            401 | 403 => NOT_ALLOWED,
            404 | 405 => NOT_FOUND,
            429 | 502..=504 => NETWORK,
            _ => 1,
        };
        let advice = match status {
            300..=399 => "It is a redirect, which is not followed: name the address that it leads to.",
            401 | 403 => "Give its key by --header NAME=VARIABLE.",
            404 | 405 => "Check the address: OTLP over HTTP is usually on port 4318.",
            413 => "The receiver takes only smaller requests.",
            _ => "",
        };
        let mut failure = trouble(format!("{}: the answer was {status}", self.origin()), advice, exit_code);
        let said = String::from_utf8_lossy(body);
        let said: String = said.trim().chars().take(300).collect();
        if !said.is_empty() && !said.starts_with('<') {
            failure.said.push(Safe::line(&said).into_string());
        }
        let again = matches!(status, 429 | 502..=504) && wish.again != Some(false);
        Failed { failure, again, after: wish.after }
    }
}

/// Why the receiver was not reached.
fn in_words(fault: Fault, url: &Url) -> Failure {
    let origin = url.origin().ascii_serialization();
    let error = FetchError { fault: Box::new(fault), origin, received: 0, tries: 1 };
    trouble(error.to_string(), &error.advice(), error.exit_code())
}

fn address(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text.trim()).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "it must start with https:// or http://".to_owned(),
        error => error.to_string(),
    })?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("it must be https, unless it is on this machine".to_owned()),
        _ => return Err("it must start with https:// or http://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a user or a password".to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with(PATH) {
        url.set_path(&format!("{path}{PATH}"));
    }
    Ok(url)
}

/// NAME=VARIABLE to a header.
fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, variable) =
        text.split_once('=').ok_or("a header is NAME=VARIABLE, the name of an environment variable")?;
    let header = HeaderName::from_bytes(name.trim().as_bytes())
        .map_err(|_| format!("{name:?} is no name of a header"))?;
    let value =
        std::env::var(variable.trim()).map_err(|_| format!("the variable {variable:?} is not set"))?;
    let mut value = HeaderValue::from_str(value.trim())
        .map_err(|_| format!("the variable {variable:?} has a character that no header can carry"))?;
    value.set_sensitive(true);
    Ok((header, value))
}

async fn short(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = RECEIPT - body.len();
        body.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
        if body.len() >= RECEIPT {
            break;
        }
    }
    body
}

/// A receipt in another format than that of the request counts as none.
fn receipt(body: &[u8]) -> Receipt {
    let partial = ExportTraceServiceResponse::decode(body).ok().and_then(|answer| answer.partial_success);
    partial
        .map(|partial| Receipt {
            refused: partial.rejected_spans,
            message: Safe::line(&partial.error_message).into_string(),
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_its_path_once_and_stays_safe() {
        let of = |text: &str| address(text).map(String::from);
        assert_eq!(of("http://127.0.0.1:4318").as_deref(), Ok("http://127.0.0.1:4318/v1/traces"));
        assert_eq!(of("https://h.example/otlp/").as_deref(), Ok("https://h.example/otlp/v1/traces"));
        assert_eq!(of("https://h.example/v1/traces").as_deref(), Ok("https://h.example/v1/traces"));
        for bad in ["http://h.example", "ftp://h.example", "https://u:p@h.example", "h.example", ""] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_header_names_a_variable_and_not_its_value() {
        assert!(header("x-api-key: 1234").is_err());
        assert!(header("x-api-key=UNSPOOL_NO_SUCH_VARIABLE").unwrap_err().contains("not set"));
        let (name, value) = header("x-path=PATH").unwrap();
        assert!(name == "x-path" && value.is_sensitive());
    }
}
