"""Words as they are compared across documents: folded forms, clitic-free keys, weights, window densities.

A *form* is the word without vowel signs, with folded hamza; a *key* is the form without the clitics and endings
that house styles and rewrites change (light10 of Larkey, Ballesteros and Connell, "Light stemming for Arabic
information retrieval", 2007). Keys only ever say where two texts meet; what differs there is read off the forms.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from pipeline.resources import load
from pipeline.text.normalise import MARKS, fold, strip_marks

# A run of digits with inner separators, or a run of letters with their vowel signs; "سو35" is two words.
WORD = re.compile(rf"\d+(?:[.,٫٬]\d+)*|[^\W\d_][^\W\d_{MARKS}]*(?:[{MARKS}]+[^\W\d_{MARKS}]*)*")

_PREFIX = re.compile("(?:وبال|فبال|وال|بال|كال|فال|ولل|لل|ال)(?=...)", re.DOTALL)
SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ية", "ه", "ة", "ي")
_PLAIN = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_FOLDED = re.compile("[ءةا-غف-هوي]+")  # of these, letters that folding leaves as they are

UNSEEN_SHARE = 0.0004
"""Share of articles that hold a word which the background list does not name."""
BACKGROUND_DOCS = 1000
"""Weight of the background list, in articles: small nights lean on it, large ones on themselves."""


_ENTITY = re.compile("&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")


def masked(text: str) -> str:
    """The text with character references blanked, so that ``&#8220;`` is no number; the length stays.

    >>> masked("قال&nbsp;نعم"), masked("AT&T")
    ('قال      نعم', 'AT&T')
    """
    return _ENTITY.sub(lambda m: " " * len(m[0]), text) if "&" in text else text


class Word(NamedTuple):
    """One word of a text: form, key and exact characters [start, end)."""

    form: str
    key: str
    start: int
    end: int


@cache
def form(surface: str) -> str:
    """The folded form: no vowel signs, no tatweel, one alef, ASCII digits, lower case.

    >>> form("أَكَّدَتْ"), form("مسؤولـية"), form("١٢٫٥")
    ('اكدت', 'مسوولية', '12٫5')
    """
    if _FOLDED.fullmatch(surface):
        return surface
    if _PLAIN.fullmatch(surface):
        return fold(surface)
    return fold(strip_marks(surface)[0]).lower() or surface


@cache
def key(folded: str) -> str:
    """The form without و, the article with its preposition, and light endings; never under three letters.

    >>> key("والمسوولين"), key("مسوولون"), key("للدفاعية"), key("الدفاعيه")
    ('مسوول', 'مسوول', 'دفاع', 'دفاع')
    >>> key("ولد"), key("من"), key("2023")
    ('ولد', 'من', '2023')
    """
    if folded[0].isdigit() or len(folded) < 4:
        return folded
    word = folded
    if word[0] == "و" and (len(word) > 4 or word[1] == "ا"):
        word = word[1:]
    prefix = _PREFIX.match(word)
    if prefix:
        word = word[prefix.end() :]
    if not word.endswith(SUFFIXES):
        return word
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
    return word


def spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Characters [start, end) of every word of the stretch.

    >>> spans("قُتل 4,8% من…")
    [(0, 4), (5, 8), (10, 12)]
    """
    return [m.span() for m in WORD.finditer(masked(text), start, len(text) if end is None else end)]


def words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of text[start:end] with their forms, keys and offsets into text.

    >>> [w.key for w in words("وأكّد الوزير: «لن ننسحب»")]
    ['اكد', 'وزير', 'لن', 'ننسحب']
    """
    if text.find("&", start, end) >= 0:
        text = masked(text)
    found = []
    for m in WORD.finditer(text, start, len(text) if end is None else end):
        folded = form(m[0])
        found.append(Word(folded, key(folded), m.start(), m.end()))
    return found


@cache
def background() -> dict[str, float]:
    """Share of articles that hold each common key (resource common_words.yaml)."""
    return {str(k): float(v) for k, v in load("common_words.yaml")["share"].items()}


@cache
def stop_keys() -> frozenset[str]:
    """Keys in more than one article of eight: they carry no news of their own."""
    return frozenset(k for k, share in background().items() if share > 0.125)


def weight(word_key: str, doc_freq: int, n_docs: int) -> float:
    """Inverse document frequency, smoothed with the background list; 0 for a word that is in every article.

    >>> weight("في", 2, 2) < 0.1 < 5 < weight("ناغورني", 2, 2)
    True
    """
    share = background().get(word_key, UNSEEN_SHARE)
    total = n_docs + BACKGROUND_DOCS
    return max(0.0, math.log(total / (doc_freq + share * BACKGROUND_DOCS)))


def overlap(a: Iterable[str], b: Iterable[str], weights: dict[str, float]) -> tuple[float, float]:
    """Shares of the weight of a and of b that the other side also has, counting repeats.

    >>> overlap(["x", "y"], ["y", "z", "w"], {"x": 1.0, "y": 1.0, "z": 1.0, "w": 2.0})
    (0.5, 0.25)
    """
    left, right = _bag(a), _bag(b)
    shared = sum(weights.get(k, 1.0) * min(n, right[k]) for k, n in left.items() if k in right)
    mass_a = sum(weights.get(k, 1.0) * n for k, n in left.items())
    mass_b = sum(weights.get(k, 1.0) * n for k, n in right.items())
    return (shared / mass_a if mass_a else 0.0), (shared / mass_b if mass_b else 0.0)


def _bag(items: Iterable[str]) -> dict[str, int]:
    bag: dict[str, int] = {}
    for item in items:
        bag[item] = bag.get(item, 0) + 1
    return bag


def shingles(keys: list[str], size: int) -> Iterator[tuple[str, ...]]:
    """Runs of ``size`` neighbouring keys.

    >>> list(shingles(["a", "b", "c"], 2))
    [('a', 'b'), ('b', 'c')]
    """
    return zip(*(keys[i:] for i in range(size)), strict=False)
