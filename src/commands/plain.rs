//! The plain mode, for screen readers and terminals without cursor control: labelled lines and one-letter commands; no
//! alternate screen, boxes or colours.

mod account;
mod copy;
mod filter;
mod print;
mod profiles;
mod spoken_text;
mod threads;

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::app_loop::context::Context;
use crate::commands::load::{LoadedThread, load};
use crate::config::Profiles;
use crate::domain::{ExitCode, Message, MessageSummary, RecentThread, Source, UserError};
use crate::filter::Filter;
use crate::layout::Direction;
use crate::net::Client;
use crate::platform;
use crate::provider::Provider;
use crate::provider::link::link_host;
use crate::provider::parse_source::parse_source;
use crate::search::{Finder, Query};
use crate::storage::recent_threads::RecentThreads;
use crate::text::time::TimeFormat;
use crate::text::{Safe, to_sentence};
use account::Account;

/// The list of commands, one per line.
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
    /// The filter of the messages to go through, if any.
    filter: Option<Filter>,
    recent_threads: RecentThreads,
    /// The threads that numbers refer to.
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
    /// A notice to print at the start.
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

    /// Goes to the next or previous message that matches the filter.
    fn step(&mut self, direction: Direction) {
        match self.find_from(direction, |_| true) {
            Some(position) => self.go_to(position),
            None if self.thread.is_none() => self.list_threads(),
            None if self.message_count() == 0 => self.print_message(),
            None => print_sanitized(match (direction, self.filter.is_some()) {
                (Direction::Forward, false) => "This is the last message.",
                (Direction::Backward, false) => "This is the first message.",
                (Direction::Forward, true) => "No message after this one matches the filter.",
                (Direction::Backward, true) => "No message before this one matches the filter.",
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

    /// Returns the next or previous message that matches the filter and the predicate.
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
