"""A passage as the sequence of units that an edit can touch: words, with numbers in figures or words as one unit.

Each unit knows what decides the kind of an edit: number value, date word, negation, whether it stands inside
quotation marks, inside a name, inside the naming of a source.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pipeline.resources import load
from pipeline.text import numbers
from pipeline.text.quotes import pair
from pipeline.text.similarity import form, key, words

Spans = Sequence[tuple[int, int]]

_DOUBLE = re.compile("[\"«»“”„‟″‹›〝〞]|''|``|\\(\\(")
_LINE = re.compile("[^\n]+")
_BREAK = re.compile("[،,.؛;:!؟?\n()\\-–—]")
_PROCLITICS = ("ب", "ل", "ك", "و", "ف")


class Unit(NamedTuple):
    """One unit: alignment key, folded form, characters [start, end), and its properties.

    value: canonical number ("4", ordinals "4.") or None. date: "day", "relative", "month:N", "year", or "". broken: punctuation or a
    line end stands between the unit before and this one.
    """

    key: str
    form: str
    surface: str
    start: int
    end: int
    value: str | None
    date: str
    quoted: bool
    name: bool
    broken: bool


@cache
def word_class(name: str) -> frozenset[str]:
    """Folded forms of a class of edit_words.yaml."""
    return frozenset(form(w) for w in load("edit_words.yaml")[name])


@cache
def _months() -> Mapping[str, str]:
    """First word of each month name → ``month:N``; كانون and تشرين wait for their second word."""
    table: dict[str, str] = {}
    for number, names in load("edit_words.yaml")["months"].items():
        for name in names:
            table[" ".join(form(w) for w in name.split())] = f"month:{number}"
    return table


@cache
def date_class(folded: str) -> str:
    """The date class of one folded form, or "".

    >>> date_class(form("الثلاثاء")), date_class(form("أمس")), date_class(form("شباط")), date_class(form("وزير"))
    ('day', 'relative', 'month:2', '')
    """
    for word in (folded, *(folded[1:] for c in _PROCLITICS if folded.startswith(c) and len(folded) > 3)):
        if word in word_class("days"):
            return "day"
        if word in word_class("relative"):
            return "relative"
        if word in _months():
            return _months()[word]
    return ""


@cache
def _month_starts() -> frozenset[str]:
    """First words of the months that have two."""
    return frozenset(name.split()[0] for name in _months() if " " in name)


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Stretches between quotation marks, without the marks, line by line; sorted and disjoint.

    >>> t = 'قال "نعم" ثم «لا».'; [t[a:b] for a, b in quoted_spans(t)]
    ['نعم', 'لا']
    """
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        if _DOUBLE.search(text, *line.span()):
            found.extend((q.inner_start, q.inner_end) for q in pair(text, *line.span()))
    return found


def inside(spans: Spans, at: int) -> bool:
    """True where a sorted, disjoint span holds position ``at``."""
    i = bisect_right(spans, (at, 1 << 60)) - 1
    return i >= 0 and spans[i][0] <= at < spans[i][1]


def units(text: str, start: int, end: int, quoted: Spans = (), names: Spans = ()) -> list[Unit]:
    """The units of text[start:end]; ``quoted`` and ``names`` are sorted spans over the text.

    >>> [u.key for u in units("زيارة لمدة أربعة أيام", 0, 21)]
    ['زيار', 'لمد', '#4', 'ايام']
    >>> [u.date for u in units("أمس الثلاثاء 5 تموز", 0, 19)]
    ['relative', 'day', 'day_of_month', 'month:7']
    """
    row = words(text, start, end)
    forms = [w.form for w in row]
    whole = {n.first: n for n in numbers.parse(forms)}
    months, two_words = _months(), _month_starts()
    found: list[Unit] = []
    at, before = 0, start
    while at < len(row):
        number = whole.get(at)
        last = number.last if number else at + 1
        date = "" if number else date_class(forms[at])
        if not number and forms[at] in two_words and " ".join(forms[at : at + 2]) in months:
            date, last = months[" ".join(forms[at : at + 2])], at + 2
        word, close = row[at], row[last - 1].end
        folded = word.form if last == at + 1 else " ".join(forms[at:last])
        rank = None if number or date else numbers.ordinal(folded)
        found.append(
            Unit(
                key=f"#{number.value}" if number else (word.key if last == at + 1 else key(folded)),
                form=folded,
                surface=text[word.start : close],
                start=word.start,
                end=close,
                value=number.value if number else f"{rank}." if rank else None,
                date=date,
                quoted=bool(quoted) and inside(quoted, word.start),
                name=bool(names) and inside(names, word.start),
                broken=not found
                or (text[before : word.start] != " " and bool(_BREAK.search(text, before, word.start))),
            )
        )
        at, before = last, close
    return _dated(found)


def _dated(row: list[Unit]) -> list[Unit]:
    """Mark years, and numbers next to a month (5 تموز, الخامس من تموز), as dates."""
    for i in [n for n, u in enumerate(row) if u.value is not None]:
        u = row[i]
        if u.value is None or not u.value.rstrip(".").isdigit():
            continue
        left, right = row[i - 1] if i else None, row[i + 1] if i + 1 < len(row) else None
        if right and right.form == "من" and i + 2 < len(row):
            right = row[i + 2]
        value = int(u.value.rstrip("."))
        near_month = (left and left.date.startswith("month")) or (right and right.date.startswith("month"))
        if 1300 <= value <= 2100 and (near_month or (left and left.form in word_class("year_words"))):
            row[i] = u._replace(date="year")
        elif near_month and value <= 31:
            row[i] = u._replace(date="day_of_month")
    return row
