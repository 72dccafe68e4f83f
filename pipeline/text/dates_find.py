"""Dates that text states in full: a table-driven grammar over all Arab month names, Hijri dates, ISO, numeric, English.

Names live in ``months.yaml``. Nothing is read from a clock, and words that need a day of writing (أمس) are read by
``dates_relative``. Hijri dates follow the Umm al-Qura tables of hijridate (R.H. van Gent's), which may differ by a
day from what a country announced; they are marked approximate.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from hijridate import Hijri

from pipeline.text.dates_grammar import (
    ERA_AD,
    ERA_AH,
    GAP,
    HIJRI_YEAR,
    START,
    YEAR,
    calendar,
    clock,
    labels,
    late,
    pair,
    words,
)
from pipeline.text.dates_triggers import NEEDS, present
from pipeline.text.normalise import fold_map, key

Certainty = Literal["zoned", "local", "day", "month", "approximate", "ambiguous", "impossible"]
Order = Literal["dmy", "mdy"]
Groups = dict[str, str | None]


@dataclass(frozen=True)
class DateHit:
    """A date in text. start, end: characters. iso: ISO 8601, as exact as the text (None where impossible).

    certainty: ``zoned`` (an instant), ``local`` (day and time, no zone), ``day``, ``month``, ``approximate`` (from the
    Hijri calendar, ±1 day), ``ambiguous`` (03/04: read day first), ``impossible``. rule: the form matched. other: the
    other readings of an ambiguous date. conflict: on a publication line, in what the Hijri date beside a Gregorian one
    disagrees with it; else empty.
    """

    start: int
    end: int
    iso: str | None
    certainty: Certainty
    rule: str
    other: tuple[str, ...] = ()
    conflict: str = ""


def hijri_to_date(year: int, month: int, day: int) -> dt.date:
    """Gregorian date of a Hijri date by the Umm al-Qura calendar; day 30 of a month of 29 is the day after, since a
    country that saw the moon later has one. Raises ValueError outside 1343–1500 AH, month 13, day 31.

    >>> hijri_to_date(1445, 3, 4), hijri_to_date(1436, 10, 1)
    (datetime.date(2023, 9, 19), datetime.date(2015, 7, 17))
    """
    if not 1 <= day <= 30:
        raise ValueError(f"no day of a Hijri month: {day}")
    try:
        first = dt.date.fromisoformat(Hijri(year, month, 1).to_gregorian().isoformat())
    except OverflowError as error:
        raise ValueError(str(error)) from error
    return first + dt.timedelta(days=day - 1)


def day_of_month() -> str:
    """A day of the month in figures or as an ordinal: 3, 3rd, الـ15 من, الثالث من."""
    figure = r"(?<![0-9:.,٫/-])(?:ال ?)?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
    return rf"(?:{figure}{GAP}(?:من |of |[,،-])?|(?<!\w)[وفبل]?(?P<day_word>{words('ordinals').pattern}) من )"


@cache
def rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The rules in the order in which they are tried; what an earlier one took, a later one leaves alone."""
    month, hijri = pair(), rf"(?P<hijri>{calendar('hijri').pattern})"
    year_of = rf"{GAP}(?:[,،-]|من )?{GAP}(?:(?:ال)?(?:عام|سنة))?{GAP}"
    day = rf"{day_of_month()}{GAP}(?:شهر )?"
    sources = (
        ("iso", rf"{START}(?P<year>(?:19|20)[0-9]{{2}})-(?P<monthno>[0-9]{{2}})-(?P<day>[0-9]{{2}})(?![0-9-])(?:[Tt ]{GAP}{clock()})?"),
        ("day_month_year", rf"{day}{month}{year_of}{YEAR}{ERA_AD}{late()}"),
        ("month_day_year", rf"(?<!\w)(?P<month>{calendar('gregorian').pattern}){GAP}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?{GAP}[,،]{GAP}{YEAR}{late()}"),
        ("hijri", rf"{day}{hijri}{year_of}{HIJRI_YEAR}{ERA_AH}"),
        ("hijri_numeric", rf"{START}(?P<hijri_year>1[34][0-9]{{2}})(?P<sep>[/-])(?P<monthno>[0-9]{{1,2}})(?P=sep)(?P<day>[0-9]{{1,2}})(?![0-9/-]){ERA_AH}"),
        ("hijri_numeric", rf"{START}(?P<day>[0-9]{{1,2}}) ?(?P<sep>[/-]) ?(?P<monthno>[0-9]{{1,2}}) ?(?P=sep) ?(?P<hijri_year>1[34][0-9]{{2}})(?![0-9/-]){ERA_AH}"),
        ("year_first", rf"{START}(?P<year>(?:19|20)[0-9]{{2}})(?P<sep>[/.])(?P<monthno>[0-9]{{1,2}})(?P=sep)(?P<day>[0-9]{{1,2}})(?![0-9/]|\.[0-9]){ERA_AD}{late()}"),
        ("day_first", rf"{START}(?P<day>[0-9]{{1,2}})(?: ?(?P<sep>[/\-]) ?|(?P<dot>\.))(?P<monthno>[0-9]{{1,2}})(?(dot)\.|(?: ?(?P=sep) ?)){YEAR}(?![/-]){ERA_AD}{late()}"),
        ("month_year", rf"(?<!\w)(?:[وفبل])?{month}{GAP}(?:من )?(?:(?:ال)?(?:عام|سنة) )?{YEAR}{ERA_AD}"),
    )  # fmt: skip
    return tuple((name, re.compile(source, re.IGNORECASE)) for name, source in sources)


