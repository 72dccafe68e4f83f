"""Pages as plain strings: visible text without a parser, costly markup, JSON-LD. Standard library only, linear time."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

MAX_ATTRIBUTES = 2_000  # characters "=" in one tag; parsers need quadratic time for attributes
_FLOOD = re.compile(r"<[a-zA-Z][^<>]{16384}")
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9:-]*")
_SPECIAL = re.compile(r"<(?=[a-zA-Z/!?])")
_QUOTES = re.compile(r"""[>"']""")
_RAW = frozenset({"script", "style", "noscript", "template", "svg", "textarea", "title", "iframe", "object"})
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
PARAGRAPHS = frozenset(
    ["p", "div", "article", "section", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol"]
)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_ARABIC = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_LETTERS = re.compile(r"[^\W\d_]+")


def arabic_letters(text: str) -> int:
    """Number of Arabic letters.

    >>> arabic_letters("خبر 2026")
    3
    """
    return sum(map(len, _ARABIC.findall(text)))


def letters(text: str) -> int:
    """Number of letters.

    >>> letters("خبر 2026, news")
    7
    """
    return sum(map(len, _LETTERS.findall(text)))


def _tag_end(page: str, start: int) -> int:
    """Where the tag that starts at ``start`` ends (behind its ``>``), minding quotes; the length where it never does."""
    at = start + 1
    while match := _QUOTES.search(page, at):
        if match.group() == ">":
            return match.end()
        close = page.find(match.group(), match.end())
        if close < 0:  # an unbalanced quote: the next > it is
            close = page.find(">", match.end())
            return close + 1 if close >= 0 else len(page)
        at = close + 1
    return len(page)


def tags(page: str) -> Iterator[tuple[int, int, str, bool]]:
    """(start, end, name in lower case, closing) of the tags in order; comments, declarations and the content of
    scripts and styles are passed over. Start and end of what is passed over come with an empty name.

    >>> list(tags("<p>a<!-- <b> --></p>"))
    [(0, 3, 'p', False), (4, 16, '', False), (16, 20, 'p', True)]
    """
    at = 0
    unclosed: set[str] = set()
    while match := _SPECIAL.search(page, at):
        start = match.start()
        if page.startswith("<!--", start):
            end = page.find("-->", start + 4)
            at = end + 3 if end >= 0 else len(page)
            yield start, at, "", False
            continue
        closing = page.startswith("</", start)
        name = _NAME.match(page, start + 1 + closing)
        at = _tag_end(page, start)
        if name is None:
            yield start, at, "", False
            continue
        lower = name.group().lower()
        if lower in ("script", "style") and not closing and lower not in unclosed:
            end_tag = re.compile("</" + lower, re.IGNORECASE).search(page, at)
            if end_tag is None:
                unclosed.add(lower)  # never closed: do not look for it again and again
            else:
                at = _tag_end(page, end_tag.start())
                yield start, at, "", False
                continue
        yield start, at, lower, closing


def costly(page: str) -> str | None:
    """What would make a parser slow: a flood of attributes on one tag; None where nothing would.

    >>> costly("<p>نص</p>") is None, costly("<p" + " a=1" * 9_000 + ">")
    (True, 'more than 2000 attributes on one tag')
    """
    equals = page.count("=")
    if equals > MAX_ATTRIBUTES and (_FLOOD.search(page) or equals > 20_000 + 20 * page.count("<")):
        for start, end, name, _ in tags(page):
            if end - start > 2 * MAX_ATTRIBUTES and name and page.count("=", start, end) > MAX_ATTRIBUTES:
                return f"more than {MAX_ATTRIBUTES} attributes on one tag"
    return None


def visible(page: str) -> str:
    """The text of a page or fragment as a reader sees it, block elements and ``<br>`` as line breaks; no parser.

    >>> visible("<p>سطر<br>ثان</p><script>x('<p>')</script><p>فقرة &amp; أخرى</p>")
    'سطر\\nثان\\n\\nفقرة & أخرى'
    """
    out: list[str] = []
    at, skip = 0, ""
    for start, end, name, closing in tags(page):
        if not skip:
            out.append(page[at:start])
        at = end
        if skip:
            if name == skip and closing:
                skip = ""
            continue
        if name in _RAW and not closing and page.find("</" + name, end) >= 0:
            skip = name
        elif name in PARAGRAPHS:
            out.append("\n\n")
        elif name in BLOCKS:
            out.append("\n")
    if not skip:
        out.append(page[at:])
    return tidy(html.unescape("".join(out)))


def tidy(text: str) -> str:
    """Trim lines, run blanks together, leave one empty line between paragraphs.

    >>> tidy(" a  b \\n\\n\\n c ")
    'a b\\n\\nc'
    """
    lines: list[str] = []
    for raw in text.split("\n"):
        line = _SPACES.sub(" ", raw).strip()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")


def prose(text: str, least: int = 40) -> str:
    """The lines of running text: at least ``least`` letters."""
    return "\n".join(line for line in text.split("\n") if letters(line) >= least)


def json_ld(blocks: list[str]) -> dict[str, Any]:
    """The article that the JSON-LD blocks of a page describe, else an empty mapping; bad JSON is passed over.

    >>> json_ld(['{"@graph": [{"@type": "NewsArticle", "headline": "عنوان"}]}'])["headline"]
    'عنوان'
    """
    for block in blocks:
        if len(block) > 1 << 20 or block.count("[") + block.count("{") > 2_000:
            continue
        try:
            value = json.loads(block, strict=False)
        except (ValueError, RecursionError):
            continue
        queue, seen = [value], 0
        while queue and seen < 500:
            item = queue.pop(0)
            seen += 1
            if isinstance(item, list):
                queue += item
            elif isinstance(item, dict):
                kinds = item.get("@type")
                names = kinds if isinstance(kinds, list) else [kinds]
                if any(
                    isinstance(n, str) and (n.endswith("Article") or n in ("BlogPosting", "Report"))
                    for n in names
                ):
                    return item
                queue += [v for v in (item.get("@graph"), item.get("mainEntity")) if v]
    return {}


def name_of(value: Any) -> str | None:
    """The name in a JSON-LD value: text, an object with ``name``, or a list of them.

    >>> name_of([{"name": "سامي"}, "هدى"])
    'سامي، هدى'
    """
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, dict):
        return name_of(value.get("name"))
    if isinstance(value, list):
        return "، ".join(filter(None, map(name_of, value[:10]))) or None
    return None


def headline(h1: str | None, og: str | None, title: str | None, site: str | None) -> str | None:
    """The headline of a page: the h1 where og:title or title confirm it, else og:title, title without the site's name.

    >>> headline("افتتاح السد", None, "افتتاح السد | السهم", "السهم"), headline("السهم", None, "افتتاح السد - السهم", "السهم")
    ('افتتاح السد', 'افتتاح السد')
    """
    h1, og, title, site = (" ".join(html.unescape(x).split()) if x else "" for x in (h1, og, title, site))
    if h1 and h1 != site and any(h1 in other for other in (og, title) if other):
        return h1
    for candidate in (og, title):
        cut = candidate
        for mark in (" | ", " - ", " – ", " — ", " :: "):
            head, found, tail = candidate.rpartition(mark)
            if found and (tail.strip() == site or (not og and len(head) > 2 * len(tail))):
                cut = head
                break
        if cut and cut != site:
            return cut.strip()
    return h1 or None
