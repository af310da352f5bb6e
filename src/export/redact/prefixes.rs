//! Keys that are recognized by their first letters. The published rules have most of these forms with their exact length;
//! here the key is the whole run of letters after the prefix, so that no part of it remains.

use std::ops::Range;

/// The characters of a key after its start.
#[derive(Clone, Copy, Debug)]
enum Alphabet {
    /// Letters, digits, `-` and `_`.
    Word,
    /// Also `.` and `=`, as in keys of several parts.
    Dotted,
    /// Also `+`, `/`, `%` and `~`, as in addresses and Base64.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// The rest of an address.
    WebHook,
    /// A password hash of several parts: `$6$salt$hash`.
    Crypt,
}

/// The condition under which a hit is a key.
#[derive(Clone, Copy, Debug)]
enum Condition {
    /// The prefix occurs only in keys.
    Always,
    /// A digit or capital must follow, because names in code may have the same prefix.
    Mixed,
    /// Like `Mixed`; inside a word, both capitals and small letters must follow, because `task-…` contains `sk-…`.
    Weak,
    /// Three kinds of characters must follow, not inside a word.
    Random,
}

/// A prefix, the least number of characters after it, their alphabet, and the condition.
#[derive(Debug)]
pub(super) struct Prefix(pub(super) &'static str, usize, Alphabet, Condition);

use Alphabet::{Base64, Crypt, Dotted, Hex, WebHook, Word};
use Condition::{Always, Mixed, Random, Weak};

/// The prefixes, case-sensitive.
pub(super) const PREFIXES: &[Prefix] = &[
    // Language models and their tools.
    Prefix("sk-ant-", 12, Word, Mixed),
    Prefix("sk-proj-", 12, Word, Mixed),
    Prefix("sk-svcacct-", 12, Word, Mixed),
    Prefix("sk-admin-", 12, Word, Mixed),
    Prefix("sk-or-", 12, Word, Mixed),
    Prefix("sk-lf-", 12, Word, Mixed),
    Prefix("pk-lf-", 12, Word, Mixed),
    Prefix("sk-", 16, Word, Weak),
    Prefix("pk-", 24, Word, Weak),
    Prefix("rk-", 24, Word, Weak),
    Prefix("gsk_", 20, Word, Mixed),
    Prefix("hf_", 24, Word, Weak),
    Prefix("api_org_", 24, Word, Mixed),
    Prefix("pplx-", 20, Word, Always),
    Prefix("xai-", 20, Word, Mixed),
    Prefix("nvapi-", 20, Word, Always),
    Prefix("lsv2_", 20, Word, Mixed),
    Prefix("ls__", 20, Word, Mixed),
    Prefix("tvly-", 16, Word, Mixed),
    Prefix("r8_", 24, Word, Weak),
    Prefix("csk-", 24, Word, Weak),
    Prefix("fw_", 20, Word, Random),
    Prefix("tgp_v1_", 20, Word, Always),
    Prefix("jina_", 32, Word, Mixed),
    Prefix("llx-", 20, Word, Mixed),
    Prefix("pa-", 40, Word, Random),
    Prefix("esecret_", 16, Word, Mixed),
    Prefix("wandb_v1_", 20, Word, Mixed),
    Prefix("pcsk_", 20, Word, Mixed),
    Prefix("dsk-", 24, Word, Weak),
    Prefix("fc-", 32, Hex, Mixed),
    Prefix("bsa", 24, Word, Random),
    Prefix("phc_", 20, Word, Mixed),
    Prefix("phx_", 20, Word, Mixed),
    // Google, Amazon, Microsoft and other clouds.
    Prefix("AIza", 20, Word, Mixed),
    Prefix("ya29.", 20, Dotted, Always),
    Prefix("GOCSPX-", 12, Word, Always),
    Prefix("1//0", 20, Word, Mixed),
    Prefix("IQoJb3JpZ2lu", 40, Base64, Always),
    Prefix("FwoGZXIvYXdz", 40, Base64, Always),
    Prefix("FQoGZXIvYXdz", 40, Base64, Always),
    Prefix("bedrock-api-key-", 20, Base64, Mixed),
    Prefix("ABSK", 60, Base64, Random),
    Prefix("amzn.mws.", 20, Word, Mixed),
    Prefix("LTAI", 12, Word, Random),
    Prefix("AKID", 16, Word, Random),
    Prefix("dop_v1_", 16, Word, Always),
    Prefix("doo_v1_", 16, Word, Always),
    Prefix("dor_v1_", 16, Word, Always),
    Prefix("dapi", 32, Hex, Mixed),
    Prefix("pul-", 40, Hex, Mixed),
    Prefix("HRKU-", 20, Word, Mixed),
    Prefix("fo1_", 20, Word, Mixed),
    Prefix("fm2_", 40, Base64, Mixed),
    Prefix("fm1a_", 40, Base64, Mixed),
    Prefix("fm1r_", 40, Base64, Mixed),
    Prefix("nfp_", 20, Word, Mixed),
    Prefix("vcp_", 20, Word, Mixed),
    Prefix("vercel_", 24, Word, Random),
    Prefix("rnd_", 20, Word, Random),
    Prefix("sbp_", 20, Word, Mixed),
    Prefix("sb_secret_", 16, Word, Always),
    Prefix("pscale_tkn_", 16, Dotted, Always),
    Prefix("pscale_pw_", 16, Dotted, Always),
    Prefix("pscale_oauth_", 16, Dotted, Always),
    Prefix("CFPAT-", 20, Word, Always),
    Prefix("v1.0-", 100, Word, Mixed),
    // Code and packages.
    Prefix("ghp_", 16, Word, Mixed),
    Prefix("gho_", 16, Word, Mixed),
    Prefix("ghu_", 16, Word, Mixed),
    Prefix("ghs_", 16, Dotted, Mixed),
    Prefix("ghr_", 16, Word, Mixed),
    Prefix("github_pat_", 20, Word, Mixed),
    Prefix("glpat-", 12, Dotted, Mixed),
    Prefix("gloas-", 16, Word, Mixed),
    Prefix("gldt-", 16, Word, Mixed),
    Prefix("glrt-", 16, Dotted, Mixed),
    Prefix("glrtr-", 16, Dotted, Mixed),
    Prefix("glptt-", 16, Word, Mixed),
    Prefix("glft-", 16, Word, Mixed),
    Prefix("glsoat-", 16, Word, Mixed),
    Prefix("glimt-", 16, Word, Mixed),
    Prefix("glagent-", 16, Word, Mixed),
    Prefix("glcbt-", 16, Word, Mixed),
    Prefix("glffct-", 16, Word, Mixed),
    Prefix("glwt-", 16, Word, Mixed),
    Prefix("GR1348941", 16, Word, Always),
    Prefix("ATBB", 24, Word, Random),
    Prefix("ATATT3", 20, Dotted, Always),
    Prefix("ATCTT3", 20, Dotted, Always),
    Prefix("ATSTT3", 20, Dotted, Always),
    Prefix("npm_", 24, Word, Weak),
    Prefix("pypi-AgE", 20, Word, Always),
    Prefix("rubygems_", 20, Word, Mixed),
    Prefix("CLOJARS_", 20, Word, Mixed),
    Prefix("oy2", 43, Word, Mixed),
    Prefix("dckr_pat_", 16, Word, Always),
    Prefix("dckr_oat_", 16, Word, Always),
    Prefix("sgp_", 40, Word, Mixed),
    Prefix("PMAK-", 20, Word, Always),
    Prefix("figd_", 20, Word, Always),
    Prefix("figu_", 20, Word, Mixed),
    Prefix("lin_api_", 16, Word, Always),
    Prefix("lin_oauth_", 16, Word, Always),
    Prefix("ntn_", 20, Word, Mixed),
    Prefix("secret_", 43, Word, Random),
    Prefix("pat-na1-", 16, Word, Mixed),
    Prefix("pat-eu1-", 16, Word, Mixed),
    Prefix("pnu_", 20, Word, Mixed),
    Prefix("tfp_", 20, Dotted, Mixed),
    Prefix("rdme_", 20, Word, Mixed),
    Prefix("shippo_live_", 16, Word, Always),
    Prefix("shippo_test_", 16, Word, Always),
    // Messages.
    Prefix("xoxa-", 8, Word, Mixed),
    Prefix("xoxb-", 8, Word, Mixed),
    Prefix("xoxc-", 8, Word, Mixed),
    Prefix("xoxd-", 8, Base64, Mixed),
    Prefix("xoxe-", 8, Word, Mixed),
    Prefix("xoxe.", 8, Word, Mixed),
    Prefix("xoxo-", 8, Word, Mixed),
    Prefix("xoxp-", 8, Word, Mixed),
    Prefix("xoxr-", 8, Word, Mixed),
    Prefix("xoxs-", 8, Word, Mixed),
    Prefix("xapp-", 8, Word, Mixed),
    Prefix("xwfp-", 8, Word, Mixed),
    Prefix("SG.", 32, Dotted, Random),
    Prefix("xkeysib-", 20, Word, Always),
    Prefix("xsmtpsib-", 20, Word, Always),
    Prefix("re_", 24, Word, Random),
    Prefix("key-", 32, Hex, Mixed),
    Prefix("SK", 32, Hex, Mixed),
    Prefix("mfa.", 20, Word, Mixed),
    // Payments and shops.
    Prefix("sk_live_", 10, Word, Always),
    Prefix("sk_test_", 10, Word, Always),
    Prefix("sk_prod_", 10, Word, Mixed),
    Prefix("rk_live_", 10, Word, Always),
    Prefix("rk_test_", 10, Word, Always),
    Prefix("rk_prod_", 10, Word, Mixed),
    Prefix("pk_live_", 10, Word, Always),
    Prefix("pk_test_", 10, Word, Always),
    Prefix("sk_", 20, Word, Random),
    Prefix("pk_", 24, Word, Random),
    Prefix("rk_", 24, Word, Random),
    Prefix("whsec_", 16, Base64, Mixed),
    Prefix("shpat_", 16, Word, Always),
    Prefix("shpca_", 16, Word, Always),
    Prefix("shppa_", 16, Word, Always),
    Prefix("shpss_", 16, Word, Always),
    Prefix("shprt_", 16, Word, Always),
    Prefix("shpua_", 16, Word, Always),
    Prefix("sq0atp-", 16, Word, Always),
    Prefix("sq0csp-", 16, Word, Always),
    Prefix("EAAA", 24, Word, Random),
    Prefix("EAAC", 40, Word, Random),
    Prefix("EAAM", 40, Word, Random),
    Prefix("EAAG", 40, Word, Random),
    Prefix("rzp_live_", 12, Word, Always),
    Prefix("rzp_test_", 12, Word, Always),
    Prefix("FLWSECK", 12, Word, Mixed),
    Prefix("access_token$production$", 16, Crypt, Always),
    Prefix("duffel_live_", 16, Dotted, Always),
    Prefix("duffel_test_", 16, Dotted, Always),
    Prefix("EZAK", 40, Word, Random),
    Prefix("EZTK", 40, Word, Random),
    // Operations.
    Prefix("hvs.", 16, Word, Mixed),
    Prefix("hvb.", 16, Word, Mixed),
    Prefix("hvr.", 16, Word, Mixed),
    Prefix("glsa_", 16, Word, Mixed),
    Prefix("glc_", 20, Base64, Mixed),
    Prefix("sntrys_", 20, Base64, Always),
    Prefix("sntryu_", 16, Word, Always),
    Prefix("NRAK-", 16, Word, Always),
    Prefix("NRJS-", 12, Word, Always),
    Prefix("NRII-", 16, Word, Always),
    Prefix("dt0c01.", 20, Dotted, Always),
    Prefix("dt0s16.", 20, Dotted, Always),
    Prefix("dp.pt.", 16, Word, Always),
    Prefix("dp.st.", 16, Dotted, Mixed),
    Prefix("dp.sa.", 16, Word, Mixed),
    Prefix("dp.ct.", 16, Word, Mixed),
    Prefix("sha256~", 24, Word, Always),
    Prefix("tskey-", 16, Word, Mixed),
    Prefix("ops_eyJ", 40, Base64, Always),
    Prefix("AGE-SECRET-KEY-1", 20, Word, Always),
    Prefix("BBFF-", 20, Word, Random),
    Prefix("sl.B", 60, Word, Random),
    Prefix("sl.u.", 60, Word, Random),
    Prefix("CMVMD", 40, Word, Random),
    Prefix("AKCP", 40, Word, Random),
    Prefix("sm_aat_", 12, Word, Always),
    Prefix("sm_pat_", 12, Word, Always),
    Prefix("sm_sat_", 12, Word, Always),
    Prefix("$2a$", 40, Crypt, Always),
    Prefix("$2b$", 40, Crypt, Always),
    Prefix("$2y$", 40, Crypt, Always),
    Prefix("$1$", 20, Crypt, Mixed),
    Prefix("$5$", 40, Crypt, Mixed),
    Prefix("$6$", 40, Crypt, Mixed),
    Prefix("$y$", 40, Crypt, Mixed),
    Prefix("$apr1$", 20, Crypt, Always),
    Prefix("$argon2", 40, Crypt, Always),
    Prefix("$scrypt$", 40, Crypt, Always),
    Prefix("$pbkdf2", 40, Crypt, Always),
    Prefix("aio_", 24, Word, Random),
    Prefix("00", 40, Word, Random),
    Prefix("live_", 32, Hex, Mixed),
    Prefix("test_", 32, Hex, Mixed),
    // Web hooks, whose address alone permits posting.
    Prefix("hooks.slack.com/services/", 16, Base64, Always),
    Prefix("hooks.slack.com/workflows/", 16, Base64, Always),
    Prefix("hooks.slack.com/triggers/", 16, Base64, Always),
    Prefix("hooks.slack-gov.com/services/", 16, Base64, Always),
    Prefix("discord.com/api/webhooks/", 20, Base64, Always),
    Prefix("discordapp.com/api/webhooks/", 20, Base64, Always),
    Prefix("webhook.office.com/webhookb2/", 20, WebHook, Always),
    Prefix("outlook.office.com/webhook/", 20, WebHook, Always),
    Prefix("hooks.zapier.com/hooks/catch/", 8, Base64, Always),
    Prefix("maker.ifttt.com/trigger/", 12, Base64, Always),
    Prefix("api.telegram.org/bot", 20, WebHook, Always),
];

/// The maximum number of characters that a condition checks.
const MAX_CHECKED: usize = 256;

impl Prefix {
    /// Returns the range of the key that begins at `start`, if it is one.
    pub(super) fn key_at(&self, text: &[u8], start: usize) -> Option<Range<usize>> {
        let Self(prefix, min_length, alphabet, condition) = self;
        let tail_start = start + prefix.len();
        let tail = text.get(tail_start..)?;
        let shown = tail.iter().take(MAX_CHECKED).take_while(|byte| alphabet.contains(**byte)).count();
        let tail_shown = tail.get(..shown)?;
        if shown < *min_length || !condition.accepts(text, start, tail_shown) {
            return None;
        }
        // The tail of a hexadecimal key is also masked, as a word.
        let run = |byte: &u8| alphabet.contains(*byte) || Word.contains(*byte);
        let mut length = tail.iter().take_while(|byte| run(byte)).count();
        while tail.get(..length)?.last() == Some(&b'.') {
            length -= 1;
        }
        Some(start..tail_start + length)
    }
}

impl Alphabet {
    fn contains(self, byte: u8) -> bool {
        let is_word = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        match self {
            Word => is_word,
            Dotted => is_word || matches!(byte, b'.' | b'='),
            Base64 => is_word || matches!(byte, b'.' | b'=' | b'+' | b'/' | b'%' | b'~'),
            Hex => byte.is_ascii_hexdigit(),
            Crypt => is_word || matches!(byte, b'.' | b'=' | b'+' | b'/' | b'$' | b','),
            WebHook => {
                is_word || matches!(byte, b'.' | b'=' | b'+' | b'/' | b'%' | b'~' | b'@' | b':' | b'?' | b'&')
            }
        }
    }
}

impl Condition {
    fn accepts(self, text: &[u8], start: usize, tail: &[u8]) -> bool {
        let has = |test: fn(&u8) -> bool| tail.iter().any(test);
        let has_digit = has(u8::is_ascii_digit);
        let (has_upper, has_lower) = (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase));
        let is_in_word =
            start.checked_sub(1).and_then(|before| text.get(before)).is_some_and(u8::is_ascii_alphanumeric);
        match self {
            Always => true,
            Mixed => has_digit || has_upper || has_long_part(tail),
            Weak if is_in_word => has_upper && has_lower && has_long_part(tail),
            Weak => has_long_part(tail),
            Random if is_in_word => false,
            Random => has_digit && has_upper && has_lower && has_long_part(tail),
        }
    }
}

/// Returns whether a part is too long or too mixed for a name: `sk-toggleable__label-arrow-2` is a name.
fn has_long_part(tail: &[u8]) -> bool {
    tail.split(|byte| matches!(byte, b'-' | b'_' | b'.')).any(|part| {
        let is_mixed = part.iter().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        part.len() >= 20 || part.len() >= 8 && is_mixed
    })
}
