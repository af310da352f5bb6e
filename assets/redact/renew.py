#!/usr/bin/env python3
"""Turns the published rules of gitleaks into `gitleaks.tsv`, which the program includes.

    python3 assets/redact/renew.py path/to/gitleaks.toml 8.30.1 > assets/redact/gitleaks.tsv

The configuration stands in the gitleaks repository as `config/gitleaks.toml`. Each line of the result is one rule:

    id <TAB> kind <TAB> entropy <TAB> group <TAB> starts <TAB> regex

- kind: `prefix`, a key that its own first letters give away; `named`, a value behind the name of a service;
  `search`, a pattern without fixed first letters, searched for in texts that contain one of `starts`.
- entropy: the least bits per character of the secret; 0 without a limit.
- group: the number of the regex group that is the secret; 0 for the first group that took part, or the whole match.
- starts: lower-case words divided by `|`. A match of `prefix` and `named` begins with one of them.

gitleaks looks at files and wants few false alarms; redaction looks at any text and wants whole secrets. So word
boundaries and the conditions on the character after a secret are left out here; the program has its own.
"""

import re
import re._constants as code
import re._parser as parser
import sys
import tomllib

# Rules that the program replaces: too broad for prose, or written for whole files.
OWN_RULES = {
    "generic-api-key",
    "private-key",
    "jwt",
    "jwt-base64",
    "curl-auth-header",
    "curl-auth-user",
    "hashicorp-tf-password",
    "twilio-api-key",
    "vault-service-token",
    "kubernetes-secret-yaml",
    "nuget-config-password",
    "sourcegraph-access-token",
}

LEAD_IN = r"[\w.-]{0,50}?"
# A boundary before the secret, where gitleaks wants one.
BEFORE = r"""(?:^|[\\'"\x60\s>=:(,)])"""
AFTER = [
    r"""(?:[\x60'"\s;]|\\[nr]|$|\b)""",
    r"""(?:[^\w-]|\z)""",
    r"""(?:[^0-9A-Za-z_-]|\z)""",
    r"""(?:[\x60'"\s;]|\\[nr]|$)""",
    r"""(?:$|[\\'"\x60\s<),])""",
    r"""(?:[^a-zA-Z0-9+/]|\z)""",
]
# Go's classes are ASCII, those of Rust are not.
CLASSES = {"w": "0-9A-Za-z_", "d": "0-9", "s": r"\t\n\f\r "}


def translate(regex):
    """Returns the regex in Rust's syntax, and whether it had a lead-in."""
    has_lead_in = LEAD_IN in regex
    regex = regex.replace(LEAD_IN, "").removeprefix(BEFORE)
    for context in AFTER:
        regex = regex.replace(context, "")
    regex = re.sub(r"\[\[:alnum:\]\]", "[0-9A-Za-z]", regex)
    out, in_class, at = [], False, 0
    while at < len(regex):
        char = regex[at]
        if char == "\\":
            escaped = regex[at + 1]
            at += 2
            if escaped in CLASSES:
                text = CLASSES[escaped]
                out.append(text if in_class else f"[{text}]")
            elif escaped in "bB":
                continue
            elif escaped in "/#<>'\" @%&,;:=!~`_":
                out.append(escaped)
            else:
                out.append(char + escaped)
            continue
        # Literal braces are errors in Rust.
        if char in "{}" and not in_class and not is_counter(regex, at):
            out.append("\\")
        if char == "[" and not in_class:
            in_class = True
        elif char == "]" and in_class:
            in_class = False
        elif char == "[" and in_class:
            out.append("\\")
        out.append(char)
        at += 1
    return "".join(out), has_lead_in


def is_counter(regex, at):
    start = regex.rfind("{", 0, at + 1)
    return re.match(r"\{\d+(,\d*)?\}", regex[start:]) is not None


def starts(regex):
    """Returns the literal texts with which a match can begin."""
    plain = re.sub(r"\(\?-?i\)", "", regex)
    plain = re.sub(r"\(\?-?i:", "(?:", plain).replace(r"\z", r"\Z")
    return {text.lower() for text, _ in walk(list(parser.parse(plain)))}


def walk(items):
    """Returns pairs of a literal text and whether the items end with it."""
    found = [("", True)]
    for kind, value in items:
        options = expand(kind, value)
        found = [
            pair
            for text, is_open in found
            for pair in (((text + more, goes_on) for more, goes_on in options) if is_open else [(text, False)])
        ]
        if len(found) > 40 or not any(is_open for _, is_open in found):
            break
    return [(text[:24], is_open and len(text) <= 24) for text, is_open in found]


def expand(kind, value):
    if kind is code.LITERAL:
        return [(chr(value), True)]
    if kind is code.AT:
        return [("", True)]
    if kind is code.IN and len(value) <= 4 and all(item is code.LITERAL for item, _ in value):
        return [(chr(char), True) for _, char in value]
    if kind is code.BRANCH:
        return [pair for branch in value[1] for pair in walk(list(branch))]
    if kind is code.SUBPATTERN:
        return walk(list(value[3]))
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT) and value[0] == 0 and value[1] == 1:
        return [("", True)] + walk(list(value[2]))
    return [("", False)]


def main():
    path, version = sys.argv[1:]
    with open(path, "rb") as file:
        rules = tomllib.load(file)["rules"]
    print(f"# Rules of gitleaks {version}, https://github.com/gitleaks/gitleaks, file config/gitleaks.toml,")
    print("# MIT licence, Copyright (c) 2019 Zachary Rice; see LICENSE-gitleaks. Made by renew.py; do not edit.")
    print("# id\tkind\tentropy\tgroup\tstarts\tregex")
    for rule in rules:
        if rule["id"] in OWN_RULES or "regex" not in rule:
            continue
        regex, has_lead_in = translate(rule["regex"])
        words = starts(regex)
        kind = "named" if has_lead_in else "prefix"
        if min(map(len, words)) < 3 or words & {"http://", "https://"}:
            kind, words = "search", set(rule["keywords"])
        entropy, group = rule.get("entropy", 0), rule.get("secretGroup", 0)
        print(rule["id"], kind, entropy, group, "|".join(sorted(words)), regex, sep="\t")


if __name__ == "__main__":
    main()
