//! The page about filters and searches: `unspool help filter`, and its man page.

/// The page, for terminals and man pages alike.
pub const FILTER_HELP: &str = r#"The language of filters and searches.

FILTERS select messages: in the browser (f), and with --filter of show, export, feedback and stats. unspool list --filter, and --filter of archive, library export and library push, select threads. unspool spans --filter selects spans, and its --message-filter the messages.

  status:error duration>5s            both must match
  status:error OR feedback:negative   one must match; OR binds weaker than terms side by side
  not role:tool, !role:tool           must not match
  (op:KB_RETRIEVAL OR op:RERANK) tokens>2k

Spaces around operators are allowed (duration > 5s). Quote a value or text with spaces (span:"Search Docs"). Text without a name is found anywhere in the message: refund, "how long", re:order \d+. Quote words that are part of the language: "or", "user:".

Terms of messages and spans:

  status:error      success, error, canceled, unknown; a message is in error if it or one of its spans is
  op:COMPLETION     part of an operation type; a message matches if one of its spans does
  span:"Find Docs"  part of a span's name, also as name:
  model:gpt-4o      part of a model's name
  id:4f1c           the whole id of the message or of a span
  noted:yes         yes or no: whether it has a note or a bookmark; any other text is part of the note
  duration>5s       ms, s (as without a unit), m, h; with > < >= <= or =
  tokens>2k         tokens in total
  cost>0.01         US dollars

Terms of messages only:

  role:user         user, assistant, system, tool, hidden, turn
  feedback:negative positive or negative
  has:tools         error, feedback, spans, tools, artifacts, empty-answer
  spans>10          the number of spans

Terms of listed threads. Text is found in the title and the id:

  app:Support       part of the application's name, or its id
  variant:"RAG v3"  part of the variant's name, or its id
  user:ana          part of the creator's id, also as uid:
  source:API        the origin of the thread: UI, API, MCP (camelAI)
  model:sonnet      part of the model's name (camelAI)
  since:7d          changed at or after this time: an age (30min, 12h, 7d, 2w, 1y) or a date in UTC (2026, 2026-01, 2026-01-31, today)
  before:2026-01-31 changed before this time
  archived:yes      yes or no
  saved:no          yes or no: whether the library keeps the thread
  read:yes          only read on this machine: a cached copy, which may age out
  changed:yes       saved, and since then changed on the service
  gone:yes          saved, and no longer on the service
  messages>10       the number of messages (camelAI)
  noted:yes         yes or no: whether one of its messages has a note or a bookmark; any other text is part of the note
  id:4f1c           the whole id

SEARCHES OF THE LIBRARY (S in the browser, unspool search) consist of words that a message must all contain, "phrases", refund* for the beginning of a word, -word for a word that it must not contain, the terms of listed threads except messages>, and:

  role:user         only texts of this kind: user, assistant, tool, feedback, title
  is:negative       negative, positive or failed: with such feedback, or failed
  since:7d          messages at or after this time; before: likewise
  duration>5s       also tokens> and cost>, as above
  re:PATTERN        a regular expression that the text of a message matches; quoted if it has spaces: re:"order \d+"

SEARCHES (/ in the browser, and text in filters) match the text on the screen and in the source: "brain research" finds **brain** research. Case matters only if the search has capitals. Full-width letters, kinds of spaces, hyphens and quotes, composed and decomposed accents are equivalent, and invisible characters are ignored.

re:PATTERN is a regular expression over decoded text. ^ and $ are the ends of a line, . is any character but a line break, \s is any white space."#;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::FILTER_HELP;
    use crate::cli::Cli;

    #[test]
    fn help_command_prints_the_page() {
        let error = Cli::command().try_get_matches_from(["unspool", "help", "filter"]).unwrap_err();
        let printed = error.to_string();
        for part in ["status:error", "span:\"Find Docs\"", "cost>0.01", "SEARCHES"] {
            assert!(printed.contains(part) && FILTER_HELP.contains(part), "{part} in {printed}");
        }
    }
}
