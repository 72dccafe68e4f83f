"""Records that are not JSON: a row of a CSV file, an item of an RSS or Atom feed. Standard library only."""

from __future__ import annotations

import html
import re
from typing import Any
from xml.parsers import expat

from pipeline.text.decode import decode_bytes
from pipeline.text.html_text import visible
from pipeline.text.record import Article, FieldNames, RecordError, checked, from_record

_FIELD: dict[str, re.Pattern[str]] = {
    mark: re.compile(
        rf'(?:"((?:[^"]++|"")*+)" *+|([^{re.escape(mark)}\r\n]*+))(?:{re.escape(mark)}|\r\n|\n|\r|$)'
    )
    for mark in ",;\t|"
}


def csv_fields(row: str, mark: str) -> list[str]:
    r"""The fields of one row (RFC 4180).

    >>> csv_fields('1,"a ""b""\nc",\r\n', ",")
    ['1', 'a "b"\nc', '']
    """
    body = row.removesuffix("\n").removesuffix("\r") + mark
    found: list[str] = []
    at = 0
    while at < len(body):
        match = _FIELD[mark].match(body, at)
        if match is None:
            raise RecordError("bad_csv", f"field {len(found) + 1}: text behind a closing quote")
        quoted, plain = match.groups()
        found.append(plain if quoted is None else quoted.replace('""', '"'))
        at = max(match.end(), at + 1)
    return found


def from_csv(payload: bytes, context: bytes, names: FieldNames) -> Article:
    """Read one row; ``context`` is the separator and the header. Empty fields count as absent. Raises RecordError."""
    source = checked(decode_bytes(payload))
    mark = context[:1].decode("ascii")
    header = csv_fields(checked(decode_bytes(context[1:])).text, mark)
    record: dict[str, Any] = {}
    for number, (name, value) in enumerate(zip(header, csv_fields(source.text, mark), strict=False), 1):
        key = name.strip() or f"column {number}"
        if value.strip():
            record[key if key not in record else f"{key} ({number})"] = value
    missing = [name.strip() for name in header if name.strip() and name.strip() not in record]
    text_names = {name.lower() for name in (*names["text"], *names["title"])}
    for name in missing:
        if name.lower() in text_names:
            record[name] = ""  # a text field is there, it is only empty
    return from_record(record, names, source.encoding, list(source.repairs))


_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_BARE = re.compile(r"&(?!#?\w{1,30};)")
_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_HEAD_TITLE = re.compile(r"<title[^>]{0,200}>(?:<!\[CDATA\[)?([^<\]]{1,200})")
_CONTENT = ("content:encoded", "content", "description", "summary")
_DATES = ("pubDate", "published", "dc:date", "updated", "date")


class _Item:
    """Text of the children of an item by their names; markup inside them (Atom's xhtml) is kept as markup."""

    def __init__(self) -> None:
        self.depth = 0
        self.name = ""
        self.fields: dict[str, str] = {}
        self.links: list[dict[str, str]] = []
        self.pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 2:
            self.name, self.pieces = name, []
            if name.rpartition(":")[2] == "link":
                self.links.append(attributes)
        elif self.depth > 2:
            self.pieces.append(f"<{name}>")

    def end(self, name: str) -> None:
        if self.depth == 2:
            self.fields.setdefault(self.name, "".join(self.pieces).strip())
        elif self.depth > 2:
            self.pieces.append(f"</{name}>")
        self.depth -= 1

    def text(self, data: str) -> None:
        self.pieces.append(data)


def _parse(item: str) -> _Item:
    found = _Item()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    parser.CharacterDataHandler = found.text
    parser.Parse(item.encode("utf-8", "replace"), True)
    return found


def _entities(text: str) -> str:
    """Replace the named entities of HTML, which XML does not know."""

    def char(match: re.Match[str]) -> str:
        return match.group() if match.group(1) in _XML else html.unescape(match.group())

    return _ENTITY.sub(char, text)


def from_feed(payload: bytes, head: bytes) -> Article:
    """Read one item; ``head`` is what came before the first item. Raises RecordError (``bad_xml``, ``schema``, …)."""
    source = checked(decode_bytes(payload))
    repairs = list(source.repairs)
    text = source.text
    try:
        found = _parse(text)
    except expat.ExpatError:
        try:
            found = _parse(_BARE.sub("&amp;", _entities(text)))
            repairs.append("xml@unescaped characters")
        except expat.ExpatError as error:
            raise RecordError("bad_xml", f"{error}"[:150]) from None
    fields = found.fields
    body = next((fields[name] for name in _CONTENT if fields.get(name)), "")
    names = [*_CONTENT, *_DATES, "title", "guid", "id", "link", "author", "dc:creator"]
    record: dict[str, Any] = {key: value for key, value in fields.items() if key not in names and value}
    links = [link.get("href", "") for link in found.links if link.get("rel", "alternate") == "alternate"]
    plain = {
        "id": fields.get("guid") or fields.get("id"),
        "url": fields.get("link") or next(filter(None, links), None),
        "title": visible(fields.get("title", "")).replace("\n", " "),
        "text": visible(body),
        "byline": fields.get("dc:creator") or visible(fields.get("author", "")).replace("\n", " "),
    }
    if not plain["title"] and not plain["text"]:
        raise RecordError("schema", f"no title, description or content; the item has {_listed(fields)}")
    canonical: FieldNames = {
        c: (f"\x00{c}",) for c in ("id", "outlet", "url", "published_at", "title", "text", "byline")
    }
    record |= {f"\x00{column}": value for column, value in plain.items() if value}
    record.setdefault("\x00text", "")
    article = from_record(record, canonical, source.encoding, repairs)
    date = next(((name, fields[name]) for name in _DATES if fields.get(name)), None)
    article.date_field = date
    title = _HEAD_TITLE.search(decode_bytes(head).text) if head.strip() else None
    article.outlet_hint = html.unescape(title.group(1)).strip() or None if title else None
    return article


def _listed(fields: dict[str, str]) -> str:
    return ", ".join(sorted(fields)[:8])[:100] or "nothing"
