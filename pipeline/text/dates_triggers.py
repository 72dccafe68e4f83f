"""Which words a text must hold for a rule of the date grammar to match: most lines name no month, and then need no search.

A class is a table of the grammar (``gregorian``, ``weekdays`` …) or a kind of figure. A rule of whose classes one is not
``present`` cannot match; the other way round nothing is promised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from pipeline.resources import load
from pipeline.text.normalise import PLAIN, fold_map, key, makeup

_NEEDS = {
    "year": "year_first day_first iso years",
    "year_figure": "year",
    "hijri_year": "hijri_numeric",
    "gregorian year": "day_month_year month_day_year month_year",
    "gregorian": "months day_month month bare_month",
    "gregorian figure": "days",
    "hijri hijri_year": "hijri",
    "hijri": "hijri_day_month hijri_month",
    "days": "day_word",
    "weekdays": "weekday",
    "parts": "part_of_year",
    "decades": "decade",
    "century": "century",
    "units": "unit",
    "units bound": "span",
    "units way": "ago",
}
NEEDS: Mapping[str, frozenset[str]] = {
    rule: frozenset(classes.split()) for classes, rules in _NEEDS.items() for rule in rules.split()
}
"""The classes that each rule of ``dates_find`` and ``dates_relative`` needs, by the rule's name."""

_WORD = re.compile(r"[^\W\d_]+")
_PLAIN_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]+")  # the letters of a text whose makeup is PLAIN
_FIGURE = re.compile("[0-9]")
_FIGURES = (
    ("figure", _FIGURE),
    ("year", re.compile("(?:19|20)[0-9]{2}")),
    ("hijri_year", re.compile("1[345][0-9]{2}")),
    ("year_figure", re.compile(r"[0-9]{3}|(?:عام|سنة) \(?[0-9]")),
)
"""Kinds of figures; where there is no figure at all, all are missing."""
_BESIDE = frozenset({"bound", "way"})
"""Classes that say nothing alone: what stands behind units (الماضية), and قبل, منذ, بعد."""
_BEFORE = tuple(a + b + c for a in ("", "و", "ف") for b in ("", "ب", "ل", "ك") for c in ("", "ال"))


def _tables() -> dict[str, Iterable[str]]:
    """class → names of its table."""
    months, times = load("months.yaml"), load("time_words.yaml")

    def names(table: Mapping[object, Iterable[str]]) -> list[str]:
        return [str(name) for row in table.values() for name in row]

    return {
        "gregorian": names(months["gregorian"]),
        "hijri": names(months["hijri"]),
        "weekdays": names(months["weekdays"]),
        "days": names(times["days"]),
        "parts": names(times["seasons"]) + names(times["parts_of_year"]),
        "decades": names(times["decades"]),
        "century": ["القرن"],
        "units": [form for forms in times["units"].values() for form in names(forms)],
        "bound": [*names(times["modifiers"]), *times["recent"]],
        "way": ["قبل", "منذ", "بعد"],
    }


@cache
def _ordinals() -> frozenset[str]:
    return frozenset(key(word) for row in load("time_words.yaml")["ordinals"].values() for word in row)


def _telling(names: Iterable[str]) -> set[str]:
    """One word of each folded name: one that is a name by itself where there is such a one (أول أمس: أمس), else the longest
    that is no ordinal (ربيع الأول: ربيع)."""
    split = [_WORD.findall(key(name).casefold()) for name in names]
    single = {words[0] for words in split if len(words) == 1}
    found = set()
    for words in split:
        rare = [w for w in words if w not in _ordinals()] or words
        found.add(next((w for w in words if w in single), max(rare, key=len)))
    return found


@cache
def _classes() -> dict[str, frozenset[str]]:
    """word with any proclitics and article → the classes that it tells."""
    found: dict[str, set[str]] = {}
    for name, names in _tables().items():
        for word in _telling(names):
            for before in _BEFORE:
                found.setdefault(before + word, set()).add(name)
    return {word: frozenset(classes) for word, classes in found.items()}


@lru_cache(maxsize=4)
def mapped(text: str) -> tuple[str, list[int]]:
    """``normalise.fold_map``, kept for the next who asks: dates and quantities are looked for in one sentence after the other."""
    return fold_map(text)


@lru_cache(maxsize=4)
def words_of(folded: str) -> list[str]:
    """Return the words of a folded text, figures left out."""
    if makeup(folded) == PLAIN:
        return _PLAIN_WORD.findall(folded)
    return _WORD.findall(folded.casefold())


@lru_cache(maxsize=4)
def present(folded: str) -> frozenset[str]:
    """Return the classes that a folded text (``normalise.fold_map``) holds a word of.

    >>> sorted(present("وصل في 3 مارس")), sorted(present("والعام الماضي")), sorted(present("قال الوزير"))
    (['figure', 'gregorian'], ['bound', 'units'], [])
    """
    known = _classes()
    found = frozenset[str]().union(*map(known.__getitem__, filter(known.__contains__, words_of(folded))))
    if not _FIGURE.search(folded):
        return found
    return found | {name for name, pattern in _FIGURES if pattern.search(folded)}


def tells_nothing(held: frozenset[str]) -> bool:
    """Whether no rule can match where only these classes are present: بعد ذلك, في الفترة الأخيرة."""
    return held <= _BESIDE
