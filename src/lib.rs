//! unspool: a terminal browser for chat threads.

pub mod action;
pub mod app;
pub mod cli;
pub mod config;
pub mod decode;
pub mod demo;
pub mod domain;
pub mod effect;
pub mod event;
pub mod export;
pub mod filter;
pub mod json;
pub mod keymap;
pub mod layout;
pub mod provider;
pub mod runtime;
pub mod search;
pub mod text;
pub mod theme;
pub mod trace;
pub mod ui;
