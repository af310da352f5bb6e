//! Judgements about a value: a placeholder, code, or random enough for a key.

/// Words that replace a value, describe it, or name its type.
const PLACEHOLDERS: &[&str] = &[
    "access",
    "admin-password",
    "any",
    "auth",
    "authentication",
    "authorization",
    "basic",
    "bearer",
    "bool",
    "boolean",
    "bytes",
    "change",
    "changed",
    "changeme",
    "char",
    "correct",
    "default",
    "deleted",
    "denied",
    "description",
    "digest",
    "disabled",
    "empty",
    "enabled",
    "encrypted",
    "expired",
    "expires",
    "fail",
    "failed",
    "failure",
    "false",
    "field",
    "forgotten",
    "found",
    "generated",
    "hashed",
    "here",
    "hidden",
    "identifier",
    "incorrect",
    "input",
    "int",
    "integer",
    "invalid",
    "is",
    "key",
    "locked",
    "masked",
    "match",
    "missing",
    "must",
    "n/a",
    "needed",
    "new",
    "next",
    "no",
    "none",
    "not",
    "null",
    "nil",
    "number",
    "object",
    "ok",
    "okay",
    "old",
    "optional",
    "outdated",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "plain",
    "prompt",
    "provided",
    "public",
    "random",
    "readonly",
    "redacted",
    "refresh",
    "refreshed",
    "removed",
    "request",
    "required",
    "reset",
    "response",
    "result",
    "revoked",
    "rotated",
    "saved",
    "secret",
    "secure",
    "secured",
    "self",
    "set",
    "static",
    "stored",
    "str",
    "string",
    "strong",
    "test",
    "text",
    "this",
    "token",
    "true",
    "type",
    "undefined",
    "unknown",
    "unset",
    "updated",
    "user",
    "username",
    "valid",
    "value",
    "varchar",
    "void",
    "weak",
    "wrong",
    "xxx",
    "yes",
    "your",
    "erforderlich",
    "ja",
    "nein",
    "leer",
    "falsch",
    "requerido",
    "requis",
];

/// The first parts of dotted names in code.
const CODE_ROOTS: &[&str] = &[
    "app",
    "args",
    "auth",
    "body",
    "cfg",
    "client",
    "conf",
    "config",
    "credentials",
    "creds",
    "ctx",
    "data",
    "env",
    "environ",
    "event",
    "form",
    "input",
    "item",
    "model",
    "module",
    "obj",
    "opts",
    "options",
    "os",
    "params",
    "parser",
    "payload",
    "process",
    "props",
    "req",
    "request",
    "res",
    "resp",
    "response",
    "result",
    "row",
    "secrets",
    "self",
    "server",
    "session",
    "settings",
    "spec",
    "state",
    "super",
    "sys",
    "this",
    "user",
    "values",
    "var",
    "vars",
];

const NAME_WORDS: &[&str] =
    &["password", "passwd", "passphrase", "secret", "token", "pwd", "apikey", "api_key", "_key"];

