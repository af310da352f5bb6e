//! The plain mode: for screen readers and terminals that cannot move their cursor. Labelled lines, one after another, and
//! the commands of the browser by letters; no alternate screen, no boxes, no colours.

mod profiles;

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::app::profiles::Profiles;
use crate::app_loop::effects::Context;
use crate::commands::load::{LoadedThread, load};
use crate::domain::{ExitCode, Message, MessageSummary, Sentiment, Source, Span, SpanPart, UserError};
use crate::json;
use crate::net::Client;
use crate::platform;
use crate::provider::Provider;
use crate::provider::parse_source::parse_source;
use crate::search::{Finder, Query};
use crate::text::time::{self, TimeFormat};
use crate::text::{Safe, number};
use crate::trace::Forest;
use profiles::to_sentence;

/// What there is to type.
const HELP: &str = "Commands: n next, p previous, a number goes to that message, 0 first, $ last, m text, s spans, s NUMBER what a span got and gave, \
f feedback, r raw JSON, e next error, w next message with feedback, /TEXT search, o THREAD open another, t about the \
thread, P the profiles, P NAME use that one, q quit. An empty line goes to the next message.";

/// JSON of one message that is printed, in bytes.
const MAX_RAW_BYTES: usize = 64 * 1024;

/// The state between two commands.
struct PlainSession<'a> {
    context: Context,
    client: Arc<Client>,
    runtime: &'a Runtime,
    time_format: TimeFormat,
    profiles: Profiles,
    /// What was asked for last.
    last_source: Option<Source>,
    thread: Option<LoadedThread>,
    position: usize,
    finder: Option<Finder>,
}

/// Whether the program is to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CommandOutcome {
    Continue,
    Quit,
}

/// What the plain mode needs besides the world.
pub struct PlainOptions {
    pub source: Option<Source>,
    pub time_format: TimeFormat,
    pub profiles: Profiles,
    /// What the user should know at once.
    pub notice: Option<String>,
}

/// Runs until the user leaves or the input ends; returns the exit code.
pub fn run(start: PlainOptions, world: Context, runtime: &Runtime) -> ExitCode {
    let PlainOptions { source: open, time_format: zone, profiles, notice } = start;
    let client = Arc::new(Client::new(world.limits.clone()));
    let from_stdin = open == Some(Source::Stdin);
    let mut plain = PlainSession {
        context: world,
        client,
        runtime,
        time_format: zone,
        profiles,
        last_source: None,
        thread: None,
        position: 0,
        finder: None,
    };
    if let Some(notice) = notice {
        print_sanitized(&to_sentence(&notice));
    }
    let mut code = ExitCode::Success;
    if let Some(source) = open {
        code = plain.open(source);
    } else {
        print_sanitized("No thread is open. Type o and a thread id, a link or a file. h lists all commands.");
    }
    let Some(mut input) = command_input(from_stdin) else { return code };
    let mut line = String::new();
    loop {
        print_prompt();
        line.clear();
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => return code,
            Ok(_) if plain.run_command(line.trim()) == CommandOutcome::Quit => return ExitCode::Success,
            Ok(_) => {}
        }
    }
}

/// Where commands come from: standard input, unless the thread came that way.
fn command_input(from_stdin: bool) -> Option<Box<dyn BufRead>> {
    if from_stdin {
        return File::open(platform::TERMINAL_DEVICE)
            .ok()
            .map(|tty| Box::new(BufReader::new(tty)) as Box<dyn BufRead>);
    }
    Some(Box::new(BufReader::new(io::stdin())))
}

fn print_prompt() {
    if io::stdin().is_terminal() {
        let mut out = io::stdout().lock();
        let _ = write!(out, "> ").and_then(|()| out.flush());
    }
}

/// Prints text through the gate; a closed pipe is noticed when the next command is read.
fn print_sanitized(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", Safe::text(text).as_str()).and_then(|()| out.flush());
}

