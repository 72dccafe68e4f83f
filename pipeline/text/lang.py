"""Main language of a text from its letters and its function words."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from pipeline.resources import load

_ARABIC_SCRIPT = re.compile(
    "[\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc]"
)
_LATIN = re.compile("[A-Za-zÀ-ÖØ-öø-ÿ]")
_WORDS = re.compile(r"[^\W\d_]+")
SAMPLE = 4_000  # characters that are looked at


@cache
def _evidence() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    entries = load("languages.yaml")
    words = {lang: frozenset(entry["words"]) for lang, entry in entries.items()}
    letters = {lang: frozenset(entry["letters"]) for lang, entry in entries.items()}
    return words, letters


def function_words(lang: str) -> frozenset[str]:
    """The frequent function words of ``lang`` that the lexicon holds."""
    return _evidence()[0][lang]


def language(text: str) -> str:
    """Return the ISO 639-1 code (``ckb`` for Sorani Kurdish) of the main language of ``text``, else ``und``.

    The script with more letters decides between the groups; inside a group function words and telling
    letters vote. Only the first 4,000 characters are read.

    >>> language("وقال الوزير إن الخطة ستبدأ في مطلع العام المقبل")
    'ar'
    >>> language("وزیر گفت که این برنامه از سال آینده آغاز می شود")
    'fa'
    >>> language("The minister said that the plan starts in May"), language("12/5 - 33%")
    ('en', 'und')
    """
    sample = text[:SAMPLE]
    counts = Counter(sample)
    arabic = {char: n for char, n in counts.items() if _ARABIC_SCRIPT.match(char)}
    latin = {char: n for char, n in counts.items() if _LATIN.match(char)}
    if not arabic and not latin:
        return "und"
    words, letters = _evidence()
    in_arabic = sum(arabic.values()) >= sum(latin.values())
    group = ("ar", "fa", "ur", "ckb") if in_arabic else ("en", "fr")
    seen = Counter(arabic if in_arabic else latin)
    tokens = Counter(_WORDS.findall(sample if in_arabic else sample.lower()))
    total, size = sum(tokens.values()) or 1, sum(seen.values())

    def vote(lang: str) -> float:
        hits = sum(n for word, n in tokens.items() if word in words[lang]) / total
        return hits + sum(seen[letter] for letter in letters[lang]) / size

    score, best = max((vote(lang), lang) for lang in group)
    return best if score > 0 else "ar" if in_arabic else "und"
