//! Bodies that would be threads if somebody unpacked or converted them first: told by the bytes that they begin with.

/// What a body is instead of JSON, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Disguise {
    /// As in "the body is …".
    pub what: &'static str,
    pub advice: &'static str,
}

/// First bytes, the longer ones before those that they begin with.
const SIGNS: [(&[u8], Disguise); 10] = [
    (
        b"\x1f\x8b",
        Disguise { what: "packed by gzip twice", advice: "Unpack it once: gzip -dc FILE | unspool" },
    ),
    (b"\x28\xb5\x2f\xfd", Disguise { what: "packed by zstd", advice: "Unpack it: zstd -dc FILE | unspool" }),
    (b"\xfd7zXZ\0", Disguise { what: "packed by xz", advice: "Unpack it: xz -dc FILE | unspool" }),
    (b"BZh", Disguise { what: "packed by bzip2", advice: "Unpack it: bzip2 -dc FILE | unspool" }),
    (b"PK\x03\x04", Disguise { what: "a zip archive", advice: "Unpack it: unzip -p FILE | unspool" }),
    (b"\xff\xfe\0\0", UTF_32),
    (b"\0\0\xfe\xff", UTF_32),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"\0{", UTF_16),
];

const UTF_16: Disguise = Disguise {
    what: "UTF-16, not UTF-8",
    advice: "Convert it: iconv -f UTF-16 -t UTF-8 FILE | unspool; in PowerShell write it with Out-File -Encoding utf8.",
};

const UTF_32: Disguise =
    Disguise { what: "UTF-32, not UTF-8", advice: "Convert it: iconv -f UTF-32 -t UTF-8 FILE | unspool" };

/// What a body is that begins like this.
pub(super) fn of(head: &[u8]) -> Option<Disguise> {
    SIGNS.iter().find(|(sign, _)| head.starts_with(sign)).map(|(_, disguise)| *disguise)
}
