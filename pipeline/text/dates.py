"""When a page was published: its publication line, or the date field of its record.

Dates are read by the grammar of ``dates_find``; here it is decided which of them speaks of the page itself, and how sure
that is. Nothing is read from a clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from pipeline.text.dates_find import (
    Certainty,
    DateHit,
    Order,
    find_dates,
    hijri_to_date,
    instant,
)
from pipeline.text.dates_grammar import labels
from pipeline.text.normalise import fold_map, key

__all__ = [
    "Certainty",
    "DateHit",
    "FieldDate",
    "Order",
    "ascii_digits",
    "find_dates",
    "hijri_to_date",
    "instant",
    "parse_field",
    "published",
]

_DIGITS = {ord(d): str(i % 10) for i, d in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}


class FieldDate(NamedTuple):
    """The reading of a date field: instant in UTC or None, certainty, what was wrong or assumed, and the conflict of
    its Hijri date with its Gregorian one."""

    when: dt.datetime | None
    certainty: Certainty
    note: str
    conflict: str = ""


def ascii_digits(text: str) -> str:
    """Arabic-Indic and Persian digits as ASCII digits, character for character.

    >>> ascii_digits("٢٠ سبتمبر ۲۰۲۳")
    '20 سبتمبر 2023'
    """
    return text.translate(_DIGITS)


MAX_LINE = 120  # characters of a publication line; longer ones are prose
TOP, BOTTOM = 12, 4  # non-empty lines looked at


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Non-empty lines with their offsets."""
    at = 0
    for line in re.split(r"(?<=[\n\r])", text):
        if line.strip():
            yield at, line.rstrip("\r\n")
        at += len(line)


def _conflict(gregorian: DateHit, hits: list[DateHit]) -> str:
    """How the Hijri dates of a line disagree with its Gregorian one; empty where they agree or either is missing.

    >>> published("20 سبتمبر 2023م - 12 ربيع الأول 1445هـ").conflict
    'hijri date is 2023-09-27, 7 days apart'
    >>> published("20 سبتمبر 2023م - 4 ربيع الأول 1445هـ").conflict
    'hijri date is 2023-09-19, 1 day apart'
    """
    if gregorian.rule.startswith("hijri") or gregorian.iso is None:
        return ""
    day = dt.date.fromisoformat(gregorian.iso[:10])
    for hit in hits:
        if not hit.rule.startswith("hijri"):
            continue
        if hit.iso is None:
            return "hijri date is impossible"
        apart = abs((dt.date.fromisoformat(hit.iso) - day).days)
        if apart:
            return f"hijri date is {hit.iso}, {apart} day{'s' if apart > 1 else ''} apart"
    return ""


def _line_date(line: str, order: Order | None) -> tuple[int, DateHit] | None:
    """Rank (0 published, 1 bare date line, 2 updated) and date of a publication line."""
    if len(line) > MAX_LINE or not any(c in line for c in "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"):
        return None
    hits = [hit for hit in find_dates(line, order) if hit.certainty != "month"]
    if not hits:
        return None
    label_pattern, ranks, filler, _ = labels()
    # A Hijri date beside a Gregorian one is the same day, less exactly.
    best = next((hit for hit in hits if not hit.rule.startswith("hijri")), hits[0])
    best = replace(best, conflict=_conflict(best, hits))
    rest = line
    for hit in hits:
        rest = rest[: hit.start] + " " * (hit.end - hit.start) + rest[hit.end :]
    rest = fold_map(rest)[0]
    label = label_pattern.match(rest)
    if label:
        rest = rest[label.end() :]
    words = filler.sub(" ", re.sub(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?", " ", rest)).split()
    if label and len(words) <= 4:
        return (2 if ranks[key(label["label"])] else 0), best
    if not words:
        return 1, best
    # A dateline: place, Hijri and Gregorian date, agency.
    both = {hit.rule.startswith("hijri") for hit in hits} == {True, False}
    return (1, best) if both and len(words) <= 5 else None


def published(text: str, order: Order | None = None) -> DateHit | None:
    """The date of an explicit publication line near the top or end of ``text``; never a date inside a sentence.

    Lines near the top come before lines near the end (a page's tail may carry another article's date), labelled ones
    before bare dates, "published" before "updated".

    >>> hit = published("عنوان\\nتاريخ النشر: ٢٠ سبتمبر ٢٠٢٣ - 14:30 GMT\\nوصل الوفد في 3 مارس 2020 إلى المدينة.")
    >>> hit.iso, hit.certainty
    ('2023-09-20T14:30Z', 'zoned')
    >>> published("وصل الوفد في 3 مارس 2020 إلى المدينة.") is None
    True
    """
    lines = list(_lines(text))
    top = lines[:TOP]
    for part in (top, lines[max(TOP, len(lines) - BOTTOM) :]):
        found = [(ranked[0], at, ranked[1]) for at, line in part if (ranked := _line_date(line, order))]
        if found:
            rank, at, hit = min(found, key=lambda item: (item[0], item[1]))
            if rank == 1 and len({(other.iso or "")[:10] for r, _, other in found if r == 1}) > 1:
                continue  # a timeline: dates as headings
            return replace(hit, start=at + hit.start, end=at + hit.end)
    return None


def _epoch(value: str) -> dt.datetime | None:
    """Seconds (9 or 10 digits) or milliseconds (12 or 13) since 1970."""
    if re.fullmatch(r"[0-9]{9,10}(?:\.[0-9]{1,9})?", value):
        return dt.datetime.fromtimestamp(float(value), dt.UTC)
    return (
        dt.datetime.fromtimestamp(int(value) / 1000, dt.UTC) if re.fullmatch(r"[0-9]{12,13}", value) else None
    )


_COMPACT = re.compile(
    r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])(?:T?([0-2][0-9])([0-5][0-9])([0-5][0-9])?Z?)?"
)


