//! Statistics of many kept threads: their bodies are read one after another.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::ControlFlow;

use super::{MAX_ROWS, ThreadSteps};
use crate::domain::{MessageSummaries, Raw};
use crate::effect::AnalysedDay;
use crate::event::{AnalysedThread, LibraryAnalysis, LibraryOperation, MessagePlace};
use crate::library::{Account, KeptThread, LibraryReader, visit_messages};
use crate::provider::{self, Provider};
use crate::trace::{Days, OperationAnalysis, TurnTotals, day_of};

/// The maximum number of threads in the list of those with the most problems, or of the slowest ones if none has a problem.
const MAX_WORST: usize = 15;
const MAX_SLOWEST: usize = 5;

/// Computes the statistics of threads. `on_progress` is called with the number of finished threads and returns whether to
/// continue. Unreadable bodies are counted. With a day, only the turns of that day and their threads are included.
pub fn analyse_library(
    library: &dyn LibraryReader,
    threads: &[KeptThread],
    (day, in_use): (Option<AnalysedDay>, &[Account]),
    on_progress: &mut dyn FnMut(usize) -> bool,
) -> LibraryAnalysis {
    let mut collector = Collector { day, in_use: in_use.to_vec(), ..Collector::default() };
    for (done, thread) in threads.iter().enumerate() {
        if !on_progress(done) {
            break;
        }
        collector.add(library, thread);
    }
    collector.finish()
}

#[derive(Default)]
struct Collector {
    day: Option<AnalysedDay>,
    /// The accounts in use, whose examples are not marked.
    in_use: Vec<Account>,
    analysis: LibraryAnalysis,
    operations: OperationAnalysis,
    /// The longest step of each operation, and its message.
    slowest: HashMap<String, (i64, MessagePlace)>,
    days: Days,
}

impl Collector {
    fn add(&mut self, library: &dyn LibraryReader, thread: &KeptThread) {
        let provider = provider::by_id(&thread.account.service);
        let summaries = provider.and_then(|provider| read_summaries(library, thread, provider));
        let (Some(provider), Some(summaries)) = (provider, summaries) else {
            self.analysis.threads += 1;
            self.analysis.unreadable += 1;
            return;
        };
        let summaries = match self.day {
            None => summaries,
            Some(day) => turns_of_day(&summaries, day, provider),
        };
        if self.day.is_some() && summaries.is_empty() {
            return;
        }
        let steps = ThreadSteps::read(&summaries, provider);
        self.analysis.threads += 1;
        let id_of = |is_wanted: &dyn Fn(u32, u32) -> bool| message_id(&summaries, provider, is_wanted);
        let place_of = |message: Option<String>| MessagePlace {
            service: thread.account.service.clone(),
            account: thread.account.unless_in(&self.in_use),
            thread_id: thread.listed.id.clone(),
            message_id: message.unwrap_or_default(),
        };
        for row in steps.operations.rows() {
            let Some(slowest) = row.slowest else { continue };
            let known = self.slowest.get(&row.operation).map_or(-1, |(micros, _)| *micros);
            if slowest.micros > known {
                let place = place_of(id_of(&|index, _| index == slowest.turn));
                self.slowest.insert(row.operation, (slowest.micros, place));
            }
        }
        let mut totals = TurnTotals::default();
        for sample in &steps.samples {
            totals.add(sample);
            self.analysis.totals.add(sample);
            self.days.add(sample);
        }
        let first_problem = steps.samples.iter().find_map(|sample| sample.failed_at);
        let problem = id_of(&|_, position| Some(position) == first_problem);
        self.analysis.worst.push(AnalysedThread {
            place: place_of(problem),
            title: thread.listed.title.clone(),
            totals,
            slowest_micros: steps.samples.iter().filter_map(|sample| sample.micros).max(),
        });
        if self.analysis.worst.len() >= 2 * MAX_WORST {
            keep_worst(&mut self.analysis.worst);
        }
        self.operations.merge(steps.operations);
    }

    fn finish(mut self) -> LibraryAnalysis {
        keep_worst(&mut self.analysis.worst);
        let problems = self.analysis.worst.iter().filter(|thread| problem_count(thread) > 0).count();
        self.analysis.worst.truncate(if problems > 0 { problems } else { MAX_SLOWEST });
        let (rows, _) = self.operations.top_rows(MAX_ROWS);
        let operations = rows.into_iter().map(|stats| LibraryOperation {
            slowest: self.slowest.remove(&stats.operation).map(|(_, place)| place),
            stats,
        });
        LibraryAnalysis { operations: operations.collect(), days: self.days.into_rows(), ..self.analysis }
    }
}

