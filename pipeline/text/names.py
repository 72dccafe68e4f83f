"""Names by themselves: folding, lexicon, metonymy, edges, agreement.

All functions are pure: strings in, strings out. Lexicons are read through ``pipeline.resources``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from pipeline import resources
from pipeline.text.translit import transliterate

__all__ = [
    "agreement",
    "fold_name",
    "fold_words",
    "lexicon_entry",
    "metonym",
    "surface",
    "transliterate",
    "trim",
]

_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_LETTER = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "_": " "}
)
_WORD = re.compile(r"[^\W_]+")
_DOUBLE_LAM = frozenset({"للجنه", "للواء", "للجان"})  # ل + ال + a word that itself opens with ل
_COMPOUND = {"عبد": "عبد", "ابو": "ابو", "ابي": "ابو"}  # written with or without a space before the next word


def fold_name(name: str) -> str:
    """Return the spelling-insensitive key of a name: one alef, ya and ta marbuta, no marks, tatweel or article.

    >>> fold_name("الأمم المتّحدة") == fold_name("امم متحده")
    True
    >>> fold_name("عبد الله حمدان") == fold_name("عبدالله حمدان")
    True
    >>> fold_name("للأمم المتحدة") == fold_name("الأمم المتحدة")
    True
    """
    return " ".join(_folded(name))


def fold_words(name: str) -> list[str]:
    """Return the folded words of a name, without articles, عبد joined to the word that it governs.

    >>> fold_words("الشيخ عبد الرحمن")
    ['شيخ', 'عبدرحمن']
    """
    return list(_folded(name))


@lru_cache(maxsize=65536)
def _folded(name: str) -> tuple[str, ...]:
    words: list[str] = []
    joined = ""
    for raw in _WORD.findall(_MARKS.sub("", name).translate(_LETTER).lower()):
        word = raw
        if raw in _COMPOUND:
            joined += _COMPOUND[raw]
            continue
        if word.startswith("عبدال") and len(word) > 6:
            word = "عبد" + word[5:]
        elif word.startswith(("ال", "لل")) and (len(word) > 4 or joined):
            word = word[1:] if word in _DOUBLE_LAM else word[2:]
        words.append(joined + word)
        joined = ""
    return (*words, joined) if joined else tuple(words)


@lru_cache(maxsize=65536)
def surface(name: str) -> str:
    """Return the published form of a name: no underscores, marks or double spaces, للـ opened to الـ.

    >>> surface("سامي_حداد"), surface("للمحكمة العليا")
    ('سامي حداد', 'المحكمة العليا')
    """
    text = " ".join(_MARKS.sub("", name).replace("_", " ").split())
    if not text.startswith("لل") or len(text) < 5:
        return text
    first = text.split(" ", 1)[0].translate(_LETTER)
    return "ال" + text[1 if first in _DOUBLE_LAM else 2 :]


# ---------------------------------------------------------------------------------------------- lexicons


@cache
def aliases() -> dict[tuple[str, str], str]:
    """Return (type, folded name) → key of the lexicon entry that it belongs to."""
    groups: dict[tuple[str, str], str] = {}
    for state in resources.load("places.yaml")["countries"]:
        for name in (state["name"], *state.get("other", ())):
            groups.setdefault(("LOC", fold_name(name)), state["name"])
    for kind in resources.load("organisations.yaml")["names"].values():
        for entry in kind:
            for name in (entry["name"], *entry.get("other", ())):
                groups.setdefault(("ORG", fold_name(name)), entry["name"])
    return groups


@cache
def _doubtful() -> frozenset[str]:
    """Return the folded names that are both a state's and another's capital (عمان): neither without more words."""
    countries = resources.load("places.yaml")["countries"]
    owner = {fold_name(n): s["name"] for s in countries for n in (s["name"], *s.get("other", ()))}
    seats = ((fold_name(c), s["name"]) for s in countries for c in s.get("capital", ()))
    return frozenset(city for city, state in seats if owner.get(city, state) != state)


def lexicon_entry(kind: str, name: str) -> str | None:
    """Return the name of the lexicon entry that an organisation's or place's name belongs to, or None.

    >>> lexicon_entry("LOC", "المملكة العربية السعودية"), lexicon_entry("ORG", "داعش"), lexicon_entry("LOC", "عمان")
    ('السعودية', 'تنظيم الدولة الإسلامية', None)
    """
    if kind == "PER":
        return None
    folded = fold_name(name)
    return None if kind == "LOC" and folded in _doubtful() else aliases().get((kind, folded))


def given(*genders: str) -> list[str]:
    """Return the given names of the lexicon as written there; of ``masculine`` or ``feminine`` alone where named."""
    rows = resources.load("titles_names.yaml")
    return [
        name.strip() for gender in genders or ("masculine", "feminine") for name in rows[gender].split(",")
    ]


@cache
def given_names() -> frozenset[str]:
    return frozenset(map(fold_name, given()))


def is_given(word: str) -> bool:
    """Whether a folded word is a given name of the lexicon, so that it tells nobody's family."""
    return word in given_names()


