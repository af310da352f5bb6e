//! Pages of rows, because the result of a query for all of them may be too large for the server or for this machine.

use serde::Deserialize;

use super::sql::quote;
use super::{Connection, LibraryError};

/// The maximum number of rows of a page.
const PAGE_ROWS: usize = 50_000;

/// The first three columns of a table with rows of threads, in their order.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct ThreadKey {
    service: String,
    account: String,
    thread: String,
}

impl ThreadKey {
    /// Returns the condition for keys that compare in this way with this key. It has no tuples, for which old servers do
    /// not use the table's order.
    fn compare(&self, column: &str, operator: &str) -> String {
        let strict = operator.trim_end_matches('=');
        let [service, account, thread] = [&self.service, &self.account, &self.thread].map(|text| quote(text));
        format!(
            "(service {strict} {service} OR (service = {service} AND (account {strict} {account}
                OR (account = {account} AND {column} {operator} {thread}))))"
        )
    }
}

impl Connection {
    /// Conditions that divide the rows with a condition into pages. `column` has the thread's id.
    pub(super) fn pages(
        &self,
        table: &str,
        column: &str,
        condition: &str,
    ) -> Result<Vec<String>, LibraryError> {
        let sql = format!(
            "SELECT service, account, thread FROM (
                SELECT service, account, {column} AS thread FROM {} WHERE {condition}
                ORDER BY service, account, thread)
             WHERE rowNumberInAllBlocks() % {PAGE_ROWS} = 0",
            self.table(table)
        );
        Ok(ranges(self.rows(&sql)?, column, condition))
    }
}

/// Returns the conditions of the pages that begin with these keys.
fn ranges(mut starts: Vec<ThreadKey>, column: &str, condition: &str) -> Vec<String> {
    starts.sort();
    starts.dedup();
    let next = starts.iter().skip(1).map(|key| format!(" AND {}", key.compare(column, "<")));
    let ends = next.chain([String::new()]);
    let pages = starts.iter().zip(ends);
    pages.map(|(start, end)| format!("{}{end} AND {condition}", start.compare(column, ">="))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_where_the_next_one_begins() {
        let key = |account: &str, thread: &str| ThreadKey {
            service: "s".to_owned(),
            account: account.to_owned(),
            thread: thread.to_owned(),
        };
        assert!(ranges(Vec::new(), "id", "x = 1").is_empty());
        let pages = ranges(vec![key("b", "1"), key("a", "2'"), key("b", "1")], "id", "x = 1");
        assert_eq!(pages.len(), 2);
        let [first, last] = [&pages[0], &pages[1]];
        assert!(first.contains("id >= '2\\''") && first.contains("id < '1'"), "{first}");
        assert!(last.contains("id >= '1'") && !last.contains('<') && last.ends_with(" AND x = 1"), "{last}");
    }
}
