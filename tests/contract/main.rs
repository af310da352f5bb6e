//! What both services send, as their documents and their own clients show it, read into the domain: the sample bodies
//! in `fixtures`, the error answers, and bodies made at random from the documents.

#[cfg(test)]
mod dump;
#[cfg(test)]
mod made;
#[cfg(test)]
mod random;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod support;
