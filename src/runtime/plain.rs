//! The plain mode: for screen readers and terminals that cannot move their cursor. Labelled lines, one after another, and
//! the commands of the browser by letters; no alternate screen, no boxes, no colours.

mod profiles;

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::app::detail::spans::Part;
use crate::app::profiles::Profiles;
use crate::app::recognise::recognise;
use crate::domain::{Head, Message, Sentiment, Span};
use crate::effect::Source;
use crate::event::Failure;
use crate::json;
use crate::provider::Provider;
use crate::runtime::http::Client;
use crate::runtime::platform;
use crate::runtime::script::load::{Loaded, load};
use crate::runtime::tasks::World;
use crate::search::{Finder, Query};
use crate::text::time::Calendar;
use crate::text::{Safe, number, time};
use crate::trace::Forest;
use profiles::sentence;

/// What there is to type.
const HELP: &str = "Commands: n next, p previous, a number goes to that message, 0 first, $ last, m text, s spans, s NUMBER what a span got and gave, \
f feedback, r raw JSON, e next error, w next message with feedback, /TEXT search, o THREAD open another, t about the \
thread, P the profiles, P NAME use that one, q quit. An empty line goes to the next message.";

/// JSON of one message that is printed, in bytes.
const RAW: usize = 64 * 1024;

/// The state between two commands.
struct Plain<'a> {
    world: World,
    client: Arc<Client>,
    runtime: &'a Runtime,
    zone: Calendar,
    profiles: Profiles,
    /// What was asked for last.
    source: Option<Source>,
    thread: Option<Loaded>,
    at: usize,
    finder: Option<Finder>,
}

/// Whether the program is to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Go,
    Quit,
}

/// What the plain mode needs besides the world.
pub struct Start {
    pub open: Option<Source>,
    pub zone: Calendar,
    pub profiles: Profiles,
    /// What the user should know at once.
    pub notice: Option<String>,
}

/// Runs until the user leaves or the input ends; returns the exit code.
pub fn run(start: Start, world: World, runtime: &Runtime) -> u8 {
    let Start { open, zone, profiles, notice } = start;
    let client = Arc::new(Client::new(world.limits.clone()));
    let from_stdin = open == Some(Source::Stdin);
    let mut plain =
        Plain { world, client, runtime, zone, profiles, source: None, thread: None, at: 0, finder: None };
    if let Some(notice) = notice {
        say(&sentence(&notice));
    }
    let mut code = 0;
    if let Some(source) = open {
        code = plain.open(source);
    } else {
        say("No thread is open. Type o and a thread id, a link or a file. h lists all commands.");
    }
    let Some(mut input) = keys(from_stdin) else { return code };
    let mut line = String::new();
    loop {
        prompt();
        line.clear();
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => return code,
            Ok(_) if plain.obey(line.trim()) == Next::Quit => return 0,
            Ok(_) => {}
        }
    }
}

/// Where commands come from: standard input, unless the thread came that way.
fn keys(from_stdin: bool) -> Option<Box<dyn BufRead>> {
    if from_stdin {
        return File::open(platform::TERMINAL)
            .ok()
            .map(|tty| Box::new(BufReader::new(tty)) as Box<dyn BufRead>);
    }
    Some(Box::new(BufReader::new(io::stdin())))
}

fn prompt() {
    if io::stdin().is_terminal() {
        let mut out = io::stdout().lock();
        let _ = write!(out, "> ").and_then(|()| out.flush());
    }
}

/// Prints text through the gate; a closed pipe is noticed when the next command is read.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", Safe::text(text).as_str()).and_then(|()| out.flush());
}

