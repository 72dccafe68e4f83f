"""Dates in news pages: a table-driven grammar, publication lines, and the date fields of records.

Month names in all Arab traditions, pairs such as أيلول/سبتمبر, Hijri dates, ISO, numeric and English forms. Names
live in ``months.yaml``. Nothing is read from a clock: relative words (أمس) are not dates here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from pipeline.resources import load

Certainty = Literal["zoned", "local", "day", "month", "approximate", "ambiguous", "impossible"]
Order = Literal["dmy", "mdy"]
_DIGITS = {ord(d): str(i % 10) for i, d in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_MARKS = "[\u064b-\u0652\u0640]*"


@dataclass(frozen=True)
class DateHit:
    """A date in text. start, end: characters. iso: ISO 8601, as exact as the text (None where impossible).

    certainty: ``zoned`` (an instant), ``local`` (day and time, no zone), ``day``, ``month``, ``approximate`` (from
    the Hijri calendar, ±2 days), ``ambiguous`` (03/04: read day first), ``impossible``. rule: the form matched.
    conflict: on a publication line, in what the Hijri date beside a Gregorian one disagrees with it; else empty.
    """

    start: int
    end: int
    iso: str | None
    certainty: Certainty
    rule: str
    conflict: str = ""


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


def _fold(name: str) -> str:
    """Key of a name: no marks, one alef, lower case."""
    return re.sub("[\u064b-\u0652\u0640.]", "", re.sub("[أإآٱ]", "ا", name.lower()))


def _spelling(name: str) -> str:
    """Pattern that matches ``name`` in any hamza, with or without vowel marks; inner spaces may repeat."""
    if name.isascii():
        return r"\ ".join(re.escape(part) for part in name.split(" "))
    parts = []
    for char in re.sub("[\u064b-\u0652\u0640]", "", name):
        form = "[اأإآٱ]" if char in "اأإآ" else "[\\ \u00a0]{1,2}" if char == " " else re.escape(char)
        parts.append(form + (_MARKS if char != " " else ""))
    return "".join(parts)


def _alternatives(names: list[str]) -> str:
    return "(?:" + "|".join(_spelling(n) for n in sorted(names, key=lambda n: (-len(n), n))) + ")"


class _Grammar(NamedTuple):
    rules: tuple[tuple[str, re.Pattern[str]], ...]
    months: dict[str, int]
    hijri: dict[str, int]
    zones: dict[str, int]
    late: frozenset[str]
    label: re.Pattern[str]
    ranks: dict[str, int]
    filler: re.Pattern[str]


@cache
def _grammar() -> _Grammar:
    """Compile the rules from ``months.yaml``."""
    data: dict[str, Any] = load("months.yaml")

    def index(table: dict[int, list[str]]) -> dict[str, int]:
        return {_fold(name): number for number, names in table.items() for name in names}

    def names(table: dict[int, list[str]]) -> list[str]:
        return [name for names in table.values() for name in names]

    month, hijri = _alternatives(names(data["gregorian"])), _alternatives(names(data["hijri"]))
    half = _alternatives(data["am"] + data["pm"])
    zone = _alternatives(names(data["zones"])) + r"(?!\w)"
    offset = r"[+-][01][0-9](?::?[0-5][0-9])?(?![0-9])"
    gap = "[\\ \u00a0\u200f\u200e]{0,3}"
    clock = (
        rf"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9])(?:\.[0-9]{{1,9}})?)?(?![0-9:])"
        rf"(?:{gap}(?P<half>{half})(?!\w))?(?:{gap}(?:\({gap})?(?P<zone>{zone}|{offset})\)?)?"
    )
    late = (
        rf"(?:{gap}(?:[,،|\-–—]|(?:في\ )?الساعة|عند|at)?{gap}(?:الساعة\ )?{clock}|{gap}(?P<dayzone>{zone}))?"
    )
    pair = rf"(?P<month>{month})(?:{gap}[/(\-]{gap}(?P<pair>{month}){gap}\)?)?"
    year = r"(?P<year>(?:19|20)[0-9]{2})(?![0-9])"
    day = r"(?<![0-9:.,٫/-])(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
    number = r"(?<![0-9A-Za-z_:.,٫/\-])"
    sources = (
        ("iso", rf"{number}(?P<year>(?:19|20)[0-9]{{2}})-(?P<monthno>[0-9]{{2}})-(?P<day>[0-9]{{2}})(?![0-9-])(?:[T\ ]{gap}{clock})?"),
        ("day_month_year", rf"{day}{gap}(?:من\ |of\ |[,،-])?{gap}{pair}{gap}(?:[,،-]|عام|سنة)?{gap}{year}{late}"),
        ("month_day_year", rf"(?<!\w)(?P<month>{month})\.?{gap}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?{gap}[,،]{gap}{year}{late}"),
        ("hijri", rf"{day}{gap}(?:من\ |-)?{gap}(?P<hijri>{hijri}){gap},?{gap}(?P<year>1[345][0-9]{{2}})(?![0-9]){gap}(?:هـ|ه(?!\w)|للهجرة)?"),
        ("year_first", rf"{number}(?P<year>(?:19|20)[0-9]{{2}})(?P<sep>[/.])(?P<monthno>[0-9]{{1,2}})(?P=sep)(?P<day>[0-9]{{1,2}})(?![0-9/]|\.[0-9]){late}"),
        ("day_first", rf"{number}(?P<day>[0-9]{{1,2}})(?P<sep>[/.\-])(?P<monthno>[0-9]{{1,2}})(?P=sep){year}(?![/-]){late}"),
        ("month_year", rf"(?<!\w)(?:[وفبل])?{pair}{gap}(?:من\ )?(?:عام\ |العام\ |سنة\ )?{year}"),
    )  # fmt: skip
    ranked = {**dict.fromkeys(data["updated"], 1), **dict.fromkeys(data["published"], 0)}
    filler = _alternatives(
        data["weekdays"] + data["fillers"] + data["am"] + data["pm"] + names(data["zones"])
    )
    label_start = r"[\s\-–—•|*#\[(\u200e\u200f]{0,5}"
    return _Grammar(
        tuple((name, re.compile(source, re.IGNORECASE)) for name, source in sources),
        index(data["gregorian"]),
        index(data["hijri"]),
        index(data["zones"]),
        frozenset(_fold(name) for name in data["pm"]),
        re.compile(rf"{label_start}(?P<label>{_alternatives(list(ranked))})(?!\w)\s{{0,3}}[:：\-–|]?\s{{0,3}}", re.IGNORECASE),
        {_fold(name): rank for name, rank in ranked.items()},
        re.compile(rf"(?<!\w)(?:{filler})(?!\w)|[\W_]", re.IGNORECASE),
    )  # fmt: skip


def hijri_to_date(year: int, month: int, day: int) -> dt.date:
    """Gregorian date of a Hijri date by the tabular civil calendar (leap years of Ulug Beg); ±2 days.

    Raises ValueError outside 1343–1500 AH (the span of the printed Umm al-Qura tables), month 13, day 31.

    >>> hijri_to_date(1445, 3, 4)
    datetime.date(2023, 9, 19)
    """
    if not (1343 <= year <= 1500 and 1 <= month <= 12 and 1 <= day <= 30):
        raise ValueError(f"no Hijri date: {year}-{month}-{day}")
    days = (11 * year + 3) // 30 + 354 * year + 30 * month - (month - 1) // 2 + day
    return dt.date.fromordinal(days + 1948440 - 385 - 1721425)


def _offset(zone: str, zones: dict[str, int]) -> int:
    """Minutes east of UTC of a zone name or ±hh[:mm]."""
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:]))
    return zones[_fold(zone)]


def _clock(groups: dict[str, str | None], grammar: _Grammar) -> tuple[str, bool]:
    """ISO suffix for time and zone, and whether a zone was given. Raises ValueError on 15:30 PM."""
    zone = groups.get("zone") or groups.get("dayzone")
    suffix = ""
    if groups.get("hour"):
        hour, minute = int(groups["hour"] or 0), int(groups["minute"] or 0)
        half = groups.get("half")
        if half and hour <= 12:
            hour = hour % 12 + (12 if _fold(half) in grammar.late else 0)
        suffix = dt.time(hour, minute, int(groups.get("second") or 0)).isoformat("auto")
        suffix = "T" + (suffix if groups.get("second") else suffix[:5])
        if zone:
            minutes = _offset(zone, grammar.zones)
            sign = "-" if minutes < 0 else "+"
            suffix += "Z" if not minutes else f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return suffix, bool(zone and suffix)


def _reading(rule: str, groups: dict[str, str | None], order: Order | None) -> tuple[str | None, Certainty]:
    """ISO text and certainty of one match."""
    grammar = _grammar()
    year = int(groups["year"] or 0)
    try:
        if rule == "hijri":
            month = grammar.hijri[_fold(re.sub("[\u00a0 ]+", " ", groups["hijri"] or ""))]
            return hijri_to_date(year, month, int(groups["day"] or 0)).isoformat(), "approximate"
        if groups.get("month"):
            month = grammar.months[_fold(re.sub("[\u00a0 ]+", " ", groups["month"] or ""))]
        else:
            month = int(groups["monthno"] or 0)
        if rule == "month_year":
            return f"{year:04}-{month:02}", "month"
        day = int(groups["day"] or 0)
        unsure = rule == "day_first" and day <= 12 and month <= 12 and day != month
        if rule == "day_first" and (order == "mdy" or month > 12):
            day, month = month, day
        date = dt.date(year, month, day).isoformat()
        suffix, zoned = _clock(groups, grammar)
    except (ValueError, KeyError):
        return None, "impossible"
    certainty: Certainty = "zoned" if zoned else "local" if suffix else "day"
    return date + suffix, "ambiguous" if unsure and order is None else certainty


def find_dates(text: str, order: Order | None = None) -> list[DateHit]:
    """Find the dates in ``text``, in order, without overlap. ``order`` settles numeric dates such as 03/04/2023.

    >>> [(h.iso, h.certainty) for h in find_dates("نشر الثلاثاء 19 أيلول/سبتمبر 2023، وعُدّل 20th, September 2023 GMT")]
    [('2023-09-19', 'day'), ('2023-09-20', 'day')]
    >>> [(h.iso, h.certainty) for h in find_dates("٤ ربيع الأول ١٤٤٥هـ و30 فبراير 2023 و03/04/2023")]
    [('2023-09-19', 'approximate'), (None, 'impossible'), ('2023-04-03', 'ambiguous')]
    >>> find_dates("نمو 26 % عند 15:30 بطائرات سو-35 بنتيجة 3-2")
    []
    """
    plain = ascii_digits(text)
    hits: list[DateHit] = []
    for rule, pattern in _grammar().rules:
        for match in pattern.finditer(plain):
            start, end = match.start(), match.end()
            end = start + len(plain[start:end].rstrip(" \u00a0"))
            if any(start < hit.end and hit.start < end for hit in hits):
                continue
            iso, certainty = _reading(rule, match.groupdict(), order)
            hits.append(DateHit(start, end, iso, certainty, rule))
    return sorted(hits, key=lambda hit: hit.start)


MAX_LINE = 120  # characters of a publication line; longer ones are prose
TOP, BOTTOM = 12, 4  # non-empty lines looked at


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Non-empty lines with their offsets."""
    at = 0
    for line in re.split(r"(?<=[\n\r])", text):
        if line.strip():
            yield at, line.rstrip("\r\n")
        at += len(line)


