"""Which words a text must hold for a rule of the date grammar to match: most lines name no month, and then need no search.

A class is a table of the grammar (``gregorian``, ``weekdays`` …) or a kind of figure. A rule of whose classes one is not
``present`` cannot match; the other way round nothing is promised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from pipeline.resources import load
from pipeline.text.normalise import key

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
    "units": "span unit ago",
}
NEEDS: Mapping[str, frozenset[str]] = {
    rule: frozenset(classes.split()) for classes, rules in _NEEDS.items() for rule in rules.split()
}
"""The classes that each rule of ``dates_find`` and ``dates_relative`` needs, by the rule's name."""

_WORD = re.compile(r"[^\W\d_]+")
_FIGURES = (
    ("figure", re.compile("[0-9]")),
    ("year", re.compile("(?:19|20)[0-9]{2}")),
    ("hijri_year", re.compile("1[345][0-9]{2}")),
    ("year_figure", re.compile(r"[0-9]{3}|(?:عام|سنة) \(?[0-9]")),
)
"""Kinds of figures; where the first is missing, all are."""
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
    }


def _telling(names: Iterable[str]) -> set[str]:
    """One word of each folded name: one that is a name by itself where there is such a one (أول أمس: أمس), else the longest."""
    split = [_WORD.findall(key(name).casefold()) for name in names]
    single = {words[0] for words in split if len(words) == 1}
    return {next((w for w in words if w in single), max(words, key=len)) for words in split}


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
def words_of(folded: str) -> frozenset[str]:
    """Return the words of a folded text, figures left out."""
    return frozenset(_WORD.findall(folded if folded.islower() else folded.casefold()))


@lru_cache(maxsize=4)
def present(folded: str) -> frozenset[str]:
    """Return the classes that a folded text (``normalise.fold_map``) holds a word of.

    >>> sorted(present("وصل في 3 مارس")), sorted(present("والعام الماضي")), sorted(present("قال الوزير"))
    (['figure', 'gregorian'], ['units'], [])
    """
    known, found = _classes(), set[str]()
    for name, pattern in _FIGURES:
        if pattern.search(folded):
            found.add(name)
        elif name == "figure":
            break
    for word in words_of(folded):
        if word in known:
            found |= known[word]
    return frozenset(found)
