//! `unspool spans`, `feedback` and `stats`: several threads at once, as rows whose columns are documented and stay.
//! Threads are loaded side by side and reported in the order in which they were named.

mod list;
mod sheet;
mod stats;

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::runtime::Runtime;

use super::choice::Grounds;
use super::load::{Loaded, load};
use super::output::{Output, Target, unwritten};
use super::{Chatter, tell, trouble};
use crate::cli::ReportArgs;
use crate::domain::Head;
use crate::effect::Source;
use crate::event::Failure;
use crate::export::{self, Course, Document};
use crate::filter::Filter;
use crate::runtime::http::Client;
use crate::runtime::program;
use crate::runtime::settings;
use crate::runtime::tasks::World;
use list::{FeedbackList, SpanList};
use sheet::Sheet;
use stats::Stats;

/// Threads that are loaded at the same time.
const AT_ONCE: usize = 4;

const USAGE: u8 = 2;

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Spans,
    Feedback,
    Stats,
}

/// Reports; returns the exit code: that of the first thread that could not be had, else 1 for what was to be failed on.
pub fn run(subject: Subject, args: ReportArgs, runtime: &Runtime) -> u8 {
    super::run(runtime, |_| report(subject, args))
}

async fn report(subject: Subject, args: ReportArgs) -> Result<u8, Failure> {
    let filter = Filter::new(args.filter.as_deref().unwrap_or_default())
        .map_err(|error| trouble(error.to_string(), "", USAGE))?;
    let sources = sources(&args)?;
    let world = settings::world(&args.service)?;
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut run = Run {
        args: &args,
        threads: sources.len(),
        filter,
        sheet: Sheet::new(args.format, Output::open(Target::Stdout)?),
        stats: Stats::new(sources.len()),
        found: Grounds::default(),
    };
    let mut code = 0;
    let mut loading = stream::iter(sources).map(|named| one(named, &world, &client)).buffered(AT_ONCE);
    while let Some((name, loaded)) = loading.next().await {
        let ended =
            loaded.and_then(|loaded| run.thread(subject, (&name, &loaded)).map(|()| loaded.exit_code));
        let ended = ended.unwrap_or_else(|failure| {
            // Nobody reads any more: what is still to come is of no use.
            if failure.what.is_empty() { u8::MAX } else { tell(&failure, Some(&name)) }
        });
        if ended == u8::MAX {
            return Ok(0);
        }
        code = if code == 0 { ended } else { code };
    }
    run.end(subject)?;
    Ok(if code == 0 { run.found.verdict(&args.fail_on) } else { code })
}

async fn one(
    (name, source): (String, Source),
    world: &World,
    client: &Arc<Client>,
) -> (String, Result<Loaded, Failure>) {
    let loaded = load(source, world, client, &mut |_| {}).await;
    (name, loaded)
}

/// The threads that were named, with their names.
fn sources(args: &ReportArgs) -> Result<Vec<(String, Source)>, Failure> {
    let mut names = args.threads.clone();
    if let Some(from) = &args.from {
        let lines = lines(from)?;
        names.extend(
            lines
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .map(str::to_owned),
        );
    }
    if names.is_empty() {
        return Err(trouble("no thread was named", "Name some, or a file of them with --from.", USAGE));
    }
    let from_stdin = args.from.as_deref() == Some(Path::new("-"));
    if names.iter().filter(|name| *name == "-").count() + usize::from(from_stdin) > 1 {
        return Err(trouble("standard input can be read only once", "Save it to a file first.", USAGE));
    }
    let named = |name: String| {
        let source = program::named_source(&name, &args.service)
            .map_err(|reason| trouble(format!("{name}: {reason}"), "", USAGE))?;
        Ok((name, source))
    };
    names.into_iter().map(named).collect()
}

fn lines(path: &Path) -> Result<String, Failure> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    let text = read.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => {
            trouble(format!("{} is not UTF-8", path.display()), "Write a thread a line, in UTF-8.", USAGE)
        }
        _ => trouble(format!("{}: {error}", path.display()), "Check the path.", USAGE),
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A report in the making.
struct Run<'a> {
    args: &'a ReportArgs,
    /// How many threads there are.
    threads: usize,
    filter: Filter,
    sheet: Sheet,
    stats: Stats,
    found: Grounds,
}

impl Run<'_> {
    fn thread(&mut self, subject: Subject, (name, loaded): (&str, &Loaded)) -> Result<(), Failure> {
        let about = Some(name).filter(|_| self.threads > 1);
        loaded.remark(Chatter::from_flag(self.args.quiet), about);
        let provider = loaded.provider()?;
        let filter = &self.filter;
        let document = Document {
            provider,
            thread: &loaded.thread,
            heads: &loaded.heads,
            keep: &|head: &Head| filter.is_empty() || filter.passes(head, provider),
            oddities: &[],
        };
        let mut course = Course { done: &mut |_| {}, redactor: None };
        let (sheet, found) = (&mut self.sheet, &mut self.found);
        let written = match subject {
            Subject::Spans => {
                export::write(&document, &mut SpanList { sheet, found }, &mut io::sink(), &mut course)
            }
            Subject::Feedback => {
                export::write(&document, &mut FeedbackList { sheet, found }, &mut io::sink(), &mut course)
            }
            Subject::Stats => {
                let mut tally = self.stats.of_thread(found);
                let counted = export::write(&document, &mut tally, &mut io::sink(), &mut course);
                let tally = tally.done();
                counted.and_then(|()| self.stats.add(&document, tally, sheet))
            }
        };
        written.map_err(|error| unwritten(&error))
    }

    fn end(&mut self, subject: Subject) -> Result<(), Failure> {
        let all = if subject == Subject::Stats { self.stats.all(&mut self.sheet) } else { Ok(()) };
        all.and_then(|()| self.sheet.end()).map_err(|error| unwritten(&error))
    }
}
