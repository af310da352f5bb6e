//! Words for a POSIX shell.

use shlex::Quoter;

/// Quotes a word so that a shell reads it as one, for commands that the user may paste. A NUL, which no argument can
/// contain, is omitted.
pub fn shell_quote(word: &str) -> String {
    let word = word.replace('\0', "");
    Quoter::new().quote(&word).map_or_else(|_| String::new(), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_stay_and_others_are_quoted() {
        for (word, quoted) in [
            ("sgp:abc-1", "sgp:abc-1"),
            ("/home/a/.key", "/home/a/.key"),
            ("$HOME", "'$HOME'"),
            ("it's", "\"it's\""),
            ("", "''"),
            ("a\0b", "ab"),
        ] {
            assert_eq!(shell_quote(word), quoted);
        }
    }

    proptest! {
        #[test]
        fn a_shell_reads_the_word(word in "(\\PC|[\n\t'\"\\\\$`! ]){0,12}") {
            prop_assert_eq!(shlex::split(&shell_quote(&word)), Some(vec![word]));
        }
    }
}
