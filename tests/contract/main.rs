//! What both services send, as their documents and their own clients show it, read into the domain: the sample bodies
//! in `fixtures`, the error answers, and bodies made at random from the documents.

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
