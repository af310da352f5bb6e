//! A thread that was read is added to the library in the background.

use tokio::runtime::Runtime;
use unspool::testing::demo;

use crate::session::Session;

#[test]
fn a_thread_that_was_read_is_marked_in_the_list_and_found_by_its_words() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(demo::start(None)).unwrap();
    let (home, url) = (tempfile::tempdir().unwrap(), server.base_url());
    let variables = [
        ("UNSPOOL_HOME", home.path().to_str().unwrap()),
        ("CAMEL_API_URL", url.as_str()),
        ("CAMEL_API_KEY", demo::DEMO_KEY),
    ];
    let mut session = Session::start_with(&["camelai:1001"], &variables);
    session.sees("why did margin fall?");
    session.types("b");
    // The list may come before the copy, or after it.
    session.sees("○ ");
    session.types("S");
    session.sees("to search");
    session.types("freight");
    session.sees("in 1 thread");
    session.types("\x1b");
    session.no_longer_sees("in 1 thread");
    session.types("q");
    session.no_longer_sees("Threads");
    session.ends_well();
}
