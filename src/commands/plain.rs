//! The plain mode, for screen readers and terminals without cursor control: labelled lines and one-letter commands; no
//! alternate screen, boxes or colours.

mod account;
mod profiles;
mod take;
mod threads;
mod words;

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::app_loop::context::Context;
use crate::commands::load::{LoadedThread, load};
use crate::config::Profiles;
use crate::domain::{
    ExitCode, Message, MessageSummary, RecentThread, Sentiment, Source, Span, SpanPart, UserError,
};
use crate::filter::Filter;
use crate::json;
use crate::layout::Direction;
use crate::net::Client;
use crate::platform;
use crate::provider::Provider;
use crate::provider::link::link_host;
use crate::provider::parse_source::parse_source;
use crate::search::{Finder, Query};
use crate::storage::recent_threads::RecentThreads;
use crate::text::time::{self, TimeFormat};
use crate::text::{Safe, number};
use crate::trace::Forest;
use account::Account;
use profiles::to_sentence;

/// The list of commands, one a line.
const HELP: &str = "\
l: list the threads
NUMBER: without an open thread, open that thread of the list; else go to that message
o NUMBER: open that thread of the list
b: list the threads of the account, the latest first
b WORDS: list only those with these words in title, id, user or application, or that match a filter such as app:Support since:7d
B: list the threads again
o THREAD: open a thread by its id, link or file
n, or an empty line: next message
p: previous message
0: first message
$: last message
m: text of the message
s: spans of the message
s NUMBER: input and output of a span
c NUMBER: retrieved chunks of a span, as sentences
f: feedback on the message
r: raw JSON of the message
t: title and counts of the thread
e, or E backward: next error
d, or D backward: next negative feedback
w, or W backward: next message with feedback
/TEXT: search; / alone repeats the search
F FILTER: only messages that match, such as F status:error; F alone shows all again
y: copy the text of the message
x FORMAT: export the thread to a file; the formats are those of unspool export
P: list the profiles
P NAME: use another profile
h: this list
q: quit";

/// The most JSON bytes to print of one message.
const MAX_RAW_BYTES: usize = 64 * 1024;

/// The state between two commands.
struct PlainSession<'a> {
    context: Context,
    client: Arc<Client>,
    runtime: &'a Runtime,
    time_format: TimeFormat,
    profiles: Profiles,
    /// The source opened last, successfully or not.
    last_source: Option<Source>,
    thread: Option<LoadedThread>,
    position: usize,
    finder: Option<Finder>,
    /// The messages that are gone through, if not all.
    filter: Option<Filter>,
    recent_threads: RecentThreads,
    /// The list that numbers refer to.
    listed: Vec<RecentThread>,
    /// The threads of the account, once they are listed.
    account: Option<Account>,
}

/// Whether to read another command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CommandOutcome {
    Continue,
    Quit,
}

/// The options of the plain mode.
pub struct PlainOptions {
    pub source: Option<Source>,
    pub context: Context,
    pub time_format: TimeFormat,
    pub profiles: Profiles,
    pub recent_threads: RecentThreads,
    /// A notice to print first.
    pub notice: Option<String>,
}

/// Runs until the user quits or the input ends; returns the exit code.
pub fn run(options: PlainOptions, runtime: &Runtime) -> ExitCode {
    let is_stdin_thread = options.source == Some(Source::Stdin);
    let mut session = PlainSession {
        client: Arc::new(Client::new(options.context.limits.clone())),
        context: options.context,
        runtime,
        time_format: options.time_format,
        profiles: options.profiles,
        last_source: None,
        thread: None,
        position: 0,
        finder: None,
        filter: None,
        recent_threads: options.recent_threads,
        listed: Vec::new(),
        account: None,
    };
    if let Some(notice) = options.notice {
        print_sanitized(&to_sentence(&notice));
    }
    let mut code = ExitCode::Success;
    if let Some(source) = options.source {
        code = session.open(source);
    } else {
        session.list_threads();
    }
    let Some(mut input) = command_input(is_stdin_thread) else { return code };
    let mut line = String::new();
    loop {
        print_prompt();
        line.clear();
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => return code,
            Ok(_) if session.run_command(line.trim()) == CommandOutcome::Quit => return ExitCode::Success,
            Ok(_) => {}
        }
    }
}

