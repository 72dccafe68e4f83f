"""Titles and roles beside the name of a person: وزير الدفاع الروسي before it, ، المتحدث باسم الحركة behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import zip_longest

from pipeline import resources
from pipeline.text import dates_grammar
from pipeline.text.claims_words import NO_TAGS, Tags
from pipeline.text.names import fold_words
from pipeline.text.normalise import fold

_WORD = re.compile(r"[\w\u064b-\u0652\u0670\u0640]+")
_GAP = re.compile(r"[ \u00a0]{0,3}")
_APPOSITION = re.compile(r"[ \u00a0]{0,3}[،,(]?[ \u00a0]{0,3}")
_LINKS = frozenset({"باسم", "في", "لدي", "لشوون", "شوون", "بشان", "عام", "اركان"})
_PLACED = frozenset({"في", "لدي"})
_OPEN = _PLACED | {"باسم"}  # words that a title does not end in
_OTHERS = frozenset({"أمام", "وأمام", "وإلى", "وإلي"})  # إمام and وال are titles, these are prepositions
_LONGEST = 9  # words of a title; a longer chain is a clause
_DEFINITE = re.compile("[وفبك]?ال|و?لل")
_ENDS = re.compile(r"[ \u00a0]{0,3}(?:[،,.؛;:!؟?)\]»\"”…\n\r–—-]|$)")
_NO_NOUN = frozenset({"الذي", "التي", "الذين", "اللذان", "اليوم", "امس", "الان", "غدا", "يوم"})


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in fold_words(name))


@cache
def _heads() -> frozenset[str]:
    """Return the folded words that make a phrase a title; the first word of titles of several words."""
    lexicon = resources.load("titles.yaml")
    kinds = lexicon["titles"]
    return frozenset(fold_words(t)[0] for words in kinds.values() for t in words) - _list("relatives")


@cache
def _list(section: str) -> frozenset[str]:
    return _folded(resources.load("titles.yaml")[section])


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
    return (_folded(words) | _LINKS) - {"ان"}  # of CNN in letters, else "that"


@cache
def _common() -> frozenset[str]:
    """Return the folded nouns that name a kind of person or body: without article or complement they are nobody's title."""
    bodies = resources.load("organisations.yaml")["heads"]
    return _heads() | _folded(h for kinds in bodies.values() for heads in kinds.values() for h in heads)


@cache
def _proper() -> frozenset[str]:
    """Return the folded words of names of states and bodies that are no nouns of kinds: مصر, فيسبوك."""
    states, bodies = resources.load("places.yaml")["countries"], resources.load("organisations.yaml")["names"]
    entries = [*states, *(entry for kind in bodies.values() for entry in kind)]
    return (
        _folded(n for e in entries for n in (e["name"], *e.get("other", ())))
        - _common()
        - _list("modifiers")
        - _list("portfolios")
        - _LINKS
    )


def _definite(word: str) -> bool:
    return _DEFINITE.match(word) is not None


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
    >>> title_before("قال سامي حداد", 4) is title_before("قال محامي سامي", 10) is title_before("جامعة الملك سعود", 12) is None
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
        if edge == start and word in _common() - _list("bare") and not _definite(match.group()):
            break  # the lawyer of this person
        if word in _list("definite") and not _definite(match.group()):
            break
        if _is_head(match.group(), word):
            best = match
        elif word not in _inner():
            break
        edge = match.start()
        if best is match and match.group().startswith("لل"):
            break  # what stands before is no part of it: تهمة فتاة للممثل سامي
    if best is None or _within_name(text, best):
        return None
    first = best.start() + (
        best.group()[:1] in "وفبل" and _key(best.group()) != " ".join(fold_words(best.group()))
    )
    return first, start - (len(text[:start]) - len(text[:start].rstrip()))


def _is_head(written: str, folded: str) -> bool:
    return folded in _heads() and written not in _OTHERS


def _within_name(text: str, head: re.Match[str]) -> bool:
    """Whether a body or place is named after the person (مركز الملك سعود): a noun without article right before the title."""
    if not _definite(head.group()):
        return False
    before = list(_WORD.finditer(text, max(0, head.start() - 30), head.start()))[-1:]
    return any(
        _GAP.fullmatch(text, m.end(), head.start()) and not _definite(m.group()) and _named_after(m.group())
        for m in before
    )