/// Returns the messages of a day's turns.
fn turns_of_day(summaries: &MessageSummaries, day: AnalysedDay, provider: &dyn Provider) -> MessageSummaries {
    let steps = ThreadSteps::read(summaries, provider);
    let turns = steps.samples.iter().filter(|turn| AnalysedDay(day_of(turn)) == day);
    let positions = turns.flat_map(|turn| turn.first..turn.end);
    let mut of_day = MessageSummaries::default();
    of_day.extend(positions.filter_map(|position| summaries.get(position as usize)).cloned());
    of_day
}

fn problem_count(thread: &AnalysedThread) -> u64 {
    thread.totals.failed + thread.totals.negative
}

/// Keeps the threads with the most failed turns and negative feedback; among equal ones, the slowest.
fn keep_worst(threads: &mut Vec<AnalysedThread>) {
    threads.sort_by_key(|thread| (Reverse(problem_count(thread)), Reverse(thread.slowest_micros)));
    threads.truncate(MAX_WORST);
}

/// Reads the newest body of a thread into summaries, in the order of the browser.
fn read_summaries(
    library: &dyn LibraryReader,
    thread: &KeptThread,
    provider: &dyn Provider,
) -> Option<MessageSummaries> {
    let mut summaries = MessageSummaries::default();
    let read = visit_messages(library, thread, &mut |index, raw| {
        summaries.extend(vec![provider.read_summary(Raw::owned(raw.to_vec()), index)]);
        ControlFlow::Continue(())
    });
    if !provider.capabilities().is_ordered {
        summaries.sort_by_time();
    }
    read.is_ok().then_some(summaries)
}

/// Returns the id of the first message that is wanted, by its index in the body and its position.
fn message_id(
    summaries: &MessageSummaries,
    provider: &dyn Provider,
    is_wanted: &dyn Fn(u32, u32) -> bool,
) -> Option<String> {
    let mut numbered = (0..).zip(summaries.iter());
    let (_, summary) = numbered.find(|(position, summary)| is_wanted(summary.index, *position))?;
    Some(provider.read_message(summary.raw.bytes()).id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ListedThread, Timestamp};
    use crate::library::{Account, BodyFacts, FetchedBody, Library, ThreadSelection};

    /// Returns a library with a thread of each of these bodies.
    fn library(folder: &std::path::Path, bodies: &[(&str, &str)]) -> Library {
        let mut library = Library::open(&folder.join("library")).unwrap();
        for (number, (service, body)) in bodies.iter().enumerate() {
            let mut writer = library.start_body().unwrap();
            writer.write(body.as_bytes()).unwrap();
            let (body, facts) = (writer.finish().unwrap(), BodyFacts::default());
            let fetched = FetchedBody { body, facts, fetched_at: Timestamp(1) };
            let thread = ListedThread { id: number.to_string(), ..ListedThread::default() };
            library.keep(&Account::new(service, "https://h", None), &thread, fetched).unwrap();
        }
        library
    }

    fn messages(times: &[&str]) -> String {
        let pair = |(index, time): (usize, &&str)| {
            ["user", "assistant"].map(|role| {
                serde_json::json!({ "id": format!("{index}{role}"), "role": role, "content": "x", "created_at": time })
            })
        };
        let all: Vec<_> = times.iter().enumerate().flat_map(pair).collect();
        serde_json::json!({ "messages": all }).to_string()
    }

    #[test]
    fn the_turns_of_each_day_add_up_to_those_of_all_days() {
        let folder = tempfile::tempdir().unwrap();
        let sgp = include_str!("../../../assets/demo/sgp-lamp-order.json");
        let margin = include_str!("../../../assets/demo/camelai-margin.json");
        let two_days = messages(&["2026-09-01T23:59:00Z", "2026-09-02T00:01:00Z", "2026-09-02T10:00:00Z"]);
        let library = library(folder.path(), &[("sgp", sgp), ("camelai", margin), ("camelai", &two_days)]);
        let threads = library.threads(&ThreadSelection::default()).unwrap();
        let analyse = |day| analyse_library(&library, &threads, (day, &[]), &mut |_| true);
        let whole = analyse(None);
        assert!(whole.days.len() > 2 && whole.threads == 3, "{whole:?}");
        for day in &whole.days {
            let alone = analyse(Some(AnalysedDay(day.day)));
            assert_eq!((alone.days.as_slice(), &alone.totals), ([day.clone()].as_slice(), &day.totals));
            assert!((1..=3).contains(&alone.threads) && alone.worst.len() <= alone.threads);
        }
        let second = analyse(Some(AnalysedDay(Timestamp::parse("2026-09-02T00:00:00Z"))));
        assert!(second.worst.iter().any(|thread| thread.place.thread_id == "2" && thread.totals.turns == 2));
        let none = analyse(Some(AnalysedDay(Timestamp::parse("2020-01-01T00:00:00Z"))));
        assert_eq!((none.threads, none.totals.turns, none.operations.len()), (0, 0, 0));
    }
}
