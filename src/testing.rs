//! Re-exports for integration tests, benches and fuzz targets; not an API. Everything else is private to the crate, so that
//! the compiler reports dead code.

pub mod action {
    pub use crate::action::{ACTION_TABLE, Action, Group};
}
pub mod app {
    pub use crate::app::{App, Effects, Overlay, Prefs};
    pub mod detail {
        pub use crate::app::detail::Tab;
    }
}
pub mod app_loop {
    pub mod analysis {
        pub use crate::app_loop::analysis::{analyse_thread, filter_messages};
    }
    pub mod arrange {
        pub use crate::app_loop::arrange::arrange_threads;
    }
    pub mod context {
        pub use crate::app_loop::context::{Context, NetworkMode, Redaction};
    }
    pub mod effects {
        pub use crate::app_loop::effects::TaskRunner;
    }
    pub mod event_loop {
        pub use crate::app_loop::event_loop::{EffectHandler, EventLoop, Exit};
    }
    pub mod find_threads {
        pub use crate::app_loop::find_threads::run;
    }
    pub mod search {
        pub use crate::app_loop::search::{SearchJob, run};
    }
    pub mod sort {
        pub use crate::app_loop::sort::sort_messages;
    }
}
pub mod cli {
    pub use crate::cli::{Cli, FILTER_HELP, help};
}
pub mod clickhouse {
    pub use crate::clickhouse::{Address, ClickHouse, Login};
}
pub mod commands {
    pub mod load {
        pub use crate::commands::load::load;
    }
}
pub mod config {
    pub use crate::config::{ActiveAccess, Clipboard, ProfileChoice, Profiles, SAMPLE};
}
pub mod credentials {
    pub mod api_key {
        pub use crate::credentials::api_key::{KeySources, LazyApiKey};
    }
}
pub mod decode {
    pub use crate::decode::{Completeness, Limits, Outcome, Splitter};
}
pub mod demo {
    pub use crate::demo::{
        DEMO_ACCOUNT, DEMO_KEY, DEMO_VARIANT, DemoServer, DemoThread, REFUSED_ACCOUNT, REFUSED_KEY,
        canned_threads, start,
    };
}
pub mod domain {
    #[cfg(debug_assertions)]
    pub use crate::domain::steps::take_steps;
    pub use crate::domain::{
        AccountRef, Block, BodySummary, ByteRange, CodeField, ExitCode, Feedback, FetchProgress, FilterId,
        KeptAccount, KeptList, ListProgress, ListRefusal, ListUpdate, ListedAccount, ListedApplication,
        ListedNote, ListedThread, ListedVariant, ListingId, Message, MessageFlags, MessageKey,
        MessageSummaries, MessageSummary, Note, NotePlace, Origin, Raw, ReadingPlace, RecentThread,
        RequestId, Role, SavedState, SearchId, Segment, Sentiment, Side, SortedMessages, Source, Span,
        Status, Thread, ThreadNotes, ThreadRef, Timestamp, Usage, UserError,
    };
}
pub mod effect {
    pub use crate::effect::{Effect, ExternalProgram, FindRequest, Freshness};
}
pub mod event {
    pub use crate::event::{
        AnalysedThread, CommandOutput, Event, FetchUpdate, FoundMessage, FoundThread, FoundThreads,
        LibraryAnalysis, LibraryAnalysisUpdate, LibraryOperation, LibraryResults, LoadedMessage,
        MessagePlace, Mouse, MouseKind, SearchResults, ThreadAnalysis,
    };
}
pub mod export {
    pub use crate::export::{ExportedThread, Markdown, Redactor, WriteOptions, write_thread};
}
pub mod ingest {
    pub mod body_reader {
        pub use crate::ingest::body_reader::KnownMessages;
    }
    pub mod fetch {
        pub use crate::ingest::fetch::{
            CachePolicy, FetchRequest, FileRequest, ServiceClient, fetch, read_file,
        };
    }
    pub mod listing {
        pub use crate::ingest::listing::list;
    }
}
pub mod json {
    pub use crate::json::{Kind, Value, skip_value, write_string};
    pub mod tree {
        pub use crate::json::tree::{PathStep, Tree};
    }
}
pub mod keymap {
    pub use crate::keymap::{Chord, Key, Keymap};
}
pub mod library {
    pub use crate::library::{
        Account, BodyFacts, FetchedBody, HitExtent, Library, LibraryError, LibraryLocation, LibraryQuery,
        SearchMode, SearchOptions,
    };
}
pub mod net {
    pub use crate::net::{
        BodySink, Client, FetchControl, FetchError, FetchErrorKind, FetchHandle, FetchedBody, Limits,
        RedirectTarget, ResponseHead, TimeoutStage, fetch_control,
    };
}
pub mod platform {
    pub use crate::platform::now;
}
pub mod provider {
    pub use crate::provider::{
        HeaderText, ListScope, Provider, Request, ServiceAccess, ThreadScope, all, by_id,
    };
    pub mod camelai {
        pub use crate::provider::camelai::Camelai;
    }
    pub mod sgp {
        pub use crate::provider::sgp::Sgp;
    }
}
pub mod search {
    pub use crate::search::{Finder, Query};
}
pub mod storage {
    pub mod cache_file {
        pub use crate::storage::cache_file::{BodyCompleteness, Cache, CacheKey};
    }
    pub mod history {
        pub use crate::storage::history::History;
    }
    pub mod recent_threads {
        pub use crate::storage::recent_threads::RecentThreads;
    }
    pub mod thread_cache {
        pub use crate::storage::thread_cache::ThreadCache;
    }
}
pub mod terminal {
    pub use crate::terminal::enter;
    pub mod input {
        #[cfg(unix)]
        pub use crate::terminal::input::EventAssembler;
        pub use crate::terminal::input::InputReader;
    }
    pub mod panic_hook {
        pub use crate::terminal::panic_hook::{install_hook, set_tui_active};
    }
}
pub mod text {
    pub use crate::text::{Line, Safe, safe_json, scan_hidden, wrap_styled};
    pub mod chart {
        pub use crate::text::chart::{LogAxes, PlotStyle, Point, Series, bars, plot};
    }
    pub mod code {
        pub use crate::text::code::{highlight, language_from_name};
    }
    pub mod diff {
        pub use crate::text::diff::compare;
    }
    pub mod markdown {
        pub use crate::text::markdown::render;
    }
    pub mod table {
        pub use crate::text::table::{delimited_table, draw, html_table};
    }
    pub mod width {
        pub use crate::text::width::columns;
    }
    pub mod wrap {
        pub use crate::text::wrap::WrapIndex;
    }
}
pub mod theme {
    pub use crate::theme::{Role, Theme};
}
pub mod trace {
    pub use crate::trace::{
        ComparedTrace, Coverage, DayTotals, Flags, Folds, Forest, GapThreshold, OperationAnalysis,
        OperationStats, Row, Scale, SlowExample, TurnTotals, Visible, align, all_gaps, coverage,
        critical_path, gaps, self_times,
    };
}
pub mod ui {
    pub use crate::ui::draw;
}
pub mod view {
    pub use crate::view::{Clip, MessageView};
    pub mod message {
        pub use crate::view::message::TextOptions;
    }
    pub mod page {
        pub use crate::view::page::{PageLayout, lay_out};
    }
    pub mod thread_table {
        pub use crate::view::thread_table::ThreadGroup;
    }
}
