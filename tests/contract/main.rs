//! The contract with both services, from their API documents and their own clients: sample bodies in `fixtures`, error
//! responses, and random bodies generated from the documents, all read into the domain.

#[cfg(test)]
mod api_errors;
#[cfg(test)]
mod dump;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod support;
