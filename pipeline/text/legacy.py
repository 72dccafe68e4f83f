"""Evidence vote between the single-byte Arabic encodings.

All bytes are legal in windows-1256, so validity cannot decide; the words can. ISO-8859-6 and Mac Arabic place
the letters alike and differ in digits and punctuation only.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from typing import NamedTuple

from pipeline.resources import load
from pipeline.text.lang import function_words

ENCODINGS = ("cp1256", "iso8859_6", "mac_arabic")
NAMES = {"cp1256": "windows-1256", "iso8859_6": "ISO-8859-6", "mac_arabic": "x-mac-arabic"}
SAMPLE = 200_000  # bytes that vote
MIN_SCORE = 0.12  # running Arabic reaches 0.3 to 0.6, its misreadings stay below 0.05
MIN_MARGIN = 0.08
MIN_LETTERS = 8  # high bytes that the letter frequencies need
MIN_BITS = 15.0  # odds of 30,000 to one over the other reading
LIKELY_BITS = -5.4  # per character; Arabic titles have -4.5 to -5.2, misread text of any kind -6 to -11
OTHER_BITS = -12.0  # a character that Arabic text hardly holds
NEUTRAL = dict.fromkeys("،؛؟«»“”’‘–—…\u00a0٠١٢٣٤٥٦٧٨٩\u064b\u064f\u0651ـ", -5.0)
_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_MARKS = re.compile("[\u064b-\u0652\u0640]")
_LETTER = re.compile("[\u0621-\u063a\u0641-\u064aپچژگک]")
# Not letters of Arabic running text: accented Latin, symbols, C1 controls, undefined bytes.
_FOREIGN = re.compile("[\u0080-\u009f¡-©¬®-±´-¶¸¼-ÿŒœˆƒ€™ٹڈڑں\udc80-\udcff]")
_MISPLACED = re.compile("[ةى][\u0621-\u063a\u0641-\u064a]")


class Vote(NamedTuple):
    """An encoding (Python codec name) with its score (share of Arabic evidence, at most 1; 0 where only the letters
    speak for it) and words seen."""

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
    text = _MARKS.sub("", text)  # a vocalised poem has no word without marks
    words = _WORD.findall(text)
    if not words:
        return 0.0, 0
    known = function_words("ar")
    hits = sum(w in known or (len(w) > 4 and w.startswith(("ال", "وال", "بال", "لل", "فال"))) for w in words)
    letters, foreign = len(_LETTER.findall(text)), len(_FOREIGN.findall(text))
    misplaced = len(_MISPLACED.findall(text))
    return hits / len(words) - 2 * misplaced / len(words) - foreign / (letters + foreign), hits


# High bytes that mean rare ASCII symbols in Mac Arabic; other code pages have letters there.
_MAC_ODD = bytes(b for b in range(0x80, 0x100) if bytes([b]).decode("mac_arabic") in "{}[]|\\^_$#@&+=<>*")


def _mac_is_possible(data: bytes) -> bool:
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    odd = len(data) - len(data.translate(None, _MAC_ODD))
    return odd * 50 <= high


@cache
def _bits() -> dict[str, float]:
    """Letter → log2 of its share in running text."""
    table: dict[str, int] = load("arabic_letters.yaml")["frequency"]
    total = sum(table.values())
    return {letter: math.log2(count / total) for letter, count in table.items()}


def letter_bits(text: str) -> float:
    """Log2 likelihood of the non-ASCII characters of ``text`` under the letter frequencies of Arabic.

    >>> round(letter_bits("سد"), 1) > round(letter_bits("ظذ"), 1)
    True
    """
    bits = _bits()
    counts = Counter(text)
    return sum(
        n * bits.get(char, NEUTRAL.get(char, OTHER_BITS)) for char, n in counts.items() if char > "\x7f"
    )


def _vote_by_letters(sample: bytes) -> str | None:
    """The encoding whose letters are likely in themselves and far likelier than in the other reading.

    For titles and names without a function word.
    """
    high = sum(byte > 0x7F for byte in sample)
    if high < MIN_LETTERS:
        return None
    # Mac Arabic is left out: it maps half of the high bytes to ASCII, which proves nothing.
    ranked = sorted(
        ((letter_bits(sample.decode(codec, "surrogateescape")), codec) for codec in ("cp1256", "iso8859_6")),
        reverse=True,
    )
    (first, codec), (second, _) = ranked
    return codec if first - second >= MIN_BITS and first / high >= LIKELY_BITS else None


def _vote_by_words(sample: bytes) -> tuple[str, float] | None:
    """The encoding whose reading holds far more known words, and its score."""
    ranked: list[tuple[float, int, str]] = []
    for order, codec in enumerate(ENCODINGS):
        if codec != "mac_arabic" or _mac_is_possible(sample):
            ranked.append((arabic_score(sample.decode(codec, "surrogateescape"))[0], -order, codec))
    ranked.sort(reverse=True)
    score, _, codec = ranked[0]
    # ISO-8859-6 and Mac Arabic share their letters: they are no rivals, the better fit wins.
    rivals = [other for other, _, name in ranked[1:] if "cp1256" in (codec, name)]
    clear = score >= MIN_SCORE and all(score - other >= MIN_MARGIN for other in rivals)
    return (codec, score) if clear else None


def vote(data: bytes) -> Vote | None:
    """Return the single-byte Arabic encoding that ``data`` is evidently in, or None where none is evident.

    >>> vote("قال الوزير إن الخطة جاهزة".encode("cp1256")).encoding
    'cp1256'
    >>> vote("قال الوزير إن الخطة جاهزة".encode("iso8859_6")).encoding
    'iso8859_6'
    >>> vote("وزير يفتتح سدا".encode("cp1256")).encoding
    'cp1256'
    >>> vote("Le ministère a déclaré".encode("cp1252")) is None
    True
    """
    sample = data[:SAMPLE]
    found = _vote_by_words(sample)
    codec, score = found or (_vote_by_letters(sample), 0.0)
    if codec is None:
        return None
    # Mac Arabic writes its spaces as A0; in ISO-8859-6 that would be a text without one plain space.
    if codec == "iso8859_6" and sample.count(b"\xa0") > sample.count(b" ") and _mac_is_possible(sample):
        codec = "mac_arabic"
    return Vote(codec, score, len(_WORD.findall(sample.decode(codec, "surrogateescape"))))