HIJRI_DAYS = 2  # the tabular calendar and the announced months differ by no more (see ``hijri_to_date``)


def _conflict(gregorian: DateHit, hits: list[DateHit]) -> str:
    """How the Hijri dates of a line disagree with its Gregorian one; empty where they agree or either is missing.

    >>> published("20 سبتمبر 2023م - 12 ربيع الأول 1445هـ").conflict
    'hijri date is 2023-09-27, 7 days apart'
    """
    if gregorian.rule == "hijri" or gregorian.iso is None:
        return ""
    day = dt.date.fromisoformat(gregorian.iso[:10])
    for hit in hits:
        if hit.rule == "hijri" and hit.iso is None:
            return "hijri date is impossible"
        if hit.rule == "hijri" and hit.iso is not None:
            apart = abs((dt.date.fromisoformat(hit.iso) - day).days)
            if apart > HIJRI_DAYS:
                return f"hijri date is {hit.iso}, {apart} days apart"
    return ""


def _line_date(line: str, order: Order | None) -> tuple[int, DateHit] | None:
    """Rank (0 published, 1 bare date line, 2 updated) and date of a publication line."""
    if len(line) > MAX_LINE or not any(c in line for c in "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"):
        return None
    hits = [hit for hit in find_dates(line, order) if hit.certainty != "month"]
    if not hits:
        return None
    grammar = _grammar()
    # A Hijri date beside a Gregorian one is the same day, less exactly.
    best = next((hit for hit in hits if hit.rule != "hijri"), hits[0])
    best = replace(best, conflict=_conflict(best, hits))
    rest = ascii_digits(line)
    for hit in hits:
        rest = rest[: hit.start] + " " * (hit.end - hit.start) + rest[hit.end :]
    label = grammar.label.match(rest)
    if label:
        rest = " " * label.end() + rest[label.end() :]
    words = grammar.filler.sub(" ", re.sub(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?", " ", rest)).split()
    if label and len(words) <= 4:
        return (0 if grammar.ranks.get(_fold(label["label"]), 0) == 0 else 2), best
    if not words:
        return 1, best
    # A dateline: place, Hijri and Gregorian date, agency.
    both = {hit.rule == "hijri" for hit in hits} == {True, False}
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


def instant(iso: str) -> dt.datetime:
    """The instant of an ISO date as ``find_dates`` writes it; without a zone it is taken as UTC.

    >>> instant("2023-09-20T14:30+03:00"), instant("2023-09-20").hour
    (datetime.datetime(2023, 9, 20, 11, 30, tzinfo=datetime.timezone.utc), 0)
    """
    when = dt.datetime.fromisoformat(iso if len(iso) > 7 else f"{iso}-01")
    return (when if when.tzinfo else when.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


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
