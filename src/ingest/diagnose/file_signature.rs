//! Formats that must be decompressed or converted first, recognized by their first bytes.

/// The format of a body that is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ForeignFormat {
    /// The end of the sentence "the body is …".
    pub description: &'static str,
    pub hint: &'static str,
}

/// First bytes and their format. A signature precedes its own prefixes.
const SIGNATURES: [(&[u8], ForeignFormat); 10] = [
    (
        b"\x1f\x8b",
        ForeignFormat {
            description: "compressed with gzip twice",
            hint: "Decompress it once: gzip -dc FILE | unspool",
        },
    ),
    (
        b"\x28\xb5\x2f\xfd",
        ForeignFormat {
            description: "compressed with zstd twice",
            hint: "Decompress it once: zstd -dc FILE | unspool",
        },
    ),
    (
        b"\xfd7zXZ\0",
        ForeignFormat { description: "compressed with xz", hint: "Decompress it: xz -dc FILE | unspool" },
    ),
    (
        b"BZh",
        ForeignFormat {
            description: "compressed with bzip2",
            hint: "Decompress it: bzip2 -dc FILE | unspool",
        },
    ),
    (
        b"PK\x03\x04",
        ForeignFormat { description: "a zip archive", hint: "Extract it: unzip -p FILE | unspool" },
    ),
    (b"\xff\xfe\0\0", UTF_32),
    (b"\0\0\xfe\xff", UTF_32),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"\0{", UTF_16),
];

const UTF_16: ForeignFormat = ForeignFormat {
    description: "UTF-16, not UTF-8",
    hint: "Convert it: iconv -f UTF-16 -t UTF-8 FILE | unspool; in PowerShell, write it with Out-File -Encoding utf8.",
};

const UTF_32: ForeignFormat = ForeignFormat {
    description: "UTF-32, not UTF-8",
    hint: "Convert it: iconv -f UTF-32 -t UTF-8 FILE | unspool",
};

const SINGLE_QUOTES: ForeignFormat = ForeignFormat {
    description: "not JSON: its names are in single quotes, as Python prints them",
    hint: "Write it with json.dumps, not with print or str.",
};

/// Returns whether the body is an object or list that starts with a single quote.
fn has_single_quotes(prefix: &[u8]) -> bool {
    let opened = prefix.iter().filter(|byte| !byte.is_ascii_whitespace());
    let mut inside = opened.skip_while(|byte| matches!(byte, b'{' | b'['));
    matches!(prefix.trim_ascii_start().first(), Some(b'{' | b'[')) && inside.next() == Some(&b'\'')
}

/// Detects the format of a body from its first bytes.
pub(super) fn detect(prefix: &[u8]) -> Option<ForeignFormat> {
    if has_single_quotes(prefix) {
        return Some(SINGLE_QUOTES);
    }
    SIGNATURES.iter().find(|(signature, _)| prefix.starts_with(signature)).map(|(_, format)| *format)
}