def _named_after(word: str) -> bool:
    """Whether a word is of the list ``named_after``, proclitics left out (وبجامعة)."""
    folded = " ".join(fold_words(word))
    return any(folded[cut:] in _list("named_after") for cut in range(3) if set(folded[:cut]) <= set("وفبل"))


def title_after(
    text: str, end: int, tags: Tags = NO_TAGS, until: int | None = None
) -> tuple[int, int] | None:
    """Return the span of the title in apposition behind the name that ends at ``end``, or None.

    With ``tags`` a complement that the lexicon does not know is taken in (مدير مدارس الواحة الأهلية). Nothing from ``until`` on,
    where the next name begins, is part of the title.

    >>> text = "أكد سامي حداد، الناطق باسم وزارة الصحة اللبنانية، أن الأمر"
    >>> a, b = title_after(text, text.index("،"))
    >>> text[a:b]
    'الناطق باسم وزارة الصحة اللبنانية'
    """
    limit = len(text) if until is None else until
    gap = _APPOSITION.match(text, end)
    edge = first = whole = gap.end() if gap else end
    closed = definite = opened = False  # whether ``whole`` is definite, and whether the last word is في
    for n, match in enumerate(_WORD.finditer(text, first, min(limit, first + 120))):
        joined = match.start() == first if n == 0 else bool(_GAP.fullmatch(text, edge, match.start()))
        word = " ".join(fold_words(match.group()))
        known = _is_head(match.group(), word) if n == 0 else word in _inner()
        definite = _definite(match.group()) or word in _proper()
        if not joined or n >= _LONGEST or not known or (opened and not definite):
            break
        edge, opened = match.end(), word in _PLACED
        if definite or (not closed and word not in _OPEN):
            whole, closed = edge, definite
    if whole == first or not tags.starts:
        return (first, whole) if whole > first else None
    if not opened:
        last, complete = _complement(text, edge, closed and whole == edge, tags, limit)
        whole, closed = (last, True) if complete else (whole, closed)
    return (first, whole) if closed or _ENDS.match(text, whole) else None


def _complement(text: str, at: int, closed: bool, tags: Tags, limit: int) -> tuple[int, bool]:
    """The end of the noun phrase that goes on at ``at``, and whether it is definite: nouns up to a definite one, then adjectives."""
    end = at
    for match in _WORD.finditer(text, at, min(limit, at + 60)):
        word, noun = match.group(), tags.at(match.start(), match.end())
        definite = _definite(word) or noun == "PROPN"
        fits = noun == "ADJ" and definite if closed else noun in ("NOUN", "PROPN", "X", "ADJ")
        joined = tags.at(match.start(), match.start() + 1) == noun and not word.startswith("لل")
        if not (fits and joined and _GAP.fullmatch(text, at, match.start())) or _weak(word):
            break
        at = match.end()
        if closed or definite:
            end, closed = at, True
    return end, closed


def _weak(word: str) -> bool:
    """Whether a word is tagged as noun or adjective but opens what is no part of a title: a clause, a day, الماضي."""
    folded = fold(word)
    if folded in _NO_NOUN or folded in dates_grammar.calendar("weekdays"):
        return True
    return folded in dates_grammar.words("modifiers") and " ".join(fold_words(word)) not in _list("modifiers")


def beside(text: str, people: Sequence[tuple[int, int]], tags: Tags = NO_TAGS) -> list[tuple[int, int]]:
    """Return the spans of the titles that stand before or behind the ``people`` (spans of names in order), in order.

    >>> text = "التقى وزير الصحة سامي حداد، رئيس الوزراء"
    >>> [text[a:b] for a, b in beside(text, [(17, 26)])]
    ['وزير الصحة', 'رئيس الوزراء']
    """
    found = set[tuple[int, int] | None]()
    for (start, end), (until, _) in zip_longest(people, people[1:], fillvalue=(len(text), 0)):
        found |= {title_before(text, start), title_after(text, end, tags, until)}
    apart: list[tuple[int, int]] = []
    for first, last in sorted(filter(None, found), key=lambda span: (span[0], -span[1])):
        if not apart or first >= apart[-1][1]:
            apart.append((first, last))
    return apart
