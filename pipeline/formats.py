"""What a raw file is: by its name, and by its first bytes, which beat the name."""

from __future__ import annotations

import re

from pipeline.unpack import MAGIC

KINDS = {
    ".txt": "text", ".html": "html", ".htm": "html", ".xhtml": "html", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".zip": "zip", ".tar": "tar",
    ".warc": "warc", ".xml": "feed", ".rss": "feed", ".atom": "feed",
}  # fmt: skip
PACKINGS = {".gz": "gz", ".zst": "zst", ".bz2": "bz2"}
_SHORT = {".tgz": ".tar.gz", ".tbz": ".tar.bz2", ".tbz2": ".tar.bz2", ".tzst": ".tar.zst"}
READ = ".txt, .html, .json, .jsonl, .csv, .tsv, .parquet, .xml (RSS, Atom), .warc, .zip, .tar, and .gz, .zst or .bz2 of these"
ARTICLES = frozenset({"text", "html"})  # one article per file
ARCHIVES = frozenset({"zip", "tar"})
HEAD = 1024  # bytes that ``sniff`` looks at
_LEFTOVER = ("~", ".tmp", ".part", ".swp", ".crdownload")
_PAPERS = ("readme", "license")
_HTML = re.compile(rb"<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)
_FEED = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)


def ignored(name: str) -> bool:
    """True for names that are no delivery: hidden ones, leftovers of editors and transfers, README and LICENSE.

    >>> ignored(".a.txt"), ignored("_SUCCESS"), ignored("a.txt.part"), ignored("README.md"), ignored("a.txt")
    (True, True, True, True, False)
    """
    lower = name.lower()
    return not name or name[0] in "._" or lower.endswith(_LEFTOVER) or lower.partition(".")[0] in _PAPERS


def by_name(name: str) -> tuple[str, str] | None:
    """(kind, packing) that a file name promises; packing is empty where it is not packed; None for strangers.

    >>> by_name("a.txt"), by_name("X.JSONL.GZ"), by_name("b.tgz"), by_name("c.pdf")
    (('text', ''), ('jsonl', 'gz'), ('tar', 'gz'), None)
    """
    lower = name.lower()
    for short, long in _SHORT.items():
        if lower.endswith(short):
            lower = lower.removesuffix(short) + long
    packing = next((suffix for suffix in PACKINGS if lower.endswith(suffix)), "")
    lower = lower.removesuffix(packing)
    dot = lower.rfind(".")
    kind = KINDS.get(lower[dot:]) if dot >= 0 else None
    return (kind, PACKINGS.get(packing, "")) if kind else None


def packing_of(head: bytes) -> str:
    """The packing that ``head`` starts like, else nothing.

    >>> packing_of(b"\\x1f\\x8b\\x08..."), packing_of("نص".encode())
    ('gz', '')
    """
    if head.startswith(MAGIC["bz2"]):  # text may start so, too: the fixed bytes behind it decide
        return "bz2" if head[4:10] in (b"1AY&SY", b"\x17rE8P\x90") or len(head) < 10 else ""
    return next((kind for kind, magic in MAGIC.items() if head.startswith(magic)), "")


def sniff(head: bytes) -> str | None:
    """The kind that the first bytes prove; None where they prove nothing.

    >>> sniff(b"PK\\x03\\x04..."), sniff(b"WARC/1.0\\r\\n"), sniff(b"\\n<!DOCTYPE html><html>"), sniff("نص".encode())
    ('zip', 'warc', 'html', None)
    >>> sniff(b'<?xml version="1.0"?><rss version="2.0">'), sniff(b'<?xml version="1.0"?><svg>')
    ('feed', 'xml')
    """
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "zip"
    if head[:4] == b"PAR1":
        return "parquet"
    if head[257:262] == b"ustar":
        return "tar"
    if head[:5] == b"WARC/":
        return "warc"
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not text.startswith(b"<"):
        return "array" if text.startswith(b"[") else None
    if _HTML.search(text):
        return "html"
    if _FEED.search(text):
        return "feed"
    return "xml" if text.startswith(b"<?xml") else None


def settle(kind: str, head: bytes) -> str:
    """The kind of a file that its name calls ``kind``, by its first bytes where they speak.

    >>> settle("text", b"PK\\x03\\x04"), settle("html", b"<p>"), settle("feed", b"<?xml version='1.0'?><svg>")
    ('zip', 'html', 'xml')
    >>> settle("jsonl", b'[{"text": ""}]'), settle("text", b"[1] ...")
    ('json', 'text')
    """
    found = sniff(head)
    if found == "array":
        return "json" if kind == "jsonl" else kind
    if found == "xml":  # a page with an XML declaration, a feed whose root comes late, or neither
        return "xml" if kind in ("feed", "text") else kind
    if found in ("html", "feed") and kind in ("html", "jsonl", "json", "csv"):
        return found if kind != "html" or b"<html" not in head.lower() else kind
    if found == "feed" and kind == "text":
        return "feed"
    return found or kind