/// Returns whether the value is a placeholder: `required`, `<token>`, `${TOKEN}`, `***`, `%s`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let plain = value.trim_matches(|c: char| {
        matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '…' | '(' | ')' | '|' | '-' | '}')
    });
    let lower = plain.to_ascii_lowercase();
    let is_one_character =
        plain.chars().next().is_none_or(|first| plain.chars().all(|c| c == first || c == ' '));
    let is_digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    is_one_character && !is_digits
        || PLACEHOLDERS.contains(&lower.as_str())
        || is_reference(value)
        || is_own_mask(plain)
        || [
            "your",
            "my_",
            "my-",
            "example",
            "insert",
            "enter",
            "change",
            "replace",
            "todo",
            "dummy",
            "placeholder",
        ]
        .iter()
        .any(|start| lower.starts_with(start) && !lower.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Returns whether the value of a secret JSON member is not a secret: a reference, a mask, or a word of a schema.
pub(super) fn is_harmless(value: &str) -> bool {
    let plain = value.trim();
    ["required", "optional", "string", "none", "null", "undefined", "true", "false", "redacted"]
        .iter()
        .any(|word| plain.eq_ignore_ascii_case(word))
        || plain.chars().all(|c| matches!(c, '*' | '.' | '•' | 'x' | 'X' | '-'))
        || is_reference(plain)
        || is_own_mask(plain)
}

/// Returns whether the value is a variable of a shell, a template or a format: `$X`, `${x}`, `{{ x }}`, `<x>`, `%s`, `%X%`.
fn is_reference(value: &str) -> bool {
    let inner = |open: &str, close: &str| {
        value.strip_prefix(open).and_then(|rest| rest.split_once(close)).is_some_and(|(inner, _)| {
            !inner.is_empty()
                && inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-.:/'\"[]()|".contains(&byte))
        })
    };
    let name = |text: &str| {
        text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && text.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_.:[]{}'\"".contains(&byte))
    };
    inner("${", "}")
        || inner("{{", "}}")
        || inner("{", "}")
        || inner("<", ">")
        || inner("%(", ")")
        || inner("$(", ")")
        || inner("%", "%")
        || inner("[", "]") && value.bytes().filter(u8::is_ascii_digit).count() < 4
        || value.strip_prefix('$').is_some_and(name)
        || value.strip_prefix("$env:").is_some_and(name)
        || value.strip_prefix('%').is_some_and(|rest| rest.len() == 1)
        || value == "{}"
}

/// Returns whether the value is a mask of this program: `[email-1]`.
fn is_own_mask(value: &str) -> bool {
    value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|inner| {
        inner.rsplit_once('-').is_some_and(|(kind, number)| {
            kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

/// Returns whether an unquoted value is an expression of a programming language: a call, an index, a field, a type, a
/// variable.
pub(super) fn is_code(value: &str) -> bool {
    let value = value.trim_start_matches(['&', '*', '!']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':');
    let head_length = value.find(|c: char| !is_name(c)).unwrap_or(value.len());
    let (head, rest) = value.split_at_checked(head_length).unwrap_or_default();
    let begins_name = head.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins_name {
        return value.starts_with(['[', '{', '(']) && !value.bytes().any(|byte| byte.is_ascii_digit());
    }
    let has_digit = head.bytes().any(|byte| byte.is_ascii_digit());
    if rest.starts_with(['(', '[']) || rest.starts_with("?.") || rest.starts_with("<") {
        let is_closed = rest.len() > 1 && rest.ends_with([')', ']', '>', '}', ',', ';', '"', '\'', ':']);
        return !has_digit || is_closed && head.contains(['.', '_', ':']);
    }
    let parts: Vec<&str> = head.split(['.', ':']).filter(|part| !part.is_empty()).collect();
    let root = parts.first().copied().unwrap_or_default().to_ascii_lowercase();
    if parts.len() > 1 && rest.len() < 2 {
        let last = parts.last().copied().unwrap_or_default().to_ascii_lowercase();
        return CODE_ROOTS.contains(&root.as_str())
            || head.contains("::")
            || !has_digit && NAME_WORDS.iter().any(|word| last.contains(word));
    }
    !has_digit && rest.len() < 2 && NAME_WORDS.iter().any(|word| head.to_ascii_lowercase().contains(word))
}

/// Returns whether the value can only be a key: long, letters and digits mixed, no UUID, hash, path, version or date.
pub(super) fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let is_hex = bytes.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    bytes.len() >= 16
        && digits >= 2
        && letters >= 4
        && !is_hex
        && !value.contains("://")
        && !value.starts_with(['/', '.', '~'])
        && !value.contains(char::is_whitespace)
        && !value.contains("::")
        && entropy(value) >= 3.3
        && has_random_part(value)
}

/// Returns whether one part of a value, between dots, dashes and slashes, mixes letters and digits.
pub(super) fn has_random_part(value: &str) -> bool {
    value.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let changes = part.bytes().zip(part.bytes().skip(1)).filter(|(a, b)| class(*a) != class(*b)).count();
        part.len() >= 10 && digits >= 1 && changes >= 4
    })
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    }
}

pub(super) fn has_digit(value: &str) -> bool {
    value.chars().any(char::is_numeric)
}

/// Returns whether there are capitals after the first letter, besides small letters.
pub(super) fn has_inner_capital(value: &str) -> bool {
    value.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Returns whether there is a symbol inside that neither prose nor names have.
pub(super) fn has_symbol(value: &str) -> bool {
    let inner = value.trim_matches(|c: char| !c.is_alphanumeric());
    inner.contains(['!', '#', '$', '%', '&', '*', '+', '=', '?', '@', '^', '~', '\\', '|'])
}

/// Returns the entropy in bits per character.
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    let bits = counts.iter().filter(|count| **count > 0).map(|count| {
        let share = f64::from(*count) / length;
        -share * share.log2()
    });
    bits.sum()
}