def parse_field(value: str, order: Order | None = None) -> FieldDate:
    """Read a date field: ISO 8601, RFC 2822, epoch, or any form of ``find_dates`` that fills the field.

    Without a zone the time is taken as UTC and marked ``local``; a bare day is midnight UTC, marked ``day``.

    >>> parse_field("2023-09-19T14:30:00+03:00")
    FieldDate(when=datetime.datetime(2023, 9, 19, 11, 30, tzinfo=datetime.timezone.utc), certainty='zoned', note='', conflict='')
    >>> parse_field("Tue, 19 Sep 2023 14:30:00 GMT").certainty, parse_field("2023/09/19 14:30").certainty
    ('zoned', 'local')
    >>> parse_field("03/04/2023").certainty, parse_field("2023-02-30")[:3]
    ('ambiguous', (None, 'impossible', 'no such date'))
    """
    text = ascii_digits(value.strip())
    try:
        epoch = _epoch(text)
        if epoch:
            return FieldDate(epoch, "zoned", "epoch")
        compact = _COMPACT.fullmatch(text)
        if compact:
            parts = [int(part) for part in compact.groups() if part]
            when = dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]
            return FieldDate(
                when, "zoned" if text.endswith("Z") else "local" if len(parts) > 3 else "day", ""
            )
        if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]|$)", text):
            return _iso(text)
        if re.match(r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]", text):
            when = parsedate_to_datetime(text)
            zoned: Certainty = "zoned" if when.tzinfo else "local"
            return FieldDate(
                (when if when.tzinfo else when.replace(tzinfo=dt.UTC)).astimezone(dt.UTC), zoned, ""
            )
    except (ValueError, OverflowError, OSError, TypeError):
        return FieldDate(None, "impossible", "no such date")
    return _worded(text, order)


def _iso(text: str) -> FieldDate:
    """ISO 8601 with what feeds make of it: a space for T, ``Z``, ``UTC``, +03, long fractions."""
    plain = re.sub(r"\s{0,3}(?:Z|UTC|GMT)$", "+00:00", text)
    plain = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", plain)
    plain = re.sub(r"\s([+-][0-9]{2}:?[0-9]{0,2})$", r"\1", plain)
    when = dt.datetime.fromisoformat(plain)
    if when.tzinfo:
        return FieldDate(when.astimezone(dt.UTC), "zoned", "")
    return FieldDate(when.replace(tzinfo=dt.UTC), "local" if len(plain) > 10 else "day", "")


def _worded(text: str, order: Order | None) -> FieldDate:
    hits = [hit for hit in find_dates(text, order) if hit.certainty != "month"]
    if not hits:
        return FieldDate(None, "impossible", "no date in the field")
    ranked = _line_date(text, order)
    if ranked is None:
        return FieldDate(None, "impossible", "more than a date in the field")
    hit = ranked[1]
    if hit.iso is None:
        return FieldDate(None, "impossible", "no such date")
    return FieldDate(instant(hit.iso), hit.certainty, hit.rule, hit.conflict)