impl Plain<'_> {
    fn open(&mut self, source: Source) -> u8 {
        self.source = Some(source.clone());
        say(&format!("Opening {}.", source.typed()));
        match self.runtime.block_on(load(source, &self.world, &self.client, &mut |_| {})) {
            Ok(loaded) => {
                self.thread = Some(loaded);
                self.at = 0;
                self.about();
                self.message();
                0
            }
            Err(failure) => fail(&failure),
        }
    }

    fn obey(&mut self, line: &str) -> Next {
        if let Some(text) = line.strip_prefix('/') {
            self.search(text);
            return Next::Go;
        }
        if let Ok(number) = line.parse::<usize>() {
            self.go(number.saturating_sub(1));
            return Next::Go;
        }
        let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match command {
            "" | "n" | "j" => self.go(self.at.saturating_add(1)),
            "p" | "k" if self.at == 0 && self.len() > 0 => say("This is the first message."),
            "p" | "k" => self.go(self.at.saturating_sub(1)),
            "$" | "G" => self.go(usize::MAX),
            "m" | "1" => self.message(),
            "s" | "2" if rest.trim().is_empty() => self.spans(),
            "s" | "2" => self.span(rest.trim()),
            "f" | "3" => self.feedback(),
            "r" | "5" => self.raw(),
            "t" | "4" => self.about(),
            "e" => self.jump("error", crate::app::messages::is_error),
            "w" => self.jump("feedback", crate::app::messages::has_feedback),
            "o" => self.open_typed(rest.trim()),
            "P" if rest.trim().is_empty() => self.list_profiles(),
            "P" => self.use_profile(rest.trim()),
            "h" | "?" => say(HELP),
            "q" => return Next::Quit,
            _ => say(&format!("{command} is not a command. {HELP}")),
        }
        Next::Go
    }

    fn open_typed(&mut self, text: &str) {
        match recognise(text, self.profiles.preferred) {
            Ok(source) => {
                self.open(source);
            }
            Err(refused) => say(&refused.reason),
        }
    }

    fn len(&self) -> usize {
        self.thread.as_ref().map_or(0, |thread| thread.heads.len())
    }

    fn go(&mut self, to: usize) {
        let last = self.len().saturating_sub(1);
        if to > last && self.at == last {
            return say("This is the last message.");
        }
        self.at = to.min(last);
        self.message();
    }

    fn jump(&mut self, what: &str, wanted: impl Fn(&Head) -> bool) {
        let place = (self.at + 1..self.len()).find(|place| self.head(*place).is_some_and(&wanted));
        match place {
            Some(place) => self.go(place),
            None => say(&format!("No {what} after this message.")),
        }
    }

    fn head(&self, place: usize) -> Option<&Head> {
        self.thread.as_ref()?.heads.get(place)
    }

    fn provider(&self) -> Option<&'static dyn Provider> {
        self.thread.as_ref()?.provider().ok()
    }

    fn read(&self) -> Option<Message> {
        Some(self.provider()?.message(self.head(self.at)?.raw.bytes()))
    }

    fn about(&self) {
        let Some(thread) = &self.thread else { return say("No thread is open.") };
        let title = thread.thread.title.as_deref().unwrap_or("without a title");
        let errors = thread.heads.iter().filter(|head| crate::app::messages::is_error(head)).count();
        let said = thread.heads.iter().filter(|head| head.sentiment.is_some()).count();
        say(&format!("Thread: {title}."));
        say(&format!("{} messages, {errors} with errors, {said} with feedback.", thread.heads.len()));
        for oddity in &thread.ending.oddities {
            say(&format!("Note: {oddity}."));
        }
    }

    fn message(&self) {
        let Some(head) = self.head(self.at) else { return say("There are no messages.") };
        say(&format!("Message {} of {}: {}", self.at + 1, self.len(), self.facts(head)));
        if let Some(fault) = &head.fault {
            return say(&format!("It cannot be read: {}. r shows what came.", fault.reason));
        }
        let Some(message) = self.read() else { return };
        if let Some(error) = &message.error {
            say(&format!("Error: {} {}", error.kind, error.message));
        }
        for side in &message.sides {
            let text = side.text();
            let text = if text.is_empty() { "(no text)" } else { text.as_str() };
            say(&format!("{}:\n{text}", side.role_text.as_deref().unwrap_or(side.role.word())));
        }
    }

    fn facts(&self, head: &Head) -> String {
        let mut facts = vec![head.role.word().to_owned()];
        facts.extend(head.time.map(|at| time::full(at, &self.zone)));
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
        if head.spans > 0 {
            facts.push(number::counted(head.spans as usize, "span"));
        }
        facts.join(", ")
    }

    fn spans(&self) {
        let Some(message) = self.read().filter(|message| !message.spans.is_empty()) else {
            return say("This message has no spans.");
        };
        let forest = Forest::new(&message.spans);
        for (number, node) in forest.nodes().iter().enumerate() {
            if let Some(span) = message.spans.get(node.span as usize) {
                say(&span_line(number + 1, node.depth, span));
            }
        }
    }

    /// One of the spans, by its number in the list: what went in and what came out.
    fn span(&self, number: &str) {
        let (Some(head), Some(message)) = (self.head(self.at), self.read()) else { return };
        let forest = Forest::new(&message.spans);
        let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let node = at.and_then(|at| forest.nodes().get(at));
        let Some(span) = node.and_then(|node| message.spans.get(node.span as usize)) else {
            return say(&format!("There is no span {number}; s lists them with their numbers."));
        };
        say(&format!("Span {number}: {}, {}", span.name, span.operation));
        for part in Part::ALL {
            let raw = head.raw.piece(part.piece(span));
            let text = if raw.is_empty() { "nothing".to_owned() } else { json::pretty(raw, RAW) };
            say(&format!("{}: {text}", part.title()));
        }
    }

    fn feedback(&self) {
        let Some(message) = self.read().filter(|message| !message.feedback.is_empty()) else {
            return say("This message has no feedback.");
        };
        for feedback in &message.feedback {
            let words =
                if feedback.description.is_empty() { "(no words)" } else { feedback.description.as_str() };
            say(&format!("Feedback, {}: {words}", feedback.sentiment_text));
        }
    }

    fn raw(&self) {
        if let Some(head) = self.head(self.at) {
            say(&json::pretty(head.raw.bytes(), RAW));
        }
    }

    fn search(&mut self, typed: &str) {
        if !typed.is_empty() {
            match Finder::new(&Query::new(typed)) {
                Ok(finder) => self.finder = Some(finder),
                Err(error) => return say(&error.to_string()),
            }
        }
        let Some(finder) = self.finder.clone() else { return say("Nothing was searched for yet.") };
        self.jump("hit", |head| finder.count(head.raw.bytes(), 1) > 0);
    }
}

fn span_line(number: usize, depth: u32, span: &Span) -> String {
    let status = if span.is_failed() { ", failed" } else { "" };
    let error =
        span.error.as_ref().map(|error| format!(": {} {}", error.kind, error.message)).unwrap_or_default();
    let took = number::duration(span.measured_micros());
    format!("Span {number}, level {}: {}, {}, {took}{status}{error}", depth + 1, span.name, span.operation)
}

fn fail(failure: &Failure) -> u8 {
    say(&format!("Could not open it: {}.", failure.what));
    for said in &failure.said {
        say(&format!("The service says: {said}"));
    }
    say(&failure.advice);
    failure.exit_code
}
