//! `unspool push`: turns as traces to a receiver of OTLP over HTTP. Batches are made on a thread of their own while the one
//! before is on its way; ids are the same each time, so that sending again does no harm.

mod batch;
mod post;

use std::io::{self, Write};
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::cli::PushArgs;
use crate::domain::Head;
use crate::event::Failure;
use crate::export::{self, Course, Document, Redactor};
use crate::runtime::http::Client;
use crate::runtime::program;
use crate::runtime::script::choice::{self, Wanted};
use crate::runtime::script::load::{Loaded, load};
use crate::runtime::script::progress::Progress;
use crate::runtime::script::{self, Chatter, trouble};
use crate::runtime::settings::Settings;
use crate::text::number;
use batch::{Batch, Batches};
use post::{Receipt, Receiver};

/// Batches that may wait for the one that is being sent.
const WAITING: usize = 2;

/// Sends the thread; returns the exit code.
pub fn run(args: PushArgs, runtime: &Runtime) -> u8 {
    script::run(runtime, |_| push(args))
}

async fn push(args: PushArgs) -> Result<u8, Failure> {
    let settings = Settings::load().sound()?;
    let receiver = Receiver::new(&args, settings.limits())?;
    let wanted = Wanted::read(&args.choice)?;
    let source =
        program::named_source(&args.thread, &args.service).map_err(|reason| trouble(reason, "", 2))?;
    let chatter = Chatter::from_flag(args.quiet);
    let world = settings.world(&args.service)?;
    let redactor = choice::redactor(&args.choice, &world.redaction)?;
    let client = Arc::new(Client::new(world.limits.clone()));
    let mut progress = Progress::new(chatter);
    let loaded = load(source, &world, &client, &mut |news| progress.hear(news)).await?;
    progress.clear();
    loaded.remark(chatter, None);
    if loaded.ending.unreadable {
        return Err(trouble("nothing was sent: none of it could be read", "", loaded.exit_code));
    }
    wanted.check(&loaded.heads)?;
    let partial_code = loaded.exit_code;
    let (outbox, batches) = mpsc::channel(WAITING);
    let making = tokio::task::spawn_blocking(move || make(&loaded, &wanted, redactor, outbox));
    let sent = send(&receiver, batches, (&args, &mut progress)).await;
    let redactor = making.await.map_err(|_| trouble("the spans could not be made", "", 1))?;
    progress.clear();
    let sent = sent?;
    if let Some(redactor) = redactor {
        chatter.remark(&choice::masked(&redactor));
    }
    report(&sent, (&args, chatter), &receiver);
    Ok(if sent.refused > 0 { 1 } else { partial_code })
}

/// Makes batches until there are no more, or nobody wants them.
fn make(
    loaded: &Loaded,
    wanted: &Wanted,
    mut redactor: Option<Redactor>,
    outbox: mpsc::Sender<Batch>,
) -> Option<Redactor> {
    let Ok(provider) = loaded.provider() else { return redactor };
    let masked = redactor.as_mut().map(|redactor| export::redacted(provider, &loaded.thread, redactor));
    let document = Document {
        provider,
        thread: masked.as_ref().unwrap_or(&loaded.thread),
        heads: &loaded.heads,
        keep: &|head: &Head| wanted.keeps(head, provider),
        oddities: &[],
    };
    let mut course = Course { done: &mut |_| {}, redactor: redactor.as_mut() };
    let mut batches = Batches::new(provider.service(), outbox);
    // The only error there can be: the sender has given up, and says why itself.
    let _ = export::write(&document, &mut batches, &mut io::sink(), &mut course);
    redactor
}

/// What has been sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sent {
    messages: usize,
    spans: usize,
    batches: usize,
    bytes: usize,
    /// Spans that the receiver did not take.
    refused: i64,
}

async fn send(
    receiver: &Receiver,
    mut batches: mpsc::Receiver<Batch>,
    (args, progress): (&PushArgs, &mut Progress),
) -> Result<Sent, Failure> {
    let mut sent = Sent::default();
    while let Some(batch) = batches.recv().await {
        if !args.dry_run {
            let receipt = receiver.post(&batch.body).await.map_err(|failure| after(failure, sent))?;
            sent.refused = sent.refused.saturating_add(receipt.refused);
            tell_refusal(&receipt, progress);
        }
        sent.messages += batch.messages;
        sent.spans += batch.spans;
        sent.bytes += batch.body.len();
        sent.batches += 1;
        progress.say(&format!("{} spans", sent.spans));
    }
    Ok(sent)
}

fn after(mut failure: Failure, sent: Sent) -> Failure {
    if sent.spans > 0 {
        failure.what = format!("{} ({} were sent before)", failure.what, number::counted(sent.spans, "span"));
    }
    failure
}

fn tell_refusal(receipt: &Receipt, progress: &mut Progress) {
    if receipt.refused > 0 || !receipt.message.is_empty() {
        progress.clear();
        let what = format!("the receiver refused {}: {}", receipt.refused, receipt.message);
        script::tell(&trouble(what, "", 1), None);
    }
}

fn report(sent: &Sent, (args, chatter): (&PushArgs, Chatter), receiver: &Receiver) {
    if chatter == Chatter::Quiet {
        return;
    }
    let verb = if args.dry_run { "would send" } else { "sent" };
    let _ = writeln!(
        io::stdout(),
        "{verb} {} of {} in {} ({}) to {}",
        number::counted(sent.spans, "span"),
        number::counted(sent.messages, "message"),
        if sent.batches == 1 { "1 batch".to_owned() } else { format!("{} batches", sent.batches) },
        number::bytes(sent.bytes as u64),
        receiver.origin(),
    );
}
