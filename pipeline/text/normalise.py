"""Spelling folds for matching and a readable form of a line, each able to lead back to the exact characters.

Three strengths, all linear in the length of the text:

* ``fold(text)``: same length, one character to one character; spans found in it are spans of the text.
* ``strip_marks(text)`` / ``fold_map(text)``: also drop what is no letter (vowel signs, tatweel, bidi marks)
  and expand presentation forms; ``offsets[i]`` is where folded character ``i`` stands in the text.
* ``readable(text)``: for people; drops decoration and controls, keeps every letter and vowel sign as written.

Persian, Urdu and Kurdish letters are left alone: the language of a line is decided from them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Bidirectional controls (Unicode 15, Bidi_Control=Yes), as the inside of a character class."""

# Zero-width space and joiners, soft hyphen, word joiner, byte order mark, variation selectors.
INVISIBLE = "\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff"
# Arabic vowel signs, superscript alef, Quranic annotation signs (Unicode blocks Arabic, Arabic Extended-A/B).
MARKS = (
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff"
)
TATWEEL = "\u0640"
# Arabic presentation forms A and B; ornate parentheses and unassigned code points fold to themselves.
PRESENTATION = "\ufb50-\ufdff\ufe70-\ufefc"
# C0 controls other than tab, newline and carriage return; DEL; C1 controls (U+0085 among them).
CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"

_DROPPED = BIDI + INVISIBLE + MARKS + TATWEEL
_SPECIAL = re.compile(f"[{_DROPPED}{PRESENTATION}]")
_DROP = re.compile(f"[{_DROPPED}]")
_UNREADABLE = re.compile(f"[{BIDI}{INVISIBLE}{CONTROLS}{TATWEEL}]")
_MARK_RUN = re.compile(f"([{MARKS}]{{4}})[{MARKS}]+")
_TOUCHED = re.compile(f"[{BIDI}{INVISIBLE}{CONTROLS}{TATWEEL}{PRESENTATION}]|[{MARKS}]{{5}}")
# All of these in one class, which is looked for three times as fast as the alternatives above.
_SUSPECT = re.compile(f"[{BIDI}{INVISIBLE}{CONTROLS}{TATWEEL}{PRESENTATION}{MARKS}]")
_FORMS = re.compile(f"[{PRESENTATION}]+")
# Whatever is not plain Arabic text: letters that no fold but the six of _COMMON touches, ASCII without Latin letters, the
# usual marks, vowel signs, tatweel, and the space. Seven lines in a hundred of Arabic news hold anything else.
_NOT_PLAIN = re.compile(r"[^ !-@\[-`{-~«»،؛؟“”‘’–—…\u0621-\u063a\u0641-\u064a]")
_NOT_SIMPLE = re.compile(r"[^ !-@\[-`{-~«»،؛؟“”‘’–—…\u0621-\u063a\u0641-\u064a\u064b-\u0652\u0640]")
_SIMPLE_MARKS = re.compile(r"[\u064b-\u0652\u0640]+")

_SPACES = "\t\x0b\x0c\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_ONE_TO_ONE: dict[int, str] = {
    **dict.fromkeys(map(ord, "أإآٱٲٳ"), "ا"),
    ord("ى"): "ي",
    ord("ئ"): "ي",
    ord("ؤ"): "و",
    **{ord(c): str(i) for i, c in enumerate("٠١٢٣٤٥٦٧٨٩")},
    **{ord(c): str(i) for i, c in enumerate("۰۱۲۳۴۵۶۷۸۹")},
    **dict.fromkeys(map(ord, _SPACES), " "),
}

# The six letters that nearly every text holds are replaced one after the other, which is ten times as fast as a table;
# the table is for the others, where there are any.
_COMMON = (("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ى", "ي"), ("ئ", "ي"), ("ؤ", "و"))
_RARE = re.compile("[" + "".join(chr(c) for c in sorted(_ONE_TO_ONE) if chr(c) not in "أإآىئؤ") + "]")


def fold(text: str) -> str:
    """Fold hamza carriers, ى, digits and odd spaces; the length stays, so offsets stay.

    >>> fold("أكّد مسؤولٌ أنّ ٢٠ شخصاً")
    'اكّد مسوولٌ انّ 20 شخصاً'
    >>> fold("مدرسة")  # ة is kept: it tells a noun from a noun with a pronoun
    'مدرسة'
    """
    for letter, folded in _COMMON:
        text = text.replace(letter, folded)
    return text.translate(_ONE_TO_ONE) if _RARE.search(text) else text


