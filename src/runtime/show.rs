//! `unspool show`: a thread on standard output, without a screen.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::cli::{Format, ShowArgs};
use crate::domain::Head;
use crate::effect::Source;
use crate::event::Failure;
use crate::export::{self, Conversation, Course, Document, JsonThread, Writer};
use crate::runtime::http::Client;
use crate::runtime::script::load::{Loaded, load};
use crate::runtime::script::output::{Existing, Leftover, Output, Target, unwritten};
use crate::runtime::script::progress::Progress;
use crate::runtime::script::raw::{self, Viewer};
use crate::runtime::script::{self, Chatter};
use crate::runtime::tasks::World;

/// Writes the thread; returns the exit code.
pub fn run(args: ShowArgs, source: Source, world: World, runtime: &Runtime) -> u8 {
    script::run(runtime, |leftover| write(args, (source, world), leftover))
}

async fn write(args: ShowArgs, (source, world): (Source, World), leftover: Leftover) -> Result<u8, Failure> {
    let chatter = Chatter::from_flag(args.quiet);
    let target = Target::new(args.output.as_deref(), Existing::from_flag(args.force));
    target.check()?;
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
    loaded.remark(chatter);
    let mut writer: Box<dyn Writer> = match args.format {
        Format::Json => Box::new(JsonThread::default()),
        Format::Text | Format::Raw => Box::new(Conversation),
    };
    let output = Output::open(target)?.guarded(&leftover);
    write_all(&loaded, writer.as_mut(), output, &mut progress)?;
    Ok(loaded.exit_code)
}

fn write_all(
    loaded: &Loaded,
    writer: &mut dyn Writer,
    mut output: Output,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let document = Document {
        provider: loaded.provider()?,
        thread: &loaded.thread,
        heads: &loaded.heads,
        keep: &|_: &Head| true,
        oddities: &loaded.ending.oddities,
    };
    let all = loaded.heads.len();
    let mut course = Course { done: &mut |done| progress.count(done, all), redactor: None };
    export::write(&document, writer, &mut output, &mut course).map_err(|error| unwritten(&error))?;
    output.finish()
}
