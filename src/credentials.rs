//! Base URL, account and API key of each service, from flags, profiles, the environment and files.

pub mod api_key;
pub mod profiles;
pub mod resolve;
