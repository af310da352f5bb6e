//! Accounts of services, as lists and threads name them.

/// An account whose threads the library keeps, other than the one in use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeptAccount {
    /// The base URL.
    pub base: String,
    /// The id of the account, for services that have one.
    pub id: Option<String>,
}

impl KeptAccount {
    /// Returns the id, the distinguishing part, and the host with its path, if any: `5f3a · h.example`. Untrusted.
    pub fn label(&self) -> String {
        let host = self.base.split_once("://").map_or(self.base.as_str(), |(_, host)| host);
        match &self.id {
            Some(id) => format!("{id} · {host}"),
            None => host.to_owned(),
        }
    }
}

/// An account of a service: the one in use, or another one that the library keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountRef {
    pub service: &'static str,
    /// None for the account in use.
    pub kept: Option<KeptAccount>,
}

impl AccountRef {
    /// Returns the account of a service to which requests belong.
    pub fn in_use(service: &'static str) -> Self {
        Self { service, kept: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_named_by_its_id_and_its_host() {
        let label = |base: &str, id: Option<&str>| {
            KeptAccount { base: base.to_owned(), id: id.map(str::to_owned) }.label()
        };
        assert_eq!(label("https://h.example", Some("5f3a")), "5f3a · h.example");
        assert_eq!(label("https://h.example/prefix", None), "h.example/prefix");
        assert_eq!(label("demo", None), "demo");
    }
}
