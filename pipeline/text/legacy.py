"""Evidence vote between the single-byte Arabic encodings.

All bytes are legal in windows-1256, so validity cannot decide; the words can. ISO-8859-6 and Mac Arabic place
the letters alike and differ in digits and punctuation only.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.text.lang import function_words

ENCODINGS = ("cp1256", "iso8859_6", "mac_arabic")
NAMES = {"cp1256": "windows-1256", "iso8859_6": "ISO-8859-6", "mac_arabic": "x-mac-arabic"}
SAMPLE = 200_000  # bytes that vote
MIN_SCORE = 0.12  # running Arabic reaches 0.3 to 0.6, its misreadings stay below 0.05
MIN_MARGIN = 0.08
_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_LETTER = re.compile("[\u0621-\u063a\u0641-\u064aپچژگک]")
# Not letters of Arabic running text: accented Latin, symbols, C1 controls, undefined bytes.
_FOREIGN = re.compile("[\u0080-\u009f¡-©¬®-±´-¶¸¼-ÿŒœˆƒ€™ٹڈڑں\udc80-\udcff]")
_MISPLACED = re.compile("[ةى][\u0621-\u063a\u0641-\u064a]")


class Vote(NamedTuple):
    """An encoding (Python codec name) with its score (share of Arabic evidence, at most 1) and words seen."""

    encoding: str
    score: float
    words: int


def arabic_score(text: str) -> tuple[float, int]:
    """Return how much ``text`` looks like Arabic running text (at most 1, may be negative), and its evidence words.

    Counts function words and words with the article; takes off misplaced ة and ى and foreign characters.

    >>> arabic_score("وصل الوفد إلى المدينة في الصباح")[0] > 0.5
    True
    >>> arabic_score("ةنيدملا ىلإ لصو")[0] > 0
    False
    """
    words = _WORD.findall(text)
    if not words:
        return 0.0, 0
    known = function_words("ar")
    hits = sum(w in known or (len(w) > 4 and w.startswith(("ال", "وال", "بال", "لل", "فال"))) for w in words)
    letters, foreign = len(_LETTER.findall(text)), len(_FOREIGN.findall(text))
    misplaced = len(_MISPLACED.findall(text))
    return hits / len(words) - 2 * misplaced / len(words) - foreign / (letters + foreign), hits


def vote(data: bytes) -> Vote | None:
    """Return the single-byte Arabic encoding that ``data`` is evidently in, or None where none is evident.

    >>> vote("قال الوزير إن الخطة جاهزة".encode("cp1256")).encoding
    'cp1256'
    >>> vote("قال الوزير إن الخطة جاهزة".encode("iso8859_6")).encoding
    'iso8859_6'
    >>> vote("Le ministère a déclaré".encode("cp1252")) is None
    True
    """
    sample = data[:SAMPLE]
    ranked: list[tuple[float, int, str, str]] = []
    for order, codec in enumerate(ENCODINGS):
        text = sample.decode(codec, "surrogateescape")
        score, _ = arabic_score(text)
        ranked.append((score, -order, codec, "".join(_LETTER.findall(text))))
    ranked.sort(reverse=True)
    score, _, codec, letters = ranked[0]
    rivals = [r[0] for r in ranked[1:] if r[3] != letters]
    if score < MIN_SCORE or (rivals and score - max(rivals) < MIN_MARGIN):
        return None
    return Vote(codec, score, len(_WORD.findall(sample.decode(codec, "surrogateescape"))))
