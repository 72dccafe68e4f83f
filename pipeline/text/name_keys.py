"""The key of a name: what all its spellings have in common, so that an entity has one identifier in every night.

Outlets spell foreign names as they hear them (يلتسين, يلتسن; غوتيريش, جوتيريس): long vowels come and go, and ج غ, ك ق,
ت ط or س ش stand for one sound. Arabic names are the opposite: سالم and سليم are two people. So a word keeps its letters
where it is known as Arabic, and is otherwise cut down to its consonants, the more boldly the more consonants there are
to tell it by. The idea is that of phonetic keys (Soundex, Double Metaphone); the classes are those by which the spellings
of one English name differ in the ANETAC collection of transliterated names (Ameur, Bouanani & Guessoum 2019).
"""

from __future__ import annotations

import hashlib
import re
from functools import cache, lru_cache

from pipeline import resources
from pipeline.text.names import fold_name, fold_words, is_given, lexicon_entry

_HAMZA = str.maketrans({"ؤ": "و", "ئ": "ي", "ء": None, "ـ": None})
_SOUNDS = str.maketrans(
    {"ج": "غ", "گ": "غ", "ژ": "غ", "ق": "ك", "ط": "ت", "ث": "ت", "ذ": "د", "پ": "ب", "ڤ": "ف", "چ": "ش"}
)
_LIKE = str.maketrans(
    {"ج": "غ", "ق": "ك"}
)  # no Arabic names differ by these, and a compound may hide the word
_ARABIC_ONLY = frozenset("حعظضص")
_TWICE = re.compile(r"(.)\1+")
_FINAL = str.maketrans({"ش": "س", "ز": "س"})
_WEAK = frozenset("اوي")
_TELLING = (
    4  # consonants by which a name is known without its vowels; of one word alone ا and ي are left out then
)
_CERTAIN = 6  # consonants from which one word alone is known without و too


@lru_cache(maxsize=65536)
def entity_id(kind: str, name: str) -> str:
    """Return the id of an entity: "e" and 16 hex digits of SHA-256 over its type and the key of its name.

    A pure function of the two: the same in every night, whatever else was in the night.

    >>> entity_id("PER", "بوريس يلتسين") == entity_id("PER", "بوريس يلتسن")
    True
    >>> entity_id("PER", "سالم جابر") == entity_id("PER", "سليم جابر")
    False
    """
    return "e" + hashlib.sha256(f"{kind}\t{key(kind, name)}".encode()).hexdigest()[:16]


@lru_cache(maxsize=65536)
def key(kind: str, name: str) -> str:
    """Return the spelling-insensitive key of a name of type ``kind`` (PER, ORG, LOC); "" for a name without letters.

    A name of the lexicons of places and organisations has the key of its entry.

    >>> key("PER", "جبر ميسكيل") == key("PER", "جبرميسقل"), key("ORG", "داعش") == key("ORG", "تنظيم الدولة الإسلامية")
    (True, True)
    >>> key("PER", "سامي حداد") == key("PER", "سامي حدادين")
    False
    """
    entry = lexicon_entry(kind, name)
    if entry is not None:
        return f"= {fold_name(entry)}"
    words = _words(kind, name)
    exact = [is_exact(word) for word in words]
    if len(words) == 1:
        return words[0].translate(_LIKE) if exact[0] else _alone(words[0])
    if kind == "ORG":  # mostly common nouns: each word must be telling by itself
        return " ".join(_word(w, e, _count(w) >= _TELLING) for w, e in zip(words, exact, strict=True))
    bare = sum(_count(word) for word, e in zip(words, exact, strict=True) if not e) >= _TELLING
    return "".join(_word(w, e, bare) for w, e in zip(words, exact, strict=True))


def _word(word: str, exact: bool, bare: bool) -> str:
    return word.translate(_LIKE) if exact else _plain(word, bare)


def _words(kind: str, name: str) -> list[str]:
    """Return the folded words: one form of بن, no hamza, no آل that lost its family, no word of a person twice over."""
    parts = name.split()
    if kind == "PER":
        parts = parts[:-1] if len(parts) > 2 and parts[-1] in ("آل", "ال") else parts
        if (
            len(parts) > 2
        ):  # بطرس بطرس غالي; but عبدالله عبدالله is a name, and محمد محمد نجار another than محمد نجار
            parts = [w for i, w in enumerate(parts) if not (i and w == parts[i - 1] and _repeats(w))]
    words = [w.translate(_HAMZA) for w in fold_words(" ".join(parts))]
    return ["بن" if w == "ابن" and i else w for i, w in enumerate(words) if w] or [""]


def _repeats(word: str) -> bool:
    return len(word) > 3 and not is_given(fold_name(word))


@cache
def _exact() -> frozenset[str]:
    rows = resources.load("names_exact.yaml")["words"]
    return frozenset(fold_name(w).translate(_HAMZA) for row in rows for w in row.split(","))


def is_exact(word: str) -> bool:
    """True for a word whose letters all count: a known Arabic name, one with a letter that Arabic alone has, أبو, Latin."""
    if word in _exact() or word.startswith("ابو") or not _ARABIC_ONLY.isdisjoint(word):
        return True
    return not "\u0621" <= word[:1] <= "\u06d3"


def _plain(word: str, bare: bool) -> str:
    """Return a word with one letter for each sound; ``bare``: without long vowels inside.

    >>> _plain("غوتيريش", True), _plain("جوتيريس", True), _plain("جوتي", False)
    ('غترس', 'غترس', 'غوتي')
    """
    word = _sounds(word)
    return _without(word, "اوي") if bare else word


def _alone(word: str) -> str:
    """Return the key of a single word: the fewer its consonants, the more of its letters count.

    >>> _alone("يلتسين") == _alone("يلتسن"), _alone("بورتون") == _alone("برايتون"), _alone("لاني") == _alone("لين")
    (True, False, False)
    """
    count = _count(word)
    if count < _TELLING - 1:
        return word
    sounds = _sounds(word)
    if count < _TELLING:
        return sounds
    return _without(sounds, "اوي" if count >= _CERTAIN else "اي")


def _sounds(word: str) -> str:
    word = word.replace("تش", "ش").translate(_SOUNDS)
    if len(word) > 2 and word[-1] == "ه":
        word = word[:-1] + "ا"
    word = _TWICE.sub(r"\1", word)
    return word[:-1] + word[-1].translate(_FINAL) if len(word) >= 5 else word


def _without(word: str, vowels: str) -> str:
    return word[:1] + "".join(ch for ch in word[1:-1] if ch not in vowels) + word[1:][-1:]


@lru_cache(maxsize=16384)
def _count(word: str) -> int:
    """Return the number of consonants, an alef at the start counted as one.

    >>> _count("اوباما"), _count("يلتسين")
    (3, 4)
    """
    return sum(ch not in _WEAK or (i == 0 and ch == "ا") for i, ch in enumerate(_sounds(word)))


def onset(word: str) -> str:
    """Return the two letters that begin a folded word, for blocking: sounds, long vowels left out.

    >>> onset("غوتيريش"), onset("جوتيريس"), onset("اوباما")
    ('غت', 'غت', 'اب')
    """
    return _without(_sounds(word) + " ", "اوي")[:2].strip()
