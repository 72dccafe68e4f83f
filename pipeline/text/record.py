"""Raw bytes of one record to an article: fields by their keys, types checked, text decoded and mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.text.decode import Decoded, decode, decode_bytes, mend, replace_surrogates
from pipeline.text.strictjson import JsonError, parse

FieldNames = Mapping[str, tuple[str, ...]]  # column → keys that may hold it, the first present counts


class RecordError(ValueError):
    """The record cannot become a document: reason code, finding."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass
class Article:
    """A record on its way to a document."""

    text: str
    encoding: str
    repairs: list[str]
    record_id: str | None = None
    outlet: str | None = None
    outlet_hint: str | None = None  # where neither the record nor its path name the outlet
    url: str | None = None
    title: str | None = None
    byline: str | None = None
    date_field: tuple[str, str] | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def checked(found: Decoded) -> Decoded:
    """The text, where it can be used. Raises RecordError."""
    if found.problem:
        raise RecordError(found.problem, found.detail)
    return found


def from_text(payload: bytes) -> Article:
    """Read a plain text file. Raises RecordError."""
    found = checked(decode(payload))
    return Article(found.text, found.encoding, list(found.repairs))


_KINDS: Mapping[str, tuple[type, ...]] = {
    "id": (str, int), "outlet": (str,), "url": (str,), "published_at": (str, int, float), "title": (str,),
    "text": (str,), "byline": (str, list),
}  # fmt: skip
_JSON_NAMES = {dict: "object", list: "array", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}  # fmt: skip


def _plain(value: Any) -> Any:
    """A name where an object holds one, as {"id": …, "name": …}; lists of such as lists of names."""
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return value["name"]
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _find(record: dict[str, Any], keys: tuple[str, ...], folded: dict[str, str]) -> str | None:
    """The first of ``keys`` that the record has, exactly or else in other letter case."""
    return next((key for key in keys if key in record), None) or next(
        (folded[key.lower()] for key in keys if key.lower() in folded and folded[key.lower()] in record), None
    )


def _take(record: dict[str, Any], names: FieldNames) -> dict[str, tuple[str, Any]]:
    """Column → (key, value) of the columns present, taken out of ``record``. Raises RecordError on a wrong type."""
    taken: dict[str, tuple[str, Any]] = {}
    folded = {key.strip().lower(): key for key in reversed(record)}
    for column, kinds in _KINDS.items():
        key = _find(record, names[column], folded)
        if key is None:
            if column == "text":
                seen = ", ".join(str(key) for key in list(record)[:12])[:90] or "nothing"
                raise RecordError(
                    "schema", f"{names['text'][0]}: expected string, got nothing; the record has: {seen}"
                )
            continue
        value = record.pop(key)
        if column in ("outlet", "byline"):
            value = _plain(value)
        good = isinstance(value, kinds) and not isinstance(value, bool)
        if isinstance(value, list):
            good = good and all(isinstance(item, str) for item in value)
        if value is None and column != "text":
            continue
        if not good:
            expected = " or ".join(dict.fromkeys(_JSON_NAMES[kind] for kind in kinds))
            raise RecordError("schema", f"{key}: expected {expected}, got {_JSON_NAMES[type(value)]}")
        taken[column] = (key, "، ".join(value) if isinstance(value, list) else value)
    return taken


def _clean(value: Any, repairs: list[str], column: str) -> str | None:
    """A short field as text that UTF-8 can hold; None where it is blank."""
    if value is None:
        return None
    text, marks = replace_surrogates(str(value))
    repairs += [f"{column}:{mark}" for mark in marks]
    return text if text.strip() else None


def from_json(payload: bytes, names: FieldNames, key: bytes | None = None) -> Article:
    """Read one JSON record; ``key`` is that under which an object held it, and its id where it has none.

    Raises RecordError (``bad_json``, ``schema``, ``empty`` and those of ``decode``).
    """
    source = checked(decode_bytes(payload))
    try:
        record = parse(source.text)
    except JsonError as error:
        byte = (
            ""
            if error.at is None
            else f" at byte {len(source.text[: error.at].encode('utf-8', 'replace'))} of it"
        )
        raise RecordError("bad_json", error.message + byte) from None
    if not isinstance(record, dict):
        raise RecordError("schema", f"record: expected object, got {_JSON_NAMES[type(record)]}")
    article = from_record(record, names, source.encoding, list(source.repairs))
    if key and article.record_id is None:
        article.record_id = decode_bytes(key).text or None
    return article


def from_record(record: dict[str, Any], names: FieldNames, encoding: str, repairs: list[str]) -> Article:
    """The article that a mapping of fields holds; what has no column stays in ``extra``. Raises RecordError."""
    taken = _take(record, names)

    def value(column: str) -> Any:
        return taken[column][1] if column in taken else None

    title = _prose(value("title"), "title", repairs)
    text = _prose(value("text"), "text", repairs)
    if title is None and text is None:
        raise RecordError("empty", "neither title nor text")
    if text is None:
        repairs.append("no_body@text")  # a flash may be its headline alone
    date = taken.get("published_at")
    return Article(
        "\n\n".join(part for part in (title, text) if part is not None),
        encoding,
        repairs,
        record_id=_clean(value("id"), repairs, "id"),
        outlet=_clean(value("outlet"), repairs, "outlet"),
        url=_clean(value("url"), repairs, "url"),
        title=title,
        byline=_clean(value("byline"), repairs, "byline"),
        date_field=None if date is None else (date[0], str(date[1])),
        extra=record,
    )


def _prose(value: str | None, column: str, repairs: list[str]) -> str | None:
    """Title or text of a record, mended; None where blank. Raises RecordError where it cannot be used."""
    if value is None:
        return None
    found = mend(Decoded(value, ""))
    if found.problem == "empty":
        return None
    checked(found)
    repairs += found.repairs if column == "text" else [f"{column}:{mark}" for mark in found.repairs]
    return found.text
