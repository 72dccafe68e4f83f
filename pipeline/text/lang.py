"""Languages: of a text by its letters and function words, of a line by its letters, else by py3langid.

Most lines are decided by what is cheap and sure: the article and the letters that only Arabic has, the letters that it
has not, the function words of English and French. What is left, about one line in a hundred of Arabic news, goes to
py3langid (M. Lui and T. Baldwin, langid.py, ACL 2012; the model lies in the package), asked only for the languages of
the script in question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
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


ARABIC_LETTERS = frozenset({"ar", "fa", "ur", "ckb", "ps", "ug"})
"""Languages that ``line_language`` tells apart in Arabic letters."""
LINE_SAMPLE = 400  # characters of a line that are looked at
FEWEST_LETTERS = 20
"""Shorter lines are not worth asking the library; without evidence they are Arabic, or English."""
_ARABIC_PAIR = re.compile(r"[\u0620-\u064a\u066e-\u06d3]{2}")
_LATIN_PAIR = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿĀ-ſ]{2}")
_ARTICLE = re.compile(r"(?<!\w)[وف]?[بلك]?ال\w")
_OTHER_LETTER = re.compile(r"[\u0679-\u06d3\u06d5]")  # letters of the block that Arabic has not
_KURDISH = re.compile("[ڕڵێۆەڤ]")
_LATIN_CODES = ("en", "fr", "es", "de", "it", "tr", "pt", "nl", "id", "sv")


@cache
def _library(codes: tuple[str, ...]) -> Callable[[str], str]:
    """py3langid over some of its languages, all of them where none are named; loaded when first needed (1 s)."""
    from py3langid.langid import (  # type: ignore[import-untyped]
        MODEL_DIR,
        MODEL_FILE,
        LanguageIdentifier,
    )

    identifier = LanguageIdentifier.from_modelpath(MODEL_DIR / MODEL_FILE)
    if codes:
        identifier.set_languages(list(codes))
    return lambda text: str(identifier.classify(text)[0])


def line_language(text: str, simple: bool = False) -> str | None:
    """ISO 639-1 code of a line (``ckb`` for Sorani Kurdish); None for a line without letters.

    simple: the caller knows that the ``normalise.makeup`` is not MIXED, so that no letter is Latin, Persian or Kurdish.

    >>> line_language("قال الوزير إن الخطة جاهزة"), line_language("وزیر گفت که برنامه از سال آینده آغاز می‌شود")
    ('ar', 'fa')
    >>> line_language("وزیر اعظم نے کہا ہے کہ انتخابات ہوں گے"), line_language("سەرۆکی هەرێم لەگەڵ وەزیر کۆبووەوە")
    ('ur', 'ckb')
    >>> line_language("The minister said so"), line_language("Le ministre est dans la ville"), line_language("12 / 5")
    ('en', 'fr', None)
    """
    sample = text[:LINE_SAMPLE]
    if simple and _ARABIC_PAIR.search(sample):
        return "ar" if "ة" in sample or "أ" in sample or "إ" in sample else _arabic_script(sample, False)
    latin = len(_LATIN_PAIR.findall(sample))
    if latin:
        if len(_ARABIC_PAIR.findall(sample)) < latin:
            return _latin(sample)
    elif _ARABIC_PAIR.search(sample) is None:
        return _elsewhere(sample)
    other = _OTHER_LETTER.search(sample)
    if other is None and ("ة" in sample or "أ" in sample or "إ" in sample):
        return "ar"
    return _arabic_script(sample, other is not None)


def _arabic_script(sample: str, other: bool) -> str:
    """A line in Arabic letters that is not plainly Arabic. One word in four of Arabic has the article, of Persian and
    Urdu one in fifty."""
    words = len(_WORDS.findall(sample)) or 1
    articles = len(_ARTICLE.findall(sample))
    if articles * 8 >= words:
        return "ar"
    letters = sum(map(str.isalpha, sample))
    if other and len(_KURDISH.findall(sample)) * 12 >= letters:
        return "ckb"
    if letters < FEWEST_LETTERS and len(_OTHER_LETTER.findall(sample)) * 8 < letters:
        return "ar"
    return _library(("ar", "fa", "ur", "ps", "ug"))(sample)


def _latin(sample: str) -> str:
    """A line in Latin letters: function words of English and French, where they say anything."""
    tokens = _WORDS.findall(sample.lower())
    english = sum(token in function_words("en") for token in tokens)
    french = sum(token in function_words("fr") for token in tokens)
    if max(english, french) * 5 >= len(tokens) and abs(english - french) * 2 >= max(english, french):
        return "en" if english > french else "fr"
    if sum(map(str.isalpha, sample)) < FEWEST_LETTERS:
        return "fr" if french > english else "en"
    return _library(_LATIN_CODES)(sample)


def _elsewhere(sample: str) -> str | None:
    """A line in another script, or without any letter."""
    letters = sum(map(str.isalpha, sample))
    if not letters:
        return None
    if _ARABIC_SCRIPT.search(sample):
        return "ar"
    if _LATIN.search(sample):
        return "en"
    return "und" if letters < 4 else _library(())(sample)
