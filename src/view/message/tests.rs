use proptest::prelude::*;

use super::*;
use crate::text::ToolOutput;

fn message_of(role: Role, blocks: Vec<Block>) -> Message {
    Message { role, sides: vec![Side { role, role_text: None, blocks }], ..Message::default() }
}

fn tool_result(text: &str) -> Block {
    Block::ToolResult {
        call_id: String::new(),
        is_error: false,
        blocks: vec![Block::Markdown(text.to_owned())],
    }
}

/// Returns the lines of the document under the heading of the speaker.
fn lines_of(message: &Message, width: usize, options: TextOptions) -> Vec<String> {
    let mut document = document(message, b"", width, options);
    document.set_all_folds(Fold::Open);
    let rows = document.window(0..usize::MAX);
    let body = rows.iter().filter(|row| !row.is_title).map(|row| row.line.plain_text());
    body.map(|line| line.trim_end().to_owned()).collect()
}

fn shown(role: Role, text: &str) -> String {
    lines_of(&message_of(role, vec![Block::Markdown(text.to_owned())]), 80, TextOptions::default()).join("\n")
}

#[test]
fn text_that_no_assistant_wrote_is_verbatim() {
    let text = "Why does __init__ fail? f(*args, **kwargs), ~~x~~ and <T>\n#include <vector>\n    four\n\n1. first\n3. third\n\
        Tom &amp; Jerry &copy; \\$5";
    for role in
        [Role::User, Role::System, Role::Hidden, Role::Developer, Role::Tool, Role::Other, Role::Unknown]
    {
        assert_eq!(shown(role, text), text, "{role:?}");
    }
    assert_eq!(shown(Role::Assistant, "__init__ &copy;"), "init ©");
}

#[test]
fn tool_output_is_a_table_only_if_it_is_one() {
    let drawn = |text| {
        lines_of(&message_of(Role::Tool, vec![tool_result(text)]), 60, TextOptions::default()).join("\n")
    };
    assert!(drawn("id,name\n1,Ann\n2,Bob").contains("│ id │ name │"));
    for text in ["Done, saved; thanks.\n  x,y", "| a | b |\n|---|---|\n| 1 | 2 |", "<p>a, b</p>\n\n\n  c"] {
        assert_eq!(drawn(text), text);
    }
}

#[test]
fn control_sequences_of_tools_are_counted_and_can_be_shown() {
    let text =
        "\u{1b}[32mok\u{1b}[0m 10%\rok 99%\n\u{1b}]8;;https://ci.example/1\u{1b}\\log\u{1b}]8;;\u{1b}\\";
    let message = message_of(Role::Tool, vec![tool_result(text)]);
    let expected = ["2 control sequences and 1 overwritten line removed · zh shows them", "ok 99%", "log"];
    assert_eq!(lines_of(&message, 80, TextOptions::default()), expected);
    let shown = TextOptions { hidden: HiddenText::Shown, ..TextOptions::default() };
    assert_eq!(lines_of(&message, 80, shown).first().unwrap(), "␛[32mok␛[0m 10%␍ok 99%");
    let source = TextOptions { mode: TextMode::Source, ..TextOptions::default() };
    assert_eq!(lines_of(&message, 80, source).first().unwrap(), "␛[32mok␛[0m 10%␍ok 99%");
}

#[test]
fn mode_changes_the_rendered_parts() {
    let text = "**a**";
    let shown = |role, mode| {
        let options = TextOptions { mode, ..TextOptions::default() };
        lines_of(&message_of(role, vec![Block::Markdown(text.to_owned())]), 80, options).join("\n")
    };
    assert_eq!(shown(Role::Assistant, TextMode::Source), "**a**");
    assert_eq!(shown(Role::User, TextMode::Source), "**a**");
    assert_eq!(shown(Role::User, TextMode::Rendered), "a");
}

#[test]
fn next_mode_shows_something_else() {
    let user = message_of(Role::User, vec![Block::Markdown("x".to_owned())]);
    let assistant = message_of(Role::Assistant, vec![Block::Markdown("x".to_owned())]);
    let turn =
        Message { sides: [user.sides.clone(), assistant.sides.clone()].concat(), ..Message::default() };
    let cycle = |message: &Message| {
        let modes = std::iter::successors(Some(TextMode::BySpeaker), |mode| Some(mode.next(message)));
        modes.skip(1).take_while(|mode| *mode != TextMode::BySpeaker).collect::<Vec<_>>()
    };
    assert_eq!(cycle(&user), [TextMode::Rendered]);
    assert_eq!(cycle(&assistant), [TextMode::Source]);
    assert_eq!(cycle(&turn), [TextMode::Source, TextMode::Rendered]);
}

fn visible_chars(text: &str) -> String {
    text::Safe::text(text).chars().filter(|c| !c.is_whitespace()).collect()
}

proptest! {
    #[test]
    fn verbatim_text_is_on_the_screen(text in "(\\PC|[\n\t*_#>`|$\\\\-]|1\\. |&amp;|<b>|word |日本|    ){0,80}", width in 8usize..60) {
        for role in [Role::User, Role::System, Role::Hidden] {
            let message = message_of(role, vec![Block::Markdown(text.clone())]);
            let lines = lines_of(&message, width, TextOptions::default()).concat();
            // A count of hidden characters may be above the text.
            prop_assert!(visible_chars(&lines).ends_with(&visible_chars(&text)), "{} of {:?}", lines, text);
        }
    }

    #[test]
    fn tool_output_without_movements_is_on_the_screen(text in "([a-zé日 ,;|]|\n|\u{1b}\\[3[0-7]m|\u{1b}\\]8;;x\u{7}|\\[|\\*|    ){0,80}", width in 8usize..60) {
        let message = message_of(Role::Tool, vec![tool_result(&text)]);
        let output = ToolOutput::read(&text);
        prop_assume!(output.table.is_none());
        let lines = lines_of(&message, width, TextOptions::default()).concat();
        prop_assert!(visible_chars(&lines).ends_with(&visible_chars(output.text())));
        prop_assert_eq!(output.removed_note().is_some(), text.contains('\u{1b}'));
    }
}

#[test]
fn the_end_of_a_text_of_25_mib_is_left_to_the_pager() {
    let line = "A line of forty characters, more or less\n";
    let text = line.repeat((25 << 20) / line.len());
    let message = message_of(Role::User, vec![Block::Markdown(text)]);
    let document = document(&message, b"", 80, TextOptions::default());
    let last = document.window(0..usize::MAX).last().unwrap().line.plain_text();
    assert_eq!(last, "… 1.0 MB more: v opens the whole text");
    let fits = shown(Role::User, &line.repeat(30));
    assert!(fits.ends_with("more or less"), "{fits}");
}
