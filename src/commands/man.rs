//! Man pages, generated from the command-line definition and the tables of the help.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::{Cli, help};
use crate::commands::maintenance::print;
use crate::commands::runner;
use crate::domain::{ExitCode, UserError};

/// The date of the version, for the footer of each page.
const VERSION_DATE: &str = "2026-11-30";

/// Prints the main man page, or writes those of all commands to a folder.
pub fn write_man_pages(folder: Option<&Path>) -> ExitCode {
    generate_man_pages(folder).unwrap_or_else(|error| runner::print_error(&error, None))
}

fn generate_man_pages(folder: Option<&Path>) -> Result<ExitCode, UserError> {
    let target = folder.map(|folder| format!(" to {}", folder.display())).unwrap_or_default();
    let failed = |error: io::Error| {
        UserError::new(
            format!("cannot write the man pages{target}: {error}"),
            "Pass another folder with --dir.",
            ExitCode::Failure,
        )
    };
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    match folder {
        Some(folder) => {
            fs::create_dir_all(folder).map_err(failed)?;
            write_pages(&command, folder).map_err(failed)?;
            Ok(ExitCode::Success)
        }
        None => {
            let mut page = Vec::new();
            render_page(&command, &mut page).map_err(failed)?;
            Ok(print(&String::from_utf8_lossy(&page)))
        }
    }
}

/// Writes the page of a command and those of its subcommands.
fn write_pages(command: &Command, folder: &Path) -> io::Result<()> {
    let mut page = Vec::new();
    render_page(command, &mut page)?;
    fs::write(folder.join(format!("{}.1", page_name(command))), page)?;
    command
        .get_subcommands()
        .filter(|known| !known.is_hide_set())
        .try_for_each(|known| write_pages(known, folder))
}

/// Returns the name of a command's page: `unspool-cache-list` for `unspool cache list`.
fn page_name(command: &Command) -> String {
    command.get_bin_name().unwrap_or_else(|| command.get_name()).replace(' ', "-")
}

fn render_page(command: &Command, page: &mut dyn Write) -> io::Result<()> {
    let name = page_name(command);
    let man = Man::new(command.clone().display_name(name.clone()))
        .title(name.to_uppercase())
        .date(VERSION_DATE)
        .source(format!("unspool {}", env!("CARGO_PKG_VERSION")))
        .manual("unspool manual");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    render_tables(page)
}

/// Renders the tables that are common to all commands.
fn render_tables(page: &mut dyn Write) -> io::Result<()> {
    let environment = help::environment();
    let variables = environment.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    render_table(page, "ENVIRONMENT", variables)?;
    render_table(page, "FILES", help::FILES.iter().copied())?;
    render_table(page, "EXIT STATUS", help::EXIT_CODES.iter().copied())?;
    render_table(page, "EXAMPLES", help::EXAMPLES.iter().copied())
}

fn render_table<'a>(
    page: &mut dyn Write,
    title: &str,
    rows: impl Iterator<Item = (&'a str, &'a str)>,
) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (name, text) in rows {
        roff.control("TP", []).text([bold(name)]).text([roman(text)]);
    }
    roff.to_writer(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_have_the_usual_sections() {
        let folder = tempfile::tempdir().unwrap();
        generate_man_pages(Some(folder.path())).unwrap();
        for name in ["unspool", "unspool-show", "unspool-cache-clear"] {
            let page = fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap();
            let title = format!(".TH {} 1 {VERSION_DATE}", name.to_uppercase());
            for part in
                ["ENVIRONMENT", "FILES", "EXIT STATUS", "UNSPOOL\\_PROFILE", "SGP\\_API\\_KEY", "network"]
            {
                assert!(
                    page.contains(part) || page.contains(&part.replace('\\', "")),
                    "{name}: {part}\n{page}"
                );
            }
            assert!(page.contains(&title) || page.contains(VERSION_DATE), "{name}: {page}");
        }
        assert!(!folder.path().join("unspool-help.1").exists());
    }

    #[test]
    fn the_date_is_that_of_the_version_in_the_changelog() {
        let heading = format!("## [{}] - ", env!("CARGO_PKG_VERSION"));
        let changelog = include_str!("../../CHANGELOG.md");
        let mut dates = changelog.lines().filter_map(|line| line.strip_prefix(&heading));
        assert_eq!(dates.next(), Some(VERSION_DATE));
    }
}
