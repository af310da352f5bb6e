//! `unspool export`: a thread, or some of its messages, in a format for somebody else.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::cli::{ExportArgs, ExportFormat};
use crate::domain::{Head, Heads, Thread};
use crate::event::Failure;
use crate::export::{
    self, Chrome, Course, Csv, Document, Html, JsonThread, Markdown, Ndjson, OtlpJson, Redactor, Writer,
};
use crate::filter::Filter;
use crate::json::Value;
use crate::provider::Provider;
use crate::runtime::http::Client;
use crate::runtime::program;
use crate::runtime::script::load::{Loaded, load};
use crate::runtime::script::output::{Existing, Output, Target, unwritten};
use crate::runtime::script::progress::Progress;
use crate::runtime::script::{self, Chatter, trouble};
use crate::text::{Safe, number};

/// The exit code for wrong usage.
const USAGE: u8 = 2;
/// The exit code for what is not there.
const NOT_FOUND: u8 = 5;
/// How long a file's name may become, in bytes, without what it ends with.
const NAME: usize = 80;

/// Writes the thread; returns the exit code.
pub fn run(args: &ExportArgs, runtime: &Runtime) -> u8 {
    runtime.block_on(write(args)).unwrap_or_else(|failure| script::tell(&failure, None))
}

async fn write(args: &ExportArgs) -> Result<u8, Failure> {
    let wanted = Wanted::read(args)?;
    let source =
        program::named_source(&args.thread, &args.service).map_err(|reason| trouble(reason, "", USAGE))?;
    let chatter = Chatter::from_flag(args.quiet);
    let target = Target::new(args.output.as_deref(), Existing::from_flag(args.force));
    target.check()?;
    let world = program::world(program::accesses(&args.service), &args.service, None);
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut progress = Progress::new(chatter);
    let loaded = load(source, &world, &client, &mut |news| progress.hear(news)).await?;
    progress.clear();
    loaded.remark(chatter);
    wanted.check(&loaded.heads)?;
    let mut redactor = redactor(args)?;
    put(args, (&loaded, &wanted, target), redactor.as_mut(), &mut progress)?;
    progress.clear();
    if let Some(redactor) = &redactor {
        chatter.remark(&masked(redactor));
    }
    Ok(loaded.exit_code)
}

fn redactor(args: &ExportArgs) -> Result<Option<Redactor>, Failure> {
    if !args.redact && args.redact_pattern.is_empty() {
        return Ok(None);
    }
    Redactor::new(&args.redact_pattern).map(Some).map_err(|error| trouble(error.to_string(), "", USAGE))
}

/// What was masked, by kind and count.
fn masked(redactor: &Redactor) -> String {
    if redactor.counts().is_empty() {
        return "nothing had to be masked".to_owned();
    }
    let kinds = redactor
        .counts()
        .iter()
        .map(|(kind, count)| format!("{} {kind} ({})", count.values, number::counted(count.places, "place")));
    format!("masked: {}", kinds.collect::<Vec<_>>().join(", "))
}

fn put(
    args: &ExportArgs,
    (loaded, wanted, target): (&Loaded, &Wanted, Target),
    mut redactor: Option<&mut Redactor>,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let provider = loaded.provider()?;
    let masked = redactor.as_deref_mut().map(|redactor| export::redacted(provider, &loaded.thread, redactor));
    let thread = masked.as_ref().unwrap_or(&loaded.thread);
    let document = Document {
        provider,
        thread,
        heads: &loaded.heads,
        keep: &|head: &Head| wanted.keeps(head, provider),
        oddities: &loaded.ending.oddities,
    };
    let all = loaded.heads.len();
    let mut output = Output::open(target.in_folder(&file_name(thread, args.format)))?;
    let mut course = Course { done: &mut |done| progress.count(done, all), redactor };
    export::write(&document, writer(args.format).as_mut(), &mut output, &mut course)
        .map_err(|error| unwritten(&error))?;
    output.finish()
}

fn file_name(thread: &Thread, format: ExportFormat) -> String {
    let title = thread.title.as_deref().filter(|title| !title.trim().is_empty());
    let name = title.or(thread.id.as_deref()).unwrap_or_default();
    format!("{}.{}", Safe::file_slug(name, NAME), format.extension())
}

fn writer(format: ExportFormat) -> Box<dyn Writer> {
    match format {
        ExportFormat::Markdown => Box::new(Markdown),
        ExportFormat::Html => Box::new(Html),
        ExportFormat::Json => Box::new(JsonThread::default()),
        ExportFormat::Ndjson => Box::new(Ndjson),
        ExportFormat::Csv => Box::new(Csv),
        ExportFormat::Otlp => Box::new(OtlpJson::default()),
        ExportFormat::Chrome => Box::new(Chrome::default()),
    }
}

/// Which messages are wanted.
struct Wanted {
    ids: HashSet<String>,
    filter: Filter,
}

impl Wanted {
    fn read(args: &ExportArgs) -> Result<Self, Failure> {
        let filter = Filter::new(args.filter.as_deref().unwrap_or_default())
            .map_err(|error| trouble(error.to_string(), "", USAGE))?;
        Ok(Self { ids: args.message.iter().cloned().collect(), filter })
    }

    fn keeps(&self, head: &Head, provider: &dyn Provider) -> bool {
        let named = self.ids.is_empty() || self.ids.contains(&id(head));
        named && (self.filter.is_empty() || self.filter.passes(head, provider))
    }

    /// Every id that was asked for must be there.
    fn check(&self, heads: &Heads) -> Result<(), Failure> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let found: HashSet<String> = heads.iter().map(id).filter(|id| self.ids.contains(id)).collect();
        match self.ids.iter().find(|id| !found.contains(*id)) {
            Some(missing) => Err(trouble(
                format!("the thread has no message {missing}"),
                "unspool show THREAD lists the ids of its messages.",
                NOT_FOUND,
            )),
            None => Ok(()),
        }
    }
}

fn id(head: &Head) -> String {
    Value::of(head.raw.piece(head.id)).text().into_owned()
}
