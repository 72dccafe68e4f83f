"""Lexicon patterns of the annotation guideline: names that their words alone show, and the edges of names.

The training corpus labels differently in places (the adjective of الحكومة الأوكرانية is a nationality there); the
patterns bring the labels to the guideline. Words are folded stems with their article (see ``ner_rules``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from pipeline import resources
from pipeline.nlp.ner_tokens import PROCLITICS, fold, tokenise

Span = tuple[int, int, str]  # first word, behind the last word, type
Key = tuple[str, ...]
_ALEF_LAM = "ال"


def key(name: str) -> Key:
    """Return the folded words of a lexicon entry, with articles."""
    return tuple(fold(t.text) for t in tokenise(name))


def _keys(names: Iterable[str]) -> frozenset[Key]:
    return frozenset(key(n) for n in names)


@cache
def organisations(*, sure: bool) -> dict[Key, str]:
    """Return the organisations of the lexicon and their kind; ``sure``: only those whose words mean nothing else."""
    lexicon = resources.load("organisations.yaml")
    doubtful = _keys(lexicon["ambiguous"]) if sure else frozenset()
    names = {
        key(name): kind
        for kind, entries in lexicon["names"].items()
        for entry in entries
        for name in (entry["name"], *entry.get("other", ()))
    }
    return {k: kind for k, kind in names.items() if k not in doubtful}


@cache
def states(*, sure: bool) -> frozenset[Key]:
    """Return the names of states; ``sure``: only those whose words mean nothing else."""
    lexicon = resources.load("places.yaml")
    doubtful = _keys(lexicon["ambiguous"]) if sure else frozenset()
    return _keys(n for s in lexicon["countries"] for n in (s["name"], *s.get("other", ()))) - doubtful


@cache
def places() -> frozenset[Key]:
    """Return the names of all places of the lexicon."""
    lexicon = resources.load("places.yaml")
    capitals = _keys(c for s in lexicon["countries"] for c in s.get("capital", ()))
    named = _keys(n for part in ("cities", "regions") for n in lexicon[part].split(","))
    return states(sure=False) | capitals | named


@cache
def adjectives() -> frozenset[str]:
    """Return the adjectives of nationality, masculine and feminine singular, with the article."""
    adjectives = {a for s in resources.load("places.yaml")["countries"] for a in s.get("adjective", ())}
    return frozenset(_ALEF_LAM + fold(a + ending) for a in adjectives if " " not in a for ending in ("", "ة"))


@cache
def _words(lexicon: str, part: str) -> frozenset[Key]:
    if lexicon == "titles":
        return _keys(resources.load("titles.yaml")[part])
    if lexicon == "places":
        return _keys(resources.load("places.yaml")[part])
    return _keys(resources.load("organisations.yaml")[part])


def found(words: Sequence[str]) -> list[Span]:
    """Return the names that the words of a sentence show by themselves, left to right, without overlap.

    >>> found("قالت الحكومه الاوكرانيه و وزاره الدفاع".split())
    [(1, 3, 'ORG'), (4, 6, 'ORG')]
    >>> found("الحكومه قالت ان الفصائل الفلسطينيه".split())
    []
    """
    out: list[Span] = []
    behind, openers = 0, _openers()
    for i in [i for i, word in enumerate(words) if word in openers]:
        if i < behind:  # covered by the name before
            continue
        spans = [s for s in (_listed(words, i), _national(words, i), _ministry(words, i)) if s]
        if spans:
            out.append(max(spans, key=lambda s: s[1]))  # the longest; of equals the listed one
            behind = out[-1][1]
    return out


@cache
def _openers() -> frozenset[str]:
    """Return the words with which a pattern can begin."""
    listed = [*organisations(sure=True), *places(), *_words("organisations", "national")]
    return frozenset(k[0] for k in listed) | {"وزاره"}


def _national(words: Sequence[str], i: int) -> Span | None:
    """A national institution with the adjective of its state: الجيش اليمني; but not الجيش alone or الجيش اليمنية.

    One of two words is a name by itself (الدفاع المدني). The minister is none (وزير الدفاع اليمني).
    """
    if i and words[i - 1].startswith("وزير"):
        return None
    for n in (2, 1):
        end = i + n
        if end <= len(words) and tuple(words[i:end]) in _words("organisations", "national"):
            if end == len(words):
                return (i, end, "ORG") if n > 1 else None
            feminine = words[i].endswith(("ه", "ات"))
            if words[end] in adjectives() and words[end].endswith("ه") == feminine:
                further = end + 1 < len(words) and (words[end + 1],) in _words("organisations", "further")
                return i, end + 1 + further, "ORG"
            if n > 1:
                return i, end, "ORG"
    return None


def _ministry(words: Sequence[str], i: int) -> Span | None:
    """A ministry with its field: وزارة الدفاع, وزارة الدفاع الروسية; but not الوزارة."""
    if words[i] != "وزاره" or i + 1 >= len(words):
        return None
    if (words[i + 1],) not in _words("titles", "portfolios"):
        return None
    end = i + 2
    if end < len(words) and words[end] in adjectives():
        end += 1
    return i, end, "ORG"


def _listed(words: Sequence[str], i: int) -> Span | None:
    """The longest name of the lexicon that means nothing else: رويترز, الاتحاد الأوروبي, فرنسا; but not فارس, مالي."""
    for n in range(min(5, len(words) - i), 0, -1):
        name = tuple(words[i : i + n])
        if name in organisations(sure=True):
            return i, i + n, "ORG"
        if name in states(sure=True) or (n > 1 and name in places()):
            return i, i + n, "LOC"
    return None


def short_form(word: str, names: Iterable[Key]) -> bool:
    """True when ``word`` is the definite head that stands for one of ``names``, the organisations of the document.

    >>> short_form("المرصد", [("المرصد", "الوطني", "للمياه")]), short_form("الحكومه", [("الحكومه", "اليمنيه")])
    (True, False)
    """
    return (word,) in _words("organisations", "short") and any(n[0] == word and len(n) > 1 for n in names)


def trim(span: Span, words: Sequence[str], flags: Sequence[str]) -> Span:
    """Return ``span`` with the edges of the guideline; ``flags`` are the lexicon flags of the sentence.

    >>> words = "وكاله ريا نوفوستي مدينه حلب السوريه".split()
    >>> trim((0, 3, "ORG"), words, [""] * 6), trim((3, 6, "LOC"), words, [""] * 6)
    ((1, 3, 'ORG'), (4, 5, 'LOC'))
    """
    a, b, kind = span
    while a < b - 1 and words[a] in PROCLITICS and kind != "ORG":  # a proclitic written apart: لـ CNN
        a += 1
    if kind == "PER":
        return _person(a, b, words, flags)
    if kind == "LOC":
        return _place(a, b, words)
    return _organisation(a, b, words) if kind == "ORG" else span


def _person(a: int, b: int, words: Sequence[str], flags: Sequence[str]) -> Span:
    """Titles and nationality stay outside: الوزير المصري سامي حداد → سامي حداد; but علي المصري is whole."""
    while a < b - 1 and ("title-" in flags[a] or flags[a].endswith("modifier")):
        a += 1
    if a < b - 2 and words[a] in adjectives():
        a += 1
    return a, b, "PER"


def _place(a: int, b: int, words: Sequence[str]) -> Span:
    """Common nouns before and nationality behind stay outside, but a government's seat is an organisation."""
    if organisations(sure=False).get(tuple(words[a:b])) == "state":
        return a, b, "ORG"
    while a < b - 1 and (words[a],) in _words("places", "outside") and tuple(words[a:b]) not in places():
        a += 1
    if words[b - 1] in adjectives() and tuple(words[a : b - 1]) in places():
        b -= tuple(words[a:b]) not in places()
    return a, b, "LOC"


def _organisation(a: int, b: int, words: Sequence[str]) -> Span:
    """وكالة رويترز → رويترز, ريال مدريد الإسباني → ريال مدريد; but وكالة الصحافة الفرنسية is whole."""
    known = organisations(sure=False)
    if tuple(words[a:b]) in states(sure=True):
        return a, b, "LOC"
    if a < b - 1 and (words[a],) in _words("organisations", "outside") and tuple(words[a + 1 : b]) in known:
        a += 1
    if a < b - 1 and words[b - 1] in adjectives() and tuple(words[a : b - 1]) in known:
        b -= tuple(words[a:b]) not in known
    return a, b, "ORG"
