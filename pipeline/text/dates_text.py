"""All time expressions of a text, with their characters and their values by the day of writing."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline.text.dates_find import Order, Reading, in_folded
from pipeline.text.dates_grammar import calendar
from pipeline.text.dates_relative import INTERVALS, Rule, rules
from pipeline.text.dates_triggers import NEEDS, mapped, present, tells_nothing
from pipeline.text.dates_values import How, Value

NO_DAY = dt.date(2000, 1, 1)
"""Stands in where no day of writing is known; what depends on it is then taken away again."""


_TOMORROW = re.compile("غدا\u064b|غد\u064bا")


@dataclass(frozen=True)
class TimeExpression:
    """Characters [start, end) that date something.

    iso: ISO 8601 or ISO 8601-2 value, None where there is none. granularity: minute, hour, day, week, month, season,
    part of year, year, decade, century. certainty: see ``dates_values.Value``. rule: the form matched. other: further readings.
    """

    start: int
    end: int
    iso: str | None
    granularity: str
    certainty: How
    rule: str
    other: tuple[str, ...] = ()


@cache
def _weekday_before() -> re.Pattern[str]:
    return re.compile(
        rf"(?:يوم )?(?P<weekday>{calendar('weekdays').pattern})\)?[ ،,(]{{1,3}}(?:الموافق )?(?:ل|في )?$"
    )


def _absolute(folded: str, start: int, reading: Reading) -> tuple[int, Value]:
    """A date in full with the weekday before it; one that is not its weekday makes the date ambiguous."""
    iso, certainty, other = reading
    if iso is None:
        return start, Value(None, "day", "impossible")
    size = len(iso.partition("/")[0])
    granularity = "month" if size == 7 else "day" if size == 10 else "minute"
    how: How = certainty if certainty in ("ambiguous", "approximate") else "stated"
    before = _weekday_before().search(folded[max(0, start - 30) : start]) if size >= 10 else None
    if before is None:
        return start, Value(iso, granularity, how, other)
    weekday = int(calendar("weekdays").value(before["weekday"]))
    fitting = [day for day in (iso, *other) if dt.date.fromisoformat(day[:10]).weekday() == weekday]
    if len(fitting) == 1 and how in ("ambiguous", "stated"):
        iso, how, other = fitting[0], "stated", ()
    elif not fitting and how == "stated":
        how = "ambiguous"
    return start - (min(30, start) - before.start()), Value(iso, granularity, how, other)


@lru_cache(maxsize=1024)
def _parts(held: frozenset[str]) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules for intervals, and the others, that can match in a text with words of the classes ``held``."""
    first, others = rules()[:INTERVALS], rules()[INTERVALS:]
    return tuple(r for r in first if NEEDS[r.name] <= held), tuple(r for r in others if NEEDS[r.name] <= held)


def expressions(
    text: str, written: dt.date | None = None, order: Order | None = None
) -> list[TimeExpression]:
    """Find the time expressions in ``text``, in order, without overlap. written: the day on which it was written or
    published, by which أمس and the like are read; without it they are ``undated``. order: of 03/04/2023.

    >>> day = dt.date(2015, 7, 21)
    >>> [(e.iso, e.certainty) for e in expressions("وصل أمس الاثنين ويغادر في 3 أغسطس المقبل", day)]
    [('2015-07-20', 'resolved'), ('2015-08-03', 'resolved')]
    >>> [(e.iso, e.granularity) for e in expressions("بين عامي 2010 و2014، ثم الأسبوع الماضي", day)]
    [('2010/2014', 'year'), ('2015-W29', 'week')]
    >>> expressions("ارتفع 26 % بنتيجة 3-2", day)
    []
    """
    if written is not None and not 1800 <= written.year <= 2200:
        written = None  # no day on which anything here was written
    # The sign of غداً goes when text is folded, and with it what tells "tomorrow" from "became": a comma stands for it.
    folded, offsets = mapped(_TOMORROW.sub("غدا،", text))
    held = present(folded)
    return [] if tells_nothing(held) else _found(text, folded, offsets, held, written, order)


def _found(
    text: str,
    folded: str,
    offsets: list[int],
    held: frozenset[str],
    written: dt.date | None,
    order: Order | None,
) -> list[TimeExpression]:
    """The expressions of a text with words of the classes ``held``."""
    taken = bytearray(len(folded))
    out: list[TimeExpression] = []

    def free(start: int, end: int) -> bool:
        return taken.find(1, start, end) < 0

    def take(start: int, end: int, rule: str, value: Value) -> None:
        end = start + len(folded[start:end].rstrip(" ،,("))
        taken[start:end] = b"\1" * (end - start)
        left, right = offsets[start], offsets[end]
        right += text[right : right + 1] == "\u064b"
        out.append(
            TimeExpression(left, right, value.iso, value.granularity, value.certainty, rule, value.other)
        )

    absolute, full = in_folded(folded, order), bytearray(len(folded))
    for start, end, _, _ in absolute:
        full[start:end] = b"\1" * (end - start)
    grammar = _parts(held)
    for rule in grammar[0]:  # intervals, whose last part the rules for full dates would take
        for match in rule.pattern.finditer(folded):
            found = rule.value(match, written or NO_DAY)
            if found is None or found.from_group or not free(match.start("x"), match.end("x")):
                continue
            if rule.name == "years" and full.find(1, match.start("x"), match.end("x")) >= 0:
                continue
            take(match.start("x"), match.end("x"), rule.name, _dated(found, written, match))
    for start, end, name, reading in absolute:
        if free(start, end):
            begin, value = _absolute(folded, start, reading)
            take(begin if free(begin, end) else start, end, name, value)
    for rule in grammar[1]:
        for match in rule.pattern.finditer(folded):
            if not free(match.start("x"), match.end("x")):
                continue
            found = rule.value(match, written or NO_DAY)
            if found is not None:
                take(match.start("x"), match.end("x"), rule.name, _dated(found, written, match))
    return sorted(out, key=lambda e: e.start)


def _dated(value: Value, written: dt.date | None, match: re.Match[str]) -> Value:
    """Without a day of writing, what was read by one has no value; a year in the text needs none."""
    groups = match.groupdict()
    if (
        any(groups.get(name) for name in ("year", "any_year", "hijri_year", "era"))
        or value.certainty == "stated"
    ):
        return value._replace(certainty="stated") if value.certainty == "resolved" else value
    return value if written else Value(None, value.granularity, "undated")
