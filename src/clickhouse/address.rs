//! The address of a library: `clickhouse://HOST:8123/DATABASE`, and `clickhouses://` with TLS.

use std::fmt;

use url::Url;

use crate::provider::is_loopback;

/// The usual ports of ClickHouse's HTTP interface.
const HTTP_PORT: u16 = 8123;
const HTTPS_PORT: u16 = 8443;
/// The maximum number of characters in a database's name.
const MAX_NAME_LENGTH: usize = 64;

/// An address without a user and a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: Url,
    database: String,
}

impl Address {
    /// Parses an address.
    ///
    /// # Errors
    /// A phrase with the reason. It repeats no part of the text, which may contain a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "it must be clickhouse://HOST:8123/DATABASE, or clickhouses:// with TLS";
        let parsed = Url::parse(text.trim()).map_err(|_| EXPECTED)?;
        let (scheme, port) = match parsed.scheme() {
            "clickhouse" => ("http", HTTP_PORT),
            "clickhouses" => ("https", HTTPS_PORT),
            _ => return Err(EXPECTED),
        };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(
                "it must not have a user or a password: use CLICKHOUSE_USER and CLICKHOUSE_PASSWORD, or \
                        library_user and library_password_command of a profile",
            );
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err("it must end with the name of the database");
        }
        let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or(EXPECTED)?;
        let database = parsed.path().trim_matches('/').to_owned();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if database.is_empty() || database.len() > MAX_NAME_LENGTH || !database.chars().all(is_name) {
            return Err("the name of the database must consist of letters, digits and underscores");
        }
        if database.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("the name of the database must not begin with a digit");
        }
        let port = parsed.port().unwrap_or(port);
        let url = Url::parse(&format!("{scheme}://{host}:{port}/")).map_err(|_| EXPECTED)?;
        if scheme == "http" && !is_loopback(&url) {
            return Err("it must be clickhouses:// except on this machine");
        }
        Ok(Self { url, database })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn database(&self) -> &str {
        &self.database
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.url.scheme() == "https" { "clickhouses" } else { "clickhouse" };
        let port = self.url.port_or_known_default().unwrap_or_default();
        write!(f, "{scheme}://{}:{port}/{}", self.url.host_str().unwrap_or_default(), self.database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_host_and_database_and_is_encrypted_except_on_this_machine() {
        let url = |text| Address::parse(text).map(|address| (address.url().to_string(), address.to_string()));
        for (text, url_of_it, shown) in [
            ("clickhouse://localhost/team", "http://localhost:8123/", "clickhouse://localhost:8123/team"),
            ("clickhouse://127.0.0.1:9/a_1/", "http://127.0.0.1:9/", "clickhouse://127.0.0.1:9/a_1"),
            ("clickhouses://[::1]/t", "https://[::1]:8443/", "clickhouses://[::1]:8443/t"),
            ("clickhouses://h.example:443/t", "https://h.example/", "clickhouses://h.example:443/t"),
        ] {
            assert_eq!(url(text), Ok((url_of_it.to_owned(), shown.to_owned())), "{text}");
        }
        for text in [
            "",
            "team",
            "http://localhost:8123/team",
            "clickhouse:///team",
            "clickhouse://h.example/team",
            "clickhouse://localhost",
            "clickhouse://localhost/",
            "clickhouse://localhost/a/b",
            "clickhouse://localhost/1a",
            "clickhouse://localhost/a;DROP",
            "clickhouse://localhost/a?b=c",
            "clickhouse://u:S3CRET@localhost/a",
        ] {
            let reason = Address::parse(text).unwrap_err();
            assert!(!reason.contains("S3CRET"), "{text}");
        }
    }
}