@cache
def _expanded(char: str) -> str:
    """One presentation form as the letters it stands for; empty for an isolated vowel sign.

    >>> _expanded("ﻻ"), _expanded("ﷲ"), _expanded("\\ufe76")
    ('لا', 'الله', '')
    """
    return _DROP.sub("", unicodedata.normalize("NFKC", char)).strip()


def strip_marks(text: str) -> tuple[str, list[int]]:
    """Drop vowel signs, tatweel, invisible and bidi characters; expand presentation forms.

    Returns (stripped, offsets): ``stripped[i]`` comes from ``text[offsets[i]]``; offsets has one entry more
    than stripped, the last being ``len(text)``. A span [i, j) of stripped is [offsets[i], offsets[j]) of the
    text: the marks after a letter belong to it.

    >>> strip_marks("قـالَ")
    ('قال', [0, 2, 3, 5])
    >>> strip_marks("ﻻ")[1]
    [0, 0, 1]
    """
    if not _SPECIAL.search(text):
        return text, list(range(len(text) + 1))
    pieces: list[str] = []
    offsets: list[int] = []
    done = 0
    for match in _SPECIAL.finditer(text):
        at = match.start()
        pieces.append(text[done:at])
        offsets.extend(range(done, at))
        done = at + 1
        letters = _expanded(text[at])
        pieces.append(letters)
        offsets.extend([at] * len(letters))
    pieces.append(text[done:])
    offsets.extend(range(done, len(text) + 1))
    return "".join(pieces), offsets


def fold_map(text: str) -> tuple[str, list[int]]:
    """The strongest fold with its way back: ``strip_marks``, then ``fold``.

    >>> fold_map("أُعلِنَ")
    ('اعلن', [0, 2, 3, 5, 7])
    >>> text = "وقال: «إنّ الأمر»"; folded, at = fold_map(text); i = folded.index("ان")
    >>> text[at[i]:at[i + 2]]
    'إنّ'
    """
    stripped, offsets = strip_marks(text)
    return fold(stripped), offsets


PLAIN, MARKED, MIXED = 0, 1, 2


def makeup(text: str) -> int:
    """What a text is made of: PLAIN for Arabic letters, ASCII without Latin letters and the usual marks, with no space but
    " "; MARKED where vowel signs or tatweel are among them; MIXED for all else, which needs the slower folds.

    >>> makeup("قال: «نعم»، في 20/3"), makeup("قالَ"), makeup("قال\\xa0نعم"), makeup("قناة RT"), makeup("۲۰")
    (0, 1, 2, 2, 2)
    """
    first = _NOT_PLAIN.search(text)
    if first is None:
        return PLAIN
    return MARKED if _NOT_SIMPLE.search(text, first.start()) is None else MIXED


def simple_key(text: str, makeup: int) -> str:
    """``key`` of a text whose ``makeup`` is PLAIN or MARKED, for a third of the time.

    >>> simple_key(" قـالَ  أحمد ", MARKED) == key(" قـالَ  أحمد ") == "قال احمد"
    True
    """
    if makeup == MARKED:
        text = _SIMPLE_MARKS.sub("", text)
    text = " ".join(text.split()) if "  " in text else text.strip()
    for letter, folded in _COMMON:
        text = text.replace(letter, folded)
    return text


def key(text: str) -> str:
    """Folded text for comparing strings as wholes: single spaces, lower case, no ends.

    >>> key("  وكالة  الأنبـاء ") == key("وكالةُ الانباء")
    True
    """
    made = makeup(text)
    if made != MIXED:
        return simple_key(text, made)
    plain = _SPECIAL.sub(lambda m: _expanded(m[0]), text)
    return fold(" ".join(plain.split())).lower()


def readable(text: str) -> str:
    """The text as a person reads it: letters and vowel signs as written, no controls, single spaces.

    Presentation forms become letters, more than four vowel signs on one letter are cut, canonical composition
    (NFC) joins a hamza to its carrier.

    >>> readable("بـــيان \\u200fرقم\\xa0 \\ufefb١")
    'بيان رقم لا١'
    """
    made = makeup(text)
    if made == PLAIN:
        return " ".join(text.split()) if "  " in text else text.strip()
    if (made == MARKED or _SUSPECT.search(text)) and _TOUCHED.search(text):
        text = _FORMS.sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
        text = _UNREADABLE.sub("", text)
        text = _MARK_RUN.sub(r"\1", text)
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.strip() if made == MARKED and "  " not in text else " ".join(text.split())