def _offset(zone: str) -> int:
    """Minutes east of UTC of a zone name or ±hh[:mm]."""
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:]))
    return int(calendar("zones").value(zone))


def time_suffix(groups: Groups) -> tuple[str, bool]:
    """ISO suffix for time and zone, and whether a zone was given. Raises ValueError on an impossible time."""
    zone = groups.get("zone") or groups.get("dayzone")
    suffix = ""
    if groups.get("hour"):
        hour, minute = int(groups["hour"] or 0), int(groups["minute"] or 0)
        half = groups.get("half")
        if half and hour <= 12:
            hour = hour % 12 + (12 if key(half) in labels()[3] else 0)
        suffix = dt.time(hour, minute, int(groups.get("second") or 0)).isoformat("auto")
        suffix = "T" + (suffix if groups.get("second") else suffix[:5])
        if zone:
            minutes = _offset(zone)
            sign = "-" if minutes < 0 else "+"
            suffix += "Z" if not minutes else f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return suffix, bool(zone and suffix)


def months_of(groups: Groups, group: str = "month") -> tuple[int, int]:
    """The month of a match and the one paired with it, mostly the same: (9, 9) for أيلول/سبتمبر, (3, 4) for مارس/أبريل."""
    first = int(calendar("gregorian").value(groups[group] or ""))
    too = groups.get(f"{group}_too") or groups.get(f"{group}_two")
    return first, int(calendar("gregorian").value(too)) if too else first


def day_number(groups: Groups) -> int:
    """The day of the month of a match, in figures or words."""
    word = groups.get("day_word")
    return int(words("ordinals").value(word)) if word else int(groups["day"] or 0)


Reading = tuple[str | None, Certainty, tuple[str, ...]]


def _reading(rule: str, groups: Groups, order: Order | None) -> Reading:
    """ISO text, certainty and other readings of one match."""
    try:
        if rule in ("hijri", "hijri_numeric"):
            month = calendar("hijri").value(groups["hijri"] or "") if rule == "hijri" else groups["monthno"]
            day = hijri_to_date(int(groups["hijri_year"] or 0), int(month or 0), day_number(groups))
            return day.isoformat(), "approximate", ()
        year = int(groups["year"] or 0)
        if groups.get("month"):
            month, too = months_of(groups)
        else:
            month = too = int(groups["monthno"] or 0)
        if rule == "month_year":
            if month != too:
                return f"{year:04}-{month:02}/{year:04}-{too:02}", "month", ()
            return f"{year:04}-{month:02}", "month", ()
        number = day_number(groups)
        unsure = rule == "day_first" and number <= 12 and month <= 12 and number != month
        if rule == "day_first" and (order == "mdy" or month > 12):
            number, month, too = month, number, number
        date = dt.date(year, month, number).isoformat()
        suffix, zoned = time_suffix(groups)
        if unsure and order is None:
            return date + suffix, "ambiguous", (dt.date(year, number, month).isoformat() + suffix,)
        if month != too:
            return date + suffix, "ambiguous", (dt.date(year, too, number).isoformat() + suffix,)
    except (ValueError, KeyError):
        return None, "impossible", ()
    return date + suffix, "zoned" if zoned else "local" if suffix else "day", ()


def find_dates(text: str, order: Order | None = None) -> list[DateHit]:
    """Find the dates in ``text``, in order, without overlap. ``order`` settles numeric dates such as 03/04/2023.

    >>> [(h.iso, h.certainty) for h in find_dates("نشر الثلاثاء 19 أيلول/سبتمبر 2023، وعُدّل 20th, September 2023 GMT")]
    [('2023-09-19', 'day'), ('2023-09-20', 'day')]
    >>> [(h.iso, h.certainty) for h in find_dates("٤ ربيع الأول ١٤٤٥هـ و30 فبراير 2023 و03/04/2023")]
    [('2023-09-19', 'approximate'), (None, 'impossible'), ('2023-04-03', 'ambiguous')]
    >>> find_dates("نمو 26 % عند 15:30 بطائرات سو-35 بنتيجة 3-2")
    []
    """
    folded, offsets = fold_map(text)
    return [
        DateHit(offsets[start], offsets[end], iso, certainty, rule, other)
        for start, end, rule, (iso, certainty, other) in in_folded(folded, order)
    ]


def in_folded(folded: str, order: Order | None = None) -> list[tuple[int, int, str, Reading]]:
    """The same in folded text: (start, end, rule, reading), in order."""
    hits: list[tuple[int, int, str, Reading]] = []
    taken, held = bytearray(len(folded)), present(folded)
    for rule, pattern in rules():
        if not NEEDS[rule] <= held:
            continue
        for match in pattern.finditer(folded):
            start, end = match.start(), match.end()
            end = start + len(folded[start:end].rstrip())
            if taken.find(1, start, end) >= 0:
                continue
            taken[start:end] = b"\1" * (end - start)
            hits.append((start, end, rule, _reading(rule, match.groupdict(), order)))
    return sorted(hits)


def instant(iso: str) -> dt.datetime:
    """The instant of an ISO date as ``find_dates`` writes it; without a zone it is taken as UTC.

    >>> instant("2023-09-20T14:30+03:00"), instant("2023-09-20").hour
    (datetime.datetime(2023, 9, 20, 11, 30, tzinfo=datetime.timezone.utc), 0)
    """
    when = dt.datetime.fromisoformat(iso if len(iso) > 7 else f"{iso}-01")
    return (when if when.tzinfo else when.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
