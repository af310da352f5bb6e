//! Bodies that would be threads if somebody unpacked or converted them first: told by the bytes that they begin with.

/// What a body is instead of JSON, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ForeignFormat {
    /// As in "the body is …".
    pub description: &'static str,
    pub hint: &'static str,
}

/// First bytes, the longer ones before those that they begin with.
const SIGNATURES: [(&[u8], ForeignFormat); 10] = [
    (
        b"\x1f\x8b",
        ForeignFormat {
            description: "packed by gzip twice",
            hint: "Unpack it once: gzip -dc FILE | unspool",
        },
    ),
    (
        b"\x28\xb5\x2f\xfd",
        ForeignFormat { description: "packed by zstd", hint: "Unpack it: zstd -dc FILE | unspool" },
    ),
    (b"\xfd7zXZ\0", ForeignFormat { description: "packed by xz", hint: "Unpack it: xz -dc FILE | unspool" }),
    (b"BZh", ForeignFormat { description: "packed by bzip2", hint: "Unpack it: bzip2 -dc FILE | unspool" }),
    (
        b"PK\x03\x04",
        ForeignFormat { description: "a zip archive", hint: "Unpack it: unzip -p FILE | unspool" },
    ),
    (b"\xff\xfe\0\0", UTF_32),
    (b"\0\0\xfe\xff", UTF_32),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"\0{", UTF_16),
];

const UTF_16: ForeignFormat = ForeignFormat {
    description: "UTF-16, not UTF-8",
    hint: "Convert it: iconv -f UTF-16 -t UTF-8 FILE | unspool; in PowerShell write it with Out-File -Encoding utf8.",
};

const UTF_32: ForeignFormat = ForeignFormat {
    description: "UTF-32, not UTF-8",
    hint: "Convert it: iconv -f UTF-32 -t UTF-8 FILE | unspool",
};

/// What a body is that begins like this.
pub(super) fn detect(head: &[u8]) -> Option<ForeignFormat> {
    SIGNATURES.iter().find(|(sign, _)| head.starts_with(sign)).map(|(_, disguise)| *disguise)
}
