//! Valid files, invalid files, and the sample that comes with the program.

use proptest::prelude::*;

use super::*;

fn parse_errors(text: &str) -> Vec<String> {
    Config::parse(text).unwrap_err().iter().map(ConfigError::to_string).collect()
}

/// Names and values, without origins.
fn setting_values(config: &Config) -> Vec<(String, String)> {
    config.effective_settings().into_iter().map(|row| (row.name, row.value)).collect()
}

#[test]
fn sample_matches_the_defaults_and_lists_every_setting() {
    assert_eq!(Config::parse(SAMPLE), Ok(Config::default()));
    let uncomment = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    let all = SAMPLE.lines().map(uncomment).collect::<Vec<_>>().join("\n");
    let config = Config::parse(&all).unwrap();
    assert_eq!(setting_values(&config), setting_values(&Config::default()));
    for row in config.effective_settings() {
        assert_ne!(row.origin, SettingOrigin::Default, "{} is not in the sample", row.name);
    }
}

#[test]
fn sample_examples_are_valid() {
    let examples: Vec<_> = SAMPLE.lines().map(|line| line.strip_prefix("#     ").unwrap_or(line)).collect();
    let config = Config::parse(&examples.join("\n")).unwrap();
    assert_eq!(config.clipboard.value, Clipboard::Command(vec!["wl-copy".into()]));
    assert_eq!(config.keymap().keys_of(Action::Reload), ["ctrl-r"]);
    assert_eq!((config.colors.len(), config.redact_patterns.len(), config.profiles.len()), (2, 1, 1));
}

#[test]
fn values_record_their_lines() {
    let config = Config::parse("theme = \"dark\"\n\n[network]\nmax_body = \"64 MiB\"\n").unwrap();
    assert_eq!(
        (config.max_body.value, &config.max_body.origin),
        (64 << 20, &SettingOrigin::File { line: 4 })
    );
    assert_eq!(config.theme.origin.to_string(), "config.toml, line 1");
    assert_eq!(config.mouse.origin, SettingOrigin::Default);
}

#[test]
fn unknown_names_report_their_line_and_a_suggestion() {
    let text = "thmee = \"dark\"\n[network]\nmaxbody = \"1 GB\"\n[netwrok]\n[keys]\nrelod = [\"x\"]\n[colors]\neror = \"red\"\n";
    assert_eq!(
        parse_errors(text),
        [
            "line 1: unknown setting `thmee`; did you mean `theme`?",
            "line 3: unknown setting `network.maxbody`; did you mean `max_body`?",
            "line 4: unknown setting `netwrok`; did you mean `network`?",
            "line 8: `colors.eror`: unknown role `eror`; did you mean `error`?",
        ]
    );
}

#[test]
fn invalid_values_report_the_expected_ones() {
    for (text, expected) in [
        ("mouse = \"yes\"", "`mouse` must be true or false"),
        ("theme = \"drak\"", "did you mean `dark`?"),
        ("theme = 3", "`theme` must be a quoted string"),
        ("theme = \"clam\"\n[themes.calm]", "did you mean `calm`?"),
        ("[themes.dark]", "line 1: a theme needs an unused name"),
        ("[themes.x]\nbase = \"calm\"", "`themes.x.base` must be one of"),
        ("[themes.x]\neror = \"red\"", "`themes.x.eror`: unknown role `eror`; did you mean `error`?"),
        ("time = 3", "`time` must be a table"),
        ("[network]\nmax_body = 5", "a size such as"),
        ("[network]\nmax_body = \"0 B\"", "a size such as"),
        ("[network]\nidle_timeout = \"soon\"", "a duration such as"),
        ("clipboard = []", "a list of a program"),
        ("[colors]\nerror = \"bold rde\"", "`rde` is neither a colour"),
        ("profile = [\"wokr\"]\n[profiles.work]\nservice = \"sgp\"", "did you mean `work`?"),
        ("[profiles.work]\naccount = \"a\"", "needs a `service`"),
        ("[profiles.work]\nservice = \"spg\"", "one of sgp, camelai"),
        ("[profiles.\"../x\"]\nservice = \"sgp\"", "letters, digits, - and _"),
        (
            "[profiles.work]\nservice = \"sgp\"\nbase_url = \"http://example.com\"",
            "it must start with https://",
        ),
        ("[profiles.work]\nservice = \"sgp\"\nkey_command = \"pass show\"", "no shell is involved"),
        ("[profiles.work]\nservice = \"sgp\"\nkey_env = \"A\"\nkey_file = \"f\"", "only one of"),
        (
            "profile = [\"a\", \"b\"]\n[profiles.a]\nservice = \"sgp\"\n[profiles.b]\nservice = \"sgp\"",
            "both for sgp",
        ),
        ("theme = ", "invalid TOML"),
    ] {
        let errors = parse_errors(text).join("; ");
        assert!(errors.contains(expected), "{text}\n{errors}");
    }
}

#[test]
fn plaintext_api_key_is_rejected_without_being_echoed() {
    let errors = parse_errors("[profiles.work]\nservice = \"sgp\"\napi_key = \"sk-canary\"").join("\n");
    assert!(errors.contains("line 3") && errors.contains("does not belong in this file"), "{errors}");
    assert!(!errors.contains("canary"), "{errors}");
}