/// Opens the input for commands: standard input, or the terminal if the thread itself is on standard input.
fn command_input(is_stdin_thread: bool) -> Option<Box<dyn BufRead>> {
    if is_stdin_thread {
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

/// Prints sanitized text. A closed pipe is noticed when the next command is read.
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
                self.record_visit(&loaded);
                let is_unreadable = loaded.body_summary.is_unreadable;
                self.thread = Some(loaded);
                self.position = 0;
                self.filter = None;
                self.print_thread_info();
                self.print_message();
                if is_unreadable { ExitCode::NotUnderstood } else { ExitCode::Success }
            }
            Err(error) => print_open_error(&error),
        }
    }

    fn run_command(&mut self, line: &str) -> CommandOutcome {
        if let Some(text) = line.strip_prefix('/') {
            self.search(text);
            return CommandOutcome::Continue;
        }
        if let Ok(number) = line.parse::<usize>() {
            if self.thread.is_some() {
                self.go_to(number.saturating_sub(1))
            } else {
                self.open_listed(number)
            }
            return CommandOutcome::Continue;
        }
        let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match command {
            "" | "n" | "j" => self.step(Direction::Forward),
            "p" | "k" => self.step(Direction::Backward),
            "l" => self.list_threads(),
            "b" => self.list_account(rest.trim()),
            "B" => self.reload_account(rest.trim()),
            "c" => self.print_chunks(rest.trim()),
            "y" => self.copy_text(),
            "x" => self.export(rest.trim()),
            "F" => self.set_filter(rest.trim()),
            "$" | "G" => self.go_to(usize::MAX),
            "m" | "1" => self.print_message(),
            "s" | "2" if rest.trim().is_empty() => self.print_spans(),
            "s" | "2" => self.print_span(rest.trim()),
            "f" | "3" => self.print_feedback(),
            "r" | "5" => self.print_raw(),
            "t" | "4" => self.print_thread_info(),
            "e" => self.go_to_next("error", Direction::Forward, MessageSummary::has_problem),
            "E" => self.go_to_next("error", Direction::Backward, MessageSummary::has_problem),
            "w" => self.go_to_next("feedback", Direction::Forward, MessageSummary::has_feedback),
            "W" => self.go_to_next("feedback", Direction::Backward, MessageSummary::has_feedback),
            "d" => self.go_to_next(
                "negative feedback",
                Direction::Forward,
                MessageSummary::has_negative_feedback,
            ),
            "D" => {
                self.go_to_next(
                    "negative feedback",
                    Direction::Backward,
                    MessageSummary::has_negative_feedback,
                );
            }
            "o" if rest.trim().parse::<usize>().is_ok_and(|number| number <= self.listed.len()) => {
                self.open_listed(rest.trim().parse().unwrap_or(0));
            }
            "o" => self.parse_and_open(rest.trim()),
            "P" if rest.trim().is_empty() => self.list_profiles(),
            "P" => self.use_profile(rest.trim()),
            "h" | "?" => print_sanitized(HELP),
            "q" => return CommandOutcome::Quit,
            _ => print_sanitized(&format!("Unknown command {command}. Type h for the list of commands.")),
        }
        CommandOutcome::Continue
    }

    fn parse_and_open(&mut self, text: &str) {
        match parse_source(text, self.profiles.preferred_service) {
            Ok(source) => self.open_with_host(source, link_host(text).as_deref()),
            Err(error) => print_sanitized(&error.reason),
        }
    }

    fn message_count(&self) -> usize {
        self.thread.as_ref().map_or(0, |thread| thread.summaries.len())
    }

    fn go_to(&mut self, position: usize) {
        let last = self.message_count().saturating_sub(1);
        if position > last && self.position == last {
            return print_sanitized("This is the last message.");
        }
        self.position = position.min(last);
        self.print_message();
    }

    /// Goes to the next or previous message that the filter shows.
    fn step(&mut self, direction: Direction) {
        match self.find_from(direction, |_| true) {
            Some(position) => self.go_to(position),
            None if self.thread.is_none() => self.list_threads(),
            None if self.message_count() == 0 => self.print_message(),
            None => print_sanitized(match (direction, self.filter.is_some()) {
                (Direction::Forward, false) => "This is the last message.",
                (Direction::Backward, false) => "This is the first message.",
                (Direction::Forward, true) => "No match of the filter after this message.",
                (Direction::Backward, true) => "No match of the filter before this message.",
            }),
        }
    }

    fn go_to_next(&mut self, noun: &str, direction: Direction, matches: impl Fn(&MessageSummary) -> bool) {
        match (self.find_from(direction, matches), direction) {
            (Some(position), _) => self.go_to(position),
            (None, Direction::Forward) => print_sanitized(&format!("No {noun} after this message.")),
            (None, Direction::Backward) => print_sanitized(&format!("No {noun} before this message.")),
        }
    }

    /// The next or previous message that the filter shows and that matches.
    fn find_from(&self, direction: Direction, matches: impl Fn(&MessageSummary) -> bool) -> Option<usize> {
        let provider = self.provider();
        let is_shown = |summary: &MessageSummary| match (&self.filter, provider) {
            (Some(filter), Some(provider)) => filter.matches(summary, provider),
            (Some(_), None) | (None, _) => true,
        };
        let is_match = |position: &usize| {
            self.summary(*position).is_some_and(|summary| matches(summary) && is_shown(summary))
        };
        match direction {
            Direction::Forward => (self.position + 1..self.message_count()).find(is_match),
            Direction::Backward => (0..self.position.min(self.message_count())).rev().find(is_match),
        }
    }

    fn summary(&self, position: usize) -> Option<&MessageSummary> {
        self.thread.as_ref()?.summaries.get(position)
    }

    fn provider(&self) -> Option<&'static dyn Provider> {
        self.thread.as_ref()?.provider().ok()
    }

    fn read_message(&self) -> Option<Message> {
        Some(self.provider()?.read_message(self.summary(self.position)?.raw.bytes()))
    }

    fn print_thread_info(&self) {
        let Some(thread) = &self.thread else { return print_sanitized("No thread is open.") };
        let title = thread.thread.title.as_deref().unwrap_or("untitled");
        let errors = thread.summaries.iter().filter(|summary| summary.has_problem()).count();
        let rated = thread.summaries.iter().filter(|summary| summary.sentiment.is_some()).count();
        print_sanitized(&format!("Thread: {title}."));
        print_sanitized(&format!(
            "{} messages, {errors} with errors, {rated} with feedback.",
            thread.summaries.len()
        ));
        for warning in &thread.body_summary.warnings {
            print_sanitized(&format!("Note: {warning}."));
        }
    }

    fn print_message(&self) {
        let Some(summary) = self.summary(self.position) else {
            return print_sanitized("This thread has no messages.");
        };
        print_sanitized(&format!(
            "Message {} of {}: {}",
            self.position + 1,
            self.message_count(),
            self.describe_message(summary)
        ));
        if let Some(error) = &summary.read_error {
            return print_sanitized(&format!("Unreadable: {}. Type r for the raw JSON.", error.reason));
        }
        let Some(message) = self.read_message() else { return };
        if let Some(error) = &message.error {
            print_sanitized(&format!("Error: {} {}", error.kind, error.message));
        }
        for side in &message.sides {
            let (text, note) = words::side_text(side);
            if let Some(note) = note {
                print_sanitized(&format!("({note})"));
            }
            let text = if text.is_empty() { "(no text)" } else { text.as_str() };
            print_sanitized(&format!("{}:\n{text}", side.role_text.as_deref().unwrap_or(side.role.as_str())));
        }
    }

    fn describe_message(&self, summary: &MessageSummary) -> String {
        let mut facts = vec![summary.role.as_str().to_owned()];
        facts.extend(summary.time.map(|time| time::full(time, &self.time_format)));
        facts.extend(summary.duration_ms.map(|ms| number::duration(Some(ms.saturating_mul(1000)))));
        if summary.status.is_problem() {
            facts.push(format!("{:?}", summary.status).to_lowercase());
        }
        match summary.sentiment {
            Some(Sentiment::Positive) => facts.push("positive feedback".to_owned()),
            Some(Sentiment::Negative) => facts.push("negative feedback".to_owned()),
            Some(Sentiment::Other) => facts.push("feedback".to_owned()),
            None => {}
        }
        if summary.span_count > 0 {
            facts.push(number::pluralize(summary.span_count as usize, "span"));
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

    /// The span with this number in the span list.
    fn find_span<'m>(&self, message: &'m Message, number: &str) -> Option<&'m Span> {
        let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let forest = Forest::new(&message.spans);
        let node = index.and_then(|index| forest.nodes().get(index));
        let span = node.and_then(|node| message.spans.get(node.span as usize));
        if span.is_none() {
            print_sanitized(&format!("No span {number}. Type s for the list."));
        }
        span
    }

    /// Prints all parts of a span, by its number in the span list.
    fn print_span(&self, number: &str) {
        let (Some(summary), Some(message)) = (self.summary(self.position), self.read_message()) else {
            return;
        };
        let Some(span) = self.find_span(&message, number) else { return };
        print_sanitized(&format!("Span {number}: {}, {}", span.name, span.operation));
        for part in SpanPart::ALL {
            let raw = summary.raw.bytes_in(part.byte_range(span));
            let text = if raw.is_empty() { "nothing".to_owned() } else { json::pretty(raw, MAX_RAW_BYTES) };
            print_sanitized(&format!("{}: {text}", part.title()));
        }
    }

    fn print_feedback(&self) {
        let Some(message) = self.read_message().filter(|message| !message.feedback.is_empty()) else {
            return print_sanitized("This message has no feedback.");
        };
        for feedback in &message.feedback {
            let text =
                if feedback.description.is_empty() { "(no text)" } else { feedback.description.as_str() };
            print_sanitized(&format!("Feedback, {}: {text}", feedback.sentiment_text));
        }
    }

    fn print_raw(&self) {
        if let Some(summary) = self.summary(self.position) {
            print_sanitized(&json::pretty(summary.raw.bytes(), MAX_RAW_BYTES));
        }
    }

    /// Searches for the text; an empty one repeats the last search.
    fn search(&mut self, text: &str) {
        if !text.is_empty() {
            match Finder::new(&Query::new(text)) {
                Ok(finder) => self.finder = Some(finder),
                Err(error) => return print_sanitized(&error.to_string()),
            }
        }
        let Some(finder) = self.finder.clone() else {
            return print_sanitized("No search yet. Type / and a text.");
        };
        let has_hit = |summary: &MessageSummary| finder.count_hits(summary.raw.bytes(), 1) > 0;
        self.go_to_next("match", Direction::Forward, has_hit);
    }
}

fn describe_span(number: usize, depth: u32, span: &Span) -> String {
    let status = if span.is_failed() { ", failed" } else { "" };
    let error =
        span.error.as_ref().map(|error| format!(": {} {}", error.kind, error.message)).unwrap_or_default();
    let duration = number::duration(span.duration_micros());
    format!(
        "Span {number}, level {}: {}, {}, {duration}{status}{error}",
        depth + 1,
        span.name,
        span.operation
    )
}

fn print_open_error(error: &UserError) -> ExitCode {
    print_sanitized(&format!("Could not open the thread: {}", to_sentence(error.summary())));
    for fact in &*error.facts {
        print_sanitized(&to_sentence(fact));
    }
    if !error.hint.is_empty() {
        print_sanitized(&error.hint);
    }
    if !error.headline.is_empty() {
        print_sanitized(&format!("Details: {}.", error.message));
    }
    for message in &error.service_messages {
        print_sanitized(&format!("Service: {message}"));
    }
    error.exit_code
}
