//! unspool: a terminal browser for LLM chat threads. This page describes the architecture.
//!
//! # The flow
//!
//! Data flows in one direction, and every step is plain data:
//!
//! ```text
//!  keys ─► Keymap ─► Action ┐                                     ┌─► tasks ─► HTTP · files · search · library
//!  paste, mouse, resize ────┼─► Event ─► App::update ─► Effects ──┤                │
//!  fetch updates ───────────┘              │  (pure)              └─► Quit         │
//!         ▲                                ▼                                       │
//!         └─────────── Event ◄──── bounded channel ◄───────────────────────────────┘
//!                                   App ─► ui::draw ─► screen    (once, after the queue is drained)
//! ```
//!
//! - `App::update` is synchronous, deterministic and total: no clock, no I/O, and no panic, for any order of events. A late
//!   or unknown event is dropped.
//! - `ui::draw` reads the state and paints it. It changes nothing, and nothing depends on whether it ran. The pure
//!   functions of `layout`, which `app` (page size, mouse) and `ui` both call, compute the positions on the screen.
//! - Events and effects hold no closures and no channels: they can be logged, compared and replayed.
//! - The loop takes the events that are ready, updates, and draws once. Before a frame it sends `Event::PrepareFrame`:
//!   everything that the frame shows is prepared then, never while drawing. Ticks arrive only while something on the screen
//!   moves; an idle program does not wake up.
//! - Handlers never wait; tasks do. Work that may take longer than a key press (fetching, reading a large message,
//!   searching) is an effect whose result returns as an event.
//! - A `RequestId` identifies the latest request: opening another thread cancels the request in progress, and its late
//!   updates never reach the screen.
//!
//! # From bytes to the screen
//!
//! A body is read chunk by chunk. `decode` finds each complete element of its list of messages as the bytes arrive; a
//! provider reads from each a small `MessageSummary`, which is all that the list needs. The message's own JSON stays in
//! place (`domain::Raw` is a window into the body), and a whole `domain::Message` with its blocks, spans and feedback is
//! read only when it is shown. So the first messages appear before the body has ended, memory stays near the size of the
//! body, and an unreadable message is one row, with its reason and its raw text. A reload reads only the messages that
//! changed.
//!
//! The threads of an account are listed in the same way. A provider's `Listing` is a state machine without I/O: it returns
//! the next requests and reads their responses, in any order. `ingest::listing` sends several at once and passes each
//! `ListUpdate` on as soon as its rows are complete; the other lists continue if one is refused.
//!
//! `archive` fetches the listed threads at a pace that the service accepts, checks that each is whole, and passes it to the
//! `library`, which packs it, lists it in a manifest, and records it in a catalogue (SQLite) that can be recreated from the
//! files. A thread that was only read is in the library too, until its cached copy ages out: the catalogue follows the
//! files of the cache. The catalogue also contains the index for the search through all these threads. Only tasks read and
//! write the catalogue; neither the first frame nor a fetch waits for it. In the browser, `app_loop::index_updates` updates
//! the index after a fetch, after an archive run and after the first search: one update at a time, on a thread of low
//! priority. Readers use a `LibraryReader`: that catalogue, or the `clickhouse` server of a team, which `unspool library
//! push` fills.
//!
//! Words that narrow a list first select among its rows. After a pause in typing the library is searched for them too, and
//! the threads with hits in messages follow below the list, each once. Results for earlier words are dropped.
//!
//! Wire formats stay in the folder of their service. Providers do no I/O: they describe the GET request and read bytes. One
//! module, `net`, implements the timeouts, retries, caps and the rule that a key is sent to one origin only.
//!
//! Every string from outside (titles, keys, ids, file names, error texts) is drawn, printed or logged only as
//! `text::Safe`, which has passed the text gate. Widgets accept nothing else.
//!
//! # Glossary
//!
//! | word | meaning |
//! |---|---|
//! | `Action` | a command of the user; one table has the names, help texts and default keys of all actions |
//! | `Event` | an input of `App::update`: a key, a fetch update, a finished task |
//! | `Effect` | a side effect that `App::update` requests |
//! | `App` | the whole state; its parts own their updates and return effects, `App` routes events to them |
//! | `Shown`, `Panes` | the list, the detail pane and the search with the data that they depend on: borrowed to read, and to change |
//! | `Thread`, `Message`, `Block`, `Span`, `Feedback` | the domain, common to both services |
//! | `MessageSummary` | the part of a message that the list shows |
//! | `Turn` | a message with two sides: the user's question and the answer |
//! | `Provider` | a service: ids to requests, bytes to domain values |
//! | `Listing` | a walk over a service's lists without I/O: returns the next requests, reads bytes to `ListUpdate`s |
//! | `Applications` | the applications and variants of an account, and their names |
//! | `Library`, `Revision` | the threads that are kept or were read; a version of a thread's body |
//! | `LibraryReader` | the operations of a library that can be read, in the folder or on a server |
//! | `Source` | the origin of a thread: a service, a file or standard input |
//! | `Phase` | the state of a request; an earlier copy stays on the screen until the new one is complete |
//! | `MessageView` | a message prepared for drawing at one width |
//! | `Pane`, `Tab`, `Overlay` | parts of the screen |
//! | `Forest`, `Row`, `Scale` | the span tree; a visible line of it; the map from time to columns |
//! | `Safe` | text that passed the text gate and may be drawn |
//! | `Role` | the meaning of a colour |
//!
//! # Where code lives
//!
//! By role first, then by pane. `app/x` changes a pane and `ui/x` draws it.
//!
//! | module | contents |
//! |---|---|
//! | `main`, `cli` | the process; flags and subcommands as values |
//! | `commands` | a file per subcommand; `tui` and `plain` start the browser |
//! | `domain` | threads, messages, spans, feedback, ids, errors |
//! | `json` | raw JSON without a tree in memory: scanning, values in place, foldable rows |
//! | `text` | the text gate, widths, wrapping, Markdown, tables, code, numbers and times for people |
//! | `theme` | roles to styles |
//! | `trace` | spans to a forest of trees; visible rows, time scale, gaps, self time, critical path |
//! | `decode` | arriving bytes to complete messages, and to rows of lists |
//! | `search` | a query, and its hits in decoded and folded text |
//! | `filter` | expressions that select messages, spans or listed threads |
//! | `layout` | screen size to areas; a cell to the element under it |
//! | `action`, `keymap` | the table of actions; keys as text, sequences, conflicts |
//! | `provider` | the trait `Provider`, a folder for each service with the walks over its lists, and the parser of ids, links and paths |
//! | `view` | pure builders of documents: messages, payloads, metadata, comparisons, changes |
//! | `event`, `effect` | the inputs and outputs of `App::update` |
//! | `app` | state and update; a file for each pane, overlay and feature |
//! | `ui` | drawing; file names equal those of `app` |
//! | `export` | conversion of threads to other formats, for the browser and the command line |
//! | `config` | the settings model and its file format |
//! | `settings` | the effective settings: file, environment, flags |
//! | `credentials` | base URL, account and API key of each service; profiles |
//! | `storage` | cached copies, history, recent threads, log, safe files |
//! | `library` | threads kept for years, and those that were read: packed bodies, checksums, catalogue, search index, notes |
//! | `clickhouse` | the library on a ClickHouse server: tables, push, search |
//! | `net` | the HTTP client: limits, retries, TLS, the endpoints of OTLP and ClickHouse |
//! | `ingest` | bytes to fetch updates: cache policy, body reader, diagnosis; lists |
//! | `archive` | runs that fetch an account's threads into the library |
//! | `terminal` | entering and restoring the terminal, input, clipboard, external programs, signals |
//! | `app_loop` | the event loop and the tasks that perform effects |
//! | `platform` | differences between operating systems; clock, fail points |
//! | `demo` | a loopback server that speaks for both services |
//! | `testing` | the items that tests and benches use |
//!
//! # What may import what
//!
//! A test reads this table and checks the source against it. A module may use itself, the standard library, and the modules
//! and crates of its row. The last column lists the parts of the outside world that the module may use; all other modules
//! are pure.
//!
//! | module | modules | crates | outside world |
//! |---|---|---|---|
//! | `domain` | | `jiff` `memmap2` `bitflags` | |
//! | `json` | `domain` | `memchr` `wide` `serde_json` | |
//! | `text` | `domain` `json` `theme` | `unicode_width` `unicode_segmentation` `icu_properties` `icu_segmenter` `pulldown_cmark` `similar` `base64` `memchr` `jiff` `serde_json` `strsim` `shlex` | |
//! | `theme` | | `ratatui` `thiserror` | |
//! | `trace` | `domain` | `bitflags` | |
//! | `decode` | `domain` `json` | `memchr` | |
//! | `search` | `domain` `json` | `memchr` `aho_corasick` `regex` `regex_syntax` `pulldown_cmark` `unicode_normalization` `serde_json` `thiserror` | |
//! | `layout` | | `ratatui` | |
//! | `action` | | | |
//! | `keymap` | `action` | `thiserror` | |
//! | `provider` | `domain` `json` `decode` | `url` `percent_encoding` `secrecy` `shlex` `memchr` `serde` `serde_json` `thiserror` | |
//! | `filter` | `domain` `json` `provider` `search` `trace` | `strsim` `thiserror` | |
//! | `view` | `domain` `json` `text` `theme` `trace` `search` `provider` `layout` | `jiff` | |
//! | `effect` | `domain` `search` `filter` `export` `view` | | |
//! | `event` | `domain` `trace` `keymap` `view` | | |
//! | `config` | `action` `keymap` `theme` `provider` `domain` `text` | `serde` `toml` `secrecy` `thiserror` | |
//! | `export` | `domain` `json` `text` `trace` `provider` | `pulldown_cmark` `serde` `serde_json` `jiff` `regex` `aho_corasick` `memchr` `base64` `thiserror` `clap` `opentelemetry_proto` | |
//! | `app` | `domain` `json` `text` `theme` `trace` `search` `filter` `layout` `action` `keymap` `provider` `view` `effect` `event` `config` `export` | `jiff` `tui_textarea` | |
//! | `ui` | `domain` `json` `text` `theme` `trace` `search` `filter` `layout` `action` `keymap` `config` `provider` `view` `effect` `event` `export` `app` | `ratatui` `jiff` | |
//! | `cli` | `domain` `export` `provider` | `clap` `clap_complete` | |
//! | `platform` | `domain` | `rustix` `tokio` `tempfile` `winapi_util` `clipboard_win` | disk, processes, terminal, environment, threads, clock |
//! | `storage` | `domain` `text` `provider` `decode` `config` `platform` | any | disk, terminal, environment, threads, clock |
//! | `library` | `domain` `json` `text` `trace` `decode` `provider` `search` `filter` `storage` `platform` | `rusqlite` `zstd` `sha2` `unicode_normalization` `serde` `serde_json` `jiff` `thiserror` | disk |
//! | `net` | `domain` `text` `provider` | any | network, disk, environment, clock |
//! | `settings` | `domain` `text` `provider` `config` `export` `cli` `storage` `library` `net` `platform` | any | disk, environment, clock |
//! | `credentials` | `domain` `provider` `config` `settings` `cli` `storage` `platform` `text` | any | disk, processes |
//! | `clickhouse` | `domain` `provider` `filter` `library` `net` `credentials` | `tokio` `url` `secrecy` `serde` `serde_json` `sha2` `zstd` `jiff` | |
//! | `ingest` | `domain` `json` `text` `decode` `provider` `event` `net` `storage` `library` `credentials` `platform` | any | disk, terminal, threads, clock |
//! | `archive` | `domain` `provider` `net` `ingest` `library` `platform` | `tokio` `futures_util` `siphasher` | threads, clock |
//! | `terminal` | `domain` `text` `keymap` `config` `view` `effect` `event` `platform` | any | terminal, disk, processes, environment, threads, clock |
//! | `app_loop` | `domain` `text` `theme` `trace` `search` `filter` `provider` `view` `effect` `event` `config` `export` `cli` `app` `ui` `settings` `credentials` `net` `storage` `library` `clickhouse` `ingest` `archive` `terminal` `platform` | any | threads, clock, environment |
//! | `commands` | `domain` `json` `text` `theme` `trace` `decode` `search` `filter` `layout` `provider` `view` `effect` `event` `config` `export` `cli` `app` `settings` `credentials` `net` `storage` `library` `clickhouse` `ingest` `archive` `terminal` `app_loop` `platform` `demo` | any | terminal, disk, environment, threads, clock |
//! | `demo` | | `axum` `tokio` `futures_util` `serde` `serde_json` `jiff` `url` | network, threads, clock |
//! | `testing` | `action` `app` `app_loop` `cli` `clickhouse` `commands` `config` `credentials` `decode` `demo` `domain` `effect` `event` `export` `ingest` `json` `keymap` `layout` `library` `net` `platform` `provider` `search` `settings` `storage` `terminal` `text` `theme` `trace` `ui` `view` | | |
//! | `main` | `commands` | | processes |
//!
//! # Recipes
//!
//! Each list is complete: a test or the compiler requires every step.
//!
//! - **A service**: a folder under `provider`, its line in `provider::all`, fixtures. Command line values, completions and
//!   texts follow from the registry.
//! - **An action**: a row in `action/table`, and the match arms that the compiler requires in `app`. Help, the palette and
//!   the key table of `docs/browser.md` follow from the row (`UPDATE_DOCS=1 cargo test --test readme` renews the table).
//! - **A detail tab**: a variant of `Tab`, a file under `app/detail` and the file of the same name under `ui/detail`, and
//!   the arms that the compiler requires.
//! - **A page over the panes**: a variant of `Overlay`, a file under `app` and the file of the same name under `ui`, and
//!   the arms that the compiler requires.
//! - **An effect**: a variant, its arm in `app_loop/effects`, an event for its result, and the arms of the effect recorders
//!   in `tests` and `benches`.
//! - **An export format**: a file under `export`, and a variant of `ExportFormat` with the arms that the compiler requires.
//! - **A setting**: a field in `config`, its line in `config/parse`, in `config/effective` and in `assets/config.toml`; a
//!   test compares the sample with the defaults.
//! - **A command**: a variant and its arguments in `cli`, a file under `commands`, its arm in `commands::run`.
//! - **A colour or style**: a role in `theme` with its styles; never a colour in `ui`.
//!
//! # How it is tested
//!
//! Pure modules have unit tests next to the code, with properties over random input. `tests/contract` reads bodies of both
//! services, `tests/http` runs the client against a server that misbehaves in every way, `tests/cli` and `tests/commands`
//! run the program as scripts do, `tests/flow` runs the real loop on a fake terminal, `tests/screens` keeps snapshots of
//! every visible state, `tests/pty` runs the program in a pseudo-terminal and checks every byte that it writes. Tests pause
//! the clock instead of waiting.

mod action;
mod app;
mod app_loop;
mod archive;
mod cli;
mod clickhouse;
mod commands;
mod config;
mod credentials;
mod decode;
mod demo;
mod domain;
mod effect;
mod event;
mod export;
mod filter;
mod ingest;
mod json;
mod keymap;
mod layout;
mod library;
mod net;
mod platform;
mod provider;
mod search;
mod settings;
mod storage;
mod terminal;
mod text;
mod theme;
mod trace;
mod ui;
mod view;

pub mod testing;

pub use commands::run;
