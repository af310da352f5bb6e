//! The HTTP client against a server that misbehaves in every way, on loopback and without sleeping.

#[cfg(test)]
mod bodies;
#[cfg(test)]
#[path = "../support/child_process.rs"]
mod child_process;
#[cfg(test)]
mod gzip;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod redirects;
#[cfg(test)]
mod server;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod support;
#[cfg(test)]
mod timeouts;
