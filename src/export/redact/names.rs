//! Names whose values are secret: `DB_PASSWORD`, `api-key`, `Cookie`, `sig`. Names are found anywhere, in code, settings,
//! addresses and prose.

/// The kind of a name, which decides what is accepted as its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A password may be any text.
    Password,
    /// Several words: a pass phrase, a seed phrase.
    Phrase,
    /// A key or token, which is not an ordinary word.
    Token,
    /// A short number: a PIN, a card's check number.
    Code,
    /// A signature in an address.
    Signature,
    /// `Authorization` and the like, with a scheme.
    Header,
    /// `Cookie: name=value; …`
    Cookie,
    /// `Bearer …` without a name before it.
    Bearer,
    /// `Basic …` without a name before it.
    Basic,
    /// `curl -u name:password` and other commands.
    Command,
}

/// The places where a name may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    /// Not directly next to other letters.
    Word,
}

use Class::{Basic, Bearer, Code, Command, Cookie, Header, Password, Phrase, Signature, Token};
use Place::{Anywhere, Word};

/// Names in lower case.
pub(super) const NAMES: &[(&str, Class, Place)] = &[
    ("password", Password, Anywhere),
    ("passwd", Password, Anywhere),
    ("passwort", Password, Anywhere),
    ("kennwort", Password, Anywhere),
    ("mot de passe", Password, Anywhere),
    ("contraseña", Password, Anywhere),
    ("contrasena", Password, Anywhere),
    ("wachtwoord", Password, Anywhere),
    ("senha", Password, Word),
    ("пароль", Password, Anywhere),
    ("Пароль", Password, Anywhere),
    ("パスワード", Password, Anywhere),
    ("密码", Password, Anywhere),
    ("密碼", Password, Anywhere),
    ("비밀번호", Password, Anywhere),
    ("passcode", Password, Anywhere),
    ("pwd", Password, Word),
    ("pw", Password, Word),
    ("_pass", Password, Word),
    ("-pass", Password, Word),
    ("pass", Token, Word),
    ("identified by", Password, Word),
    ("passphrase", Phrase, Anywhere),
    ("pass phrase", Phrase, Word),
    ("seed phrase", Phrase, Word),
    ("recovery phrase", Phrase, Word),
    ("mnemonic", Phrase, Word),
    ("secret", Token, Anywhere),
    ("token", Token, Anywhere),
    ("credential", Token, Anywhere),
    ("credentials", Token, Anywhere),
    ("creds", Token, Word),
    ("apikey", Token, Anywhere),
    ("_key", Token, Word),
    ("?key", Token, Word),
    ("&key", Token, Word),
    ("appid", Token, Word),
    ("connectionstring", Token, Anywhere),
    ("session_id", Token, Word),
    ("sessionid", Token, Word),
    ("sessid", Token, Word),
    ("x-api-key", Token, Word),
    ("x-auth", Token, Word),
    ("pin", Code, Word),
    ("cvv", Code, Word),
    ("cvc", Code, Word),
    ("cvv2", Code, Word),
    ("otp", Code, Word),
    ("verification code", Code, Word),
    ("security code", Code, Word),
    ("ssn", Code, Word),
    ("social security number", Code, Word),
    ("sig", Signature, Word),
    ("signature", Signature, Anywhere),
    ("?code", Signature, Word),
    ("&code", Signature, Word),
    ("hmac", Signature, Word),
    ("authorization", Header, Anywhere),
    ("cookie", Cookie, Anywhere),
    ("cookies", Cookie, Anywhere),
    ("bearer", Bearer, Word),
    ("basic", Basic, Word),
    ("curl", Command, Word),
    ("wget", Command, Word),
    ("sshpass", Command, Word),
    ("docker login", Command, Word),
    ("podman login", Command, Word),
    ("mysql", Command, Word),
    ("mysqldump", Command, Word),
    ("mysqladmin", Command, Word),
];

/// Words that make a key secret: `api_key`, `account key`. Other keys are public, or not keys at all.
const KEY_OWNERS: [&str; 30] = [
    "access",
    "account",
    "admin",
    "api",
    "app",
    "application",
    "auth",
    "client",
    "consumer",
    "deploy",
    "encryption",
    "functions",
    "host",
    "license",
    "master",
    "private",
    "publishable",
    "root",
    "secret",
    "server",
    "service",
    "session",
    "shared",
    "sharedaccess",
    "signing",
    "ssh",
    "storage",
    "subscription",
    "webhook",
    "write",
];

/// Returns all names, with those of keys in their spellings.
pub(super) fn all() -> Vec<(String, Class, Place)> {
    let keys = KEY_OWNERS
        .iter()
        .flat_map(|owner| ["", "_", "-", " "].map(|gap| (format!("{owner}{gap}key"), Token, Anywhere)));
    NAMES.iter().map(|(name, class, place)| ((*name).to_owned(), *class, *place)).chain(keys).collect()
}