@cache
def _heads() -> frozenset[str]:
    kinds = resources.load("organisations.yaml")["heads"]
    return frozenset(fold_name(w) for by_kind in kinds.values() for ws in by_kind.values() for w in ws)


def is_head(word: str) -> bool:
    """Whether a folded word opens names of organisations: وزارة, حزب."""
    return word in _heads()


@cache
def _seats() -> dict[str, str]:
    """Return folded capital or seat → state. A name that is also a state's own name is left out."""
    places, extra = resources.load("places.yaml"), resources.load("metonymy.yaml")
    states = {fold_name(n) for s in places["countries"] for n in (s["name"], *s.get("other", ()))}
    left_out = {fold_name(n) for n in extra["not_a_state"]} | states
    seats = {
        fold_name(city): state["name"]
        for state in places["countries"]
        for city in state.get("capital", ())
        if fold_name(city) not in left_out
    }
    return seats | {fold_name(seat): state for seat, state in extra["seats"].items()}


def metonym(name: str) -> str | None:
    """Return the state for which a capital or seat stands in 'X said', or None.

    >>> metonym("موسكو"), metonym("القاهرة"), metonym("حلب")
    ('روسيا', 'مصر', None)
    """
    return _seats().get(fold_name(name))


# ---------------------------------------------------------------------------------------------- spans

_PRONOUN_FIRST = frozenset(
    {"لي", "له", "لها", "لهم", "لنا", "بي", "به", "بها", "الي", "اليه", "اليها", "عليه", "عنه"}
)
_VERB_FIRST = frozenset(  # feminine verbs that no name begins with
    {"اثارت", "اعلنت", "اكدت", "قالت", "اضافت", "كشفت", "رفضت", "اعتبرت", "طالبت", "نفت", "ذكرت", "اوضحت"}
    | {"شددت", "بدات", "عادت", "ظهرت", "تلقت", "وصفت", "انتقدت", "اتهمت", "نشرت", "كتبت", "ردت", "شاركت"}
)
_OBJECTS = frozenset(
    f"{noun}{pronoun}"
    for noun in ("نظير", "رئيس", "حليف", "منافس", "مقر", "غريم", "جار")
    for pronoun in ("ه", "ها")
)


_TOLD = frozenset(  # outlets that a person speaks to
    f"ل{outlet}"
    for outlet in ("بي", "فرانس", "رويترز", "وكاله", "صحيفه", "قناه", "موقع", "سكاي", "شبكه", "جريده", "مجله")
)
_OFFICES = frozenset(
    {"ولي", "نائب", "رئيس", "وزير", "مدير", "محافظ", "وكيل", "عضو", "سفير", "مستشار", "المتحدث", "الناطق"}
)
_BLESSINGS = frozenset({"رضي", "رحمه", "رحمها", "حفظه", "حفظها"})
_OF_GOD = frozenset(
    f"ال{word}"
    for word in ("جار", "عبد", "ضيف", "فضل", "عطا", "خير", "دخيل", "سعد", "نصر", "رزق", "جاد", "خلف")
)
_BELONGING = frozenset({"التابع", "التابعه", "التابعين"})


def _addressed(words: Sequence[str]) -> bool:
    """Whether folded words open with a form of address and a name goes on behind it: الشيخ سالم — not: الشيخ زايد للسلام, الإمام."""
    return len(words) > 1 and words[0] in _forms_of_address() and not words[1].startswith("ال")


@cache
def _forms_of_address() -> frozenset[str]:
    forms = resources.load("titles.yaml")["titles"]["address"]
    return frozenset(w.translate(_LETTER) for w in forms if " " not in w and w.startswith("ال"))


