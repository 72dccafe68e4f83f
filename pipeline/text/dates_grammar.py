"""The words of dates as patterns: months, weekdays, clocks and numbers, from ``months.yaml`` and ``time_words.yaml``.

All patterns are meant for folded text (``normalise.fold_map``): no vowel signs, one alef, ASCII digits, single kinds
of space. Every part is bounded, so that matching is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pipeline.resources import load
from pipeline.text.normalise import key

GAP = " {0,3}"
YEAR = r"(?P<year>(?:19|20)[0-9]{2})(?![0-9])"
HIJRI_YEAR = r"(?P<hijri_year>1[345][0-9]{2})(?![0-9])"
# A number that is no part of another one, of a clock, a score or a model: not 12.5, 3-2, سو-35.
START = r"(?<![0-9A-Za-z_:.,٫/\-])"
ERA_AD = rf"(?:{GAP}م(?!\w))?"
ERA_AH = rf"(?:{GAP}(?:ه|هجري|هجرية|للهجرة)(?!\w))?"


def _joined(name: str) -> str:
    dotted = r"\.?" if name.isascii() and name.isalpha() and len(name) <= 4 else ""
    return " {1,2}".join(map(re.escape, name.split(" "))) + dotted


def either(names: Iterable[str]) -> str:
    """One pattern for folded names, the longest first, as whole words on the right."""
    ordered = sorted({key(str(name)) for name in names}, key=lambda n: (-len(n), n))
    return "(?:" + "|".join(map(_joined, ordered)) + r")(?!\w)"


class Words:
    """A table of names by number (or by label): one pattern over all, and the number of each.

    >>> months = Words({1: ["كانون الثاني", "Jan"], 3: ["آذار"]})
    >>> months.value("كانون  الثاني"), months.value("Jan."), months.value("آذار")
    (1, 1, 3)
    """

    def __init__(self, table: Mapping[Any, Iterable[str]]) -> None:
        self._index = {key(str(name)): label for label, names in table.items() for name in names}
        self.pattern = either(self._index)

    def value(self, name: str) -> Any:
        """The label of a name as matched. Raises KeyError for an unknown one."""
        found = key(name)
        return self._index[found if found in self._index else found.rstrip(".")]

    def __contains__(self, name: str) -> bool:
        return key(name) in self._index


@cache
def calendar(section: str) -> Words:
    """A table of ``months.yaml``: gregorian, hijri, weekdays, zones."""
    return Words(load("months.yaml")[section])


@cache
def words(section: str) -> Words:
    """A table of ``time_words.yaml``; a plain list becomes one class."""
    data = load("time_words.yaml")[section]
    return Words(data if isinstance(data, dict) else {section: data})


@cache
def labels() -> tuple[re.Pattern[str], dict[str, int], re.Pattern[str], frozenset[str]]:
    """What stands in publication lines: label pattern, rank by folded label (0 published, 1 updated), pattern of fillers
    and marks, and the halves of the day after noon."""
    data: dict[str, Any] = load("months.yaml")
    ranked = {**dict.fromkeys(data["updated"], 1), **dict.fromkeys(data["published"], 0)}
    weekdays = [name for names in data["weekdays"].values() for name in names]
    zones = [name for names in data["zones"].values() for name in names]
    filler = either(weekdays + data["fillers"] + data["am"] + data["pm"] + zones)
    label_start = r"[\s\-–—•|*#\[(]{0,5}"
    return (
        re.compile(rf"{label_start}(?P<label>{either(ranked)})\s{{0,3}}[:：\-–|]?\s{{0,3}}", re.IGNORECASE),
        {key(name): rank for name, rank in ranked.items()},
        re.compile(rf"(?<!\w)(?:{filler})|[\W_]", re.IGNORECASE),
        frozenset(map(key, data["pm"])),
    )


def pair(group: str = "month", names: str | None = None) -> str:
    """A month, and the same month in the other tradition behind it: فبراير (شباط), أيلول/سبتمبر, يناير كانون الثاني."""
    month = names or calendar("gregorian").pattern
    return rf"(?P<{group}>{month})(?:{GAP}[/(\-]{GAP}(?P<{group}_too>{month}){GAP}\)?| (?P<{group}_two>{month}))?"


@cache
def clock() -> str:
    """A time of day: 14:30, 02:05 مساء, 18:22 GMT."""
    data: dict[str, Any] = load("months.yaml")
    half = either(data["am"] + data["pm"])
    offset = r"[+-][01][0-9](?::?[0-5][0-9])?(?![0-9])"
    return (
        rf"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9])(?:\.[0-9]{{1,9}})?)?(?![0-9:])"
        rf"(?:{GAP}(?P<half>{half}))?(?:{GAP}(?:\({GAP})?(?P<zone>{calendar('zones').pattern}|{offset})\)?)?"
    )


@cache
def late() -> str:
    """What may stand behind a day: a time of day, or a zone alone."""
    before = rf"(?:[,،|\-–—]|(?:في )?الساعة|عند|at)?{GAP}(?:الساعة )?"
    return rf"(?:{GAP}{before}{clock()}|{GAP}(?P<dayzone>{calendar('zones').pattern}))?"