/// The strength of a name as evidence of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    Strong,
    /// The name is only related to secrets: `token_type`, `next_page_token`. Only random values are masked.
    Weak,
}

/// Suffixes of names that do not change their meaning: `PASSWORD_2`, `SECRET_KEY_BASE`.
const NEUTRAL_TAILS: [&str; 26] = [
    "",
    "value",
    "val",
    "base",
    "prod",
    "production",
    "dev",
    "test",
    "staging",
    "live",
    "str",
    "string",
    "text",
    "new",
    "old",
    "b64",
    "base64",
    "key",
    "accesskey",
    "plain",
    "default",
    "main",
    "admin",
    "root",
    "confirm",
    "confirmation",
];

/// Prefixes of names that count or page.
const WEAK_HEADS: [&str; 26] = [
    "max",
    "min",
    "next",
    "prev",
    "previous",
    "page",
    "nextpage",
    "num",
    "total",
    "per",
    "prompt",
    "completion",
    "input",
    "output",
    "cached",
    "reasoning",
    "sync",
    "continuation",
    "cancellation",
    "cancel",
    "eos",
    "bos",
    "pad",
    "stop",
    "start",
    "end",
];

/// Returns the strength of a name from the letters before and after its word.
pub(super) fn strength(head: &str, tail: &str, word: &str) -> Strength {
    let is_separator = |c: char| !c.is_alphanumeric();
    // In `tokenizer` and `secretary`, the word is only the start of another one; in `TOKEN2` and `tokenValue`, it ends.
    let plain_tail: String =
        tail.chars().filter(|c| c.is_ascii_alphabetic()).collect::<String>().to_ascii_lowercase();
    let goes_on = tail.starts_with(|c: char| c.is_ascii_lowercase())
        && !matches!(plain_tail.as_str(), "base" | "value");
    let is_neutral = NEUTRAL_TAILS.contains(&plain_tail.as_str()) && !(goes_on && plain_tail.len() < 3);
    let last_head = head.trim_end_matches(is_separator).rsplit(is_separator).next().unwrap_or_default();
    let lower = last_head.to_ascii_lowercase();
    let is_weak_head = matches!(word, "token")
        && WEAK_HEADS.iter().any(|weak| {
            lower == *weak
                || last_head.len() > weak.len() && lower.ends_with(weak) && word_begins(last_head, weak.len())
        });
    if is_neutral && !is_weak_head && word != "_key" { Strength::Strong } else { Strength::Weak }
}

/// Returns whether the last `length` letters begin with a capital: the `Page` of `nextPage`.
fn word_begins(text: &str, length: usize) -> bool {
    let start = text.len().saturating_sub(length);
    text.get(start..).is_some_and(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Returns whether any value of a JSON member is secret. Names are not split: `Api-Key`, `apiKey`.
pub(super) fn is_secret_member(key: &str) -> bool {
    let lower = key.to_lowercase();
    let plain: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let exact = [
        "pin",
        "cvv",
        "cvc",
        "ssn",
        "auth",
        "authorization",
        "proxyauthorization",
        "cookie",
        "setcookie",
        "pass",
        "pwd",
    ];
    let is_public =
        ["publickey", "tokentype", "primarykey", "foreignkey"].iter().any(|end| plain.ends_with(end));
    if exact.contains(&plain.as_str()) || plain.ends_with("pwd") {
        return true;
    }
    let is_name = |(name, class, place): &(&str, Class, Place)| {
        let matters = matches!(class, Password | Phrase | Token) && *place == Anywhere;
        matters && ends_with_name(key, &lower, name)
    };
    let is_key = || {
        let owner = plain.strip_suffix("key").unwrap_or_default();
        !owner.is_empty() && KEY_OWNERS.iter().any(|known| owner.ends_with(known))
    };
    !is_public && (NAMES.iter().any(is_name) || is_key())
}

/// Returns whether the key's last occurrence of a name decides its meaning.
fn ends_with_name(key: &str, lower: &str, name: &str) -> bool {
    lower.len() == key.len()
        && lower.rfind(name).is_some_and(|start| {
            let head = key.get(..start).unwrap_or_default();
            let tail = key.get(start + name.len()..).unwrap_or_default();
            strength(head, tail, name) == Strength::Strong
        })
}

/// Returns whether numbers under the name of a JSON member are also secret, unlike counts of tokens.
pub(super) fn is_secret_number(key: &str) -> bool {
    let plain: String = key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    ["password", "passwd", "passcode", "pwd"].iter().any(|end| plain.ends_with(end))
        || ["pin", "cvv", "cvc", "ssn", "otp"].contains(&plain.as_str())
}
