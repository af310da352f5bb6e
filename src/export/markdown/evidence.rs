//! Evidence for a ticket: a quote, its source, and the command that opens it, as one block of Markdown.

use super::escape::{escape_inline, write_code_block, write_quote};
use crate::text::Safe;

/// A quote with its origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    pub quote: String,
    /// Lines below the quote, such as its source and its turn.
    pub origin: Vec<String>,
    /// The command that opens the place of the quote.
    pub command: Option<String>,
}

impl Evidence {
    /// Returns the block as Markdown. The quote is neutralized.
    pub fn to_markdown(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory does not fail.
        _ = write_quote(&mut out, self.quote.trim_end());
        for line in &self.origin {
            out.extend_from_slice(format!("\n{}\n", escape_inline(&Safe::line(line))).as_bytes());
        }
        if let Some(command) = &self.command {
            out.push(b'\n');
            _ = write_code_block(&mut out, "sh", command);
        }
        String::from_utf8_lossy(&out).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_the_source_stays_inert() {
        let evidence = Evidence {
            quote: "Free within 60 days.\n```\n# x".to_owned(),
            origin: vec!["Policy *2024* @all · 0.871".to_owned()],
            command: Some("unspool sgp:1 --message m".to_owned()),
        };
        assert_eq!(
            evidence.to_markdown(),
            "> Free within 60 days.\n> ```\n> # x\n\nPolicy \\*2024\\* \\@&#8203;all · 0.871\n\n\
             ```sh\nunspool sgp:1 --message m\n```"
        );
    }
}