@lru_cache(maxsize=65536)
def trim(text: str, kind: str) -> tuple[int, int]:
    """Return the part [start, end) of a span that is the name, where the recogniser took in a neighbour.

    PER: a pronoun or verb before the name, an outlet or office behind it (ليلى لصحيفة, سامي بن نبيل ولي العهد). ORG: an object behind it (نظيره), what it belongs
    to (التابعة للأمم المتحدة), or a definite noun that is no adjective of a feminine head (المنظمة المقياس).

    >>> trim("له سامي", "PER"), trim("الاتحاد الدولي نظيره المحلي", "ORG"), trim("المنظمة المعيار", "ORG")
    ((3, 7), (0, 14), (0, 7))
    >>> trim("أثارت حداد", "PER"), trim("الشيخ سالم آل حداد", "PER"), trim("الشيخ", "PER")
    ((6, 10), (6, 18), (0, 5))
    >>> trim("اللجنة العليا", "ORG"), trim("الهيئة العامة", "ORG"), trim("ليلى لصحيفة المدن", "PER")
    ((0, 13), (0, 13), (0, 4))
    """
    words = [(m.start(), m.end(), m[0].translate(_LETTER)) for m in re.finditer(r"\S+", text)]
    if len(words) < 2:
        return 0, len(text)
    if kind == "PER" and (words[0][2] in _PRONOUN_FIRST | _VERB_FIRST or _addressed([w[2] for w in words])):
        return words[1][0], len(text)
    if kind == "PER":
        bounds = _TOLD | _BLESSINGS
        told = next(
            (i for i, w in enumerate(words) if i and (w[2] in bounds or (i > 1 and w[2] in _OFFICES))), 0
        )
        if (
            not told
            and words[-1][2] == "الله"
            and words[-2][2].startswith("ال")
            and words[-2][2] not in _OF_GOD
        ):
            told = len(words) - 1  # ليلى النجار [الله]: the object of a prayer behind her
        return 0, words[told - 1][1] if told else len(text)
    if kind == "ORG":
        alone = len(words) == 2 and words[0][2].startswith("ال")
        if alone and lexicon_entry("LOC", text[words[1][0] :]) and not words[1][2].startswith("ال"):
            return 0, words[0][1]  # الأزهر [إيران]: a definite noun governs no place
        for (_, end, before), (_, _, word) in pairwise(words):
            if word in _OBJECTS or word in _BELONGING:
                return 0, end
            feminine = before.startswith("ال") and before.endswith("ه") and len(before) > 5
            if (
                feminine
                and end == words[0][1]
                and word.startswith("ال")
                and not word.endswith(("ه", "ا", "ي", "ات"))
            ):
                return 0, end
    return 0, len(text)


# ---------------------------------------------------------------------------------------------- agreement


@cache
def _agreement_lexicon() -> Mapping[str, tuple[str, str]]:
    """Return folded word or name → (gender, number) as a later verb shows it."""
    known: dict[str, tuple[str, str]] = {}
    titles = resources.load("titles.yaml")
    organisations, places = resources.load("organisations.yaml"), resources.load("places.yaml")
    for gender in ("masculine", "feminine"):
        for name in given(gender):
            known.setdefault(fold_name(name), ("masc" if gender == "masculine" else "fem", "sing"))
    for gender, kinds in organisations["heads"].items():
        known |= {fold_name(w): (gender, "sing") for words in kinds.values() for w in words}
    known |= {fold_name(w): ("masc", "plur") for w in titles["plurals"]["people"]}
    known |= {fold_name(w): ("fem", "sing") for w in titles["plurals"]["things"]}
    known |= {fold_name(w): ("masc", "sing") for w in titles["masculine"]}
    known |= {fold_name(w): ("fem", "sing") for w in titles["feminine"]}
    for kind in organisations["names"].values():
        for entry in kind:
            for name in (entry["name"], *entry.get("other", ())):
                known[fold_name(name)] = (entry["gender"], "sing")
    for state in places["countries"]:
        for name in (state["name"], *state.get("other", ())):
            known[fold_name(name)] = (state["gender"], "sing")
        for city in state.get("capital", ()):
            known.setdefault(fold_name(city), ("fem", "sing"))
    known |= {fold_name(c): ("fem", "sing") for c in places["cities"].split(",") if fold_name(c) not in known}
    return known


def agreement(phrase: str) -> tuple[str, str]:
    """Return (gender, number) that a verb after this noun phrase or name shows; '' where it cannot be told.

    gender: masc, fem; number: sing, dual, plur. The whole name is looked up first, then its head (the first word).
    Plurals of things and bodies count as feminine singular, as verbs agree with them.

    >>> agreement("وزارة الدفاع"), agreement("المتحدث باسم الشرطة"), agreement("روسيا"), agreement("مسؤولون محليون")
    (('fem', 'sing'), ('masc', 'sing'), ('fem', 'sing'), ('masc', 'plur'))
    >>> agreement("مصادر طبية"), agreement("المستشارة"), agreement("أسامة"), agreement("الوزيران")
    (('fem', 'sing'), ('fem', 'sing'), ('masc', 'sing'), ('masc', 'dual'))
    """
    lexicon, words = _agreement_lexicon(), fold_words(phrase)
    if not words:
        return "", ""
    found = lexicon.get(" ".join(words)) or lexicon.get(words[0])
    return found or _by_ending(words[0])


_ENDINGS = (  # ending, shortest word that it is an ending of, agreement
    ("ون", 5, ("masc", "plur")),
    ("تين", 6, ("fem", "dual")),
    ("تان", 6, ("fem", "dual")),
    ("ين", 5, ("masc", "")),
    ("ان", 6, ("masc", "dual")),
    ("ات", 5, ("fem", "")),
    ("ه", 2, ("fem", "sing")),
    ("ا", 2, ("", "sing")),
)


def _by_ending(word: str) -> tuple[str, str]:
    """Return (gender, number) of a folded word by its ending; masculine singular where no ending tells."""
    for ending, shortest, found in _ENDINGS:
        if len(word) >= shortest and word.endswith(ending):
            return found
    return "masc", "sing"
