//! unspool: a terminal browser for chat threads. This page is the architecture: read it before the code.
//!
//! # The flow
//!
//! One direction, and every step is plain data:
//!
//! ```text
//!  keys ─► Keymap ─► Action ┐                                     ┌─► tasks ─► HTTP · files · search · history
//!  paste, mouse, resize ────┼─► Event ─► App::update ─► Effects ──┤                │
//!  news of requests ────────┘              │  (pure)              └─► Quit         │
//!         ▲                                ▼                                       │
//!         └─────────── Event ◄──── bounded channel ◄───────────────────────────────┘
//!                                   App ─► ui::draw ─► screen    (once, after the queue is drained)
//! ```
//!
//! - [`app::App::update`] is synchronous and total: no clock, no I/O, no panic, whatever comes in whatever order. The same
//!   state and the same event give the same state and the same effects. A late or unknown fact is dropped.
//! - [`ui::draw`] reads the state and paints it. It changes nothing, and nothing depends on whether it ran. Where things
//!   are is a pure function, [`layout::areas`], which `app` (page size, mouse) and `ui` both call.
//! - Events and effects hold no closures and no channels: they can be logged, compared and replayed.
//! - The [loop](runtime::event_loop) takes what is ready, updates, and draws once. Before a frame it says
//!   [`event::Event::Settle`]: whatever the frame shows is prepared then, never while drawing. Something that moves by
//!   itself is asked for only while it does; an idle program does not wake up.
//! - Handlers never wait; tasks do. What can take longer than a key press (fetching, reading a large message, searching)
//!   is an effect whose result comes back as an event.
//! - An [`effect::RequestId`] makes the latest answer win: opening another thread cancels the request under way, and what
//!   still comes of it never reaches the screen.
//!
//! # From bytes to the screen
//!
//! A body is read chunk by chunk. [`decode`] finds each complete element of its list of messages as the bytes arrive; a
//! [`provider`] reads of each a small [`domain::Head`], which is all that the list needs. The message's own JSON stays
//! where it is ([`domain::Raw`] is a window into it), and a whole [`domain::Message`] with its blocks, spans and feedback
//! is read only when somebody looks. So the first messages are there before the body has ended, memory stays near the
//! size of the body, and a message that cannot be read costs one row, with its reason and its raw text.
//! When a thread comes again, only what has changed in it is read.
//!
//! Wire quirks stay in the folder of their service; providers do no I/O: they say which GET to do and read bytes. One
//! place, [`runtime::http`], has the timeouts, retries, caps and the rule that a key goes to one origin only.
//!
//! Every string from outside (titles, keys, ids, file names, error texts) is drawn, printed or logged only as
//! [`text::Safe`]. Widgets take nothing else.
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | [`Action`](action::Action) | what the user wants; name, help and default keys of all in one table |
//! | [`Event`](event::Event) | a fact: a key came, messages came, a fetch ended |
//! | [`Effect`](effect::Effect) | something for the outside to do |
//! | [`App`](app::App) | all state |
//! | `Thread`, `Message`, `Block`, `Span`, `Feedback` | the domain, common to both services |
//! | `Turn` | a message with two sides: what the user asked and the answer |
//! | [`Provider`](provider::Provider) | a service: ids to requests, bytes to domain values |
//! | [`Source`](effect::Source) | where a thread comes from: a service, a file, standard input |
//! | [`Phase`](app::loading::Phase) | what a request is doing; an old copy stays until the new one is there |
//! | [`Prepared`](app::Prepared) | a message made ready for drawing at one width |
//! | `Pane`, `Tab`, `Overlay`, `Scope` | places |
//! | [`Forest`](trace::Forest), [`Row`](trace::Row), [`Scale`](trace::Scale) | the span tree, one visible line of it, time to columns |
//! | [`Safe`](text::Safe) | text that passed the gate and may be drawn |
//! | [`Role`](theme::Role) | what a colour means |
//!
//! # Where code lives
//!
//! By role first, then by pane. `app/x` changes a pane and `ui/x` draws it: whoever sees the screen knows both names.
//!
//! | place | what |
//! |---|---|
//! | `main`, `cli` | the process; flags and subcommands as values |
//! | `domain` | threads, messages, spans, feedback: what both services mean |
//! | `json` | raw JSON without a tree in memory: scanning, values in place, foldable rows |
//! | `text` | the gate, widths, wrapping, Markdown, tables, code, numbers and times for people |
//! | `theme` | a few roles to styles |
//! | `trace` | spans to a forest; visible rows, time scale, gaps, self time, critical path |
//! | `decode` | bytes as they arrive to complete messages |
//! | `search` | a query and how to find it in raw JSON and in text |
//! | `filter` | terms that say which messages to show |
//! | `layout` | size to areas; a point on the screen to what is there |
//! | `action`, `keymap` | the table of actions; keys as text, sequences, conflicts |
//! | `provider` | the trait, and a folder for each service |
//! | `event`, `effect` | the two borders of the pure part |
//! | `app` | state and update; a file for each pane and one for loading |
//! | `ui` | drawing; a file for each pane and each tab |
//! | `config` | settings over defaults |
//! | `export` | a thread to other formats; the screen and the command line share them |
//! | `demo` | a server on loopback that speaks for both services |
//! | `runtime` | the loop; effects to tasks; HTTP, files, history, cache, terminal, signals; `platform` has what differs between systems |
//!
//! # What may import what
//!
//! A test reads this table and holds the source against it. A module may use itself, the standard library, and what its
//! row says. Only the rows marked *outside* may touch the world: files, network, threads, processes, the environment, the
//! clock, standard output.
//!
//! | module | of ours | crates | |
//! |---|---|---|---|
//! | `domain` | | `jiff` `memmap2` | |
//! | `json` | `domain` | `memchr` `wide` `serde_json` | |
//! | `text` | `domain` `json` `theme` | `unicode_width` `unicode_segmentation` `pulldown_cmark` `similar` `base64` `memchr` `jiff` `serde_json` | |
//! | `theme` | `text` | `ratatui` `thiserror` | |
//! | `trace` | `domain` | | |
//! | `decode` | `domain` `json` | `memchr` | |
//! | `search` | `domain` `json` | `memchr` `regex` `serde_json` `thiserror` | |
//! | `layout` | | `ratatui` | |
//! | `action` | | | |
//! | `keymap` | `action` | `thiserror` | |
//! | `provider` | `domain` `json` `decode` | `url` `percent_encoding` `secrecy` `memchr` `serde` `serde_json` `thiserror` | |
//! | `filter` | `domain` `provider` `search` | `thiserror` | |
//! | `effect` | `domain` `event` `search` `filter` `export` `app` | | |
//! | `event` | `domain` `trace` `effect` `keymap` `app` | | |
//! | `config` | `action` `keymap` `theme` `provider` `domain` `text` | `serde` `toml` `secrecy` `thiserror` | |
//! | `export` | `domain` `json` `text` `trace` `provider` | `pulldown_cmark` `serde` `serde_json` `jiff` `regex` `thiserror` `clap` | |
//! | `app` | `domain` `json` `text` `theme` `trace` `search` `filter` `layout` `action` `keymap` `provider` `effect` `event` `config` `export` | `jiff` `tui_textarea` | |
//! | `ui` | `domain` `json` `text` `theme` `trace` `search` `filter` `layout` `action` `keymap` `provider` `effect` `event` `export` `app` | `ratatui` `jiff` | |
//! | `cli` | `export` `provider` | `clap` `clap_complete` | |
//! | `demo` | | `axum` `tokio` `futures_util` `serde` `serde_json` `jiff` `url` | outside |
//! | `runtime` | `domain` `json` `text` `theme` `trace` `decode` `search` `filter` `layout` `action` `keymap` `provider` `effect` `event` `config` `export` `app` `ui` `cli` `demo` | any | outside |
//! | `main` | `runtime` | | outside |
//!
//! (`event` and `effect` know types of `app` that a task takes and hands back, such as the prepared message. `text` and
//! `theme` share roles and lines.)
//!
//! # Recipes
//!
//! - **A service**: a folder under `provider`, one line in [`provider::all`], fixtures. No other file.
//! - **An action**: a variant and a row in `action`, one match arm in `app/perform`. Help, hints and the README's key table
//!   follow from the row.
//! - **A detail tab**: a variant of `Tab`, a file under `app/detail` and its twin under `ui/detail`, the arms that the compiler asks for.
//! - **An effect**: a variant, an arm in `runtime/tasks`, an event for its result.
//! - **A look**: a role in `theme` with its styles; never a colour in `ui`.
//!
//! # How it is tested
//!
//! Pure parts beside their code, with properties over random input. `tests/contract` reads bodies of both services,
//! `tests/http` runs the client against a server that does everything wrong, `tests/flow` runs the real loop on a fake
//! terminal, `tests/screens` keeps pictures of every state, `tests/pty` runs the program in a pseudo-terminal and looks at
//! every byte that it writes. Time is paused in tests, not waited for.

pub mod action;
pub mod app;
pub mod app_loop;
pub mod cli;
pub mod commands;
pub mod config;
pub mod credentials;
pub mod decode;
pub mod demo;
pub mod domain;
pub mod effect;
pub mod event;
pub mod export;
pub mod filter;
pub mod ingest;
pub mod json;
pub mod keymap;
pub mod layout;
pub mod net;
pub mod platform;
pub mod provider;
pub mod search;
pub mod settings;
pub mod storage;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod trace;
pub mod ui;
pub mod view;
