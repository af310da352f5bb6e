//! Copies and exports in the plain mode.

use std::sync::Arc;

use clap::ValueEnum;

use super::{PlainSession, print_sanitized, spoken_text};
use crate::app_loop::save;
use crate::effect::ExportRequest;
use crate::export::ExportFormat;
use crate::terminal::clipboard;
use crate::text::to_sentence;
use crate::view::Clip;

impl PlainSession<'_> {
    /// Copies the text of the message.
    pub(super) fn copy_text(&self) {
        let Some(message) = self.read_message() else { return print_sanitized("No message to copy.") };
        let texts: Vec<String> = message.sides.iter().map(|side| spoken_text::side_text(side).0).collect();
        let text = texts.join("\n\n").trim().to_owned();
        if text.is_empty() {
            return print_sanitized("This message has no text to copy.");
        }
        let copied = clipboard::copy(&Clip { label: "text", text }, &self.context.clipboard);
        print_sanitized(&to_sentence(&copied.unwrap_or_else(|reason| reason)));
    }

    /// Exports the thread to a new file in the working folder.
    pub(super) fn export(&self, name: &str) {
        let Some(loaded) = &self.thread else { return print_sanitized("No thread is open.") };
        let Ok(format) = ExportFormat::from_str(name, true) else {
            let values = ExportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
            let names: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
            return print_sanitized(&format!("Type x and a format: {}.", names.join(", ")));
        };
        let request = ExportRequest {
            format,
            service: loaded.service,
            thread: loaded.thread.clone(),
            summaries: loaded.summaries.clone(),
            notes: Arc::clone(&loaded.notes),
            message_indices: None,
            payloads: None,
            redact: false,
            warnings: loaded.body_summary.warnings.clone(),
        };
        let (notice, _) = save::export_to_file(request, &self.context.redaction);
        print_sanitized(&to_sentence(&notice));
    }
}
