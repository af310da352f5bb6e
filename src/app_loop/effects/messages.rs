//! The effects that compute over the messages of a thread: reading, searching, filtering, sorting, and page layout.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{TaskRunner, replace_stop_flag};
use crate::app_loop::analysis;
use crate::app_loop::failure::task_failed_event;
use crate::app_loop::search::{self, SearchJob};
use crate::app_loop::sort::sort_messages;
use crate::domain::{FilterId, MessageKey, MessageSummaries, Raw, SortId, SortOrder};
use crate::event::{Event, LoadedMessage};
use crate::filter::Filter;
use crate::platform;
use crate::provider;
use crate::view::MessageView;
use crate::view::hit_lines::HitRequest;
use crate::view::message::TextOptions;
use crate::view::page::{self, PageContent, PageLayout};

impl TaskRunner {
    /// Reads a message, and stops reading the previous one, which is no longer selected.
    pub(super) fn read_message(
        &mut self,
        (key, width): (MessageKey, usize),
        service: &'static str,
        raw: Raw,
        options: TextOptions,
    ) {
        let stop = replace_stop_flag(&mut self.read_stop_flag);
        self.spawn("reading a message", move || {
            let is_stopped = || stop.load(Ordering::Relaxed);
            let provider = provider::by_id(service)?;
            let view = MessageView::new_cancellable(&is_stopped, provider, &raw, (width, options))?;
            Some(Event::MessageReady(LoadedMessage { key, width, raw, view: Arc::new(view) }))
        });
    }

    pub(super) fn read_hits(&self, request: Box<HitRequest>) {
        self.spawn("reading hits", move || {
            let provider = provider::by_id(request.service)?;
            Some(Event::HitsRead(Box::new(request.run(provider))))
        });
    }

    pub(super) fn filter_messages(
        &mut self,
        id: FilterId,
        summaries: MessageSummaries,
        filter: Filter,
        service: &'static str,
    ) {
        let stop = replace_stop_flag(&mut self.filter_stop_flag);
        self.spawn("filter", move || {
            let provider = provider::by_id(service)?;
            let visible = analysis::filter_messages(&summaries, &filter, provider, &stop)?;
            Some(Event::Filtered { id, visible: Arc::new(visible) })
        });
    }

    /// Sorts messages in groups that begin at these indices.
    pub(super) fn sort_messages(
        &mut self,
        id: SortId,
        order: SortOrder,
        (summaries, questions): (MessageSummaries, Vec<u32>),
        service: &'static str,
    ) {
        let stop = replace_stop_flag(&mut self.sort_stop_flag);
        self.spawn("sorting", move || {
            let provider = provider::by_id(service)?;
            let sorted = sort_messages(&summaries, &questions, order, provider, &stop)?;
            Some(Event::Sorted { id, sorted: Arc::new(sorted) })
        });
    }

    pub(super) fn start_search(&mut self, job: SearchJob) {
        self.stop_search();
        let stop = Arc::new(AtomicBool::new(false));
        self.search_stop_flag = Some(Arc::clone(&stop));
        self.spawn_thread(task_failed_event("search"), move |outbox| {
            platform::fail_point("searching");
            search::run(&job, outbox, &stop);
        });
    }

    pub(super) fn stop_search(&mut self) {
        if let Some(stop) = self.search_stop_flag.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Lays out the top page, and stops the layout of an earlier page or width.
    pub(super) fn lay_out_page(&mut self, page_id: u64, content: PageContent, width: usize) {
        self.stop_layout();
        let stop = Arc::new(AtomicBool::new(false));
        self.layout_stop_flag = Some(Arc::clone(&stop));
        self.spawn("page layout", move || {
            let document = page::lay_out(&content, width, &|| stop.load(Ordering::Relaxed))?;
            Some(Event::PageReady(Box::new(PageLayout { page_id, document })))
        });
    }

    pub(super) fn stop_layout(&mut self) {
        if let Some(stop) = self.layout_stop_flag.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }
}
