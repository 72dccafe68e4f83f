"""Surface tokens with exact offsets for the entity recogniser, and their proclitics.

The recogniser works on the raw sentence, whatever UDPipe made of it: a token is a run of letters of one script, a
number, or one mark. ``_`` and ``#`` of hashtags separate words without being tokens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

_MARKS = "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
_ARABIC = f"\u0621-\u063f\u0641-\u064a\u066e-\u06d3\u06fa-\u06ff{_MARKS}"
TOKEN = re.compile(
    rf"[0-9\u0660-\u0669\u06f0-\u06f9]+(?:[.,\u066b\u066c][0-9\u0660-\u0669\u06f0-\u06f9]+)*"
    rf"|[{_ARABIC}]+|[^\W\d_{_ARABIC}]+|[^\s_#\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\x00-\x1f\ud800-\udfff]"
)
_DROP = re.compile(f"[{_MARKS}]+")
_ONE_LETTER = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك"})
PROCLITICS = "وفبلكس"
_NEVER_SPLIT = 3  # a rest shorter than this is no name or noun of its own


class Token(NamedTuple):
    """One surface token: ``text == sentence[start:end]``."""

    start: int
    end: int
    text: str


def tokenise(sentence: str) -> list[Token]:
    """Return the surface tokens of ``sentence`` in order.

    >>> [t.text for t in tokenise("قال (سامي): في 3.5 #دار_السلام")]
    ['قال', '(', 'سامي', ')', ':', 'في', '3.5', 'دار', 'السلام']
    >>> [t.text for t in tokenise("عام 2023في CNN")]
    ['عام', '2023', 'في', 'CNN']
    """
    return [Token(m.start(), m.end(), m.group()) for m in TOKEN.finditer(sentence)]


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """Return ``word`` without marks and tatweel, with one alef, ya and ta marbuta, lower case; never empty.

    >>> fold("إسـلاميّة"), fold("CNN")
    ('اسلاميه', 'cnn')
    """
    return _DROP.sub("", word).translate(_ONE_LETTER).lower() or "ـ"


def proclitics(word: str, counts: Mapping[str, int], *, known: Mapping[str, int] | None = None) -> int:
    """Return how many letters at the left of the folded ``word`` are proclitics (0, 1 or 2).

    ``counts`` gives how often each folded form occurs in news; ``known`` (optional) gives the forms seen in the same
    document. A letter is split off when what remains is a commoner word than the whole, or an article follows it.
    لل is left whole, as in the annotation guideline.

    >>> counts = {"باريس": 50, "مصر": 90, "بمصر": 5, "وليد": 9, "كوريا": 30}
    >>> [proclitics(w, counts) for w in ("باريس", "بمصر", "وليد", "والقاهره", "للقاهره", "وبمصر")]
    [0, 1, 0, 1, 0, 2]
    """
    first = _one(word, counts, known)
    if first and word[0] in "وف" and word[1:3] != "ال":
        return first + _one(word[1:], counts, known)
    return first


def _one(word: str, counts: Mapping[str, int], known: Mapping[str, int] | None) -> int:
    """Return 1 when the first letter of ``word`` is a proclitic, else 0."""
    rest = word[1:]
    if len(rest) < _NEVER_SPLIT or word[0] not in PROCLITICS or word[0] == "س":
        return 0
    whole, part = counts.get(word, 0), counts.get(rest, 0)
    if known is not None:
        part += 20 * known.get(rest, 0)
    if rest.startswith("ال") and len(rest) > 4 and word[0] != "ل":  # ل with an article is written لل
        # والقاهرة, but فالنسيا and بالتيمور have no such remainder
        return int(whole <= 3 * part or (part == 0 and whole < 3))
    if word[0] == "و" and whole == 0 and part == 0:
        return int(len(rest) > 4)
    return int(part > 2 * whole)
