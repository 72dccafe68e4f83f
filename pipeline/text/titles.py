"""Titles and roles beside the name of a person: وزير الدفاع الروسي before it, ، المتحدث باسم الحركة behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from pipeline import resources
from pipeline.text.names import fold_words

_WORD = re.compile(r"[\w\u064b-\u0652\u0670\u0640]+")
_GAP = re.compile(r"[ \u00a0]{0,3}")
_APPOSITION = re.compile(r"[ \u00a0]{0,3}[،,(]?[ \u00a0]{0,3}")
_LINKS = frozenset({"باسم", "في", "لدي", "لشوون", "شوون", "بشان", "عام", "اركان"})
_OPEN = frozenset({"في", "باسم", "لدي"})  # words that a title does not end in
_LONGEST = 9  # words of a title; a longer chain is a clause


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in fold_words(name))


@cache
def _heads() -> frozenset[str]:
    """Return the folded words that make a phrase a title; the first word of titles of several words."""
    kinds = resources.load("titles.yaml")["titles"]
    return frozenset(fold_words(t)[0] for words in kinds.values() for t in words)


@cache
def _inner() -> frozenset[str]:
    """Return the folded words that may stand between the head of a title and the name."""
    titles, organisations = resources.load("titles.yaml"), resources.load("organisations.yaml")
    states = resources.load("places.yaml")["countries"]
    adjectives = (a + e for s in states for a in s.get("adjective", ()) for e in ("", "ة"))
    words = [*titles["modifiers"], *titles["portfolios"], *organisations["further"], *adjectives]
    words += [h for kinds in organisations["heads"].values() for heads in kinds.values() for h in heads]
    words += [n for s in states for n in (s["name"], *s.get("other", ()))]
    words += [
        n for kind in organisations["names"].values() for e in kind for n in (e["name"], *e.get("other", ()))
    ]
    words += [t for kinds in titles["titles"].values() for t in kinds]
    return _folded(words) | _LINKS


@lru_cache(maxsize=16384)
def _key(word: str) -> str:
    """Return the folded word without one of the proclitics و ف ب ل where a title word remains."""
    folded = " ".join(fold_words(word))
    return (
        folded[1:] if folded[:1] in "وفبل" and folded[1:] in _heads() and folded not in _inner() else folded
    )


def title_before(text: str, start: int) -> tuple[int, int] | None:
    """Return the span of the title that ends where the name at ``start`` begins, or None.

    >>> text = "وقال نائب وزير الدفاع الروسي سامي حداد"
    >>> a, b = title_before(text, text.index("سامي"))
    >>> text[a:b]
    'نائب وزير الدفاع الروسي'
    >>> title_before("قال سامي حداد", 4) is None
    True
    """
    words = list(_WORD.finditer(text, max(0, start - 120), start))
    best, edge = None, start
    for match in reversed(words[-_LONGEST:]):
        if not _GAP.fullmatch(text, match.end(), edge):
            break
        word = _key(match.group())
        if edge == start and word in _OPEN:
            break
        if word in _heads() and match.group() != "أمام":  # إمام is a title
            best = match
        elif word not in _inner():
            break
        edge = match.start()
    if best is None:
        return None
    first = best.start() + (
        best.group()[:1] in "وفبل" and _key(best.group()) != " ".join(fold_words(best.group()))
    )
    return first, start - (len(text[:start]) - len(text[:start].rstrip()))


def title_after(text: str, end: int) -> tuple[int, int] | None:
    """Return the span of the title in apposition behind the name that ends at ``end``, or None.

    >>> text = "أكد سامي حداد، الناطق باسم وزارة الصحة اللبنانية، أن الأمر"
    >>> a, b = title_after(text, text.index("،"))
    >>> text[a:b]
    'الناطق باسم وزارة الصحة اللبنانية'
    """
    gap = _APPOSITION.match(text, end)
    edge = first = whole = gap.end() if gap else end
    for n, match in enumerate(_WORD.finditer(text, first, first + 120)):
        joined = match.start() == first if n == 0 else bool(_GAP.fullmatch(text, edge, match.start()))
        word = " ".join(fold_words(match.group()))
        if not joined or n >= _LONGEST or (word not in _heads() if n == 0 else word not in _inner()):
            break
        edge = match.end()
        whole = whole if word in _OPEN else edge
    return (first, whole) if whole > first else None


def beside(text: str, people: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans of the titles that stand before or behind the ``people`` (spans of names), in order.

    >>> text = "التقى وزير الصحة سامي حداد، رئيس الوزراء"
    >>> [text[a:b] for a, b in beside(text, [(17, 26)])]
    ['وزير الصحة', 'رئيس الوزراء']
    """
    found = {
        span for start, end in people for span in (title_before(text, start), title_after(text, end)) if span
    }
    apart: list[tuple[int, int]] = []
    for first, last in sorted(found, key=lambda span: (span[0], -span[1])):
        if not apart or first >= apart[-1][1]:
            apart.append((first, last))
    return apart
