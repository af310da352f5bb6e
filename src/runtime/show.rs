//! `unspool show`: a thread on standard output, without a screen.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::cli::{Format, ShowArgs};
use crate::domain::Head;
use crate::effect::Source;
use crate::event::Failure;
use crate::export::{self, Conversation, Course, Document, JsonThread, Redactor, Writer};
use crate::runtime::http::Client;
use crate::runtime::script::choice::{self, Grounds, Wanted};
use crate::runtime::script::load::{Loaded, load};
use crate::runtime::script::output::{Existing, Leftover, Output, Target, unwritten};
use crate::runtime::script::progress::Progress;
use crate::runtime::script::raw::{self, Viewer};
use crate::runtime::script::{self, Chatter, trouble};
use crate::runtime::tasks::{Redaction, World};

/// The exit code for wrong usage.
const USAGE: u8 = 2;

/// Writes the thread; returns the exit code.
pub fn run(args: ShowArgs, source: Source, world: World, runtime: &Runtime) -> u8 {
    script::run(runtime, |leftover| write(args, (source, world), leftover))
}

async fn write(args: ShowArgs, (source, world): (Source, World), leftover: Leftover) -> Result<u8, Failure> {
    let chatter = Chatter::from_flag(args.quiet);
    let wanted = Wanted::read(&args.choice)?;
    let mut redactor = choice::redactor(&args.choice, &Redaction::default())?;
    let chosen = args.choice.filter.is_some() || !args.choice.message.is_empty() || redactor.is_some();
    if args.format == Format::Raw && (chosen || !args.fail_on.is_empty()) {
        let advice = "Take --format text or json, or unspool export.";
        return Err(trouble("raw is the body as it came: nothing can be left out of it", advice, USAGE));
    }
    let target = Target::new(args.output.as_deref(), Existing::from_flag(args.force));
    target.check_file()?;
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut progress = Progress::new(chatter);
    if args.format == Format::Raw {
        let to_person = target == Target::Stdout && io::stdout().is_terminal();
        let viewer = if to_person { Viewer::Person } else { Viewer::Machine };
        return raw::write(
            source,
            &world,
            &client,
            (Output::open(target)?.guarded(&leftover), viewer),
            &mut progress,
        )
        .await;
    }
    let loaded = load(source, &world, &client, &mut |news| progress.hear(news)).await?;
    progress.clear();
    loaded.remark(chatter, None);
    wanted.check(&loaded.heads)?;
    let mut writer: Box<dyn Writer> = match args.format {
        Format::Json => Box::new(JsonThread::default()),
        Format::Text | Format::Raw => Box::new(Conversation),
    };
    let output = Output::open(target)?.guarded(&leftover);
    write_all((&loaded, &wanted, redactor.as_mut()), writer.as_mut(), output, &mut progress)?;
    if let Some(redactor) = redactor {
        chatter.remark(&choice::masked(&redactor));
    }
    Ok(Grounds::of_thread(&loaded, &wanted, &args.fail_on))
}

fn write_all(
    (loaded, wanted, mut redactor): (&Loaded, &Wanted, Option<&mut Redactor>),
    writer: &mut dyn Writer,
    mut output: Output,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let provider = loaded.provider()?;
    let masked = redactor.as_deref_mut().map(|redactor| export::redacted(provider, &loaded.thread, redactor));
    let document = Document {
        provider,
        thread: masked.as_ref().unwrap_or(&loaded.thread),
        heads: &loaded.heads,
        keep: &|head: &Head| wanted.keeps(head, provider),
        oddities: &loaded.ending.oddities,
    };
    let all = loaded.heads.len();
    let mut course = Course { done: &mut |done| progress.count(done, all), redactor };
    export::write(&document, writer, &mut output, &mut course).map_err(|error| unwritten(&error))?;
    output.finish()
}
