//! `unspool export`: a thread, or some of its messages, in a format for somebody else.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use tokio::runtime::Runtime;

use crate::app::take::Taken;
use crate::cli::{ExportArgs, ExportFormat};
use crate::domain::{Head, Thread};
use crate::effect::ExportWish;
use crate::event::Failure;
use crate::export::{self, Course, Document, PatternError, Redactor};
use crate::provider;
use crate::runtime::http::Client;
use crate::runtime::program;
use crate::runtime::script::choice::{self, Grounds, Wanted};
use crate::runtime::script::load::{Loaded, load};
use crate::runtime::script::output::{Existing, Leftover, Output, Target, unwritten};
use crate::runtime::script::progress::Progress;
use crate::runtime::script::{self, Chatter, trouble};
use crate::runtime::settings;
use crate::runtime::tasks::Redaction;
use crate::text::Safe;

/// The exit code for wrong usage.
const USAGE: u8 = 2;
/// How long a file's name may become, in bytes, without what it ends with.
const NAME: usize = 80;

/// Writes the thread; returns the exit code.
pub fn run(args: ExportArgs, runtime: &Runtime) -> u8 {
    script::run(runtime, |leftover| write(args, leftover))
}

async fn write(args: ExportArgs, leftover: Leftover) -> Result<u8, Failure> {
    let format = args.chosen_format().ok_or_else(no_format)?;
    let wanted = Wanted::read(&args.choice)?;
    let source =
        program::named_source(&args.thread, &args.service).map_err(|reason| trouble(reason, "", USAGE))?;
    let chatter = Chatter::from_flag(args.quiet);
    let target = Target::new(args.output.as_deref(), Existing::from_flag(args.force));
    target.check()?;
    let world = settings::world(&args.service)?;
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut progress = Progress::new(chatter);
    let loaded = load(source, &world, &client, &mut |news| progress.hear(news)).await?;
    progress.clear();
    loaded.remark(chatter, None);
    wanted.check(&loaded.heads)?;
    let mut redactor = choice::redactor(&args.choice, &world.redaction)?;
    put(format, (&loaded, &wanted, target), redactor.as_mut(), (&mut progress, &leftover))?;
    progress.clear();
    if let Some(redactor) = &redactor {
        chatter.remark(&choice::masked(redactor));
    }
    Ok(Grounds::of_thread(&loaded, &wanted, &args.fail_on))
}

fn no_format() -> Failure {
    let names = ExportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<_> = names.map(|value| value.get_name().to_owned()).collect();
    let advice = format!("Add --format with one of {}; or write to a file: -o thread.md.", names.join(", "));
    trouble("the format of the export is not said", &advice, USAGE)
}

fn put(
    format: ExportFormat,
    (loaded, wanted, target): (&Loaded, &Wanted, Target),
    mut redactor: Option<&mut Redactor>,
    (progress, leftover): (&mut Progress, &Leftover),
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
    let mut output = Output::open(target.in_folder(&file_name(thread, format)))?.guarded(leftover);
    let mut course = Course { done: &mut |done| progress.count(done, all), redactor };
    export::write(&document, format.writer().as_mut(), &mut output, &mut course)
        .map_err(|error| unwritten(&error))?;
    output.finish()
}

/// A name for the file: a slug of the title, else of the id.
pub fn file_name(thread: &Thread, format: ExportFormat) -> String {
    let title = thread.title.as_deref().filter(|title| !title.trim().is_empty());
    let name = title.or(thread.id.as_deref()).unwrap_or_default();
    format!("{}.{}", Safe::file_slug(name, NAME), format.extension())
}

/// Files of one name that are tried before giving up.
const NAMES: usize = 100;

/// Writes what the browser wants to a new file in the working folder; returns what to say, and whether it is a warning.
pub fn to_file(wish: ExportWish, redaction: &Redaction) -> (String, bool) {
    match write_new(&wish, redaction) {
        Ok(text) => (text, false),
        Err(failure) => (format!("not exported: {} {}", failure.what, failure.advice), true),
    }
}

fn write_new(wish: &ExportWish, redaction: &Redaction) -> Result<String, Failure> {
    let provider =
        provider::named(wish.service).ok_or_else(|| trouble("the service is unknown", "", USAGE))?;
    let is_wanted = wish.redact || redaction.always;
    let unread = |error: PatternError| trouble(error.to_string(), "", USAGE);
    let redactor = is_wanted.then(|| Redactor::new(&redaction.patterns)).transpose();
    let mut redactor = redactor.map_err(unread)?;
    let masked = redactor.as_mut().map(|redactor| export::redacted(provider, &wish.thread, redactor));
    let thread = masked.as_ref().unwrap_or(&wish.thread);
    let indices: Option<Vec<u32>> = wish.places.as_ref().map(|places| {
        let heads = places.iter().filter_map(|place| wish.heads.get(*place as usize));
        let mut indices: Vec<u32> = heads.map(|head| head.index).collect();
        indices.sort_unstable();
        indices
    });
    let keep = |head: &Head| indices.as_ref().is_none_or(|wanted| wanted.binary_search(&head.index).is_ok());
    let document = Document { provider, thread, heads: &wish.heads, keep: &keep, oddities: &wish.oddities };
    let path = free_name(&file_name(thread, wish.format))?;
    let mut output = Output::open(Target::new(Some(&path), Existing::Keep))?;
    let mut course = Course { done: &mut |_| {}, redactor: redactor.as_mut() };
    export::write(&document, wish.format.writer().as_mut(), &mut output, &mut course)
        .map_err(|error| unwritten(&error))?;
    output.finish()?;
    let mask = redactor.map(|redactor| format!("; {}", choice::masked(&redactor))).unwrap_or_default();
    Ok(format!("written to {}{mask}", told(&path)))
}

/// Writes a text to a new file in the working folder; returns what to say, and whether it is a warning.
pub fn save(taken: &Taken) -> (String, bool) {
    match save_new(taken) {
        Ok(path) => (format!("{} written to {}", taken.what, told(&path)), false),
        Err(failure) => (format!("not written: {} {}", failure.what, failure.advice), true),
    }
}

fn save_new(taken: &Taken) -> Result<PathBuf, Failure> {
    let path = free_name(&saved_name(taken))?;
    let mut output = Output::open(Target::new(Some(&path), Existing::Keep))?;
    output.write_all(taken.text.as_bytes()).map_err(|error| unwritten(&error))?;
    output.finish()?;
    Ok(path)
}

fn saved_name(taken: &Taken) -> String {
    let ending = match taken.what {
        "JSON" | "span" => "json",
        "Markdown" => "md",
        _ => "txt",
    };
    format!("unspool-{}.{ending}", Safe::file_slug(taken.what, NAME))
}

/// A file of the working folder, and which folder that is.
fn told(path: &Path) -> String {
    match std::env::current_dir() {
        Ok(folder) => format!("{} in {}", path.display(), folder.display()),
        Err(_) => path.display().to_string(),
    }
}

/// A name that no file has yet, nor a link that leads nowhere: nothing is overwritten.
fn free_name(name: &str) -> Result<PathBuf, Failure> {
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let names = (1..NAMES).map(|number| match number {
        1 => name.to_owned(),
        _ => format!("{stem}-{number}.{ending}"),
    });
    let free = names.map(PathBuf::from).find(|path| path.symlink_metadata().is_err());
    free.ok_or_else(|| trouble(format!("{name} and its relatives are there already"), "Remove some.", 1))
}
