//! Statistics of many kept threads: their bodies are read one after another.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::ControlFlow;

use super::{MAX_ROWS, ThreadSteps};
use crate::domain::{MessageSummaries, Raw};
use crate::event::{AnalysedThread, LibraryAnalysis, LibraryOperation, MessagePlace};
use crate::library::{KeptThread, LibraryReader, visit_messages};
use crate::provider::{self, Provider};
use crate::trace::{DayStats, Days, OperationAnalysis};

/// The most threads that are listed as the worst; if none has a problem, the slowest ones.
const MAX_WORST: usize = 15;
const MAX_SLOWEST: usize = 5;

/// Computes the statistics of threads. `on_progress` is called with the number of threads done and returns whether to go on.
/// A body that cannot be read is counted.
pub fn analyse_library(
    library: &dyn LibraryReader,
    threads: &[KeptThread],
    on_progress: &mut dyn FnMut(usize) -> bool,
) -> LibraryAnalysis {
    let mut collector = Collector::default();
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
    analysis: LibraryAnalysis,
    operations: OperationAnalysis,
    /// The longest step of each operation, and its message.
    slowest: HashMap<String, (i64, MessagePlace)>,
    days: Days,
}

impl Collector {
    fn add(&mut self, library: &dyn LibraryReader, thread: &KeptThread) {
        self.analysis.threads += 1;
        let provider = provider::by_id(&thread.account.service);
        let summaries = provider.and_then(|provider| read_summaries(library, thread, provider));
        let (Some(provider), Some(summaries)) = (provider, summaries) else {
            self.analysis.unreadable += 1;
            return;
        };
        let steps = ThreadSteps::read(&summaries, provider);
        let id_of = |is_wanted: &dyn Fn(u32, u32) -> bool| message_id(&summaries, provider, is_wanted);
        let place_of = |message: Option<String>| MessagePlace {
            service: thread.account.service.clone(),
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
        let mut totals = DayStats::default();
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

fn problem_count(thread: &AnalysedThread) -> u64 {
    thread.totals.failed + thread.totals.negative
}

/// Keeps the threads with the most failed turns and negative feedback; the slowest among equals.
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

/// The id of the first message that is wanted, by its index in the body and its position.
fn message_id(
    summaries: &MessageSummaries,
    provider: &dyn Provider,
    is_wanted: &dyn Fn(u32, u32) -> bool,
) -> Option<String> {
    let mut numbered = (0..).zip(summaries.iter());
    let (_, summary) = numbered.find(|(position, summary)| is_wanted(summary.index, *position))?;
    Some(provider.read_message(summary.raw.bytes()).id)
}
