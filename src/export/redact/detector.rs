//! Detects secrets in a text. One pass finds every word that may indicate a secret; the rule that this word triggers then
//! examines only the text around it. Another pass examines numbers.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::names::{self, Class, Place};
use super::prefixes::PREFIXES;
use super::published::{self, PublishedRule};
use super::{Secret, address, assignments, blocks, numbers, values};

/// The rule that a word triggers.
#[derive(Clone, Copy, Debug)]
enum Trigger {
    /// A published rule, by its index.
    Published(usize),
    /// A prefix, by its index in `PREFIXES`.
    Prefix(usize),
    Name(Class, Place),
    At,
    UserInfo,
    Block,
    Putty,
    Jwt,
    /// An access key of Amazon, whose secret is often next to it.
    AmazonKey,
    /// A token of a Telegram bot: `123456789:AA…`
    TelegramToken,
    /// A key of Firebase: `AAAA…:APA91b…`
    FirebaseKey,
    /// A key of Mailchimp: 32 hexadecimal digits and `-us12`.
    MailchimpKey,
    /// An old Vault token, whose prefix `s.` is too short for `PREFIXES`.
    VaultToken,
}

#[derive(Debug)]
struct Detector {
    words: Option<AhoCorasick>,
    /// The rule of each word.
    triggers: Vec<Trigger>,
    published: Vec<PublishedRule>,
}

static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);

/// The kinds of secrets that the rules find; the text of a notice.
pub(super) const KINDS: &str = "mail addresses, phone, card and social security numbers, IBANs, passwords, cookies, private keys, keys and tokens";

impl Detector {
    fn new() -> Self {
        let published = published::rules();
        let mut words: Vec<String> = Vec::new();
        let mut triggers = Vec::new();
        let mut add = |word: &str, trigger: Trigger| {
            words.push(word.to_owned());
            triggers.push(trigger);
        };
        for (index, rule) in published.iter().enumerate() {
            rule.words.iter().for_each(|word| add(word, Trigger::Published(index)));
        }
        for (index, prefix) in PREFIXES.iter().enumerate() {
            add(prefix.0, Trigger::Prefix(index));
        }
        for (name, class, place) in names::all() {
            add(&name, Trigger::Name(class, place));
        }
        for (word, trigger) in [
            ("@", Trigger::At),
            ("\u{ff20}", Trigger::At),
            ("%40", Trigger::At),
            ("://", Trigger::UserInfo),
            ("begin ", Trigger::Block),
            ("private-lines:", Trigger::Putty),
            ("eyj", Trigger::Jwt),
            ("akia", Trigger::AmazonKey),
            ("asia", Trigger::AmazonKey),
            ("secretaccesskey", Trigger::AmazonKey),
            ("secret_access_key", Trigger::AmazonKey),
            (":aa", Trigger::TelegramToken),
            (":apa91b", Trigger::FirebaseKey),
            ("-us", Trigger::MailchimpKey),
            ("s.", Trigger::VaultToken),
        ] {
            add(word, trigger);
        }
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&words);
        Self { words: built.ok(), triggers, published }
    }
}

/// Finds secrets: the range and kind of each. They may overlap.
pub(super) fn find(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    numbers::find(text, &mut found);
    let Some(words) = &DETECTOR.words else { return found };
    let mut search = Search { text, found, masked_to: 0, searched: Vec::new(), has_amazon_key: false };
    for hit in words.find_overlapping_iter(text) {
        if let Some(trigger) = DETECTOR.triggers.get(hit.pattern().as_usize()) {
            search.apply(*trigger, hit.range());
        }
    }
    if search.has_amazon_key {
        search.find_amazon_secrets();
    }
    search.found
}

struct Search<'a> {
    text: &'a str,
    found: Vec<Secret>,
    /// The end of the last run of letters that was found to be a key; hits before it are skipped.
    masked_to: usize,
    /// The published rules that have searched the whole text.
    searched: Vec<usize>,
    has_amazon_key: bool,
}

