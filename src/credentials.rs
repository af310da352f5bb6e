//! How each service is reached: base URL, account and API key, from flags, profiles, the environment and files.

pub mod api_key;
pub mod profiles;
pub mod resolve;