impl PlainSession<'_> {
    fn open(&mut self, source: Source) -> ExitCode {
        self.last_source = Some(source.clone());
        print_sanitized(&format!("Opening {}.", source.to_input()));
        match self.runtime.block_on(load(source, &self.context, &self.client, &mut |_| {})) {
            Ok(loaded) => {
                self.thread = Some(loaded);
                self.position = 0;
                self.print_thread_info();
                self.print_message();
                ExitCode::Success
            }
            Err(failure) => print_open_error(&failure),
        }
    }

    fn run_command(&mut self, line: &str) -> CommandOutcome {
        if let Some(text) = line.strip_prefix('/') {
            self.search(text);
            return CommandOutcome::Continue;
        }
        if let Ok(number) = line.parse::<usize>() {
            self.go_to(number.saturating_sub(1));
            return CommandOutcome::Continue;
        }
        let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match command {
            "" | "n" | "j" => self.go_to(self.position.saturating_add(1)),
            "p" | "k" if self.position == 0 && self.message_count() > 0 => {
                print_sanitized("This is the first message.")
            }
            "p" | "k" => self.go_to(self.position.saturating_sub(1)),
            "$" | "G" => self.go_to(usize::MAX),
            "m" | "1" => self.print_message(),
            "s" | "2" if rest.trim().is_empty() => self.print_spans(),
            "s" | "2" => self.print_span(rest.trim()),
            "f" | "3" => self.print_feedback(),
            "r" | "5" => self.print_raw(),
            "t" | "4" => self.print_thread_info(),
            "e" => self.go_to_next("error", MessageSummary::has_problem),
            "w" => self.go_to_next("feedback", MessageSummary::has_feedback),
            "o" => self.parse_and_open(rest.trim()),
            "P" if rest.trim().is_empty() => self.list_profiles(),
            "P" => self.use_profile(rest.trim()),
            "h" | "?" => print_sanitized(HELP),
            "q" => return CommandOutcome::Quit,
            _ => print_sanitized(&format!("{command} is not a command. {HELP}")),
        }
        CommandOutcome::Continue
    }

    fn parse_and_open(&mut self, text: &str) {
        match parse_source(text, self.profiles.preferred_service) {
            Ok(source) => {
                self.open(source);
            }
            Err(refused) => print_sanitized(&refused.reason),
        }
    }

    fn message_count(&self) -> usize {
        self.thread.as_ref().map_or(0, |thread| thread.summaries.len())
    }

    fn go_to(&mut self, to: usize) {
        let last = self.message_count().saturating_sub(1);
        if to > last && self.position == last {
            return print_sanitized("This is the last message.");
        }
        self.position = to.min(last);
        self.print_message();
    }

    fn go_to_next(&mut self, what: &str, wanted: impl Fn(&MessageSummary) -> bool) {
        let place =
            (self.position + 1..self.message_count()).find(|place| self.summary(*place).is_some_and(&wanted));
        match place {
            Some(place) => self.go_to(place),
            None => print_sanitized(&format!("No {what} after this message.")),
        }
    }

    fn summary(&self, place: usize) -> Option<&MessageSummary> {
        self.thread.as_ref()?.summaries.get(place)
    }

    fn provider(&self) -> Option<&'static dyn Provider> {
        self.thread.as_ref()?.provider().ok()
    }

    fn read_message(&self) -> Option<Message> {
        Some(self.provider()?.read_message(self.summary(self.position)?.raw.bytes()))
    }

    fn print_thread_info(&self) {
        let Some(thread) = &self.thread else { return print_sanitized("No thread is open.") };
        let title = thread.thread.title.as_deref().unwrap_or("without a title");
        let errors = thread.summaries.iter().filter(|head| head.has_problem()).count();
        let said = thread.summaries.iter().filter(|head| head.sentiment.is_some()).count();
        print_sanitized(&format!("Thread: {title}."));
        print_sanitized(&format!(
            "{} messages, {errors} with errors, {said} with feedback.",
            thread.summaries.len()
        ));
        for oddity in &thread.body_summary.warnings {
            print_sanitized(&format!("Note: {oddity}."));
        }
    }

    fn print_message(&self) {
        let Some(head) = self.summary(self.position) else {
            return print_sanitized("There are no messages.");
        };
        print_sanitized(&format!(
            "Message {} of {}: {}",
            self.position + 1,
            self.message_count(),
            self.describe_message(head)
        ));
        if let Some(fault) = &head.read_error {
            return print_sanitized(&format!("It cannot be read: {}. r shows what came.", fault.reason));
        }
        let Some(message) = self.read_message() else { return };
        if let Some(error) = &message.error {
            print_sanitized(&format!("Error: {} {}", error.kind, error.message));
        }
        for side in &message.sides {
            let text = side.text();
            let text = if text.is_empty() { "(no text)" } else { text.as_str() };
            print_sanitized(&format!("{}:\n{text}", side.role_text.as_deref().unwrap_or(side.role.as_str())));
        }
    }

    fn describe_message(&self, head: &MessageSummary) -> String {
        let mut facts = vec![head.role.as_str().to_owned()];
        facts.extend(head.time.map(|at| time::full(at, &self.time_format)));
        facts.extend(head.duration_ms.map(|ms| number::duration(Some(ms.saturating_mul(1000)))));
        if head.status.is_problem() {
            facts.push(format!("{:?}", head.status).to_lowercase());
        }
        match head.sentiment {
            Some(Sentiment::Positive) => facts.push("positive feedback".to_owned()),
            Some(Sentiment::Negative) => facts.push("negative feedback".to_owned()),
            Some(Sentiment::Other) => facts.push("feedback".to_owned()),
            None => {}
        }
        if head.span_count > 0 {
            facts.push(number::pluralize(head.span_count as usize, "span"));
        }
        facts.join(", ")
    }

    fn print_spans(&self) {
        let Some(message) = self.read_message().filter(|message| !message.spans.is_empty()) else {
            return print_sanitized("This message has no spans.");
        };
        let forest = Forest::new(&message.spans);
        for (number, node) in forest.nodes().iter().enumerate() {
            if let Some(span) = message.spans.get(node.span as usize) {
                print_sanitized(&describe_span(number + 1, node.depth, span));
            }
        }
    }

    /// One of the spans, by its number in the list: what went in and what came out.
    fn print_span(&self, number: &str) {
        let (Some(head), Some(message)) = (self.summary(self.position), self.read_message()) else { return };
        let forest = Forest::new(&message.spans);
        let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let node = at.and_then(|at| forest.nodes().get(at));
        let Some(span) = node.and_then(|node| message.spans.get(node.span as usize)) else {
            return print_sanitized(&format!("There is no span {number}; s lists them with their numbers."));
        };
        print_sanitized(&format!("Span {number}: {}, {}", span.name, span.operation));
        for part in SpanPart::ALL {
            let raw = head.raw.bytes_in(part.byte_range(span));
            let text = if raw.is_empty() { "nothing".to_owned() } else { json::pretty(raw, MAX_RAW_BYTES) };
            print_sanitized(&format!("{}: {text}", part.title()));
        }
    }

    fn print_feedback(&self) {
        let Some(message) = self.read_message().filter(|message| !message.feedback.is_empty()) else {
            return print_sanitized("This message has no feedback.");
        };
        for feedback in &message.feedback {
            let words =
                if feedback.description.is_empty() { "(no words)" } else { feedback.description.as_str() };
            print_sanitized(&format!("Feedback, {}: {words}", feedback.sentiment_text));
        }
    }

    fn print_raw(&self) {
        if let Some(head) = self.summary(self.position) {
            print_sanitized(&json::pretty(head.raw.bytes(), MAX_RAW_BYTES));
        }
    }

    fn search(&mut self, typed: &str) {
        if !typed.is_empty() {
            match Finder::new(&Query::new(typed)) {
                Ok(finder) => self.finder = Some(finder),
                Err(error) => return print_sanitized(&error.to_string()),
            }
        }
        let Some(finder) = self.finder.clone() else {
            return print_sanitized("Nothing was searched for yet.");
        };
        self.go_to_next("hit", |head| finder.count_hits(head.raw.bytes(), 1) > 0);
    }
}

fn describe_span(number: usize, depth: u32, span: &Span) -> String {
    let status = if span.is_failed() { ", failed" } else { "" };
    let error =
        span.error.as_ref().map(|error| format!(": {} {}", error.kind, error.message)).unwrap_or_default();
    let took = number::duration(span.duration_micros());
    format!("Span {number}, level {}: {}, {}, {took}{status}{error}", depth + 1, span.name, span.operation)
}

fn print_open_error(failure: &UserError) -> ExitCode {
    print_sanitized(&format!("Could not open it: {}.", failure.message));
    for said in &failure.service_messages {
        print_sanitized(&format!("The service says: {said}"));
    }
    print_sanitized(&failure.hint);
    failure.exit_code
}
