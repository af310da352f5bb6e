//! `unspool export`: a thread, or some of its messages, in a format for somebody else.

use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::cli::{ExportArgs, ExportFormat};
use crate::domain::{Head, Thread};
use crate::event::Failure;
use crate::export::{
    self, Chrome, Course, Csv, Document, Html, JsonThread, Markdown, Ndjson, OtlpJson, Redactor, Writer,
};
use crate::runtime::http::Client;
use crate::runtime::program;
use crate::runtime::script::choice::{self, Wanted};
use crate::runtime::script::load::{Loaded, load};
use crate::runtime::script::output::{Existing, Output, Target, unwritten};
use crate::runtime::script::progress::Progress;
use crate::runtime::script::{self, Chatter, trouble};
use crate::text::Safe;

/// The exit code for wrong usage.
const USAGE: u8 = 2;
/// How long a file's name may become, in bytes, without what it ends with.
const NAME: usize = 80;

/// Writes the thread; returns the exit code.
pub fn run(args: &ExportArgs, runtime: &Runtime) -> u8 {
    runtime.block_on(write(args)).unwrap_or_else(|failure| script::tell(&failure, None))
}

async fn write(args: &ExportArgs) -> Result<u8, Failure> {
    let wanted = Wanted::read(&args.choice)?;
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
    let mut redactor = choice::redactor(&args.choice)?;
    put(args, (&loaded, &wanted, target), redactor.as_mut(), &mut progress)?;
    progress.clear();
    if let Some(redactor) = &redactor {
        chatter.remark(&choice::masked(redactor));
    }
    Ok(loaded.exit_code)
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
