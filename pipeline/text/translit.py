"""Arabic names in Latin letters: a simple, readable variant of ALA-LC without diacritics below letters.

Unvocalised text holds no short vowels; a vowel is put between consonants that cannot stand together, so the result is
a reading aid and a search key, not a vocalisation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from pipeline import resources

_LETTERS = {
    "ء": "'", "آ": "a", "أ": "a", "إ": "i", "ؤ": "'", "ئ": "'", "ا": "a", "ب": "b", "ة": "a", "ت": "t", "ث": "th", "ج": "j",
    "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t",
    "ظ": "z", "ع": "'", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "ى": "a",
    "ٱ": "a", "پ": "p", "چ": "ch", "ڤ": "v", "گ": "g", "ژ": "zh", "ی": "i", "ک": "k",
    "\u064e": "a", "\u064f": "u", "\u0650": "i", "\u064b": "an", "\u064c": "un", "\u064d": "in",
}  # fmt: skip
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
_VOWELS = frozenset("aiu")
_WORD = re.compile(r"[^\s\-_]+")
_KNOWN = {"بن": "bin", "ابن": "ibn", "أبو": "Abu", "ابو": "Abu", "أبي": "Abi", "آل": "Al", "الله": "Allah", "في": "fi", "من": "min", "ولد": "Ould"}  # fmt: skip
_FOLD = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "#": None, "_": " "})
_PERSON_OF_PLACE = {
    "هند": "Hind",
    "رياض": "Riyad",
    "مصر": "Misr",
}  # a name without the article, a place with it


def transliterate(name: str) -> str:
    """Return ``name`` in Latin letters, each word with a capital; Latin words stay as they are.

    >>> transliterate("القاهرة"), transliterate("محمد بن سلمان"), transliterate("ناصر"), transliterate("سامي الحداد")
    ('Cairo', 'Muhammad bin Salman', 'Nasir', 'Sami Al-Haddad')
    """
    whole = _lexicon("names").get(" ".join(name.translate(_FOLD).split()))
    return whole or " ".join(_word(word) for word in _WORD.findall(name.translate(_DIGITS).replace("#", "")))


@cache
def _lexicon(part: str) -> Mapping[str, str]:
    """Return the lexicon of whole names or of words by folded spelling."""
    return {k.translate(_FOLD): v for k, v in resources.load("latin.yaml")[part].items()}


@cache
def _places() -> frozenset[str]:
    """Return the folded names of states and capitals that have the article in Arabic and none in Latin."""
    countries = resources.load("places.yaml")["countries"]
    names = [n for s in countries for n in (s["name"], *s.get("other", ()), *s.get("capital", ()))]
    return frozenset(n.translate(_FOLD)[2:] for n in names if n.startswith("ال") and " " not in n)


@lru_cache(maxsize=32768)
def _word(word: str) -> str:
    """Return one word in Latin letters: as the lexicon has it, else by sounds."""
    if word in _KNOWN:
        return _KNOWN[word]
    folded = word.translate(_FOLD)
    stem = folded[2:] if folded.startswith("ال") and len(folded) > 4 else ""
    if stem in _lexicon("words"):
        return _lexicon("words")[stem] if stem in _places() else f"Al-{_lexicon('words')[stem]}"
    if folded in _lexicon("words"):
        return _PERSON_OF_PLACE.get(folded) or _lexicon("words")[folded]
    if not any("\u0621" <= ch <= "\u06d3" for ch in word):
        return word
    if word.startswith("ال") and len(word) > 3:
        return f"Al-{_capital(_sounds(word[2:]))}"
    return _capital(_sounds(word))


def _sounds(word: str) -> str:
    """Return the letters of a word with a helping vowel where three consonants, or two at the start, would meet.

    >>> _sounds("يانوكوفيتش"), _sounds("روسية")
    ('yanukufich', 'rusiyya')
    """
    word = word.replace("تش", "چ")  # one sound in foreign names
    if word[:2] in ("أو", "او", "إي", "اي") and len(word) > 3:  # the alef only carries the vowel
        word = {"و": "ُ", "ي": "ِ"}[word[1]] + word[2:]
    if word.endswith("ية"):
        return _sounds(word[:-2] + "ي") + "yya"
    out: list[str] = []
    last = len(word) - 1
    for i, ch in enumerate(word):
        if ch in "وي":
            sound = _glide(ch, word[i - 1] if i else "", word[i + 1] if i < last else "")
        elif ch == "\u0651" and out:  # shadda doubles the letter before
            sound = out[-1]
        else:
            sound = _LETTERS.get(ch, ch if ch.isalnum() else "")
        consonant = bool(sound) and sound[0] not in _VOWELS
        if consonant and out and _is_consonant(out[-1]) and _needs_vowel(out, i, word):
            out.append("i" if i > 1 and word[i - 2] in "اآ" else "a")  # ناصر has i, حمد has a
        out.append(sound)
    return re.sub(r"(aa|ii|uu)", lambda m: m.group()[0], "".join(out)).strip("'")


def _glide(ch: str, before: str, after: str) -> str:
    """Return و or ي as a consonant at the start of a word or before a long a, else as a vowel."""
    consonant, vowel = ("w", "u") if ch == "و" else ("y", "i")
    between_vowels = before in tuple("اآ") and after in tuple("اآويىة")
    return consonant if not before or between_vowels or after in tuple("اآىة") else vowel


def _is_consonant(sound: str) -> bool:
    return bool(sound) and sound[-1] not in _VOWELS


def _needs_vowel(out: list[str], i: int, word: str) -> bool:
    """True between the first two consonants of a word, and where a third would follow or the word (or its ة) ends."""
    ends = i == len(word) - 1 or (i == len(word) - 2 and word[-1] == "ة")
    return len(out) == 1 or ends or _is_consonant(out[-2])


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