impl Search<'_> {
    fn apply(&mut self, trigger: Trigger, hit: std::ops::Range<usize>) {
        let (text, start) = (self.text, hit.start);
        let secret = match trigger {
            Trigger::Published(index) => return self.apply_published(index, start),
            Trigger::Name(class, place) => assignments::find(text, hit, class, place),
            Trigger::At => address::mail(text, &hit),
            Trigger::UserInfo => address::user_info(text, hit.end),
            Trigger::AmazonKey => {
                self.has_amazon_key = true;
                None
            }
            Trigger::TelegramToken => telegram_token(text, start),
            Trigger::FirebaseKey => firebase_key(text, start),
            Trigger::MailchimpKey => mailchimp_key(text, &hit),
            Trigger::Prefix(_) | Trigger::Block | Trigger::Putty | Trigger::Jwt | Trigger::VaultToken
                if start < self.masked_to =>
            {
                None
            }
            Trigger::Prefix(index) => {
                let range = PREFIXES.get(index).and_then(|prefix| prefix.key_at(text.as_bytes(), start));
                self.add_run(range.map(|range| Secret { range, kind: "key" }))
            }
            Trigger::Block => self.add_run(blocks::pem(text, start)),
            Trigger::Putty => self.add_run(blocks::putty(text, hit.end)),
            Trigger::Jwt => self.add_run(blocks::jwt(text, start)),
            Trigger::VaultToken => vault_token(text, start),
        };
        self.found.extend(secret);
    }

    fn add_run(&mut self, secret: Option<Secret>) -> Option<Secret> {
        let end = secret.as_ref().map_or(0, |secret| secret.range.end);
        self.masked_to = self.masked_to.max(end);
        secret
    }

    fn apply_published(&mut self, index: usize, start: usize) {
        let Some(rule) = DETECTOR.published.get(index) else { return };
        if rule.is_search() {
            if self.searched.contains(&index) {
                return;
            }
            self.searched.push(index);
        }
        let found = &mut self.found;
        rule.find(self.text, start, &mut |range| found.push(Secret { range, kind: "key" }));
    }

    /// Finds Amazon's secrets, which have 40 characters and no prefix.
    fn find_amazon_secrets(&mut self) {
        let is_secret_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(offset) = bytes.get(at..).and_then(|rest| rest.iter().position(is_secret_byte)) {
            let start = at + offset;
            let length =
                bytes.get(start..).unwrap_or_default().iter().take_while(|byte| is_secret_byte(byte)).count();
            at = start + length;
            let run = self.text.get(start..at).unwrap_or_default();
            let has = |test: fn(&u8) -> bool| run.bytes().any(|byte| test(&byte));
            let is_mixed =
                has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
            // A word of 40 characters, with punctuation that may directly follow it.
            if (40..=64).contains(&length) && is_mixed && values::entropy(run) > 3.5 {
                self.found.push(Secret { range: start..at, kind: "key" });
            }
        }
    }
}

/// Returns the length of the run of letters, digits, `-` and `_` at `start`.
fn word_length(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count()
}

fn telegram_token(text: &str, colon: usize) -> Option<Secret> {
    let before = text.as_bytes().get(..colon)?;
    let digits = before.iter().rev().take(12).take_while(|byte| byte.is_ascii_digit()).count();
    let length = word_length(text, colon + 1);
    let has_capitals = text.get(colon + 1..).is_some_and(|rest| rest.starts_with("AA"));
    (digits >= 7 && length >= 30 && has_capitals)
        .then(|| Secret { range: colon - digits..colon + 1 + length, kind: "key" })
}

fn firebase_key(text: &str, colon: usize) -> Option<Secret> {
    let before = text.as_bytes().get(..colon)?;
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let head = before.iter().rev().take(64).take_while(is_word).count();
    let length = word_length(text, colon + 1);
    (length >= 60).then(|| Secret { range: colon - head..colon + 1 + length, kind: "key" })
}

fn mailchimp_key(text: &str, region: &std::ops::Range<usize>) -> Option<Secret> {
    let before = text.as_bytes().get(..region.start)?;
    let digits = before.iter().rev().take(33).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let after = text.as_bytes().get(region.end..)?;
    let number = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits >= 32 && (1..=2).contains(&number))
        .then(|| Secret { range: region.start - digits..region.end + number, kind: "key" })
}

fn vault_token(text: &str, start: usize) -> Option<Secret> {
    let is_in_word =
        start.checked_sub(1).and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let rest = text.get(start + 2..).filter(|_| !is_in_word)?;
    let length = rest.bytes().take(25).take_while(u8::is_ascii_alphanumeric).count();
    let token = rest.get(..length)?;
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    (length == 24 && digits > 0 && values::has_inner_capital(token))
        .then(|| Secret { range: start..start + 2 + length, kind: "key" })
}
