//! The file as people write it: right, wrong, and the sample that comes with the program.

use proptest::prelude::*;

use super::*;

fn problems(text: &str) -> Vec<String> {
    Config::parse(text).unwrap_err().iter().map(Problem::to_string).collect()
}

/// The values alone.
fn values(config: &Config) -> Vec<(String, String)> {
    config.rows().into_iter().map(|row| (row.name, row.value)).collect()
}

#[test]
fn the_sample_says_the_defaults_and_leaves_no_setting_out() {
    assert_eq!(Config::parse(SAMPLE), Ok(Config::default()));
    let uncomment = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    let all = SAMPLE.lines().map(uncomment).collect::<Vec<_>>().join("\n");
    let config = Config::parse(&all).unwrap();
    assert_eq!(values(&config), values(&Config::default()));
    for row in config.rows() {
        assert_ne!(row.origin, Origin::Default, "{} is not in the sample", row.name);
    }
}

#[test]
fn the_samples_examples_can_be_taken_as_they_are() {
    let examples: Vec<_> = SAMPLE.lines().map(|line| line.strip_prefix("#     ").unwrap_or(line)).collect();
    let config = Config::parse(&examples.join("\n")).unwrap();
    assert_eq!(config.clipboard.value, Clipboard::Command(vec!["wl-copy".into()]));
    assert_eq!(config.keymap().keys_of(Action::Reload), ["ctrl-r"]);
    assert_eq!((config.colors.len(), config.redact_patterns.len(), config.profiles.len()), (2, 1, 1));
}

#[test]
fn values_know_their_lines() {
    let config = Config::parse("theme = \"dark\"\n\n[network]\nmax_body = \"64 MiB\"\n").unwrap();
    assert_eq!((config.max_body.value, &config.max_body.origin), (64 << 20, &Origin::File { line: 4 }));
    assert_eq!(config.theme.origin.to_string(), "config.toml, line 1");
    assert_eq!(config.mouse.origin, Origin::Default);
}

#[test]
fn unknown_names_are_told_with_their_line_and_what_was_meant() {
    let text = "thmee = \"dark\"\n[network]\nmaxbody = \"1 GB\"\n[netwrok]\n[keys]\nrelod = [\"x\"]\n[colors]\neror = \"red\"\n";
    assert_eq!(
        problems(text),
        [
            "line 1: there is no setting `thmee`; did you mean `theme`?",
            "line 3: there is no setting `network.maxbody`; did you mean `max_body`?",
            "line 4: there is no setting `netwrok`; did you mean `network`?",
            "line 6: there is no action `relod`; did you mean `reload`?",
            "line 8: `colors.eror`: there is no role called `eror`; did you mean `error`?",
        ]
    );
}

#[test]
fn wrong_values_are_told_with_what_they_have_to_be() {
    for (text, wanted) in [
        ("mouse = \"yes\"", "`mouse` has to be true or false"),
        ("theme = \"drak\"", "did you mean \"dark\"?"),
        ("time = 3", "`time` has to be a table"),
        ("[network]\nmax_body = 5", "a size such as"),
        ("[network]\nmax_body = \"0 B\"", "a size such as"),
        ("[network]\nidle_timeout = \"soon\"", "a duration such as"),
        ("clipboard = []", "a list of a program"),
        ("[colors]\nerror = \"bold rde\"", "`rde` is neither a colour"),
        ("[keys]\ntop = [\"banana\"]", "which is no key"),
        ("[keys]\ntop = 3", "a list of keys"),
        ("profile = [\"wokr\"]\n[profiles.work]\nservice = \"sgp\"", "did you mean `work`?"),
        ("[profiles.work]\naccount = \"a\"", "has to say its `service`"),
        ("[profiles.work]\nservice = \"spg\"", "one of sgp, camelai"),
        ("[profiles.\"../x\"]\nservice = \"sgp\"", "letters, digits, - and _"),
        ("[profiles.work]\nservice = \"sgp\"\nbase_url = \"http://example.com\"", "it must be https"),
        ("[profiles.work]\nservice = \"sgp\"\nkey_command = \"pass show\"", "which no shell reads"),
        ("[profiles.work]\nservice = \"sgp\"\nkey_env = \"A\"\nkey_file = \"f\"", "only one of"),
        (
            "profile = [\"a\", \"b\"]\n[profiles.a]\nservice = \"sgp\"\n[profiles.b]\nservice = \"sgp\"",
            "both of sgp",
        ),
        ("theme = ", "this is not TOML"),
    ] {
        let told = problems(text).join("; ");
        assert!(told.contains(wanted), "{text}\n{told}");
    }
}

#[test]
fn a_key_in_the_open_is_refused_without_being_repeated() {
    let told = problems("[profiles.work]\nservice = \"sgp\"\napi_key = \"sk-canary\"").join("\n");
    assert!(told.contains("line 3") && told.contains("does not belong in this file"), "{told}");
    assert!(!told.contains("canary"), "{told}");
}

#[test]
fn keys_that_two_actions_want_are_told_with_both_names() {
    let told = problems("[keys]\nhelp = [\"j\"]\n");
    assert_eq!(told, ["line 2: `j` is wanted by both `down` and `help`"]);
    assert!(Config::parse("[keys]\nhelp = [\"j\"]\ndown = [\"down\"]\n").is_ok());
}

#[test]
fn the_environment_wins_over_the_file() {
    let mut config = Config::parse("theme = \"dark\"\nlog = \"warn\"\n[colors]\nerror = \"red\"").unwrap();
    config.overlay(&|_| None);
    assert_eq!(config.theme(), {
        let mut dark = Theme::dark();
        dark.set("error", "red").unwrap();
        dark
    });
    config.overlay(&|name| (name == "NO_COLOR").then(|| "1".to_owned()));
    assert_eq!(
        (config.theme(), config.theme.origin.to_string()),
        (Theme::plain(), "variable NO_COLOR".into())
    );
    config.overlay(&|name| (name == "UNSPOOL_LOG").then(|| "Debug".to_owned()));
    assert_eq!(config.log.value, "debug");
}

proptest! {
    #[test]
    fn any_text_is_a_configuration_or_has_problems_on_its_lines(text in "[a-z_.=\"\\[\\]\n #0-9]{0,80}") {
        if let Err(problems) = Config::parse(&text) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(problem.line >= 1 && problem.line <= 1 + text.matches('\n').count());
            }
        }
    }

    #[test]
    fn what_the_rows_say_can_be_read_back(text in "[^\u{0}-\u{1f}\u{7f}]{0,20}", size in 1_u64..1 << 50) {
        let mut config = Config::default();
        config.cache_limit.set(size, Origin::Default);
        config.clipboard.set(Clipboard::Command(vec![text]), Origin::Default);
        let rows = config.rows().into_iter().filter(|row| !row.name.contains('.'));
        let top: String = rows.map(|row| format!("{} = {}\n", row.name, row.value)).collect();
        let wanted = format!("{top}[cache]\nlimit = \"{}\"\n", quantity::write_size(size));
        let read = Config::parse(&wanted).unwrap();
        prop_assert_eq!(read.clipboard.value, config.clipboard.value);
        prop_assert_eq!(read.cache_limit.value, size);
    }
}