#[test]
fn an_invalid_key_is_ignored_with_a_warning() {
    for (keys, warning, action, bound) in [
        ("top = [\"banana\", \"T\"]", "line 2: `keys.top`: \"banana\" is not a key", Action::Top, "T"),
        ("top = [\"banana\"]", "line 2: `keys.top`: \"banana\" is not a key", Action::Top, "gg home"),
        ("top = 3", "line 2: `keys.top` must be a list of keys", Action::Top, "gg home"),
        (
            "relod = [\"x\"]\ntop = \"T\"",
            "line 2: unknown action `relod`; did you mean `reload`?",
            Action::Top,
            "T",
        ),
        (
            "help = [\"j\", \"T\"]",
            "line 2: `j` is bound to both `down` and `help`; `help` does not get it",
            Action::Help,
            "T",
        ),
        (
            "help = [\"g\"]",
            "line 2: `g` is bound to both `top` and `help`; `help` does not get it",
            Action::Help,
            "? f1",
        ),
        (
            "help = [\"T\"]\nreload = [\"T\", \"U\"]",
            "line 3: `T` is bound to both `help` and `reload`; `reload` does not get it",
            Action::Reload,
            "U",
        ),
    ] {
        let config = Config::parse(&format!("[keys]\n{keys}\nquit = [\"Q\"]\n")).unwrap();
        let warnings: Vec<String> = config.warnings.iter().map(ConfigError::to_string).collect();
        assert!(warnings.iter().any(|text| text.starts_with(warning)), "{keys}: {warnings:?}");
        assert_eq!(config.keymap().keys_of(action).join(" "), bound, "{keys}");
        assert_eq!(config.keymap().keys_of(Action::Quit), ["Q"], "{keys}");
        assert_eq!(config.keymap().conflicts(), []);
    }
    let swapped = Config::parse("[keys]\nhelp = [\"j\"]\ndown = [\"down\"]\n").unwrap();
    assert_eq!(swapped.warnings, []);
}

#[test]
fn keys_are_accepted_as_they_are_printed() {
    let config = Config::parse(
        "[keys]\nnext-disliked = [\"]d\"]\ntop = [\"gg\"]\nunfold-all = [\"zR\"]\nreload = [\"Ctrl-r\"]\nstop = []",
    );
    let config = config.unwrap();
    assert_eq!(config.warnings, []);
    assert_eq!(config.keymap().keys_of(Action::NextDisliked), ["]d"]);
    assert_eq!(config.keymap().keys_of(Action::Reload), ["ctrl-r"]);
    assert!(config.keymap().keys_of(Action::Stop).is_empty());
}

#[test]
fn a_users_theme_extends_a_base() {
    let file =
        "theme = \"calm\"\n[themes.calm]\nbase = \"light\"\nerror = \"bold red\"\n[colors]\nwarn = \"blue\"";
    let config = Config::parse(file).unwrap();
    let mut expected = Theme::light();
    expected.set("error", "bold red").unwrap();
    expected.set("warn", "blue").unwrap();
    assert_eq!(config.theme_choice().current(), &expected);
    let rows = config.effective_settings();
    assert!(rows.iter().any(|row| row.name == "themes.calm.error" && row.value == "\"bold red\""));
}

#[test]
fn environment_overrides_the_file() {
    let mut config = Config::parse("theme = \"dark\"\nlog = \"warn\"\n[colors]\nerror = \"red\"").unwrap();
    config.apply_environment(&|_| None);
    assert_eq!(config.theme_choice().current(), &{
        let mut dark = Theme::dark();
        dark.set("error", "red").unwrap();
        dark
    });
    config.apply_environment(&|name| (name == "NO_COLOR").then(|| "1".to_owned()));
    assert_eq!(
        (config.theme_choice().current(), config.theme.origin.to_string()),
        (&Theme::plain(), "variable NO_COLOR".into())
    );
    config.apply_environment(&|name| (name == "UNSPOOL_LOG").then(|| "Debug".to_owned()));
    assert_eq!(config.log_level.value, "debug");
}

proptest! {
    #[test]
    fn any_text_parses_or_reports_errors_on_existing_lines(text in "[a-z_.=\"\\[\\]\n #0-9]{0,80}") {
        if let Err(errors) = Config::parse(&text) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(error.line >= 1 && error.line <= 1 + text.matches('\n').count());
            }
        }
    }

    #[test]
    fn effective_settings_parse_back(text in "[^\u{0}-\u{1f}\u{7f}]{0,20}", size in 1_u64..1 << 50) {
        let mut config = Config::default();
        config.cache_limit.set(size, SettingOrigin::Default);
        config.clipboard.set(Clipboard::Command(vec![text]), SettingOrigin::Default);
        let rows = config.effective_settings().into_iter().filter(|row| !row.name.contains('.'));
        let top: String = rows.map(|row| format!("{} = {}\n", row.name, row.value)).collect();
        let file = format!("{top}[cache]\nlimit = \"{}\"\n", units::format_size(size));
        let read = Config::parse(&file).unwrap();
        prop_assert_eq!(read.clipboard.value, config.clipboard.value);
        prop_assert_eq!(read.cache_limit.value, size);
    }
}
