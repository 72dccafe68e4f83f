"""Names of raw files and members of archives: safe, printable and reversible."""

from __future__ import annotations

import re

_LIKE_OURS = re.compile(r"#(?=[0-9]+$)|!(?=/)")  # what would read as a record number or as an archive
_ESCAPE = re.compile(rb"\\(?:\\|x([0-9a-f]{2}))")


def to_uri(relative: str) -> str:
    r"""Escape a path below the root (as the os module gives it) into a safe, reversible name.

    Printable names stay as they are. A backslash is doubled; bytes that are not UTF-8, control characters,
    line breaks and bidi controls become ``\xNN`` per byte, and so do a ``#`` that would read as a record number and
    a ``!`` before a slash, which would read as an archive. No two files share a name.

    >>> to_uri("2026-11-01/خبر 1.txt"), to_uri("a\n\udcff.txt"), to_uri("a.jsonl#3")
    ('2026-11-01/خبر 1.txt', 'a\\x0a\\xff.txt', 'a.jsonl\\x233')
    """
    if relative.isprintable() and "\\" not in relative and not _LIKE_OURS.search(relative):
        return relative

    def escape(char: str) -> str:
        if char == "\\":
            return "\\\\"
        if char.isprintable():
            return char
        return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))

    return _LIKE_OURS.sub(lambda m: f"\\x{ord(m[0]):02x}", "".join(map(escape, relative)))


def from_uri(uri: str) -> str:
    r"""The path below the root that ``to_uri`` escaped.

    >>> from_uri(to_uri("a\n\udcff\\x41#7")) == "a\n\udcff\\x41#7"
    True
    """
    data = _ESCAPE.sub(lambda m: bytes.fromhex(m[1].decode()) if m[1] else b"\\", uri.encode("utf-8"))
    return data.decode("utf-8", "surrogateescape")
